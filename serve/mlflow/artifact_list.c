/* SPDX-License-Identifier: Apache-2.0 */
/* The calls that list artifacts, and the one that takes them off the list. */
#include "ledger/core/draft.h"
#include "ledger/query/fields.h"
#include "serve/mlflow/artifact.h"
#include "serve/mlflow/artifact_place.h"
#include "serve/mlflow/logged_model.h"
#include "serve/mlflow/route.h"
#include "serve/mlflow/run.h"

/* ---- listing ---- */

struct listing {
    struct ml_rest_call *call;
    const char *prefix; /* of paths: "" or "model/" */
    const char *shown;  /* what stands before a name in the answer */
    Mlflow__FileInfo **files;
    size_t count;
};

/* The name below the prefix that the path leads to; *ret_dir: it is a directory. */
static const char *name_below(struct listing *listing, const char *path, bool *ret_dir)
{
    const size_t prefix_len = strlen(listing->prefix);
    if (strncmp(path, listing->prefix, prefix_len) != 0 || !path[prefix_len])
        return NULL;
    const size_t len = strcspn(path + prefix_len, "/");
    *ret_dir = path[prefix_len + len] == '/';
    return ml_arena_printf(&listing->call->reader.arena, "%s%.*s", listing->shown, (int)len,
                           path + prefix_len);
}

static bool is_listed(const struct listing *listing, const char *name)
{
    for (size_t i = 0; i < listing->count; i++)
        if (strcmp(listing->files[i]->path, name) == 0)
            return true;
    return false;
}

static int add_file(struct listing *listing, const Mledger__Artifact *artifact)
{
    bool is_dir = false;
    const char *name = name_below(listing, artifact->path, &is_dir);
    ML_TRY(ml_rest_check(listing->call));
    if (!name || (is_dir && is_listed(listing, name)))
        return MLEDGER_OK;
    Mlflow__FileInfo *file = ml_rest_message(listing->call, &mlflow__file_info__descriptor);
    ML_TRY(ml_rest_check(listing->call));
    file->path = ml_rest_const(name);
    file->has_is_dir = true;
    file->is_dir = is_dir;
    file->has_file_size = !is_dir && artifact->has_size;
    file->file_size = (int64_t)artifact->size;
    listing->files[listing->count++] = file;
    return MLEDGER_OK;
}

static int compare_files(const void *a, const void *b)
{
    const Mlflow__FileInfo *const *one = a, *const *other = b;
    return strcmp((*one)->path, (*other)->path);
}

static int list(struct ml_rest_call *call, const struct ml_rest_place *place, const char *shown,
                Mlflow__FileInfo ***ret_files, size_t *ret_count)
{
    struct ml_fields fields;
    struct ml_arena *arena = &call->reader.arena;
    const bool is_all = !*place->path;
    struct listing listing = {.call = call, .shown = shown};
    ML_TRY(ml_fields_read(&call->reader, place->owner, 0, &fields));
    listing.prefix = is_all ? "" : ml_arena_printf(arena, "%s/", place->path);
    listing.files = ml_rest_array(call, fields.count);
    ML_TRY(ml_rest_check(call));
    for (size_t i = 0; i < fields.count; i++)
        if (fields.list[i].kind == ML_FIELD_ARTIFACT)
            ML_TRY(add_file(&listing, fields.list[i].output));
    qsort(listing.files, listing.count, sizeof *listing.files, compare_files);
    *ret_files = listing.files;
    *ret_count = listing.count;
    return MLEDGER_OK;
}

/* Names are relative to the path that was asked for. */
int ml_rest_list_proxy_artifacts(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__ListProxyArtifacts *request = message;
    Mlflow__ListProxyArtifactsResponse *response = answer;
    struct ml_rest_place place;
    const char *path = request->path;
    if (!path || !*path)
        return ml_rest_refuse(ML_REST_INVALID, "Missing value for required parameter 'path'. See "
                                               "the API docs for more information about request "
                                               "parameters.");
    ML_TRY(ml_rest_place_find(call, path, &place));
    return list(call, &place, "", &response->files, &response->n_files);
}

