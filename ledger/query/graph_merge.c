/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/graph_merge.h"

#include <inttypes.h>

#include "ledger/query/reader.h"
#include "ledger/query/snapshot.h"

/* One node of one of the two, under the part it plays. */
struct part {
    const char *key;
    size_t node;
};

struct merge {
    const struct ml_graph *sides[2];
    struct part *parts[2];   /* by key */
    size_t *places[2];       /* by node of that side: its place in the merged graph */
    struct ml_merged merged; /* being made */
    size_t cap_edges;
};

static void release_merge(struct merge *merge)
{
    for (size_t side = 0; side < 2; side++) {
        free(merge->parts[side]);
        free(merge->places[side]);
    }
    ml_merged_release(&merge->merged);
}

void ml_merged_release(struct ml_merged *merged)
{
    ml_graph_free(merged->graph);
    *merged = (struct ml_merged){0};
}

static struct ml_arena *arena_of(struct merge *merge)
{
    return &merge->merged.graph->arena;
}

static int fail(struct merge *merge)
{
    return ml_arena_fail(arena_of(merge), "the difference");
}

static char *keep(struct merge *merge, const char *text)
{
    return ml_arena_text(arena_of(merge), text, strlen(text));
}

/* ---- the part a node plays ---- */

static const char *attribute_of(const struct ml_node *node, const char *name)
{
    for (size_t i = 0; i < node->n_attributes; i++)
        if (strcmp(node->attributes[i].name, name) == 0)
            return node->attributes[i].value;
    return "";
}

/* The first node at the other end of an edge of that role which leaves `node`. */
static size_t leads_to(const struct ml_graph *graph, size_t node, enum ml_edge_role role)
{
    for (size_t i = 0; i < graph->n_edges; i++)
        if (graph->edges[i].from == node && graph->edges[i].role == role)
            return graph->edges[i].to;
    return SIZE_MAX;
}

static const char *activity_part(struct merge *merge, const struct ml_graph *graph, size_t node)
{
    const struct ml_node *at = &graph->nodes[node];
    if (at->kind == ML_NODE_STAGE)
        return ml_arena_printf(arena_of(merge), "stage %s of %s", at->label,
                               attribute_of(at, "pipeline"));
    size_t version = leads_to(graph, node, ML_ROLE_REGISTERED_FROM);
    bool own = version != SIZE_MAX && (graph->nodes[version].flags & ML_NODE_START);
    return own ? "the run" : at->id;
}

static const char *helper_part(struct merge *merge, const struct ml_graph *graph, size_t node,
                               enum ml_edge_role role)
{
    size_t of = leads_to(graph, node, role);
    const struct ml_node *at = &graph->nodes[node];
    if (of == SIZE_MAX)
        return at->id;
    if (at->kind == ML_NODE_COMMIT && graph->nodes[of].kind == ML_NODE_STAGE)
        return ml_arena_printf(arena_of(merge), "commit of %s",
                               attribute_of(&graph->nodes[of], "pipeline"));
    const char *owner = activity_part(merge, graph, of);
    return owner ? ml_arena_printf(arena_of(merge), "%s of %s", ml_node_kind_name(at->kind), owner)
                 : NULL;
}

static const char *data_part(struct merge *merge, const struct ml_node *node)
{
    const char *path = attribute_of(node, "path"), *at = strrchr(node->id, '@');
    if (node->kind == ML_NODE_FILE)
        return *path ? ml_arena_printf(arena_of(merge), "file %s", path) : node->id;
    size_t len = at ? (size_t)(at - node->id) : strcspn(node->id, "#");
    return ml_arena_printf(arena_of(merge), "%.*s", (int)len, node->id);
}

static const char *part_of(struct merge *merge, const struct ml_graph *graph, size_t node)
{
    const struct ml_node *at = &graph->nodes[node];
    if (at->flags & ML_NODE_START)
        return "what was asked about";
    switch (at->kind) {
    case ML_NODE_DATASET:
    case ML_NODE_FILE:
        return data_part(merge, at);
    case ML_NODE_RUN:
    case ML_NODE_STAGE:
        return activity_part(merge, graph, node);
    case ML_NODE_PARAMS:
        return helper_part(merge, graph, node, ML_ROLE_PARAMETERS);
    case ML_NODE_COMMIT:
        return helper_part(merge, graph, node, ML_ROLE_CODE);
    case ML_NODE_VALIDATION:
    case ML_NODE_APPROVAL:
    case ML_NODE_TRANSITION:
    case ML_NODE_DEPLOYMENT:
        return ml_arena_printf(arena_of(merge), "%s %s", ml_node_kind_name(at->kind), at->label);
    default:
        return at->id;
    }
}

static int compare_parts(const void *a, const void *b)
{
    const struct part *x = a, *y = b;
    int order = strcmp(x->key, y->key);
    return order ? order : (x->node > y->node) - (x->node < y->node);
}

