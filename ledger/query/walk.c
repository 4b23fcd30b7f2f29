/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes and edges as they are found, and their order in the end. */
#include "ledger/query/walk.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "ledger/query/digest_text.h"
#include "ledger/query/graph_links.h"

/* Texts to numbers; the texts are borrowed. Open addressing, at most half full. */
struct walk_table {
    struct walk_slot {
        const char *text; /* NULL: free */
        size_t number;
    } * slots;
    size_t n_slots, n_used;
};

enum { FIRST_SLOTS = 64, EDGE_KEY_SIZE = 96 };

static uint64_t hash_text(const char *text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *text; text++)
        hash = (hash ^ (uint8_t)*text) * UINT64_C(0x100000001b3);
    return hash ^ hash >> 29;
}

static struct walk_slot *table_slot(const struct walk_table *table, const char *text)
{
    size_t at = (size_t)hash_text(text) & (table->n_slots - 1);
    while (table->slots[at].text && strcmp(table->slots[at].text, text) != 0)
        at = (at + 1) & (table->n_slots - 1);
    return &table->slots[at];
}

static int table_grow(struct walk_table *table)
{
    struct walk_table larger = {.n_slots = table->n_slots ? 2 * table->n_slots : FIRST_SLOTS,
                                .n_used = table->n_used};
    larger.slots = ml_calloc(larger.n_slots, sizeof *larger.slots);
    if (!larger.slots)
        return ml_fail_memory();
    for (size_t i = 0; i < table->n_slots; i++)
        if (table->slots[i].text)
            *table_slot(&larger, table->slots[i].text) = table->slots[i];
    free(table->slots);
    *table = larger;
    return MLEDGER_OK;
}

static int table_put(struct walk_table *table, const char *text, size_t number)
{
    if (2 * (table->n_used + 1) > table->n_slots)
        ML_TRY(table_grow(table));
    struct walk_slot *slot = table_slot(table, text);
    if (slot->text)
        return MLEDGER_OK; /* the first stays */
    *slot = (struct walk_slot){text, number};
    table->n_used++;
    return MLEDGER_OK;
}

static bool table_get(const struct walk_table *table, const char *text, size_t *ret_number)
{
    if (table->n_slots == 0)
        return false;
    const struct walk_slot *slot = table_slot(table, text);
    if (!slot->text)
        return false;
    *ret_number = slot->number;
    return true;
}

static void table_free(struct walk_table *table)
{
    if (table)
        free(table->slots);
    free(table);
}

int walk_init(struct walk *walk, struct ml_view *view, const struct ml_lineage_options *options)
{
    *walk = (struct walk){.options = options};
    uint64_t as_of = options->as_of;
    if (as_of >= view->head.size)
        as_of = view->head.size - 1;
    ml_reader_init(&walk->reader, view, as_of);
    walk->snapshots.reader = &walk->reader;
    ml_arena_init(&walk->arena, ML_QUERY_MEMORY_MAX);
    walk->by_id = ml_calloc(1, sizeof *walk->by_id);
    walk->by_edge = ml_calloc(1, sizeof *walk->by_edge);
    if (!walk->by_id || !walk->by_edge)
        return ml_fail_memory();
    ML_TRY(ml_grow(&walk->nodes, &walk->cap_nodes, 1, sizeof *walk->nodes));
    walk->nodes[NOWHERE] = (struct walk_node){.node = {.id = "", .label = ""}};
    walk->n_nodes = 1;
    return MLEDGER_OK;
}

void walk_release(struct walk *walk)
{
    for (size_t i = 0; i < walk->n_edges; i++)
        free(walk->edges[i].seqs);
    for (size_t i = 0; i < walk->n_nodes; i++) {
        free(walk->nodes[i].node.digests);
        free(walk->nodes[i].node.attributes);
    }
    free(walk->nodes);
    free(walk->edges);
    free(walk->queue);
    free(walk->unknown);
    table_free(walk->by_id);
    table_free(walk->by_edge);
    ml_snapshots_release(&walk->snapshots);
    ml_reader_release(&walk->reader);
    ml_arena_release(&walk->arena);
}

