/* SPDX-License-Identifier: Apache-2.0 */
/* What MLflow's servers refuse, and how they say so: clients and their tests go by code and words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "serve/mlflow/check.h"
#include "tests/unit/rest_calls.h"

#define INVALID "INVALID_PARAMETER_VALUE"
#define ABSENT "RESOURCE_DOES_NOT_EXIST"

struct refusal {
    int status;
    const char *code, *words, *method, *path, *body;
};

static void all_refused(void **state, const struct refusal *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        rest_refused(*state, cases[i].status, cases[i].code, cases[i].words, cases[i].method,
                     cases[i].path, cases[i].body);
}

/* The requests' own form: what is missing, of another type, no JSON. */
static void test_form(void **state)
{
    static const struct refusal cases[] = {
        {400, INVALID, "Invalid value 123 for parameter 'name' supplied", "POST",
         "experiments/create", "{\"name\": 123}"},
        {400, INVALID, "Invalid value 9.0 for parameter 'artifact_location' supplied", "POST",
         "experiments/create", "{\"name\": \"x\", \"artifact_location\": 9.0}"},
        {400, INVALID, "Invalid value \"5\" for parameter 'tags' supplied", "POST",
         "experiments/create", "{\"name\": \"x\", \"tags\": \"5\"}"},
        {400, INVALID, "Invalid value {\"a\":1,\"b\":[2]} for parameter 'name' supplied", "POST",
         "experiments/create", "{\"name\": {\"b\": [2], \"a\": 1}}"},
        {400, INVALID, "Missing value for required parameter 'name'. See the API docs", "POST",
         "experiments/create", "{}"},
        {400, INVALID, "required parameter 'name'", "POST", "experiments/create",
         "{\"name\": null}"},
        {400, INVALID, "required parameter 'name'", "POST", "registered-models/create",
         "{\"name\": \"\"}"},
        {400, INVALID, "required parameter 'new_name'", "POST", "experiments/update",
         "{\"experiment_id\": \"0\"}"},
        {400, INVALID, "required parameter 'run_id'", "GET", "runs/get?run_id=", NULL},
        {400, INVALID, "Invalid value \"x\" for parameter 'max_results' supplied", "GET",
         "registered-models/search?max_results=x", NULL},
        {400, INVALID, "Invalid value 123456789 for parameter 'max_results' supplied", "POST",
         "runs/search", "{\"experiment_ids\": [\"0\"], \"max_results\": 123456789}"},
        {400, "BAD_REQUEST", "parsed as JSON", "POST", "experiments/create", "{\"name\": "},
        {400, "BAD_REQUEST", "JSON object", "POST", "experiments/create", "[1]"},
        {400, "BAD_REQUEST", "parsed as JSON", "POST", "experiments/create", "\"{\""},
        {400, "BAD_REQUEST", "JSON object", "POST", "experiments/create", "\"[1]\""},
    };
    all_refused(state, cases, ML_COUNT(cases));
}

/* A page of another site may send a form without asking; such a body is not looked at. */
static void test_content_type(void **state)
{
    static const struct {
        const char *header, *words;
        int status;
    } cases[] = {
        {"Content-Type:", "Bad Request. Content-Type header is missing.", 400},
        {"Content-Type: text/plain",
         "Bad Request. Content-Type must be one of ['application/json'].", 400},
        {"Content-Type: application/x-www-form-urlencoded", "Content-Type must be one of", 400},
        {"Content-Type: application/jsonx", "Content-Type must be one of", 400},
        {"Content-Type: application/json; charset=utf-8", "", 200},
        {"Content-Type: Application/JSON", "", 200},
    };
    char body[64];
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        struct rest_reply reply;
        snprintf(body, sizeof body, "{\"name\": \"experiment %d\"}", (int)i);
        rest_ask_with(*state, "POST", "/api/2.0/mlflow/experiments/create", body, cases[i].header,
                      &reply);
        assert_int_equal(reply.status, cases[i].status);
        if (cases[i].status == 400)
            assert_non_null(strstr(rest_text(reply.json, "message"), cases[i].words));
        rest_reply_release(&reply);
    }
}

