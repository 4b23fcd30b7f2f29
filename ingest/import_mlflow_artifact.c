/* SPDX-License-Identifier: Apache-2.0 */
/* Files: those that a run or a logged model kept, and those that a version names. */
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
    const char *path; /* of the run or model in the store */
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

static int put_owner(struct recording *recording)
{
    Mledger__ArtifactRecorded *recorded = recording->recorded;
    if (recording->ref->kind == MLEDGER__SUBJECT_KIND__RUN)
        return ml_import_ref_put(recording->draft, recording->ref, "run", &recorded->run,
                                 &recorded->has_run);
    return ml_import_ref_put(recording->draft, recording->ref, "logged_model",
                             &recorded->logged_model, &recorded->has_logged_model);
}

static int make_room(struct recording *recording, size_t bytes)
{
    if (recording->draft && recording->bytes + bytes > EVENT_BYTES)
        ML_TRY(close_recording(recording));
    if (!recording->draft) {
        ML_TRY(ml_import_mlflow_draft(recording->import, "artifact_recorded", recording->path,
                                      recording->occurred_ms, &recording->draft,
                                      &recording->recorded));
        ML_TRY(put_owner(recording));
        recording->bytes = 0;
    }
    recording->bytes += bytes;
    return MLEDGER_OK;
}

static int make_artifact(struct ml_draft *draft, const struct ml_import_content *content,
                         Mledger__Artifact **ret_artifact)
{
    Mledger__Artifact *artifact = ml_draft_message(draft, &mledger__artifact__descriptor);
    if (!artifact)
        return ml_arena_fail(&draft->arena, "an event");
    ML_TRY(ml_import_text(draft, content->path, &artifact->path));
    ML_TRY(ml_import_mlflow_digests(draft, content, artifact));
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
    Mledger__Artifact *artifact = NULL;
    const int known = is_known(recording->known, content->path, content);
    if (known)
        return known < 0 ? known : MLEDGER_OK;
    ML_TRY(make_room(recording, ARTIFACT_BYTES + strlen(content->path)));
    ML_TRY(make_artifact(recording->draft, content, &artifact));
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

int ml_import_mlflow_model_artifacts(struct ml_import_mlflow *import, struct ml_import_known *known,
                                     const struct ml_import_ref *ref,
                                     const struct ml_mlflow_logged_model *model)
{
    ML_CLEANUP(recording_release)
    struct recording recording = {.import = import,
                                  .known = known,
                                  .ref = ref,
                                  .path = model->path,
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

/* "models:/m-…" names a logged model; MLflow 3 may also leave that to model_id. NULL: neither. */
static const char *model_id_of(const struct ml_mlflow_version *version)
{
    static const char scheme[] = "models:/";
    if (version->model_id && *version->model_id)
        return version->model_id;
    return version->source && strncmp(version->source, "models:/m-", 10) == 0
               ? version->source + (sizeof scheme - 1)
               : NULL;
}

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
    choice->model_id = model_id_of(version);
    choice->contents =
        choice->model_id ? ml_table_get(&import->memory->model_contents, choice->model_id) : NULL;
    choice->folder = "";
    return choice->contents != NULL;
}

int ml_import_mlflow_version_model(struct ml_import_mlflow *import,
                                   const struct ml_mlflow_version *version, struct ml_draft *draft,
                                   Mledger__VersionRegistered *registered)
{
    const char *id = model_id_of(version);
    struct ml_import_ref ref = {.kind = MLEDGER__SUBJECT_KIND__LOGGED_MODEL, .name = id};
    struct ml_view *view;
    if (!id)
        return MLEDGER_OK;
    ML_TRY(ml_import_batch_view(&import->batch, &view));
    const int result =
        ml_state_find(view->state, MLEDGER__SUBJECT_KIND__LOGGED_MODEL, id, &ref.seq);
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    ref.in_ledger = result == MLEDGER_OK;
    if (!ref.in_ledger && !ml_table_get(&import->models, id))
        return MLEDGER_OK; /* of another store: the source says its id */
    return ml_import_ref_put(draft, &ref, "logged_model_ref", &registered->logged_model_ref,
                             &registered->has_logged_model_ref);
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
        Mledger__Artifact *file = NULL;
        bytes += ARTIFACT_BYTES + strlen(content->path);
        if (bytes > EVENT_BYTES)
            return ml_import_leave_out(import->batch.report, version->path,
                                       "too many files for one record: those of the version stand "
                                       "with its run alone");
        ML_TRY(make_artifact(draft, content, &file));
        ML_TRY(ml_import_list_add(&files, file));
    }
    return ml_import_list_move(&files, draft, &registered->artifacts, &registered->n_artifacts);
}
