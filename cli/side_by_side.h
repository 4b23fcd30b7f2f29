/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands that lay versions side by side share. */
#ifndef ML_CLI_SIDE_BY_SIDE_H
#define ML_CLI_SIDE_BY_SIDE_H

#include "cli/question.h"
#include "ledger/query/makeup.h"
#include "ledger/query/reference.h"

/* What a reference names, which must be a version or a run. A bare word is a run. MLEDGER_EUSAGE:
 * it names something else, with a hint. Errors as ml_reference_resolve(). */
int ml_side_resolve(struct ml_question *question, const char *text,
                    struct ml_target *ret_target) ML_MUST_USE;

/* Whether both are the same thing. */
bool ml_side_same(const struct ml_target *a, const struct ml_target *b);

/* "#3 #17 …", at most `most` of them. */
int ml_side_seqs(const struct ml_fact *fact, size_t most, struct ml_buf *text) ML_MUST_USE;

#endif
