/* SPDX-License-Identifier: Apache-2.0 */
/* The edges at each node of a graph, for those who go from node to node. */
#ifndef ML_QUERY_GRAPH_LINKS_H
#define ML_QUERY_GRAPH_LINKS_H

#include "ledger/query/graph.h"

/* Those that leave node n, or those that reach it: edges[first[n]] … edges[first[n + 1] - 1], as
 * indexes into the graph's edges, in the graph's order. */
struct ml_graph_links {
    size_t *first;
    size_t *edges;
};

/* `out`: those that leave. All zero is empty; released by the caller, also after a failure.
 * MLEDGER_ESYSTEM: memory is out. */
int ml_graph_links_init(struct ml_graph_links *links, const struct ml_graph *graph,
                        bool out) ML_MUST_USE;
void ml_graph_links_release(struct ml_graph_links *links);

/* A decision about a version, or something done to it: it hangs on the version and makes nothing.
 */
bool ml_node_is_governance(enum ml_node_kind kind);
/* Bytes: a dataset or a file. */
bool ml_node_is_data(enum ml_node_kind kind);
/* Data, or the address that it was got from. */
bool ml_node_is_source(enum ml_node_kind kind);
/* Whether both are data and hold the same bytes, whatever they are called. */
bool ml_nodes_hold_same(const struct ml_node *a, const struct ml_node *b);

#endif
