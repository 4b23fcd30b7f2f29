/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/graph_json.h"

#include "ledger/query/digest_text.h"

/* Both take the value over. */
static int put(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new_nocheck(object, key, value) == 0 ? MLEDGER_OK : ml_fail_memory();
}

static int add(json_t *array, json_t *value)
{
    return json_array_append_new(array, value) == 0 ? MLEDGER_OK : ml_fail_memory();
}

static json_t *text(const char *value)
{
    return json_string(value);
}

static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

/* A new empty array or object that hangs in `object` under `key`. */
static int put_empty(json_t *object, const char *key, json_t *value, json_t **ret_value)
{
    ML_TRY(put(object, key, value));
    *ret_value = value;
    return MLEDGER_OK;
}

static int put_flags(json_t *json, unsigned flags)
{
    static const struct {
        unsigned flag;
        const char *name;
    } names[] = {{ML_NODE_START, "start"},     {ML_NODE_UNSEEN, "unseen"},
                 {ML_NODE_ERASED, "erased"},   {ML_NODE_DELETED, "deleted"},
                 {ML_NODE_MISSING, "missing"}, {ML_NODE_CUT, "cut"}};
    json_t *list;
    if (flags == 0)
        return MLEDGER_OK;
    ML_TRY(put_empty(json, "flags", json_array(), &list));
    for (size_t i = 0; i < ML_COUNT(names); i++)
        if (flags & names[i].flag)
            ML_TRY(add(list, text(names[i].name)));
    return MLEDGER_OK;
}

static int put_digests(json_t *json, const struct ml_node *node)
{
    json_t *list;
    if (node->n_digests == 0)
        return MLEDGER_OK;
    ML_TRY(put_empty(json, "digests", json_array(), &list));
    for (size_t i = 0; i < node->n_digests; i++) {
        char digest[ML_DIGEST_TEXT_SIZE];
        json_t *one = json_object();
        ML_TRY(add(list, one));
        ml_digest_text(node->digests[i], 0, digest);
        ML_TRY(put(one, "digest", text(digest)));
        bool seen = node->digests[i]->standing == MLEDGER__STANDING__SEEN;
        ML_TRY(put(one, "standing", text(seen ? "seen" : "claimed")));
    }
    return MLEDGER_OK;
}

static int put_attributes(json_t *json, const struct ml_node *node)
{
    json_t *list;
    if (node->n_attributes == 0)
        return MLEDGER_OK;
    ML_TRY(put_empty(json, "attributes", json_array(), &list));
    for (size_t i = 0; i < node->n_attributes; i++) {
        json_t *one = json_object();
        ML_TRY(add(list, one));
        ML_TRY(put(one, "name", text(node->attributes[i].name)));
        ML_TRY(put(one, "value", text(node->attributes[i].value)));
    }
    return MLEDGER_OK;
}

static int add_node(json_t *list, const struct ml_node *node)
{
    json_t *json = json_object();
    ML_TRY(add(list, json));
    ML_TRY(put(json, "id", text(node->id)));
    ML_TRY(put(json, "kind", text(ml_node_kind_name(node->kind))));
    ML_TRY(put(json, "label", text(node->label)));
    ML_TRY(put(json, "seq", number(node->seq)));
    ML_TRY(put_flags(json, node->flags));
    if (node->erased_by != MLEDGER_NO_SEQ)
        ML_TRY(put(json, "erased_by", number(node->erased_by)));
    ML_TRY(put_digests(json, node));
    return put_attributes(json, node);
}

static int add_edge(json_t *list, const struct ml_graph *graph, const struct ml_edge *edge)
{
    json_t *json = json_object(), *seqs;
    ML_TRY(add(list, json));
    ML_TRY(put(json, "from", text(graph->nodes[edge->from].id)));
    ML_TRY(put(json, "to", text(graph->nodes[edge->to].id)));
    ML_TRY(put(json, "role", text(ml_edge_role_name(edge->role))));
    ML_TRY(put(json, "kind", text(ml_edge_kind_name(edge->kind))));
    ML_TRY(put_empty(json, "seqs", json_array(), &seqs));
    for (size_t i = 0; i < edge->n_seqs; i++)
        ML_TRY(add(seqs, number(edge->seqs[i])));
    return edge->grounds ? put(json, "grounds", text(edge->grounds)) : MLEDGER_OK;
}

static int put_all(json_t *json, const struct ml_graph *graph)
{
    json_t *list;
    ML_TRY(put(json, "as_of", number(graph->as_of)));
    if (graph->up)
        ML_TRY(put(json, "up", json_true()));
    if (graph->down)
        ML_TRY(put(json, "down", json_true()));
    ML_TRY(put_empty(json, "nodes", json_array(), &list));
    for (size_t i = 0; i < graph->n_nodes; i++)
        ML_TRY(add_node(list, &graph->nodes[i]));
    ML_TRY(put_empty(json, "edges", json_array(), &list));
    for (size_t i = 0; i < graph->n_edges; i++)
        ML_TRY(add_edge(list, graph, &graph->edges[i]));
    ML_TRY(put_empty(json, "unknown", json_array(), &list));
    for (size_t i = 0; i < graph->n_unknown; i++)
        ML_TRY(add(list, text(graph->unknown[i])));
    return MLEDGER_OK;
}

int ml_graph_to_json(const struct ml_graph *graph, json_t **ret_json)
{
    json_t *json = json_object();
    if (!json)
        return ml_fail_memory();
    int result = put_all(json, graph);
    if (result < 0) {
        json_decref(json);
        return result;
    }
    *ret_json = json;
    return MLEDGER_OK;
}
