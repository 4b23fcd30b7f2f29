/* SPDX-License-Identifier: Apache-2.0 */
/* MLflow's API of webhooks: what is recorded, answered, refused, and never said. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "serve/webhook/trial.h"
#include "tests/unit/http_server.h"
#include "tests/unit/rest_fixture.h"
#include "tests/unit/webhook_fixture.h"

#define PATH "/api/2.0/mlflow/webhooks"
#define CREATED "\"events\": [{\"entity\": \"MODEL_VERSION\", \"action\": \"CREATED\"}]"
#define DEPLOY "{\"name\": \"deploy\", \"url\": \"https://ci.example.com/T0/hook\", " CREATED "}"

struct world {
    struct rest_fixture rest;
    char secrets_dir[96];
    struct ml_webhook_sending sending;
};

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    rest_fixture_init(&world->rest);
    snprintf(world->secrets_dir, sizeof world->secrets_dir, "%s/secrets", world->rest.ledger.dir);
    world->sending = (struct ml_webhook_sending){.secrets_dir = world->secrets_dir,
                                                 .reach = ML_WEBHOOK_LOOPBACK};
    world->rest.rest.sending = &world->sending;
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    rest_fixture_release(&world->rest);
    free(world);
    return 0;
}

static struct rest_reply ask(struct world *world, int status, const char *method, const char *path,
                             const char *body)
{
    struct rest_reply reply;
    rest_ask(&world->rest, method, path, body, NULL, &reply);
    if (reply.status != status)
        print_error("%s %s: %d %s\n", method, path, reply.status, reply.text);
    assert_int_equal(reply.status, status);
    return reply;
}

static void refused(struct world *world, const char *method, const char *path, const char *body,
                    const char *code, const char *message)
{
    struct rest_reply reply;
    rest_ask(&world->rest, method, path, body, NULL, &reply);
    const char *said = json_string_value(json_object_get(reply.json, "message"));
    assert_non_null(said);
    if (!strstr(said, message))
        print_error("'%s' lacks '%s'\n", said, message);
    assert_non_null(strstr(said, message));
    assert_string_equal(json_string_value(json_object_get(reply.json, "error_code")), code);
    rest_reply_release(&reply);
}

/* Creates one, which must work; its id. */
static const char *create(struct world *world, const char *body)
{
    static char ids[4][64];
    static unsigned turn;
    char *id = ids[turn++ % 4];
    struct rest_reply reply = ask(world, 200, "POST", PATH, body);
    snprintf(
        id, sizeof ids[0], "%s",
        json_string_value(json_object_get(json_object_get(reply.json, "webhook"), "webhook_id")));
    assert_string_not_equal(reply.seq, "");
    rest_reply_release(&reply);
    return id;
}

static const char *path_of(const char *id, const char *tail)
{
    static char path[128];
    snprintf(path, sizeof path, PATH "/%s%s", id, tail);
    return path;
}

static size_t count_secrets(const struct world *world)
{
    size_t count = 0;
    DIR *dir = opendir(world->secrets_dir);
    for (const struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir))
        count += entry->d_name[0] != '.';
    if (dir)
        closedir(dir);
    return count;
}

/* Whether any record holds these bytes. */
static bool ledger_holds(struct world *world, const char *text)
{
    struct ml_view view;
    bool holds = false;
    assert_int_equal(ml_view_begin(world->rest.ledger.ledger, &view), MLEDGER_OK);
    for (uint64_t seq = 0; seq < view.head.size; seq++) {
        struct ml_span bytes;
        assert_int_equal(ml_view_bytes(&view, seq, &bytes), MLEDGER_OK);
        holds = holds || memmem(bytes.data, bytes.len, text, strlen(text));
    }
    ml_view_end(&view);
    return holds;
}

