/* SPDX-License-Identifier: Apache-2.0 */
/* GraphQL as MLflow's web UI asks it: what is selected is given, what is wrong is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "serve/mlflow/graphql_query.h"
#include "tests/unit/rest_calls.h"

/* JSON whose texts stand in single quotes. */
static json_t *json_of(const char *text)
{
    char *copy = strdup(text);
    assert_non_null(copy);
    for (char *at = copy; *at; at++)
        if (*at == '\'')
            *at = '"';
    json_t *json = json_loads(copy, 0, NULL);
    if (!json)
        fail_msg("no JSON: %s", copy);
    free(copy);
    return json;
}

/* What the server says to a query, with `status`. The rest is as the API has it, or NULL. */
static struct rest_reply ask(struct rest_fixture *fixture, int status, const char *query,
                             const char *operation, const char *variables)
{
    struct rest_reply reply;
    json_t *body = json_pack("{s:s, s:s?, s:o?}", "query", query, "operationName", operation,
                             "variables", variables ? json_of(variables) : NULL);
    char *text = json_dumps(body, 0);
    assert_non_null(text);
    rest_ask(fixture, "POST", "/graphql", text, NULL, &reply);
    if (reply.status != status)
        fail_msg("%s: %d %s", query, reply.status, reply.text);
    free(text);
    json_decref(body);
    return reply;
}

static void gives(struct rest_fixture *fixture, const char *query, const char *variables,
                  const char *answer)
{
    struct rest_reply reply = ask(fixture, 200, query, NULL, variables);
    json_t *want = json_of(answer);
    if (!json_equal(reply.json, want))
        fail_msg("%s gives %s, not %s", query, reply.text, answer);
    json_decref(want);
    rest_reply_release(&reply);
}

static void refuses(struct rest_fixture *fixture, const char *query, const char *words)
{
    struct rest_reply reply = ask(fixture, 400, query, NULL, NULL);
    assert_string_equal(rest_text(reply.json, "error_code"), "BAD_REQUEST");
    if (!strstr(rest_text(reply.json, "message"), words))
        fail_msg("%s: %s", query, reply.text);
    rest_reply_release(&reply);
}

/* Two runs, of which the second has versions. */
static int setup(void **state)
{
    static const char *const runs[] = {
        "{\"run_started\": {\"run_id\": \"r'1\", \"name\": \"first\", \"experiment\": \"0\"}}",
        "{\"run_logged\": {\"run\": \"r'1\", \"metrics\": [{\"key\": \"auc\", \"step\": "
        "9007199254740993, \"time\": \"2026-01-01T00:00:00Z\"}, {\"key\": \"odd\", \"step\": 0, "
        "\"time\": "
        "\"2026-01-01T00:00:00Z\"}]}, \"details\": {\"metric_values\": [\"0.5\", \"nan\"]}}",
        "{\"run_started\": {\"run_id\": \"r2\", \"name\": \"second\", \"experiment\": \"0\"}}",
    };
    assert_int_equal(rest_setup(state), 0);
    struct rest_fixture *fixture = *state;
    for (size_t i = 0; i < ML_COUNT(runs); i++)
        fixture_add(&fixture->ledger, runs[i]);
    rest_done(fixture, "POST", "registered-models/create", "{\"name\": \"m\"}");
    rest_done(fixture, "POST", "model-versions/create",
              "{\"name\": \"m\", \"source\": \"s3://b/m\", \"run_id\": \"r2\"}");
    rest_done(fixture, "POST", "model-versions/create",
              "{\"name\": \"m\", \"source\": \"s3://b/n\", \"run_id\": \"r'1\"}");
    rest_done(fixture, "POST", "model-versions/create",
              "{\"name\": \"m\", \"source\": \"s3://b/o\", \"run_id\": \"r2\"}");
    return 0;
}

static void gives_what_is_selected(void **state)
{
    gives(*state,
          "query GetRun($data: MlflowGetRunInput!) @component(name: \"MLflow.Run\") {\n"
          "  mlflowGetRun(input: $data) {\n"
          "    apiError { code }\n"
          "    run { info { runUuid, runName status endTime } experiment { name }\n"
          "      modelVersions { version } inputs { datasetInputs { tags { key } } } } } }",
          "{'data': {'runId': 'r2'}}",
          "{'data': {'mlflowGetRun': {'apiError': null, 'run': {'info': {'runUuid': 'r2', "
          "'runName': 'second', 'status': 'RUNNING', 'endTime': null}, 'experiment': {'name': "
          "'Default'}, 'modelVersions': [{'version': '3'}, {'version': '1'}], 'inputs': "
          "{'datasetInputs': []}}}}}");
    gives(*state,
          "query Q($input: MlflowGetExperimentInput!) { __typename e: mlflowGetExperiment(input: "
          "$input) { __typename experiment { __typename name later effectiveTraceArchivalRetention "
          "} } }",
          "{'input': {'experimentId': '0'}}",
          "{'data': {'__typename': 'Query', 'e': {'__typename': 'MlflowGetExperimentResponse', "
          "'experiment': {'__typename': 'MlflowExperiment', 'name': 'Default', 'later': null, "
          "'effectiveTraceArchivalRetention': null}}}}");
}

