/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a webhook is told, when again, and when no more: lanes moved step by step against receivers
 * that answer well, badly or not at all, with a clock that the test moves.
 */
#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <sys/stat.h>

#include "serve/webhook/cursor.h"
#include "serve/webhook/deliverer.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/webhook_fixture.h"

#define VERSIONS "'model_version_created'"
#define MODEL "{'model_created': {'name': 'm'}}"
#define VERSION "{'version_registered': {'model': 'm', 'source': 's3://b/m', 'run_id': 'r'}}"

static const struct http_exchange fine[] = {HOOK_ANSWER("200 OK"), HOOK_ANSWER("204 No Content"),
                                            HOOK_ANSWER("202 Accepted"), HOOK_ANSWER("200 OK")};

static json_t *json_of(const char *request)
{
    json_t *json = json_loads(hooks_body(request), 0, NULL);
    assert_non_null(json);
    return json;
}

static const char *text_of(json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));
    return text ? text : "";
}

/* ---- delivery ---- */

static void a_notice_is_what_mlflow_sends_and_more(void **state)
{
    struct hooks *hooks = *state;
    struct http_server *server = http_server_start(fine, 1);
    hooks_add(hooks, MODEL);
    hooks_set(hooks, "w", http_server_url(server), VERSIONS, NULL);
    const uint64_t seq = hooks_add(hooks, "{'version_registered': {'model': 'm', 'source': 's', "
                                          "'run_id': 'r', 'tags': ['k']}, 'details': "
                                          "{'tag_values': ['v'], 'description': 'd'}}");
    ML_CLEANUP(ml_lane_freep) struct ml_lane *lane = hooks_lane(hooks, "w");
    assert_int_equal(hooks_run(hooks, lane, NULL), ML_LANE_IDLE);
    ML_CLEANUP(ml_freep) char *requests = http_server_stop(server);
    const char *request = hooks_request(requests, 0);
    ML_CLEANUP(json_decrefp) json_t *json = json_of(request);
    assert_string_equal(hooks_header(request, "Content-Type"), "application/json");
    assert_string_equal(hooks_header(request, "X-MLflow-Timestamp"), "1700000000");
    assert_string_equal(hooks_header(request, "X-MLflow-Signature"), "");
    assert_string_equal(text_of(json, "entity"), "model_version");
    assert_string_equal(text_of(json, "action"), "created");
    assert_non_null(strstr(text_of(json, "timestamp"), "+00:00"));
    ML_CLEANUP(json_decrefp)
    json_t *data = json_pack("{s:s, s:s, s:s, s:s, s:{s:s}, s:s}", "name", "m", "version", "1",
                             "source", "s", "run_id", "r", "tags", "k", "v", "description", "d");
    assert_true(json_equal(json_object_get(json, "data"), data));
    assert_string_equal(text_of(json, "event_type"), "MODEL_VERSION_CREATED");
    assert_string_equal(text_of(json, "model_name"), "m");
    assert_string_equal(text_of(json, "version"), "1");
    assert_string_equal(text_of(json, "actor"), "alice");
    assert_int_equal(json_integer_value(json_object_get(json, "seq")), seq);
    assert_int_equal(strlen(text_of(json, "record_hash")), 64);
    assert_int_equal(atomic_load(&hooks->counts.delivered), 1);
    assert_int_equal(atomic_load(&hooks->failures), 0);
}

/* The signature that MLflow's documentation has receivers compute. */
static void expect_signed(const char *request, const char *secret)
{
    char content[4096], expected[128];
    uint8_t mac[EVP_MAX_MD_SIZE];
    unsigned len;
    snprintf(content, sizeof content, "%s.%s.%s", hooks_header(request, "X-MLflow-Delivery-Id"),
             hooks_header(request, "X-MLflow-Timestamp"), hooks_body(request));
    assert_non_null(HMAC(EVP_sha256(), secret, (int)strlen(secret), (const uint8_t *)content,
                         strlen(content), mac, &len));
    memcpy(expected, "v1,", 3);
    EVP_EncodeBlock((uint8_t *)expected + 3, mac, (int)len);
    assert_string_equal(hooks_header(request, "X-MLflow-Signature"), expected);
}

