/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/relay.h"

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "ledger/core/json.h"
#include "serve/mlflow/artifact.h"
#include "serve/mlflow/object_store.h"
#include "serve/mlflow/reply.h"
#include "serve/mlflow/request.h"
#include "serve/mlflow/upload.h"

/* A request on its way. */
struct relayed {
    struct ml_relay *relay;
    const struct ml_server_request *request;
    const char *path; /* of an artifact, or NULL */
    struct ml_rest_match match;
    struct ml_http_response response; /* of the other server */
};

static void relayed_release(struct relayed *relayed)
{
    ml_http_response_release(&relayed->response);
}

/* MLflow names its reads so, whatever their method. */
static bool is_read(const struct ml_rest_route *route)
{
    const char *name = strrchr(route->path, '/');
    name = name ? name + 1 : route->path;
    return strcmp(route->method, "GET") == 0 || strncmp(name, "search", 6) == 0 ||
           strncmp(name, "get-", 4) == 0;
}

/* Webhooks are the other server's own there; those of the ledger are set by its owner. */
static bool is_recorded(const struct relayed *relayed)
{
    static const char webhooks[] = "mlflow/webhooks";
    if (relayed->match.route &&
        strncmp(relayed->match.route->path, webhooks, sizeof webhooks - 1) == 0)
        return false;
    if (ml_rest_upload_route(relayed->request))
        return true;
    if (relayed->path)
        return strcmp(relayed->request->method, "GET") != 0 &&
               strcmp(relayed->request->method, "HEAD") != 0;
    return relayed->match.route && !is_read(relayed->match.route);
}

static bool is_of_registry(const struct relayed *relayed)
{
    const char *path = relayed->match.route ? relayed->match.route->path : "";
    return strncmp(path, "mlflow/registered-models/", 25) == 0 ||
           strncmp(path, "mlflow/model-versions/", 22) == 0;
}

/* ---- passing on ---- */

static int pass_on(struct relayed *relayed, const struct ml_upstream_bodies *bodies)
{
    struct ml_error error;
    const int result =
        ml_upstream_send(relayed->relay->upstream, relayed->request, bodies, &relayed->response);
    if (result >= 0)
        return MLEDGER_OK;
    ml_error_get(&error);
    return ml_rest_refuse(ML_REST_UNAVAILABLE, "%s", error.text);
}

/* The file of an artifact, which is here already. */
static int pass_on_file(struct relayed *relayed)
{
    struct ml_object *object = ml_rest_artifact_object(relayed->request);
    struct ml_digests digests;
    ML_TRY(ml_object_hash(object, &digests));
    const struct ml_upstream_bodies bodies = {
        .file = object->fd, .has_file = true, .file_size = digests.size};
    return pass_on(relayed, &bodies);
}

static bool is_done(const struct relayed *relayed)
{
    return relayed->response.status / 100 == 2;
}

/* The other server's answer as it is. */
static void give_answer(struct relayed *relayed, struct ml_server_reply *reply)
{
    struct ml_http_response *response = &relayed->response;
    reply->status = response->status;
    if (response->content_type[0])
        ml_server_reply_header(reply, "Content-Type", "%s", response->content_type);
    ml_buf_release(&reply->body);
    reply->body = response->body;
    response->body = (struct ml_buf){0};
}

/* ---- recording ---- */

/* The other server's answer as the route's message. */
static int read_answer(struct relayed *relayed, struct ml_rest_call *call)
{
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    const struct ml_buf *body = &relayed->response.body;
    ProtobufCMessage *message;
    if (!relayed->match.route)
        return MLEDGER_OK;
    ML_TRY(ml_json_parse((const char *)body->data, body->len, &json));
    ML_TRY(ml_rest_request_from_json(json, relayed->match.route->response, &call->arena, &message));
    call->given = message;
    return MLEDGER_OK;
}

/* The handler, whose own answer nobody gets. */
static int perform(struct relayed *relayed, struct ml_rest_call *call)
{
    struct ml_server_reply unsent = {0};
    const int result = ml_rest_perform(call, relayed->request, &relayed->match, &unsent);
    ml_buf_release(&unsent.body);
    if (unsent.has_file)
        close(unsent.file);
    return result;
}