/* Names are relative to all that the owner has. */
static int list_below(struct ml_rest_call *call, const struct ml_rest_place *place,
                      Mlflow__FileInfo ***ret_files, size_t *ret_count)
{
    const char *shown =
        *place->path ? ml_arena_printf(&call->reader.arena, "%s/", place->path) : "";
    ML_TRY(ml_rest_check(call));
    return list(call, place, shown, ret_files, ret_count);
}

/* Names are relative to the run's artifacts. */
int ml_rest_list_artifacts(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__ListArtifacts *request = message;
    Mlflow__ListArtifactsResponse *response = answer;
    struct ml_rest_place place = {.path = request->path ? request->path : ""};
    Mlflow__RunInfo *info;
    const char *id;
    ML_TRY(ml_rest_run_id(request->run_id, request->run_uuid, &id));
    if (*place.path)
        ML_TRY(ml_rest_artifact_check_path(place.path));
    ML_TRY(ml_rest_run_find(call, id, &place.owner));
    ML_TRY(ml_rest_run_show_info(call, place.owner, &info));
    response->root_uri = info->artifact_uri;
    return list_below(call, &place, &response->files, &response->n_files);
}

/* Names are relative to the model's artifacts. */
int ml_rest_list_logged_model_artifacts(struct ml_rest_call *call, const void *message,
                                        void *answer)
{
    const Mlflow__ListLoggedModelArtifacts *request = message;
    Mlflow__ListLoggedModelArtifactsResponse *response = answer;
    const char *path = request->artifact_directory_path;
    struct ml_rest_place place = {.is_model = true, .path = path ? path : ""};
    if (*place.path)
        ML_TRY(ml_rest_artifact_check_path(place.path));
    ML_TRY(ml_rest_logged_model_find(call, request->model_id, &place.owner));
    ML_TRY(ml_rest_logged_model_uri(call, place.owner, &response->root_uri));
    return list_below(call, &place, &response->files, &response->n_files);
}

/* ---- removing ---- */

enum { REMOVED_BYTES = 128 * 1024 }; /* of the paths in one record */

/* Is it the path, or below it? All is below "". */
static bool is_removed(const char *path, const char *removed)
{
    const size_t len = strlen(removed);
    return len == 0 ||
           (strncmp(path, removed, len) == 0 && (path[len] == '\0' || path[len] == '/'));
}

static int draft_removed(struct ml_rest_call *call, const struct ml_rest_place *place, size_t room,
                         Mledger__ArtifactRemoved **ret_removed)
{
    ML_TRY(ml_rest_draft(call, "artifact_removed", ret_removed));
    Mledger__ArtifactRemoved *removed = *ret_removed;
    removed->has_run = !place->is_model;
    removed->has_logged_model = place->is_model;
    removed->run = removed->logged_model = place->owner;
    removed->paths = ml_arena_calloc(&ml_rest_last(call)->arena, room + 1, sizeof *removed->paths);
    return removed->paths ? MLEDGER_OK : ml_arena_fail(&ml_rest_last(call)->arena, "the request");
}

/* What is left of the list: nothing to record where nothing is there, as MLflow's stores have it.
 */
int ml_rest_artifact_delete(struct ml_rest_call *call, const char *path)
{
    struct ml_rest_place place;
    struct ml_fields fields;
    Mledger__ArtifactRemoved *removed = NULL;
    size_t bytes = 0;
    ML_TRY(ml_rest_place_find(call, path, &place));
    ML_TRY(ml_fields_read(&call->reader, place.owner, 0, &fields));
    for (size_t i = 0; i < fields.count; i++) {
        const char *one = fields.list[i].key;
        if (fields.list[i].kind != ML_FIELD_ARTIFACT || !is_removed(one, place.path))
            continue;
        if (!removed || bytes + strlen(one) > REMOVED_BYTES) {
            ML_TRY(draft_removed(call, &place, fields.count - i, &removed));
            bytes = 0;
        }
        bytes += strlen(one) + 8; /* and its tag and length */
        ML_TRY(ml_rest_text(ml_rest_last(call), one, &removed->paths[removed->n_paths++]));
    }
    return ml_rest_commit(call);
}
