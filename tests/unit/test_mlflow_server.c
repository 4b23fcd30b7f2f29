/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking an MLflow server: what is asked, in which order, page by page, and what is refused. The
 * server says what each test has written down; tests/interop asks a real one.
 */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>

#include "ingest/mlflow/memory.h"
#include "tests/unit/http_server.h"
#include "tests/unit/mlflow_seen.h"

#define OK "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
#define NOT_FOUND                                                                                  \
    "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\n\r\n"                             \
    "{\"error_code\": \"ENDPOINT_NOT_FOUND\", \"message\": \"no such call\"}"
#define SAY(text)                                                                                  \
    {                                                                                              \
        HTTP_ANSWER, OK text                                                                       \
    }
#define NO_EXPERIMENTS SAY("{}")
#define NO_MODELS SAY("{}")

#define EXPERIMENT                                                                                 \
    "{\"experiments\": [{\"experiment_id\": \"7\", \"name\": \"churn\", \"lifecycle_stage\": "     \
    "\"active\", \"creation_time\": 100, \"tags\": [{\"key\": \"team\", \"value\": \"risk\"}]}]}"
#define ONE_RUN "{\"runs\": [{\"info\": {\"run_id\": \"r1\"}}]}"
#define INFO                                                                                       \
    "\"info\": {\"run_id\": \"r1\", \"experiment_id\": \"7\", \"run_name\": \"first\", "           \
    "\"user_id\": \"\", \"status\": \"FINISHED\", \"start_time\": 20, \"end_time\": 25, "          \
    "\"lifecycle_stage\": \"deleted\"}"

struct asked {
    struct seen seen;
    size_t left_out;
    char *requests;
    int result;
};

static void asked_release(struct asked *asked)
{
    free(asked->requests);
}

static void ask(const struct http_exchange *exchanges, size_t count,
                const struct ml_mlflow_options *options, struct asked *asked)
{
    ML_CLEANUP(ml_mlflow_store_freep) struct ml_mlflow_store *store = NULL;
    struct http_server *server = http_server_start(exchanges, count);
    asked->result = ml_mlflow_store_open(http_server_url(server), options, &store);
    if (asked->result >= 0) {
        assert_int_equal(ml_mlflow_store_kind(store), ML_MLFLOW_STORE_SERVER);
        assert_string_equal(ml_mlflow_store_root(store), http_server_url(server));
        asked->result = seen_visit(store, &asked->seen, &asked->left_out);
    }
    asked->requests = http_server_stop(server);
}

static void expect_requests(const char *requests, const char *const *lines, size_t count)
{
    const char *at = requests;
    for (size_t i = 0; i < count; i++) {
        at = strstr(at, lines[i]);
        if (!at)
            fail_msg("not asked, or not in its turn: %s\n%s", lines[i], requests);
        at += strlen(lines[i]);
    }
}

