/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/graph_restrict.h"

#include "ledger/query/reader.h"

struct restriction {
    struct ml_graph *graph;
    bool (*shows)(const void *context, uint64_t seq);
    const void *context;
    bool *kept;    /* by node */
    size_t *moved; /* by node: where it went */
};

static bool shows_edge(const struct restriction *restriction, const struct ml_edge *edge)
{
    const struct ml_node *nodes = restriction->graph->nodes;
    bool shown = restriction->shows(restriction->context, nodes[edge->from].seq) &&
                 restriction->shows(restriction->context, nodes[edge->to].seq);
    for (size_t i = 0; shown && i < edge->n_seqs; i++)
        shown = restriction->shows(restriction->context, edge->seqs[i]);
    return shown;
}

static void keep_edges(struct restriction *restriction)
{
    struct ml_graph *graph = restriction->graph;
    size_t n_edges = 0;
    for (size_t i = 0; i < graph->n_edges; i++) {
        const struct ml_edge *edge = &graph->edges[i];
        if (!shows_edge(restriction, edge))
            continue;
        restriction->kept[edge->from] = restriction->kept[edge->to] = true;
        graph->edges[n_edges++] = *edge;
    }
    graph->n_edges = n_edges;
}

static void keep_nodes(struct restriction *restriction)
{
    struct ml_graph *graph = restriction->graph;
    size_t n_nodes = 0;
    for (size_t i = 0; i < graph->n_nodes; i++) {
        if (!restriction->kept[i])
            continue;
        restriction->moved[i] = n_nodes;
        graph->nodes[n_nodes++] = graph->nodes[i];
    }
    graph->n_nodes = n_nodes;
    for (size_t i = 0; i < graph->n_edges; i++) {
        graph->edges[i].from = restriction->moved[graph->edges[i].from];
        graph->edges[i].to = restriction->moved[graph->edges[i].to];
    }
}

static int say_what_is_left_out(struct ml_graph *graph, size_t nodes, size_t edges)
{
    if (nodes == 0 && edges == 0)
        return MLEDGER_OK;
    const char **unknown = ml_arena_alloc(&graph->arena, sizeof *unknown);
    if (!unknown)
        return ml_fail_memory();
    unknown[0] = ml_arena_printf(&graph->arena,
                                 "%zu things and %zu links that records outside the scope tell of "
                                 "are left out",
                                 nodes, edges);
    if (!unknown[0])
        return ml_fail_memory();
    graph->unknown = unknown;
    graph->n_unknown = 1;
    return MLEDGER_OK;
}

int ml_graph_restrict(struct ml_graph *graph, bool (*shows)(const void *context, uint64_t seq),
                      const void *context)
{
    ML_CLEANUP(ml_freep) bool *kept = ml_calloc(graph->n_nodes + 1, sizeof *kept);
    ML_CLEANUP(ml_freep) size_t *moved = ml_calloc(graph->n_nodes + 1, sizeof *moved);
    if (!kept || !moved)
        return ml_fail_memory();
    struct restriction restriction = {graph, shows, context, kept, moved};
    size_t nodes = graph->n_nodes, edges = graph->n_edges;
    for (size_t i = 0; i < nodes; i++)
        kept[i] = (graph->nodes[i].flags & ML_NODE_START) && shows(context, graph->nodes[i].seq);
    keep_edges(&restriction);
    keep_nodes(&restriction);
    return say_what_is_left_out(graph, nodes - graph->n_nodes, edges - graph->n_edges);
}
