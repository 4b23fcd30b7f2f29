/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files: those that a run or one of its logged models kept, and those that a version names.
 *
 * A logged model (MLflow 3) is kept beside its run; its files are recorded as the run's, below
 * "models/ID/" and labelled with the id. Its parameters, metrics and tags repeat the run's.
 */
#include <inttypes.h>
#include <stdio.h>

#include "ingest/import_mlflow_state.h"
#include "ledger/core/codec.h"
#include "ledger/core/hex.h"

enum {
    EVENT_BYTES = ML_LIMIT_EVENT / 2,
    ARTIFACT_BYTES = 160, /* of one, but for its path and label */
};

/* artifact_recorded drafts being filled. */
struct recording {
    struct ml_import_mlflow *import;
    struct ml_import_known *known;
    const struct ml_import_ref *ref;
    const char *path;     /* of the run or model in the store */
    const char *model_id; /* NULL: the run's own */
    int64_t occurred_ms;
    struct ml_draft *draft;
    Mledger__ArtifactRecorded *recorded;
    struct ml_import_list artifacts;
    size_t bytes;
};

static void recording_release(struct recording *recording)
{
    ml_import_list_release(&recording->artifacts);
    ml_draft_free(recording->draft);
}

static int close_recording(struct recording *recording)
{
    if (!recording->draft)
        return MLEDGER_OK;
    ML_TRY(ml_import_list_move(&recording->artifacts, recording->draft,
                               &recording->recorded->artifacts, &recording->recorded->n_artifacts));
    return ml_import_add(&recording->import->batch, ML_TAKE(recording->draft));
}

static int make_room(struct recording *recording, size_t bytes)
{
    if (recording->draft && recording->bytes + bytes > EVENT_BYTES)
        ML_TRY(close_recording(recording));
    if (!recording->draft) {
        ML_TRY(ml_import_mlflow_draft(recording->import, "artifact_recorded", recording->path,
                                      recording->occurred_ms, &recording->draft,
                                      &recording->recorded));
        ML_TRY(ml_import_ref_put(recording->draft, recording->ref, "run", &recording->recorded->run,
                                 &recording->recorded->has_run));
        recording->bytes = 0;
    }
    recording->bytes += bytes;
    return MLEDGER_OK;
}

static int make_artifact(struct ml_draft *draft, const char *path, const char *model_id,
                         const struct ml_import_content *content, Mledger__Artifact **ret_artifact)
{
    ML_CLEANUP(ml_import_list_release) struct ml_import_list labels = {0};
    Mledger__Artifact *artifact = ml_draft_message(draft, &mledger__artifact__descriptor);
    if (!artifact)
        return ml_arena_fail(&draft->arena, "an event");
    ML_TRY(ml_import_text(draft, path, &artifact->path));
    ML_TRY(ml_import_mlflow_digests(draft, content, artifact));
    ML_TRY(ml_import_label(draft, &labels, "mlflow.model_id", model_id));
    ML_TRY(ml_import_list_move(&labels, draft, &artifact->labels, &artifact->n_labels));
    *ret_artifact = artifact;
    return MLEDGER_OK;
}

/* A file whose content is not known here counts as known when it was recorded with any. */
static int is_known(struct ml_import_known *known, const char *path,
                    const struct ml_import_content *content)
{
    char hex[ML_HEX_SIZE(ML_HASH_SIZE)], text[24 + sizeof hex];
    if (!content->is_hashed)
        return ml_import_known_has(known, NULL, "a/%s", path);
    ml_hex_encode(hex, content->sha256, ML_HASH_SIZE);
    snprintf(text, sizeof text, "%" PRIu64 "/%s", content->size, hex);
    return ml_import_known_has(known, text, "a/%s", path);
}