static void it_is_signed(void **state)
{
    struct hooks *hooks = *state;
    char long_secret[201];
    memset(long_secret, 's', 200);
    long_secret[200] = '\0';
    const char *const secrets[] = {"my-secret", long_secret, "sch\xc3\xb6n\n"};
    hooks_add(hooks, MODEL);
    for (size_t i = 0; i < ML_COUNT(secrets); i++) {
        struct http_server *server = http_server_start(fine, 1);
        hooks_set(hooks, "w", http_server_url(server), VERSIONS, secrets[i]);
        hooks_add(hooks, VERSION);
        ML_CLEANUP(ml_lane_freep) struct ml_lane *lane = hooks_lane(hooks, "w");
        assert_int_equal(hooks_run(hooks, lane, NULL), ML_LANE_IDLE);
        ML_CLEANUP(ml_freep) char *requests = http_server_stop(server);
        expect_signed(hooks_request(requests, 0), secrets[i]);
    }
}

static const char every_event[] =
    "'registered_model_created', 'model_version_created', 'model_version_tag_set', "
    "'model_version_tag_deleted', 'model_version_alias_created', 'model_version_alias_deleted', "
    "'registered_model_deleted', 'model_version_deleted', 'model_version_transitioned_stage', "
    "'model_version_alias_moved'";

/* Each kind of record, in order, and what is news of none: parameters, prompts, what was imported,
 * tags of the model itself. */
static void every_event_is_told_in_order(void **state)
{
    struct hooks *hooks = *state;
    static const char *const lines[] = {
        MODEL,
        VERSION,
        VERSION,
        ("{'tags_set': {'model': 'm', 'version': 1, 'tags': ['a', 'b']}, 'details': {'tag_values': "
         "['1', '2']}}"),
        "{'tags_set': {'model': 'm', 'tags': ['a']}, 'details': {'tag_values': ['1']}}",
        "{'tags_deleted': {'model': 'm', 'version': 1, 'tags': ['a']}}",
        "{'stage_transitioned': {'model': 'm', 'version': 1, 'to_stage': 'Production'}}",
        "{'alias_set': {'model': 'm', 'alias': 'champion', 'version': 1}}",
        "{'alias_set': {'model': 'm', 'alias': 'champion', 'version': 2}}",
        "{'alias_set': {'model': 'm', 'alias': 'champion', 'version': 2}}",
        "{'alias_deleted': {'model': 'm', 'alias': 'champion'}}",
        "{'run_started': {'run_id': 'r9'}}",
        ("{'model_created': {'name': 'p', 'tags': ['mlflow.prompt.is_prompt']}, 'details': "
         "{'tag_values': ['true']}}"),
        "{'version_registered': {'model': 'p'}}",
        "{'version_registered': {'model': 'm', 'version': 7}, 'imported_from': 'mlflow_server'}",
        "{'version_deleted': {'model': 'm', 'version': 2}}",
        "{'model_deleted': {'model': 'm'}}",
    };
    static const struct {
        const char *text;
        size_t line;
    } told[] = {
        {"REGISTERED_MODEL_CREATED m ", 0},
        {"MODEL_VERSION_CREATED m 1", 1},
        {"MODEL_VERSION_CREATED m 2", 2},
        {"MODEL_VERSION_TAG_SET m 1", 3},
        {"MODEL_VERSION_TAG_SET m 1", 3},
        {"MODEL_VERSION_TAG_DELETED m 1", 5},
        {"MODEL_VERSION_TRANSITIONED_STAGE m 1", 6},
        {"MODEL_VERSION_ALIAS_CREATED m 1", 7},
        {"MODEL_VERSION_ALIAS_CREATED m 2", 8},
        {"MODEL_VERSION_ALIAS_MOVED m 2", 8},
        {"MODEL_VERSION_ALIAS_CREATED m 2", 9},
        {"MODEL_VERSION_ALIAS_DELETED m ", 10},
        {"MODEL_VERSION_DELETED m 2", 15},
        {"REGISTERED_MODEL_DELETED m ", 16},
    };
    struct http_exchange exchanges[ML_COUNT(told) + 1];
    for (size_t i = 0; i < ML_COUNT(exchanges); i++)
        exchanges[i] = fine[0];
    struct http_server *server = http_server_start(exchanges, ML_COUNT(exchanges));
    const uint64_t first = hooks_set(hooks, "w", http_server_url(server), every_event, NULL) + 1;
    for (size_t i = 0; i < ML_COUNT(lines); i++)
        hooks_add(hooks, lines[i]);
    ML_CLEANUP(ml_lane_freep) struct ml_lane *lane = hooks_lane(hooks, "w");
    assert_int_equal(hooks_run(hooks, lane, NULL), ML_LANE_IDLE);
    ML_CLEANUP(ml_freep) char *requests = http_server_stop(server);
    assert_int_equal(hooks_count(requests), ML_COUNT(told));
    for (size_t i = 0; i < ML_COUNT(told); i++) {
        char line[128];
        ML_CLEANUP(json_decrefp) json_t *json = json_of(hooks_request(requests, i));
        snprintf(line, sizeof line, "%s %s %s", text_of(json, "event_type"),
                 text_of(json, "model_name"), text_of(json, "version"));
        assert_string_equal(line, told[i].text);
        assert_int_equal(json_integer_value(json_object_get(json, "seq")), first + told[i].line);
        if (i == 6) {
            assert_string_equal(text_of(json, "from_stage"), "None");
            assert_string_equal(text_of(json, "to_stage"), "Production");
            assert_string_equal(text_of(json, "action"), "transitioned_stage");
        }
        if (i == 9)
            assert_string_equal(text_of(json_object_get(json, "data"), "from_version"), "1");
    }
}