/* Old clients send JSON as a string of JSON. */
static void test_encoded_twice(void **state)
{
    rest_done(*state, "POST", "experiments/create", "\"{\\\"name\\\": \\\"twice\\\"}\"");
    rest_done(*state, "GET", "experiments/get-by-name?experiment_name=twice", NULL);
}

static void make_run(struct rest_fixture *fixture, const char *experiment, char id[64])
{
    char body[128];
    snprintf(body, sizeof body, "{\"experiment_id\": \"%s\"}", experiment);
    struct rest_reply reply = rest_call(fixture, 200, "POST", "runs/create", body);
    snprintf(id, 64, "%s", rest_text(reply.json, "run.info.run_id"));
    rest_reply_release(&reply);
}

/* Of a run's batch: "{"run_id": ID, REST}". */
static void batch_refused(struct rest_fixture *fixture, const char *id, const char *words,
                          const char *rest)
{
    char body[2048];
    snprintf(body, sizeof body, "{\"run_id\": \"%s\", %s}", id, rest);
    rest_refused(fixture, 400, INVALID, words, "POST", "runs/log-batch", body);
}

static void test_batch(void **state)
{
    char id[64], body[256];
    make_run(*state, "0", id);
    batch_refused(*state, id, "Invalid value \"foo\" for parameter 'metrics' supplied",
                  "\"metrics\": \"foo\"");
    batch_refused(*state, id, "Invalid value \"foo\" for parameter 'tags' supplied",
                  "\"tags\": \"foo\"");
    batch_refused(*state, id, "Missing value for required parameter 'metrics[0].timestamp'",
                  "\"metrics\": [{\"key\": \"mae\", \"value\": 2.5}]");
    batch_refused(*state, id, "Missing value for required parameter 'metrics[1].value'",
                  "\"metrics\": [{\"key\": \"a\", \"value\": 1, \"timestamp\": 1}, "
                  "{\"key\": \"b\", \"timestamp\": 1}]");
    batch_refused(*state, id, "Missing value for required parameter 'params[0].key'",
                  "\"params\": [{\"value\": \"1\"}]");
    batch_refused(*state, id, "Missing value for required parameter 'tags[0].key'",
                  "\"tags\": [{\"key\": \"\", \"value\": \"1\"}]");
    batch_refused(*state, id, "for parameter 'metrics[0].name' supplied: Names may only contain",
                  "\"metrics\": [{\"key\": \"a|b\", \"value\": 1, \"timestamp\": 1}]");
    batch_refused(*state, id, "for parameter 'params[0].key' supplied: Names may be treated",
                  "\"params\": [{\"key\": \"a/../b\", \"value\": \"1\"}]");
    batch_refused(*state, id, "Timestamp must be a nonnegative long",
                  "\"metrics\": [{\"key\": \"a\", \"value\": 1, \"timestamp\": -1}]");
    batch_refused(*state, id, "Duplicate parameter keys have been submitted: ['a']",
                  "\"params\": [{\"key\": \"a\", \"value\": \"1\"}, "
                  "{\"key\": \"a\", \"value\": \"1\"}]");
    snprintf(body, sizeof body,
             "{\"run_id\": \"%s\", \"metrics\": [{\"key\": \"a\", \"value\": 1, "
             "\"timestamp\": 1}]}",
             id);
    rest_done(*state, "POST", "runs/log-batch", body);
}

