/* SPDX-License-Identifier: Apache-2.0 */
/* What it was made from: data and code, with their digests. */
#include <inttypes.h>

#include "export/report_part.h"
#include "ledger/query/snapshot.h"

/* ---- what the edges of lineage say of a node ---- */

static const char *mark(const struct ml_edge *edge)
{
    switch (edge->kind) {
    case ML_EDGE_INFERRED:
        return "perhaps ";
    case ML_EDGE_CONFIRMED:
        return "confirmed: ";
    default:
        return "";
    }
}

static const char *verb(const struct ml_edge *edge, bool outward)
{
    switch (edge->role) {
    case ML_ROLE_USED:
        return outward ? "read by" : NULL;
    case ML_ROLE_TRAINED_ON:
        return outward ? "training data of" : NULL;
    case ML_ROLE_GENERATED:
        return outward ? NULL : "made by";
    case ML_ROLE_DERIVED_FROM:
        return outward ? "led to" : "made from";
    case ML_ROLE_SAME_CONTENT:
        return "same content as";
    case ML_ROLE_CODE:
        return outward ? "code of" : NULL;
    default:
        return NULL;
    }
}

static void put_use(struct report *report, const struct ml_edge *edge, bool outward)
{
    const struct ml_graph *graph = report->dossier->graph;
    const struct ml_node *other = &graph->nodes[outward ? edge->to : edge->from];
    const char *word = verb(edge, outward);
    if (!word)
        return;
    ml_paper_line(report->paper, ML_PAPER_PLAIN, "%s%s %s", mark(edge), word, other->label);
    ml_paper_seqs(report->paper, edge->seqs, edge->n_seqs);
}

static void put_uses(struct report *report, size_t node)
{
    const struct ml_graph *graph = report->dossier->graph;
    for (size_t i = 0; i < graph->n_edges; i++)
        if (graph->edges[i].from == node || graph->edges[i].to == node)
            put_use(report, &graph->edges[i], graph->edges[i].from == node);
}

static void put_node_digests(struct report *report, const struct ml_node *node)
{
    /* The graph's digests are const through and through; the list is only read. */
    for (size_t i = 0; i < node->n_digests; i++) {
        Mledger__Digest digest = *node->digests[i];
        report_digests(report, (Mledger__Digest *[]){&digest}, 1);
    }
    if (node->n_digests == 0)
        ml_paper_line(report->paper, ML_PAPER_WARN, "no digest of the whole content");
}

/* ---- training data ---- */

/* As the run says, else as the dataset's own record does that names the same content. */
static int put_input_size(struct report *report, const Mledger__Input *input)
{
    const struct ml_graph *graph = report->dossier->graph;
    if (input->has_size) {
        ml_paper_number(report->paper, input->size);
        return MLEDGER_OK;
    }
    for (size_t i = 0; i < graph->n_nodes; i++) {
        const struct ml_node *node = &graph->nodes[i];
        const struct ml_record *record;
        if (node->kind != ML_NODE_DATASET ||
            !ml_digests_meet((const Mledger__Digest *const *)node->digests, node->n_digests,
                             (const Mledger__Digest *const *)input->digests, input->n_digests))
            continue;
        ML_TRY(ml_reader_record(&report->dossier->reader, node->seq, &record));
        if (record->event->kind_case != MLEDGER__EVENT__KIND_DATASET_RECORDED ||
            !record->event->dataset_recorded->has_size)
            continue;
        ml_paper_number(report->paper, record->event->dataset_recorded->size);
        ml_paper_seq(report->paper, node->seq);
        break;
    }
    return MLEDGER_OK;
}

static int input_row(struct report *report, const struct ml_run_input *read)
{
    const Mledger__Input *input = read->input;
    struct ml_paper *paper = report->paper;
    ml_paper_row(paper);
    ml_paper_cell(paper);
    ml_paper_text(paper, input->name);
    ml_paper_cell(paper);
    if (input->role)
        ml_paper_text(paper, input->role);
    ml_paper_cell(paper);
    report_digests(report, input->digests, input->n_digests);
    if (input->n_digests == 0)
        ml_paper_line(paper, ML_PAPER_WARN, "no digest of the whole content");
    for (size_t i = 0; i < input->n_labels; i++)
        ml_paper_line(paper, ML_PAPER_QUIET, "label %s %s, which identifies nothing",
                      input->labels[i]->scheme, input->labels[i]->value);
    ml_paper_cell(paper);
    ML_TRY(put_input_size(report, input));
    ml_paper_cell(paper);
    ml_paper_seq(paper, read->seq);
    if (input->has_dataset_ref)
        ml_paper_seq(paper, input->dataset_ref);
    return MLEDGER_OK;
}