static void one_is_made_changed_and_deleted(void **state)
{
    struct world *world = *state;
    const char *id =
        create(world, "{\"name\": \"deploy\", \"url\": \"https://ci.example.com/x\", "
                      "\"description\": \"d\", \"secret\": \"first-secret\", " CREATED "}");
    struct rest_reply reply = ask(world, 200, "GET", path_of(id, ""), NULL);
    json_t *webhook = json_object_get(reply.json, "webhook");
    ML_CLEANUP(json_decrefp)
    json_t *expected =
        json_pack("{s:s, s:s, s:s, s:s, s:[{s:s, s:s}], s:s, s:O, s:O}", "webhook_id", id, "name",
                  "deploy", "url", "https://ci.example.com/x", "description", "d", "events",
                  "entity", "MODEL_VERSION", "action", "CREATED", "status", "ACTIVE",
                  "creation_timestamp", json_object_get(webhook, "creation_timestamp"),
                  "last_updated_timestamp", json_object_get(webhook, "last_updated_timestamp"));
    assert_true(json_equal(webhook, expected));
    rest_reply_release(&reply);
    assert_int_equal(count_secrets(world), 1);

    reply = ask(world, 200, "PATCH", path_of(id, ""),
                "{\"status\": \"DISABLED\", \"secret\": \"other-secret\", \"name\": \"\", "
                "\"events\": [{\"entity\": \"MODEL_VERSION\", \"action\": \"TRANSITIONED_STAGE\"}, "
                "{\"entity\": \"MODEL_VERSION_ALIAS\", \"action\": \"MOVED\"}]}");
    assert_null(strstr(reply.text, "secret"));
    assert_non_null(strstr(reply.text, "\"status\":\"DISABLED\""));
    assert_non_null(strstr(reply.text, "\"action\":\"TRANSITIONED_STAGE\""));
    assert_non_null(strstr(reply.text, "\"name\":\"deploy\""));
    rest_reply_release(&reply);
    assert_int_equal(count_secrets(world), 1);
    assert_false(ledger_holds(world, "first-secret"));
    assert_false(ledger_holds(world, "other-secret"));
    assert_true(ledger_holds(world, "https://ci.example.com"));

    reply = ask(world, 200, "DELETE", path_of(id, ""), NULL);
    assert_string_equal(reply.text, "{}");
    rest_reply_release(&reply);
    assert_int_equal(count_secrets(world), 0);
    refused(world, "GET", path_of(id, ""), NULL, "RESOURCE_DOES_NOT_EXIST", "not found.");
    refused(world, "DELETE", path_of(id, ""), NULL, "RESOURCE_DOES_NOT_EXIST", "Webhook with ID");
    refused(world, "PATCH", path_of(id, ""), "{\"name\": \"x\"}", "RESOURCE_DOES_NOT_EXIST", id);
    refused(world, "POST", path_of(id, "/test"), "{}", "RESOURCE_DOES_NOT_EXIST", id);
}

/* A set has no order of its own: events come as MLflow's database gives them. */
static void events_are_listed_by_name(void **state)
{
    struct world *world = *state;
    static const char *const expected[] = {"MODEL_VERSION", "MODEL_VERSION_ALIAS",
                                           "MODEL_VERSION_ALIAS", "REGISTERED_MODEL"};
    const char *id =
        create(world, "{\"name\": \"n\", \"url\": \"https://h/\", \"events\": ["
                      "{\"entity\": \"REGISTERED_MODEL\", \"action\": \"CREATED\"}, "
                      "{\"entity\": \"MODEL_VERSION_ALIAS\", \"action\": \"DELETED\"}, "
                      "{\"entity\": \"MODEL_VERSION\", \"action\": \"CREATED\"}, "
                      "{\"entity\": \"MODEL_VERSION_ALIAS\", \"action\": \"CREATED\"}]}");
    struct rest_reply reply = ask(world, 200, "GET", path_of(id, ""), NULL);
    const json_t *events = json_object_get(json_object_get(reply.json, "webhook"), "events");
    assert_int_equal(json_array_size(events), ML_COUNT(expected));
    for (size_t i = 0; i < ML_COUNT(expected); i++)
        assert_string_equal(json_string_value(json_object_get(json_array_get(events, i), "entity")),
                            expected[i]);
    assert_string_equal(json_string_value(json_object_get(json_array_get(events, 1), "action")),
                        "CREATED");
    rest_reply_release(&reply);
}

#define BODY(name, url) "{\"name\": \"" name "\", \"url\": \"" url "\", " CREATED "}"
#define EVENT(entity, action)                                                                      \
    "{\"name\": \"n\", \"url\": \"https://h/\", \"events\": [{\"entity\": \"" entity               \
    "\", \"action\": \"" action "\"}]}"

