/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables as CSV (RFC 4180, but with line feeds alone): of nodes, of edges, or of single values
 * (parameters, metrics, checks, digests). The last two columns say up to which record the table
 * goes, as a row is copied without what stood around it.
 *
 * Spreadsheets take a cell that begins with '=', '+', '-' or '@' for a formula, and names are
 * strangers', so such a cell gets a "'" before it unless it is a number.
 */
#include <inttypes.h>

#include "export/document.h"
#include "export/formats.h"
#include "ledger/core/double.h"
#include "ledger/query/digest_text.h"

struct table {
    struct ml_document document;
    struct ml_buf *out;
    bool begun; /* a cell of the row is written */
};

/* ---- cells ---- */

static bool is_formula(const char *text)
{
    double number;
    if (!*text || !strchr("=+-@\t\r", *text))
        return false;
    struct ml_error before;
    ml_error_get(&before);
    bool is_number = ml_double_parse(text, strlen(text), &number) >= 0;
    ml_error_put(&before); /* that it is none is no error */
    return !is_number;
}

static int write_quoted(const char *text, struct ml_buf *out)
{
    ML_TRY(ml_buf_append_char(out, '"'));
    for (; *text; text++) {
        if (*text == '"')
            ML_TRY(ml_buf_append_char(out, '"'));
        ML_TRY(ml_buf_append_char(out, *text));
    }
    return ml_buf_append_char(out, '"');
}

/* An empty cell for NULL. */
static int cell(struct table *table, const char *text)
{
    if (table->begun)
        ML_TRY(ml_buf_append_char(table->out, ','));
    table->begun = true;
    if (!text)
        return MLEDGER_OK;
    if (is_formula(text)) {
        const char *safe = ml_document_text(&table->document, "'%s", text);
        return safe ? write_quoted(safe, table->out) : ml_fail_memory();
    }
    return strpbrk(text, ",\"\r\n") ? write_quoted(text, table->out)
                                    : ml_buf_append_text(table->out, text);
}

static int number_cell(struct table *table, uint64_t number)
{
    const char *text = ml_document_text(&table->document, "%" PRIu64, number);
    return text ? cell(table, text) : ml_fail_memory();
}

static int record_cells(struct table *table, const struct ml_account_record *record)
{
    struct ml_document *document = &table->document;
    if (!record) {
        ML_TRY(cell(table, NULL));
        return cell(table, NULL);
    }
    ML_TRY(number_cell(table, record->seq));
    return cell(table, ml_document_hex(document, record->link, ML_HASH_SIZE));
}

static int end_row(struct table *table)
{
    ML_TRY(record_cells(table, table->document.account->head));
    table->begun = false;
    return ml_buf_append_char(table->out, '\n');
}

static int heading(struct table *table, const char *const *names)
{
    for (; *names; names++)
        ML_TRY(cell(table, *names));
    ML_TRY(cell(table, "head_seq"));
    ML_TRY(cell(table, "head_link"));
    table->begun = false;
    return ml_buf_append_char(table->out, '\n');
}

/* ---- nodes ---- */

static int flags_cell(struct table *table, unsigned flags)
{
    static const char *const names[] = {"asked", "unseen", "erased", "deleted", "missing", "cut"};
    const char *text = "";
    for (size_t i = 0; i < ML_COUNT(names) && text; i++)
        if (flags & 1u << i)
            text = ml_document_text(&table->document, "%s%s%s", text, *text ? " " : "", names[i]);
    return text ? cell(table, text) : ml_fail_memory();
}

static int digests_cell(struct table *table, const struct ml_node *node)
{
    const char *text = "";
    for (size_t i = 0; i < node->n_digests && text; i++) {
        char digest[ML_DIGEST_TEXT_SIZE];
        ml_digest_text(node->digests[i], 0, digest);
        text = ml_document_text(&table->document, "%s%s%s", text, *text ? " " : "", digest);
    }
    return text ? cell(table, text) : ml_fail_memory();
}