/* What is too long for MLflow's database and is no name is kept whole. */
static void test_long_values(void **state)
{
    enum { LEN = 9000 };
    char id[64], path[128];
    char *value = malloc(LEN + 1), *body = malloc(LEN + 256);
    assert_true(value && body);
    memset(value, 'v', LEN);
    value[LEN] = '\0';
    make_run(*state, "0", id);
    snprintf(body, LEN + 256, "{\"run_id\": \"%s\", \"key\": \"p\", \"value\": \"%s\"}", id, value);
    rest_done(*state, "POST", "runs/log-parameter", body);
    rest_done(*state, "POST", "runs/set-tag", body);
    snprintf(path, sizeof path, "runs/get?run_id=%s", id);
    struct rest_reply reply = rest_call(*state, 200, "GET", path, NULL);
    assert_string_equal(rest_text(reply.json, "run.data.params.0.value"), value);
    rest_reply_release(&reply);
    snprintf(body, LEN + 256, "{\"experiment_id\": \"0\", \"key\": \"p\", \"value\": \"%s\"}",
             value);
    rest_refused(*state, 400, INVALID, "'value' exceeds the maximum length of 5000 characters",
                 "POST", "experiments/set-experiment-tag", body);
    snprintf(body, LEN + 256, "{\"name\": \"%s\"}", value);
    rest_refused(*state, 400, INVALID, "'name' exceeds the maximum length of 500 characters",
                 "POST", "experiments/create", body);
    free(value);
    free(body);
}

static void log_input(struct rest_fixture *fixture, const char *id, const char *context,
                      const char *digest)
{
    char body[1024];
    snprintf(body, sizeof body,
             "{\"run_id\": \"%s\", \"datasets\": [{\"dataset\": {\"name\": \"d\", \"digest\": "
             "\"%s\", \"source_type\": \"local\", \"source\": \"s\"}, \"tags\": [{\"key\": "
             "\"mlflow.data.context\", \"value\": \"%s\"}, {\"key\": \"by\", \"value\": "
             "\"ann\"}]}]}",
             id, digest, context);
    rest_done(fixture, "POST", "runs/log-inputs", body);
}

/* All tags of an input are kept; the same dataset again is the same, and for another purpose it is
 * a record, and shown once. */
static void test_inputs(void **state)
{
    char id[64], path[128], body[1024];
    make_run(*state, "0", id);
    log_input(*state, id, "train", "x");
    const uint64_t size = rest_size(*state);
    log_input(*state, id, "train", "x");
    assert_int_equal(rest_size(*state), size);
    log_input(*state, id, "test", "x");
    assert_int_equal(rest_size(*state), size + 1);
    log_input(*state, id, "train", "y");
    snprintf(path, sizeof path, "runs/get?run_id=%s", id);
    struct rest_reply reply = rest_call(*state, 200, "GET", path, NULL);
    json_t *inputs = rest_at(reply.json, "run.inputs.dataset_inputs");
    assert_int_equal(json_array_size(inputs), 2);
    assert_string_equal(rest_text(inputs, "0.tags.0.key"), "by");
    assert_string_equal(rest_text(inputs, "0.tags.0.value"), "ann");
    assert_string_equal(rest_text(inputs, "0.tags.1.key"), "mlflow.data.context");
    assert_string_equal(rest_text(inputs, "0.tags.1.value"), "train");
    assert_string_equal(rest_text(inputs, "1.dataset.digest"), "y");
    rest_reply_release(&reply);
    snprintf(body, sizeof body,
             "{\"run_id\": \"%s\", \"datasets\": [{\"dataset\": {\"name\": \"d\", \"digest\": "
             "\"0123456789012345678901234567890123456\", \"source_type\": \"local\", \"source\": "
             "\"s\"}}]}",
             id);
    rest_refused(*state, 400, INVALID, "'digest' exceeds the maximum length of 36", "POST",
                 "runs/log-inputs", body);
    rest_refused(*state, 400, INVALID, "required parameter 'run_id'", "POST", "runs/log-inputs",
                 "{\"datasets\": []}");
    snprintf(body, sizeof body, "{\"run_id\": \"%s\"}", id);
    const uint64_t before = rest_size(*state);
    rest_done(*state, "POST", "runs/log-inputs", body);
    assert_int_equal(rest_size(*state), before);
    rest_ask(*state, "POST", "/api/2.0/mlflow/runs/log-inputs", body, NULL, &reply); /* MLflow 2 */
    assert_int_equal(reply.status, 400);
    assert_non_null(strstr(reply.text, "required parameter 'datasets'"));
    rest_reply_release(&reply);
}

