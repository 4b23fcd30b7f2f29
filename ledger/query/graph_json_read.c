/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/graph_json_read.h"

#include "ledger/core/hex.h"
#include "ledger/query/digest_text.h"

enum { LIST_MAX = 10000000 /* of anything: what the numbers of a list are counted in */ };

static int no_graph(const char *what)
{
    return ml_fail(MLEDGER_EINVALID, "the lineage's JSON has no right %s", what);
}

/* ---- members ---- */

static int text_of(struct ml_arena *arena, const json_t *json, const char *what,
                   const char **ret_text)
{
    if (!json_is_string(json))
        return no_graph(what);
    const size_t len = json_string_length(json);
    if (strlen(json_string_value(json)) != len)
        return no_graph(what); /* a NUL within */
    *ret_text = ml_arena_text(arena, json_string_value(json), len);
    return *ret_text ? MLEDGER_OK : ml_arena_fail(arena, "the lineage");
}

static int seq_of(const json_t *json, const char *what, uint64_t *ret_seq)
{
    if (!json_is_integer(json) || json_integer_value(json) < 0)
        return no_graph(what);
    *ret_seq = (uint64_t)json_integer_value(json);
    return MLEDGER_OK;
}

/* An array, or nothing where there is none. */
static int list_of(struct ml_arena *arena, const json_t *object, const char *key, size_t size,
                   size_t *ret_count, void *ret_memory)
{
    const json_t *list = json_object_get(object, key);
    void **memory = ret_memory;
    *ret_count = json_array_size(list);
    if ((list && !json_is_array(list)) || *ret_count > LIST_MAX)
        return no_graph(key);
    *memory = ml_arena_calloc(arena, *ret_count + 1, size);
    return *memory ? MLEDGER_OK : ml_arena_fail(arena, "the lineage");
}

/* The place of a word among names, which end where one is NULL or at `count`. */
static int word_of(const json_t *json, const char *what, const char *(*name_of)(unsigned),
                   unsigned count, unsigned *ret_place)
{
    const char *word = json_string_value(json);
    for (unsigned i = 0; word && i < count; i++)
        if (strcmp(name_of(i), word) == 0) {
            *ret_place = i;
            return MLEDGER_OK;
        }
    return no_graph(what);
}

static const char *node_kind(unsigned i)
{
    return ml_node_kind_name((enum ml_node_kind)i);
}
static const char *edge_role(unsigned i)
{
    return ml_edge_role_name((enum ml_edge_role)i);
}
static const char *edge_kind(unsigned i)
{
    return ml_edge_kind_name((enum ml_edge_kind)i);
}

/* ---- nodes ---- */

static const char *const flag_names[] = {"start", "unseen", "erased", "deleted", "missing", "cut"};
static const char *flag_name(unsigned i)
{
    return flag_names[i];
}

static int read_flags(const json_t *json, unsigned *ret_flags)
{
    const json_t *list = json_object_get(json, "flags");
    unsigned place;
    if (list && !json_is_array(list))
        return no_graph("flags");
    for (size_t i = 0; i < json_array_size(list); i++) {
        ML_TRY(word_of(json_array_get(list, i), "flag", flag_name, ML_COUNT(flag_names), &place));
        *ret_flags |= 1U << place; /* enum ml_node_flag is in that order */
    }
    return MLEDGER_OK;
}

static int read_digest(struct ml_arena *arena, const json_t *json,
                       const Mledger__Digest **ret_digest)
{
    const char *text = json_string_value(json_object_get(json, "digest"));
    const char *standing = json_string_value(json_object_get(json, "standing"));
    const char *colon = text ? strchr(text, ':') : NULL;
    if (!colon || !standing)
        return no_graph("digest");
    Mledger__Digest *digest = ml_arena_alloc(arena, sizeof *digest);
    const size_t len = strlen(colon + 1) / 2;
    uint8_t *bytes = ml_arena_alloc(arena, len + 1);
    if (!digest || !bytes)
        return ml_arena_fail(arena, "the lineage");
    mledger__digest__init(digest);
    digest->algorithm = ml_algorithm_find(text, (size_t)(colon - text));
    digest->standing =
        strcmp(standing, "seen") == 0 ? MLEDGER__STANDING__SEEN : MLEDGER__STANDING__CLAIMED;
    digest->value = (ProtobufCBinaryData){len, bytes};
    if (digest->algorithm == MLEDGER__ALGORITHM__ALGORITHM_UNSPECIFIED ||
        len > ml_algorithm_size(digest->algorithm) ||
        ml_hex_decode(colon + 1, strlen(colon + 1), bytes, len) < 0)
        return no_graph("digest");
    *ret_digest = digest;
    return MLEDGER_OK;
}

static int read_attribute(struct ml_arena *arena, const json_t *json,
                          struct ml_attribute *attribute)
{
    ML_TRY(text_of(arena, json_object_get(json, "name"), "attribute", &attribute->name));
    const json_t *value = json_object_get(json, "value");
    if (json_is_null(value))
        return MLEDGER_OK;
    return text_of(arena, value, "attribute", &attribute->value);
}

static int read_lists(struct ml_arena *arena, const json_t *json, struct ml_node *node)
{
    ML_TRY(list_of(arena, json, "digests", sizeof *node->digests, &node->n_digests,
                   (void *)&node->digests));
    for (size_t i = 0; i < node->n_digests; i++)
        ML_TRY(read_digest(arena, json_array_get(json_object_get(json, "digests"), i),
                           &node->digests[i]));
    ML_TRY(list_of(arena, json, "attributes", sizeof *node->attributes, &node->n_attributes,
                   (void *)&node->attributes));
    for (size_t i = 0; i < node->n_attributes; i++)
        ML_TRY(read_attribute(arena, json_array_get(json_object_get(json, "attributes"), i),
                              &node->attributes[i]));
    return MLEDGER_OK;
}

