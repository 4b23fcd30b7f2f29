/* SPDX-License-Identifier: Apache-2.0 */
/* What people examined, decided and met: validations, approvals, policies, incidents. */
#include <inttypes.h>

#include "export/report_part.h"

/* ---- validations ---- */

static void put_outcome(struct report *report, Mledger__Outcome outcome)
{
    bool passed = outcome == MLEDGER__OUTCOME__PASSED;
    ml_paper_line(report->paper, passed ? ML_PAPER_GOOD : ML_PAPER_BAD, "%s",
                  passed ? "passed" : "not passed");
}

static int put_checks(struct report *report, const struct ml_record *record)
{
    const Mledger__ValidationRecorded *validation = record->event->validation_recorded;
    const Mledger__Details *details;
    ML_TRY(ml_reader_details(&report->dossier->reader, record, &details));
    for (size_t i = 0; i < validation->n_checks; i++) {
        const Mledger__Check *check = validation->checks[i];
        bool passed = check->outcome == MLEDGER__OUTCOME__PASSED;
        bool known = details && i < details->n_check_values && *details->check_values[i];
        ml_paper_line(report->paper, passed ? ML_PAPER_PLAIN : ML_PAPER_BAD, "%s%s%s: %s",
                      check->name, known ? " = " : "", known ? details->check_values[i] : "",
                      passed ? "passed" : "not passed");
    }
    return MLEDGER_OK;
}

static void put_measured_on(struct report *report, const Mledger__ValidationRecorded *validation)
{
    for (size_t i = 0; i < validation->n_inputs; i++) {
        ml_paper_text(report->paper, validation->inputs[i]->name);
        report_digests(report, validation->inputs[i]->digests, validation->inputs[i]->n_digests);
        if (validation->inputs[i]->has_dataset_ref)
            ml_paper_seq(report->paper, validation->inputs[i]->dataset_ref);
    }
}

static int validation_row(struct report *report, const struct ml_record *record)
{
    const Mledger__ValidationRecorded *validation = record->event->validation_recorded;
    struct ml_paper *paper = report->paper;
    ml_paper_row(paper);
    ml_paper_cell(paper);
    report_when(report, record);
    ml_paper_cell(paper);
    ml_paper_text(paper, validation->name);
    put_outcome(report, validation->outcome);
    ml_paper_cell(paper);
    ML_TRY(put_checks(report, record));
    ml_paper_cell(paper);
    put_measured_on(report, validation);
    ml_paper_cell(paper);
    ML_TRY(report_who(report, record));
    ML_TRY(report_why(report, record));
    ml_paper_cell(paper);
    ml_paper_seq(paper, record->header->seq);
    return MLEDGER_OK;
}

int report_validations(struct report *report)
{
    static const struct ml_paper_column columns[] = {{"at", "When"},        {"outcome", "Outcome"},
                                                     {"checks", "Checks"},  {"data", "Measured on"},
                                                     {"by", "By, and why"}, {"records", "Record"}};
    const struct ml_record *record;
    ml_paper_section(report->paper, "validations", "Validations");
    REPORT_TABLE(report->paper, "validations", "How it did when it was examined", columns);
    for (size_t at = 0;
         (record = report_next(report, MLEDGER__EVENT__KIND_VALIDATION_RECORDED, &at)) != NULL;)
        ML_TRY(validation_row(report, record));
    return MLEDGER_OK;
}

/* ---- approvals, and what was needed ---- */

static int approval_row(struct report *report, const struct ml_record *record)
{
    static const char *const words[] = {
        [MLEDGER__DECISION__GRANTED] = "granted",
        [MLEDGER__DECISION__REJECTED] = "rejected",
        [MLEDGER__DECISION__WITHDRAWN] = "withdrawn",
    };
    const Mledger__ApprovalRecorded *approval = record->event->approval_recorded;
    struct ml_paper *paper = report->paper;
    bool granted = approval->decision == MLEDGER__DECISION__GRANTED;
    ml_paper_row(paper);
    ml_paper_cell(paper);
    report_when(report, record);
    ml_paper_cell(paper);
    ml_paper_text(paper, approval->stage);
    ml_paper_cell(paper);
    ml_paper_line(paper, granted ? ML_PAPER_GOOD : ML_PAPER_BAD, "%s",
                  (size_t)approval->decision < ML_COUNT(words) ? words[approval->decision]
                                                               : "unknown");
    ml_paper_cell(paper);
    ML_TRY(report_who(report, record));
    ml_paper_cell(paper);
    ML_TRY(report_why(report, record));
    ml_paper_cell(paper);
    ml_paper_seq(paper, record->header->seq);
    return MLEDGER_OK;
}

