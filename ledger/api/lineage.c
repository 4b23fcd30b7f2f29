/* SPDX-License-Identifier: Apache-2.0 */
/* The public way to ask for lineage: mledger/lineage.h over ledger/query/lineage.h. */
#include "mledger/lineage.h"

#include "ledger/api/handle.h"
#include "ledger/core/json.h"
#include "ledger/query/as_of.h"
#include "ledger/query/digest_text.h"
#include "ledger/query/graph_json.h"
#include "ledger/query/graph_text.h"
#include "ledger/query/lineage.h"

static_assert((int)MLEDGER_NODE_AGENT + 1 == (int)ML_NODE_KINDS &&
                  (int)MLEDGER_NODE_VERSION == (int)ML_NODE_VERSION,
              "kinds of nodes have one numbering");
static_assert((int)MLEDGER_NODE_CUT == (int)ML_NODE_CUT, "flags have one numbering");
static_assert((int)MLEDGER_ROLE_CONFIRMED + 1 == (int)ML_ROLES &&
                  (int)MLEDGER_ROLE_REGISTERED_FROM == (int)ML_ROLE_REGISTERED_FROM,
              "roles have one numbering");
static_assert((int)MLEDGER_EDGE_CONFIRMED + 1 == (int)ML_EDGE_KINDS,
              "kinds of edges have one numbering");
static_assert(MLEDGER_LINEAGE_NODES_DEFAULT == ML_LINEAGE_NODES_DEFAULT &&
                  MLEDGER_LINEAGE_NODES_MAX == ML_LINEAGE_NODES_MAX,
              "limits are the same");

/* The graph, and the public shape of it; the latter points into the former. */
struct mledger_lineage {
    struct ml_graph *graph;
    struct ml_arena arena;
    struct mledger_node *nodes;
    struct mledger_edge *edges;
};

void mledger_lineage_free(struct mledger_lineage *lineage)
{
    if (!lineage)
        return;
    ml_graph_free(lineage->graph);
    ml_arena_release(&lineage->arena);
    free(lineage);
}

static void lineage_freep(struct mledger_lineage **lineage)
{
    mledger_lineage_free(*lineage);
}

static int publish_digests(struct ml_arena *arena, const struct ml_node *node,
                           struct mledger_node *ret_node)
{
    struct mledger_node_digest *digests = ml_arena_calloc(arena, node->n_digests, sizeof *digests);
    if (!digests)
        return ml_fail_memory();
    for (size_t i = 0; i < node->n_digests; i++) {
        char text[ML_DIGEST_TEXT_SIZE];
        ml_digest_text(node->digests[i], 0, text);
        digests[i].text = ml_arena_text(arena, text, strlen(text));
        if (!digests[i].text)
            return ml_fail_memory();
        digests[i].seen = node->digests[i]->standing == MLEDGER__STANDING__SEEN;
    }
    ret_node->digests = digests;
    ret_node->digest_count = node->n_digests;
    return MLEDGER_OK;
}

static int publish_attributes(struct ml_arena *arena, const struct ml_node *node,
                              struct mledger_node *ret_node)
{
    struct mledger_node_attribute *attributes =
        ml_arena_calloc(arena, node->n_attributes, sizeof *attributes);
    if (!attributes)
        return ml_fail_memory();
    for (size_t i = 0; i < node->n_attributes; i++) {
        attributes[i].name = node->attributes[i].name;
        attributes[i].value = node->attributes[i].value;
    }
    ret_node->attributes = attributes;
    ret_node->attribute_count = node->n_attributes;
    return MLEDGER_OK;
}

static int publish_nodes(struct mledger_lineage *lineage)
{
    const struct ml_graph *graph = lineage->graph;
    lineage->nodes = ml_arena_calloc(&lineage->arena, graph->n_nodes, sizeof *lineage->nodes);
    if (!lineage->nodes)
        return ml_fail_memory();
    for (size_t i = 0; i < graph->n_nodes; i++) {
        const struct ml_node *node = &graph->nodes[i];
        lineage->nodes[i] = (struct mledger_node){
            .kind = (enum mledger_node_kind)node->kind,
            .flags = node->flags,
            .id = node->id,
            .label = node->label,
            .seq = node->seq,
            .erased_by = node->flags & ML_NODE_ERASED ? node->erased_by : MLEDGER_NO_SEQ,
        };
        ML_TRY(publish_digests(&lineage->arena, node, &lineage->nodes[i]));
        ML_TRY(publish_attributes(&lineage->arena, node, &lineage->nodes[i]));
    }
    return MLEDGER_OK;
}

