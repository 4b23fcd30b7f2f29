/* SPDX-License-Identifier: Apache-2.0 */
/* A graph cut down to what some records say, so that it tells nothing of the others. */
#ifndef ML_QUERY_GRAPH_RESTRICT_H
#define ML_QUERY_GRAPH_RESTRICT_H

#include "ledger/query/graph.h"

/*
 * Keeps the edges of which every record is shown, between nodes that were met in a record that is,
 * and of the nodes those that an edge still reaches, or that were asked about. Where something is
 * left out, what is unknown says so, and nothing else: its other sentences may tell of it. Before
 * anybody else reads the graph. MLEDGER_ESYSTEM.
 */
int ml_graph_restrict(struct ml_graph *graph, bool (*shows)(const void *context, uint64_t seq),
                      const void *context) ML_MUST_USE;

#endif
