/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/front.h"

#include <inttypes.h>
#include <strings.h>

#include "ledger/core/hex.h"
#include "ledger/core/json.h"
#include "serve/mlflow/artifact.h"
#include "serve/mlflow/catalog.h"
#include "serve/mlflow/request.h"

static const char content_json[] = "application/json";

/* ---- the reply ---- */

static int reply_json(struct ml_server_reply *reply, int status, const json_t *json)
{
    ml_buf_clear(&reply->body);
    ML_TRY(ml_json_dump(json, 0, &reply->body));
    reply->status = status;
    reply->content_type = content_json;
    return MLEDGER_OK;
}

/* MLflow 3 says the class of an error beside its code. */
static const char *error_class(const char *code)
{
    return strcmp(code, ML_REST_NOT_FOUND) == 0 ? "RESOURCE_NOT_FOUND" : code;
}

static int reply_error(const struct ml_rest_call *call, int result, struct ml_server_reply *reply)
{
    const struct ml_rest_error kind = ml_rest_error(result);
    struct ml_error error;
    ml_error_get(&error);
    /* What went wrong in the server is for its log, not for the client. */
    const char *text =
        kind.status == 500 ? "the server could not do this; its log says why" : error.text;
    ML_CLEANUP(json_decrefp)
    json_t *json = json_pack("{s:s, s:s}", "error_code", kind.code, "message", text);
    if (json && call->is_version_3 &&
        (json_object_set_new(json, "sqlstate", json_string("KAM00")) != 0 ||
         json_object_set_new(json, "error_class", json_string(error_class(kind.code))) != 0))
        return ml_fail_memory();
    if (!json)
        return ml_fail_memory();
    return reply_json(reply, kind.status, json);
}

static int reply_answer(const ProtobufCMessage *answer, struct ml_server_reply *reply)
{
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    ML_TRY(ml_json_from_api(answer, &json));
    return reply_json(reply, 200, json);
}

static void add_receipt(const struct ml_rest_call *call, struct ml_server_reply *reply)
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

/* Is it the name of the loopback, with a port or without? */
static bool names_loopback(const char *host)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
    for (size_t i = 0; i < ML_COUNT(names); i++) {
        const size_t len = strlen(names[i]);
        if (strncasecmp(host, names[i], len) == 0 && (host[len] == '\0' || host[len] == ':'))
            return true;
    }
    return false;
}

/* Any page that a browser on this machine shows can send requests here, though it may not read the
 * answers. Such a request says whose page it is (Origin), or, where a name was made to lead here,
 * another host. Neither may write. */
static int check_origin(const struct ml_server_request *http)
{
    static const char scheme[] = "http://";
    const char *host = ml_server_header(http, "Host");
    const char *origin = ml_server_header(http, "Origin");
    if (host && !names_loopback(host))
        return ml_rest_refuse(ML_REST_DENIED, "the request is for the host '%.128s'", host);
    if (origin && (strncmp(origin, scheme, sizeof scheme - 1) != 0 || !host ||
                   strcasecmp(origin + sizeof scheme - 1, host) != 0))
        return ml_rest_refuse(ML_REST_DENIED, "the request is of a page of '%.128s'", origin);
    return MLEDGER_OK;
}

/* "Mlflow-Client-Version: 3.11.2". Clients before 3 do not say it. */
static bool says_version_3(const struct ml_server_request *http)
{
    const char *version = ml_server_header(http, "X-MLflow-Client-Version");
    return version && strtoul(version, NULL, 10) >= 3;
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
    return ml_rest_refuse(ML_REST_NOT_IMPLEMENTED,
                          "an artifact that was recorded is not taken back");
}

/* Whatever else has a route. */
static int answer_call(struct ml_rest_call *call, const struct ml_server_request *request,
                       const struct ml_rest_match *match, struct ml_server_reply *reply)
{
    if (match->route)
        return handle(call, request, match, reply);
    reply->status = 405;
    return MLEDGER_OK;
}

int ml_rest_answer(struct ml_rest *service, const struct ml_server_request *request,
                   struct ml_server_reply *reply, int *ret_result)
{
    const char *path = ml_rest_artifact_path(request);
    const struct ml_rest_match match = ml_rest_route(request->method, request->path);
    if (!path && !match.route && !match.is_other_method)
        return 0;
    ML_CLEANUP(ml_rest_call_release) struct ml_rest_call call;
    ml_rest_call_init(&call, service);
    call.caller = request->caller;
    call.client = ml_server_header(request, "User-Agent");
    call.is_version_3 = says_version_3(request);
    if (path || match.route)
        reply->route = path ? "mlflow-artifacts/artifacts" : match.route->path;
    int result = check_origin(request);
    if (result >= 0)
        result = path ? answer_artifact(&call, request, path, reply)
                      : answer_call(&call, request, &match, reply);
    if (ret_result)
        *ret_result = result;
    if (result < 0)
        ML_TRY(reply_error(&call, result, reply));
    add_receipt(&call, reply);
    return 1;
}

/* ---- the service ---- */

int ml_rest_init(struct ml_rest *service, struct ml_ledger *ledger, const struct ml_signer *signer,
                 struct ml_object_store *objects)
{
    *service = (struct ml_rest){.ledger = ledger,
                                .signer = signer,
                                .objects = objects,
                                .artifact_root = "mlflow-artifacts:"};
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
    const int result = ml_catalog_new(&service->catalog);
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
}