static void expect_count(struct rest_fixture *fixture, const char *path, const char *list,
                         size_t count)
{
    struct rest_reply reply = rest_call(fixture, 200, "GET", path, NULL);
    assert_int_equal(json_array_size(rest_at(reply.json, list)), count);
    rest_reply_release(&reply);
}

/* What was renamed is found once. */
static void test_renamed(void **state)
{
    rest_done(*state, "POST", "experiments/create", "{\"name\": \"x\"}");
    rest_done(*state, "POST", "experiments/update",
              "{\"experiment_id\": \"1\", \"new_name\": \"y\"}");
    expect_count(*state, "experiments/search", "experiments", 2);
    rest_done(*state, "POST", "registered-models/create", "{\"name\": \"a\"}");
    rest_done(*state, "POST", "registered-models/rename", "{\"name\": \"a\", \"new_name\": \"b\"}");
    expect_count(*state, "registered-models/search", "registered_models", 1);
    rest_done(*state, "POST", "registered-models/create", "{\"name\": \"a\"}");
    expect_count(*state, "registered-models/search", "registered_models", 2);
}

/* A run's name is one of its tags, however the tag is set. */
static void test_name_tag(void **state)
{
    char id[64], path[128], body[256];
    make_run(*state, "0", id);
    snprintf(path, sizeof path, "runs/get?run_id=%s", id);
    snprintf(body, sizeof body,
             "{\"run_id\": \"%s\", \"tags\": [{\"key\": \"mlflow.runName\", \"value\": "
             "\"batch\"}]}",
             id);
    rest_done(*state, "POST", "runs/log-batch", body);
    struct rest_reply reply = rest_call(*state, 200, "GET", path, NULL);
    assert_string_equal(rest_text(reply.json, "run.info.run_name"), "batch");
    rest_reply_release(&reply);
}

/* What cannot be searched or ordered by. */
static void test_searches(void **state)
{
    static const struct refusal cases[] = {
        {400, INVALID, "Invalid order by key 'creation_timestamp' specified", "GET",
         "registered-models/search?order_by=name%20ASC&order_by=creation_timestamp%20DESC", NULL},
        {400, INVALID, "Invalid attribute key 'run_id' specified", "GET",
         "registered-models/search?filter=run_id%3D%27x%27", NULL},
        {400, INVALID, "Invalid attribute key 'run_id' specified", "GET",
         "model-versions/search?order_by=run_id%20DESC", NULL},
        {400, INVALID, "Invalid order_by clause 'name DESC blah'", "GET",
         "model-versions/search?order_by=name%20DESC%20blah", NULL},
        {400, INVALID, "`order_by` contains duplicate fields", "POST", "runs/search",
         "{\"experiment_ids\": [\"0\"], \"order_by\": [\"metrics.a\", \"metric.a DESC\"]}"},
        {400, INVALID, "Invalid attribute key 'experiment_id' specified", "POST",
         "experiments/search", "{\"filter\": \"experiment_id = '0'\"}"},
    };
    all_refused(state, cases, ML_COUNT(cases));
}

