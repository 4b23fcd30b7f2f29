/* SPDX-License-Identifier: Apache-2.0 */
/* What the ledger knows of a project's past: of which commits there are records, and which files
 * were read for them. */
#include "ingest/import_dvc_history.h"
#include "ledger/core/codec.h"
#include "ledger/core/hex.h"
#include "ledger/core/index.h"

void ml_import_past_release(struct ml_import_past *past)
{
    if (!past)
        return;
    ml_table_release(&past->recorded);
    free(past->files);
    free(past->lock_changes);
}

int ml_import_past_note(struct ml_import_past *past, const char *commit,
                        const struct ml_import_files *files)
{
    past->newest_commit = commit;
    return ml_table_put(&past->recorded, commit, (void *)(uintptr_t)files);
}

/* ---- from the ledger ---- */

struct reading {
    struct ml_import_history *history;
    struct ml_import_past *past;
    struct ml_view *view;
    struct ml_arena arena;
    const struct ml_import_files *newest;
};

static void reading_release(struct reading *reading)
{
    ml_arena_release(&reading->arena);
}

/* What was recorded of a changed work tree is no record of the commit. */
static int note_record(struct reading *reading, const Mledger__PipelineRecorded *recorded)
{
    const Mledger__Digest *commit = recorded->commit;
    struct ml_import_past *past = reading->past;
    past->newest_commit = NULL;
    if (!commit || recorded->dirty || commit->value.len != (ML_GIT_ID_SIZE - 1) / 2)
        return MLEDGER_OK;
    char *id = ml_pool_alloc(&reading->history->pool, ML_GIT_ID_SIZE, 1);
    if (!id)
        return MLEDGER_ESYSTEM;
    ml_hex_encode(id, commit->value.data, commit->value.len);
    ML_TRY(ml_import_files_make(reading->history, past->root, reading->newest,
                                (const char *const *)recorded->files, recorded->n_files, NULL, 0,
                                &reading->newest));
    return ml_import_past_note(past, id, reading->newest);
}

static int read_record(uint64_t seq, void *context)
{
    struct reading *reading = context;
    struct ml_record record;
    ml_arena_clear(&reading->arena);
    ML_TRY(ml_view_record(reading->view, seq, &reading->arena, &record));
    if (!record.event || record.event->kind_case != MLEDGER__EVENT__KIND_PIPELINE_RECORDED)
        return MLEDGER_OK;
    return note_record(reading, record.event->pipeline_recorded);
}

static int read_past(struct ml_import_history *history, struct ml_import_past *past)
{
    ML_CLEANUP(reading_release) struct reading reading = {.history = history, .past = past};
    uint64_t subject;
    ml_arena_init(&reading.arena, 2 * (size_t)ML_LIMIT_UNPACKED);
    ML_TRY(ml_import_batch_view(&history->batch, &reading.view));
    int result =
        ml_state_find(reading.view->state, MLEDGER__SUBJECT_KIND__PIPELINE, past->name, &subject);
    if (result < 0)
        return result == MLEDGER_ENOTFOUND ? MLEDGER_OK : result;
    struct ml_state_key prefix = ml_index_subject_prefix(subject);
    return ml_view_index(reading.view, &prefix, 0, read_record, &reading);
}

/* ---- projects ---- */

/* A root's path from the directory that is imported, which it lies in or is. */
static const char *path_below(const char *prefix, const char *root)
{
    if (strcmp(prefix, root) == 0)
        return ".";
    return strcmp(prefix, ".") == 0 ? root : root + strlen(prefix) + 1;
}

static int make(struct ml_import_history *history, const char *root, struct ml_import_past *past)
{
    const char *path = path_below(history->prefix, root);
    *past = (struct ml_import_past){.newest_change = ML_GIT_NO_COMMIT};
    past->root = ml_pool_text(&history->pool, root, strlen(root));
    past->path = ml_pool_text(&history->pool, path, strlen(path));
    past->name = strcmp(path, ".") == 0
                     ? history->name
                     : ml_pool_printf(&history->pool, "%s/%s", history->name, path);
    if (!past->root || !past->path || !past->name)
        return MLEDGER_ESYSTEM;
    past->files = ml_calloc(history->commits.count, sizeof *past->files);
    return past->files ? MLEDGER_OK : ml_fail_memory();
}

int ml_import_past_find(struct ml_import_history *history, const char *root,
                        struct ml_import_past **ret_past)
{
    struct ml_import_past *past = ml_table_get(&history->pasts, root);
    if (!past) {
        past = ml_pool_alloc(&history->pool, 1, sizeof *past);
        if (!past)
            return MLEDGER_ESYSTEM;
        ML_TRY(make(history, root, past));
        ML_TRY(ml_grow(&history->all, &history->all_cap, history->all_count + 1, sizeof(void *)));
        history->all[history->all_count++] = past;
        ML_TRY(ml_table_put(&history->pasts, past->root, past));
        ML_TRY(read_past(history, past));
    }
    *ret_past = past;
    return MLEDGER_OK;
}