static const char *requirement_word(Mledger__RequirementKind kind)
{
    switch (kind) {
    case MLEDGER__REQUIREMENT_KIND__VALIDATION:
        return "its newest validation passed";
    case MLEDGER__REQUIREMENT_KIND__APPROVAL:
        return "approval by an approver's own key";
    case MLEDGER__REQUIREMENT_KIND__APPROVAL_OTHER:
        return "approval by somebody who neither trained nor registered nor moves it";
    default:
        return "something that this program does not know";
    }
}

static void policy_row(struct report *report, const struct ml_dossier_policy *policy)
{
    struct ml_paper *paper = report->paper;
    ml_paper_row(paper);
    ml_paper_cell(paper);
    ml_paper_text(paper, policy->stage);
    ml_paper_cell(paper);
    if (policy->entered_seq == MLEDGER_NO_SEQ)
        ml_paper_text(paper, "now");
    else
        ml_paper_seq(paper, policy->entered_seq);
    ml_paper_cell(paper);
    if (!policy->policy)
        ml_paper_text(paper, policy->seq == MLEDGER_NO_SEQ ? "nothing: there was no policy"
                                                           : "nothing: the policy was lifted");
    for (size_t i = 0; policy->policy && i < policy->policy->n_requirements; i++) {
        const Mledger__Requirement *requirement = policy->policy->requirements[i];
        ml_paper_line(paper, ML_PAPER_PLAIN, "%s%s", requirement_word(requirement->kind),
                      requirement->count > 1 ? ", more than one" : "");
    }
    ml_paper_cell(paper);
    if (policy->seq != MLEDGER_NO_SEQ)
        ml_paper_seq(paper, policy->seq);
}

int report_approvals(struct report *report)
{
    static const struct ml_paper_column approvals[] = {
        {"at", "When"}, {"stage", "For stage"}, {"decision", "Decision"},
        {"by", "By"},   {"why", "Why"},         {"records", "Record"}};
    static const struct ml_paper_column policies[] = {{"stage", "Stage"},
                                                      {"entered", "Entered by"},
                                                      {"needs", "A transition into it needed"},
                                                      {"records", "Record"}};
    const struct ml_dossier *dossier = report->dossier;
    const struct ml_record *record;
    ml_paper_section(report->paper, "approvals", "Approvals");
    REPORT_TABLE(report->paper, "approvals", "Who approved it, and for what", approvals);
    for (size_t at = 0;
         (record = report_next(report, MLEDGER__EVENT__KIND_APPROVAL_RECORDED, &at)) != NULL;)
        ML_TRY(approval_row(report, record));
    ML_TRY(report_eyes(report));
    REPORT_TABLE(report->paper, "policies",
                 "Policies that were in force when it entered its stages, and now", policies);
    for (size_t i = 0; i < dossier->n_policies; i++)
        policy_row(report, &dossier->policies[i]);
    return MLEDGER_OK;
}

/* ---- incidents ---- */

static int incident_row(struct report *report, const struct ml_record *record)
{
    const Mledger__IncidentRecorded *incident = record->event->incident_recorded;
    struct ml_paper *paper = report->paper;
    bool closed = incident->status == MLEDGER__INCIDENT_STATUS__CLOSED;
    ml_paper_row(paper);
    ml_paper_cell(paper);
    report_when(report, record);
    ml_paper_cell(paper);
    ml_paper_text(paper, incident->incident_id);
    ml_paper_cell(paper);
    ml_paper_line(paper, closed ? ML_PAPER_PLAIN : ML_PAPER_WARN, "%s",
                  closed                                                 ? "closed"
                  : incident->status == MLEDGER__INCIDENT_STATUS__OPENED ? "opened"
                                                                         : "noted");
    ml_paper_text(paper, incident->severity);
    ml_paper_cell(paper);
    ML_TRY(report_why(report, record));
    ml_paper_cell(paper);
    ML_TRY(report_who(report, record));
    ml_paper_cell(paper);
    ml_paper_seq(paper, record->header->seq);
    return MLEDGER_OK;
}

int report_incidents(struct report *report)
{
    static const struct ml_paper_column columns[] = {
        {"at", "When"}, {"id", "Incident"},   {"status", "Status"}, {"what", "What happened"},
        {"by", "By"},   {"records", "Record"}};
    const struct ml_record *record;
    ml_paper_section(report->paper, "incidents", "Incidents");
    REPORT_TABLE(report->paper, "incidents", "What went wrong with it", columns);
    for (size_t at = 0;
         (record = report_next(report, MLEDGER__EVENT__KIND_INCIDENT_RECORDED, &at)) != NULL;)
        ML_TRY(incident_row(report, record));
    return MLEDGER_OK;
}