/* A call that would change nothing is good, too. */
static int rehearse(struct relayed *relayed)
{
    struct ml_rest_call call;
    ml_rest_call_begin(&call, relayed->relay->service, relayed->request);
    call.turn = ML_REST_REHEARSAL;
    int result = perform(relayed, &call);
    if (call.is_rehearsed) {
        ml_error_clear();
        result = MLEDGER_OK;
    }
    ml_rest_call_release(&call);
    return result;
}

static int record(struct relayed *relayed, struct ml_server_reply *reply)
{
    struct ml_rest_call call;
    ml_rest_call_begin(&call, relayed->relay->service, relayed->request);
    call.turn = ML_REST_AFTERWARDS;
    int result = read_answer(relayed, &call);
    if (result >= 0)
        result = perform(relayed, &call);
    if (result >= 0)
        ml_rest_receipt(&call, reply);
    ml_rest_call_release(&call);
    return result;
}

/* A thing that the ledger has never heard of is most likely older than the relay. */
static int explain_refusal(const struct ml_relay *relay, int result)
{
    struct ml_error error;
    ml_error_get(&error);
    if (ml_rest_error(result).status != 404)
        return result;
    return ml_rest_refuse(ML_REST_NOT_FOUND,
                          "%s (to the ledger; what the MLflow server held before is brought in by: "
                          "mledger import mlflow %s)",
                          error.text, ml_upstream_url(relay->upstream));
}

/* Whether what the ledger cannot record may be passed on all the same. */
static bool may_go_on(const struct ml_relay *relay, int result)
{
    return relay->fails_open && strcmp(ml_rest_error(result).code, ML_REST_DENIED) != 0;
}

/* It is done there, and this thread's error says why it is not recorded here. */
static int miss(struct relayed *relayed)
{
    struct ml_error error;
    ml_error_get(&error);
    ML_TRY(ml_gaps_note(&relayed->relay->gaps, relayed->request));
    if (relayed->relay->fails_open)
        return MLEDGER_OK;
    return ml_rest_refuse(ML_REST_CONFLICT,
                          "the MLflow server has done it, but it could not be recorded: %s",
                          error.text);
}

/* This call is recorded, so it is good whatever becomes of others: what cannot be recorded of them
 * yet stays put down, and is tried again after the next call. */
static void settle(struct ml_relay *relay)
{
    (void)!ml_gaps_settle(&relay->gaps, relay->service);
    ml_error_clear();
}

static int relay_recorded(struct relayed *relayed, struct ml_server_reply *reply)
{
    struct ml_relay *relay = relayed->relay;
    struct ml_error error;
    int result = rehearse(relayed);
    if (result < 0 && !may_go_on(relay, result))
        return explain_refusal(relay, result);
    const bool is_missing = result < 0;
    ml_error_get(&error);
    ML_TRY(ml_rest_artifact_object(relayed->request)
               ? pass_on_file(relayed)
               : pass_on(relayed, &(struct ml_upstream_bodies){0}));
    if (is_done(relayed)) {
        result = is_missing ? ml_error_set(&error) : record(relayed, reply);
        if (result < 0)
            ML_TRY(miss(relayed));
        else
            settle(relay);
    }
    give_answer(relayed, reply);
    return MLEDGER_OK;
}

/* ---- an artifact that comes back ---- */

static int sink(void *context, struct ml_span bytes)
{
    return ml_object_take(context, bytes);
}

/* One that the ledger does not know is none of its business. */
static int compare(struct relayed *relayed, const uint8_t sha256[ML_HASH_SIZE])
{
    struct ml_rest_call call;
    const uint8_t *recorded;
    uint64_t seq;
    ml_rest_call_begin(&call, relayed->relay->service, relayed->request);
    int result = ml_rest_artifact_recorded(&call, relayed->path, &recorded, &seq);
    if (result < 0 && ml_rest_error(result).status != 500) {
        ml_error_clear();
        result = MLEDGER_OK;
    } else if (result >= 0 && recorded && memcmp(recorded, sha256, ML_HASH_SIZE) != 0) {
        result = ml_rest_refuse(ML_REST_CONFLICT,
                                "the artifact '%.512s' of the MLflow server is not the one that "
                                "record %" PRIu64 " names: its content is another",
                                relayed->path, seq);
    }
    ml_rest_call_release(&call);
    return result;
}

