/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "ingest/import_mlflow_found.h"
#include "ledger/core/hex.h"

/* A commit that is named in full; an abbreviated one stays a tag. */
static int put_commit(struct ml_draft *draft, const struct ml_mlflow_run *run,
                      Mledger__Digest **ret_commit)
{
    char text[ML_MLFLOW_COMMIT_SIZE];
    uint8_t id[ML_HASH_SIZE];
    if (!ml_mlflow_run_commit(run, text, NULL))
        return MLEDGER_OK;
    const size_t len = strlen(text);
    if (len != 40 && len != 64)
        return MLEDGER_OK;
    ML_TRY(ml_hex_decode(text, len, id, len / 2));
    *ret_commit =
        ml_draft_digest(draft, MLEDGER__ALGORITHM__GIT, id, len / 2, MLEDGER__STANDING__CLAIMED);
    return *ret_commit ? MLEDGER_OK : ml_fail_memory();
}

static int start(struct ml_import_mlflow *import, const struct ml_mlflow_run *run)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    Mledger__RunStarted *started;
    ML_TRY(ml_import_mlflow_draft(import, "run_started", run->path, run->started_ms, &draft,
                                  &started));
    ML_TRY(ml_import_text(draft, run->id, &started->run_id));
    if (import->experiment.name)
        ML_TRY(ml_import_ref_put(draft, &import->experiment, "experiment", &started->experiment,
                                 &started->has_experiment));
    ML_TRY(ml_import_text(draft, run->name, &started->name));
    ML_TRY(ml_import_text(draft, ml_mlflow_pairs_get(&run->tags, "mlflow.parentRunId"),
                          &started->parent_run_id));
    ML_TRY(put_commit(draft, run, &started->commit));
    ML_TRY(ml_import_text(draft, run->artifact_uri, &started->artifact_uri));
    ML_TRY(ml_import_text(draft, run->user, &draft->details->user));
    return ml_import_add(&import->batch, ML_TAKE(draft));
}

static Mledger__RunStatus status_of(const struct ml_mlflow_run *run)
{
    switch (run->status) {
    case ML_MLFLOW_RUN_RUNNING:
        return MLEDGER__RUN_STATUS__RUNNING;
    case ML_MLFLOW_RUN_SCHEDULED:
        return MLEDGER__RUN_STATUS__SCHEDULED;
    case ML_MLFLOW_RUN_FINISHED:
        return MLEDGER__RUN_STATUS__FINISHED;
    case ML_MLFLOW_RUN_FAILED:
        return MLEDGER__RUN_STATUS__FAILED;
    case ML_MLFLOW_RUN_KILLED:
        return MLEDGER__RUN_STATUS__KILLED;
    }
    return MLEDGER__RUN_STATUS__RUN_STATUS_UNSPECIFIED;
}

static bool goes_on(Mledger__RunStatus status)
{
    return status == MLEDGER__RUN_STATUS__RUNNING || status == MLEDGER__RUN_STATUS__SCHEDULED;
}

static bool same_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

/* run_updated for another name, or for a run that goes on (again). */
static int update(struct ml_import_mlflow *import, const struct ml_import_found *found,
                  const struct ml_mlflow_run *run)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    const Mledger__RunStatus now = status_of(run);
    const Mledger__RunStatus then =
        found->state ? found->state->status : MLEDGER__RUN_STATUS__RUNNING;
    const bool renamed = found->state && run->name && !same_text(run->name, found->state->label);
    Mledger__RunUpdated *updated;
    if (!renamed && (now == then || !goes_on(now)))
        return MLEDGER_OK;
    ML_TRY(ml_import_mlflow_draft(import, "run_updated", run->path, ML_MLFLOW_NO_TIME, &draft,
                                  &updated));
    ML_TRY(ml_import_ref_put(draft, &found->ref, "run", &updated->run, NULL));
    if (renamed)
        ML_TRY(ml_import_text(draft, run->name, &updated->name));
    updated->has_status = goes_on(now) && now != then;
    if (updated->has_status)
        updated->status = now;
    return ml_import_add(&import->batch, ML_TAKE(draft));
}