static void everything_is_asked_for(void **state)
{
    static const struct http_exchange exchanges[] = {
        SAY("{\"experiments\": [{\"experiment_id\": \"2\", \"name\": \"old\", \"lifecycle_stage\": "
            "\"deleted\"}], \"next_page_token\": \"a b\"}"),
        SAY("{}"), /* its runs */
        SAY("{}"), /* its models */
        SAY(EXPERIMENT),
        SAY(ONE_RUN),
        SAY("{\"run\": {" INFO ", \"data\": {\"params\": [{\"key\": \"lr\", \"value\": \"0.10\"}, "
            "{\"key\": \"a\"}], \"tags\": [{\"key\": \"mlflow.user\", \"value\": \"eve\"}], "
            "\"metrics\": [{\"key\": \"loss\", \"value\": 1}, {\"key\": \"auc\", \"value\": 2}]}, "
            "\"inputs\": {\"dataset_inputs\": [{\"tags\": [{\"key\": \"mlflow.data.context\", "
            "\"value\": \"training\"}], \"dataset\": {\"name\": \"raw\", \"digest\": "
            "\"abcd1234\"}}],"
            " \"model_inputs\": [{\"model_id\": \"m-0\"}]}, "
            "\"outputs\": {\"model_outputs\": [{\"model_id\": \"m-1\", \"step\": \"4\"}]}}}"),
        SAY("{\"metrics\": [{\"key\": \"auc\", \"value\": 0.5, \"timestamp\": 2, \"step\": 0}], "
            "\"next_page_token\": \"t\"}"),
        SAY("{\"metrics\": [{\"key\": \"auc\", \"value\": 0.25, \"timestamp\": \"1\", \"step\": "
            "1}, "
            "{\"key\": \"auc\", \"value\": 0.25, \"timestamp\": 1, \"step\": 1}]}"),
        SAY("{\"metrics\": [{\"key\": \"loss\", \"value\": \"NaN\", \"timestamp\": 3}, "
            "{\"key\": \"loss\", \"value\": 1.7976931348623157e308, \"timestamp\": 4, \"step\": "
            "1}, "
            "{\"key\": \"loss\", \"value\": \"-Infinity\", \"timestamp\": 5, \"step\": 2}, "
            "{\"key\": \"loss\", \"value\": 2, \"timestamp\": 6, \"step\": 3}]}"),
        SAY("{\"files\": [{\"path\": \"m\", \"is_dir\": true}, {\"path\": \"z\", \"file_size\": "
            "3}]}"),
        SAY("{\"files\": [{\"path\": \"m/x\", \"is_dir\": false, \"file_size\": \"5\"}]}"),
        {HTTP_ANSWER, "HTTP/1.1 200 OK\r\n\r\n12345"}, /* m/x */
        {HTTP_ANSWER, "HTTP/1.1 200 OK\r\n\r\nabc"},   /* z */
        SAY("{\"models\": [{\"info\": {\"model_id\": \"m-1\", \"experiment_id\": \"7\", \"name\": "
            "\"model\", \"status\": \"LOGGED_MODEL_READY\", \"source_run_id\": \"r1\"}, \"data\": "
            "{\"params\": [{\"key\": \"lr\", \"value\": \"0.10\"}], \"metrics\": [{\"key\": "
            "\"auc\","
            " \"value\": 0.5, \"timestamp\": 2, \"step\": 0, \"run_id\": \"r1\"}]}}]}"),
        SAY("{}"), /* its artifacts */
        SAY("{\"registered_models\": [{\"name\": \"it's\", \"description\": \"d\", \"tags\": "
            "[{\"key\": \"k\", \"value\": \"v\"}], \"aliases\": [{\"alias\": \"champion\", "
            "\"version\": \"2\"}]}]}"),
        SAY("{\"model_versions\": [{\"version\": \"2\", \"current_stage\": \"Production\", "
            "\"run_id\": \"r1\", \"source\": \"models:/m-1\", \"model_id\": \"m-1\"}, "
            "{\"version\": \"1\", \"tags\": [{\"key\": \"t\", \"value\": \"1\"}]}]}"),
    };
    static const char *const requests[] = {
        "POST /api/2.0/mlflow/experiments/search HTTP/1.1\r\n",
        "\"view_type\":\"ALL\"",
        "POST /api/2.0/mlflow/runs/search HTTP/1.1\r\n",
        "\"run_view_type\":\"ALL\"",
        "\"order_by\":[\"attributes.start_time ASC\",\"attributes.run_id ASC\"]",
        "POST /api/2.0/mlflow/logged-models/search HTTP/1.1\r\n",
        "POST /api/2.0/mlflow/experiments/search HTTP/1.1\r\n",
        "\"page_token\":\"a b\"",
        "GET /api/2.0/mlflow/runs/get?run_id=r1 HTTP/1.1\r\n",
        "GET /api/2.0/mlflow/metrics/get-history?run_id=r1&metric_key=auc&max_results=25000 HTTP",
        "metric_key=auc&max_results=25000&page_token=t HTTP",
        "metric_key=loss&max_results=25000 HTTP",
        "GET /api/2.0/mlflow/artifacts/list?run_id=r1 HTTP/1.1\r\n",
        "GET /api/2.0/mlflow/artifacts/list?run_id=r1&path=m HTTP/1.1\r\n",
        "GET /get-artifact?path=m%2Fx&run_uuid=r1 HTTP/1.1\r\n",
        "GET /get-artifact?path=z&run_uuid=r1 HTTP/1.1\r\n",
        "GET /api/2.0/mlflow/logged-models/m-1/artifacts/directories HTTP/1.1\r\n",
        "GET /api/2.0/mlflow/registered-models/search?max_results=100&order_by=name%20ASC HTTP",
        "GET /api/2.0/mlflow/model-versions/search?filter=name%3D%22it%27s%22&max_results=1000",
    };
    ML_CLEANUP(asked_release) struct asked asked = {0};
    (void)state;
    ask(exchanges, ML_COUNT(exchanges), NULL, &asked);
    if (asked.result < 0)
        fail_msg("%s", mledger_error_text());
    assert_string_equal(asked.seen.text, "experiment 2 old deleted -\n"
                                         "experiment 7 churn active 100\n"
                                         "  tag team=risk\n"
                                         "run r1 first FINISHED eve deleted 20 25 -\n"
                                         "  param a=\n"
                                         "  param lr=0.10\n"
                                         "  tag mlflow.user=eve\n"
                                         "  metric auc 0.5@2/0 0.25@1/1\n"
                                         "  metric loss nan@3/0 inf@4/1 -inf@5/2 2.0@6/3\n"
                                         "  input raw abcd1234 training\n"
                                         "  read m-0 0\n"
                                         "  wrote m-1 4\n"
                                         "  artifact m/x 5\n"
                                         "  artifact z 3\n"
                                         "model m-1 of r1 READY\n"
                                         "  param lr=0.10\n"
                                         "  metric auc 0.5@2/0\n"
                                         "registered it's d\n"
                                         "  tag k=v\n"
                                         "  alias champion 2\n"
                                         "  version 1 None - - -\n"
                                         "    tag t=1\n"
                                         "  version 2 Production r1 models:/m-1 m-1\n");
    expect_requests(asked.requests, requests, ML_COUNT(requests));
}

