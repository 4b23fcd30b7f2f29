/* SPDX-License-Identifier: Apache-2.0 */
/* What differs from the version that was in Production before. */
#include <inttypes.h>

#include "export/report_part.h"

static void put_fact(struct report *report, const struct ml_fact *fact)
{
    ml_paper_cell(report->paper);
    if (!fact) {
        ml_paper_line(report->paper, ML_PAPER_QUIET, "not there");
        return;
    }
    if (fact->value && (fact->kind == ML_FACT_DATA || fact->kind == ML_FACT_CODE))
        ml_paper_code(report->paper, "%s", fact->value);
    else if (fact->value)
        ml_paper_text(report->paper, fact->value);
    else
        ml_paper_line(report->paper, ML_PAPER_WARN, "not known");
    if (fact->on)
        ml_paper_line(report->paper, ML_PAPER_QUIET, "on %s", fact->on);
    if (fact->by == ML_EDGE_INFERRED)
        ml_paper_line(report->paper, ML_PAPER_QUIET, "inferred");
    ml_paper_seqs(report->paper, fact->seqs, fact->n_seqs);
}

static void line_row(struct report *report, const struct ml_difference_line *line)
{
    struct ml_paper *paper = report->paper;
    ml_paper_row(paper);
    ml_paper_cell(paper);
    ml_paper_text(paper, ml_fact_kind_name(line->kind));
    ml_paper_cell(paper);
    ml_paper_text(paper, line->key);
    ml_paper_cell(paper);
    ml_paper_text(paper, ml_difference_change_name(line->change));
    put_fact(report, line->before);
    put_fact(report, line->after);
}

int report_differences(struct report *report)
{
    static const struct ml_paper_column columns[] = {{"kind", "Of"},
                                                     {"key", "What"},
                                                     {"change", "Change"},
                                                     {"before", "Before"},
                                                     {"after", "Now"}};
    const struct ml_dossier *dossier = report->dossier;
    const struct ml_difference *difference = &dossier->difference;
    size_t same = 0;
    ml_paper_section(report->paper, "differences", "What changed from the version before");
    if (!dossier->has_previous) {
        ml_paper_note(report->paper, ML_PAPER_PLAIN,
                      "No other version of the model was in Production before this one.");
        return MLEDGER_OK;
    }
    ml_paper_note(report->paper, ML_PAPER_PLAIN,
                  "Compared with %s/%" PRIu64 ", which was in Production before.",
                  dossier->model_name, dossier->previous.version);
    ml_paper_seq(report->paper, dossier->previous.registered_seq);
    REPORT_TABLE(report->paper, "changes", "What is not the same", columns);
    for (size_t i = 0; i < difference->count; i++) {
        same += difference->lines[i].change == ML_SAME;
        if (difference->lines[i].change != ML_SAME)
            line_row(report, &difference->lines[i]);
    }
    ml_paper_note(report->paper, ML_PAPER_QUIET, "%zu fact%s the same in both.", same,
                  same == 1 ? " is" : "s are");
    return MLEDGER_OK;
}