const char *walk_text(struct walk *walk, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = len < 0 ? NULL : ml_arena_alloc(&walk->arena, (size_t)len + 1);
    if (text)
        vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return text;
}

const char *walk_copy(struct walk *walk, const char *text)
{
    return text ? ml_arena_text(&walk->arena, text, strlen(text)) : NULL;
}

int walk_check(const struct walk *walk)
{
    return walk->arena.is_full || walk->arena.is_out ? ml_arena_fail(&walk->arena, "the lineage")
                                                     : MLEDGER_OK;
}

struct walk_node *walk_at(struct walk *walk, size_t node)
{
    return &walk->nodes[node];
}

int walk_find(const struct walk *walk, const char *id, size_t *ret_node)
{
    return table_get(walk->by_id, id, ret_node) ? MLEDGER_OK : MLEDGER_ENOTFOUND;
}

int walk_alias(struct walk *walk, const char *text, size_t node)
{
    return text ? table_put(walk->by_id, text, node) : ml_arena_fail(&walk->arena, "the lineage");
}

static size_t most_nodes(const struct walk *walk)
{
    size_t most = walk->options->max_nodes;
    if (most == 0)
        return ML_LINEAGE_NODES_DEFAULT;
    return most < ML_LINEAGE_NODES_MAX ? most : ML_LINEAGE_NODES_MAX;
}

int walk_node(struct walk *walk, enum ml_node_kind kind, const char *id, const char *label,
              uint64_t seq, size_t *ret_node, bool *ret_new)
{
    if (!id || !label)
        return ml_arena_fail(&walk->arena, "the lineage");
    bool known = table_get(walk->by_id, id, ret_node);
    if (ret_new)
        *ret_new = !known;
    if (known)
        return MLEDGER_OK;
    if (walk->n_nodes > most_nodes(walk)) {
        walk->full = true;
        *ret_node = NOWHERE;
        return MLEDGER_OK;
    }
    ML_TRY(ml_grow(&walk->nodes, &walk->cap_nodes, walk->n_nodes + 1, sizeof *walk->nodes));
    ML_TRY(table_put(walk->by_id, id, walk->n_nodes));
    walk->nodes[walk->n_nodes] = (struct walk_node){
        .node = {.kind = kind, .id = id, .label = label, .seq = seq, .erased_by = MLEDGER_NO_SEQ},
        .subject = MLEDGER_NO_SEQ,
    };
    *ret_node = walk->n_nodes++;
    return MLEDGER_OK;
}

void walk_flag(struct walk *walk, size_t node, unsigned flags)
{
    walk->nodes[node].node.flags |= flags;
}

int walk_attribute(struct walk *walk, size_t node, const char *name, const char *value)
{
    struct walk_node *at = &walk->nodes[node];
    const char *kept_name = walk_copy(walk, name), *kept = walk_copy(walk, value);
    if (!kept_name || !kept)
        return value ? walk_check(walk) : MLEDGER_OK;
    for (size_t i = 0; i < at->node.n_attributes; i++)
        if (strcmp(at->node.attributes[i].name, name) == 0 &&
            strcmp(at->node.attributes[i].value, value) == 0)
            return MLEDGER_OK;
    ML_TRY(ml_grow(&at->node.attributes, &at->cap_attributes, at->node.n_attributes + 1,
                   sizeof *at->node.attributes));
    at->node.attributes[at->node.n_attributes++] = (struct ml_attribute){kept_name, kept};
    return MLEDGER_OK;
}

static int copy_digest(struct walk *walk, const Mledger__Digest *digest,
                       const Mledger__Digest **ret_copy)
{
    Mledger__Digest *copy = ml_arena_alloc(&walk->arena, sizeof *copy);
    uint8_t *value = ml_arena_alloc(&walk->arena, digest->value.len + 1);
    if (!copy || !value)
        return walk_check(walk);
    memcpy(value, digest->value.data, digest->value.len);
    *copy = *digest;
    copy->value.data = value;
    *ret_copy = copy;
    return MLEDGER_OK;
}