/* ---- again, and no more ---- */

static void it_is_sent_again_until_it_arrives(void **state)
{
    struct hooks *hooks = *state;
    static const struct http_exchange exchanges[] = {HOOK_ANSWER("503 Later"),
                                                     HOOK_ANSWER("429 Slow\r\nRetry-After: 100"),
                                                     HOOK_ANSWER("200 OK"), HOOK_ANSWER("200 OK")};
    struct http_server *server = http_server_start(exchanges, ML_COUNT(exchanges));
    int64_t due_us;
    hooks_add(hooks, MODEL);
    hooks_set(hooks, "w", http_server_url(server), VERSIONS, "secret");
    hooks_add(hooks, VERSION);
    hooks_add(hooks, VERSION);
    ML_CLEANUP(ml_lane_freep) struct ml_lane *lane = hooks_lane(hooks, "w");
    assert_int_equal(hooks_run(hooks, lane, &due_us), ML_LANE_LATER);
    assert_in_range(due_us - hooks->now_us, HOOK_SECOND / 2, HOOK_SECOND);
    assert_int_equal(atomic_load(&hooks->failures), 1);
    assert_non_null(strstr(hooks->told, "it will be tried again"));
    /* Before it is due nothing is sent. */
    hooks->now_us = due_us - 1;
    assert_int_equal(hooks_run(hooks, lane, NULL), ML_LANE_LATER);
    hooks->now_us = due_us;
    assert_int_equal(hooks_run(hooks, lane, &due_us), ML_LANE_LATER);
    assert_int_equal(due_us - hooks->now_us, 100 * HOOK_SECOND);
    hooks->now_us = due_us;
    assert_int_equal(hooks_run(hooks, lane, NULL), ML_LANE_IDLE);
    ML_CLEANUP(ml_freep) char *requests = http_server_stop(server);
    assert_int_equal(hooks_count(requests), 4);
    const char *first = hooks_request(requests, 0), *third = hooks_request(requests, 2);
    const char *next = hooks_request(requests, 3);
    assert_string_equal(hooks_body(first), hooks_body(third));
    assert_string_equal(hooks_header(first, "X-MLflow-Delivery-Id"),
                        hooks_header(third, "X-MLflow-Delivery-Id"));
    assert_string_not_equal(hooks_header(first, "X-MLflow-Timestamp"),
                            hooks_header(third, "X-MLflow-Timestamp"));
    expect_signed(third, "secret");
    assert_string_not_equal(hooks_header(first, "X-MLflow-Delivery-Id"),
                            hooks_header(next, "X-MLflow-Delivery-Id"));
    assert_int_equal(atomic_load(&hooks->counts.retried), 2);
    assert_int_equal(atomic_load(&hooks->counts.delivered), 2);
    assert_int_equal(atomic_load(&hooks->counts.given_up), 0);
}

