/* SPDX-License-Identifier: Apache-2.0 */
/* Artifacts that clients keep themselves: where new experiments, runs and logged models are told
 * that theirs are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "serve/mlflow/experiment.h"
#include "tests/unit/rest_calls.h"

static char body[1024];
#define BODY(...) (snprintf(body, sizeof body, __VA_ARGS__), body)

static void make_experiment(struct rest_fixture *rest, const char *name, char id[64])
{
    struct rest_reply reply =
        rest_call(rest, 200, "POST", "experiments/create", BODY("{\"name\": \"%s\"}", name));
    snprintf(id, 64, "%s", rest_text(reply.json, "experiment_id"));
    rest_reply_release(&reply);
}

static void expect_location(struct rest_fixture *rest, const char *id, const char *expected)
{
    char path[128];
    snprintf(path, sizeof path, "experiments/get?experiment_id=%s", id);
    struct rest_reply reply = rest_call(rest, 200, "GET", path, NULL);
    assert_string_equal(rest_text(reply.json, "experiment.artifact_location"), expected);
    rest_reply_release(&reply);
}

/* A run of the experiment has its artifacts at BEFORE/ITS ID/artifactsAFTER. */
static void expect_run(struct rest_fixture *rest, const char *id, const char *before,
                       const char *after)
{
    char expected[512];
    struct rest_reply reply =
        rest_call(rest, 200, "POST", "runs/create", BODY("{\"experiment_id\": \"%s\"}", id));
    snprintf(expected, sizeof expected, "%s/%s/artifacts%s", before,
             rest_text(reply.json, "run.info.run_id"), after);
    assert_string_equal(rest_text(reply.json, "run.info.artifact_uri"), expected);
    rest_reply_release(&reply);
}

static void expect_logged_model(struct rest_fixture *rest, const char *id, const char *before)
{
    char expected[512];
    struct rest_reply reply = rest_call(rest, 200, "POST", "logged-models",
                                        BODY("{\"experiment_id\": \"%s\", \"name\": \"m\"}", id));
    snprintf(expected, sizeof expected, "%s/models/%s/artifacts", before,
             rest_text(reply.json, "model.info.model_id"));
    assert_string_equal(rest_text(reply.json, "model.info.artifact_uri"), expected);
    rest_reply_release(&reply);
}

static void new_experiments_are_below_it_and_stay(void **state)
{
    struct rest_fixture *rest = *state;
    char before[64], with[64], after[64], there[128];
    make_experiment(rest, "before", before);
    rest->rest.artifact_root = "s3://bucket/ml/";
    make_experiment(rest, "with", with);
    snprintf(there, sizeof there, "s3://bucket/ml/%s", with);
    expect_location(rest, with, there);
    expect_run(rest, with, there, "");
    expect_logged_model(rest, with, there);
    rest->rest.artifact_root = NULL;
    make_experiment(rest, "after", after);
    expect_location(rest, with, there);
    expect_run(rest, with, there, "");
    snprintf(there, sizeof there, "mlflow-artifacts:/%s", before);
    expect_location(rest, before, there);
    expect_run(rest, before, there, "");
    snprintf(there, sizeof there, "mlflow-artifacts:/%s", after);
    expect_location(rest, after, there);
}

static void an_experiment_may_say_where(void **state)
{
    struct rest_fixture *rest = *state;
    rest->rest.artifact_root = "s3://bucket";
    struct rest_reply reply =
        rest_call(rest, 200, "POST", "experiments/create",
                  "{\"name\": \"own\", \"artifact_location\": \"wasbs://c@a/x?sig=1/2\"}");
    char id[64];
    snprintf(id, sizeof id, "%s", rest_text(reply.json, "experiment_id"));
    rest_reply_release(&reply);
    expect_location(rest, id, "wasbs://c@a/x?sig=1/2");
    expect_run(rest, id, "wasbs://c@a/x", "?sig=1/2");
}

/* What is below artifacts on one machine may be registered, and nothing else there. */
static void a_path_of_a_machine_is_taken_below_them(void **state)
{
    struct rest_fixture *rest = *state;
    char id[64], run[64];
    rest->rest.artifact_root = "file:///srv/ml";
    make_experiment(rest, "local", id);
    struct rest_reply reply =
        rest_call(rest, 200, "POST", "runs/create", BODY("{\"experiment_id\": \"%s\"}", id));
    snprintf(run, sizeof run, "%s", rest_text(reply.json, "run.info.run_id"));
    rest_reply_release(&reply);
    rest_done(rest, "POST", "registered-models/create", "{\"name\": \"m\"}");
    static const char version[] = "{\"name\": \"m\", \"run_id\": \"%s\", \"source\": \"%s\"}";
    char source[256];
    snprintf(source, sizeof source, "/srv/ml/%s/%s/artifacts/model", id, run);
    rest_done(rest, "POST", "model-versions/create", BODY(version, run, source));
    snprintf(source, sizeof source, "/srv/ml/%s/%s/artifacts/../..", id, run);
    rest_refused(rest, 400, "INVALID_PARAMETER_VALUE", "To use a local path as a model version",
                 "POST", "model-versions/create", BODY(version, run, source));
}

static void what_is_no_place_is_none(void **state)
{
    (void)state;
    assert_int_equal(ml_rest_experiment_check_root("/srv/ml"), MLEDGER_OK);
    assert_int_equal(ml_rest_experiment_check_root("gs://b"), MLEDGER_OK);
    static const char *const others[] = {"", "folder", "runs:/1/x", "s3://b#f", "s3://b?x=.."};
    for (size_t i = 0; i < ML_COUNT(others); i++)
        if (ml_rest_experiment_check_root(others[i]) != MLEDGER_EREFUSED)
            fail_msg("'%s'", others[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(new_experiments_are_below_it_and_stay, rest_setup,
                                        rest_teardown),
        cmocka_unit_test_setup_teardown(an_experiment_may_say_where, rest_setup, rest_teardown),
        cmocka_unit_test_setup_teardown(a_path_of_a_machine_is_taken_below_them, rest_setup,
                                        rest_teardown),
        cmocka_unit_test(what_is_no_place_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