static void old_servers_know_no_logged_models(void **state)
{
    static const struct http_exchange exchanges[] = {
        SAY(EXPERIMENT), SAY("{\"runs\": []}"), {HTTP_ANSWER, NOT_FOUND}, NO_MODELS};
    ML_CLEANUP(asked_release) struct asked asked = {0};
    (void)state;
    ask(exchanges, ML_COUNT(exchanges), NULL, &asked);
    assert_int_equal(asked.result, MLEDGER_OK);
    assert_string_equal(asked.seen.text, "experiment 7 churn active 100\n  tag team=risk\n");
}

static void credentials_are_sent(void **state)
{
    static const struct http_exchange exchanges[] = {NO_EXPERIMENTS, NO_MODELS};
    static const struct {
        struct ml_mlflow_credentials credentials;
        const char *header;
    } cases[] = {
        {{.token = "s3cret"}, "Authorization: Bearer s3cret\r\n"},
        {{.user = "eve", .password = "pw"}, "Authorization: Basic ZXZlOnB3\r\n"},
    };
    (void)state;
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        ML_CLEANUP(asked_release) struct asked asked = {0};
        const struct ml_mlflow_options options = {.credentials = cases[i].credentials};
        ask(exchanges, ML_COUNT(exchanges), &options, &asked);
        assert_int_equal(asked.result, MLEDGER_OK);
        assert_non_null(strstr(asked.requests, cases[i].header));
    }
}

/* Before the answer that is bad: an experiment, a run, what is asked of it. */
#define RUN_WITH(data) SAY("{\"run\": {" INFO ", \"data\": {" data "}}}")