static int actors_cell(struct table *table, size_t node)
{
    const struct ml_account *account = table->document.account;
    const char *text = "";
    size_t agent, at, next = 0;
    while (text &&
           (agent = ml_account_before(account, node, ML_ROLE_ASSOCIATED, next, &at)) != SIZE_MAX) {
        text = ml_document_text(&table->document, "%s%s%s", text, *text ? " " : "",
                                account->nodes[agent].name);
        next = at + 1;
    }
    return text ? cell(table, text) : ml_fail_memory();
}

static int time_cell(struct table *table, int64_t time_us)
{
    return cell(table, ml_document_time(&table->document, time_us));
}

static int node_row(struct table *table, size_t node)
{
    const struct ml_node *of = &table->document.account->graph->nodes[node];
    const struct ml_account_node *at = &table->document.account->nodes[node];
    ML_TRY(cell(table, of->id));
    ML_TRY(cell(table, ml_node_kind_name(of->kind)));
    ML_TRY(cell(table, of->label));
    ML_TRY(record_cells(table, at->record));
    ML_TRY(time_cell(table, at->record->recorded_us));
    ML_TRY(time_cell(table, at->record->claimed_us));
    ML_TRY(flags_cell(table, of->flags));
    ML_TRY(cell(table, at->status));
    ML_TRY(cell(table, at->stage));
    ML_TRY(time_cell(table, at->began ? ml_account_when(at->began) : ML_NO_TIME));
    ML_TRY(time_cell(table, at->ended ? ml_account_when(at->ended) : ML_NO_TIME));
    ML_TRY(actors_cell(table, node));
    ML_TRY(cell(table, at->uri));
    ML_TRY(digests_cell(table, of));
    return end_row(table);
}

static int write_nodes(struct table *table)
{
    static const char *const names[] = {
        "id",     "kind",  "label", "seq",   "link",   "recorded", "claimed", "flags",
        "status", "stage", "began", "ended", "actors", "source",   "digests", NULL};
    ML_TRY(heading(table, names));
    for (size_t i = 0; i < table->document.account->graph->n_nodes; i++)
        ML_TRY(node_row(table, i));
    return MLEDGER_OK;
}

/* ---- edges ---- */

static int edge_row(struct table *table, const struct ml_edge *edge)
{
    const struct ml_account *account = table->document.account;
    const struct ml_account_record *record = ml_account_record(account, edge->seqs[0]);
    const char *seqs = "";
    for (size_t i = 0; i < edge->n_seqs && seqs; i++)
        seqs =
            ml_document_text(&table->document, "%s%s%" PRIu64, seqs, i ? " " : "", edge->seqs[i]);
    ML_TRY(cell(table, account->graph->nodes[edge->from].id));
    ML_TRY(cell(table, account->graph->nodes[edge->from].label));
    ML_TRY(cell(table, ml_edge_role_name(edge->role)));
    ML_TRY(cell(table, ml_edge_kind_name(edge->kind)));
    ML_TRY(cell(table, account->graph->nodes[edge->to].id));
    ML_TRY(cell(table, account->graph->nodes[edge->to].label));
    ML_TRY(seqs ? cell(table, seqs) : ml_fail_memory());
    ML_TRY(cell(table, ml_document_hex(&table->document, record->link, ML_HASH_SIZE)));
    ML_TRY(time_cell(table, record->recorded_us));
    ML_TRY(cell(table, edge->grounds));
    return end_row(table);
}

static int write_edges(struct table *table)
{
    static const char *const names[] = {"from",     "from_label", "role", "basis",
                                        "to",       "to_label",   "seqs", "link",
                                        "recorded", "grounds",    NULL};
    const struct ml_graph *graph = table->document.account->graph;
    ML_TRY(heading(table, names));
    for (size_t i = 0; i < graph->n_edges; i++)
        ML_TRY(edge_row(table, &graph->edges[i]));
    return MLEDGER_OK;
}