static void what_mlflow_refuses_is_refused(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *body, *message;
    } list[] = {
        {"{\"url\": \"https://h/\", " CREATED "}", "required parameter 'name'"},
        {"{\"name\": \"n\", " CREATED "}", "required parameter 'url'"},
        {"{\"name\": \"n\", \"url\": \"https://h/\"}", "required parameter 'events'"},
        {"{\"name\": 3, \"url\": \"https://h/\", " CREATED "}", "parameter 'name'"},
        {BODY("", "https://h/"), "required parameter 'name'"},
        {BODY("-n", "https://h/"), "must start and end"},
        {BODY("n.", "https://h/"), "must start and end"},
        {BODY("a b", "https://h/"), "must start and end"},
        {BODY("0123456789012345678901234567890123456789012345678901234567890123", "https://h/"),
         "be less than 63 characters"},
        {BODY("n", " "), "cannot be empty or just whitespace"},
        {BODY("n", "ftp://h/"), "Invalid webhook URL scheme: 'ftp'. Allowed schemes are: https"},
        {BODY("n", "h/x"), "Invalid webhook URL scheme: ''"},
        {BODY("n", "https://"), "must include a hostname"},
        {BODY("n", "http://[invalid"), "Invalid webhook URL: 'http://[invalid'"},
        {BODY("n", "http://example.com/"), "Invalid webhook URL scheme: 'http'"},
        {BODY("n", "http://8.8.8.8/"), "Invalid webhook URL scheme: 'http'"},
        {BODY("n", "https://10.0.0.1/"), "must not resolve to a non-public IP address"},
        {BODY("n", "https://[fe80::1]/"), "must not resolve to a non-public IP address"},
        {BODY("n", "https://2852039166/"), "must not resolve to a non-public IP address"},
        {BODY("n", "https://me:pw@h/"), "must not have a user or password"},
        {EVENT("MODEL_VERSION", "SET"),
         "Invalid action 'set' for entity 'model_version'. Valid "
         "actions are: ['created', 'deleted', 'transitioned_stage']"},
        {EVENT("PROMPT", "CREATED"), "for entity 'prompt'. Valid actions are: []"},
        {EVENT("BUDGET_POLICY", "EXCEEDED"), "for entity 'budget_policy'"},
        {EVENT("ENTITY_UNSPECIFIED", "CREATED"), "Invalid action 'created'"},
        {EVENT("NONSENSE", "CREATED"), "for parameter 'events'"},
        {EVENT("MODEL_VERSION", "NONSENSE"), "for parameter 'events'"},
    };
    struct ml_head before, after;
    assert_int_equal(ml_ledger_head(world->rest.ledger.ledger, &before), MLEDGER_OK);
    for (size_t i = 0; i < ML_COUNT(list); i++)
        refused(world, "POST", PATH, list[i].body, "INVALID_PARAMETER_VALUE", list[i].message);
    assert_int_equal(ml_ledger_head(world->rest.ledger.ledger, &after), MLEDGER_OK);
    assert_int_equal(before.size, after.size);
    assert_int_equal(count_secrets(world), 0);
}

static void how_far_they_may_go_is_the_servers(void **state)
{
    struct world *world = *state;
    (void)create(world, BODY("a", "http://127.0.0.1:9/"));
    (void)create(world, BODY("b", "http://localhost:9/"));
    world->sending.reach = ML_WEBHOOK_PUBLIC;
    refused(world, "POST", PATH, BODY("c", "http://127.0.0.1:9/"), "INVALID_PARAMETER_VALUE",
            "Allowed schemes are: https.");
    refused(world, "POST", PATH, BODY("c", "https://127.0.0.1:9/"), "INVALID_PARAMETER_VALUE",
            "non-public");
    world->sending.reach = ML_WEBHOOK_PRIVATE;
    (void)create(world, BODY("c", "http://10.0.0.1/"));
    (void)create(world, BODY("d", "http://intranet/"));
    refused(world, "POST", PATH, BODY("e", "https://169.254.169.254/"), "INVALID_PARAMETER_VALUE",
            "non-public");
    refused(world, "POST", PATH, BODY("e", "http://8.8.8.8/"), "INVALID_PARAMETER_VALUE", "'http'");
}

