/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands that lay versions side by side share. */
#ifndef ML_CLI_SIDE_BY_SIDE_H
#define ML_CLI_SIDE_BY_SIDE_H

#include "cli/question.h"
#include "ledger/query/makeup.h"

/* "#3 #17 …", at most `most` of them. */
int ml_side_seqs(const struct ml_fact *fact, size_t most, struct ml_buf *text) ML_MUST_USE;

#endif
