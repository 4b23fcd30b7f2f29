/* SPDX-License-Identifier: Apache-2.0 */
/* MLflow's API by hand: what is recorded, what is answered, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/rest_calls.h"

static void make_run(struct rest_fixture *fixture, char id[64])
{
    struct rest_reply reply =
        rest_call(fixture, 200, "POST", "runs/create",
                  "{\"experiment_id\": \"0\", \"start_time\": 1700000000123, \"user_id\": \"ann\", "
                  "\"tags\": [{\"key\": \"mlflow.source.git.commit\", \"value\": "
                  "\"0123456789abcdef0123456789abcdef01234567\"}]}");
    snprintf(id, 64, "%s", rest_text(reply.json, "run.info.run_id"));
    rest_reply_release(&reply);
}

/* A body with the run's id first: "{"run_id": "…", REST". */
static const char *with_run(char body[1024], const char *id, const char *rest)
{
    snprintf(body, 1024, "{\"run_id\": \"%s\", %s", id, rest);
    return body;
}

static void test_receipt(void **state)
{
    struct rest_fixture *fixture = *state;
    struct rest_reply reply =
        rest_call(fixture, 200, "POST", "experiments/create", "{\"name\": \"churn\"}");
    struct ml_head head;
    char seq[32];
    assert_int_equal(ml_ledger_head(fixture->ledger.ledger, &head), MLEDGER_OK);
    snprintf(seq, sizeof seq, "%d", (int)head.size - 1);
    assert_string_equal(reply.seq, seq);
    assert_int_equal(strlen(reply.link), 64);
    assert_string_equal(rest_text(reply.json, "experiment_id"), "1");
    rest_reply_release(&reply);
    reply = rest_call(fixture, 200, "GET", "experiments/get?experiment_id=1", NULL);
    assert_string_equal(reply.seq, "");
    assert_string_equal(rest_text(reply.json, "experiment.name"), "churn");
    rest_reply_release(&reply);
}

static void test_run(void **state)
{
    struct rest_fixture *fixture = *state;
    char id[64], body[1024], path[256];
    make_run(fixture, id);
    rest_done(
        fixture, "POST", "runs/log-metric",
        with_run(body, id, "\"key\": \"auc\", \"value\": 0.5, \"timestamp\": 3, \"step\": 2}"));
    rest_done(fixture, "POST", "runs/log-metric",
              with_run(body, id, "\"key\": \"auc\", \"value\": \"NaN\", \"timestamp\": 4}"));
    rest_done(
        fixture, "POST", "runs/log-metric",
        with_run(body, id, "\"key\": \"big\", \"value\": \"-Infinity\", \"timestamp\": \"4\"}"));
    rest_done(fixture, "POST", "runs/log-parameter",
              with_run(body, id, "\"key\": \"lr\", \"value\": \"0.1\"}"));
    rest_done(fixture, "POST", "runs/set-tag",
              with_run(body, id, "\"key\": \"team\", \"value\": \"risk\"}"));
    rest_done(fixture, "POST", "runs/update",
              with_run(body, id, "\"status\": \"FINISHED\", \"end_time\": 1700000009000}"));
    snprintf(path, sizeof path, "runs/get?run_uuid=%s", id);
    struct rest_reply reply = rest_call(fixture, 200, "GET", path, NULL);
    assert_string_equal(rest_text(reply.json, "run.info.status"), "FINISHED");
    assert_string_equal(rest_text(reply.json, "run.info.user_id"), "ann");
    assert_int_equal(json_integer_value(rest_at(reply.json, "run.info.start_time")), 1700000000123);
    assert_int_equal(json_integer_value(rest_at(reply.json, "run.info.end_time")), 1700000009000);
    /* The newest is the one with the greatest step. */
    assert_true(json_real_value(rest_at(reply.json, "run.data.metrics.0.value")) == 0.5);
    assert_true(json_real_value(rest_at(reply.json, "run.data.metrics.1.value")) < -1e308);
    assert_string_equal(rest_text(reply.json, "run.data.params.0.value"), "0.1");
    rest_reply_release(&reply);
    snprintf(path, sizeof path, "metrics/get-history?run_id=%s&metric_key=auc&max_results=1", id);
    reply = rest_call(fixture, 200, "GET", path, NULL);
    assert_int_equal(json_array_size(rest_at(reply.json, "metrics")), 1);
    assert_string_equal(rest_text(reply.json, "next_page_token"), "1");
    rest_reply_release(&reply);
    snprintf(path, sizeof path, "metrics/get-history?run_id=%s&metric_key=auc&page_token=1", id);
    reply = rest_call(fixture, 200, "GET", path, NULL);
    assert_string_equal(rest_text(reply.json, "metrics.0.value"), "NaN");
    assert_null(rest_at(reply.json, "next_page_token"));
    rest_reply_release(&reply);
}

