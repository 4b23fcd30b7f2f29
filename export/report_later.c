/* SPDX-License-Identifier: Apache-2.0 */
/* What was recorded after the moment of a report and bears on it. */
#include "export/report_part.h"

/* With links to the records of the report that it touches. */
static void put_what(struct report *report, const struct ml_correction *correction)
{
    struct ml_paper *paper = report->paper;
    ml_paper_cell(paper);
    ml_paper_line(paper, ML_PAPER_PLAIN, "%s%s%s", correction->subject,
                  *correction->subject && *correction->summary ? ", " : "", correction->summary);
    if (correction->n_of)
        ml_paper_line(paper, ML_PAPER_WARN, "%s",
                      correction->kind == ML_CORRECTION_REVOCATION ? "casts doubt on"
                      : correction->kind == ML_CORRECTION_ERASURE  ? "took away details of"
                                                                   : "the clock was wrong at");
    ml_paper_seqs(paper, correction->of, correction->n_of);
}

/* Their numbers are no links: the records are not of the report, and not described in it. */
int report_later(struct report *report)
{
    static const struct ml_paper_column columns[] = {
        {"seq", "Record"},           {"kind", "Kind"},         {"what", "What"},
        {"claimed", "Claimed time"}, {"recorded", "Recorded"}, {"by", "By"}};
    const struct ml_corrections *corrections = &report->dossier->corrections;
    struct ml_paper *paper = report->paper;
    if (corrections->count == 0)
        return MLEDGER_OK;
    ml_paper_section(paper, "later", "What was recorded later");
    ml_paper_note(paper, ML_PAPER_WARN,
                  "These records were made after the moment of this report and bear on it: what "
                  "claims to have happened by then, what went wrong, and what is not trusted any "
                  "more. Nothing above counts them.");
    REPORT_TABLE(paper, "corrections", "Recorded later, and not in this report", columns);
    for (size_t i = 0; i < corrections->count; i++) {
        const struct ml_correction *correction = &corrections->list[i];
        ml_paper_row(paper);
        ml_paper_cell(paper);
        ml_paper_number(paper, correction->change.seq);
        ml_paper_cell(paper);
        ml_paper_text(paper, ml_correction_kind_name(correction->kind));
        put_what(report, correction);
        ml_paper_cell(paper);
        ml_paper_time(paper, correction->change.claimed_us);
        ml_paper_cell(paper);
        ml_paper_time(paper, correction->change.recorded_us);
        ml_paper_cell(paper);
        ml_paper_text(paper, correction->change.who);
    }
    return MLEDGER_OK;
}