static int record_content(struct recording *recording, const struct ml_import_content *content)
{
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    const char *path = content->path;
    Mledger__Artifact *artifact;
    if (recording->model_id)
        path = ml_pool_printf(&pool, "models/%s/%s", recording->model_id, content->path);
    if (!path)
        return MLEDGER_ESYSTEM;
    int known = is_known(recording->known, path, content);
    if (known)
        return known < 0 ? known : MLEDGER_OK;
    ML_TRY(make_room(recording, ARTIFACT_BYTES + strlen(path) +
                                    (recording->model_id ? strlen(recording->model_id) : 0)));
    ML_TRY(make_artifact(recording->draft, path, recording->model_id, content, &artifact));
    return ml_import_list_add(&recording->artifacts, artifact);
}

static int record_contents(struct recording *recording, const struct ml_import_contents *contents)
{
    for (size_t i = 0; contents && i < contents->count; i++)
        ML_TRY(record_content(recording, &contents->items[i]));
    return close_recording(recording);
}

int ml_import_mlflow_artifacts(struct ml_import_mlflow *import, struct ml_import_known *known,
                               const struct ml_import_ref *ref, const struct ml_mlflow_run *run)
{
    ML_CLEANUP(recording_release)
    struct recording recording = {.import = import,
                                  .known = known,
                                  .ref = ref,
                                  .path = run->path,
                                  .occurred_ms = ML_MLFLOW_NO_TIME};
    return record_contents(&recording, ml_table_get(&import->memory->run_contents, run->id));
}

/* ---- logged models ---- */

/* What the ledger has of the run that a logged model belongs to. */
struct owner {
    struct ml_import_ref ref;
    struct ml_import_known known;
    bool is_deleted;
};

static void owner_release(struct owner *owner)
{
    ml_import_known_release(&owner->known);
}

static int find_owner(struct ml_import_mlflow *import, const char *run_id, struct owner *owner)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    struct ml_view *view;
    Mledger__SubjectState *state;
    ml_arena_init(&arena, 1 << 20);
    ML_TRY(ml_import_batch_view(&import->batch, &view));
    owner->ref = (struct ml_import_ref){.kind = MLEDGER__SUBJECT_KIND__RUN, .name = run_id};
    int result = ml_state_find(view->state, MLEDGER__SUBJECT_KIND__RUN, run_id, &owner->ref.seq);
    if (result == MLEDGER_ENOTFOUND) /* still in the batch, if it is in this store */
        return ml_table_get(&import->memory->run_contents, run_id) ? MLEDGER_OK : MLEDGER_ENOTFOUND;
    ML_TRY(result);
    owner->ref.in_ledger = true;
    ML_TRY(ml_state_subject(view->state, owner->ref.seq, &arena, &state));
    owner->is_deleted = state->has_deleted;
    return ml_import_known_read(view, owner->ref.seq, &owner->known);
}

/* What a model says is held against what its run says, so that has to be in the ledger. */
static int find_recorded_owner(struct ml_import_mlflow *import,
                               const struct ml_mlflow_logged_model *model, struct owner *owner)
{
    ML_TRY(find_owner(import, model->source_run_id, owner));
    if (owner->ref.in_ledger || model->params.count + model->tags.count == 0)
        return MLEDGER_OK;
    owner_release(owner);
    *owner = (struct owner){0};
    ML_TRY(ml_import_flush(&import->batch));
    return find_owner(import, model->source_run_id, owner);
}

int ml_import_mlflow_logged_model(void *context, const struct ml_mlflow_experiment *experiment,
                                  const struct ml_mlflow_logged_model *model)
{
    struct ml_import_mlflow *import = context;
    ML_CLEANUP(owner_release) struct owner owner = {0};
    (void)experiment;
    import->done++;
    if (!model->source_run_id)
        return ml_import_leave_out(import->batch.report, model->path,
                                   "a logged model that names no run has no place in the ledger");
    int result = find_recorded_owner(import, model, &owner);
    if (result == MLEDGER_ENOTFOUND)
        return ml_import_leave_out(import->batch.report, model->path,
                                   "the run that made this logged model is not known");
    if (result < 0 || owner.is_deleted)
        return result;
    ML_TRY(ml_import_mlflow_log_model(import, &owner.known, &owner.ref, model));
    ML_CLEANUP(recording_release)
    struct recording recording = {.import = import,
                                  .known = &owner.known,
                                  .ref = &owner.ref,
                                  .path = model->path,
                                  .model_id = model->id,
                                  .occurred_ms = model->created_ms};
    return record_contents(&recording, ml_table_get(&import->memory->model_contents, model->id));
}

