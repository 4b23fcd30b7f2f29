/* SPDX-License-Identifier: Apache-2.0 */
/* What MLflow's web UI asks for: metrics of many runs, and the datasets of experiments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/rest_calls.h"

static char body[4096], path[8192];
#define BODY(...) (snprintf(body, sizeof body, __VA_ARGS__), body)
#define PATH(...) (snprintf(path, sizeof path, __VA_ARGS__), path)

static void make_run(struct rest_fixture *rest, char id[64])
{
    struct rest_reply reply =
        rest_call(rest, 200, "POST", "runs/create", "{\"experiment_id\": \"0\"}");
    snprintf(id, 64, "%s", rest_text(reply.json, "run.info.run_id"));
    rest_reply_release(&reply);
}

static void measure(struct rest_fixture *rest, const char *run, int step)
{
    rest_done(rest, "POST", "runs/log-metric",
              BODY("{\"run_id\": \"%s\", \"key\": \"loss\", \"value\": %d.5, \"timestamp\": %d, "
                   "\"step\": %d}",
                   run, step, 100 + step, step));
}

/* The steps of an answer, each followed by the run it is of: "0a 1a 0b". */
static void expect_steps(struct rest_fixture *rest, const char *query, const char *a,
                         const char *expected)
{
    char have[512] = "";
    size_t i, len = 0;
    json_t *metric;
    struct rest_reply reply = rest_call(rest, 200, "GET", query, NULL);
    json_array_foreach(rest_at(reply.json, "metrics"), i, metric)
    {
        const bool is_a = strcmp(rest_text(metric, "run_id"), a) == 0;
        len += (size_t)snprintf(have + len, sizeof have - len, "%s%lld%c", i ? " " : "",
                                (long long)json_integer_value(rest_at(metric, "step")),
                                is_a ? 'a' : 'b');
    }
    if (strcmp(have, expected) != 0)
        fail_msg("%s: '%s', not '%s'", query, have, expected);
    rest_reply_release(&reply);
}

struct runs {
    char a[64], b[64]; /* a before b in the order of ids */
};

static struct runs two_runs(struct rest_fixture *rest)
{
    struct runs runs = {0}, other = {0};
    make_run(rest, runs.a);
    make_run(rest, runs.b);
    memcpy(other.a, runs.b, sizeof other.a);
    memcpy(other.b, runs.a, sizeof other.b);
    return strcmp(runs.a, runs.b) > 0 ? other : runs;
}

static void all_points_of_some_runs(void **state)
{
    struct rest_fixture *rest = *state;
    const struct runs runs = two_runs(rest);
    for (int step = 2; step >= 0; step--)
        measure(rest, runs.a, step);
    measure(rest, runs.b, 1);
    measure(rest, runs.b, 1); /* again */
    static const char query[] = "metrics/get-history-bulk?metric_key=loss&run_id=";
    expect_steps(rest, PATH("%s%s&run_id=%s&run_id=none", query, runs.b, runs.a), runs.a,
                 "0a 1a 2a 1b");
    expect_steps(rest, PATH("%s%s&max_results=2", query, runs.a), runs.a, "0a 1a");
    expect_steps(rest, PATH("metrics/get-history-bulk?metric_key=no&run_id=%s", runs.a), runs.a,
                 "");
}

static void some_steps_of_an_interval(void **state)
{
    struct rest_fixture *rest = *state;
    const struct runs runs = two_runs(rest);
    for (int step = 0; step < 10; step++)
        measure(rest, runs.a, step);
    measure(rest, runs.b, 3);
    measure(rest, runs.b, 30);
    static const char query[] = "metrics/get-history-bulk-interval?metric_key=loss&run_ids=";
    expect_steps(rest, PATH("%s%s", query, runs.a), runs.a, "0a 1a 2a 3a 4a 5a 6a 7a 8a 9a");
    expect_steps(rest, PATH("%s%s&start_step=2&end_step=4", query, runs.a), runs.a, "2a 3a 4a");
    /* Each fifth, the last of all, and the first and last of each run. */
    expect_steps(rest, PATH("%s%s&max_results=2&run_ids=%s", query, runs.a, runs.b), runs.a,
                 "0a 3a 5a 9a 3b 30b");
    expect_steps(rest, PATH("metrics/get-history-bulk-interval?metric_key=no&run_ids=%s", runs.a),
                 runs.a, "");
}

