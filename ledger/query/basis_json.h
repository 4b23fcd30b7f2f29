/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an answer rests on, as JSON:
 *
 *     {"as_of": {"seq": 41, "recorded_at": "2026-03-01T14:32:00Z"},
 *      "head": {"seq": 44, "link": "HEX"}, "identity": "HEX",
 *      "verified": {"seq": 40, "link": "HEX"}, "checkpoint": {"size": 39},
 *      "records": [{"seq": 3, "link": "HEX"}, …], "not_known": ["…", …],
 *      "corrections": [{"seq": 43, "recorded_at": "…", "claimed_at": "…", "subject": "churn/3",
 *                       "summary": "Staging to Production", "who": "ada", "counts": false,
 *                       "kind": "claim", "of": [], "link": "HEX"}, …]}
 *
 * corrections are what was recorded later (ledger/query/correction.h) and is not in the answer;
 *
 * verified and checkpoint are null if this machine knows of none.
 */
#ifndef ML_QUERY_BASIS_JSON_H
#define ML_QUERY_BASIS_JSON_H

#include <jansson.h>

#include "ledger/query/basis.h"

/* As above, without its link: a new reference. */
int ml_correction_to_json(const struct ml_correction *correction, json_t **ret_json) ML_MUST_USE;

/* Settles the basis; a new reference. MLEDGER_EDAMAGED, MLEDGER_ESYSTEM: a record used cannot be
 * read. Errors as ml_basis_verified(), whose `known_dir` it is. */
int ml_basis_to_json(struct ml_basis *basis, struct ml_view *view, uint64_t as_of,
                     const char *known_dir, json_t **ret_json) ML_MUST_USE;

#endif
