/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/front.h"

#include <inttypes.h>

#include "ledger/core/hex.h"
#include "ledger/core/json.h"
#include "serve/mlflow/artifact.h"
#include "serve/mlflow/catalog.h"
#include "serve/mlflow/download.h"
#include "serve/mlflow/graphql.h"
#include "serve/mlflow/outline.h"
#include "serve/mlflow/reply.h"
#include "serve/mlflow/request.h"
#include "serve/mlflow/upload.h"

/* ---- the reply ---- */

static int reply_answer(const ProtobufCMessage *answer, struct ml_server_reply *reply)
{
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    ML_TRY(ml_json_from_api(answer, &json));
    return ml_rest_reply_json(reply, 200, json);
}

void ml_rest_receipt(const struct ml_rest_call *call, struct ml_server_reply *reply)
{
    char link[ML_HEX_SIZE(ML_HASH_SIZE)];
    if (call->n_recorded == 0)
        return;
    reply->n_recorded = call->n_recorded;
    reply->seq = call->receipt.seq;
    ml_hex_encode(link, call->receipt.link, ML_HASH_SIZE);
    ml_server_reply_header(reply, "Mledger-Seq", "%" PRIu64, call->receipt.seq);
    ml_server_reply_header(reply, "Mledger-Record-Hash", "%s", link);
}

/* ---- the call ---- */

static int handle(struct ml_rest_call *call, const struct ml_server_request *http,
                  const struct ml_rest_match *match, struct ml_server_reply *reply)
{
    ProtobufCMessage *message;
    ML_TRY(ml_rest_request(http, match, &call->arena, &message));
    const ProtobufCMessageDescriptor *type = match->route->response;
    ProtobufCMessage *answer = ml_arena_alloc(&call->arena, type->sizeof_message);
    if (!answer)
        return ml_arena_fail(&call->arena, "the request");
    protobuf_c_message_init(type, answer);
    ML_TRY(match->route->handle(call, message, answer));
    return reply_answer(answer, reply);
}

int ml_rest_begin(struct ml_rest *service, const struct ml_server_request *request,
                  struct ml_server_intake **ret_intake)
{
    return ml_rest_artifact_begin(service, request, ret_intake);
}

/* A file of the artifact proxy. */
static int answer_artifact(struct ml_rest_call *call, const struct ml_server_request *request,
                           const char *path, struct ml_server_reply *reply)
{
    if (strcmp(request->method, "PUT") == 0) {
        ML_TRY(ml_rest_artifact_put(call, request));
        return reply_answer(&(ProtobufCMessage){.descriptor = &mlflow__empty__descriptor}, reply);
    }
    if (strcmp(request->method, "GET") == 0)
        return ml_rest_artifact_get(call, path, reply);
    if (strcmp(request->method, "DELETE") == 0) {
        ML_TRY(ml_rest_artifact_delete(call, path));
        return reply_answer(&(ProtobufCMessage){.descriptor = &mlflow__empty__descriptor}, reply);
    }
    return ml_rest_refuse(ML_REST_NOT_IMPLEMENTED, "artifacts are put, got and deleted");
}

/* Whatever else has a route. */
static int answer_call(struct ml_rest_call *call, const struct ml_server_request *request,
                       const struct ml_rest_match *match, struct ml_server_reply *reply)
{
    if (match->route)
        return handle(call, request, match, reply);
    return ml_rest_reply_status(reply, 405, "this call is made with another method");
}

/* What the web UI asks for beside the API; NULL: the request is for something else. */
static const char *page_route(const struct ml_server_request *request)
{
    const char *route = ml_rest_download_route(request);
    if (!route)
        route = ml_rest_upload_route(request);
    return route ? route : ml_rest_graphql_route(request);
}

static int answer_page(struct ml_rest_call *call, const struct ml_server_request *request,
                       struct ml_server_reply *reply)
{
    if (ml_rest_download_route(request))
        return ml_rest_download(call, request, reply);
    if (ml_rest_graphql_route(request))
        return ml_rest_graphql(call, request, reply);
    ML_TRY(ml_rest_upload(call, request));
    return reply_answer(&(ProtobufCMessage){.descriptor = &mlflow__empty__descriptor}, reply);
}

int ml_rest_perform(struct ml_rest_call *call, const struct ml_server_request *request,
                    const struct ml_rest_match *match, struct ml_server_reply *reply)
{
    const char *path = ml_rest_artifact_path(request);
    if (page_route(request))
        return answer_page(call, request, reply);
    return path ? answer_artifact(call, request, path, reply)
                : answer_call(call, request, match, reply);
}

void ml_rest_call_begin(struct ml_rest_call *call, struct ml_rest *service,
                        const struct ml_server_request *request)
{
    ml_rest_call_init(call, service);
    call->caller = request->caller;
    call->client = ml_server_header(request, "User-Agent");
    call->is_version_3 = ml_rest_is_version_3(request);
}

int ml_rest_answer(struct ml_rest *service, const struct ml_server_request *request,
                   struct ml_server_reply *reply, int *ret_result)
{
    const char *path = ml_rest_artifact_path(request);
    const struct ml_rest_match match = ml_rest_route(request->method, request->path);
    const char *file = page_route(request);
    if (!path && !file && !match.route && !match.is_other_method)
        return 0;
    ML_CLEANUP(ml_rest_call_release) struct ml_rest_call call;
    ml_rest_call_begin(&call, service, request);
    reply->route = file ? file : path ? "mlflow-artifacts/artifacts" : NULL;
    if (!reply->route && match.route)
        reply->route = match.route->path;
    const int result = ml_rest_perform(&call, request, &match, reply);
    if (ret_result)
        *ret_result = result;
    if (result < 0)
        ML_TRY(ml_rest_reply_error(reply, result, call.is_version_3));
    ml_rest_receipt(&call, reply);
    return 1;
}

/* ---- the service ---- */

int ml_rest_init(struct ml_rest *service, struct ml_ledger *ledger, const struct ml_signer *signer,
                 struct ml_object_store *objects)
{
    *service = (struct ml_rest){.ledger = ledger, .signer = signer, .objects = objects};
    int error_number = pthread_mutex_init(&service->experiment_ids, NULL);
    if (error_number != 0)
        return ml_fail_errno(error_number, "cannot make a mutex");
    for (size_t i = 0; i < ML_REST_STRIPES; i++) {
        error_number = pthread_mutex_init(&service->stripes[i], NULL);
        if (error_number == 0)
            continue;
        while (i-- > 0)
            pthread_mutex_destroy(&service->stripes[i]);
        pthread_mutex_destroy(&service->experiment_ids);
        return ml_fail_errno(error_number, "cannot make a mutex");
    }
    int result = ml_catalog_new(&service->catalog);
    if (result >= 0)
        result = ml_outlines_new(&service->outlines);
    if (result < 0)
        ml_rest_release(service);
    return result;
}

void ml_rest_release(struct ml_rest *service)
{
    for (size_t i = 0; i < ML_REST_STRIPES; i++)
        pthread_mutex_destroy(&service->stripes[i]);
    pthread_mutex_destroy(&service->experiment_ids);
    ml_catalog_free(service->catalog);
    ml_outlines_free(service->outlines);
}
