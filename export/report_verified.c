/* SPDX-License-Identifier: Apache-2.0 */
/* What the verifier found, and what it could not prove. */
#include <inttypes.h>

#include "export/report_part.h"

static void say_not_run(struct report *report)
{
    uint64_t known = report->verification->known_size;
    if (known == 0)
        ml_paper_note(report->paper, ML_PAPER_WARN,
                      "No verification was run for this report, and none is known here: what "
                      "it says was read from the records as they stand.");
    else
        ml_paper_note(report->paper, ML_PAPER_WARN,
                      "No verification was run for this report. An earlier one found the first "
                      "%" PRIu64 " records in order, as this machine remembers.",
                      known);
}

static void facts(struct report *report)
{
    const struct ml_report_verification *verified = report->verification;
    struct ml_paper *paper = report->paper;
    ml_paper_facts(paper, "facts");
    ml_paper_fact(paper, "verdict", "Verdict");
    ml_paper_line(paper, verified->faults ? ML_PAPER_BAD : ML_PAPER_GOOD, "%s",
                  verified->faults ? "NOT verified" : "verified");
    ml_paper_fact(paper, "records", "Records read and checked");
    ml_paper_number(paper, verified->records);
    ml_paper_fact(paper, "statements", "Statements of people's own keys checked");
    ml_paper_number(paper, verified->statements);
    ml_paper_fact(paper, "faults", "Faults");
    ml_paper_number(paper, verified->faults);
    ml_paper_fact(paper, "doubts", "Records in doubt");
    ml_paper_number(paper, verified->doubts);
    ml_paper_fact(paper, "anchored", "Records under a checkpoint kept elsewhere");
    ml_paper_number(paper, verified->anchored);
    ml_paper_fact(paper, "witnessed", "Records under a checkpoint that witnesses cosigned");
    ml_paper_number(paper, verified->witnessed_size);
    if (verified->witnessed_size)
        ml_paper_seq(paper, verified->witnessed_seq);
}

static bool is_named(const uint64_t *seqs, size_t count, uint64_t seq)
{
    for (size_t i = 0; i < count; i++)
        if (seqs[i] == seq)
            return true;
    return false;
}

static bool is_of_lineage(const struct ml_graph *graph, uint64_t seq)
{
    for (size_t i = 0; i < graph->n_nodes; i++)
        if (graph->nodes[i].seq == seq)
            return true;
    for (size_t i = 0; i < graph->n_edges; i++)
        if (is_named(graph->edges[i].seqs, graph->edges[i].n_seqs, seq))
            return true;
    return false;
}

static bool is_of_history(const struct ml_dossier *dossier, uint64_t seq)
{
    for (size_t i = 0; i < dossier->n_history; i++)
        if (dossier->history[i]->header->seq == seq)
            return true;
    return false;
}

static bool is_among(const struct ml_run_values *values, uint64_t seq)
{
    for (size_t i = 0; i < values->count; i++)
        if (values->list[i].seq == seq)
            return true;
    return false;
}

static bool is_of_run(const struct ml_run_past *run, uint64_t seq)
{
    for (size_t i = 0; i < run->n_outputs; i++)
        if (run->outputs[i].seq == seq)
            return true;
    return run->ended_seq == seq || is_among(&run->params, seq) || is_among(&run->metrics, seq) ||
           is_among(&run->tags, seq);
}

size_t report_doubts_count(const struct report *report)
{
    const struct ml_report_verification *verified = report->verification;
    size_t seen = 0, ours = 0;
    for (size_t i = 0; i < verified->n_findings; i++) {
        const struct ml_report_finding *finding = &verified->findings[i];
        if (finding->severity != ML_REPORT_DOUBT)
            continue;
        seen++;
        ours += is_of_history(report->dossier, finding->seq) ||
                is_of_lineage(report->dossier->graph, finding->seq) ||
                (report->dossier->has_run && is_of_run(&report->dossier->run, finding->seq));
    }
    return seen == verified->doubts ? ours : SIZE_MAX;
}

static void finding_row(struct report *report, const struct ml_report_finding *finding)
{
    static const char *const words[] = {[ML_REPORT_FAULT] = "fault",
                                        [ML_REPORT_DOUBT] = "doubt",
                                        [ML_REPORT_NOT_PROVEN] = "not proven"};
    static const enum ml_paper_tone tones[] = {[ML_REPORT_FAULT] = ML_PAPER_BAD,
                                               [ML_REPORT_DOUBT] = ML_PAPER_WARN,
                                               [ML_REPORT_NOT_PROVEN] = ML_PAPER_WARN};
    struct ml_paper *paper = report->paper;
    ml_paper_row(paper);
    ml_paper_cell(paper);
    ml_paper_line(paper, tones[finding->severity], "%s", words[finding->severity]);
    ml_paper_cell(paper);
    ml_paper_text(paper, finding->text);
    ml_paper_cell(paper);
    ml_paper_code(paper, "%s", finding->code);
    ml_paper_cell(paper);
    if (finding->seq == MLEDGER_NO_SEQ)
        ml_paper_line(paper, ML_PAPER_QUIET, "of the whole");
    ml_paper_seq(paper, finding->seq);
}

int report_verified(struct report *report)
{
    static const struct ml_paper_column columns[] = {
        {"severity", "Verdict"}, {"text", "What"}, {"code", "Code"}, {"records", "Record"}};
    const struct ml_report_verification *verified = report->verification;
    struct ml_paper *paper = report->paper;
    ml_paper_section(paper, "verification", "Verification, and what was not proven");
    if (!verified->was_run) {
        say_not_run(report);
        return MLEDGER_OK;
    }
    ml_paper_note(paper, ML_PAPER_PLAIN,
                  "The verifier read every record of the ledger and derived everything else "
                  "again: encoding, numbers, chain, signatures, who was allowed to sign, every "
                  "rule and policy. It does not prove that what was recorded is true.");
    facts(report);
    if (verified->n_findings == 0) {
        ml_paper_note(paper, ML_PAPER_GOOD,
                      "Nothing was found to be wrong, in doubt or without proof.");
        return MLEDGER_OK;
    }
    REPORT_TABLE(paper, "findings", "Faults, doubts, and what was not proven", columns);
    for (size_t i = 0; i < verified->n_findings; i++)
        finding_row(report, &verified->findings[i]);
    uint64_t all = verified->faults + verified->doubts + verified->not_proven;
    if (all > verified->n_findings)
        ml_paper_note(paper, ML_PAPER_WARN,
                      "%" PRIu64 " more findings are left out here; mledger verify lists all.",
                      all - verified->n_findings);
    return MLEDGER_OK;
}