int walk_digest(struct walk *walk, size_t node, const Mledger__Digest *digest)
{
    if (node == NOWHERE)
        return MLEDGER_OK;
    struct walk_node *at = &walk->nodes[node];
    for (size_t i = 0; i < at->node.n_digests; i++)
        if (at->node.digests[i]->algorithm == digest->algorithm)
            return MLEDGER_OK;
    ML_TRY(ml_grow(&at->node.digests, &at->cap_digests, at->node.n_digests + 1,
                   sizeof *at->node.digests));
    ML_TRY(copy_digest(walk, digest, &at->node.digests[at->node.n_digests]));
    at->node.n_digests++;
    return MLEDGER_OK;
}

int walk_digests(struct walk *walk, size_t node, Mledger__Digest *const *digests, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ML_TRY(walk_digest(walk, node, digests[i]));
    return MLEDGER_OK;
}

int walk_erasure(struct walk *walk, size_t node, const struct ml_record *record)
{
    if (!record->details_erased)
        return MLEDGER_OK;
    walk_flag(walk, node, ML_NODE_ERASED);
    return ml_reader_erased_by(&walk->reader, record->header->seq,
                               &walk->nodes[node].node.erased_by);
}

static int add_seq(struct walk_edge *edge, uint64_t seq)
{
    size_t at = edge->n_seqs;
    while (at > 0 && edge->seqs[at - 1] > seq)
        at--;
    if (at > 0 && edge->seqs[at - 1] == seq)
        return MLEDGER_OK;
    ML_TRY(ml_grow(&edge->seqs, &edge->cap_seqs, edge->n_seqs + 1, sizeof *edge->seqs));
    memmove(edge->seqs + at + 1, edge->seqs + at, (edge->n_seqs - at) * sizeof *edge->seqs);
    edge->seqs[at] = seq;
    edge->n_seqs++;
    return MLEDGER_OK;
}

static const size_t NO_EDGE = SIZE_MAX;

static void edge_key(size_t from, size_t to, enum ml_edge_role role, enum ml_edge_kind kind,
                     char ret_key[EDGE_KEY_SIZE])
{
    snprintf(ret_key, EDGE_KEY_SIZE, "%zu %zu %d %d", from, to, (int)role, (int)kind);
}

static size_t find_edge(const struct walk *walk, size_t from, size_t to, enum ml_edge_role role,
                        enum ml_edge_kind kind)
{
    char key[EDGE_KEY_SIZE];
    size_t at;
    edge_key(from, to, role, kind, key);
    return table_get(walk->by_edge, key, &at) ? at : NO_EDGE;
}

int walk_edge_grounds(struct walk *walk, size_t from, size_t to, enum ml_edge_role role,
                      enum ml_edge_kind kind, uint64_t seq, const char *grounds)
{
    if (from == NOWHERE || to == NOWHERE || from == to)
        return MLEDGER_OK;
    size_t at = find_edge(walk, from, to, role, kind);
    if (at == NO_EDGE) {
        char key[EDGE_KEY_SIZE];
        edge_key(from, to, role, kind, key);
        at = walk->n_edges;
        ML_TRY(ml_grow(&walk->edges, &walk->cap_edges, at + 1, sizeof *walk->edges));
        const char *kept = walk_copy(walk, key);
        ML_TRY(walk_check(walk));
        ML_TRY(table_put(walk->by_edge, kept, at));
        walk->edges[at] = (struct walk_edge){
            .from = from, .to = to, .role = role, .kind = kind, .grounds = grounds};
        walk->n_edges++;
    }
    return add_seq(&walk->edges[at], seq);
}

int walk_edge(struct walk *walk, size_t from, size_t to, enum ml_edge_role role,
              enum ml_edge_kind kind, uint64_t seq)
{
    return walk_edge_grounds(walk, from, to, role, kind, seq, NULL);
}

