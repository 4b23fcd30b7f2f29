/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The flow of versions as JSON, stable:
 *
 *   {"stage": "Production",
 *    "all": {"entries": 5, "timed": 4, "median_s": 86400, "p90_s": …, "longest_s": …,
 *            "rollbacks": 1, "emergencies": 0},
 *    "models": [{"model": "churn", "seq": 4, "entries": 5, …,
 *                "list": [{"version": 1, "entered": {"seq", "time"}, "registered": {"seq", "time"},
 *                          "seconds": 86400, "rollback_from": {"version": 2, "seq": 15},
 *                          "imported": true, "emergency": true, "reason": "…"}]}]}
 *
 * Times are whole seconds; they are null where nothing is timed, and an entry has "seconds" if it
 * is.
 */
#ifndef ML_QUERY_FLOW_JSON_H
#define ML_QUERY_FLOW_JSON_H

#include <jansson.h>

#include "ledger/query/flow.h"

/* A new reference. MLEDGER_ESYSTEM: memory is out. */
int ml_flow_to_json(const struct ml_flow *flow, const char *stage, json_t **ret_json) ML_MUST_USE;

#endif
