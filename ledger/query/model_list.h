/* SPDX-License-Identifier: Apache-2.0 */
/* All models of a ledger at a moment. */
#ifndef ML_QUERY_MODEL_LIST_H
#define ML_QUERY_MODEL_LIST_H

#include "ledger/store/ledger.h"

struct ml_model_list {
    uint64_t *seqs; /* of the records that created them, ascending; deleted ones too */
    size_t count, cap;
};

/* The models that were there at record `as_of`. Found through their names and those that bore the
 * names before: the cost follows the models, not the records. Initialises *ret_list in any case,
 * to be released. */
int ml_model_list(struct ml_view *view, uint64_t as_of, struct ml_model_list *ret_list) ML_MUST_USE;
void ml_model_list_release(struct ml_model_list *list);

#endif
