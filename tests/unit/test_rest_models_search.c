/* SPDX-License-Identifier: Apache-2.0 */
/* logged-models/search: what filters, datasets, orders and pages find. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/rest_calls.h"

static char body[4096];
#define BODY(...) (snprintf(body, sizeof body, __VA_ARGS__), body)

/* Models a, b and c of experiment 0: parameter odd, tag team, and the metric auc on the datasets
 * "eval" and "test". */
struct story {
    struct rest_fixture *rest;
    char run[64], ids[3][64];
};

static void make_model(struct story *story, int i)
{
    struct rest_reply reply = rest_call(
        story->rest, 200, "POST", "logged-models",
        BODY("{\"experiment_id\": \"0\", \"name\": \"%c\", \"model_type\": \"%s\", "
             "\"source_run_id\": \"%s\", \"params\": [{\"key\": \"odd\", \"value\": \"%s\"}], "
             "\"tags\": [{\"key\": \"team\", \"value\": \"risk-%d\"}]}",
             'a' + i, i == 2 ? "agent" : "", story->run, i % 2 ? "yes" : "no", i));
    snprintf(story->ids[i], sizeof story->ids[i], "%s",
             rest_text(reply.json, "model.info.model_id"));
    rest_reply_release(&reply);
}

/* `key` may hold a space. */
static void measure(struct story *story, int i, const char *key, const char *value, int time,
                    const char *dataset)
{
    rest_done(story->rest, "POST", "runs/log-metric",
              BODY("{\"run_id\": \"%s\", \"key\": \"%s\", \"value\": %s, \"timestamp\": %d, "
                   "\"model_id\": \"%s\", \"dataset_name\": \"%s\", \"dataset_digest\": \"d1\"}",
                   story->run, key, value, time, story->ids[i], dataset));
}

static struct story begin(void **state)
{
    struct story story = {.rest = *state};
    struct rest_reply reply =
        rest_call(story.rest, 200, "POST", "runs/create", "{\"experiment_id\": \"0\"}");
    snprintf(story.run, sizeof story.run, "%s", rest_text(reply.json, "run.info.run_id"));
    rest_reply_release(&reply);
    for (int i = 0; i < 3; i++)
        make_model(&story, i);
    measure(&story, 0, "auc", "0.9", 1, "eval");
    measure(&story, 0, "auc", "0.5", 2, "eval");
    measure(&story, 1, "auc", "0.7", 1, "eval");
    measure(&story, 1, "auc", "0.1", 9, "test");
    measure(&story, 2, "f 1", "0.3", 1, "test");
    rest_done(story.rest, "PATCH", BODY("logged-models/%s", story.ids[1]),
              "{\"status\": \"LOGGED_MODEL_READY\"}");
    return story;
}

/* The names of the models that a search finds, one after the other. */
static void found(const struct story *story, const char *rest, const char *names)
{
    char have[64] = "";
    size_t i;
    json_t *model;
    struct rest_reply reply =
        rest_call(story->rest, 200, "POST", "logged-models/search",
                  BODY("{\"experiment_ids\": [\"0\", \"404\"]%s%s}", *rest ? ", " : "", rest));
    json_array_foreach(rest_at(reply.json, "models"), i, model)
        snprintf(have + i, sizeof have - i, "%.1s", rest_text(model, "info.name"));
    if (strcmp(have, names) != 0)
        fail_msg("%s: %s, not %s", rest, have, names);
    rest_reply_release(&reply);
}

static void filters(void **state)
{
    struct story story = begin(state);
    static const struct {
        const char *filter, *names;
    } cases[] = {
        {"name = 'b'", "b"},
        {"name LIKE '%'", "cba"},
        {"attributes.name IN ('a', 'c')", "ca"},
        {"model_type = 'agent'", "c"},
        {"model_type = ''", "ba"},
        {"status = 'READY'", "b"},
        {"status != 'READY'", "ca"},
        {"source_run_id = 'none'", ""},
        {"params.odd = 'yes'", "b"},
        {"params.odd IN ('yes', 'no') AND tags.team LIKE 'risk-%'", "cba"},
        {"tags.team NOT IN ('risk-0')", "cb"},
        {"tags.other = 'x'", ""},
        {"metrics.auc > 0.8", "a"}, /* of any point, not of the newest alone */
        {"metrics.auc < 0.2", "b"},
        {"metrics.auc >= 0.5 AND params.odd = 'no'", "a"},
        {"metrics.`f 1` = 0.3", "c"},
        {"creation_timestamp > 0 AND last_updated_timestamp_ms > 0", "cba"},
        {"creation_time < 0", ""},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        char rest[256];
        snprintf(rest, sizeof rest, "\"filter\": \"%s\"", cases[i].filter);
        found(&story, rest, cases[i].names);
    }
    found(&story, "", "cba"); /* the newest first */
}

static void datasets(void **state)
{
    struct story story = begin(state);
    found(&story, "\"datasets\": [{\"dataset_name\": \"eval\"}]", "ba");
    found(&story, "\"datasets\": [{\"dataset_name\": \"eval\", \"dataset_digest\": \"other\"}]",
          "");
    found(&story,
          "\"datasets\": [{\"dataset_name\": \"eval\"}, {\"dataset_name\": \"test\", "
          "\"dataset_digest\": \"d1\"}]",
          "cba");
    found(&story, "\"datasets\": [{\"dataset_name\": \"test\"}], \"filter\": \"metrics.auc < 0.6\"",
          "b");
}