/* In whatever order a batch has the points of a metric, the greatest step is the newest, then the
 * latest time, then the one that comes last. */
static void test_newest_metric_of_a_batch(void **state)
{
    struct rest_fixture *fixture = *state;
    char id[64], body[1024], path[256];
    make_run(fixture, id);
    rest_done(fixture, "POST", "runs/log-batch",
              with_run(body, id,
                       "\"metrics\": ["
                       "{\"key\": \"a\", \"value\": 5, \"timestamp\": 1, \"step\": 5},"
                       "{\"key\": \"b\", \"value\": 1, \"timestamp\": 2, \"step\": 1},"
                       "{\"key\": \"a\", \"value\": 3, \"timestamp\": 2, \"step\": 3},"
                       "{\"key\": \"b\", \"value\": 2, \"timestamp\": 1, \"step\": 1},"
                       "{\"key\": \"c\", \"value\": 1, \"timestamp\": 1, \"step\": 1},"
                       "{\"key\": \"c\", \"value\": 2, \"timestamp\": 1, \"step\": 1}]}"));
    snprintf(path, sizeof path, "runs/get?run_id=%s", id);
    struct rest_reply reply = rest_call(fixture, 200, "GET", path, NULL);
    assert_int_equal(json_array_size(rest_at(reply.json, "run.data.metrics")), 3);
    assert_true(json_number_value(rest_at(reply.json, "run.data.metrics.0.value")) == 5);
    assert_true(json_number_value(rest_at(reply.json, "run.data.metrics.1.value")) == 1);
    assert_true(json_number_value(rest_at(reply.json, "run.data.metrics.2.value")) == 2);
    rest_reply_release(&reply);
}

/* Runs and what they are found by are the same. */
static void expect_newest(struct rest_fixture *fixture, const char *id, const char *shown,
                          const char *filter)
{
    char text[256];
    snprintf(text, sizeof text, "runs/get?run_id=%s", id);
    struct rest_reply reply = rest_call(fixture, 200, "GET", text, NULL);
    assert_non_null(strstr(reply.text, shown));
    rest_reply_release(&reply);
    snprintf(text, sizeof text, "{\"experiment_ids\": [\"0\"], \"filter\": \"%s\"}", filter);
    reply = rest_call(fixture, 200, "POST", "runs/search", text);
    assert_int_equal(json_array_size(rest_at(reply.json, "runs")), 1);
    assert_string_equal(rest_text(reply.json, "runs.0.info.run_id"), id);
    rest_reply_release(&reply);
}

/* Of points that are as new as each other MLflow takes the one with the greatest value, and NaN is
 * as 0 there: whether they came one by one or together. */
static void test_newest_metric_is_the_greatest(void **state)
{
    static const char *const values[][3] = {
        {"0.5", "0.9", "0.8"}, {"-1", "\"NaN\"", "-2"}, {"\"NaN\"", "0.7", "0"}};
    static const char *const shown[] = {"\"value\":0.9", "\"value\":\"NaN\"", "\"value\":0.7"};
    static const char *const filters[] = {"metrics.one = 0.9", "metrics.two != 5",
                                          "metrics.three = 0.7"};
    static const char *const names[] = {"one", "two", "three"};
    struct rest_fixture *fixture = *state;
    for (size_t i = 0; i < ML_COUNT(values); i++) {
        char id[64], body[1024], points[512];
        size_t len = 0;
        make_run(fixture, id);
        for (size_t k = 0; k < 3; k++) {
            char point[160];
            snprintf(point, sizeof point,
                     "\"key\": \"%s\", \"value\": %s, \"timestamp\": 7, \"step\": 1}", names[i],
                     values[i][k]);
            len +=
                (size_t)snprintf(points + len, sizeof points - len, "%s{%s", k ? ", " : "", point);
            if (i > 0)
                rest_done(fixture, "POST", "runs/log-metric", with_run(body, id, point));
        }
        char batch[640];
        snprintf(batch, sizeof batch, "\"metrics\": [%s]}", points);
        if (i == 0)
            rest_done(fixture, "POST", "runs/log-batch", with_run(body, id, batch));
        expect_newest(fixture, id, shown[i], filters[i]);
    }
}

