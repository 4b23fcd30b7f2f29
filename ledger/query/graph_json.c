/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/graph_json.h"

#include "ledger/query/digest_text.h"
#include "ledger/query/json_parts.h"

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
    ML_TRY(ml_json_put_empty(json, "flags", json_array(), &list));
    for (size_t i = 0; i < ML_COUNT(names); i++)
        if (flags & names[i].flag)
            ML_TRY(ml_json_add(list, ml_json_text(names[i].name)));
    return MLEDGER_OK;
}

static int put_digests(json_t *json, const struct ml_node *node)
{
    json_t *list;
    if (node->n_digests == 0)
        return MLEDGER_OK;
    ML_TRY(ml_json_put_empty(json, "digests", json_array(), &list));
    for (size_t i = 0; i < node->n_digests; i++) {
        char digest[ML_DIGEST_TEXT_SIZE];
        json_t *one = json_object();
        ML_TRY(ml_json_add(list, one));
        ml_digest_text(node->digests[i], 0, digest);
        ML_TRY(ml_json_put(one, "digest", ml_json_text(digest)));
        bool seen = node->digests[i]->standing == MLEDGER__STANDING__SEEN;
        ML_TRY(ml_json_put(one, "standing", ml_json_text(seen ? "seen" : "claimed")));
    }
    return MLEDGER_OK;
}

static int put_attributes(json_t *json, const struct ml_node *node)
{
    json_t *list;
    if (node->n_attributes == 0)
        return MLEDGER_OK;
    ML_TRY(ml_json_put_empty(json, "attributes", json_array(), &list));
    for (size_t i = 0; i < node->n_attributes; i++) {
        json_t *one = json_object();
        ML_TRY(ml_json_add(list, one));
        ML_TRY(ml_json_put(one, "name", ml_json_text(node->attributes[i].name)));
        ML_TRY(ml_json_put(one, "value", ml_json_text(node->attributes[i].value)));
    }
    return MLEDGER_OK;
}

static int add_node(json_t *list, const struct ml_node *node)
{
    json_t *json = json_object();
    ML_TRY(ml_json_add(list, json));
    ML_TRY(ml_json_put(json, "id", ml_json_text(node->id)));
    ML_TRY(ml_json_put(json, "kind", ml_json_text(ml_node_kind_name(node->kind))));
    ML_TRY(ml_json_put(json, "label", ml_json_text(node->label)));
    ML_TRY(ml_json_put(json, "seq", ml_json_number(node->seq)));
    ML_TRY(put_flags(json, node->flags));
    if (node->erased_by != MLEDGER_NO_SEQ)
        ML_TRY(ml_json_put(json, "erased_by", ml_json_number(node->erased_by)));
    ML_TRY(put_digests(json, node));
    return put_attributes(json, node);
}

int ml_edge_add_json(const struct ml_graph *graph, const struct ml_edge *edge, json_t *list)
{
    json_t *json;
    ML_TRY(ml_json_add_empty(list, json_object(), &json));
    ML_TRY(ml_json_put(json, "from", ml_json_text(graph->nodes[edge->from].id)));
    ML_TRY(ml_json_put(json, "to", ml_json_text(graph->nodes[edge->to].id)));
    ML_TRY(ml_json_put(json, "role", ml_json_text(ml_edge_role_name(edge->role))));
    ML_TRY(ml_json_put(json, "kind", ml_json_text(ml_edge_kind_name(edge->kind))));
    ML_TRY(ml_json_put(json, "seqs", ml_json_numbers(edge->seqs, edge->n_seqs)));
    return edge->grounds ? ml_json_put(json, "grounds", ml_json_text(edge->grounds)) : MLEDGER_OK;
}

static int put_all(json_t *json, const struct ml_graph *graph)
{
    json_t *list;
    ML_TRY(ml_json_put(json, "as_of", ml_json_number(graph->as_of)));
    if (graph->up)
        ML_TRY(ml_json_put(json, "up", json_true()));
    if (graph->down)
        ML_TRY(ml_json_put(json, "down", json_true()));
    ML_TRY(ml_json_put_empty(json, "nodes", json_array(), &list));
    for (size_t i = 0; i < graph->n_nodes; i++)
        ML_TRY(add_node(list, &graph->nodes[i]));
    ML_TRY(ml_json_put_empty(json, "edges", json_array(), &list));
    for (size_t i = 0; i < graph->n_edges; i++)
        ML_TRY(ml_edge_add_json(graph, &graph->edges[i], list));
    ML_TRY(ml_json_put_empty(json, "unknown", json_array(), &list));
    for (size_t i = 0; i < graph->n_unknown; i++)
        ML_TRY(ml_json_add(list, ml_json_text(graph->unknown[i])));
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
