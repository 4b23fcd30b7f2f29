/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Erasures as JSON, stable:
 *
 *   [{"seq": 137, "kind": "validation_recorded", "subject": "churn/5",
 *     "recorded_at": "…", "details_hash": "HEX",
 *     "erased": {"seq": 142, "time": "…", "who": "dana", "reason": "…", "attachments": 0}}]
 *
 * details_hash is null where the details are still there; reason where none is recorded.
 */
#ifndef ML_QUERY_ERASURES_JSON_H
#define ML_QUERY_ERASURES_JSON_H

#include <jansson.h>

#include "ledger/query/erasures.h"

/* A new reference. MLEDGER_ESYSTEM: memory is out. */
int ml_erasures_to_json(const struct ml_erasures *erasures, json_t **ret_json) ML_MUST_USE;

#endif