static void it_is_given_up_in_the_end(void **state)
{
    struct hooks *hooks = *state;
    char *nobody = http_nobody();
    int64_t due_us;
    hooks_add(hooks, MODEL);
    hooks_set(hooks, "w", nobody, VERSIONS, NULL);
    const uint64_t seq = hooks_add(hooks, VERSION);
    ML_CLEANUP(ml_lane_freep) struct ml_lane *lane = hooks_lane(hooks, "w");
    for (int i = 1; i < ML_LANE_ATTEMPTS; i++) {
        assert_int_equal(hooks_run(hooks, lane, &due_us), ML_LANE_LATER);
        hooks->now_us = due_us;
    }
    assert_int_equal(hooks_run(hooks, lane, NULL), ML_LANE_IDLE);
    assert_int_equal(atomic_load(&hooks->counts.given_up), 1);
    assert_int_equal(atomic_load(&hooks->failures), 2); /* the first time, and the last */
    assert_non_null(strstr(hooks->told, "it is given up"));
    uint64_t cursor;
    assert_int_equal(ml_cursor_read(hooks->cursors_dir, "w", &cursor), MLEDGER_OK);
    assert_int_equal(cursor, seq + 1);
    free(nobody);
}

static void who_does_not_want_it_is_not_asked_again(void **state)
{
    struct hooks *hooks = *state;
    static const struct http_exchange exchanges[] = {
        HOOK_ANSWER("404 Not Found"), HOOK_ANSWER("400 Bad"),
        HOOK_ANSWER("302 Found\r\nLocation: http://127.0.0.1:1/"), HOOK_ANSWER("200 OK")};
    struct http_server *server = http_server_start(exchanges, ML_COUNT(exchanges));
    hooks_add(hooks, MODEL);
    hooks_set(hooks, "w", http_server_url(server), VERSIONS, NULL);
    for (int i = 0; i < 4; i++)
        hooks_add(hooks, VERSION);
    ML_CLEANUP(ml_lane_freep) struct ml_lane *lane = hooks_lane(hooks, "w");
    assert_int_equal(hooks_run(hooks, lane, NULL), ML_LANE_IDLE);
    ML_CLEANUP(ml_freep) char *requests = http_server_stop(server);
    assert_int_equal(hooks_count(requests), 4);
    assert_int_equal(atomic_load(&hooks->counts.given_up), 3);
    assert_int_equal(atomic_load(&hooks->counts.delivered), 1);
}

/* Its status is all that is wanted of an answer. */
static void a_large_answer_is_not_read(void **state)
{
    struct hooks *hooks = *state;
    static const struct http_exchange endless = {HTTP_ENDLESS, "HTTP/1.1 200 OK\r\n\r\n"};
    struct http_server *server = http_server_start(&endless, 1);
    hooks_add(hooks, MODEL);
    hooks_set(hooks, "w", http_server_url(server), VERSIONS, NULL);
    hooks_add(hooks, VERSION);
    ML_CLEANUP(ml_lane_freep) struct ml_lane *lane = hooks_lane(hooks, "w");
    assert_int_equal(hooks_run(hooks, lane, NULL), ML_LANE_IDLE);
    free(http_server_stop(server));
    assert_int_equal(atomic_load(&hooks->counts.delivered), 1);
}