enum ml_edge_kind walk_kind(struct walk *walk, size_t node, size_t met, uint64_t seq)
{
    const struct ml_node *at = &walk->nodes[node].node;
    return node != met || at->seq == seq || (at->flags & ML_NODE_START) ? ML_EDGE_RECORDED
                                                                        : ML_EDGE_SAME_CONTENT;
}

int walk_same(struct walk *walk, size_t from, size_t to, uint64_t seq, uint64_t other,
              const Mledger__Digest *digest)
{
    char text[ML_DIGEST_TEXT_SIZE];
    ml_digest_text(digest, ML_DIGEST_SHORT, text);
    const char *grounds = walk_text(walk, "both are %s", text);
    ML_TRY(walk_check(walk));
    size_t ends[] = {from, to};
    if (find_edge(walk, to, from, ML_ROLE_SAME_CONTENT, ML_EDGE_SAME_CONTENT) != NO_EDGE) {
        from = ends[1]; /* found the other way round before: one edge says it */
        to = ends[0];
    }
    ML_TRY(walk_edge_grounds(walk, from, to, ML_ROLE_SAME_CONTENT, ML_EDGE_SAME_CONTENT, seq,
                             grounds));
    return walk_edge_grounds(walk, from, to, ML_ROLE_SAME_CONTENT, ML_EDGE_SAME_CONTENT, other,
                             grounds);
}

static bool is_same_node(const struct ml_node *a, const struct ml_node *b)
{
    return ml_nodes_hold_same(a, b) || strcmp(a->id, b->id) == 0;
}

static bool is_stop(const struct walk *walk, const struct ml_node *node)
{
    const struct ml_lineage_options *options = walk->options;
    if (node->flags & ML_NODE_START)
        return false;
    for (size_t i = 0; i < options->n_stops; i++)
        if (is_same_node(node, options->stops[i]))
            return true;
    return options->stop_kinds & 1U << node->kind;
}

int walk_queue(struct walk *walk, size_t node, enum walk_way way, size_t by)
{
    struct walk_node *at = &walk->nodes[node];
    if (node == NOWHERE || (at->queued & way))
        return MLEDGER_OK;
    at->queued |= way;
    if (is_stop(walk, &at->node))
        return MLEDGER_OK; /* told of when it is known what stays: drop_unreached() */
    at->depth[way - 1] = by == NOWHERE ? 0 : walk->nodes[by].depth[way - 1] + 1;
    if (walk->options->depth && at->depth[way - 1] >= walk->options->depth) {
        walk->cut += !(at->node.flags & ML_NODE_CUT);
        at->node.flags |= ML_NODE_CUT;
        return MLEDGER_OK;
    }
    ML_TRY(ml_grow(&walk->queue, &walk->cap_queue, walk->n_queue + 1, sizeof *walk->queue));
    walk->queue[walk->n_queue++] = (struct walk_step){node, way};
    return MLEDGER_OK;
}

int walk_unknown(struct walk *walk, const char *text)
{
    if (!text)
        return ml_arena_fail(&walk->arena, "the lineage");
    ML_TRY(ml_grow(&walk->unknown, &walk->cap_unknown, walk->n_unknown + 1, sizeof text));
    walk->unknown[walk->n_unknown++] = text;
    return MLEDGER_OK;
}

/* Which ways (enum walk_way) each end of an edge is reached in, given the other's. What governs a
 * version hangs on it whichever way it was reached, and brings along who did it and what it read;
 * so do agents. */
static void reach(const struct walk *walk, const struct walk_edge *edge, unsigned *ways,
                  bool *changed)
{
    unsigned from = ways[edge->from], to = ways[edge->to];
    if ((to & WALK_UP) && !is_stop(walk, &walk->nodes[edge->to].node))
        from |= WALK_UP;
    if ((from & WALK_DOWN) && !is_stop(walk, &walk->nodes[edge->from].node))
        to |= WALK_DOWN;
    if (edge->role == ML_ROLE_SAME_CONTENT) { /* whichever of the two was found first */
        if (!is_stop(walk, &walk->nodes[edge->to].node))
            from |= to;
        if (!is_stop(walk, &walk->nodes[edge->from].node))
            to |= from;
    }
    if (edge->role == ML_ROLE_ASSOCIATED && to)
        from |= WALK_UP;
    if (from && walk->nodes[edge->from].node.kind == ML_NODE_VERSION &&
        ml_node_is_governance(walk->nodes[edge->to].node.kind))
        to |= WALK_UP;
    *changed = *changed || from != ways[edge->from] || to != ways[edge->to];
    ways[edge->from] = from;
    ways[edge->to] = to;
}

