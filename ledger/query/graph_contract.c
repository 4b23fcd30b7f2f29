/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/graph_contract.h"

#include "ledger/query/graph_links.h"
#include "ledger/query/reader.h"

enum { LEVELS = 3 }; /* recorded, by content, inferred */

struct contraction {
    struct ml_graph *graph;
    struct ml_graph_links out, in;
    bool *kept;
    size_t *moved; /* by node: where it went */
    /* Of one search: by node the round that it was met in, on the way there and back. */
    size_t *there, *back;
    size_t round, back_round;
    size_t *queue, *met; /* the latter: kept nodes that the search came to */
    size_t n_queue, n_met;
    bool *joined; /* by node: a surer way joins it to the node that is searched from */
    struct ml_edge *edges;
    size_t n_edges, cap_edges;
    uint64_t *seqs;
    size_t n_seqs, cap_seqs;
};

static void release_contraction(struct contraction *contraction)
{
    ml_graph_links_release(&contraction->out);
    ml_graph_links_release(&contraction->in);
    free(contraction->kept);
    free(contraction->moved);
    free(contraction->there);
    free(contraction->back);
    free(contraction->queue);
    free(contraction->met);
    free(contraction->joined);
    free(contraction->edges);
    free(contraction->seqs);
}

static unsigned level_of(const struct ml_edge *edge)
{
    return edge->kind == ML_EDGE_INFERRED ? 2 : edge->kind == ML_EDGE_SAME_CONTENT ? 1 : 0;
}

static bool leads_on(const struct ml_edge *edge, unsigned level)
{
    return edge->role != ML_ROLE_ASSOCIATED && level_of(edge) <= level;
}

/* ---- the ways from one node ---- */

/* Through nodes that go, to those that stay. */
static void search(struct contraction *contraction, size_t start, unsigned level)
{
    const struct ml_graph *graph = contraction->graph;
    contraction->round++;
    contraction->n_queue = contraction->n_met = 0;
    contraction->queue[contraction->n_queue++] = start;
    contraction->there[start] = contraction->round;
    for (size_t next = 0; next < contraction->n_queue; next++) {
        size_t node = contraction->queue[next];
        for (size_t i = contraction->out.first[node]; i < contraction->out.first[node + 1]; i++) {
            const struct ml_edge *edge = &graph->edges[contraction->out.edges[i]];
            if (!leads_on(edge, level) || contraction->there[edge->to] == contraction->round)
                continue;
            contraction->there[edge->to] = contraction->round;
            if (contraction->kept[edge->to])
                contraction->met[contraction->n_met++] = edge->to;
            else
                contraction->queue[contraction->n_queue++] = edge->to;
        }
    }
}

static int take_seqs(struct contraction *contraction, const struct ml_edge *edge)
{
    for (size_t i = 0; i < edge->n_seqs; i++) {
        ML_TRY(ml_grow(&contraction->seqs, &contraction->cap_seqs, contraction->n_seqs + 1,
                       sizeof *contraction->seqs));
        contraction->seqs[contraction->n_seqs++] = edge->seqs[i];
    }
    return MLEDGER_OK;
}

/* Back from `end` along what the search met: the records of all edges in between. `start` and `end`
 * with an edge of their own keep it; that one is not told again. */
static int gather(struct contraction *contraction, size_t start, size_t end, unsigned level,
                  size_t *ret_through)
{
    const struct ml_graph *graph = contraction->graph;
    size_t mark = ++contraction->back_round, next = 0, n_queue = 0;
    size_t *queue = contraction->queue;
    contraction->n_seqs = *ret_through = 0;
    queue[n_queue++] = end;
    contraction->back[end] = mark;
    for (; next < n_queue; next++) {
        size_t node = queue[next];
        for (size_t i = contraction->in.first[node]; i < contraction->in.first[node + 1]; i++) {
            const struct ml_edge *edge = &graph->edges[contraction->in.edges[i]];
            bool direct = edge->from == start && edge->to == end;
            bool between = !contraction->kept[edge->from] || edge->from == start;
            if (direct || !between || !leads_on(edge, level) ||
                contraction->there[edge->from] != contraction->round)
                continue;
            ML_TRY(take_seqs(contraction, edge));
            if (edge->from == start || contraction->back[edge->from] == mark)
                continue;
            contraction->back[edge->from] = mark;
            queue[n_queue++] = edge->from;
            ++*ret_through;
        }
    }
    return MLEDGER_OK;
}

