/* SPDX-License-Identifier: Apache-2.0 */
/* A makeup while it is gathered. Private to the makeup*.c files. */
#ifndef ML_QUERY_MAKEUP_PRIVATE_H
#define ML_QUERY_MAKEUP_PRIVATE_H

#include "ledger/query/makeup.h"

struct ml_making {
    struct ml_reader *reader;
    struct ml_makeup *makeup;
    const char *own_run; /* the id of its node; "": there is none */
};

/* Of a fact whose key or seqs are NULL memory is out. */
int ml_makeup_add(struct ml_making *making, const struct ml_fact *fact) ML_MUST_USE;
/* One seq that lives as long as the makeup; NULL: memory is out. */
const uint64_t *ml_makeup_seq(struct ml_making *making, uint64_t seq);

/* What the version's own run tells: parameters, metrics, environment; and the files of the version.
 */
int ml_makeup_run(struct ml_making *making, const struct ml_target *target) ML_MUST_USE;
/* A validation or an approval of the version itself. */
int ml_makeup_decision(struct ml_making *making, const struct ml_edge *edge) ML_MUST_USE;

#endif