/* ---- a restart ---- */

static void a_restart_loses_nothing_and_repeats_one_record(void **state)
{
    struct hooks *hooks = *state;
    static const struct http_exchange exchanges[] = {
        HOOK_ANSWER("200 OK"), HOOK_ANSWER("200 OK"), HOOK_ANSWER("503 Later"),
        HOOK_ANSWER("200 OK"), HOOK_ANSWER("200 OK"), HOOK_ANSWER("200 OK")};
    struct http_server *server = http_server_start(exchanges, ML_COUNT(exchanges));
    hooks_add(hooks, MODEL);
    hooks_add(hooks, VERSION);
    hooks_set(hooks, "w", http_server_url(server), "'model_version_tag_set'", NULL);
    hooks_add(hooks, "{'tags_set': {'model': 'm', 'version': 1, 'tags': ['a']}, 'details': "
                     "{'tag_values': ['1']}}");
    hooks_add(hooks, "{'tags_set': {'model': 'm', 'version': 1, 'tags': ['b', 'c']}, 'details': "
                     "{'tag_values': ['1', '2']}}");
    struct ml_lane *lane = hooks_lane(hooks, "w");
    assert_int_equal(hooks_run(hooks, lane, NULL), ML_LANE_LATER);
    ml_lane_free(lane); /* a and b arrived, c did not */
    hooks_add(hooks, "{'tags_set': {'model': 'm', 'version': 1, 'tags': ['d']}, 'details': "
                     "{'tag_values': ['1']}}");
    lane = hooks_lane(hooks, "w");
    assert_int_equal(hooks_run(hooks, lane, NULL), ML_LANE_IDLE);
    ml_lane_free(lane);
    lane = hooks_lane(hooks, "w");
    assert_int_equal(hooks_run(hooks, lane, NULL), ML_LANE_IDLE);
    ml_lane_free(lane);
    ML_CLEANUP(ml_freep) char *requests = http_server_stop(server);
    static const char keys[] = "abcbcd";
    assert_int_equal(hooks_count(requests), strlen(keys));
    for (size_t i = 0; keys[i]; i++) {
        ML_CLEANUP(json_decrefp) json_t *json = json_of(hooks_request(requests, i));
        assert_int_equal(text_of(json_object_get(json, "data"), "key")[0], keys[i]);
    }
    assert_string_equal(hooks_header(hooks_request(requests, 1), "X-MLflow-Delivery-Id"),
                        hooks_header(hooks_request(requests, 3), "X-MLflow-Delivery-Id"));
}

static void a_cursor_that_cannot_be_right_is_not_believed(void **state)
{
    struct hooks *hooks = *state;
    struct http_server *server = http_server_start(fine, 3);
    hooks_add(hooks, MODEL);
    hooks_set(hooks, "w", http_server_url(server), VERSIONS, NULL);
    hooks_add(hooks, VERSION);
    /* The ledger was restored: its next record is a new one. */
    assert_int_equal(ml_cursor_write(hooks->cursors_dir, "w", 4000), MLEDGER_OK);
    struct ml_lane *lane = hooks_lane(hooks, "w");
    assert_non_null(strstr(hooks->told, "it goes on from there"));
    assert_int_equal(hooks_run(hooks, lane, NULL), ML_LANE_IDLE);
    assert_int_equal(atomic_load(&hooks->counts.delivered), 0);
    hooks_add(hooks, VERSION);
    assert_int_equal(hooks_run(hooks, lane, NULL), ML_LANE_IDLE);
    assert_int_equal(atomic_load(&hooks->counts.delivered), 1);
    ml_lane_free(lane);
    /* Rather once more than never. */
    static const char *const texts[] = {"", "x\n", "7", "07\n", "-1\n", "99999999999999999999\n"};
    char command[256];
    for (size_t i = 0; i < ML_COUNT(texts); i++) {
        snprintf(command, sizeof command, "for f in '%s'/*; do printf '%%s' '%s' > \"$f\"; done",
                 hooks->cursors_dir, texts[i]);
        assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
        uint64_t seq;
        assert_int_equal(ml_cursor_read(hooks->cursors_dir, "w", &seq), MLEDGER_EINVALID);
    }
    lane = hooks_lane(hooks, "w");
    assert_non_null(strstr(hooks->told, "is no cursor"));
    assert_int_equal(hooks_run(hooks, lane, NULL), ML_LANE_IDLE);
    assert_int_equal(atomic_load(&hooks->counts.delivered), 3);
    ml_lane_free(lane);
    free(http_server_stop(server));
}