/* Versions stand in the order of their names, then numbers, where nothing else decides. */
static void test_ties(void **state)
{
    rest_done(*state, "POST", "registered-models/create", "{\"name\": \"m\"}");
    for (int i = 0; i < 2; i++)
        rest_done(*state, "POST", "model-versions/create",
                  "{\"name\": \"m\", \"source\": \"s3://b/m\"}");
    ((struct rest_fixture *)*state)->ledger.now_us += 1000000;
    rest_done(*state, "PATCH", "model-versions/update",
              "{\"name\": \"m\", \"version\": \"1\", \"description\": \"newer\"}");
    struct rest_reply reply =
        rest_call(*state, 200, "GET", "model-versions/search?order_by=name", NULL);
    assert_string_equal(rest_text(reply.json, "model_versions.0.version"), "2");
    rest_reply_release(&reply);
    reply = rest_call(*state, 200, "GET", "model-versions/search", NULL);
    assert_string_equal(rest_text(reply.json, "model_versions.0.version"), "1");
    rest_reply_release(&reply);
}

static void test_keys(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "a|b", "/a", "a/../b", "a//b", ".", "a/", "..a", "./a"};
    static const char *const good[] = {"a",  "a.b-c_d e:f", "val/loss", "\xc3\xa9t\xc3\xa9",
                                       ".x", "a/...",       "a..b"};
    enum { LEN = 2 * ML_REST_KEY_MAX };
    char key[LEN + 2];
    for (size_t i = 0; i < ML_COUNT(bad); i++)
        assert_int_equal(ml_rest_check_key("key", bad[i]), MLEDGER_EREFUSED);
    for (size_t i = 0; i < ML_COUNT(good); i++)
        assert_int_equal(ml_rest_check_key("key", good[i]), MLEDGER_OK);
    /* Lengths are of characters, not of bytes. */
    for (size_t i = 0; i < LEN; i += 2)
        memcpy(key + i, "\xc3\xa9", 2);
    key[LEN] = '\0';
    assert_int_equal(ml_rest_check_key("key", key), MLEDGER_OK);
    key[LEN] = 'e';
    key[LEN + 1] = '\0';
    assert_int_equal(ml_rest_check_key("key", key), MLEDGER_EREFUSED);
}

static void test_registry_names(void **state)
{
    static const struct refusal cases[] = {
        {400, INVALID, "Invalid model name 'a/b'. Names cannot contain '/' or ':'.", "POST",
         "registered-models/create", "{\"name\": \"a/b\"}"},
        {400, INVALID, "Invalid model name 'a:b'", "GET", "registered-models/get?name=a:b", NULL},
        {400, INVALID, "required parameter 'name'", "POST", "registered-models/create",
         "{\"name\": \"  \"}"},
        {400, INVALID, "must not resolve to other names", "POST", "registered-models/create",
         "{\"name\": \"..\"}"},
        {400, INVALID, "Parameter 'version' must be an integer, got 'one'.", "GET",
         "model-versions/get?name=m&version=one", NULL},
        {404, ABSENT, "Model Version (name=m, version=0) not found", "GET",
         "model-versions/get?name=m&version=0", NULL},
        {400, INVALID, "Invalid alias name: 'a b'", "POST", "registered-models/alias",
         "{\"name\": \"m\", \"alias\": \"a b\", \"version\": \"1\"}"},
        {400, INVALID, "'latest' alias name (case insensitive) is reserved.", "POST",
         "registered-models/alias", "{\"name\": \"m\", \"alias\": \"LATEST\", \"version\": \"1\"}"},
        {400, INVALID, "Version alias name 'V12' is reserved.", "POST", "registered-models/alias",
         "{\"name\": \"m\", \"alias\": \"V12\", \"version\": \"1\"}"},
        {400, INVALID, "Registered model alias none not found.", "GET",
         "registered-models/alias?name=m&alias=none", NULL},
        {404, ABSENT, "Latest version not found for model empty.", "GET",
         "registered-models/alias?name=empty&alias=Latest", NULL},
    };
    rest_done(*state, "POST", "registered-models/create", "{\"name\": \"m\"}");
    rest_done(*state, "POST", "registered-models/create", "{\"name\": \"empty\"}");
    rest_done(*state, "POST", "model-versions/create",
              "{\"name\": \"m\", \"source\": \"s3://b/m\"}");
    all_refused(state, cases, ML_COUNT(cases));
    struct rest_reply reply =
        rest_call(*state, 200, "GET", "registered-models/alias?name=m&alias=Latest", NULL);
    assert_string_equal(rest_text(reply.json, "model_version.version"), "1");
    rest_reply_release(&reply);
}

