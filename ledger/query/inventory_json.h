/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An inventory as JSON, stable:
 *
 *   {"models": [{"model": "churn", "seq": 4, "owner": "alice", "owner_seq": 4,
 *                "versions_registered": 3,
 *                "last": {"seq": 41, "time": "2026-03-01T14:32:00Z", "actor": "bob"},
 *                "versions": [{"version": 3, "stage": "Production", "since": {"seq", "time"},
 *                              "aliases": ["champion"], "registered": {"seq", "time"},
 *                              "last": {"seq", "time"},
 *                              "validation": {"outcome": "passed", "seq", "time"},
 *                              "deployments": [{"endpoint": "scoring", "environment": "eu",
 *                                               "share_ppm": 1000000, "seq": 40}],
 *                              "exceptions": 0}]}],
 *    "looked_at": 12}
 *
 * "deleted": true stands with models and versions that are. owner, validation and environment are
 * null where none is recorded. looked_at counts all models there are.
 */
#ifndef ML_QUERY_INVENTORY_JSON_H
#define ML_QUERY_INVENTORY_JSON_H

#include <jansson.h>

#include "ledger/query/inventory.h"

/* A new reference. MLEDGER_ESYSTEM: memory is out. */
int ml_inventory_to_json(const struct ml_inventory *inventory, json_t **ret_json) ML_MUST_USE;

#endif
