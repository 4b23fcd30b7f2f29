/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A graph as JSON, stable:
 *
 *   {"as_of": 41, "up": true, "down": false,
 *    "nodes": [{"id": "version:churn/3", "kind": "version", "label": "churn/3", "seq": 17,
 *               "flags": ["start", "unseen", "erased", "deleted", "missing", "cut"],
 *               "erased_by": 40, "digests": [{"digest": "sha256:…", "standing": "seen"}],
 *               "attributes": [{"name": "stage", "value": "Production"}]}],
 *    "edges": [{"from": "run:4f2a", "to": "version:churn/3", "role": "registered_from",
 *               "kind": "recorded", "seqs": [17], "grounds": "…"}],
 *    "unknown": ["…"]}
 *
 * up and down are there if true; flags, erased_by, digests, attributes and grounds where there are
 * any; nodes, edges and unknown always. Order is the graph's.
 */
#ifndef ML_QUERY_GRAPH_JSON_H
#define ML_QUERY_GRAPH_JSON_H

#include <jansson.h>

#include "ledger/query/graph.h"

/* A new reference. MLEDGER_ESYSTEM: memory is out. */
int ml_graph_to_json(const struct ml_graph *graph, json_t **ret_json) ML_MUST_USE;
/* One of its edges as above, at the end of an array. */
int ml_edge_add_json(const struct ml_graph *graph, const struct ml_edge *edge,
                     json_t *list) ML_MUST_USE;

#endif