/* ---- experiments ---- */

static void test_experiments(void **state)
{
    static const struct refusal cases[] = {
        {404, ABSENT, "No Experiment with id=77 exists", "GET", "experiments/get?experiment_id=77",
         NULL},
        {400, INVALID, "Invalid experiment ID 'abc'. Experiment ID must be a valid integer.", "GET",
         "experiments/get?experiment_id=abc", NULL},
        {404, ABSENT, "No Experiment with id=0 exists", "POST", "experiments/restore",
         "{\"experiment_id\": \"0\"}"},
        {404, ABSENT, "No Experiment with id=1 exists", "POST", "experiments/delete",
         "{\"experiment_id\": \"1\"}"},
        {400, INVALID, "Cannot rename a non-active experiment.", "POST", "experiments/update",
         "{\"experiment_id\": \"1\", \"new_name\": \"x\"}"},
        {400, INVALID, "must be in the 'active' state", "POST", "runs/create",
         "{\"experiment_id\": \"1\"}"},
        {400, INVALID, "can't include fragments or params", "POST", "experiments/create",
         "{\"name\": \"x\", \"artifact_location\": \"s3://b/x#y\"}"},
        {400, INVALID, "cannot be a runs:/ URI", "POST", "experiments/create",
         "{\"name\": \"x\", \"artifact_location\": \"runs:/x/y\"}"},
        {400, INVALID, "Invalid query string", "POST", "experiments/create",
         "{\"name\": \"x\", \"artifact_location\": \"s3://b/x?y=../../z\"}"},
    };
    rest_done(*state, "POST", "experiments/create", "{\"name\": \"gone\"}");
    rest_done(*state, "POST", "experiments/delete", "{\"experiment_id\": \"1\"}");
    all_refused(state, cases, ML_COUNT(cases));
}

/* A path that is relative is one of the folder that the server runs in. */
static void test_artifact_location(void **state)
{
    char folder[1024], wanted[1100];
    assert_non_null(getcwd(folder, sizeof folder));
    snprintf(wanted, sizeof wanted, "%s/below/here", folder);
    rest_done(*state, "POST", "experiments/create",
              "{\"name\": \"x\", \"artifact_location\": \"below/here\"}");
    struct rest_reply reply =
        rest_call(*state, 200, "GET", "experiments/get?experiment_id=1", NULL);
    assert_string_equal(rest_text(reply.json, "experiment.artifact_location"), wanted);
    rest_reply_release(&reply);
}

static void expect_stage(struct rest_fixture *fixture, const char *id, const char *stage,
                         size_t found)
{
    char path[128], body[128];
    snprintf(path, sizeof path, "runs/get?run_id=%s", id);
    struct rest_reply reply = rest_call(fixture, 200, "GET", path, NULL);
    assert_string_equal(rest_text(reply.json, "run.info.lifecycle_stage"), stage);
    rest_reply_release(&reply);
    snprintf(body, sizeof body, "{\"experiment_ids\": [\"1\"], \"run_view_type\": \"%s\"}",
             found ? "ACTIVE_ONLY" : "DELETED_ONLY");
    reply = rest_call(fixture, 200, "POST", "runs/search", body);
    assert_int_equal(json_array_size(rest_at(reply.json, "runs")), 1);
    rest_reply_release(&reply);
}

