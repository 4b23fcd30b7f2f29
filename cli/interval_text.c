/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/interval_text.h"

#include <inttypes.h>

#include "ledger/core/time.h"

#define LATE_US (INT64_C(60) * 1000000)

enum { LABEL_WIDTH = 10 };

bool ml_change_is_late(const struct ml_change *change)
{
    int64_t gap = change->recorded_us - change->claimed_us;
    return gap > LATE_US || gap < -LATE_US;
}

int ml_change_print_claim(const struct ml_change *change, struct ml_output *out)
{
    char time[ML_TIME_TEXT_SIZE];
    if (change->seq == MLEDGER_NO_SEQ || !ml_change_is_late(change))
        return MLEDGER_OK;
    ML_TRY(ml_time_format(change->claimed_us, time));
    ml_output_line(out, ML_ROLE_WARN, "* #%" PRIu64 " claims to have happened at %s", change->seq,
                   time);
    return MLEDGER_OK;
}

int ml_interval_sentence(const struct ml_interval *interval, struct ml_buf *text)
{
    switch (interval->kind) {
    case ML_INTERVAL_STAGE:
        return ml_buf_printf(text, "%s/%" PRIu64 " was in %s", interval->model_name,
                             interval->version, interval->name);
    case ML_INTERVAL_ALIAS:
        return ml_buf_printf(text, "alias %s of %s was %s/%" PRIu64, interval->name,
                             interval->model_name, interval->model_name, interval->version);
    default:
        ML_TRY(ml_buf_printf(text, "endpoint %s", interval->name));
        if (interval->environment)
            ML_TRY(ml_buf_printf(text, " (%s)", interval->environment));
        ML_TRY(ml_buf_printf(text, " served %s/%" PRIu64, interval->model_name, interval->version));
        return interval->share_ppm == 1000000 ? MLEDGER_OK
                                              : ml_buf_printf(text, " for %.6g%% of the traffic",
                                                              interval->share_ppm / 10000.0);
    }
}

/* "  since     2026-02-10T09:00:00Z  #41  " */
static int print_when(struct ml_output *out, const char *label, const struct ml_change *change)
{
    char time[ML_TIME_TEXT_SIZE];
    ML_TRY(ml_time_format(change->recorded_us, time));
    ml_output_text(out, ML_ROLE_PLAIN, "  %-*s%s  ", LABEL_WIDTH, label, time);
    ml_output_text(out, ML_ROLE_DIM, "#%" PRIu64, change->seq);
    return MLEDGER_OK;
}

static int print_claim(struct ml_output *out, const struct ml_change *change)
{
    char time[ML_TIME_TEXT_SIZE];
    if (!ml_change_is_late(change))
        return MLEDGER_OK;
    ML_TRY(ml_time_format(change->claimed_us, time));
    ml_output_spaces(out, LABEL_WIDTH + 2);
    ml_output_line(out, ML_ROLE_WARN, "%s  is when it is claimed to have been", time);
    return MLEDGER_OK;
}

static int print_change(struct ml_output *out, const char *label, const struct ml_change *change)
{
    ML_TRY(print_when(out, label, change));
    ml_output_text(out, ML_ROLE_PLAIN, "  %s%s%s", change->what ? change->what : "",
                   change->what ? "; " : "", *change->who ? change->who : "unknown author");
    if (change->reason)
        ml_output_text(out, ML_ROLE_PLAIN, ": %s", change->reason);
    ml_output_newline(out);
    return print_claim(out, change);
}

int ml_interval_print(struct ml_question *question, const struct ml_interval *interval)
{
    struct ml_output *out = question->answer.out;
    ML_TRY(print_change(out, interval->imported ? "found" : "since", &interval->from));
    if (interval->to.seq == MLEDGER_NO_SEQ)
        ml_output_line(out, ML_ROLE_PLAIN, "  %-*sit was so still at #%" PRIu64, LABEL_WIDTH,
                       "until", question->moment.as_of);
    else
        ML_TRY(print_change(out, "until", &interval->to));
    return MLEDGER_OK;
}

/* ---- approvals ---- */

static const char *label_of(const struct ml_approval *approval)
{
    switch (approval->decision) {
    case MLEDGER__DECISION__GRANTED:
        return "approved";
    case MLEDGER__DECISION__REJECTED:
        return "rejected";
    default:
        return "withdrawn";
    }
}

static int print_parts(struct ml_output *out, const struct ml_approval *approval,
                       const struct ml_parts *parts)
{
    static const struct {
        enum ml_part part;
        const char *verb;
    } verbs[] = {{ML_PART_TRAINER, "trained"},
                 {ML_PART_REGISTRAR, "registered"},
                 {ML_PART_REQUESTER, "requested"},
                 {ML_PART_MOVER, "moved"}};
    const char *who = approval->change.who;
    ml_output_spaces(out, LABEL_WIDTH + 2);
    if (approval->same_as == 0) {
        if (!ml_approval_trainer_known(parts))
            ml_output_line(out, ML_ROLE_WARN,
                           "%s neither registered, requested nor moved it; who trained it is not "
                           "known",
                           who);
        else
            ml_output_line(out, ML_ROLE_GOOD,
                           "%s neither trained, registered, requested nor moved it", who);
        return MLEDGER_OK;
    }
    ml_output_text(out, ML_ROLE_BAD, "the same person: %s also", who);
    bool more = false;
    for (size_t i = 0; i < ML_COUNT(verbs); i++) {
        if (!(approval->same_as & verbs[i].part))
            continue;
        ml_output_text(out, ML_ROLE_BAD, "%s %s", more ? " and" : "", verbs[i].verb);
        more = true;
    }
    ml_output_line(out, ML_ROLE_BAD, " it");
    return MLEDGER_OK;
}

static int print_approval(struct ml_output *out, const struct ml_approval *approval,
                          const struct ml_parts *parts)
{
    ML_TRY(print_when(out, label_of(approval), &approval->change));
    ml_output_text(out, ML_ROLE_PLAIN, "  %s", approval->change.who);
    if (approval->change.reason)
        ml_output_text(out, ML_ROLE_PLAIN, ": %s", approval->change.reason);
    if (approval->after)
        ml_output_text(out, ML_ROLE_BAD, " (after the fact)");
    ml_output_newline(out);
    ML_TRY(print_claim(out, &approval->change));
    return approval->change.author == MLEDGER_NO_SEQ ? MLEDGER_OK
                                                     : print_parts(out, approval, parts);
}

int ml_interval_print_approvals(struct ml_question *question, const struct ml_interval *interval)
{
    struct ml_output *out = question->answer.out;
    struct ml_approvals approvals;
    if (!ml_interval_is_decided(interval))
        return MLEDGER_OK;
    ML_TRY(ml_approvals_of(&question->reader, interval, &approvals));
    ML_TRY(ml_approvals_rest_on(&approvals, interval, &question->basis));
    for (size_t i = 0; i < approvals.count; i++)
        ML_TRY(print_approval(out, &approvals.list[i], &approvals.parts));
    if (approvals.count == 0)
        ml_output_line(out, ML_ROLE_BAD, "  %-*sno approval of it for %s is recorded", LABEL_WIDTH,
                       "approved", interval->name);
    return MLEDGER_OK;
}
