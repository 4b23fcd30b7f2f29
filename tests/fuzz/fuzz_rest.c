/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests of MLflow's API: "METHOD PATH?QUERY" on the first line, a body of JSON after it. Each is
 * answered over a small ledger, up to the signature that would record it, which always fails: so
 * every input meets the same ledger. Nothing but that failure is the server's fault.
 */
#include <jansson.h>

#include "ledger/core/json.h"
#include "serve/mlflow/experiment.h"
#include "serve/mlflow/front.h"
#include "serve/mlflow/request.h"
#include "tests/fuzz/target.h"
#include "tests/unit/ledger_fixture.h"

enum { LINE_MAX_BYTES = 8192 };

static struct fixture ledger;
static struct ml_rest rest;
static struct ml_signer refusing;

/* ---- the ledger that all inputs meet ---- */

static int refuse_to_sign(void *context, struct ml_span message,
                          uint8_t signature[ML_SIGNATURE_SIZE])
{
    (void)context;
    (void)message;
    (void)signature;
    return ml_fail(MLEDGER_ESYSTEM, "nothing is signed here");
}

static int answer(const struct ml_rest_match *match, const json_t *json, const char *version);

/* What it begins with: a run of which much is known, a model with versions and an alias. */
static const struct {
    const char *method, *path, *body;
} story[] = {
    {"POST", "/api/2.0/mlflow/experiments/create", "{\"name\": \"churn\"}"},
    {"POST", "/api/2.0/mlflow/experiments/create", "{\"name\": \"gone\"}"},
    {"POST", "/api/2.0/mlflow/experiments/delete", "{\"experiment_id\": \"2\"}"},
    {"POST", "/api/2.0/mlflow/registered-models/create",
     "{\"name\": \"m\", \"tags\": [{\"key\": \"team\", \"value\": \"risk\"}]}"},
    {"POST", "/api/2.0/mlflow/model-versions/create",
     "{\"name\": \"m\", \"source\": \"s3://b/m\", \"run_id\": \"r\"}"},
    {"POST", "/api/2.0/mlflow/model-versions/create",
     "{\"name\": \"m\", \"source\": \"models:/m/1\"}"},
    {"POST", "/api/2.0/mlflow/model-versions/transition-stage",
     "{\"name\": \"m\", \"version\": \"2\", \"stage\": \"Production\"}"},
    {"POST", "/api/2.0/mlflow/registered-models/alias",
     "{\"name\": \"m\", \"alias\": \"champion\", \"version\": \"1\"}"},
};

static const char *const run_lines[] = {
    "{\"run_started\": {\"run_id\": \"r\", \"name\": \"first\", \"experiment\": \"1\", "
    "\"artifact_uri\": \"mlflow-artifacts:/1/r/artifacts\"}}",
    "{\"run_logged\": {\"run\": \"r\", \"params\": [\"lr\"], \"tags\": [\"team\"], \"metrics\": "
    "[{\"key\": \"auc\", \"step\": 1, \"time\": \"2026-01-01T00:00:00Z\"}], \"inputs\": "
    "[{\"name\": \"data\", \"role\": \"train\", \"labels\": [{\"scheme\": \"mlflow.digest\", "
    "\"value\": \"d\"}]}]}, \"details\": {\"param_values\": [\"0.1\"], \"tag_values\": "
    "[\"risk\"], \"metric_values\": [\"0.9\"]}}",
};

static void tell_story(void)
{
    for (size_t i = 0; i < ML_COUNT(story); i++) {
        const struct ml_rest_match match = ml_rest_route(story[i].method, story[i].path);
        json_t *json = json_loads(story[i].body, 0, NULL);
        FUZZ_CHECK(match.route && json);
        if (i == 1) /* the first experiment is there, and the model is not yet */
            for (size_t k = 0; k < ML_COUNT(run_lines); k++)
                fixture_add(&ledger, run_lines[k]);
        FUZZ_CHECK(answer(&match, json, NULL) == MLEDGER_OK);
        json_decref(json);
    }
}

