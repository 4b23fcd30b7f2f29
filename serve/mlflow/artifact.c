/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/artifact.h"

#include "ledger/core/draft.h"
#include "ledger/query/fields.h"
#include "serve/mlflow/artifact_place.h"
#include "serve/mlflow/mime.h"
#include "serve/mlflow/object_store.h"

const char *ml_rest_artifact_path(const struct ml_server_request *request)
{
    static const char *const prefixes[] = {"/api/2.0/mlflow-artifacts/artifacts/",
                                           "/ajax-api/2.0/mlflow-artifacts/artifacts/"};
    for (size_t i = 0; i < ML_COUNT(prefixes); i++)
        if (strncmp(request->path, prefixes[i], strlen(prefixes[i])) == 0)
            return request->path + strlen(prefixes[i]);
    return NULL;
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

struct ml_object *ml_rest_artifact_object(const struct ml_server_request *request)
{
    return request->intake ? &((struct arriving *)request->intake)->object : NULL;
}

static int draft_artifact(struct ml_rest_call *call, const struct ml_rest_place *place,
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

/* What is passed on is kept there, and not here. */
static int keep(const struct ml_rest_call *call, struct ml_object *object,
                struct ml_digests *ret_digests)
{
    return call->turn == ML_REST_OWN ? ml_object_finish(object, ret_digests)
                                     : ml_object_hash(object, ret_digests);
}

int ml_rest_artifact_put(struct ml_rest_call *call, const struct ml_server_request *request)
{
    struct arriving *arriving = (struct arriving *)request->intake;
    struct ml_digests digests;
    struct ml_rest_place place;
    if (!arriving)
        return ml_rest_refuse(ML_REST_BAD_REQUEST, "there is no file in the request");
    if (request->intake->is_broken)
        return ml_error_set(&arriving->error);
    ML_TRY(ml_rest_place_find(call, ml_rest_artifact_path(request), &place));
    if (!*place.path)
        return ml_rest_refuse(ML_REST_INVALID, "Invalid path: it names no file");
    ML_TRY(keep(call, &arriving->object, &digests));
    ML_TRY(draft_artifact(call, &place, &digests));
    return ml_rest_commit(call);
}

int ml_rest_artifact_keep(struct ml_rest_call *call, uint64_t run, const char *path,
                          struct ml_span content)
{
    ML_CLEANUP(ml_object_release) struct ml_object object;
    const struct ml_rest_place place = {.owner = run, .path = path};
    struct ml_digests digests;
    ML_TRY(ml_object_begin(call->service->objects, ML_REST_ARTIFACT_MAX, &object));
    ML_TRY(ml_object_take(&object, content));
    ML_TRY(keep(call, &object, &digests));
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

int ml_rest_artifact_recorded(struct ml_rest_call *call, const char *path,
                              const uint8_t **ret_sha256, uint64_t *ret_seq)
{
    struct ml_rest_place place;
    struct ml_field field;
    *ret_sha256 = NULL;
    ML_TRY(ml_rest_place_find(call, path, &place));
    const int result =
        ml_fields_find(&call->reader, place.owner, 0, ML_FIELD_ARTIFACT, place.path, &field);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    const Mledger__Digest *digest = sha256_of(field.output);
    *ret_sha256 = digest ? digest->value.data : NULL;
    *ret_seq = field.seq;
    return MLEDGER_OK;
}

int ml_rest_artifact_get(struct ml_rest_call *call, const char *path, struct ml_server_reply *reply)
{
    struct ml_rest_place place;
    struct ml_field field;
    ML_TRY(ml_rest_place_find(call, path, &place));
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
