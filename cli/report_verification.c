/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report_verification.h"

#include "cli/keyring.h"
#include "cli/ledger_dir.h"
#include "cli/outsiders.h"
#include "cli/progress.h"
#include "cli/verify_given.h"
#include "ledger/core/time.h"
#include "verify/verify_child.h"

/* Findings that a report shows; the others are counted. */
enum { FINDINGS_MAX = 500 };
#define FINDINGS_MEMORY ((size_t)4 << 20)

static int keep(struct ml_reported_verification *verification, const struct ml_finding *finding)
{
    struct ml_arena *arena = &verification->arena;
    static const int severities[] = {
        [ML_SEVERITY_FAULT] = ML_REPORT_FAULT,
        [ML_SEVERITY_DOUBT] = ML_REPORT_DOUBT,
        [ML_SEVERITY_NOT_PROVEN] = ML_REPORT_NOT_PROVEN,
    };
    if (verification->n_findings == FINDINGS_MAX)
        return MLEDGER_OK;
    const char *code = ml_arena_text(arena, finding->code, strlen(finding->code));
    const char *text = ml_arena_text(arena, finding->text, strlen(finding->text));
    if (!code || !text ||
        !ml_arena_grow(arena, &verification->findings, &verification->cap_findings,
                       verification->n_findings, sizeof *verification->findings))
        return ml_arena_fail(arena, "what the verifier found");
    struct ml_report_finding *kept = &verification->findings[verification->n_findings++];
    *kept = (struct ml_report_finding){.code = code, .text = text, .seq = finding->seq};
    kept->severity = severities[finding->severity];
    return MLEDGER_OK;
}

static int take_finding(const struct ml_finding *finding, void *context)
{
    return keep(context, finding);
}

static int take_progress(uint64_t done, uint64_t total, void *context)
{
    ml_progress_update(context, done, total);
    return MLEDGER_OK;
}

static void take_result(struct ml_reported_verification *verification,
                        const struct ml_verify_result *result)
{
    verification->report = (struct ml_report_verification){
        .was_run = true,
        .records = result->records,
        .statements = result->statements,
        .faults = result->faults,
        .doubts = result->doubts,
        .not_proven = result->not_proven,
        .anchored = result->anchored,
        .witnessed_size = result->witnessed.size,
        .witnessed_seq = result->witnessed.seq,
        .findings = verification->findings,
        .n_findings = verification->n_findings,
    };
}

int ml_report_verify(const struct ml_invocation *invocation,
                     struct ml_reported_verification *ret_verification)
{
    ML_CLEANUP(ml_freep) char *dir = NULL;
    ML_CLEANUP(ml_freep) char *known_dir = NULL;
    ML_CLEANUP(ml_outsiders_release) struct ml_outsiders outsiders = {0};
    ML_CLEANUP(ml_progress_finish) struct ml_progress progress = {0};
    ML_CLEANUP(ml_verify_given_release) struct ml_verify_given given = {0};
    struct ml_verify_options options = {
        .level = ML_VERIFY_FULL,
        .visit = take_finding,
        .visit_context = ret_verification,
        .progress = take_progress,
        .progress_context = &progress,
        .now_us = ml_time_now_us(),
    };
    struct ml_verify_result result;
    *ret_verification = (struct ml_reported_verification){0};
    ml_arena_init(&ret_verification->arena, FINDINGS_MEMORY);
    ML_TRY(ml_ledger_dir_find(invocation, &dir));
    ML_TRY(ml_user_dir("XDG_STATE_HOME", ".local/state", "mledger", &known_dir));
    ML_TRY(ml_outsiders_read(invocation, true, &outsiders));
    ML_TRY(ml_verify_given_read(invocation, NULL, &given));
    ml_outsiders_use(&outsiders, &given.anchors, &options);
    ml_progress_start(&progress, "verify", "records", ML_PROGRESS_COUNT, invocation->quiet);
    ML_TRY(ml_verify_confined(dir, known_dir, &options, 0, &result));
    take_result(ret_verification, &result);
    return MLEDGER_OK;
}

void ml_reported_verification_release(struct ml_reported_verification *verification)
{
    ml_arena_release(&verification->arena);
}