/* Is there more than what stands in its line? */
static void mark_stopped(struct walk *walk)
{
    for (size_t i = NOWHERE + 1; i < walk->n_nodes; i++) {
        struct walk_node *at = &walk->nodes[i];
        if (at->is_dropped || at->node.kind == ML_NODE_AGENT || !is_stop(walk, &at->node))
            continue;
        at->node.flags |= ML_NODE_CUT;
        walk->stopped++;
    }
}

/* Without content as a link, or with stops on the way: only what edges lead to from the start
 * stays. Edges stand as they were found, from the start outwards, so few rounds do. */
static int drop_unreached(struct walk *walk)
{
    ML_CLEANUP(ml_freep) unsigned *ways = ml_calloc(walk->n_nodes, sizeof *ways);
    if (!ways)
        return ml_fail_memory();
    for (size_t i = NOWHERE + 1; i < walk->n_nodes; i++)
        if (walk->nodes[i].node.flags & ML_NODE_START)
            ways[i] = walk->nodes[i].queued;
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < walk->n_edges; i++)
            if (walk->edges[i].kind != ML_EDGE_SAME_CONTENT || walk->options->same_content)
                reach(walk, &walk->edges[i], ways, &changed);
    }
    for (size_t i = NOWHERE + 1; i < walk->n_nodes; i++)
        walk->nodes[i].is_dropped = ways[i] == 0;
    mark_stopped(walk);
    return MLEDGER_OK;
}

static bool is_dropped(const struct walk *walk, const struct walk_edge *edge)
{
    return walk->nodes[edge->from].is_dropped || walk->nodes[edge->to].is_dropped ||
           (edge->kind == ML_EDGE_SAME_CONTENT && !walk->options->same_content);
}

/* Sorting: nodes are moved, so edges are told where to. */
struct place {
    const struct walk_node *node;
    size_t before;
};

static int compare_places(const void *a, const void *b)
{
    const struct ml_node *x = &((const struct place *)a)->node->node;
    const struct ml_node *y = &((const struct place *)b)->node->node;
    if (x->seq != y->seq)
        return x->seq < y->seq ? -1 : 1;
    return strcmp(x->id, y->id);
}

static void *keep_array(struct ml_graph *graph, const void *array, size_t count, size_t size)
{
    void *kept = ml_arena_calloc(&graph->arena, count + 1, size);
    if (kept && count)
        memcpy(kept, array, count * size);
    return kept;
}

static int keep_node(struct ml_graph *graph, const struct walk_node *at)
{
    const struct ml_node *node = &at->node;
    struct ml_node *kept = &graph->nodes[graph->n_nodes++];
    *kept = *node;
    kept->name = at->name;
    kept->digests = keep_array(graph, node->digests, node->n_digests, sizeof *node->digests);
    kept->attributes =
        keep_array(graph, node->attributes, node->n_attributes, sizeof *node->attributes);
    return kept->digests && kept->attributes ? MLEDGER_OK
                                             : ml_arena_fail(&graph->arena, "the lineage");
}

static int keep_nodes(const struct walk *walk, struct ml_graph *graph, size_t *new_places)
{
    size_t count = 0;
    graph->nodes = ml_arena_calloc(&graph->arena, walk->n_nodes, sizeof *graph->nodes);
    ML_CLEANUP(ml_freep) struct place *places = ml_calloc(walk->n_nodes, sizeof *places);
    if (!places || !graph->nodes)
        return ml_fail_memory();
    for (size_t i = NOWHERE + 1; i < walk->n_nodes; i++)
        if (!walk->nodes[i].is_dropped)
            places[count++] = (struct place){&walk->nodes[i], i};
    qsort(places, count, sizeof *places, compare_places);
    for (size_t i = 0; i < count; i++) {
        new_places[places[i].before] = i;
        ML_TRY(keep_node(graph, places[i].node));
    }
    return MLEDGER_OK;
}