static const struct bad_answer {
    int result;
    const char *text;
    size_t count;
    struct http_exchange exchanges[6];
} bad_answers[] = {
    {MLEDGER_ESYSTEM, "no MLflow server: ", 1, {{HTTP_ANSWER, NOT_FOUND}}},
    {MLEDGER_ESYSTEM,
     "answers with status 401",
     1,
     {{HTTP_ANSWER, "HTTP/1.1 401 Unauthorized\r\n\r\nwho is it?"}}},
    {MLEDGER_EINVALID, "answers with status 500", 1, {{HTTP_ANSWER, "HTTP/1.1 500 Oops\r\n\r\n"}}},
    {MLEDGER_EINVALID,
     "INVALID_PARAMETER_VALUE: no such order",
     1,
     {{HTTP_ANSWER, "HTTP/1.1 400 Bad Request\r\n\r\n{\"error_code\": "
                    "\"INVALID_PARAMETER_VALUE\", \"message\": \"no such order\"}"}}},
    {MLEDGER_EINVALID, "the answer of http://", 1, {SAY("<html>")}},
    {MLEDGER_EINVALID, "is no JSON object", 1, {SAY("[]")}},
    {MLEDGER_EINVALID, "experiments: expected an array", 1, {SAY("{\"experiments\": {}}")}},
    {MLEDGER_EINVALID,
     "experiments: expected an array of objects",
     1,
     {SAY("{\"experiments\": [1]}")}},
    {MLEDGER_EINVALID, "experiments: experiment_id: missing", 1, {SAY("{\"experiments\": [{}]}")}},
    {MLEDGER_EINVALID,
     "experiments: lifecycle_stage: neither active nor deleted",
     1,
     {SAY("{\"experiments\": [{\"experiment_id\": \"1\", \"lifecycle_stage\": 1}]}")}},
    {MLEDGER_EINVALID,
     "experiments: creation_time: expected an integer",
     1,
     {SAY("{\"experiments\": [{\"experiment_id\": \"1\", \"creation_time\": \"noon\"}]}")}},
    {MLEDGER_EINVALID,
     "experiments: name: expected text",
     1,
     {SAY("{\"experiments\": [{\"experiment_id\": \"1\", \"name\": 1}]}")}},
    {MLEDGER_EINVALID,
     "go round in a circle",
     2,
     {SAY("{\"next_page_token\": \"x\"}"), SAY("{\"next_page_token\": \"x\"}")}},
    {MLEDGER_EINVALID, "run_id: missing", 2, {SAY(EXPERIMENT), SAY("{\"runs\": [{}]}")}},
    {MLEDGER_EINVALID,
     "runs/r1: status: missing",
     3,
     {SAY(EXPERIMENT), SAY(ONE_RUN), SAY("{\"run\": {\"info\": {\"experiment_id\": \"7\"}}}")}},
    {MLEDGER_EINVALID,
     "status: 'DONE' is none that MLflow has",
     3,
     {SAY(EXPERIMENT), SAY(ONE_RUN),
      SAY("{\"run\": {\"info\": {\"experiment_id\": \"7\", \"status\": \"DONE\"}}}")}},
    {MLEDGER_EINVALID,
     "params: a pair has no key",
     3,
     {SAY(EXPERIMENT), SAY(ONE_RUN), RUN_WITH("\"params\": [{\"value\": \"1\"}]")}},
    {MLEDGER_EINVALID,
     "metric 'm' of run r1 has no history",
     4,
     {SAY(EXPERIMENT), SAY(ONE_RUN), RUN_WITH("\"metrics\": [{\"key\": \"m\"}]"), SAY("{}")}},
    {MLEDGER_EINVALID,
     "m: value: expected a number",
     4,
     {SAY(EXPERIMENT), SAY(ONE_RUN), RUN_WITH("\"metrics\": [{\"key\": \"m\"}]"),
      SAY("{\"metrics\": [{\"key\": \"m\", \"value\": \"high\"}]}")}},
    {MLEDGER_EINVALID,
     "'../x' is not in the folder asked for",
     4,
     {SAY(EXPERIMENT), SAY(ONE_RUN), RUN_WITH(""),
      SAY("{\"files\": [{\"path\": \"../x\", \"file_size\": 1}]}")}},
    {MLEDGER_EINVALID,
     "'a' is not in the folder asked for",
     5,
     {SAY(EXPERIMENT), SAY(ONE_RUN), RUN_WITH(""),
      SAY("{\"files\": [{\"path\": \"a\", \"is_dir\": true}]}"),
      SAY("{\"files\": [{\"path\": \"a\", \"is_dir\": true}]}")}},
    {MLEDGER_EINVALID,
     "2 bytes came, 3 were listed",
     5,
     {SAY(EXPERIMENT),
      SAY(ONE_RUN),
      RUN_WITH(""),
      SAY("{\"files\": [{\"path\": \"a\", \"file_size\": 3}]}"),
      {HTTP_ANSWER, "HTTP/1.1 200 OK\r\n\r\nab"}}},
    {MLEDGER_EINVALID,
     "get-artifact?path=a&run_uuid=r1 answers with status 500",
     5,
     {SAY(EXPERIMENT),
      SAY(ONE_RUN),
      RUN_WITH(""),
      SAY("{\"files\": [{\"path\": \"a\", \"file_size\": 3}]}"),
      {HTTP_ANSWER, "HTTP/1.1 500 Oops\r\n\r\n"}}},
    {MLEDGER_EINVALID,
     "logged_models/m-1: status: 'LOST' is none that MLflow has",
     3,
     {SAY(EXPERIMENT), SAY("{}"),
      SAY("{\"models\": [{\"info\": {\"model_id\": \"m-1\", \"experiment_id\": \"7\", "
          "\"status\": \"LOGGED_MODEL_LOST\"}}]}")}},
    {MLEDGER_EINVALID,
     "MLflow's filters cannot say its name",
     2,
     {NO_EXPERIMENTS, SAY("{\"registered_models\": [{\"name\": \"a'\\\"b\"}]}")}},
    {MLEDGER_EINVALID,
     "version: '0' is no number of one",
     3,
     {NO_EXPERIMENTS, SAY("{\"registered_models\": [{\"name\": \"a\"}]}"),
      SAY("{\"model_versions\": [{\"version\": \"0\"}]}")}},
    {MLEDGER_EINVALID,
     "alias 'x' points to version 'one'",
     2,
     {NO_EXPERIMENTS, SAY("{\"registered_models\": [{\"name\": \"a\", \"aliases\": [{\"alias\": "
                          "\"x\", \"version\": \"one\"}]}]}")}},
};

