/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An answer about impact as JSON, stable:
 *
 *   {"versions": [{"version": "churn/3", "verdict": "affected", "by": "recorded", "steps": 2,
 *                  "path": [{"from": "dataset:…", "to": "run:…", "role": "trained_on",
 *                            "kind": "recorded", "seqs": [7]}, …],
 *                  "stages": [{"stage": "Production", "from": {"seq": 17, "time": "2026-…"},
 *                              "to": {…}}],
 *                  "deployments": [{"environment": "prod", "endpoint": "scoring",
 *                                   "share_ppm": 1000000, "from": {…}, "to": {…}}],
 *                  "deleted_by": 40}],
 *    "unaffected": [{"version": "churn/2", "stages": […], "deployments": […], "approved_by": 12}],
 *    "records": [41, 42]}
 *
 * "verdict" is "affected", "may_be_affected" or "measured"; "by" the least sure step of the way
 * ("recorded", "same_content", "inferred"). Intervals are half-open; "to" is null where one has not
 * ended. "path" leads from what was asked about to the version, and has its last
 * ML_IMPACT_PATH_MAX steps if it is longer. deleted_by and approved_by (a record that approves it
 * for Production) are there where there is one, records where a key was asked about.
 */
#ifndef ML_QUERY_IMPACT_JSON_H
#define ML_QUERY_IMPACT_JSON_H

#include <jansson.h>

#include "ledger/query/impact.h"

enum { ML_IMPACT_PATH_MAX = 64 };

/* A new reference. MLEDGER_ESYSTEM: memory is out. */
int ml_impact_to_json(const struct ml_impact *impact, json_t **ret_json) ML_MUST_USE;

#endif
