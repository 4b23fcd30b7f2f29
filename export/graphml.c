/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GraphML 1.0 (http://graphml.graphdrawing.org/specification.html), as yEd, Gephi and networkx read
 * it: every attribute is declared as a key. Ids are NMTOKENs there, which names are not, so nodes
 * are n0, n1, … and their ids stand in the key "id". XML 1.0 cannot hold most control characters in
 * any spelling: they become U+FFFD.
 */
#include <inttypes.h>

#include "export/document.h"
#include "export/formats.h"
#include "export/text_clean.h"
#include "ledger/query/digest_text.h"

#define HEAD                                                                                       \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"                                                 \
    "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\""                                     \
    " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""                                     \
    " xsi:schemaLocation=\"http://graphml.graphdrawing.org/xmlns"                                  \
    " http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd\">\n"

static const struct key {
    const char *id, *of, *name, *type;
} keys[] = {
    {"g_query", "graph", "query", "string"},
    {"g_ledger", "graph", "ledger", "string"},
    {"g_identity", "graph", "identity", "string"},
    {"g_seq", "graph", "head_seq", "long"},
    {"g_link", "graph", "head_link", "string"},
    {"g_time", "graph", "head_recorded", "string"},
    {"g_unknown", "graph", "not_known", "string"},
    {"g_note", "graph", "note", "string"},
    {"n_id", "node", "id", "string"},
    {"n_kind", "node", "kind", "string"},
    {"n_label", "node", "label", "string"},
    {"n_seq", "node", "seq", "long"},
    {"n_link", "node", "link", "string"},
    {"n_recorded", "node", "recorded", "string"},
    {"n_claimed", "node", "claimed", "string"},
    {"n_digests", "node", "digests", "string"},
    {"n_status", "node", "status", "string"},
    {"n_stage", "node", "stage", "string"},
    {"n_asked", "node", "asked", "boolean"},
    {"n_missing", "node", "missing", "boolean"},
    {"e_role", "edge", "role", "string"},
    {"e_basis", "edge", "basis", "string"},
    {"e_seqs", "edge", "seqs", "string"},
    {"e_link", "edge", "link", "string"},
    {"e_grounds", "edge", "grounds", "string"},
};

/* ---- text ---- */

static bool is_of_xml(uint32_t code)
{
    return code == '\t' || code == '\n' || code == '\r' ||
           (code >= 0x20 && code != 0xfffe && code != 0xffff);
}

static int write_text(const char *text, struct ml_buf *out)
{
    size_t taken;
    for (size_t len = strlen(text); len; text += taken, len -= taken) {
        uint32_t code = ml_text_next(text, len, &taken);
        char one[8] = {0};
        assert(taken < sizeof one);
        memcpy(one, text, taken);
        if (code == '\r' || code == '\n' || code == '\t')
            ML_TRY(ml_buf_printf(out, "&#%u;", (unsigned)code)); /* a reader would change them */
        else if (is_of_xml(code))
            ML_TRY(ml_text_append_xml(one, out));
        else
            ML_TRY(ml_buf_append_text(out, "\xef\xbf\xbd"));
    }
    return MLEDGER_OK;
}

/* Nothing for NULL. */
static int write_data(const char *key, const char *text, struct ml_buf *out)
{
    if (!text)
        return MLEDGER_OK;
    ML_TRY(ml_buf_printf(out, "<data key=\"%s\">", key));
    ML_TRY(write_text(text, out));
    return ml_buf_append_text(out, "</data>");
}

static int write_number(const char *key, uint64_t number, struct ml_buf *out)
{
    return ml_buf_printf(out, "<data key=\"%s\">%" PRIu64 "</data>", key, number);
}

/* ---- graph ---- */

static int write_keys(struct ml_buf *out)
{
    for (size_t i = 0; i < ML_COUNT(keys); i++)
        ML_TRY(ml_buf_printf(out,
                             "  <key id=\"%s\" for=\"%s\" attr.name=\"%s\" attr.type=\"%s\"/>\n",
                             keys[i].id, keys[i].of, keys[i].name, keys[i].type));
    return MLEDGER_OK;
}

static int write_unknown(const struct ml_graph *graph, struct ml_buf *out)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    for (size_t i = 0; i < graph->n_unknown; i++)
        ML_TRY(ml_buf_printf(&text, "%s%s", i ? "\n" : "", graph->unknown[i]));
    ML_TRY(ml_buf_append_char(&text, '\0'));
    return write_data("g_unknown", text.len > 1 ? (const char *)text.data : NULL, out);
}