/* What is newer than all of them is the newest, whatever its value. */
static void test_newest_metric_is_not_the_greatest_of_all(void **state)
{
    struct rest_fixture *fixture = *state;
    char id[64], body[1024];
    make_run(fixture, id);
    rest_done(
        fixture, "POST", "runs/log-batch",
        with_run(body, id,
                 "\"metrics\": [{\"key\": \"a\", \"value\": 9, \"timestamp\": 1, \"step\": 0}, "
                 "{\"key\": \"a\", \"value\": 8, \"timestamp\": 1, \"step\": 0}, "
                 "{\"key\": \"a\", \"value\": 2, \"timestamp\": 1, \"step\": 1}]}"));
    expect_newest(fixture, id, "\"value\":2.0", "metrics.a = 2");
}

/* A refusal takes no number. */
static void test_experiments_count_up(void **state)
{
    struct rest_fixture *fixture = *state;
    rest_done(fixture, "POST", "experiments/create", "{\"name\": \"one\"}");
    for (int i = 0; i < 2; i++)
        rest_refused(fixture, 400, "RESOURCE_ALREADY_EXISTS", "already exists", "POST",
                     "experiments/create", "{\"name\": \"one\"}");
    struct rest_reply reply =
        rest_call(fixture, 200, "POST", "experiments/create", "{\"name\": \"two\"}");
    assert_string_equal(rest_text(reply.json, "experiment_id"), "2");
    rest_reply_release(&reply);
}

static void test_params_do_not_change(void **state)
{
    struct rest_fixture *fixture = *state;
    char id[64], body[1024];
    make_run(fixture, id);
    rest_done(fixture, "POST", "runs/log-parameter",
              with_run(body, id, "\"key\": \"lr\", \"value\": \"0.1\"}"));
    const uint64_t size = rest_size(fixture);
    rest_done(fixture, "POST", "runs/log-parameter",
              with_run(body, id, "\"key\": \"lr\", \"value\": \"0.1\"}"));
    assert_int_equal(rest_size(fixture), size);
    rest_refused(fixture, 400, "INVALID_PARAMETER_VALUE", "was already logged with value='0.1'",
                 "POST", "runs/log-parameter",
                 with_run(body, id, "\"key\": \"lr\", \"value\": \"0.2\"}"));
    rest_refused(fixture, 400, "INVALID_PARAMETER_VALUE", "Duplicate parameter keys", "POST",
                 "runs/log-batch",
                 with_run(body, id,
                          "\"params\": [{\"key\": \"a\", \"value\": \"1\"}, "
                          "{\"key\": \"a\", \"value\": \"2\"}]}"));
}

static void test_registry(void **state)
{
    struct rest_fixture *fixture = *state;
    struct rest_reply reply;
    rest_done(fixture, "POST", "registered-models/create",
              "{\"name\": \"m\", \"description\": \"d\"}");
    for (int i = 0; i < 2; i++)
        rest_done(fixture, "POST", "model-versions/create",
                  "{\"name\": \"m\", \"source\": \"s3://b/m\", \"description\": \"v\"}");
    rest_done(fixture, "POST", "model-versions/transition-stage",
              "{\"name\": \"m\", \"version\": \"1\", \"stage\": \"production\", "
              "\"archive_existing_versions\": false}");
    rest_done(fixture, "POST", "model-versions/transition-stage",
              "{\"name\": \"m\", \"version\": \"2\", \"stage\": \"Production\", "
              "\"archive_existing_versions\": true}");
    reply = rest_call(fixture, 200, "GET", "model-versions/get?name=m&version=1", NULL);
    assert_string_equal(rest_text(reply.json, "model_version.current_stage"), "Archived");
    rest_reply_release(&reply);
    rest_done(fixture, "POST", "registered-models/alias",
              "{\"name\": \"m\", \"alias\": \"champion\", \"version\": \"2\"}");
    reply = rest_call(fixture, 200, "GET", "registered-models/alias?name=m&alias=champion", NULL);
    assert_string_equal(rest_text(reply.json, "model_version.version"), "2");
    rest_reply_release(&reply);
    rest_done(fixture, "PATCH", "registered-models/update",
              "{\"name\": \"m\", \"description\": \"other\"}");
    rest_done(fixture, "DELETE", "model-versions/delete", "{\"name\": \"m\", \"version\": \"2\"}");
    rest_refused(fixture, 404, "RESOURCE_DOES_NOT_EXIST", "(name=m, version=2) not found", "GET",
                 "model-versions/get?name=m&version=2", NULL);
    reply = rest_call(fixture, 200, "GET", "registered-models/get?name=m", NULL);
    assert_string_equal(rest_text(reply.json, "registered_model.description"), "other");
    assert_string_equal(rest_text(reply.json, "registered_model.latest_versions.0.version"), "1");
    rest_reply_release(&reply);
    rest_done(fixture, "POST", "registered-models/rename",
              "{\"name\": \"m\", \"new_name\": \"n\"}");
    rest_refused(fixture, 404, "RESOURCE_DOES_NOT_EXIST", "name=m not found", "GET",
                 "registered-models/get?name=m", NULL);
}