/* ---- changes of the webhook ---- */

static void nothing_is_told_while_it_is_disabled(void **state)
{
    struct hooks *hooks = *state;
    struct http_server *server = http_server_start(fine, 2);
    const char *url = http_server_url(server);
    hooks_add(hooks, MODEL);
    hooks_add(hooks, VERSION); /* before the webhook */
    hooks_disable(hooks, "w", url);
    hooks_add(hooks, VERSION);
    ML_CLEANUP(ml_lane_freep) struct ml_lane *lane = hooks_lane(hooks, "w");
    assert_int_equal(hooks_run(hooks, lane, NULL), ML_LANE_OVER);
    hooks_set(hooks, "w", url, VERSIONS, NULL);
    hooks_add(hooks, VERSION);
    assert_int_equal(hooks_run(hooks, lane, NULL), ML_LANE_IDLE);
    hooks_add(hooks, "{'webhook_deleted': {'webhook_id': 'w'}}");
    hooks_add(hooks, VERSION);
    assert_int_equal(hooks_run(hooks, lane, NULL), ML_LANE_OVER);
    uint64_t seq;
    assert_int_equal(ml_cursor_read(hooks->cursors_dir, "w", &seq), MLEDGER_ENOTFOUND);
    ML_CLEANUP(ml_freep) char *requests = http_server_stop(server);
    assert_int_equal(hooks_count(requests), 1);
    assert_non_null(strstr(requests, "\"version\":\"3\""));
}

/* What waits goes where the webhook says now, or nowhere. */
static void a_change_holds_for_what_waits(void **state)
{
    struct hooks *hooks = *state;
    static const struct http_exchange bad[] = {HOOK_ANSWER("503 Later")};
    struct http_server *first = http_server_start(bad, 1), *second = http_server_start(fine, 1);
    int64_t due_us;
    hooks_add(hooks, MODEL);
    hooks_set(hooks, "w", http_server_url(first), VERSIONS, NULL);
    hooks_add(hooks, VERSION);
    ML_CLEANUP(ml_lane_freep) struct ml_lane *lane = hooks_lane(hooks, "w");
    assert_int_equal(hooks_run(hooks, lane, &due_us), ML_LANE_LATER);
    hooks_set(hooks, "w", http_server_url(second), VERSIONS, "new");
    hooks->now_us = due_us;
    assert_int_equal(hooks_run(hooks, lane, NULL), ML_LANE_IDLE);
    ML_CLEANUP(ml_freep) char *requests = http_server_stop(second);
    expect_signed(hooks_request(requests, 0), "new");
    free(http_server_stop(first));

    first = http_server_start(bad, 1);
    hooks_set(hooks, "w", http_server_url(first), VERSIONS, NULL);
    hooks_add(hooks, VERSION);
    assert_int_equal(hooks_run(hooks, lane, &due_us), ML_LANE_LATER);
    hooks_set(hooks, "w", http_server_url(first), "'model_version_deleted'", NULL);
    hooks->now_us = due_us;
    assert_int_equal(hooks_run(hooks, lane, NULL), ML_LANE_IDLE);
    assert_int_equal(atomic_load(&hooks->counts.delivered), 1);
    free(http_server_stop(first));
}

/* ---- what stands in the way here ---- */