/* Longs are texts, since JavaScript would round them, and what is no number is null. */
static void writes_numbers_as_mlflow_does(void **state)
{
    gives(*state,
          "{ mlflowGetRun(input: {runId: \"r'1\"}) { run { data { metrics { k: key value step "
          "timestamp } } modelVersions { version } } } }",
          NULL,
          "{'data': {'mlflowGetRun': {'run': {'data': {'metrics': [{'k': 'auc', 'value': 0.5, "
          "'step': '9007199254740993', 'timestamp': '1767225600000'}, {'k': 'odd', 'value': null, "
          "'step': '0', 'timestamp': '1767225600000'}]}, 'modelVersions': [{'version': '2'}]}}}}");
}

static void searches(void **state)
{
    gives(
        *state,
        "mutation SearchRuns($data: MlflowSearchRunsInput = {experimentIds: [\"0\"], runViewType:"
        " ALL, maxResults: 5, orderBy: [\"start_time ASC\"]}) { mlflowSearchRuns(input: $data) {"
        " runs { info { runId } modelVersions { version } } nextPageToken } }",
        NULL,
        "{'data': {'mlflowSearchRuns': {'runs': [{'info': {'runId': 'r\\u00271'}, 'modelVersions': "
        "[{'version': '2'}]}, {'info': {'runId': 'r2'}, 'modelVersions': "
        "[{'version': '3'}, {'version': '1'}]}], 'nextPageToken': null}}}");
    gives(*state,
          "{ mlflowSearchModelVersions(input: {filter: \"name = 'm'\", maxResults: 1, orderBy: "
          "[\"version_number ASC\"]}) { modelVersions { version runId } } }",
          NULL,
          "{'data': {'mlflowSearchModelVersions': {'modelVersions': [{'version': '1', 'runId': "
          "'r2'}]}}}");
    gives(*state,
          "query H($data: MlflowGetMetricHistoryBulkIntervalInput!) { "
          "mlflowGetMetricHistoryBulkInterval(input: $data) { metrics { runId step } } }",
          "{'data': {'runIds': ['r2'], 'metricKey': 'auc'}}",
          "{'data': {'mlflowGetMetricHistoryBulkInterval': {'metrics': []}}}");
}

static void says_what_is_refused(void **state)
{
    static const char want[] =
        "{'data': {'mlflowGetRun': {'apiError': {'code': 'RESOURCE_DOES_NOT_EXIST', 'message': "
        "'Run with id=x not found', 'helpUrl': null}, 'run': null}}}";
    static const char beside[] =
        "{'data': {'a': null, 'b': {'experiment': {'name': 'Default'}}, 'nope': null}, 'errors': "
        "[{'message': 'Run with id=x not found', 'path': ['a'], 'extensions': {'code': "
        "'RESOURCE_DOES_NOT_EXIST'}}, {'message': 'There is no field nope to be asked for', "
        "'path': ['nope'], 'extensions': {'code': 'BAD_REQUEST'}}]}";
    gives(*state,
          "{ mlflowGetRun(input: {runId: \"x\"}) { apiError { code message helpUrl } run { info { "
          "runId } } } }",
          NULL, want);
    gives(*state,
          "{ a: mlflowGetRun(input: {runId: \"x\"}) { run { info { runId } } } b: "
          "mlflowGetExperiment(input: {experimentId: \"0\"}) { experiment { name } } nope }",
          NULL, beside);
}

/* ---- reading ---- */

static void chooses_an_operation(void **state)
{
    static const char two[] =
        "query A { mlflowGetExperiment(input: {experimentId: \"0\"}) { experiment { name } } }\n"
        "# another\nquery B { b: mlflowGetExperiment(input: {experimentId: \"0\"}) { experiment { "
        "name } } }";
    struct rest_reply reply = ask(*state, 200, two, "B", NULL);
    assert_string_equal(rest_text(reply.json, "data.b.experiment.name"), "Default");
    rest_reply_release(&reply);
    reply = ask(*state, 400, two, "C", NULL);
    assert_non_null(strstr(reply.text, "no operation of that name"));
    rest_reply_release(&reply);
    refuses(*state, two, "which operation is meant is not said");
}