/* A secret whose record is refused is forgotten. */
static void a_refusal_leaves_no_secret(void **state)
{
    struct world *world = *state;
    char name[8], body[512];
    for (int i = 0; i < ML_WEBHOOKS_ACTIVE_MAX; i++) {
        snprintf(name, sizeof name, "n%d", i);
        snprintf(body, sizeof body, "{\"name\": \"%s\", \"url\": \"https://h/\", " CREATED "}",
                 name);
        (void)create(world, body);
    }
    refused(world, "POST", PATH,
            "{\"name\": \"n\", \"url\": \"https://h/\", \"secret\": \"s\", " CREATED "}",
            "INVALID_PARAMETER_VALUE", "64 active webhooks");
    assert_int_equal(count_secrets(world), 0);
    const char *id = create(world, "{\"name\": \"n\", \"url\": \"https://h/\", \"status\": "
                                   "\"DISABLED\", " CREATED "}");
    refused(world, "PATCH", path_of(id, ""), "{\"status\": \"ACTIVE\"}", "INVALID_PARAMETER_VALUE",
            "64 active webhooks");
}

static size_t listed(struct world *world, const char *path, const char *version, char token[64])
{
    struct rest_reply reply;
    rest_ask(&world->rest, "GET", path, NULL, version, &reply);
    assert_int_equal(reply.status, 200);
    const char *next = json_string_value(json_object_get(reply.json, "next_page_token"));
    snprintf(token, 64, "%s", next ? next : "");
    const size_t count = json_array_size(json_object_get(reply.json, "webhooks"));
    rest_reply_release(&reply);
    return count;
}

static void they_are_listed_in_pages(void **state)
{
    struct world *world = *state;
    char token[64], path[160];
    assert_int_equal(listed(world, PATH, NULL, token), 0);
    (void)create(world, BODY("a", "https://h/"));
    (void)create(world, BODY("b", "https://h/"));
    (void)create(world, EVENT("MODEL_VERSION", "TRANSITIONED_STAGE"));
    assert_int_equal(listed(world, PATH, NULL, token), 3);
    assert_string_equal(token, "");
    assert_int_equal(listed(world, PATH "?max_results=2", NULL, token), 2);
    assert_string_not_equal(token, "");
    snprintf(path, sizeof path, PATH "?max_results=2&page_token=%s", token);
    assert_int_equal(listed(world, path, NULL, token), 1);
    assert_string_equal(token, "");
    refused(world, "GET", PATH "?max_results=1001", NULL, "INVALID_PARAMETER_VALUE",
            "max_results must be between 1 and 1000.");
    refused(world, "GET", PATH "?max_results=-1", NULL, "INVALID_PARAMETER_VALUE",
            "max_results must be between 1 and 1000.");
    /* MLflow's own client does not know that event, and would fail on all of them. */
    assert_int_equal(listed(world, PATH, "3.11.2", token), 2);
}

static struct rest_reply try_one(struct world *world, const char *id, const char *body)
{
    return ask(world, 200, "POST", path_of(id, "/test"), body);
}

