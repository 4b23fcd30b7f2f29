/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "ingest/import_dvc_state.h"
#include "ledger/core/codec.h"
#include "ledger/core/time.h"

enum {
    EVENT_ROOM = 4096,                    /* for what the ledger adds to the event */
    DETAILS_BYTES = ML_LIMIT_DETAILS / 2, /* of values that stand in the details themselves */
};

static int put_training(struct ml_import_dvc *import, struct ml_draft *draft,
                        Mledger__PipelineRecorded *recorded)
{
    const struct ml_dvc_project *project = import->project;
    ML_CLEANUP(ml_import_list_release) struct ml_import_list commits = {0};
    for (size_t i = 0; i < project->trained_at_count; i++) {
        Mledger__Digest *commit;
        ML_TRY(
            ml_import_dvc_commit(draft, project->trained_at[i], MLEDGER__STANDING__SEEN, &commit));
        ML_TRY(ml_import_list_add(&commits, commit));
    }
    return ml_import_list_move(&commits, draft, &recorded->trained_at, &recorded->n_trained_at);
}

/* A pipeline stood as it did when it was committed; without a commit, as it does now. */
static int put_commit(struct ml_import_dvc *import, struct ml_draft *draft,
                      Mledger__PipelineRecorded *recorded)
{
    const struct ml_dvc_project *project = import->project;
    const struct ml_git_commit *commit = &project->commit;
    if (!project->has_commit)
        return ml_import_occurred(draft, ml_time_now_us());
    ML_TRY(ml_import_dvc_commit(draft, commit->id, MLEDGER__STANDING__SEEN, &recorded->commit));
    recorded->has_dirty = recorded->dirty = project->is_dirty;
    recorded->has_signed_ = recorded->signed_ = commit->is_signed;
    ML_TRY(put_training(import, draft, recorded));
    ML_TRY(ml_import_occurred(draft, commit->committer.time_us));
    ML_TRY(ml_import_person(draft, &commit->author, &draft->details->author));
    return ml_import_person(draft, &commit->committer, &draft->details->committer);
}

/* What is not known is not said: a remote may be configured for all projects of a user. */
static void put_told(const struct ml_dvc_project *project, Mledger__PipelineRecorded *recorded)
{
    bool has_remote = false;
    for (size_t i = 0; i < project->remotes_count; i++)
        has_remote |= *project->remotes[i].url != '\0';
    if (has_remote || project->has_config) {
        recorded->has_remote = true;
        recorded->remote = has_remote ? MLEDGER__TOLD__YES : MLEDGER__TOLD__NO;
    }
    if (project->knows_ignored) {
        recorded->has_lock_ignored = true;
        recorded->lock_ignored = project->lock_ignored ? MLEDGER__TOLD__YES : MLEDGER__TOLD__NO;
    }
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int add_files(struct ml_draft *draft, const char *const *paths, size_t count,
                     struct ml_import_list *files)
{
    for (size_t i = 0; i < count; i++) {
        char *text;
        ML_TRY(ml_import_text(draft, paths[i], &text));
        ML_TRY(ml_import_list_add(files, text));
    }
    return MLEDGER_OK;
}

static int put_files(const struct ml_import_dvc *import, struct ml_draft *draft,
                     Mledger__PipelineRecorded *recorded)
{
    const struct ml_dvc_project *project = import->project;
    ML_CLEANUP(ml_import_list_release) struct ml_import_list files = {0};
    ML_TRY(add_files(draft, project->files, project->files_count, &files));
    ML_TRY(add_files(draft, project->unread, project->unread_count, &files));
    if (files.count)
        qsort(files.items, files.count, sizeof *files.items, compare_texts);
    return ml_import_list_move(&files, draft, &recorded->files, &recorded->n_files);
}

/* ---- what does not fit ---- */

static int attach(struct ml_draft *draft, const ProtobufCMessage *message,
                  Mledger__Attachment **ret_attachment)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    ML_TRY(ml_codec_pack(message, &bytes));
    return ml_draft_attach(draft, &bytes, ret_attachment);
}