static void answers_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ML_COUNT(bad_answers); i++) {
        ML_CLEANUP(asked_release) struct asked asked = {0};
        ask(bad_answers[i].exchanges, bad_answers[i].count, NULL, &asked);
        assert_int_equal(asked.result, bad_answers[i].result);
        if (!strstr(mledger_error_text(), bad_answers[i].text))
            fail_msg("'%s' is not in: %s", bad_answers[i].text, mledger_error_text());
    }
}

static void what_is_broken_may_be_left_out(void **state)
{
    static const struct http_exchange exchanges[] = {
        SAY(EXPERIMENT),
        SAY("{\"runs\": [{\"info\": {\"run_id\": \"r0\"}}, {\"info\": {\"run_id\": \"r1\"}}]}"),
        {HTTP_ANSWER, "HTTP/1.1 500 Oops\r\n\r\n"},
        RUN_WITH(""),
        {HTTP_ANSWER, "HTTP/1.1 500 no such bucket\r\n\r\n"},
        SAY("{}"),
        NO_MODELS,
    };
    ML_CLEANUP(asked_release) struct asked asked = {0};
    const struct ml_mlflow_options options = {.keep_going = true};
    (void)state;
    ask(exchanges, ML_COUNT(exchanges), &options, &asked);
    assert_int_equal(asked.result, MLEDGER_OK);
    assert_int_equal(asked.left_out, 2);
    assert_non_null(strstr(asked.seen.text, "run r1 first"));
    assert_null(strstr(asked.seen.text, "run r0"));
}

static void nothing_is_downloaded_unasked(void **state)
{
    static const struct http_exchange exchanges[] = {
        SAY(EXPERIMENT), SAY(ONE_RUN),
        RUN_WITH(""),    SAY("{\"files\": [{\"path\": \"a\", \"file_size\": 3}]}"),
        SAY("{}"),       NO_MODELS,
    };
    ML_CLEANUP(asked_release) struct asked asked = {0};
    const struct ml_mlflow_options options = {.skip_hashing = true};
    (void)state;
    ask(exchanges, ML_COUNT(exchanges), &options, &asked);
    assert_int_equal(asked.result, MLEDGER_OK);
    assert_non_null(strstr(asked.seen.text, "  artifact a 3\n"));
    assert_null(strstr(asked.requests, "get-artifact"));
}

#define ENDED_RUN "{\"runs\": [{\"info\": {\"run_id\": \"r1\", \"status\": \"FINISHED\"}}]}"
#define WHOLE_RUN                                                                                  \
    SAY("{\"run\": {" INFO ", \"data\": {\"params\": [{\"key\": \"lr\", \"value\": \"1\"}]}}}")
#define NO_FILES SAY("{}")

