/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/artifact.h"

#include "ledger/core/draft.h"
#include "ledger/query/fields.h"
#include "serve/mlflow/logged_model.h"
#include "serve/mlflow/mime.h"
#include "serve/mlflow/object_store.h"
#include "serve/mlflow/route.h"
#include "serve/mlflow/run.h"

enum { PATH_MAX_BYTES = 4096 };

/* ---- paths ---- */

const char *ml_rest_artifact_path(const struct ml_server_request *request)
{
    static const char *const prefixes[] = {"/api/2.0/mlflow-artifacts/artifacts/",
                                           "/ajax-api/2.0/mlflow-artifacts/artifacts/"};
    for (size_t i = 0; i < ML_COUNT(prefixes); i++)
        if (strncmp(request->path, prefixes[i], strlen(prefixes[i])) == 0)
            return request->path + strlen(prefixes[i]);
    return NULL;
}

/* Each part is a name: not empty, not "." or "..", without a backslash or control character. */
int ml_rest_artifact_check_path(const char *path)
{
    if (strlen(path) > PATH_MAX_BYTES)
        return ml_rest_refuse(ML_REST_INVALID, "Invalid path: it is over %d bytes", PATH_MAX_BYTES);
    for (const char *part = path;; part++) {
        const size_t len = strcspn(part, "/");
        if (len == 0 || (len <= 2 && strspn(part, ".") >= len))
            return ml_rest_refuse(ML_REST_INVALID, "Invalid path");
        for (size_t i = 0; i < len; i++)
            if ((unsigned char)part[i] < ' ' || part[i] == '\\' || part[i] == 0x7f)
                return ml_rest_refuse(ML_REST_INVALID, "Invalid path");
        part += len;
        if (!*part)
            return MLEDGER_OK;
    }
}

/* What a path names: a run or a logged model, and what is below its artifacts ("" all of them). */
struct place {
    uint64_t owner;
    bool is_model;
    const char *path;
};

/* The segment at *at as a text in the call's arena; *at moves behind it and its '/'. */
static int take_segment(struct ml_rest_call *call, const char **at, const char **ret_segment)
{
    const size_t len = strcspn(*at, "/");
    *ret_segment = ml_arena_text(&call->arena, *at, len);
    *at += len + ((*at)[len] == '/');
    return *ret_segment ? MLEDGER_OK : ml_arena_fail(&call->arena, "the request");
}

/* EXPERIMENT/RUN/artifacts[/PATH] or EXPERIMENT/models/ID/artifacts[/PATH] */
static int find_place(struct ml_rest_call *call, const char *path, struct place *ret_place)
{
    const char *experiment, *owner, *artifacts;
    const char *at = path;
    ML_TRY(ml_rest_artifact_check_path(path));
    ML_TRY(take_segment(call, &at, &experiment));
    ML_TRY(take_segment(call, &at, &owner));
    ret_place->is_model = strcmp(owner, ML_REST_MODELS_FOLDER) == 0;
    if (ret_place->is_model)
        ML_TRY(take_segment(call, &at, &owner));
    ML_TRY(take_segment(call, &at, &artifacts));
    if (strcmp(artifacts, "artifacts") != 0)
        return ml_rest_refuse(ML_REST_INVALID,
                              "Invalid path: '%.256s' is not below EXPERIMENT/RUN/artifacts or "
                              "EXPERIMENT/" ML_REST_MODELS_FOLDER "/MODEL/artifacts",
                              path);
    ret_place->path = at;
    return ret_place->is_model ? ml_rest_logged_model_find(call, owner, &ret_place->owner)
                               : ml_rest_run_find(call, owner, &ret_place->owner);
}

/* ---- putting ---- */

struct arriving {
    struct ml_server_intake intake; /* first: the server knows this part */
    struct ml_object object;
    struct ml_error error; /* of what broke it */
};

static int take(struct ml_server_intake *intake, struct ml_span piece)
{
    struct arriving *arriving = (struct arriving *)intake;
    const int result = ml_object_take(&arriving->object, piece);
    if (result < 0)
        ml_error_get(&arriving->error);
    return result;
}

static void release(struct ml_server_intake *intake)
{
    struct arriving *arriving = (struct arriving *)intake;
    ml_object_release(&arriving->object);
    free(arriving);
}

int ml_rest_artifact_begin(struct ml_rest *service, const struct ml_server_request *request,
                           struct ml_server_intake **ret_intake)
{
    if (strcmp(request->method, "PUT") != 0 || !ml_rest_artifact_path(request))
        return MLEDGER_OK;
    struct arriving *arriving = ml_calloc(1, sizeof *arriving);
    if (!arriving)
        return ml_fail_memory();
    arriving->intake = (struct ml_server_intake){.take = take, .release = release};
    const int result = ml_object_begin(service->objects, ML_REST_ARTIFACT_MAX, &arriving->object);
    if (result < 0) {
        release(&arriving->intake);
        return result;
    }
    *ret_intake = &arriving->intake;
    return MLEDGER_OK;
}