static int give_file(const struct ml_object *object, uint64_t size, struct ml_server_reply *reply)
{
    reply->file = dup(object->fd);
    if (reply->file < 0)
        return ml_fail_errno(errno, "cannot hand on an artifact");
    reply->has_file = true;
    reply->file_size = size;
    ml_server_reply_header(reply, "X-Content-Type-Options", "nosniff");
    ml_server_reply_header(reply, "Content-Disposition", "attachment");
    return MLEDGER_OK;
}

static int relay_file(struct relayed *relayed, struct ml_object *object,
                      struct ml_server_reply *reply)
{
    const struct ml_upstream_bodies bodies = {
        .sink = sink, .sink_context = object, .sink_max = ML_REST_ARTIFACT_MAX};
    struct ml_digests digests;
    ML_TRY(pass_on(relayed, &bodies));
    if (relayed->response.status == 200) {
        ML_TRY(ml_object_hash(object, &digests));
        ML_TRY(compare(relayed, digests.sha256));
        ML_TRY(give_file(object, digests.size, reply));
    }
    give_answer(relayed, reply);
    return MLEDGER_OK;
}

static int relay_artifact(struct relayed *relayed, struct ml_server_reply *reply)
{
    struct ml_object object;
    int result = ml_object_begin(relayed->relay->service->objects, ML_REST_ARTIFACT_MAX, &object);
    if (result >= 0)
        result = relay_file(relayed, &object, reply);
    ml_object_release(&object);
    return result;
}

/* ---- all of it ---- */

static int relay_read(struct relayed *relayed, struct ml_server_reply *reply)
{
    if (relayed->path && strcmp(relayed->request->method, "GET") == 0)
        return relay_artifact(relayed, reply);
    ML_TRY(pass_on(relayed, &(struct ml_upstream_bodies){0}));
    give_answer(relayed, reply);
    return MLEDGER_OK;
}

static int relay_in_turn(struct relayed *relayed, struct ml_server_reply *reply)
{
    if (!is_of_registry(relayed))
        return relay_recorded(relayed, reply);
    pthread_mutex_lock(&relayed->relay->registry);
    const int result = relay_recorded(relayed, reply);
    pthread_mutex_unlock(&relayed->relay->registry);
    return result;
}

int ml_relay_answer(struct ml_relay *relay, const struct ml_server_request *request,
                    struct ml_server_reply *reply)
{
    ML_CLEANUP(relayed_release)
    struct relayed relayed = {.relay = relay,
                              .request = request,
                              .path = ml_rest_artifact_path(request),
                              .match = ml_rest_route(request->method, request->path)};
    if (relayed.path || relayed.match.route)
        reply->route = relayed.path ? "mlflow-artifacts/artifacts" : relayed.match.route->path;
    const int result =
        is_recorded(&relayed) ? relay_in_turn(&relayed, reply) : relay_read(&relayed, reply);
    if (result < 0)
        ML_TRY(ml_rest_reply_error(reply, result, ml_rest_is_version_3(request)));
    return 1;
}

int ml_relay_init(struct ml_relay *relay, struct ml_rest *service, struct ml_upstream *upstream,
                  bool fails_open)
{
    *relay = (struct ml_relay){.service = service, .upstream = upstream, .fails_open = fails_open};
    const int error_number = pthread_mutex_init(&relay->registry, NULL);
    if (error_number != 0)
        return ml_fail_errno(error_number, "cannot make a mutex");
    int result = ml_gaps_init(&relay->gaps, ml_upstream_url(upstream), service->objects->root);
    if (result < 0) {
        pthread_mutex_destroy(&relay->registry);
        return result;
    }
    result = ml_gaps_settle(&relay->gaps, service);
    if (result < 0)
        ml_relay_release(relay);
    return result;
}

void ml_relay_release(struct ml_relay *relay)
{
    ml_gaps_release(&relay->gaps);
    pthread_mutex_destroy(&relay->registry);
}