/* Of several that play one part the first does, the others are themselves. */
static int find_parts(struct merge *merge, size_t side)
{
    const struct ml_graph *graph = merge->sides[side];
    struct part *parts = ml_calloc(graph->n_nodes + 1, sizeof *parts);
    merge->parts[side] = parts;
    merge->places[side] = ml_calloc(graph->n_nodes + 1, sizeof **merge->places);
    if (!parts || !merge->places[side])
        return ml_fail_memory();
    for (size_t i = 0; i < graph->n_nodes; i++) {
        parts[i] = (struct part){part_of(merge, graph, i), i};
        if (!parts[i].key)
            return fail(merge);
    }
    if (graph->n_nodes)
        qsort(parts, graph->n_nodes, sizeof *parts, compare_parts);
    for (size_t i = graph->n_nodes; i-- > 1;)
        if (strcmp(parts[i].key, parts[i - 1].key) == 0)
            parts[i].key = graph->nodes[parts[i].node].id;
    if (graph->n_nodes)
        qsort(parts, graph->n_nodes, sizeof *parts, compare_parts);
    return MLEDGER_OK;
}

/* ---- nodes ---- */

static bool is_same_thing(const struct ml_node *a, const struct ml_node *b)
{
    return ml_digests_meet(a->digests, a->n_digests, b->digests, b->n_digests) ||
           strcmp(a->id, b->id) == 0;
}

/* Parameter sets have an id of their own each time; what they hold is what counts. */
static bool holds_same(const struct ml_node *a, const struct ml_node *b)
{
    if (a->kind != ML_NODE_PARAMS || a->n_attributes != b->n_attributes)
        return false;
    for (size_t i = 0; i < a->n_attributes; i++)
        if (strcmp(a->attributes[i].value, attribute_of(b, a->attributes[i].name)) != 0)
            return false;
    return true;
}

static int copy_attributes(struct merge *merge, const struct ml_node *from, struct ml_node *node)
{
    struct ml_arena *arena = arena_of(merge);
    node->attributes = ml_arena_calloc(arena, from->n_attributes + 1, sizeof *node->attributes);
    node->digests = ml_arena_calloc(arena, 1, sizeof *node->digests);
    node->n_digests = 0; /* the tooltip has them: the text of each side */
    if (!node->attributes || !node->digests)
        return fail(merge);
    for (size_t i = 0; i < from->n_attributes; i++) {
        node->attributes[i].name = keep(merge, from->attributes[i].name);
        node->attributes[i].value = keep(merge, from->attributes[i].value);
        if (!node->attributes[i].name || !node->attributes[i].value)
            return fail(merge);
    }
    return MLEDGER_OK;
}

static int add_node(struct merge *merge, const struct ml_node *from, enum ml_merged_change change,
                    const char *tooltip, size_t *ret_place)
{
    struct ml_merged *merged = &merge->merged;
    struct ml_node *node = &merged->graph->nodes[merged->graph->n_nodes];
    *node = *from;
    node->id = keep(merge, from->id);
    node->label = keep(merge, from->label);
    if (!node->id || !node->label)
        return fail(merge);
    merged->nodes[merged->graph->n_nodes] = change;
    merged->tooltips[merged->graph->n_nodes] = tooltip;
    *ret_place = merged->graph->n_nodes++;
    return copy_attributes(merge, from, node);
}

static int append_changes(struct ml_buf *text, const struct ml_node *a, const struct ml_node *b)
{
    for (size_t i = 0; a->kind == ML_NODE_PARAMS && i < b->n_attributes; i++) {
        const char *name = b->attributes[i].name, *old = attribute_of(a, name);
        if (strcmp(old, b->attributes[i].value) != 0)
            ML_TRY(
                ml_buf_printf(text, "\n%s: %s \xe2\x86\x92 %s", name, old, b->attributes[i].value));
    }
    return MLEDGER_OK;
}

static int add_both(struct merge *merge, const struct ml_node *a, const struct ml_node *b,
                    size_t *ret_place)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    if (is_same_thing(a, b) || holds_same(a, b))
        return add_node(merge, b, ML_MERGED_SAME, NULL, ret_place);
    ML_TRY(ml_buf_printf(&text, "%s \xe2\x86\x92 %s", a->id, b->id));
    ML_TRY(append_changes(&text, a, b));
    const char *tooltip = ml_arena_text(arena_of(merge), (char *)text.data, text.len);
    return tooltip ? add_node(merge, b, ML_MERGED_CHANGED, tooltip, ret_place) : fail(merge);
}

static int add_nodes(struct merge *merge)
{
    const struct ml_graph *before = merge->sides[0], *after = merge->sides[1];
    for (size_t b = 0, a = 0; b < before->n_nodes || a < after->n_nodes;) {
        const struct part *x = &merge->parts[0][b], *y = &merge->parts[1][a];
        int order = b == before->n_nodes ? 1 : a == after->n_nodes ? -1 : strcmp(x->key, y->key);
        size_t place;
        if (order == 0)
            ML_TRY(add_both(merge, &before->nodes[x->node], &after->nodes[y->node], &place));
        else if (order < 0)
            ML_TRY(add_node(merge, &before->nodes[x->node], ML_MERGED_REMOVED, NULL, &place));
        else
            ML_TRY(add_node(merge, &after->nodes[y->node], ML_MERGED_ADDED, NULL, &place));
        if (order <= 0) {
            merge->places[0][x->node] = place;
            b++;
        }
        if (order >= 0) {
            merge->places[1][y->node] = place;
            a++;
        }
    }
    return MLEDGER_OK;
}