static void refuses_what_is_none(void **state)
{
    static const struct {
        const char *query, *words;
    } wrong[] = {
        {"", "a name is missing"},
        {"{", "a name is missing"},
        {"{}", "a name is missing"},
        {"{ a", "a name is missing"},
        {"{ a(", "a name is missing"},
        {"{ a(b) }", "':' is missing"},
        {"{ a(b:) }", "at character 7: this is no value"},
        {"{ a(b: 01) }", "this is no value"},
        {"{ a(b: \"x) }", "the text has no end"},
        {"{ a(b: \"\\q\") }", "this is no value"},
        {"{ a(b: \"\"\"x\"\"\") }", "block strings"},
        {"{ a(b: 1, b: 2) }", "has a value already"},
        {"{ a(b: $c) }", "was not declared"},
        {"query Q($c: [X!) { a }", "']' is missing"},
        {"query Q($c) { a }", "':' is missing"},
        {"query Q() { a }", "'$' is missing"},
        {"{ ...F }", "fragments"},
        {"{ a @include(if: true) }", "directives on fields"},
        {"{ a b a }", "there twice"},
        {"{ a: b, a }", "there twice"},
        {"subscription { a }", "nothing else"},
        {"fragment F on X { a }", "nothing else"},
        {"{ a } { b }", "which operation"},
        {"query A { a } query A { a }", "which operation"},
        {"{ a } x", "nothing else"},
        {"{ a b c d e f g h i j k }", "too much"},
        {"{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a}}}}}}}}}}}}}}}}}", "fields are nested"},
        {"{a(a:[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]])}", "values are nested"},
    };
    for (size_t i = 0; i < ML_COUNT(wrong); i++)
        refuses(*state, wrong[i].query, wrong[i].words);
}

static void limits_fields(void **state)
{
    struct ml_buf text = {0};
    assert_int_equal(ml_buf_append_text(&text, "{ a {"), MLEDGER_OK);
    for (int i = 0; i <= ML_GRAPHQL_FIELDS; i++)
        assert_int_equal(ml_buf_printf(&text, " f%d", i), MLEDGER_OK);
    assert_int_equal(ml_buf_append_char(&text, '\0'), MLEDGER_OK);
    refuses(*state, (const char *)text.data, "too many fields");
    ml_buf_release(&text);
}

static void takes_a_request_alone(void **state)
{
    struct rest_reply reply;
    rest_ask(*state, "POST", "/graphql", "{\"variables\": {}}", NULL, &reply);
    assert_int_equal(reply.status, 400);
    assert_non_null(strstr(reply.text, "holds no query"));
    rest_reply_release(&reply);
    rest_ask_with(*state, "POST", "/graphql", "{}", "Content-Type: text/plain", &reply);
    assert_int_equal(reply.status, 400);
    rest_reply_release(&reply);
    rest_ask(*state, "POST", "/graphql", "[]", NULL, &reply);
    assert_int_equal(reply.status, 400);
    rest_reply_release(&reply);
    rest_ask(*state, "POST", "/graphql", NULL, NULL, &reply);
    assert_int_equal(reply.status, 400);
    rest_reply_release(&reply);
}

/* ---- what MLflow 3 asks before all else ---- */

static void tells_what_it_can(void **state)
{
    struct rest_reply reply;
    rest_ask(*state, "GET", "/ajax-api/3.0/mlflow/server-info", NULL, NULL, &reply);
    assert_int_equal(reply.status, 200);
    assert_true(json_is_false(rest_at(reply.json, "workspaces_enabled")));
    assert_true(json_is_false(rest_at(reply.json, "features_enabled.gateway")));
    rest_reply_release(&reply);
    rest_ask(*state, "GET", "/ajax-api/3.0/mlflow/ui-telemetry", NULL, NULL, &reply);
    assert_int_equal(reply.status, 200);
    assert_true(json_is_true(rest_at(reply.json, "disable_ui_telemetry")));
    rest_reply_release(&reply);
    rest_ask(*state, "POST", "/ajax-api/3.0/mlflow/ui-telemetry", "{\"records\": [{}]}", NULL,
             &reply);
    assert_string_equal(rest_text(reply.json, "status"), "disabled");
    rest_reply_release(&reply);
    rest_ask(*state, "POST", "/ajax-api/3.0/mlflow/traces/search", "{\"locations\": [{}]}", NULL,
             &reply);
    assert_int_equal(reply.status, 200);
    assert_string_equal(reply.text, "{}");
    rest_reply_release(&reply);
    rest_ask(*state, "GET", "/api/3.0/mlflow/runs/get?run_id=r2", NULL, NULL, &reply);
    assert_int_equal(reply.status, 404);
    rest_reply_release(&reply);
    rest_ask(*state, "GET", "/api/2.0/mlflow/server-info", NULL, NULL, &reply);
    assert_int_equal(reply.status, 404);
    rest_reply_release(&reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_what_is_selected),
        cmocka_unit_test(writes_numbers_as_mlflow_does),
        cmocka_unit_test(searches),
        cmocka_unit_test(says_what_is_refused),
        cmocka_unit_test(chooses_an_operation),
        cmocka_unit_test(refuses_what_is_none),
        cmocka_unit_test(limits_fields),
        cmocka_unit_test(takes_a_request_alone),
        cmocka_unit_test(tells_what_it_can),
    };
    return cmocka_run_group_tests(tests, setup, rest_teardown);
}