static int keep_edges(const struct walk *walk, struct ml_graph *graph, const size_t *new_places)
{
    graph->edges = ml_arena_calloc(&graph->arena, walk->n_edges + 1, sizeof *graph->edges);
    if (!graph->edges)
        return ml_arena_fail(&graph->arena, "the lineage");
    for (size_t i = 0; i < walk->n_edges; i++) {
        const struct walk_edge *edge = &walk->edges[i];
        if (is_dropped(walk, edge))
            continue;
        uint64_t *seqs = keep_array(graph, edge->seqs, edge->n_seqs, sizeof *seqs);
        if (!seqs)
            return ml_arena_fail(&graph->arena, "the lineage");
        graph->edges[graph->n_edges++] = (struct ml_edge){
            .from = new_places[edge->from],
            .to = new_places[edge->to],
            .role = edge->role,
            .kind = edge->kind,
            .seqs = seqs,
            .n_seqs = edge->n_seqs,
            .grounds = edge->grounds,
        };
    }
    qsort(graph->edges, graph->n_edges, sizeof *graph->edges, ml_edge_compare);
    return MLEDGER_OK;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int keep_unknown(struct walk *walk, struct ml_graph *graph)
{
    if (walk->cut)
        ML_TRY(WALK_UNKNOWN(walk,
                            "the depth of %" PRIu32 " ended at %zu node%s; what is behind %s "
                            "is not shown",
                            walk->options->depth, walk->cut, walk->cut == 1 ? "" : "s",
                            walk->cut == 1 ? "it" : "them"));
    if (walk->stopped)
        ML_TRY(WALK_UNKNOWN(walk, "it was to stop at %zu node%s; what is behind %s is not shown",
                            walk->stopped, walk->stopped == 1 ? "" : "s",
                            walk->stopped == 1 ? "it" : "them"));
    if (walk->full)
        ML_TRY(WALK_UNKNOWN(walk, "there are more than %zu nodes; the rest is not shown",
                            most_nodes(walk)));
    if (walk->n_unknown)
        qsort(walk->unknown, walk->n_unknown, sizeof *walk->unknown, compare_texts);
    graph->unknown = ml_arena_calloc(&walk->arena, walk->n_unknown + 1, sizeof *graph->unknown);
    if (!graph->unknown)
        return walk_check(walk);
    for (size_t i = 0; i < walk->n_unknown; i++)
        if (i == 0 || strcmp(walk->unknown[i], walk->unknown[i - 1]) != 0)
            graph->unknown[graph->n_unknown++] = walk->unknown[i];
    return MLEDGER_OK;
}

int walk_finish(struct walk *walk, struct ml_graph **ret_graph)
{
    ML_CLEANUP(ml_graph_freep) struct ml_graph *graph = ml_calloc(1, sizeof *graph);
    ML_CLEANUP(ml_freep) size_t *new_places = ml_calloc(walk->n_nodes, sizeof *new_places);
    if (!graph || !new_places)
        return ml_fail_memory();
    if (!walk->options->same_content || walk->options->stop_kinds || walk->options->n_stops)
        ML_TRY(drop_unreached(walk));
    ML_TRY(keep_unknown(walk, graph));
    graph->as_of = walk->reader.as_of;
    graph->full = walk->full;
    graph->up = walk->options->up || !walk->options->down;
    graph->down = walk->options->down;
    graph->arena = walk->arena;
    ml_arena_init(&walk->arena, 0);
    ML_TRY(keep_nodes(walk, graph, new_places));
    ML_TRY(keep_edges(walk, graph, new_places));
    *ret_graph = ML_TAKE(graph);
    return MLEDGER_OK;
}
