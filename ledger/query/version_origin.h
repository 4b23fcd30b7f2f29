/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands next behind a version, for answers about something else: the run it was registered
 * from, that run's code commit, and what the run read. What lies behind these, through pipelines,
 * content and base models, lineage tells.
 */
#ifndef ML_QUERY_VERSION_ORIGIN_H
#define ML_QUERY_VERSION_ORIGIN_H

#include <jansson.h>

#include "ledger/query/basis.h"
#include "ledger/query/run_past.h"

struct ml_version_origin {
    uint64_t registered_seq;
    const char *run_id;            /* NULL: none is named */
    const struct ml_run_past *run; /* NULL: none is recorded */
};

/* The records are added to the basis, and so is what is not recorded; all of it lives in the
 * reader's arena. MLEDGER_EDAMAGED, MLEDGER_ESYSTEM. */
int ml_version_origin(struct ml_reader *reader, uint64_t model, uint64_t version,
                      struct ml_basis *basis, struct ml_version_origin *ret_origin) ML_MUST_USE;
/* {"registered": 87, "run": "c4", "commit": {"digest": "git:HEX", "seq": 83},
 *  "inputs": [{"name": "customers", "role": "training", "digests": ["sha256:HEX"], "seq": 84}]};
 * run, commit and role are null where no record tells them. A new reference. MLEDGER_ESYSTEM. */
int ml_version_origin_to_json(const struct ml_version_origin *origin,
                              json_t **ret_json) ML_MUST_USE;

#endif
