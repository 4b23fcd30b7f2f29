/* SPDX-License-Identifier: Apache-2.0 */
/* What an input was for, by the word that a run recorded with it. Pure. */
#ifndef ML_QUERY_INPUT_ROLE_H
#define ML_QUERY_INPUT_ROLE_H

enum ml_input_role {
    ML_INPUT_TRAINING, /* training, train; also where no word was recorded */
    ML_INPUT_HELD_OUT, /* test, testing, validation, valid, val, holdout, hold-out, eval, … */
    ML_INPUT_OTHER,
};

/* In any case of letters; NULL: no word was recorded. */
enum ml_input_role ml_input_role(const char *role);

#endif