/* The server has nothing more to say after the first visit. */
static void a_second_visit_asks_nothing(void **state)
{
    static const struct http_exchange exchanges[] = {SAY(EXPERIMENT), SAY(ENDED_RUN), WHOLE_RUN,
                                                     NO_FILES,        NO_MODELS,      NO_MODELS};
    const struct ml_mlflow_options options = {.visited_twice = true};
    const struct ml_mlflow_visitor nobody = {0};
    ML_CLEANUP(ml_mlflow_store_freep) struct ml_mlflow_store *store = NULL;
    ML_CLEANUP(ml_freep) char *requests = NULL;
    struct seen seen;
    size_t left_out;
    (void)state;
    struct http_server *server = http_server_start(exchanges, ML_COUNT(exchanges));
    assert_int_equal(ml_mlflow_store_open(http_server_url(server), &options, &store), 0);
    const int first = seen_visit(store, &seen, &left_out);
    requests = http_server_stop(server);
    assert_int_equal(first, MLEDGER_OK);
    assert_non_null(strstr(seen.text, "lr=1"));
    assert_int_equal(ml_mlflow_store_visit_again(store, &nobody), MLEDGER_OK);
    assert_int_equal(ml_mlflow_store_visit_again(store, &nobody), MLEDGER_OK);
}

static void ask_with(struct ml_mlflow_memory *memory, const struct http_exchange *exchanges,
                     size_t count, struct asked *asked)
{
    const struct ml_mlflow_options options = {.memory = memory};
    ask(exchanges, count, &options, asked);
    if (asked->result < 0)
        fail_msg("%s", mledger_error_text());
}

static void what_has_ended_is_asked_for_once(void **state)
{
    static const struct http_exchange whole[] = {SAY(EXPERIMENT), SAY(ENDED_RUN), WHOLE_RUN,
                                                 NO_FILES,        NO_MODELS,      NO_MODELS};
    static const struct http_exchange remembered[] = {SAY(EXPERIMENT), SAY(ENDED_RUN), NO_MODELS,
                                                      NO_MODELS};
    static const struct http_exchange going_on[] = {SAY(EXPERIMENT), SAY(ONE_RUN), WHOLE_RUN,
                                                    NO_FILES,        NO_MODELS,    NO_MODELS};
    ML_CLEANUP(ml_mlflow_memory_release) struct ml_mlflow_memory memory = {0};
    ML_CLEANUP(asked_release) struct asked first = {0};
    ML_CLEANUP(asked_release) struct asked unkept = {0};
    ML_CLEANUP(asked_release) struct asked again = {0};
    ML_CLEANUP(asked_release) struct asked changed = {0};
    (void)state;
    ask_with(&memory, whole, ML_COUNT(whole), &first);
    ask_with(&memory, whole, ML_COUNT(whole), &unkept); /* what was not recorded is read again */
    ml_mlflow_memory_keep(&memory);
    ask_with(&memory, remembered, ML_COUNT(remembered), &again);
    assert_non_null(strstr(again.seen.text, "experiment 7"));
    assert_null(strstr(again.seen.text, "lr=1"));
    ask_with(&memory, going_on, ML_COUNT(going_on), &changed);
    assert_non_null(strstr(changed.seen.text, "lr=1"));
}

static void a_server_that_is_not_there_is_named(void **state)
{
    ML_CLEANUP(ml_mlflow_store_freep) struct ml_mlflow_store *store = NULL;
    char *nobody = http_nobody();
    struct seen seen;
    size_t left_out;
    (void)state;
    assert_int_equal(ml_mlflow_store_open(nobody, NULL, &store), MLEDGER_OK);
    assert_int_equal(seen_visit(store, &seen, &left_out), MLEDGER_ESYSTEM);
    assert_non_null(strstr(mledger_error_text(), "Connection refused"));
    free(nobody);
    store = (ml_mlflow_store_free(store), NULL);
    assert_int_equal(ml_mlflow_store_open("http://eve:pw@host", NULL, &store), MLEDGER_EUSAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_asked_for),
        cmocka_unit_test(old_servers_know_no_logged_models),
        cmocka_unit_test(credentials_are_sent),
        cmocka_unit_test(answers_that_make_no_sense_are_refused),
        cmocka_unit_test(what_is_broken_may_be_left_out),
        cmocka_unit_test(nothing_is_downloaded_unasked),
        cmocka_unit_test(a_second_visit_asks_nothing),
        cmocka_unit_test(what_has_ended_is_asked_for_once),
        cmocka_unit_test(a_server_that_is_not_there_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