static int publish_edges(struct mledger_lineage *lineage)
{
    const struct ml_graph *graph = lineage->graph;
    lineage->edges = ml_arena_calloc(&lineage->arena, graph->n_edges, sizeof *lineage->edges);
    if (!lineage->edges)
        return ml_fail_memory();
    for (size_t i = 0; i < graph->n_edges; i++) {
        const struct ml_edge *edge = &graph->edges[i];
        lineage->edges[i] = (struct mledger_edge){
            .from = edge->from,
            .to = edge->to,
            .role = (enum mledger_edge_role)edge->role,
            .kind = (enum mledger_edge_kind)edge->kind,
            .seqs = edge->seqs,
            .seq_count = edge->n_seqs,
            .grounds = edge->grounds,
        };
    }
    return MLEDGER_OK;
}

/* Takes the graph over, also when it fails. */
static int publish(struct ml_graph *graph, struct mledger_lineage **ret_lineage)
{
    ML_CLEANUP(lineage_freep) struct mledger_lineage *lineage = ml_calloc(1, sizeof *lineage);
    if (!lineage) {
        ml_graph_free(graph);
        return ml_fail_memory();
    }
    lineage->graph = graph;
    ml_arena_init(&lineage->arena, SIZE_MAX / 2);
    ML_TRY(publish_nodes(lineage));
    ML_TRY(publish_edges(lineage));
    *ret_lineage = ML_TAKE(lineage);
    return MLEDGER_OK;
}

static int inner_options(struct ml_view *view, const struct mledger_lineage_options *options,
                         struct ml_lineage_options *ret_inner)
{
    struct ml_as_of as_of = {.kind = ML_AS_OF_NOW};
    struct ml_lineage_options inner = ml_lineage_defaults();
    if (options->max_nodes > ML_LINEAGE_NODES_MAX)
        return ml_fail(MLEDGER_EUSAGE, "a lineage of %zu nodes, over %zu", options->max_nodes,
                       ML_LINEAGE_NODES_MAX);
    if (options->as_of)
        ML_TRY(ml_as_of_parse(options->as_of, &as_of));
    ML_TRY(ml_as_of_resolve(view, &as_of, &inner.as_of));
    inner.down = options->down;
    inner.up = options->up || !options->down;
    inner.depth = options->depth;
    inner.same_content = !options->no_same_content;
    inner.inferred = !options->no_inferred;
    inner.max_nodes = options->max_nodes;
    *ret_inner = inner;
    return MLEDGER_OK;
}

int mledger_lineage_read(struct mledger_ledger *ledger, const char *reference,
                         const struct mledger_lineage_options *options,
                         struct mledger_lineage **ret_lineage)
{
    static const struct mledger_lineage_options defaults;
    ML_CLEANUP(ml_view_end) struct ml_view view = {0};
    struct ml_lineage_options inner;
    struct ml_graph *graph;
    ML_TRY(ml_view_begin(ml_handle(ledger), &view));
    ML_TRY(inner_options(&view, options ? options : &defaults, &inner));
    ML_TRY(ml_lineage(&view, reference, &inner, &graph));
    return publish(graph, ret_lineage);
}

const struct mledger_node *mledger_lineage_nodes(const struct mledger_lineage *lineage,
                                                 size_t *ret_count)
{
    *ret_count = lineage->graph->n_nodes;
    return lineage->nodes;
}

const struct mledger_edge *mledger_lineage_edges(const struct mledger_lineage *lineage,
                                                 size_t *ret_count)
{
    *ret_count = lineage->graph->n_edges;
    return *ret_count ? lineage->edges : NULL;
}

const char *const *mledger_lineage_unknown(const struct mledger_lineage *lineage, size_t *ret_count)
{
    *ret_count = lineage->graph->n_unknown;
    return *ret_count ? (const char *const *)lineage->graph->unknown : NULL;
}

uint64_t mledger_lineage_as_of(const struct mledger_lineage *lineage)
{
    return lineage->graph->as_of;
}

const char *mledger_node_kind_name(enum mledger_node_kind kind)
{
    return (unsigned)kind < ML_NODE_KINDS ? ml_node_kind_name((enum ml_node_kind)kind) : NULL;
}

const char *mledger_edge_role_name(enum mledger_edge_role role)
{
    return (unsigned)role < ML_ROLES ? ml_edge_role_name((enum ml_edge_role)role) : NULL;
}

const char *mledger_edge_kind_name(enum mledger_edge_kind kind)
{
    return (unsigned)kind < ML_EDGE_KINDS ? ml_edge_kind_name((enum ml_edge_kind)kind) : NULL;
}

int mledger_lineage_json(const struct mledger_lineage *lineage, char **ret_json)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    json_t *json = NULL;
    ML_TRY(ml_graph_to_json(lineage->graph, &json));
    int result = ml_json_dump(json, 0, &text);
    json_decref(json);
    ML_TRY(result);
    return ml_buf_take_text(&text, ret_json);
}

int mledger_lineage_text(const struct mledger_lineage *lineage, char **ret_text)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(ml_graph_to_text(lineage->graph, &text));
    return ml_buf_take_text(&text, ret_text);
}