/* One step after the other, and of each its times, whatever came first. */
static void an_interval_is_in_the_order_of_steps(void **state)
{
    struct rest_fixture *rest = *state;
    char run[64], have[64] = "";
    size_t i, len = 0;
    json_t *metric;
    make_run(rest, run);
    for (int time = 2; time >= 1; time--)
        for (int step = 1; step >= 0; step--)
            rest_done(rest, "POST", "runs/log-metric",
                      BODY("{\"run_id\": \"%s\", \"key\": \"loss\", \"value\": 1, "
                           "\"timestamp\": %d, \"step\": %d}",
                           run, time, step));
    struct rest_reply reply =
        rest_call(rest, 200, "GET",
                  PATH("metrics/get-history-bulk-interval?metric_key=loss&run_ids=%s", run), NULL);
    json_array_foreach(rest_at(reply.json, "metrics"), i, metric) len +=
        (size_t)snprintf(have + len, sizeof have - len, " %lld@%lld",
                         (long long)json_integer_value(rest_at(metric, "step")),
                         (long long)json_integer_value(rest_at(metric, "timestamp")));
    assert_string_equal(have, " 0@1 0@2 1@1 1@2");
    rest_reply_release(&reply);
}

static void datasets_are_listed_once(void **state)
{
    struct rest_fixture *rest = *state;
    const struct runs runs = two_runs(rest);
    static const char input[] =
        "{\"run_id\": \"%s\", \"datasets\": [{\"tags\": [{\"key\": \"mlflow.data.context\", "
        "\"value\": \"%s\"}], \"dataset\": {\"name\": \"d\", \"digest\": \"abc\", \"source_type\": "
        "\"s3\", \"source\": \"{}\"}}]}";
    rest_done(rest, "POST", "runs/log-inputs", BODY(input, runs.a, "training"));
    rest_done(rest, "POST", "runs/log-inputs", BODY(input, runs.b, "training"));
    rest_done(rest, "POST", "runs/log-inputs", BODY(input, runs.b, "test"));
    struct rest_reply reply = rest_call(rest, 200, "POST", "experiments/search-datasets",
                                        "{\"experiment_ids\": [\"0\", \"404\"]}");
    assert_int_equal(json_array_size(rest_at(reply.json, "dataset_summaries")), 2);
    assert_string_equal(rest_text(reply.json, "dataset_summaries.0.experiment_id"), "0");
    assert_string_equal(rest_text(reply.json, "dataset_summaries.0.name"), "d");
    assert_string_equal(rest_text(reply.json, "dataset_summaries.0.digest"), "abc");
    assert_string_equal(rest_text(reply.json, "dataset_summaries.0.context"), "training");
    assert_string_equal(rest_text(reply.json, "dataset_summaries.1.context"), "test");
    rest_reply_release(&reply);
}

static void refusals(void **state)
{
    struct rest_fixture *rest = *state;
    static const struct {
        int status;
        const char *code, *words, *method, *path, *body;
    } cases[] = {
        {400, "INVALID_PARAMETER_VALUE", "at least one run_id", "GET",
         "metrics/get-history-bulk?metric_key=x", NULL},
        {400, "INVALID_PARAMETER_VALUE", "must specify a metric_key", "GET",
         "metrics/get-history-bulk?run_id=x", NULL},
        {400, "INVALID_PARAMETER_VALUE", "parameter 'run_ids'", "GET",
         "metrics/get-history-bulk-interval?metric_key=x", NULL},
        {404, "RESOURCE_DOES_NOT_EXIST", "id=x not found", "GET",
         "metrics/get-history-bulk-interval?metric_key=x&run_ids=x", NULL},
        {400, "INVALID_PARAMETER_VALUE", "both must be specified", "GET",
         "metrics/get-history-bulk-interval?metric_key=x&run_ids=x&start_step=1", NULL},
        {400, "INVALID_PARAMETER_VALUE", "Found start_step=3 and end_step=1", "GET",
         "metrics/get-history-bulk-interval?metric_key=x&run_ids=x&start_step=3&end_step=1", NULL},
        {400, "INVALID_PARAMETER_VALUE", "between 1 and 2500", "GET",
         "metrics/get-history-bulk-interval?metric_key=x&run_ids=x&max_results=0", NULL},
        {400, "INVALID_PARAMETER_VALUE", "at least one experiment_id", "POST",
         "experiments/search-datasets", "{}"},
        {400, "INVALID_PARAMETER_VALUE", "more than 20 experiment_ids. Received 21", "POST",
         "experiments/search-datasets",
         "{\"experiment_ids\": [\"1\", \"1\", \"1\", \"1\", \"1\", \"1\", \"1\", \"1\", \"1\", "
         "\"1\", \"1\", \"1\", \"1\", \"1\", \"1\", \"1\", \"1\", \"1\", \"1\", \"1\", \"1\"]}"},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++)
        rest_refused(rest, cases[i].status, cases[i].code, cases[i].words, cases[i].method,
                     cases[i].path, cases[i].body);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rest_setup, rest_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_points_of_some_runs),
        TEST(some_steps_of_an_interval),
        TEST(an_interval_is_in_the_order_of_steps),
        TEST(datasets_are_listed_once),
        TEST(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
