/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A graph from its JSON (ledger/query/graph_json.h), as somebody else wrote it: all of it is looked
 * at, and nothing of it is believed to be so. Names of nodes, which the JSON does not have, are not
 * there.
 */
#ifndef ML_QUERY_GRAPH_JSON_READ_H
#define ML_QUERY_GRAPH_JSON_READ_H

#include <jansson.h>

#include "ledger/query/graph.h"

/* What a graph may take, in bytes. */
#define ML_GRAPH_JSON_MEMORY ((size_t)256 << 20)

/* Members that are not of a graph are not looked at. MLEDGER_EINVALID: it is no graph; the text
 * says why. MLEDGER_ESYSTEM: memory is out. */
int ml_graph_from_json(const json_t *json, struct ml_graph **ret_graph) ML_MUST_USE;

#endif
