/* SPDX-License-Identifier: Apache-2.0 */
/* Where the version is and was: stages, aliases, deployments, as intervals from (in) until (not).
 */
#include <inttypes.h>
#include <stdio.h>

#include "export/draw_timeline.h"
#include "export/report_part.h"
#include "ledger/query/approvals.h"

/* ---- intervals ---- */

static void put_change(struct report *report, const struct ml_change *change)
{
    ml_paper_time(report->paper, change->recorded_us);
    if (change->claimed_us != change->recorded_us)
        report_claimed(report, change->claimed_us);
    ml_paper_seq(report->paper, change->seq);
}

static void put_until(struct report *report, const struct ml_interval *interval)
{
    ml_paper_cell(report->paper);
    if (interval->to.seq == MLEDGER_NO_SEQ) {
        ml_paper_text(report->paper, "it is there still");
        return;
    }
    put_change(report, &interval->to);
    if (interval->to.what)
        ml_paper_line(report->paper, ML_PAPER_QUIET, "%s", interval->to.what);
}

static int put_change_by(struct report *report, const struct ml_interval *interval)
{
    const struct ml_record *record;
    ML_TRY(ml_reader_record(&report->dossier->reader, interval->from.seq, &record));
    ml_paper_cell(report->paper);
    ml_paper_text(report->paper, interval->from.who);
    report_import(report, record);
    ml_paper_cell(report->paper);
    if (interval->from.erased)
        ml_paper_line(report->paper, ML_PAPER_WARN, "erased");
    else
        ml_paper_text(report->paper, interval->from.reason);
    return MLEDGER_OK;
}

static int interval_row(struct report *report, const struct ml_interval *interval)
{
    struct ml_paper *paper = report->paper;
    ml_paper_row(paper);
    ml_paper_cell(paper);
    ml_paper_text(paper, interval->name);
    if (interval->environment)
        ml_paper_line(paper, ML_PAPER_QUIET, "%s", interval->environment);
    if (interval->kind == ML_INTERVAL_DEPLOYMENT) {
        ml_paper_cell(paper);
        ml_paper_line(paper, ML_PAPER_PLAIN, "%.4g %%", interval->share_ppm / 10000.0);
    }
    ml_paper_cell(paper);
    put_change(report, &interval->from);
    if (interval->imported)
        ml_paper_line(paper, ML_PAPER_QUIET,
                      "found there in another registry: since when is not known");
    put_until(report, interval);
    return put_change_by(report, interval);
}

static int intervals(struct report *report, enum ml_interval_kind kind)
{
    const struct ml_intervals *all = &report->dossier->intervals;
    for (size_t i = 0; i < all->count; i++)
        if (all->list[i].kind == kind)
            ML_TRY(interval_row(report, &all->list[i]));
    return MLEDGER_OK;
}

/* The same as a picture. */
static void draw(struct report *report)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf svg = {0};
    char query[1200];
    snprintf(query, sizeof query, "where %s is and was", report->reference);
    const struct ml_draw_frame frame = report_frame(report, query);
    const struct ml_timeline timeline =
        ml_timeline_of(&report->dossier->intervals, report->dossier->as_of_us);
    report_picture(report, ml_draw_timeline(&timeline, &frame, "timeline", &svg), "timeline",
                   "Stages, aliases and deployments in time", &svg);
}