static int compare_seqs(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static int add_edge(struct contraction *contraction, size_t from, size_t to, unsigned level,
                    size_t through)
{
    static const enum ml_edge_kind kinds[LEVELS] = {ML_EDGE_RECORDED, ML_EDGE_SAME_CONTENT,
                                                    ML_EDGE_INFERRED};
    struct ml_arena *arena = &contraction->graph->arena;
    uint64_t *seqs = ml_arena_calloc(arena, contraction->n_seqs, sizeof *seqs);
    const char *grounds =
        ml_arena_printf(arena, "through %zu thing%s not shown", through, through == 1 ? "" : "s");
    if (!seqs || !grounds)
        return ml_arena_fail(arena, "the lineage");
    qsort(contraction->seqs, contraction->n_seqs, sizeof *seqs, compare_seqs);
    size_t count = 0;
    for (size_t i = 0; i < contraction->n_seqs; i++)
        if (count == 0 || seqs[count - 1] != contraction->seqs[i])
            seqs[count++] = contraction->seqs[i];
    ML_TRY(ml_grow(&contraction->edges, &contraction->cap_edges, contraction->n_edges + 1,
                   sizeof *contraction->edges));
    contraction->edges[contraction->n_edges++] = (struct ml_edge){.from = from,
                                                                  .to = to,
                                                                  .role = ML_ROLE_DERIVED_FROM,
                                                                  .kind = kinds[level],
                                                                  .seqs = seqs,
                                                                  .n_seqs = count,
                                                                  .grounds = grounds};
    return MLEDGER_OK;
}

static int join_from(struct contraction *contraction, size_t start)
{
    size_t through;
    memset(contraction->joined, 0, contraction->graph->n_nodes * sizeof *contraction->joined);
    for (unsigned level = 0; level < LEVELS; level++) {
        search(contraction, start, level);
        for (size_t i = 0; i < contraction->n_met; i++) {
            size_t end = contraction->met[i];
            if (contraction->joined[end])
                continue;
            ML_TRY(gather(contraction, start, end, level, &through));
            if (contraction->n_seqs == 0)
                continue; /* by an edge of its own alone */
            contraction->joined[end] = true;
            ML_TRY(add_edge(contraction, start, end, level, through));
        }
    }
    return MLEDGER_OK;
}

/* ---- all of it ---- */

static int keep_edges(struct contraction *contraction)
{
    const struct ml_graph *graph = contraction->graph;
    for (size_t i = 0; i < graph->n_edges; i++) {
        if (!contraction->kept[graph->edges[i].from] || !contraction->kept[graph->edges[i].to])
            continue;
        ML_TRY(ml_grow(&contraction->edges, &contraction->cap_edges, contraction->n_edges + 1,
                       sizeof *contraction->edges));
        contraction->edges[contraction->n_edges++] = graph->edges[i];
    }
    return MLEDGER_OK;
}

static int settle(struct contraction *contraction)
{
    struct ml_graph *graph = contraction->graph;
    size_t n_nodes = 0;
    for (size_t i = 0; i < graph->n_nodes; i++) {
        contraction->moved[i] = n_nodes;
        if (contraction->kept[i])
            graph->nodes[n_nodes++] = graph->nodes[i];
    }
    graph->n_nodes = n_nodes;
    graph->edges = ml_arena_calloc(&graph->arena, contraction->n_edges + 1, sizeof *graph->edges);
    if (!graph->edges)
        return ml_arena_fail(&graph->arena, "the lineage");
    for (size_t i = 0; i < contraction->n_edges; i++) {
        graph->edges[i] = contraction->edges[i];
        graph->edges[i].from = contraction->moved[contraction->edges[i].from];
        graph->edges[i].to = contraction->moved[contraction->edges[i].to];
    }
    graph->n_edges = contraction->n_edges;
    if (graph->n_edges)
        qsort(graph->edges, graph->n_edges, sizeof *graph->edges, ml_edge_compare);
    return MLEDGER_OK;
}

static int prepare(struct contraction *contraction, unsigned kinds)
{
    const struct ml_graph *graph = contraction->graph;
    size_t n = graph->n_nodes + 2;
    contraction->kept = ml_calloc(n, sizeof *contraction->kept);
    contraction->moved = ml_calloc(n, sizeof *contraction->moved);
    contraction->there = ml_calloc(n, sizeof *contraction->there);
    contraction->back = ml_calloc(n, sizeof *contraction->back);
    contraction->queue = ml_calloc(n, sizeof *contraction->queue);
    contraction->met = ml_calloc(n, sizeof *contraction->met);
    contraction->joined = ml_calloc(n, sizeof *contraction->joined);
    if (!contraction->kept || !contraction->moved || !contraction->there || !contraction->back ||
        !contraction->queue || !contraction->met || !contraction->joined)
        return ml_fail_memory();
    for (size_t i = 0; i < graph->n_nodes; i++)
        contraction->kept[i] = (kinds & 1U << graph->nodes[i].kind) != 0 ||
                               (graph->nodes[i].flags & ML_NODE_START) != 0;
    ML_TRY(ml_graph_links_init(&contraction->out, graph, true));
    return ml_graph_links_init(&contraction->in, graph, false);
}

int ml_graph_contract(struct ml_graph *graph, unsigned kinds)
{
    ML_CLEANUP(release_contraction) struct contraction contraction = {.graph = graph};
    ML_TRY(prepare(&contraction, kinds));
    ML_TRY(keep_edges(&contraction));
    for (size_t i = 0; i < graph->n_nodes; i++)
        if (contraction.kept[i])
            ML_TRY(join_from(&contraction, i));
    return settle(&contraction);
}