static void without_its_secret_nothing_is_sent(void **state)
{
    struct hooks *hooks = *state;
    struct http_server *server = http_server_start(fine, 1);
    int64_t due_us;
    char command[256];
    hooks_add(hooks, MODEL);
    hooks_set(hooks, "w", http_server_url(server), VERSIONS, "secret");
    hooks_add(hooks, VERSION);
    ML_CLEANUP(ml_lane_freep) struct ml_lane *lane = hooks_lane(hooks, "w");
    snprintf(command, sizeof command, "chmod 640 '%s'/*", hooks->secrets_dir);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
    assert_int_equal(hooks_run(hooks, lane, &due_us), MLEDGER_ESYSTEM);
    assert_non_null(strstr(mledger_error_text(), "webhook 'hook-w'"));
    assert_non_null(strstr(mledger_error_text(), "open to other users"));
    assert_int_equal(due_us - hooks->now_us, 60 * HOOK_SECOND);
    snprintf(command, sizeof command, "cd '%s' && chmod 600 * && mv \"$(ls)\" ../away",
             hooks->secrets_dir);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
    assert_int_equal(hooks_run(hooks, lane, NULL), MLEDGER_ENOTFOUND);
    assert_non_null(strstr(mledger_error_text(), "is not here"));
    /* However long it lasts, it is no attempt. */
    for (int i = 0; i < 2 * ML_LANE_ATTEMPTS; i++)
        assert_int_equal(hooks_run(hooks, lane, NULL), MLEDGER_ENOTFOUND);
    hooks_set(hooks, "w", http_server_url(server), VERSIONS, "another");
    assert_int_equal(hooks_run(hooks, lane, NULL), ML_LANE_IDLE);
    ML_CLEANUP(ml_freep) char *requests = http_server_stop(server);
    expect_signed(hooks_request(requests, 0), "another");
}