static int write_ledger(struct ml_document *document, const char *query, struct ml_buf *out)
{
    const struct ml_account *account = document->account;
    ML_TRY(ml_buf_append_text(out, "    "));
    ML_TRY(write_data("g_query", query, out));
    ML_TRY(write_data("g_ledger", account->ledger, out));
    ML_TRY(write_data("g_identity", document->identity, out));
    ML_TRY(write_number("g_seq", account->head->seq, out));
    ML_TRY(write_data("g_link", ml_document_hex(document, account->head->link, ML_HASH_SIZE), out));
    ML_TRY(write_data("g_time", ml_document_time(document, account->head->recorded_us), out));
    ML_TRY(write_unknown(account->graph, out));
    ML_TRY(write_data("g_note", ML_DOCUMENT_NOTE, out));
    return ml_buf_append_char(out, '\n');
}

/* ---- nodes and edges ---- */

static int write_digests(const struct ml_node *node, struct ml_buf *out)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    for (size_t i = 0; i < node->n_digests; i++) {
        char digest[ML_DIGEST_TEXT_SIZE];
        ml_digest_text(node->digests[i], 0, digest);
        ML_TRY(ml_buf_printf(&text, "%s%s", i ? " " : "", digest));
    }
    ML_TRY(ml_buf_append_char(&text, '\0'));
    return write_data("n_digests", text.len > 1 ? (const char *)text.data : NULL, out);
}

static int write_node(struct ml_document *document, size_t index, struct ml_buf *out)
{
    const struct ml_node *node = &document->account->graph->nodes[index];
    const struct ml_account_node *at = &document->account->nodes[index];
    ML_TRY(ml_buf_printf(out, "    <node id=\"n%zu\">", index));
    ML_TRY(write_data("n_id", document->ids[index], out));
    ML_TRY(write_data("n_kind", ml_node_kind_name(node->kind), out));
    ML_TRY(write_data("n_label", node->label, out));
    ML_TRY(write_number("n_seq", at->record->seq, out));
    ML_TRY(write_data("n_link", ml_document_hex(document, at->record->link, ML_HASH_SIZE), out));
    ML_TRY(write_data("n_recorded", ml_document_time(document, at->record->recorded_us), out));
    ML_TRY(write_data("n_claimed", ml_document_time(document, at->record->claimed_us), out));
    ML_TRY(write_digests(node, out));
    ML_TRY(write_data("n_status", at->status, out));
    ML_TRY(write_data("n_stage", at->stage, out));
    ML_TRY(write_data("n_asked", node->flags & ML_NODE_START ? "true" : NULL, out));
    ML_TRY(write_data("n_missing", node->flags & ML_NODE_MISSING ? "true" : NULL, out));
    return ml_buf_append_text(out, "</node>\n");
}

static int write_edge(struct ml_document *document, size_t index, struct ml_buf *out)
{
    const struct ml_edge *edge = &document->account->graph->edges[index];
    const struct ml_account_record *record = ml_account_record(document->account, edge->seqs[0]);
    ML_TRY(ml_buf_printf(out, "    <edge id=\"e%zu\" source=\"n%zu\" target=\"n%zu\">", index,
                         edge->from, edge->to));
    ML_TRY(write_data("e_role", ml_edge_role_name(edge->role), out));
    ML_TRY(write_data("e_basis", ml_edge_kind_name(edge->kind), out));
    ML_TRY(ml_buf_append_text(out, "<data key=\"e_seqs\">"));
    for (size_t i = 0; i < edge->n_seqs; i++)
        ML_TRY(ml_buf_printf(out, "%s%" PRIu64, i ? " " : "", edge->seqs[i]));
    ML_TRY(ml_buf_append_text(out, "</data>"));
    ML_TRY(write_data("e_link", ml_document_hex(document, record->link, ML_HASH_SIZE), out));
    ML_TRY(write_data("e_grounds", edge->grounds, out));
    return ml_buf_append_text(out, "</edge>\n");
}

static int write_all(struct ml_document *document, const char *query, struct ml_buf *out)
{
    const struct ml_graph *graph = document->account->graph;
    ML_TRY(ml_buf_append_text(out, HEAD));
    ML_TRY(write_keys(out));
    ML_TRY(ml_buf_append_text(out, "  <graph id=\"G\" edgedefault=\"directed\">\n"));
    ML_TRY(write_ledger(document, query, out));
    for (size_t i = 0; i < graph->n_nodes; i++)
        ML_TRY(write_node(document, i, out));
    for (size_t i = 0; i < graph->n_edges; i++)
        ML_TRY(write_edge(document, i, out));
    ML_TRY(ml_buf_append_text(out, "  </graph>\n</graphml>\n"));
    return document->failed ? ml_fail_memory() : MLEDGER_OK;
}

int ml_export_graphml(const struct ml_account *account, const struct ml_export_options *options,
                      struct ml_buf *out)
{
    ML_CLEANUP(ml_document_release) struct ml_document document;
    size_t before = out->len;
    ML_TRY(ml_document_init(&document, account, json_object()));
    int result = write_all(&document, options->query, out);
    if (result < 0)
        out->len = before;
    return result;
}
