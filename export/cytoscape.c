/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Elements of Cytoscape.js (https://js.cytoscape.org/#notation/elements-json): every id is a string
 * and unique among nodes and edges together, the class of a node is its kind. What is said of the
 * ledger stands in "data", which belongs to the graph as a whole.
 */
#include "export/document.h"
#include "export/formats.h"

static void add_node(struct ml_document *document, json_t *nodes, size_t index)
{
    const struct ml_node *node = &document->account->graph->nodes[index];
    json_t *element = ml_add_object(document, nodes);
    json_t *data = ml_put_object(document, element, "data");
    ml_put_text(document, data, "id", document->ids[index]);
    ml_put_text(document, data, "label", node->label);
    ml_put_node_facts(document, data, index);
    ml_put_text(document, element, "classes", ml_node_kind_name(node->kind));
}

/* Ids of nodes have a '/' in them, so these are others. */
static void add_edge(struct ml_document *document, json_t *edges, size_t index)
{
    const struct ml_edge *edge = &document->account->graph->edges[index];
    json_t *element = ml_add_object(document, edges);
    json_t *data = ml_put_object(document, element, "data");
    ml_put_text(document, data, "id", ml_document_text(document, "e%zu", index));
    ml_put_text(document, data, "source", document->ids[edge->from]);
    ml_put_text(document, data, "target", document->ids[edge->to]);
    ml_put_text(document, data, "role", ml_edge_role_name(edge->role));
    ml_put_edge_facts(document, data, edge);
    ml_put_text(document, element, "classes", ml_edge_kind_name(edge->kind));
}

int ml_export_cytoscape(const struct ml_account *account, const struct ml_export_options *options,
                        struct ml_buf *out)
{
    ML_CLEANUP(ml_document_release) struct ml_document document;
    ML_TRY(ml_document_init(&document, account, json_object()));
    json_t *data = ml_put_object(&document, document.root, "data");
    ml_put_text(&document, data, "name", options->query);
    ml_put_ledger(&document, data, "ledger");
    json_t *elements = ml_put_object(&document, document.root, "elements");
    json_t *nodes = ml_put_array(&document, elements, "nodes");
    for (size_t i = 0; i < account->graph->n_nodes; i++)
        add_node(&document, nodes, i);
    json_t *edges = ml_put_array(&document, elements, "edges");
    for (size_t i = 0; i < account->graph->n_edges; i++)
        add_edge(&document, edges, i);
    return ml_document_write(&document, true, out);
}