/* Runs are deleted and restored with their experiment. */
static void test_runs_of_deleted_experiment(void **state)
{
    char id[64], body[128];
    rest_done(*state, "POST", "experiments/create", "{\"name\": \"x\"}");
    make_run(*state, "1", id);
    expect_stage(*state, id, "active", 1);
    rest_done(*state, "POST", "experiments/delete", "{\"experiment_id\": \"1\"}");
    expect_stage(*state, id, "deleted", 0);
    snprintf(body, sizeof body, "{\"run_id\": \"%s\", \"key\": \"a\", \"value\": \"1\"}", id);
    rest_refused(*state, 400, INVALID, "must be in the 'active' state", "POST", "runs/set-tag",
                 body);
    rest_done(*state, "POST", "experiments/restore", "{\"experiment_id\": \"1\"}");
    expect_stage(*state, id, "active", 1);
}

/* ---- sources of versions ---- */

static const char *version_body(char body[2048], const char *source, const char *run_id)
{
    snprintf(body, 2048, "{\"name\": \"m\", \"source\": \"%s\", \"run_id\": \"%s\"}", source,
             run_id);
    return body;
}

static void test_remote_sources(void **state)
{
    static const char *const good[] = {
        "mlflow-artifacts:/models",
        "mlflow-artifacts:/models/",
        "mlflow-artifacts:/models///",
        "mlflow-artifacts:/models/foo///bar",
        "mlflow-artifacts://host:9000/models",
        "mlflow-artifacts://host:9000/models/artifact/..../",
        "runs:/0123/model",
        "s3://bucket/a+b/c%20d",
    };
    static const char *const bad[] = {
        "mlflow-artifacts://host:9000/models/../../../",
        "http://host:9000/models/../../../",
        "s3a://my_bucket/api/2.0/mlflow-artifacts/artifacts/../../../",
        "mlflow-artifacts://host:9000/models/..%2f..%2fartifacts",
        "mlflow-artifacts://host:9000/models/%252e%252e/x",
        "mlflow-artifacts://host:9000/models/artifact%00",
        "mlflow-artifacts://host:9000/models/artifact%2500",
        "dbfs:/x/artifacts/a%3f/../../../../../../../../../../",
        "http://host/a/./b",
        "s3://bucket",
        "mlflow-artifacts:models",
    };
    char body[2048];
    rest_done(*state, "POST", "registered-models/create", "{\"name\": \"m\"}");
    for (size_t i = 0; i < ML_COUNT(good); i++)
        rest_done(*state, "POST", "model-versions/create", version_body(body, good[i], ""));
    for (size_t i = 0; i < ML_COUNT(bad); i++)
        rest_refused(*state, 400, INVALID, "If supplying a source as an http, https,", "POST",
                     "model-versions/create", version_body(body, bad[i], ""));
}

/* A path of one machine is taken below the artifacts of the run, and nowhere else. */
static void test_local_sources(void **state)
{
    static const struct {
        const char *prefix, *rest;
        bool is_good;
    } cases[] = {
        {"file://", "", true},       {"", "", true},
        {"file:", "", true},         {"file://localhost", "/x", true},
        {"file://", "/model", true}, {"file://", "/.", true},
        {"file://", "/m/..", true},  {"file://", "/..", false},
        {"file://", "/../x", false}, {"file://", "other", false},
        {"file:///..", "/x", false}, {"relative", "", false},
        {"file:///etc", "", false},
    };
    char id[64], body[2048], folder[512], source[1024];
    rest_done(*state, "POST", "registered-models/create", "{\"name\": \"m\"}");
    rest_done(*state, "POST", "experiments/create",
              "{\"name\": \"local\", \"artifact_location\": \"file:///srv/runs\"}");
    make_run(*state, "1", id);
    snprintf(folder, sizeof folder, "/srv/runs/%s/artifacts", id);
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        snprintf(source, sizeof source, "%s%s%s", cases[i].prefix, folder, cases[i].rest);
        version_body(body, source, id);
        if (cases[i].is_good)
            rest_done(*state, "POST", "model-versions/create", body);
        else
            rest_refused(*state, 400, INVALID, "To use a local path as a model version", "POST",
                         "model-versions/create", body);
    }
    rest_refused(*state, 400, INVALID, "To use a local path as a model version", "POST",
                 "model-versions/create", version_body(body, folder, ""));
    rest_refused(*state, 400, INVALID, "is not a valid remote uri", "POST", "model-versions/create",
                 version_body(body, "file://host/srv/runs", id));
    rest_refused(*state, 404, ABSENT, "id=nobody not found", "POST", "model-versions/create",
                 version_body(body, folder, "nobody"));
}