static int inputs(struct report *report)
{
    static const struct ml_paper_column columns[] = {{"name", "Data"},
                                                     {"role", "Role"},
                                                     {"digests", "Digests"},
                                                     {"size", "Bytes"},
                                                     {"records", "Records"}};
    const struct ml_dossier *dossier = report->dossier;
    if (!dossier->has_run)
        return MLEDGER_OK;
    REPORT_TABLE(report->paper, "inputs", "What the run says it read", columns);
    for (size_t i = 0; i < dossier->run.n_inputs; i++)
        ML_TRY(input_row(report, &dossier->run.inputs[i]));
    return MLEDGER_OK;
}

static bool is_content(const struct ml_node *node)
{
    return node->kind == ML_NODE_DATASET || node->kind == ML_NODE_FILE ||
           node->kind == ML_NODE_SOURCE;
}

static void content_row(struct report *report, size_t index)
{
    const struct ml_node *node = &report->dossier->graph->nodes[index];
    struct ml_paper *paper = report->paper;
    ml_paper_row(paper);
    ml_paper_cell(paper);
    ml_paper_line(paper, ML_PAPER_PLAIN, "%s %s", ml_node_kind_name(node->kind), node->label);
    if (node->flags & ML_NODE_ERASED)
        ml_paper_line(paper, ML_PAPER_WARN, "its details were erased");
    ml_paper_cell(paper);
    put_node_digests(report, node);
    ml_paper_cell(paper);
    put_uses(report, index);
    ml_paper_seq(paper, node->seq);
}

int report_data(struct report *report)
{
    static const struct ml_paper_column columns[] = {
        {"what", "What"}, {"digests", "Digests"}, {"use", "Made by, used by; records"}};
    const struct ml_graph *graph = report->dossier->graph;
    struct ml_paper *paper = report->paper;
    ml_paper_section(paper, "data", "Training data");
    ml_paper_note(paper, ML_PAPER_PLAIN,
                  "\u201cSeen\u201d means that whoever recorded it hashed the content; "
                  "\u201cclaimed\u201d that a file or another system says so. \u201cSame "
                  "content as\u201d joins what bears the same digest, which no record says "
                  "itself; \u201cperhaps\u201d was computed from commits and parameters.");
    ML_TRY(inputs(report));
    REPORT_TABLE(paper, "content", "All data and files that lineage leads to", columns);
    for (size_t i = 0; i < graph->n_nodes; i++)
        if (is_content(&graph->nodes[i]))
            content_row(report, i);
    return MLEDGER_OK;
}

/* ---- code ---- */

static const char *attribute(const struct ml_node *node, const char *name)
{
    for (size_t i = 0; i < node->n_attributes; i++)
        if (strcmp(node->attributes[i].name, name) == 0)
            return node->attributes[i].value;
    return NULL;
}

static void commit_row(struct report *report, size_t index)
{
    const struct ml_node *node = &report->dossier->graph->nodes[index];
    struct ml_paper *paper = report->paper;
    ml_paper_row(paper);
    ml_paper_cell(paper);
    put_node_digests(report, node);
    ml_paper_cell(paper);
    put_uses(report, index);
    ml_paper_seq(paper, node->seq);
}

static void stage_row(struct report *report, const struct ml_node *node)
{
    struct ml_paper *paper = report->paper;
    ml_paper_row(paper);
    ml_paper_cell(paper);
    ml_paper_text(paper, node->label);
    ml_paper_cell(paper);
    ml_paper_text(paper, attribute(node, "pipeline"));
    ml_paper_cell(paper);
    for (size_t i = 0; i < node->n_attributes; i++)
        if (strcmp(node->attributes[i].name, "command") == 0)
            ml_paper_code(paper, "%s", node->attributes[i].value);
    ml_paper_cell(paper);
    ml_paper_seq(paper, node->seq);
}

int report_code(struct report *report)
{
    static const struct ml_paper_column commits[] = {{"commit", "Commit"}, {"use", "Code of"}};
    static const struct ml_paper_column stages[] = {{"stage", "Stage"},
                                                    {"pipeline", "Pipeline"},
                                                    {"command", "Command"},
                                                    {"records", "Record"}};
    const struct ml_graph *graph = report->dossier->graph;
    struct ml_paper *paper = report->paper;
    ml_paper_section(paper, "code", "Code");
    REPORT_TABLE(paper, "commits", "Commits", commits);
    for (size_t i = 0; i < graph->n_nodes; i++)
        if (graph->nodes[i].kind == ML_NODE_COMMIT)
            commit_row(report, i);
    REPORT_TABLE(paper, "stages", "Stages of pipelines", stages);
    for (size_t i = 0; i < graph->n_nodes; i++)
        if (graph->nodes[i].kind == ML_NODE_STAGE)
            stage_row(report, &graph->nodes[i]);
    return MLEDGER_OK;
}