static size_t bytes_of(const struct ml_import_list *texts)
{
    size_t bytes = 0;
    for (size_t i = 0; i < texts->count; i++)
        bytes += strlen(texts->items[i]) + 8;
    return bytes;
}

/* The values belong to the parameters of a snapshot inside the event; where either is too large
 * for the record, they are attached to the details. */
static int put_values(struct ml_draft *draft, const Mledger__PipelineRecorded *recorded,
                      struct ml_import_list *values)
{
    Mledger__Details *details = draft->details;
    const bool is_apart = recorded->snapshot_attachment || bytes_of(values) > DETAILS_BYTES;
    if (values->count == 0)
        return MLEDGER_OK;
    if (!is_apart)
        return ml_import_list_move(values, draft, &details->param_values, &details->n_param_values);
    Mledger__Details lists = MLEDGER__DETAILS__INIT;
    ML_TRY(ml_import_list_move(values, draft, &lists.param_values, &lists.n_param_values));
    return attach(draft, &lists.base, &details->attachment);
}

static int shrink(struct ml_draft *draft, Mledger__PipelineRecorded *recorded)
{
    if (protobuf_c_message_get_packed_size(&draft->event->base) + EVENT_ROOM <= ML_LIMIT_EVENT)
        return MLEDGER_OK;
    ML_TRY(attach(draft, &recorded->snapshot->base, &recorded->snapshot_attachment));
    recorded->snapshot = NULL;
    return MLEDGER_OK;
}

/* ---- the newest record of the pipeline ---- */

/* Erased values are not known, so they agree. */
static int same_values(const struct ml_record *record, const Mledger__Details *details)
{
    Mledger__Details then = MLEDGER__DETAILS__INIT, now = MLEDGER__DETAILS__INIT;
    if (record->details_erased)
        return 1;
    if (record->details) {
        then.n_param_values = record->details->n_param_values;
        then.param_values = record->details->param_values;
        then.attachment = record->details->attachment;
    }
    now.n_param_values = details->n_param_values;
    now.param_values = details->param_values;
    now.attachment = details->attachment;
    return ml_import_dvc_same(&then.base, &now.base);
}

static int is_recorded(struct ml_import_dvc *import, const Mledger__PipelineRecorded *recorded,
                       const Mledger__Details *details)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    struct ml_record record;
    ml_arena_init(&arena, 2 * (size_t)ML_LIMIT_UNPACKED);
    int result = ml_import_dvc_newest(import, MLEDGER__SUBJECT_KIND__PIPELINE, import->name, &arena,
                                      &record);
    if (result < 0)
        return result == MLEDGER_ENOTFOUND ? 0 : result;
    Mledger__PipelineRecorded then = *record.event->pipeline_recorded;
    then.has_subject_salt = then.has_pipeline = then.has_predecessor = false;
    int same = ml_import_dvc_same(&then.base, &recorded->base);
    return same > 0 ? same_values(&record, details) : same;
}

int ml_import_dvc_pipeline(struct ml_import_dvc *import)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    ML_CLEANUP(ml_import_list_release) struct ml_import_list values = {0};
    Mledger__PipelineRecorded *recorded;
    ML_TRY(ml_import_draft(import->batch, "pipeline_recorded", import->dir, &draft, &recorded));
    ML_TRY(put_commit(import, draft, recorded));
    ML_TRY(ml_import_text(draft, import->name, &recorded->name));
    ML_TRY(ml_import_text(draft, import->dir, &draft->details->source));
    ML_TRY(ml_import_dvc_snapshot(import, draft, &values, &recorded->snapshot));
    ML_TRY(put_files(import, draft, recorded));
    put_told(import->project, recorded);
    import->batch->report->stages += recorded->snapshot->n_stages;
    ML_TRY(shrink(draft, recorded));
    ML_TRY(put_values(draft, recorded, &values));
    /* A history knows by commits what is recorded. */
    int known = import->history ? 0 : is_recorded(import, recorded, draft->details);
    if (known)
        return known < 0 ? known : MLEDGER_OK;
    return ml_import_add(import->batch, ML_TAKE(draft));
}
