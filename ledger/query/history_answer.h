/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The question what happened to one thing, or what somebody or some key did
 * (ledger/query/history.h), in a person's words, and its answer as JSON, stable:
 *
 *   {"keys": [{"roles": ["recorder"], "key": "HEX", "actor": "ben",
 *              "since": {"seq": 3, "recorded_at": "…", "who": "dana"}, "until": {…, "reason": "…"},
 *              "cause": "compromised", "doubted_from": 40, "records": 12}],
 *    "records": [{"seq": 17, "recorded_at": "…", "claimed_at": "…", "kind": "stage_transitioned",
 *                 "subject": "churn/3", "summary": "Staging to Production", "reason": "…",
 *                 "who": "dana", "signer": "HEX", "details_erased_by": 50, "in_doubt": true,
 *                 "after_revocation": true}]}
 *
 * keys are there for an actor who has any, and for a key; "until" is null while it counts. What is
 * not so, or not recorded, is left out.
 */
#ifndef ML_QUERY_HISTORY_ANSWER_H
#define ML_QUERY_HISTORY_ANSWER_H

#include <jansson.h>

#include "ledger/query/basis.h"
#include "ledger/query/history.h"
#include "ledger/query/key_name.h"

/* `what`: a reference, "key:NAME", or the first digits of a key. What it rests on is added to
 * `basis`. Errors as ml_reference_resolve(), ml_history_of() and ml_key_by_name(). */
int ml_history_ask(struct ml_reader *reader, const char *what, const struct ml_key_names *names,
                   struct ml_basis *basis, struct ml_history *ret_history) ML_MUST_USE;

/* A new reference. MLEDGER_ESYSTEM: memory is out. */
int ml_history_to_json(const struct ml_history *history, json_t **ret_json) ML_MUST_USE;

/* Why the key ended: "retired", "lost", "compromised", "replaced". */
const char *ml_history_cause(const struct ml_history_key *key);

#endif