/* ---- versions ---- */

/* What stands behind "…/ID/artifacts/" or "runs:/ID/" in a source; NULL when nothing does. "" is
 * all of it. */
static const char *path_in_run(const char *source, const char *run_id)
{
    const size_t len = strlen(run_id);
    const char *at = strstr(source, run_id);
    if (!at)
        return NULL;
    at += len;
    if (strncmp(source, "runs:/", 6) != 0) {
        if (strncmp(at, "/artifacts", 10) != 0)
            return NULL;
        at += 10;
    }
    if (*at && *at != '/')
        return NULL;
    return at + strspn(at, "/");
}

static bool is_below(const char *path, const char *folder, size_t folder_len)
{
    return folder_len == 0 || (strncmp(path, folder, folder_len) == 0 &&
                               (path[folder_len] == '\0' || path[folder_len] == '/'));
}

/* Files of a run or logged model, and which of them. */
struct choice {
    const struct ml_import_contents *contents;
    const char *folder, *model_id;
};

/* "models:/m-…" names a logged model; MLflow 3 may also leave that to model_id. */
static bool choose(const struct ml_import_mlflow *import, const struct ml_mlflow_version *version,
                   struct choice *choice)
{
    const char *source = version->source ? version->source : "";
    if (version->run_id && *version->run_id)
        choice->folder = path_in_run(source, version->run_id);
    if (choice->folder) {
        choice->contents = ml_table_get(&import->memory->run_contents, version->run_id);
        if (choice->contents && choice->contents->count)
            return true;
    }
    choice->model_id = version->model_id;
    if (!choice->model_id && strncmp(source, "models:/m-", 10) == 0)
        choice->model_id = source + strlen("models:/");
    choice->contents =
        choice->model_id ? ml_table_get(&import->memory->model_contents, choice->model_id) : NULL;
    choice->folder = "";
    return choice->contents != NULL;
}

static int add_version_file(struct ml_draft *draft, const struct choice *choice,
                            const struct ml_import_content *content, struct ml_import_list *files)
{
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    const char *path = content->path;
    Mledger__Artifact *artifact;
    if (choice->model_id)
        path = ml_pool_printf(&pool, "models/%s/%s", choice->model_id, content->path);
    if (!path)
        return MLEDGER_ESYSTEM;
    ML_TRY(make_artifact(draft, path, choice->model_id, content, &artifact));
    return ml_import_list_add(files, artifact);
}

int ml_import_mlflow_version_files(const struct ml_import_mlflow *import,
                                   const struct ml_mlflow_version *version, struct ml_draft *draft,
                                   Mledger__VersionRegistered *registered)
{
    ML_CLEANUP(ml_import_list_release) struct ml_import_list files = {0};
    struct choice choice = {0};
    size_t bytes = 0, folder_len;
    if (!choose(import, version, &choice))
        return MLEDGER_OK;
    folder_len = strcspn(choice.folder, "?#");
    while (folder_len && choice.folder[folder_len - 1] == '/')
        folder_len--;
    for (size_t i = 0; i < choice.contents->count; i++) {
        const struct ml_import_content *content = &choice.contents->items[i];
        if (!is_below(content->path, choice.folder, folder_len))
            continue;
        bytes += ARTIFACT_BYTES + strlen(content->path) +
                 (choice.model_id ? 2 * strlen(choice.model_id) + 8 : 0);
        if (bytes > EVENT_BYTES)
            return ml_import_leave_out(import->batch.report, version->path,
                                       "too many files for one record: those of the version stand "
                                       "with its run alone");
        ML_TRY(add_version_file(draft, &choice, content, &files));
    }
    return ml_import_list_move(&files, draft, &registered->artifacts, &registered->n_artifacts);
}
