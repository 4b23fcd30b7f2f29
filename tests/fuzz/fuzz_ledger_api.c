/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests of the ledger's own API: "METHOD PATH?QUERY" on the first line, where PATH is below the
 * prefix, and a body after it. Each is answered over a small ledger, up to the signature that would
 * record it, which always fails: so every input meets the same ledger. Nothing but that failure is
 * the server's fault. A second reading of the first line is what a client accepts, and the body is
 * also read as the pin of a server, which is then written to the same.
 */
#include <jansson.h>

#include "ledger/core/json.h"
#include "serve/ledger_api/accept.h"
#include "serve/ledger_api/problem.h"
#include "serve/ledger_api/route.h"
#include "serve/ledger_client/pin.h"
#include "tests/fuzz/target.h"
#include "tests/unit/ledger_fixture.h"

enum { LINE_MAX_BYTES = 8192 };

static struct fixture ledger;
static struct ml_api api;
static struct ml_signer refusing;

static int refuse_to_sign(void *context, struct ml_span message,
                          uint8_t signature[ML_SIGNATURE_SIZE])
{
    (void)context;
    (void)message;
    (void)signature;
    return ml_fail(MLEDGER_ESYSTEM, "nothing is signed here");
}

static void clean(void)
{
    ml_api_release(&api);
    fixture_release(&ledger);
}

static void begin(void)
{
    static bool is_begun;
    if (is_begun)
        return;
    is_begun = true;
    fixture_init(&ledger);
    fixture_add_bob(&ledger);
    fixture_add(&ledger, "{\"model_created\":{\"name\":\"churn\"}}");
    fixture_add(&ledger, "{\"run_started\":{\"run_id\":\"r\"}}");
    fixture_add(&ledger, "{\"version_registered\":{\"model\":\"churn\",\"run_id\":\"r\"}}");
    fixture_add(&ledger, "{\"dataset_recorded\":{\"name\":\"raw\"}}");
    fixture_checkpoint(&ledger);
    refusing = ledger.signers[ALICE];
    refusing.sign = refuse_to_sign;
    const struct ml_api_options options = {
        .ledger = ledger.ledger, .signer = &refusing, .known_dir = ledger.known};
    FUZZ_CHECK(ml_api_init(&api, &options) == MLEDGER_OK);
    FUZZ_CHECK(atexit(clean) == 0);
}

/* "a=1&b=2", of which nothing is decoded. False: an argument is refused. */
static bool read_query(char *query, const struct ml_api_route *route, json_t *object)
{
    char *save = NULL;
    for (char *pair = strtok_r(query, "&", &save); pair; pair = strtok_r(NULL, "&", &save)) {
        char *value = strchr(pair, '=');
        if (value)
            *value++ = '\0';
        if (ml_api_request_add(object, route->request, pair, value ? value : "") < 0)
            return false;
    }
    return true;
}

/* A failure becomes a problem, which names no fault of the server's. */
static void check(struct ml_api_call *call, int result)
{
    if (result >= 0) {
        FUZZ_CHECK(call->reply->status == 200);
        return;
    }
    const bool unsigned_only = strstr(mledger_error_text(), "nothing is signed here") != NULL;
    if (ml_api_status(result) == 500 && !unsigned_only)
        fprintf(stderr, "500: %s\n", mledger_error_text());
    FUZZ_CHECK(ml_api_status(result) != 500 || unsigned_only);
    FUZZ_CHECK(ml_api_problem(call, result) == MLEDGER_OK);
    FUZZ_CHECK(call->reply->body.len > 0);
}

static void answer(const struct ml_api_route *route, const struct ml_path_variables *variables,
                   json_t *object, struct ml_span body)
{
    static const struct ml_caller nobody;
    const struct ml_server_request http = {
        .method = route->method, .path = route->path, .body = body, .caller = &nobody};
    struct ml_server_reply reply = {0};
    struct ml_api_call call;
    ProtobufCMessage *message;
    ml_api_call_init(&call, &api, &http, &reply);
    int result = ml_api_read_arguments(&call, route, variables, object, &message);
    if (result >= 0)
        result = route->handle(&call, message);
    check(&call, result);
    ml_api_call_release(&call);
    ml_buf_release(&reply.body);
}

static void run(char *line, struct ml_span body)
{
    struct ml_path_variables variables;
    const char *allow;
    char *path = strchr(line, ' '), *query = NULL;
    if (!path)
        return;
    *path++ = '\0';
    query = strchr(path, '?');
    if (query)
        *query++ = '\0';
    const struct ml_api_route *route = ml_api_route(line, path, &variables, &allow);
    if (!route || (query && strstr(query, "svg"))) /* drawing is another process's work */
        return;
    json_t *object = json_object();
    FUZZ_CHECK(object != NULL);
    if (!query || read_query(query, route, object))
        answer(route, &variables, object, body);
    json_decref(object);
}

static void read_accept(const char *line)
{
    static const char *const types[] = {"text/plain", "application/json", NULL};
    size_t choice;
    if (ml_api_accept_value(line, types, &choice) >= 0)
        FUZZ_CHECK(choice < 2);
}

static void read_pin(struct ml_span text)
{
    struct ml_pin pin, again;
    if (ml_pin_parse("pin", text, &pin) < 0) {
        FUZZ_CHECK(mledger_error_code() == MLEDGER_EINVALID);
        return;
    }
    FUZZ_CHECK(ml_pin_write(ledger.known, &pin) == MLEDGER_OK);
    FUZZ_CHECK(ml_pin_read(ledger.known, pin.url, &again) == MLEDGER_OK);
    FUZZ_CHECK(again.n_vkeys == pin.n_vkeys);
    FUZZ_CHECK(memcmp(again.identity, pin.identity, ML_HASH_SIZE) == 0);
    ml_pin_release(&again);
    ml_pin_release(&pin);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char line[LINE_MAX_BYTES];
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    const size_t len = end ? (size_t)(end - data) : size;
    const struct ml_span body = end ? ML_SPAN(end + 1, size - len - 1) : ML_SPAN(data, 0);
    begin();
    if (len >= sizeof line)
        return 0;
    if (len > 0)
        memcpy(line, data, len);
    line[len] = '\0';
    read_accept(line);
    read_pin(body);
    run(line, body);
    return 0;
}