static int end(struct ml_import_mlflow *import, const struct ml_import_found *found,
               const struct ml_mlflow_run *run)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    const Mledger__RunStatus status = status_of(run);
    Mledger__RunEnded *ended;
    if (goes_on(status) || (found->state && found->state->status == status))
        return MLEDGER_OK;
    ML_TRY(ml_import_mlflow_draft(import, "run_ended", run->path, run->ended_ms, &draft, &ended));
    ML_TRY(ml_import_ref_put(draft, &found->ref, "run", &ended->run, NULL));
    ended->status = status;
    return ml_import_add(&import->batch, ML_TAKE(draft));
}

static int restore(struct ml_import_mlflow *import, const struct ml_import_found *found,
                   const struct ml_mlflow_run *run)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    Mledger__RunRestored *restored;
    ML_TRY(ml_import_mlflow_draft(import, "run_restored", run->path, ML_MLFLOW_NO_TIME, &draft,
                                  &restored));
    ML_TRY(ml_import_ref_put(draft, &found->ref, "run", &restored->run, NULL));
    return ml_import_add(&import->batch, ML_TAKE(draft));
}

/* Deleted runs take nothing more, so the deletion waits until all of the experiment is in. */
static int delete_later(struct ml_import_mlflow *import, const struct ml_mlflow_run *run)
{
    const struct ml_import_deletion deletion = {run->id, run->path, run->deleted_ms};
    return ml_import_mlflow_delete_later(import, &import->runs, &deletion);
}

static int leave_alone(struct ml_import_mlflow *import, const struct ml_mlflow_run *run,
                       const char *why)
{
    return ml_import_leave_out(import->batch.report, run->path, why);
}

/* 1 when the run takes events, 0 when it is to be left as it is. */
static int open_run(struct ml_import_mlflow *import, struct ml_import_found *found,
                    const struct ml_mlflow_run *run)
{
    if (!found->state) {
        if (import->experiment_deleted)
            return leave_alone(import, run, "the experiment is deleted in the ledger already");
        ML_TRY(start(import, run));
        return 1;
    }
    if (!found->state->has_deleted)
        return 1;
    if (run->lifecycle == ML_MLFLOW_DELETED)
        return 0;
    int may = ml_import_mlflow_may_restore(&found->known);
    ML_TRY(may);
    if (!may)
        return leave_alone(import, run, "the run was deleted in the ledger, by no import");
    ML_TRY(restore(import, found, run));
    return 1;
}

static int read_run(struct ml_import_mlflow *import, const struct ml_mlflow_run *run)
{
    ML_CLEANUP(ml_import_found_release) struct ml_import_found found;
    ML_TRY(ml_import_found_read(import, MLEDGER__SUBJECT_KIND__RUN, run->id, &found));
    int open = open_run(import, &found, run);
    if (open <= 0)
        return open;
    const struct ml_import_tagged tagged = {
        .ref = &found.ref, .path = run->path, .tags = &run->tags};
    ML_TRY(update(import, &found, run));
    ML_TRY(ml_import_mlflow_log(import, &found.known, &found.ref, run));
    if (found.state)
        ML_TRY(ml_import_mlflow_retag(import, &found.known, &tagged));
    ML_TRY(ml_import_mlflow_artifacts(import, &found.known, &found.ref, run));
    ML_TRY(end(import, &found, run));
    return run->lifecycle == ML_MLFLOW_DELETED ? delete_later(import, run) : MLEDGER_OK;
}

int ml_import_mlflow_run(void *context, const struct ml_mlflow_experiment *experiment,
                         const struct ml_mlflow_run *run)
{
    struct ml_import_mlflow *import = context;
    const struct ml_import_options *options = &import->batch.options;
    (void)experiment;
    import->batch.report->runs++;
    import->done++;
    if (options->progress)
        options->progress(options->progress_context, import->done, import->total);
    return read_run(import, run);
}
