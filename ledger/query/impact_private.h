/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of an answer about impact. Private to the impact*.c files. */
#ifndef ML_QUERY_IMPACT_PRIVATE_H
#define ML_QUERY_IMPACT_PRIVATE_H

#include "ledger/query/impact.h"

/* The starts, and the runs and versions that hold content that is an environment's list of
 * packages. In the reader's arena. */
int ml_impact_starts(struct ml_reader *reader, const struct ml_lineage_starts *starts,
                     struct ml_lineage_starts *ret_starts) ML_MUST_USE;

/* Finds the versions that were not reached of the models of those that were. What is not known of
 * them is added to `basis`. */
int ml_impact_unaffected(struct ml_reader *reader, struct ml_impact *impact,
                         struct ml_basis *basis) ML_MUST_USE;

#endif
