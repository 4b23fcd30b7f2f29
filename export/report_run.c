/* SPDX-License-Identifier: Apache-2.0 */
/* The run: how it went, its parameters and what it measured. */
#include <inttypes.h>

#include "export/report_part.h"

static const char *status_word(Mledger__RunStatus status)
{
    static const char *const words[] = {
        [MLEDGER__RUN_STATUS__RUNNING] = "has not ended",
        [MLEDGER__RUN_STATUS__SCHEDULED] = "scheduled",
        [MLEDGER__RUN_STATUS__FINISHED] = "finished",
        [MLEDGER__RUN_STATUS__FAILED] = "failed",
        [MLEDGER__RUN_STATUS__KILLED] = "killed",
    };
    return (size_t)status < ML_COUNT(words) && words[status] ? words[status] : "unknown";
}

/* By both clocks: of an imported run the recorded one says when it was imported. */
static int when_recorded(struct report *report, uint64_t seq)
{
    const struct ml_record *record;
    ML_TRY(ml_reader_record(&report->dossier->reader, seq, &record));
    report_when(report, record);
    ml_paper_seq(report->paper, seq);
    return MLEDGER_OK;
}

static int from_where(struct report *report, uint64_t seq)
{
    const struct ml_record *record;
    ML_TRY(ml_reader_record(&report->dossier->reader, seq, &record));
    report_import(report, record);
    return MLEDGER_OK;
}

static int run_facts(struct report *report)
{
    const struct ml_run_past *run = &report->dossier->run;
    struct ml_paper *paper = report->paper;
    bool good = run->status == MLEDGER__RUN_STATUS__FINISHED;
    ml_paper_facts(paper, "run");
    ml_paper_fact(paper, "id", "Run");
    ml_paper_code(paper, "%s", run->id);
    ml_paper_text(paper, run->name);
    ml_paper_seq(paper, run->seq);
    ml_paper_fact(paper, "status", "How it ended");
    ml_paper_line(paper, good ? ML_PAPER_PLAIN : ML_PAPER_WARN, "%s", status_word(run->status));
    ml_paper_seq(paper, run->ended_seq);
    ml_paper_fact(paper, "started", "Its start, recorded");
    ML_TRY(when_recorded(report, run->seq));
    ml_paper_fact(paper, "ended", "Its end, recorded");
    if (run->ended_seq != MLEDGER_NO_SEQ)
        ML_TRY(when_recorded(report, run->ended_seq));
    ml_paper_fact(paper, "by", "Whose run");
    ML_TRY(report_actor(report, run->author));
    return from_where(report, run->seq);
}

static bool say_no_run(struct report *report)
{
    if (report->dossier->has_run)
        return false;
    ml_paper_note(report->paper, ML_PAPER_WARN, "No run of this version is recorded.");
    return true;
}

static void value_cells(struct report *report, const struct ml_run_value *value)
{
    struct ml_paper *paper = report->paper;
    ml_paper_row(paper);
    ml_paper_cell(paper);
    ml_paper_text(paper, value->key);
    ml_paper_cell(paper);
    if (value->text)
        ml_paper_line(paper, ML_PAPER_PLAIN, "%s", value->text);
    else
        ml_paper_line(paper, ML_PAPER_WARN, "erased");
}

/* Parameters of the pipeline's stages, which lineage has. */
static void stage_params(struct report *report)
{
    static const struct ml_paper_column columns[] = {
        {"key", "Parameter"}, {"value", "Value"}, {"of", "Of"}, {"records", "Records"}};
    const struct ml_graph *graph = report->dossier->graph;
    struct ml_paper *paper = report->paper;
    REPORT_TABLE(paper, "upstream", "Parameters of pipeline stages before it", columns);
    for (size_t i = 0; i < graph->n_edges; i++) {
        const struct ml_edge *edge = &graph->edges[i];
        const struct ml_node *params = &graph->nodes[edge->from], *of = &graph->nodes[edge->to];
        if (edge->role != ML_ROLE_PARAMETERS || of->kind != ML_NODE_STAGE)
            continue;
        for (size_t k = 0; k < params->n_attributes; k++) {
            ml_paper_row(paper);
            ml_paper_cell(paper);
            ml_paper_text(paper, params->attributes[k].name);
            ml_paper_cell(paper);
            ml_paper_text(paper, params->attributes[k].value);
            ml_paper_cell(paper);
            ml_paper_text(paper, of->label);
            ml_paper_cell(paper);
            ml_paper_seqs(paper, edge->seqs, edge->n_seqs);
        }
    }
}

int report_parameters(struct report *report)
{
    static const struct ml_paper_column columns[] = {
        {"key", "Parameter"}, {"value", "Value"}, {"records", "Record"}};
    const struct ml_run_values *params = &report->dossier->run.params;
    struct ml_paper *paper = report->paper;
    ml_paper_section(paper, "parameters", "The run and its parameters");
    if (!say_no_run(report)) {
        ML_TRY(run_facts(report));
        REPORT_TABLE(paper, "params", "Parameters of the run", columns);
        for (size_t i = 0; i < params->count; i++) {
            value_cells(report, &params->list[i]);
            ml_paper_cell(paper);
            ml_paper_seq(paper, params->list[i].seq);
        }
    }
    stage_params(report);
    return MLEDGER_OK;
}

int report_metrics(struct report *report)
{
    static const struct ml_paper_column columns[] = {{"key", "Metric"},
                                                     {"value", "Newest value, as written"},
                                                     {"step", "Step"},
                                                     {"points", "Values recorded"},
                                                     {"records", "Record"}};
    const struct ml_run_values *metrics = &report->dossier->run.metrics;
    struct ml_paper *paper = report->paper;
    ml_paper_section(paper, "metrics", "Metrics");
    if (say_no_run(report))
        return MLEDGER_OK;
    REPORT_TABLE(paper, "metrics", "Metrics of the run", columns);
    for (size_t i = 0; i < metrics->count; i++) {
        const struct ml_run_value *metric = &metrics->list[i];
        value_cells(report, metric);
        ml_paper_cell(paper);
        ml_paper_line(paper, ML_PAPER_PLAIN, "%" PRId64, metric->step);
        ml_paper_cell(paper);
        ml_paper_number(paper, metric->points);
        ml_paper_cell(paper);
        ml_paper_seq(paper, metric->seq);
    }
    return MLEDGER_OK;
}