static int draft_artifact(struct ml_rest_call *call, const struct place *place,
                          const struct ml_digests *digests)
{
    Mledger__ArtifactRecorded *recorded;
    ML_TRY(ml_rest_draft(call, "artifact_recorded", &recorded));
    struct ml_draft *draft = ml_rest_last(call);
    recorded->has_run = !place->is_model;
    recorded->has_logged_model = place->is_model;
    recorded->run = recorded->logged_model = place->owner;
    recorded->artifacts = ml_arena_calloc(&draft->arena, 1, sizeof *recorded->artifacts);
    Mledger__Artifact *artifact = ml_draft_message(draft, &mledger__artifact__descriptor);
    if (!recorded->artifacts || !artifact)
        return ml_arena_fail(&draft->arena, "the request");
    artifact->digests = ml_arena_calloc(&draft->arena, 2, sizeof *artifact->digests);
    if (!artifact->digests)
        return ml_arena_fail(&draft->arena, "the request");
    ML_TRY(ml_rest_text(draft, place->path, &artifact->path));
    artifact->has_size = true;
    artifact->size = digests->size;
    artifact->digests[0] = ml_draft_digest(draft, MLEDGER__ALGORITHM__SHA256, digests->sha256,
                                           ML_HASH_SIZE, MLEDGER__STANDING__SEEN);
    artifact->digests[1] = ml_draft_digest(draft, MLEDGER__ALGORITHM__MD5, digests->md5,
                                           ML_MD5_SIZE, MLEDGER__STANDING__SEEN);
    artifact->n_digests = 2;
    recorded->artifacts[recorded->n_artifacts++] = artifact;
    return artifact->digests[0] && artifact->digests[1]
               ? MLEDGER_OK
               : ml_arena_fail(&draft->arena, "the request");
}

int ml_rest_artifact_put(struct ml_rest_call *call, const struct ml_server_request *request)
{
    struct arriving *arriving = (struct arriving *)request->intake;
    struct ml_digests digests;
    struct place place;
    if (!arriving)
        return ml_rest_refuse(ML_REST_BAD_REQUEST, "there is no file in the request");
    if (request->intake->is_broken)
        return ml_error_set(&arriving->error);
    ML_TRY(find_place(call, ml_rest_artifact_path(request), &place));
    if (!*place.path)
        return ml_rest_refuse(ML_REST_INVALID, "Invalid path: it names no file");
    ML_TRY(ml_object_finish(&arriving->object, &digests));
    ML_TRY(draft_artifact(call, &place, &digests));
    return ml_rest_commit(call);
}

int ml_rest_artifact_keep(struct ml_rest_call *call, uint64_t run, const char *path,
                          struct ml_span content)
{
    ML_CLEANUP(ml_object_release) struct ml_object object;
    const struct place place = {.owner = run, .path = path};
    struct ml_digests digests;
    ML_TRY(ml_object_begin(call->service->objects, ML_REST_ARTIFACT_MAX, &object));
    ML_TRY(ml_object_take(&object, content));
    ML_TRY(ml_object_finish(&object, &digests));
    ML_TRY(draft_artifact(call, &place, &digests));
    return ml_rest_commit(call);
}

/* ---- getting ---- */

static const Mledger__Digest *sha256_of(const Mledger__Artifact *artifact)
{
    for (size_t i = 0; i < artifact->n_digests; i++)
        if (artifact->digests[i]->algorithm == MLEDGER__ALGORITHM__SHA256 &&
            artifact->digests[i]->value.len == ML_HASH_SIZE)
            return artifact->digests[i];
    return NULL;
}

/* Never to be shown as a page of this server. A name of other characters is left to the client. */
static void add_disposition(struct ml_server_reply *reply, const char *name)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    const size_t len = strlen(name);
    const bool is_plain = strspn(name, plain) == len && len < ML_SERVER_HEADER_SIZE / 2;
    ml_server_reply_header(reply, "Content-Disposition", "attachment%s%s",
                           is_plain ? "; filename=" : "", is_plain ? name : "");
}

int ml_rest_artifact_get(struct ml_rest_call *call, const char *path, struct ml_server_reply *reply)
{
    struct place place;
    struct ml_field field;
    ML_TRY(find_place(call, path, &place));
    int result =
        ml_fields_find(&call->reader, place.owner, 0, ML_FIELD_ARTIFACT, place.path, &field);
    const Mledger__Digest *digest = result == MLEDGER_OK ? sha256_of(field.output) : NULL;
    if (digest)
        result = ml_object_open(call->service->objects, digest->value.data, &reply->file,
                                &reply->file_size);
    if (result == MLEDGER_ENOTFOUND || (result == MLEDGER_OK && !digest))
        return ml_rest_refuse(ML_REST_NOT_FOUND, "No such artifact: '%.512s'", path);
    ML_TRY(result);
    reply->status = 200;
    reply->has_file = true;
    reply->content_type = ml_rest_mime_type(path);
    ml_server_reply_header(reply, "X-Content-Type-Options", "nosniff");
    add_disposition(reply, ml_rest_file_name(path));
    return MLEDGER_OK;
}

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

static int list(struct ml_rest_call *call, const struct place *place, const char *shown,
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
    struct place place;
    const char *path = request->path;
    if (!path || !*path)
        return ml_rest_refuse(ML_REST_INVALID, "Missing value for required parameter 'path'. See "
                                               "the API docs for more information about request "
                                               "parameters.");
    ML_TRY(find_place(call, path, &place));
    return list(call, &place, "", &response->files, &response->n_files);
}

/* Names are relative to all that the owner has. */
static int list_below(struct ml_rest_call *call, const struct place *place,
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
    struct place place = {.path = request->path ? request->path : ""};
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
    struct place place = {.is_model = true, .path = path ? path : ""};
    if (*place.path)
        ML_TRY(ml_rest_artifact_check_path(place.path));
    ML_TRY(ml_rest_logged_model_find(call, request->model_id, &place.owner));
    ML_TRY(ml_rest_logged_model_uri(call, place.owner, &response->root_uri));
    return list_below(call, &place, &response->files, &response->n_files);
}
