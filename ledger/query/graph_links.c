/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/graph_links.h"

#include "ledger/query/snapshot.h"

static size_t end_of(const struct ml_edge *edge, bool out)
{
    return out ? edge->from : edge->to;
}

/* Counting sort, so the edges of a node keep the order of the graph. */
int ml_graph_links_init(struct ml_graph_links *links, const struct ml_graph *graph, bool out)
{
    links->first = ml_calloc(graph->n_nodes + 2, sizeof *links->first);
    links->edges = ml_calloc(graph->n_edges + 1, sizeof *links->edges);
    if (!links->first || !links->edges)
        return ml_fail_memory();
    for (size_t i = 0; i < graph->n_edges; i++)
        links->first[end_of(&graph->edges[i], out) + 2]++;
    for (size_t i = 2; i < graph->n_nodes + 2; i++)
        links->first[i] += links->first[i - 1];
    for (size_t i = 0; i < graph->n_edges; i++)
        links->edges[links->first[end_of(&graph->edges[i], out) + 1]++] = i;
    return MLEDGER_OK;
}

void ml_graph_links_release(struct ml_graph_links *links)
{
    free(links->first);
    free(links->edges);
    *links = (struct ml_graph_links){0};
}

bool ml_node_is_governance(enum ml_node_kind kind)
{
    return kind == ML_NODE_VALIDATION || kind == ML_NODE_APPROVAL || kind == ML_NODE_TRANSITION ||
           kind == ML_NODE_DEPLOYMENT || kind == ML_NODE_INCIDENT;
}

bool ml_node_is_data(enum ml_node_kind kind)
{
    return kind == ML_NODE_DATASET || kind == ML_NODE_FILE;
}

bool ml_node_is_source(enum ml_node_kind kind)
{
    return ml_node_is_data(kind) || kind == ML_NODE_SOURCE;
}

bool ml_nodes_hold_same(const struct ml_node *a, const struct ml_node *b)
{
    return ml_node_is_data(a->kind) && ml_node_is_data(b->kind) &&
           ml_digests_meet(a->digests, a->n_digests, b->digests, b->n_digests);
}