static void one_is_tried(void **state)
{
    struct world *world = *state;
    static const struct http_exchange exchanges[] = {
        {HTTP_ANSWER, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"},
        {HTTP_ANSWER, "HTTP/1.1 500 Oh\r\nContent-Length: 4\r\nConnection: close\r\n\r\nno\xff\n"},
    };
    char body[512];
    struct http_server *server = http_server_start(exchanges, ML_COUNT(exchanges));
    snprintf(body, sizeof body,
             "{\"name\": \"n\", \"url\": \"%s\", \"secret\": \"s\", \"status\": \"DISABLED\", "
             "\"events\": [{\"entity\": \"MODEL_VERSION\", \"action\": \"CREATED\"}]}",
             http_server_url(server));
    const char *id = create(world, body);
    struct rest_reply reply = try_one(world, id, "{}");
    assert_string_equal(reply.text, "{\"result\":{\"success\":true,\"response_status\":200,"
                                    "\"response_body\":\"hello\"}}");
    rest_reply_release(&reply);
    reply = try_one(world, id,
                    "{\"event\": {\"entity\": \"MODEL_VERSION_ALIAS\", \"action\": \"MOVED\"}}");
    assert_string_equal(reply.text, "{\"result\":{\"success\":false,\"response_status\":500,"
                                    "\"response_body\":\"no\"}}");
    rest_reply_release(&reply);
    ML_CLEANUP(ml_freep) char *requests = http_server_stop(server);
    assert_string_not_equal(hooks_header(hooks_request(requests, 0), "X-MLflow-Signature"), "");
    assert_non_null(strstr(hooks_request(requests, 0), "\"name\":\"example_model\""));
    assert_non_null(strstr(hooks_request(requests, 1), "MODEL_VERSION_ALIAS_MOVED"));
    reply = try_one(world, id, "{}"); /* nobody listens there any more */
    assert_non_null(strstr(reply.text, "\"success\":false"));
    assert_non_null(strstr(reply.text, "Failed to test webhook: cannot reach"));
    rest_reply_release(&reply);
}

/* Each event has an example. */
static void all_events_can_be_tried(void **state)
{
    struct world *world = *state;
    struct http_exchange exchanges[16];
    char body[256];
    for (size_t i = 0; i < ML_COUNT(exchanges); i++)
        exchanges[i] = (struct http_exchange)HOOK_ANSWER("200 OK");
    struct http_server *server = http_server_start(exchanges, ml_webhook_n_events);
    snprintf(body, sizeof body, "{\"name\": \"n\", \"url\": \"%s\", " CREATED "}",
             http_server_url(server));
    const char *id = create(world, body);
    for (size_t i = 0; i < ml_webhook_n_events; i++) {
        char entity[32], action[32];
        snprintf(entity, sizeof entity, "%s", ml_webhook_events[i].entity);
        snprintf(action, sizeof action, "%s", ml_webhook_events[i].action);
        for (char *at = entity; *at; at++)
            *at = (char)(*at >= 'a' && *at <= 'z' ? *at - 'a' + 'A' : *at);
        for (char *at = action; *at; at++)
            *at = (char)(*at >= 'a' && *at <= 'z' ? *at - 'a' + 'A' : *at);
        snprintf(body, sizeof body, "{\"event\": {\"entity\": \"%s\", \"action\": \"%s\"}}", entity,
                 action);
        struct rest_reply reply = try_one(world, id, body);
        assert_non_null(strstr(reply.text, "\"success\":true"));
        rest_reply_release(&reply);
    }
    ML_CLEANUP(ml_freep) char *requests = http_server_stop(server);
    assert_int_equal(hooks_count(requests), ml_webhook_n_events);
    for (size_t i = 0; i < ml_webhook_n_events; i++)
        assert_non_null(strstr(hooks_request(requests, i), ml_webhook_events[i].action));
}

/* Who only reads sees webhooks, changes none and has nothing sent. */
static void who_only_reads_has_nothing_sent(void **state)
{
    struct world *world = *state;
    char *nobody = http_nobody(), body[256];
    snprintf(body, sizeof body, "{\"name\": \"n\", \"url\": \"%s\", " CREATED "}", nobody);
    const char *id = create(world, body);
    world->rest.actor = "alice";
    world->rest.only_reads = true;
    struct rest_reply reply = ask(world, 200, "GET", path_of(id, ""), NULL);
    rest_reply_release(&reply);
    reply = ask(world, 403, "POST", path_of(id, "/test"), "{}");
    rest_reply_release(&reply);
    reply = ask(world, 403, "DELETE", path_of(id, ""), NULL);
    rest_reply_release(&reply);
    reply = ask(world, 403, "POST", PATH,
                "{\"name\": \"n\", \"url\": \"https://h/\", \"secret\": \"s\", " CREATED "}");
    rest_reply_release(&reply);
    assert_int_equal(count_secrets(world), 0);
    free(nobody);
}

static void without_webhooks_there_are_none(void **state)
{
    struct world *world = *state;
    world->rest.rest.sending = NULL;
    struct rest_reply reply = ask(world, 501, "POST", PATH, DEPLOY);
    rest_reply_release(&reply);
    reply = ask(world, 501, "GET", PATH, NULL);
    rest_reply_release(&reply);
    reply = ask(world, 501, "GET", PATH "/x", NULL);
    rest_reply_release(&reply);
}

int main(void)
{
#define WEBHOOK(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WEBHOOK(one_is_made_changed_and_deleted),
        WEBHOOK(events_are_listed_by_name),
        WEBHOOK(what_mlflow_refuses_is_refused),
        WEBHOOK(how_far_they_may_go_is_the_servers),
        WEBHOOK(a_refusal_leaves_no_secret),
        WEBHOOK(they_are_listed_in_pages),
        WEBHOOK(one_is_tried),
        WEBHOOK(all_events_can_be_tried),
        WEBHOOK(who_only_reads_has_nothing_sent),
        WEBHOOK(without_webhooks_there_are_none),
    };
    return cmocka_run_group_tests_name("rest_webhook", tests, NULL, NULL);
}