int report_places(struct report *report)
{
    static const struct ml_paper_column stages[] = {{"stage", "Stage"},
                                                    {"from", "From"},
                                                    {"until", "Until"},
                                                    {"by", "Put there by"},
                                                    {"why", "Why"}};
    static const struct ml_paper_column aliases[] = {
        {"alias", "Alias"}, {"from", "From"}, {"until", "Until"}, {"by", "Set by"}, {"why", "Why"}};
    static const struct ml_paper_column deployments[] = {
        {"endpoint", "Endpoint"}, {"share", "Share"},    {"from", "From"},
        {"until", "Until"},       {"by", "Deployed by"}, {"why", "Why"}};
    ml_paper_section(report->paper, "places", "Where it is and was");
    ml_paper_note(report->paper, ML_PAPER_PLAIN,
                  "An interval begins with the record that is named first and lasts until before "
                  "the one named second. Times are those of recording; where a record claims "
                  "another, that stands below.");
    draw(report);
    REPORT_TABLE(report->paper, "stages", "Stages", stages);
    ML_TRY(intervals(report, ML_INTERVAL_STAGE));
    REPORT_TABLE(report->paper, "aliases", "Aliases", aliases);
    ML_TRY(intervals(report, ML_INTERVAL_ALIAS));
    REPORT_TABLE(report->paper, "deployments", "Deployments", deployments);
    return intervals(report, ML_INTERVAL_DEPLOYMENT);
}

/* ---- four eyes ---- */

static void put_same(struct report *report, const struct ml_approval *approval)
{
    static const enum ml_part parts[] = {ML_PART_TRAINER, ML_PART_REGISTRAR, ML_PART_REQUESTER,
                                         ML_PART_MOVER};
    ml_paper_cell(report->paper);
    if (approval->same_as == 0)
        ml_paper_line(report->paper, ML_PAPER_GOOD,
                      "somebody who neither trained, registered, requested nor moved it");
    for (size_t i = 0; i < ML_COUNT(parts); i++)
        if (approval->same_as & parts[i])
            ml_paper_line(report->paper, ML_PAPER_BAD, "the same person as the %s",
                          ml_part_name(parts[i]));
    if (approval->after)
        ml_paper_line(report->paper, ML_PAPER_BAD, "recorded after the version was moved there");
    else if (approval->after_claimed)
        ml_paper_line(report->paper, ML_PAPER_BAD, "made after it was moved there, as it claims");
}

static int eyes_row(struct report *report, const struct ml_interval *interval,
                    const struct ml_approval *approval)
{
    struct ml_paper *paper = report->paper;
    ml_paper_row(paper);
    ml_paper_cell(paper);
    ml_paper_text(paper, interval->name);
    ml_paper_cell(paper);
    put_change(report, &interval->from);
    ml_paper_cell(paper);
    if (!approval) {
        ml_paper_line(paper, ML_PAPER_WARN, "no approval is recorded");
        ml_paper_cell(paper);
        return MLEDGER_OK;
    }
    ML_TRY(report_actor(report, approval->change.author));
    ml_paper_line(paper, ML_PAPER_PLAIN, "%s", ml_decision_name(approval->decision));
    ml_paper_seq(paper, approval->change.seq);
    put_same(report, approval);
    return MLEDGER_OK;
}

static int eyes_on(struct report *report, const struct ml_interval *interval)
{
    struct ml_approvals approvals;
    if (interval->kind != ML_INTERVAL_STAGE || strcmp(interval->name, "None") == 0)
        return MLEDGER_OK;
    ML_TRY(ml_approvals_of(&report->dossier->reader, interval, &approvals));
    bool matters = strcmp(interval->name, ML_DOSSIER_PRODUCTION) == 0;
    if (approvals.count == 0)
        return matters ? eyes_row(report, interval, NULL) : MLEDGER_OK;
    for (size_t i = 0; i < approvals.count; i++)
        ML_TRY(eyes_row(report, interval, &approvals.list[i]));
    return MLEDGER_OK;
}

int report_eyes(struct report *report)
{
    static const struct ml_paper_column columns[] = {{"stage", "Stage"},
                                                     {"entered", "Entered"},
                                                     {"approver", "Approver and decision"},
                                                     {"eyes", "Who that was beside it"}};
    const struct ml_intervals *all = &report->dossier->intervals;
    REPORT_TABLE(report->paper, "eyes", "Whether others approved it than those who made it",
                 columns);
    for (size_t i = 0; i < all->count; i++)
        ML_TRY(eyes_on(report, &all->list[i]));
    return MLEDGER_OK;
}