/* A template of a prompt has a word for its source. */
static void test_sources_of_prompts(void **state)
{
    rest_done(*state, "POST", "registered-models/create", "{\"name\": \"p\"}");
    rest_done(*state, "POST", "model-versions/create",
              "{\"name\": \"p\", \"source\": \"prompt-template\", \"tags\": "
              "[{\"key\": \"mlflow.prompt.is_prompt\", \"value\": \"true\"}]}");
    rest_refused(*state, 400, INVALID, "local path", "POST", "model-versions/create",
                 "{\"name\": \"p\", \"source\": \"/etc/passwd\", \"tags\": "
                 "[{\"key\": \"mlflow.prompt.is_prompt\", \"value\": \"true\"}]}");
}

static void expect_uri(struct rest_fixture *fixture, const char *path, const char *uri)
{
    struct rest_reply reply = rest_call(fixture, 200, "GET", path, NULL);
    assert_string_equal(rest_text(reply.json, "artifact_uri"), uri);
    rest_reply_release(&reply);
}

/* A copy of a version leads to where the files are. */
static void test_copies(void **state)
{
    rest_done(*state, "POST", "registered-models/create", "{\"name\": \"m\"}");
    rest_done(*state, "POST", "registered-models/create", "{\"name\": \"copy\"}");
    rest_done(*state, "POST", "model-versions/create",
              "{\"name\": \"m\", \"source\": \"s3://b/files\"}");
    rest_done(*state, "POST", "model-versions/create",
              "{\"name\": \"copy\", \"source\": \"models:/m/1\"}");
    rest_done(*state, "POST", "model-versions/create",
              "{\"name\": \"copy\", \"source\": \"models:/copy/1\"}");
    /* It names itself. */
    rest_done(*state, "POST", "model-versions/create",
              "{\"name\": \"copy\", \"source\": \"models:/copy/3\"}");
    expect_uri(*state, "model-versions/get-download-uri?name=m&version=1", "s3://b/files");
    expect_uri(*state, "model-versions/get-download-uri?name=copy&version=1", "s3://b/files");
    expect_uri(*state, "model-versions/get-download-uri?name=copy&version=2", "s3://b/files");
    expect_uri(*state, "model-versions/get-download-uri?name=copy&version=3", "models:/copy/3");
    struct rest_reply reply =
        rest_call(*state, 200, "GET", "model-versions/get?name=copy&version=1", NULL);
    assert_string_equal(rest_text(reply.json, "model_version.source"), "models:/m/1");
    rest_reply_release(&reply);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, rest_setup, rest_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_form),
        TEST(test_content_type),
        TEST(test_encoded_twice),
        TEST(test_batch),
        TEST(test_long_values),
        TEST(test_inputs),
        TEST(test_searches),
        TEST(test_renamed),
        TEST(test_name_tag),
        TEST(test_ties),
        cmocka_unit_test(test_keys),
        TEST(test_registry_names),
        TEST(test_experiments),
        TEST(test_artifact_location),
        TEST(test_runs_of_deleted_experiment),
        TEST(test_remote_sources),
        TEST(test_local_sources),
        TEST(test_sources_of_prompts),
        TEST(test_copies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