static void secrets_are_files_of_one_user(void **state)
{
    struct hooks *hooks = *state;
    uint8_t id[ML_WEBHOOK_SECRET_ID_SIZE] = {0};
    ML_CLEANUP(ml_webhook_secret_freep) struct ml_webhook_secret *secret = NULL;
    ML_CLEANUP(ml_freep) char *large = ml_calloc(1, ML_WEBHOOK_SECRET_MAX + 2);
    char command[256];
    struct stat status;
    assert_non_null(large);
    memset(large, 'x', ML_WEBHOOK_SECRET_MAX + 1);
    assert_int_equal(ml_webhook_secret_put(hooks->secrets_dir, "", id), MLEDGER_EUSAGE);
    assert_int_equal(ml_webhook_secret_put(hooks->secrets_dir, large, id), MLEDGER_EUSAGE);
    large[ML_WEBHOOK_SECRET_MAX] = '\0';
    assert_int_equal(ml_webhook_secret_put(hooks->secrets_dir, large, id), MLEDGER_OK);
    assert_int_equal(stat(hooks->secrets_dir, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
    assert_int_equal(ml_webhook_secret_get(hooks->secrets_dir, id, &secret), MLEDGER_OK);
    assert_int_equal(secret->len, ML_WEBHOOK_SECRET_MAX);
    assert_memory_equal(secret->bytes, large, ML_WEBHOOK_SECRET_MAX);
    ml_secret_release(ML_TAKE(secret));
    snprintf(command, sizeof command, "for f in '%s'/*; do echo >> \"$f\"; done",
             hooks->secrets_dir);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
    assert_int_equal(ml_webhook_secret_get(hooks->secrets_dir, id, &secret), MLEDGER_EINVALID);
    snprintf(command, sizeof command, "for f in '%s'/*; do : > \"$f\"; done", hooks->secrets_dir);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
    assert_int_equal(ml_webhook_secret_get(hooks->secrets_dir, id, &secret), MLEDGER_EINVALID);
    ml_webhook_secret_drop(hooks->secrets_dir, id);
    assert_int_equal(ml_webhook_secret_get(hooks->secrets_dir, id, &secret), MLEDGER_ENOTFOUND);
}

/* A URL that was allowed once, by another server or by hand. */
static void it_goes_no_further_than_it_may(void **state)
{
    struct hooks *hooks = *state;
    struct http_server *server = http_server_start(fine, 1);
    char url[80];
    hooks->options.reach = ML_WEBHOOK_PUBLIC;
    hooks_add(hooks, MODEL);
    hooks_set(hooks, "w", http_server_url(server), VERSIONS, NULL);
    hooks_add(hooks, VERSION);
    ML_CLEANUP(ml_lane_freep) struct ml_lane *lane = hooks_lane(hooks, "w");
    assert_int_equal(hooks_run(hooks, lane, NULL), MLEDGER_EUSAGE);
    /* A name, of which only the address tells. */
    snprintf(url, sizeof url, "https://localhost%s", strrchr(http_server_url(server), ':'));
    hooks_set(hooks, "w", url, VERSIONS, NULL);
    assert_int_equal(hooks_run(hooks, lane, NULL), ML_LANE_IDLE);
    assert_int_equal(atomic_load(&hooks->counts.given_up), 1);
    assert_non_null(strstr(hooks->told, "network"));
    ML_CLEANUP(ml_freep) char *requests = http_server_stop(server);
    assert_string_equal(requests, "");
}

/* Their paths may be credentials. */
static void no_failure_tells_a_url(void **state)
{
    struct hooks *hooks = *state;
    char *nobody = http_nobody(), url[80];
    snprintf(url, sizeof url, "%s/T0/B0/credential", nobody);
    hooks_add(hooks, MODEL);
    hooks_set(hooks, "w", url, VERSIONS, NULL);
    hooks_add(hooks, VERSION);
    ML_CLEANUP(ml_lane_freep) struct ml_lane *lane = hooks_lane(hooks, "w");
    assert_int_equal(hooks_run(hooks, lane, NULL), ML_LANE_LATER);
    assert_non_null(strstr(hooks->told, nobody));
    assert_null(strstr(hooks->told, "credential"));
    free(nobody);
}

static void waits_grow_and_are_bounded(void **state)
{
    (void)state;
    static const int64_t seconds[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300};
    for (unsigned i = 0; i < ML_COUNT(seconds); i++) {
        assert_int_equal(ml_lane_backoff_us(i + 1, 0, 0), seconds[i] * HOOK_SECOND / 2);
        assert_int_equal(ml_lane_backoff_us(i + 1, UINT32_MAX, 0), seconds[i] * HOOK_SECOND);
    }
    assert_int_equal(ml_lane_backoff_us(UINT32_MAX, UINT32_MAX, 0), 300 * HOOK_SECOND);
    assert_int_equal(ml_lane_backoff_us(1, 0, 90), 90 * HOOK_SECOND);
    assert_int_equal(ml_lane_backoff_us(9, 0, 1), 128 * HOOK_SECOND);
    assert_int_equal(ml_lane_backoff_us(1, 0, INT64_MAX), 3600 * HOOK_SECOND);
}

int main(void)
{
#define HOOK(test) cmocka_unit_test_setup_teardown(test, hooks_set_up, hooks_tear_down)
    const struct CMUnitTest tests[] = {
        HOOK(a_notice_is_what_mlflow_sends_and_more),
        HOOK(it_is_signed),
        HOOK(every_event_is_told_in_order),
        HOOK(it_is_sent_again_until_it_arrives),
        HOOK(it_is_given_up_in_the_end),
        HOOK(who_does_not_want_it_is_not_asked_again),
        HOOK(a_large_answer_is_not_read),
        HOOK(a_restart_loses_nothing_and_repeats_one_record),
        HOOK(a_cursor_that_cannot_be_right_is_not_believed),
        HOOK(nothing_is_told_while_it_is_disabled),
        HOOK(a_change_holds_for_what_waits),
        HOOK(without_its_secret_nothing_is_sent),
        HOOK(secrets_are_files_of_one_user),
        HOOK(it_goes_no_further_than_it_may),
        HOOK(no_failure_tells_a_url),
        cmocka_unit_test(waits_grow_and_are_bounded),
    };
    return cmocka_run_group_tests_name("webhook", tests, NULL, NULL);
}