/* ---- edges ---- */

/* The edges of a side between places of the merged graph, in order. */
static int move_edges(struct merge *merge, size_t side, struct ml_edge **ret_edges)
{
    const struct ml_graph *graph = merge->sides[side];
    struct ml_edge *edges = ml_calloc(graph->n_edges + 1, sizeof *edges);
    if (!edges)
        return ml_fail_memory();
    for (size_t i = 0; i < graph->n_edges; i++) {
        edges[i] = graph->edges[i];
        edges[i].from = merge->places[side][edges[i].from];
        edges[i].to = merge->places[side][edges[i].to];
    }
    if (graph->n_edges)
        qsort(edges, graph->n_edges, sizeof *edges, ml_edge_compare_ways);
    *ret_edges = edges;
    return MLEDGER_OK;
}

static int add_edge(struct merge *merge, const struct ml_edge *from, const struct ml_edge *also,
                    enum ml_merged_change change)
{
    struct ml_graph *graph = merge->merged.graph;
    struct ml_edge *edge = &graph->edges[graph->n_edges];
    size_t count = from->n_seqs + (also ? also->n_seqs : 0);
    *edge = *from;
    edge->seqs = ml_arena_calloc(&graph->arena, count, sizeof *edge->seqs);
    edge->grounds = from->grounds ? keep(merge, from->grounds) : NULL;
    if (!edge->seqs)
        return fail(merge);
    memcpy(edge->seqs, from->seqs, from->n_seqs * sizeof *edge->seqs);
    for (size_t i = 0; also && i < also->n_seqs; i++) {
        size_t k = 0;
        while (k < edge->n_seqs && edge->seqs[k] != also->seqs[i])
            k++;
        if (k == edge->n_seqs)
            edge->seqs[edge->n_seqs++] = also->seqs[i];
    }
    merge->merged.edges[graph->n_edges++] = change;
    return MLEDGER_OK;
}

static int add_edges(struct merge *merge)
{
    ML_CLEANUP(ml_freep) struct ml_edge *before = NULL, *after = NULL;
    int result = move_edges(merge, 0, &before);
    if (result >= 0)
        result = move_edges(merge, 1, &after);
    for (size_t b = 0, a = 0;
         result >= 0 && (b < merge->sides[0]->n_edges || a < merge->sides[1]->n_edges);) {
        int order = b == merge->sides[0]->n_edges   ? 1
                    : a == merge->sides[1]->n_edges ? -1
                                                    : ml_edge_compare_ways(&before[b], &after[a]);
        result = order == 0  ? add_edge(merge, &after[a], &before[b], ML_MERGED_SAME)
                 : order < 0 ? add_edge(merge, &before[b], NULL, ML_MERGED_REMOVED)
                             : add_edge(merge, &after[a], NULL, ML_MERGED_ADDED);
        b += order <= 0;
        a += order >= 0;
    }
    return result;
}

/* ---- all of it ---- */

static int prepare(struct merge *merge)
{
    size_t nodes = merge->sides[0]->n_nodes + merge->sides[1]->n_nodes + 1;
    size_t edges = merge->sides[0]->n_edges + merge->sides[1]->n_edges + 1;
    struct ml_merged *merged = &merge->merged;
    merged->graph = ml_calloc(1, sizeof *merged->graph);
    if (!merged->graph)
        return ml_fail_memory();
    ml_arena_init(arena_of(merge), ML_QUERY_MEMORY_MAX);
    merged->graph->nodes = ml_arena_calloc(arena_of(merge), nodes, sizeof(struct ml_node));
    merged->graph->edges = ml_arena_calloc(arena_of(merge), edges, sizeof(struct ml_edge));
    merged->nodes = ml_arena_calloc(arena_of(merge), nodes, sizeof *merged->nodes);
    merged->edges = ml_arena_calloc(arena_of(merge), edges, sizeof *merged->edges);
    merged->tooltips = ml_arena_calloc(arena_of(merge), nodes, sizeof *merged->tooltips);
    if (!merged->graph->nodes || !merged->graph->edges || !merged->nodes || !merged->edges ||
        !merged->tooltips)
        return fail(merge);
    merged->graph->as_of = merge->sides[1]->as_of;
    merged->graph->up = true;
    return MLEDGER_OK;
}

int ml_graph_merge(const struct ml_graph *before, const struct ml_graph *after,
                   struct ml_merged *ret_merged)
{
    ML_CLEANUP(release_merge) struct merge merge = {.sides = {before, after}};
    *ret_merged = (struct ml_merged){0};
    ML_TRY(prepare(&merge));
    for (size_t side = 0; side < 2; side++)
        ML_TRY(find_parts(&merge, side));
    ML_TRY(add_nodes(&merge));
    ML_TRY(add_edges(&merge));
    *ret_merged = merge.merged;
    merge.merged = (struct ml_merged){0};
    return MLEDGER_OK;
}