/* A policy of the ledger holds for clients of MLflow as for everybody: the sentence says what is
 * missing, and the code is one that no client tries again. */
static void test_policy(void **state)
{
    struct rest_fixture *fixture = *state;
    uint64_t seq;
    assert_int_equal(
        fixture_append(&fixture->ledger, ALICE,
                       "{\"policy_set\": {\"stage\": \"Production\", \"requirements\": "
                       "[{\"kind\": \"approval\", \"count\": 1}]}}",
                       &seq),
        MLEDGER_OK);
    rest_done(fixture, "POST", "registered-models/create", "{\"name\": \"m\"}");
    rest_done(fixture, "POST", "model-versions/create",
              "{\"name\": \"m\", \"source\": \"s3://b/m\"}");
    rest_refused(fixture, 403, "PERMISSION_DENIED", "approval", "POST",
                 "model-versions/transition-stage",
                 "{\"name\": \"m\", \"version\": \"1\", \"stage\": \"Production\", "
                 "\"archive_existing_versions\": false}");
}

static void test_refusals(void **state)
{
    static const struct {
        int status;
        const char *code, *words, *method, *path, *body;
    } cases[] = {
        {404, "RESOURCE_DOES_NOT_EXIST", "with name 'nope'", "GET",
         "experiments/get-by-name?experiment_name=nope", NULL},
        {400, "INVALID_PARAMETER_VALUE", "required parameter 'experiment_id'", "GET",
         "experiments/get", NULL},
        {400, "INVALID_PARAMETER_VALUE", "Invalid value 7 for parameter 'name'", "POST",
         "experiments/create", "{\"name\": 7}"},
        {400, "BAD_REQUEST", "parsed as JSON", "POST", "experiments/create", "{\"name\": "},
        {400, "BAD_REQUEST", "JSON object", "POST", "experiments/create", "[1]"},
        {400, "INVALID_PARAMETER_VALUE", "required parameter 'name'", "POST", "experiments/create",
         "{\"name\": \"\"}"},
        {400, "RESOURCE_ALREADY_EXISTS", "already exists", "POST", "experiments/create",
         "{\"name\": \"Default\"}"},
        {404, "RESOURCE_DOES_NOT_EXIST", "id=x not found", "GET", "runs/get?run_id=x", NULL},
        {400, "INVALID_PARAMETER_VALUE", "'run_id'", "GET", "runs/get", NULL},
        {404, "RESOURCE_DOES_NOT_EXIST", "id=77 exists", "POST", "runs/create",
         "{\"experiment_id\": \"77\"}"},
        {400, "INVALID_PARAMETER_VALUE", "different values", "POST", "runs/create",
         "{\"run_name\": \"a\", \"tags\": [{\"key\": \"mlflow.runName\", \"value\": \"b\"}]}"},
        {400, "INVALID_PARAMETER_VALUE", "cannot contain '/' or ':'", "POST",
         "registered-models/create", "{\"name\": \"a/b\"}"},
        {404, "RESOURCE_DOES_NOT_EXIST", "name=none not found", "POST", "model-versions/create",
         "{\"name\": \"none\", \"source\": \"s3://x/y\"}"},
        {400, "INVALID_PARAMETER_VALUE", "must be an integer", "GET",
         "model-versions/get?name=none&version=one", NULL},
        {400, "INVALID_PARAMETER_VALUE", "run_id request parameter", "POST",
         "model-versions/create", "{\"name\": \"none\", \"source\": \"/etc/passwd\"}"},
        {400, "INVALID_PARAMETER_VALUE", "relative path", "POST", "model-versions/create",
         "{\"name\": \"none\", \"source\": \"s3://x/../y\"}"},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++)
        rest_refused(*state, cases[i].status, cases[i].code, cases[i].words, cases[i].method,
                     cases[i].path, cases[i].body);
}

