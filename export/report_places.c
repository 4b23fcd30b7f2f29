/* SPDX-License-Identifier: Apache-2.0 */
/* Where the version is and was: stages, aliases, deployments, as intervals from (in) until (not).
 */
#include <inttypes.h>

#include "export/report_part.h"

static int stage_row(struct report *report, const struct ml_stage_interval *interval)
{
    struct ml_paper *paper = report->paper;
    ml_paper_row(paper);
    ml_paper_cell(paper);
    ml_paper_text(paper, interval->stage);
    ml_paper_cell(paper);
    ml_paper_time(paper, interval->from_us);
    if (interval->imported)
        ml_paper_line(paper, ML_PAPER_QUIET,
                      "found there in another registry: since when is not known");
    ml_paper_cell(paper);
    if (interval->to_seq == MLEDGER_NO_SEQ)
        ml_paper_line(paper, ML_PAPER_PLAIN, "it is there still");
    else
        ml_paper_time(paper, interval->to_us);
    ml_paper_cell(paper);
    if (!interval->imported)
        ML_TRY(report_actor(report, interval->author));
    ml_paper_cell(paper);
    ml_paper_seq(paper, interval->from_seq);
    ml_paper_seq(paper, interval->to_seq);
    return MLEDGER_OK;
}

int report_places(struct report *report)
{
    static const struct ml_paper_column columns[] = {{"stage", "Stage"},
                                                     {"from", "From"},
                                                     {"until", "Until"},
                                                     {"by", "Put there by"},
                                                     {"records", "Records"}};
    const struct ml_version_past *past = &report->dossier->past;
    ml_paper_section(report->paper, "places", "Where it is and was");
    REPORT_TABLE(report->paper, "stages", "Stages", columns);
    for (size_t i = 0; i < past->n_intervals; i++)
        ML_TRY(stage_row(report, &past->intervals[i]));
    return MLEDGER_OK;
}