static void clean(void)
{
    ml_rest_release(&rest);
    fixture_release(&ledger);
}

static void begin(void)
{
    static bool is_begun;
    if (is_begun)
        return;
    is_begun = true;
    fixture_init(&ledger);
    /* No artifact is put or read: that is a matter of bytes, not of what a request says. */
    FUZZ_CHECK(ml_rest_init(&rest, ledger.ledger, &ledger.signers[ALICE], NULL) == MLEDGER_OK);
    FUZZ_CHECK(ml_rest_experiment_default(&rest) == MLEDGER_OK);
    tell_story();
    refusing = ledger.signers[ALICE];
    refusing.sign = refuse_to_sign;
    rest.signer = &refusing;
    FUZZ_CHECK(atexit(clean) == 0);
}

/* ---- a request ---- */

static int answer_with(struct ml_rest_call *call, const struct ml_rest_match *match,
                       const json_t *json)
{
    ProtobufCMessage *message;
    ML_TRY(ml_rest_request_from_json(json, match->route->request, &call->arena, &message));
    const ProtobufCMessageDescriptor *type = match->route->response;
    ProtobufCMessage *reply = ml_arena_alloc(&call->arena, type->sizeof_message);
    FUZZ_CHECK(reply != NULL);
    protobuf_c_message_init(type, reply);
    ML_TRY(match->route->handle(call, message, reply));
    json_t *shown = NULL;
    FUZZ_CHECK(ml_json_from_api(reply, &shown) == MLEDGER_OK);
    json_decref(shown);
    return MLEDGER_OK;
}

static int answer(const struct ml_rest_match *match, const json_t *json, const char *version)
{
    struct ml_rest_call call;
    ml_rest_call_init(&call, &rest);
    call.is_version_3 = version != NULL;
    const int result = answer_with(&call, match, json);
    ml_rest_call_release(&call);
    return result;
}

/* "a=1&b=2", of which nothing is decoded, as the server reads it. NULL: an argument is refused. */
static json_t *read_query(char *query, const ProtobufCMessageDescriptor *type)
{
    json_t *object = json_object();
    char *save = NULL;
    for (char *pair = strtok_r(query, "&", &save); pair; pair = strtok_r(NULL, "&", &save)) {
        char *value = strchr(pair, '=');
        if (value)
            *value++ = '\0';
        if (ml_rest_request_add(object, type, pair, value ? value : "") < 0) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

/* The ledger's own failure to sign is the one thing that may be answered 500. */
static void check(int result)
{
    if (result >= 0 || strstr(mledger_error_text(), "nothing is signed here"))
        return;
    const struct ml_rest_error error = ml_rest_error(result);
    if (error.status >= 500 && error.status != 501)
        fprintf(stderr, "%d %s: %s\n", error.status, error.code, mledger_error_text());
    FUZZ_CHECK(error.status < 500 || error.status == 501);
}

static void run(char *line, struct ml_span body)
{
    char *path = strchr(line, ' '), *query = NULL;
    json_t *json = NULL;
    if (!path)
        return;
    *path++ = '\0';
    query = strchr(path, '?');
    if (query)
        *query++ = '\0';
    const struct ml_rest_match match = ml_rest_route(line, path);
    if (!match.route)
        return;
    if (query)
        json = read_query(query, match.route->request);
    else if (ml_json_parse((const char *)body.data, body.len, &json) < 0)
        return;
    if (json_is_object(json))
        check(answer(&match, json, body.len % 2 ? "3.1" : NULL));
    json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char line[LINE_MAX_BYTES];
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    const size_t len = end ? (size_t)(end - data) : size;
    begin();
    if (len >= sizeof line)
        return 0;
    if (len > 0)
        memcpy(line, data, len);
    line[len] = '\0';
    run(line, end ? ML_SPAN(end + 1, size - len - 1) : ML_SPAN(data, 0));
    return 0;
}