static int read_node(struct ml_arena *arena, const json_t *json, struct ml_node *node)
{
    const json_t *erased_by = json_object_get(json, "erased_by");
    unsigned kind;
    ML_TRY(word_of(json_object_get(json, "kind"), "kind", node_kind, ML_NODE_KINDS, &kind));
    node->kind = (enum ml_node_kind)kind;
    ML_TRY(text_of(arena, json_object_get(json, "id"), "id", &node->id));
    ML_TRY(text_of(arena, json_object_get(json, "label"), "label", &node->label));
    ML_TRY(seq_of(json_object_get(json, "seq"), "seq", &node->seq));
    ML_TRY(read_flags(json, &node->flags));
    node->erased_by = MLEDGER_NO_SEQ;
    if (erased_by)
        ML_TRY(seq_of(erased_by, "erased_by", &node->erased_by));
    return read_lists(arena, json, node);
}

/* ---- edges ---- */

/* Places of nodes by their ids, in one object of jansson's, which is a hash table. */
static int index_nodes(const struct ml_graph *graph, json_t *places)
{
    for (size_t i = 0; i < graph->n_nodes; i++) {
        if (json_object_get(places, graph->nodes[i].id))
            return no_graph("id: two nodes have the same");
        if (json_object_set_new(places, graph->nodes[i].id, json_integer((json_int_t)i)) < 0)
            return no_graph("id"); /* which is no UTF-8 */
    }
    return MLEDGER_OK;
}

static int place_of(const json_t *places, const json_t *id, size_t *ret_place)
{
    const json_t *place =
        json_is_string(id) ? json_object_get(places, json_string_value(id)) : NULL;
    if (!place)
        return no_graph("end of an edge");
    *ret_place = (size_t)json_integer_value(place);
    return MLEDGER_OK;
}

static int read_edge(struct ml_arena *arena, const json_t *places, const json_t *json,
                     struct ml_edge *edge)
{
    const json_t *seqs = json_object_get(json, "seqs"), *grounds = json_object_get(json, "grounds");
    unsigned role, kind;
    ML_TRY(place_of(places, json_object_get(json, "from"), &edge->from));
    ML_TRY(place_of(places, json_object_get(json, "to"), &edge->to));
    ML_TRY(word_of(json_object_get(json, "role"), "role", edge_role, ML_ROLES, &role));
    ML_TRY(word_of(json_object_get(json, "kind"), "kind", edge_kind, ML_EDGE_KINDS, &kind));
    edge->role = (enum ml_edge_role)role;
    edge->kind = (enum ml_edge_kind)kind;
    ML_TRY(list_of(arena, json, "seqs", sizeof *edge->seqs, &edge->n_seqs, (void *)&edge->seqs));
    if (edge->n_seqs == 0)
        return no_graph("seqs: no line is drawn that no record backs");
    for (size_t i = 0; i < edge->n_seqs; i++)
        ML_TRY(seq_of(json_array_get(seqs, i), "seqs", &edge->seqs[i]));
    return grounds ? text_of(arena, grounds, "grounds", &edge->grounds) : MLEDGER_OK;
}

static int read_edges(const json_t *json, struct ml_graph *graph)
{
    ML_CLEANUP(json_decrefp) json_t *places = json_object();
    if (!places)
        return ml_fail_memory();
    ML_TRY(index_nodes(graph, places));
    ML_TRY(list_of(&graph->arena, json, "edges", sizeof *graph->edges, &graph->n_edges,
                   (void *)&graph->edges));
    for (size_t i = 0; i < graph->n_edges; i++)
        ML_TRY(read_edge(&graph->arena, places, json_array_get(json_object_get(json, "edges"), i),
                         &graph->edges[i]));
    return MLEDGER_OK;
}

/* ---- all of it ---- */

static int read_all(const json_t *json, struct ml_graph *graph)
{
    struct ml_arena *arena = &graph->arena;
    ML_TRY(seq_of(json_object_get(json, "as_of"), "as_of", &graph->as_of));
    graph->up = json_is_true(json_object_get(json, "up"));
    graph->down = json_is_true(json_object_get(json, "down"));
    ML_TRY(list_of(arena, json, "nodes", sizeof *graph->nodes, &graph->n_nodes,
                   (void *)&graph->nodes));
    for (size_t i = 0; i < graph->n_nodes; i++)
        ML_TRY(
            read_node(arena, json_array_get(json_object_get(json, "nodes"), i), &graph->nodes[i]));
    ML_TRY(read_edges(json, graph));
    ML_TRY(list_of(arena, json, "unknown", sizeof *graph->unknown, &graph->n_unknown,
                   (void *)&graph->unknown));
    for (size_t i = 0; i < graph->n_unknown; i++)
        ML_TRY(text_of(arena, json_array_get(json_object_get(json, "unknown"), i), "unknown",
                       &graph->unknown[i]));
    return MLEDGER_OK;
}

int ml_graph_from_json(const json_t *json, struct ml_graph **ret_graph)
{
    ML_CLEANUP(ml_graph_freep) struct ml_graph *graph = ml_calloc(1, sizeof *graph);
    if (!graph)
        return ml_fail_memory();
    ml_arena_init(&graph->arena, ML_GRAPH_JSON_MEMORY);
    ML_TRY(read_all(json, graph));
    *ret_graph = ML_TAKE(graph);
    return MLEDGER_OK;
}
