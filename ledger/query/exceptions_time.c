/* SPDX-License-Identifier: Apache-2.0 */
/* Whether what was done with versions was recorded when it was done. */
#include <inttypes.h>

#include "ledger/core/time.h"
#include "ledger/query/exceptions_private.h"

#define DAY_US (INT64_C(86400) * 1000000)

static int check_record(struct exception_scan *scan, const struct ml_record *record,
                        const char *deed)
{
    const Mledger__Details *details = record->details;
    const uint64_t seqs[] = {record->header->seq};
    char claimed[ML_TIME_TEXT_SIZE];
    if (!details || !details->has_occurred_at || record->event->has_imported_from)
        return MLEDGER_OK; /* erased, made at once, or an importer's */
    int64_t gap = record->header->recorded_at - details->occurred_at;
    if (gap <= DAY_US)
        return MLEDGER_OK;
    ML_TRY(ml_time_format(details->occurred_at, claimed));
    return EXCEPTION(scan, seqs, "%s is claimed to have been at %s, %" PRId64 " day%s before", deed,
                     claimed, gap / DAY_US, gap / DAY_US == 1 ? "" : "s");
}

static int check_transitions(struct exception_scan *scan)
{
    const struct ml_model_past *past = scan->past;
    for (size_t i = 0; i < past->n_transitions; i++) {
        const struct ml_model_transition *one = &past->transitions[i];
        if (one->version != scan->version->version || one->imported)
            continue;
        const char *deed = ml_arena_printf(&scan->reader->arena, "its move to %s", one->to);
        if (!deed)
            return ml_arena_fail(&scan->reader->arena, "what the answer reads");
        ML_TRY(check_record(scan, one->record, deed));
    }
    return MLEDGER_OK;
}

static int check_decisions(struct exception_scan *scan)
{
    const struct ml_model_past *past = scan->past;
    const uint64_t version = scan->version->version;
    for (size_t i = 0; i < past->n_approvals; i++)
        if (past->approvals[i].event->version == version &&
            (i == 0 || past->approvals[i].record != past->approvals[i - 1].record))
            ML_TRY(check_record(scan, past->approvals[i].record, "a decision on it"));
    for (size_t i = 0; i < past->n_validations; i++)
        if (past->validations[i].event->version == version)
            ML_TRY(check_record(scan, past->validations[i].record, "a validation of it"));
    return MLEDGER_OK;
}

static bool serves(const Mledger__DeploymentRecorded *deployment, const struct exception_scan *scan)
{
    for (size_t i = 0; i < deployment->n_targets; i++)
        if (deployment->targets[i]->model == scan->past->seq &&
            deployment->targets[i]->version == scan->version->version)
            return true;
    return false;
}

static int check_deployments(struct exception_scan *scan)
{
    const struct ml_model_past *past = scan->past;
    for (size_t i = 0; i < past->n_deployments; i++)
        if (serves(past->deployments[i].event, scan))
            ML_TRY(check_record(scan, past->deployments[i].record, "a deployment of it"));
    return MLEDGER_OK;
}

int exception_recorded_late(struct exception_scan *scan)
{
    ML_TRY(check_transitions(scan));
    ML_TRY(check_decisions(scan));
    return check_deployments(scan);
}