/* ---- values ---- */

static int value_row(struct table *table, size_t node, const char *type, const char *name,
                     const char *value, const char *step, uint64_t seq)
{
    const struct ml_node *of = &table->document.account->graph->nodes[node];
    ML_TRY(cell(table, of->id));
    ML_TRY(cell(table, of->label));
    ML_TRY(cell(table, type));
    ML_TRY(cell(table, name));
    ML_TRY(cell(table, value));
    ML_TRY(cell(table, step));
    ML_TRY(record_cells(table, ml_account_record(table->document.account, seq)));
    return end_row(table);
}

static int digest_row(struct table *table, size_t node, const Mledger__Digest *digest)
{
    const struct ml_node *of = &table->document.account->graph->nodes[node];
    const char *hex = ml_document_hex(&table->document, digest->value.data, digest->value.len);
    return value_row(table, node,
                     digest->standing == MLEDGER__STANDING__SEEN ? "digest seen" : "digest claimed",
                     ml_algorithm_name(digest->algorithm), hex, NULL, of->seq);
}

/* A parameter set of a run in the graph: the run has the same values. */
static bool is_said_by_run(const struct table *table, size_t node)
{
    const struct ml_account *account = table->document.account;
    size_t at, user = ml_account_after(account, node, ML_ROLE_PARAMETERS, 0, &at);
    return user != SIZE_MAX && account->graph->nodes[user].kind == ML_NODE_RUN;
}

static int value_rows(struct table *table, size_t node)
{
    const struct ml_node *of = &table->document.account->graph->nodes[node];
    const struct ml_account_node *at = &table->document.account->nodes[node];
    for (size_t i = 0; !is_said_by_run(table, node) && i < at->n_params; i++)
        ML_TRY(value_row(table, node, "param", at->params[i].key, at->params[i].value, NULL,
                         at->params[i].seq));
    for (size_t i = 0; i < at->n_metrics; i++)
        ML_TRY(value_row(table, node, "metric", at->metrics[i].name, at->metrics[i].value,
                         ml_document_text(&table->document, "%" PRId64, at->metrics[i].step),
                         at->metrics[i].seq));
    for (size_t i = 0; i < at->n_checks; i++)
        ML_TRY(value_row(table, node, at->checks[i].passed ? "check passed" : "check not passed",
                         at->checks[i].name, at->checks[i].value, NULL, of->seq));
    for (size_t i = 0; i < of->n_digests; i++)
        ML_TRY(digest_row(table, node, of->digests[i]));
    return MLEDGER_OK;
}

static int write_values(struct table *table)
{
    static const char *const names[] = {"id",   "label", "type", "name", "value",
                                        "step", "seq",   "link", NULL};
    ML_TRY(heading(table, names));
    for (size_t i = 0; i < table->document.account->graph->n_nodes; i++)
        ML_TRY(value_rows(table, i));
    return MLEDGER_OK;
}

/* ---- all of it ---- */

static int write_table(struct table *table, const char *which)
{
    if (which && strcmp(which, "edges") == 0)
        ML_TRY(write_edges(table));
    else if (which && strcmp(which, "values") == 0)
        ML_TRY(write_values(table));
    else
        ML_TRY(write_nodes(table));
    return table->document.failed ? ml_fail_memory() : MLEDGER_OK;
}

static void release_table(struct table *table)
{
    ml_document_release(&table->document);
}

int ml_export_csv(const struct ml_account *account, const struct ml_export_options *options,
                  struct ml_buf *out)
{
    ML_CLEANUP(release_table) struct table table = {.out = out};
    size_t before = out->len;
    ML_TRY(ml_document_init(&table.document, account, json_object()));
    int result = write_table(&table, options->table);
    if (result < 0)
        out->len = before;
    return result;
}