/* What a browser sends for another's page, or for a name that was made to lead here. */
static void test_pages_of_others_write_nothing(void **state)
{
    static const char *const headers[] = {"Origin: http://evil.example", "Host: evil.example:5000",
                                          "Origin: null"};
    struct rest_fixture *fixture = *state;
    for (size_t i = 0; i < ML_COUNT(headers); i++) {
        struct rest_reply reply;
        const uint64_t size = rest_size(fixture);
        rest_ask_with(fixture, "POST", "/api/2.0/mlflow/experiments/create", "{\"name\": \"x\"}",
                      headers[i], &reply);
        assert_int_equal(reply.status, 403);
        assert_int_equal(rest_size(fixture), size);
        rest_reply_release(&reply);
    }
}

static void test_deleted_run_takes_nothing(void **state)
{
    struct rest_fixture *fixture = *state;
    char id[64], body[1024];
    make_run(fixture, id);
    snprintf(body, sizeof body, "{\"run_id\": \"%s\"}", id);
    rest_done(fixture, "POST", "runs/delete", body);
    rest_refused(fixture, 400, "INVALID_PARAMETER_VALUE", "'active' state", "POST",
                 "runs/log-metric",
                 with_run(body, id, "\"key\": \"auc\", \"value\": 0.5, \"timestamp\": 3}"));
    snprintf(body, sizeof body, "{\"run_id\": \"%s\"}", id);
    rest_done(fixture, "POST", "runs/restore", body);
    /* Again is no error, and nothing that happened. */
    const uint64_t size = rest_size(fixture);
    rest_done(fixture, "POST", "runs/restore", body);
    assert_int_equal(rest_size(fixture), size);
}

/* What is recorded for somebody says so, and by whom it was signed all the same. */
static void test_on_behalf_of(void **state)
{
    struct rest_fixture *fixture = *state;
    struct ml_view view;
    struct ml_reader reader;
    const struct ml_record *record;
    fixture_add_bob(&fixture->ledger);
    fixture->actor = "bob";
    assert_int_equal(ml_view_begin(fixture->ledger.ledger, &view), MLEDGER_OK);
    assert_int_equal(
        ml_state_find(view.state, MLEDGER__SUBJECT_KIND__ACTOR, "bob", &fixture->actor_ref),
        MLEDGER_OK);
    ml_view_end(&view);
    rest_done(fixture, "POST", "experiments/create", "{\"name\": \"churn\"}");
    assert_int_equal(ml_view_begin(fixture->ledger.ledger, &view), MLEDGER_OK);
    ml_reader_init(&reader, &view, view.head.size - 1);
    assert_int_equal(ml_reader_record(&reader, view.head.size - 1, &record), MLEDGER_OK);
    assert_true(record->event->has_on_behalf_of_actor_ref);
    assert_int_equal(record->event->on_behalf_of_actor_ref, fixture->actor_ref);
    ml_reader_release(&reader);
    ml_view_end(&view);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_receipt, rest_setup, rest_teardown),
        cmocka_unit_test_setup_teardown(test_run, rest_setup, rest_teardown),
        cmocka_unit_test_setup_teardown(test_newest_metric_of_a_batch, rest_setup, rest_teardown),
        cmocka_unit_test_setup_teardown(test_newest_metric_is_the_greatest, rest_setup,
                                        rest_teardown),
        cmocka_unit_test_setup_teardown(test_newest_metric_is_not_the_greatest_of_all, rest_setup,
                                        rest_teardown),
        cmocka_unit_test_setup_teardown(test_experiments_count_up, rest_setup, rest_teardown),
        cmocka_unit_test_setup_teardown(test_params_do_not_change, rest_setup, rest_teardown),
        cmocka_unit_test_setup_teardown(test_registry, rest_setup, rest_teardown),
        cmocka_unit_test_setup_teardown(test_policy, rest_setup, rest_teardown),
        cmocka_unit_test_setup_teardown(test_refusals, rest_setup, rest_teardown),
        cmocka_unit_test_setup_teardown(test_deleted_run_takes_nothing, rest_setup, rest_teardown),
        cmocka_unit_test_setup_teardown(test_on_behalf_of, rest_setup, rest_teardown),
        cmocka_unit_test_setup_teardown(test_pages_of_others_write_nothing, rest_setup,
                                        rest_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