static void orders(void **state)
{
    struct story story = begin(state);
    found(&story, "\"order_by\": [{\"field_name\": \"name\"}]", "abc");
    found(&story, "\"order_by\": [{\"field_name\": \"name\", \"ascending\": false}]", "cba");
    found(&story, "\"order_by\": [{\"field_name\": \"creation_timestamp\"}]", "abc");
    /* By the newest point; what has none comes last, whatever the direction. */
    found(&story, "\"order_by\": [{\"field_name\": \"metrics.auc\"}]", "bac");
    found(&story, "\"order_by\": [{\"field_name\": \"metrics.auc\", \"ascending\": false}]", "abc");
    found(&story,
          "\"order_by\": [{\"field_name\": \"metrics.auc\", \"dataset_name\": \"eval\", "
          "\"dataset_digest\": \"d1\", \"ascending\": false}]",
          "bac");
    found(&story, "\"order_by\": [{\"field_name\": \"metrics.f 1\"}, {\"field_name\": \"name\"}]",
          "cab");
}

static void deleted_models_are_not_found(void **state)
{
    struct story story = begin(state);
    found(&story, "", "cba");
    rest_done(story.rest, "DELETE", BODY("logged-models/%s", story.ids[1]), NULL);
    rest_done(story.rest, "DELETE", BODY("logged-models/%s/tags/team", story.ids[0]), NULL);
    rest_done(story.rest, "PATCH", BODY("logged-models/%s/tags", story.ids[2]),
              "{\"tags\": [{\"key\": \"team\", \"value\": \"other\"}]}");
    found(&story, "", "ca");
    found(&story, "\"filter\": \"tags.team = 'other'\"", "c");
    found(&story, "\"filter\": \"tags.team LIKE 'risk%'\"", "");
}

static void pages(void **state)
{
    struct story story = begin(state);
    static const char ours[] =
        "\"experiment_ids\": [\"0\"], \"max_results\": 2, \"filter\": \"name != 'x'\", "
        "\"order_by\": [{\"field_name\": \"name\"}]";
    char token[1024];
    struct rest_reply reply =
        rest_call(story.rest, 200, "POST", "logged-models/search", BODY("{%s}", ours));
    assert_int_equal(json_array_size(rest_at(reply.json, "models")), 2);
    snprintf(token, sizeof token, "%s", rest_text(reply.json, "next_page_token"));
    rest_reply_release(&reply);
    reply = rest_call(story.rest, 200, "POST", "logged-models/search",
                      BODY("{%s, \"page_token\": \"%s\"}", ours, token));
    assert_string_equal(rest_text(reply.json, "models.0.info.name"), "c");
    assert_null(rest_at(reply.json, "next_page_token"));
    rest_reply_release(&reply);
    /* A token goes on with no other search. */
    static const struct {
        const char *search, *words;
    } others[] = {
        {"\"experiment_ids\": [\"1\"]", "Experiment IDs in the page token do not match"},
        {"\"experiment_ids\": [\"0\"]", "Filter string in the page token does not match"},
        {"\"experiment_ids\": [\"0\"], \"filter\": \"name != 'x'\"",
         "Order by in the page token does not match"},
    };
    for (size_t i = 0; i < ML_COUNT(others); i++)
        rest_refused(story.rest, 400, "INVALID_PARAMETER_VALUE", others[i].words, "POST",
                     "logged-models/search",
                     BODY("{%s, \"page_token\": \"%s\"}", others[i].search, token));
}

static void refusals(void **state)
{
    struct rest_fixture *rest = *state;
    static const struct {
        const char *rest, *words;
    } cases[] = {
        {"\"page_token\": \"no token\"", "Invalid page token"},
        {"\"page_token\": \"WzFd\"", "Invalid page token"}, /* [1] */
        {"\"max_results\": -1", "max_results"},
        {"\"filter\": \"nothing = 'x'\"", "Invalid attribute key 'nothing'"},
        {"\"filter\": \"metrics.auc LIKE 'x'\"", "a number"},
        {"\"filter\": \"metrics.auc > x\"", "Expected numeric value"},
        {"\"filter\": \"name = b\"", "not quoted"},
        {"\"filter\": \"name = 'a' OR name = 'b'\"", "expected AND"},
        {"\"order_by\": [{\"field_name\": \"params.odd\"}]", "Only metrics are supported"},
        {"\"order_by\": [{\"field_name\": \"nothing\"}]", "Invalid order by field name: nothing"},
        {"\"datasets\": [{\"dataset_name\": \"\"}]", "`dataset_name` in the `datasets` clause"},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++)
        rest_refused(rest, 400, "INVALID_PARAMETER_VALUE", cases[i].words, "POST",
                     "logged-models/search",
                     BODY("{\"experiment_ids\": [\"0\"], %s}", cases[i].rest));
    rest_refused(rest, 400, "INVALID_PARAMETER_VALUE", "required parameter 'experiment_ids'",
                 "POST", "logged-models/search", "{}");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rest_setup, rest_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(filters), TEST(datasets), TEST(orders), TEST(deleted_models_are_not_found),
        TEST(pages),   TEST(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
