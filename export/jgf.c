/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON Graph Format 2.1 (https://github.com/jsongraph/json-graph-specification): nodes by their
 * ids; whatever the format has no word for stands in "metadata". A graph without "edges" is none,
 * so there always are some, if only an empty list.
 */
#include "export/document.h"
#include "export/formats.h"

static void put_node(struct ml_document *document, json_t *nodes, size_t index)
{
    json_t *node = ml_put_object(document, nodes, document->ids[index]);
    ml_put_text(document, node, "label", document->account->graph->nodes[index].label);
    ml_put_node_facts(document, ml_put_object(document, node, "metadata"), index);
}

static void add_edge(struct ml_document *document, json_t *edges, const struct ml_edge *edge)
{
    json_t *json = ml_add_object(document, edges);
    ml_put_text(document, json, "source", document->ids[edge->from]);
    ml_put_text(document, json, "target", document->ids[edge->to]);
    ml_put_text(document, json, "relation", ml_edge_role_name(edge->role));
    ml_put_edge_facts(document, ml_put_object(document, json, "metadata"), edge);
}

int ml_export_jgf(const struct ml_account *account, const struct ml_export_options *options,
                  struct ml_buf *out)
{
    ML_CLEANUP(ml_document_release) struct ml_document document;
    ML_TRY(ml_document_init(&document, account, json_object()));
    json_t *graph = ml_put_object(&document, document.root, "graph");
    ml_put_text(&document, graph, "id", ml_document_uri_of(&document, "graph"));
    ml_put_text(&document, graph, "type", "ml-lineage");
    ml_put_text(&document, graph, "label", options->query);
    ml_put(&document, graph, "directed", json_true());
    ml_put_ledger(&document, ml_put_object(&document, graph, "metadata"), "ledger");
    json_t *nodes = ml_put_object(&document, graph, "nodes");
    for (size_t i = 0; i < account->graph->n_nodes; i++)
        put_node(&document, nodes, i);
    json_t *edges = ml_put_array(&document, graph, "edges");
    for (size_t i = 0; i < account->graph->n_edges; i++)
        add_edge(&document, edges, &account->graph->edges[i]);
    return ml_document_write(&document, true, out);
}
