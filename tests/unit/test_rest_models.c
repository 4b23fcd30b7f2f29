/* SPDX-License-Identifier: Apache-2.0 */
/* Logged models of MLflow 3: the calls of log_model(), and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/rest_calls.h"

/* A run and a logged model of it. */
struct story {
    struct rest_fixture *rest;
    char run[64], model[64];
};

static char body[4096], path[512];
/* A body or path of its own: the next call overwrites it. */
#define BODY(...) (snprintf(body, sizeof body, __VA_ARGS__), body)
#define PATH(...) (snprintf(path, sizeof path, __VA_ARGS__), path)

static void make_model(struct story *story, const char *run, char id[64])
{
    struct rest_reply reply = rest_call(
        story->rest, 200, "POST", "logged-models",
        BODY("{\"experiment_id\": \"0\", \"name\": \"clf\", \"source_run_id\": \"%s\", \"params\": "
             "[{\"key\": \"lr\", \"value\": \"0.1\"}, {\"key\": \"depth\", \"value\": \"6\"}], "
             "\"tags\": [{\"key\": \"z\", \"value\": \"1\"}, {\"key\": \"a\", \"value\": \"2\"}]}",
             run));
    snprintf(id, 64, "%s", rest_text(reply.json, "model.info.model_id"));
    rest_reply_release(&reply);
}

static struct story begin(void **state)
{
    struct story story = {.rest = *state};
    struct rest_reply reply =
        rest_call(story.rest, 200, "POST", "runs/create", "{\"experiment_id\": \"0\"}");
    snprintf(story.run, sizeof story.run, "%s", rest_text(reply.json, "run.info.run_id"));
    rest_reply_release(&reply);
    make_model(&story, story.run, story.model);
    return story;
}

static struct rest_reply get(const struct story *story)
{
    return rest_call(story->rest, 200, "GET", PATH("logged-models/%s", story->model), NULL);
}

static void expect(const struct story *story, const char *where, const char *text)
{
    struct rest_reply reply = get(story);
    assert_string_equal(rest_text(reply.json, where), text);
    rest_reply_release(&reply);
}

static void put_file(const struct story *story, const char *owner, const char *name,
                     const char *content)
{
    struct rest_reply reply;
    rest_ask(story->rest, "PUT",
             PATH("/api/2.0/mlflow-artifacts/artifacts/0/%s/artifacts/%s", owner, name), content,
             NULL, &reply);
    if (reply.status != 200)
        fail_msg("%s: %s", path, reply.text);
    assert_string_not_equal(reply.seq, "");
    rest_reply_release(&reply);
}

static void put_model_file(const struct story *story, const char *name, const char *content)
{
    char owner[80];
    snprintf(owner, sizeof owner, "models/%s", story->model);
    put_file(story, owner, name, content);
}

/* The version that record `seq` registers has that one file, with its digests; NULL: none. */
static void expect_file(const struct story *story, uint64_t seq, const char *file)
{
    struct ml_view view;
    struct ml_record record;
    struct ml_arena arena;
    ml_arena_init(&arena, 1 << 20);
    assert_int_equal(ml_view_begin(story->rest->ledger.ledger, &view), MLEDGER_OK);
    assert_int_equal(ml_view_record(&view, seq, &arena, &record), MLEDGER_OK);
    const Mledger__VersionRegistered *registered = record.event->version_registered;
    assert_int_equal(record.event->kind_case, MLEDGER__EVENT__KIND_VERSION_REGISTERED);
    assert_int_equal(registered->n_artifacts, file != NULL);
    if (file) {
        assert_string_equal(registered->artifacts[0]->path, file);
        assert_int_equal(registered->artifacts[0]->n_digests, 2);
    }
    ml_view_end(&view);
    ml_arena_release(&arena);
}

/* ---- what log_model() calls, in its order ---- */

static void is_made_as_mlflow_makes_it(void **state)
{
    struct story story = begin(state);
    struct rest_reply reply = get(&story);
    char uri[160];
    snprintf(uri, sizeof uri, "mlflow-artifacts:/0/models/%s/artifacts", story.model);
    assert_int_equal(strlen(story.model), 34);
    assert_string_equal(rest_text(reply.json, "model.info.name"), "clf");
    assert_string_equal(rest_text(reply.json, "model.info.model_type"), "");
    assert_string_equal(rest_text(reply.json, "model.info.experiment_id"), "0");
    assert_string_equal(rest_text(reply.json, "model.info.artifact_uri"), uri);
    assert_string_equal(rest_text(reply.json, "model.info.status"), "LOGGED_MODEL_PENDING");
    assert_string_equal(rest_text(reply.json, "model.info.source_run_id"), story.run);
    assert_string_equal(rest_text(reply.json, "model.info.tags.0.key"), "a");
    assert_string_equal(rest_text(reply.json, "model.info.tags.1.value"), "1");
    assert_string_equal(rest_text(reply.json, "model.data.params.0.key"), "depth");
    assert_string_equal(rest_text(reply.json, "model.data.params.1.value"), "0.1");
    assert_null(rest_at(reply.json, "model.data.metrics.0"));
    rest_reply_release(&reply);
}

static void a_run_shows_what_it_made(void **state)
{
    struct story story = begin(state);
    rest_done(story.rest, "POST", "runs/outputs",
              BODY("{\"run_id\": \"%s\", \"models\": [{\"model_id\": \"%s\", \"step\": 7}]}",
                   story.run, story.model));
    rest_done(
        story.rest, "POST", "runs/log-inputs",
        BODY("{\"run_id\": \"%s\", \"models\": [{\"model_id\": \"%s\"}]}", story.run, story.model));
    struct rest_reply reply =
        rest_call(story.rest, 200, "GET", PATH("runs/get?run_id=%s", story.run), NULL);
    assert_string_equal(rest_text(reply.json, "run.outputs.model_outputs.0.model_id"), story.model);
    assert_int_equal(json_integer_value(rest_at(reply.json, "run.outputs.model_outputs.0.step")),
                     7);
    assert_string_equal(rest_text(reply.json, "run.inputs.model_inputs.0.model_id"), story.model);
    rest_reply_release(&reply);
}

/* A client logs a point of the run again for the model: the run has it once, and so has the
 * model. */
static void metrics_are_of_run_and_model(void **state)
{
    struct story story = begin(state);
    for (int i = 0; i < 2; i++)
        rest_done(story.rest, "POST", "runs/log-batch",
                  BODY("{\"run_id\": \"%s\", \"metrics\": [{\"key\": \"auc\", \"value\": 0.5, "
                       "\"timestamp\": 11, \"step\": 0, \"model_id\": \"%s\", \"dataset_name\": "
                       "\"d\", \"dataset_digest\": \"abc\"}]}",
                       story.run, story.model));
    rest_done(story.rest, "POST", "runs/log-metric",
              BODY("{\"run_id\": \"%s\", \"key\": \"auc\", \"value\": \"NaN\", \"timestamp\": 12, "
                   "\"model_id\": \"%s\"}",
                   story.run, story.model));
    struct rest_reply reply = get(&story);
    assert_int_equal(json_array_size(rest_at(reply.json, "model.data.metrics")), 2);
    assert_string_equal(rest_text(reply.json, "model.data.metrics.0.run_id"), story.run);
    assert_string_equal(rest_text(reply.json, "model.data.metrics.0.model_id"), story.model);
    assert_string_equal(rest_text(reply.json, "model.data.metrics.0.dataset_digest"), "abc");
    assert_string_equal(rest_text(reply.json, "model.data.metrics.1.value"), "NaN");
    rest_reply_release(&reply);
    reply = rest_call(story.rest, 200, "GET",
                      PATH("metrics/get-history?metric_key=auc&run_id=%s", story.run), NULL);
    assert_int_equal(json_array_size(rest_at(reply.json, "metrics")), 2);
    rest_reply_release(&reply);
}

/* More models than a record can name: the batch is as many records as it takes, all or none. */
static void a_batch_may_tell_of_many_models(void **state)
{
    enum { MODELS = 70 };
    struct story story = begin(state);
    char *batch = NULL, *outputs = NULL, last[64] = "";
    size_t size, outputs_size;
    FILE *file = open_memstream(&batch, &size);
    FILE *list = open_memstream(&outputs, &outputs_size);
    fprintf(file, "{\"run_id\": \"%s\", \"metrics\": [", story.run);
    fprintf(list, "{\"run_id\": \"%s\", \"models\": [", story.run);
    for (int i = 0; i < MODELS; i++) {
        make_model(&story, "", last);
        fprintf(file, "%s{\"key\": \"k\", \"value\": %d, \"timestamp\": 1, \"model_id\": \"%s\"}",
                i ? ", " : "", i, last);
        fprintf(list, "%s{\"model_id\": \"%s\", \"step\": %d}", i ? ", " : "", last, i);
    }
    fprintf(file, "]}");
    fprintf(list, "]}");
    fclose(file);
    fclose(list);
    const uint64_t before = rest_size(story.rest);
    rest_done(story.rest, "POST", "runs/log-batch", batch);
    rest_done(story.rest, "POST", "runs/outputs", outputs);
    assert_int_equal(rest_size(story.rest), before + 4);
    snprintf(story.model, sizeof story.model, "%s", last);
    struct rest_reply reply = get(&story);
    assert_int_equal(json_real_value(rest_at(reply.json, "model.data.metrics.0.value")), 69);
    rest_reply_release(&reply);
    free(batch);
    free(outputs);
}

static void files_go_to_the_model(void **state)
{
    struct story story = begin(state);
    put_model_file(&story, "MLmodel", "flavors: {}\n");
    put_model_file(&story, "data/model.pkl", "weights");
    put_file(&story, story.run, "notes.txt", "of the run");
    struct rest_reply reply = rest_call(
        story.rest, 200, "GET", PATH("logged-models/%s/artifacts/directories", story.model), NULL);
    assert_int_equal(json_array_size(rest_at(reply.json, "files")), 2);
    assert_string_equal(rest_text(reply.json, "files.0.path"), "MLmodel");
    assert_string_equal(rest_text(reply.json, "files.1.path"), "data");
    assert_true(json_is_true(rest_at(reply.json, "files.1.is_dir")));
    rest_reply_release(&reply);
    reply = rest_call(
        story.rest, 200, "GET",
        PATH("logged-models/%s/artifacts/directories?artifact_directory_path=data", story.model),
        NULL);
    assert_string_equal(rest_text(reply.json, "files.0.path"), "data/model.pkl");
    rest_reply_release(&reply);
    rest_ask(story.rest, "GET",
             PATH("/api/2.0/mlflow-artifacts/artifacts/0/models/%s/artifacts/data/model.pkl",
                  story.model),
             NULL, NULL, &reply);
    assert_string_equal(reply.text, "weights");
    rest_reply_release(&reply);
}

static void is_finalized_tagged_and_deleted(void **state)
{
    struct story story = begin(state);
    rest_done(story.rest, "PATCH", PATH("logged-models/%s", story.model),
              BODY("{\"model_id\": \"%s\", \"status\": \"LOGGED_MODEL_READY\"}", story.model));
    expect(&story, "model.info.status", "LOGGED_MODEL_READY");
    rest_done(story.rest, "PATCH", PATH("logged-models/%s", story.model),
              "{\"status\": \"LOGGED_MODEL_UPLOAD_FAILED\"}");
    expect(&story, "model.info.status", "LOGGED_MODEL_UPLOAD_FAILED");
    rest_done(story.rest, "PATCH", PATH("logged-models/%s/tags", story.model),
              "{\"tags\": [{\"key\": \"a\", \"value\": \"3\"}]}");
    expect(&story, "model.info.tags.0.value", "3");
    rest_done(story.rest, "DELETE", PATH("logged-models/%s/tags/a", story.model), NULL);
    expect(&story, "model.info.tags.0.key", "z");
    rest_done(story.rest, "POST", PATH("logged-models/%s/params", story.model),
              "{\"params\": [{\"key\": \"lr\", \"value\": \"0.1\"}, {\"key\": \"n\", \"value\": "
              "\"9\"}]}");
    expect(&story, "model.data.params.2.value", "9");
    rest_done(story.rest, "DELETE", PATH("logged-models/%s", story.model), NULL);
    rest_refused(story.rest, 404, "RESOURCE_DOES_NOT_EXIST", "not found", "GET",
                 PATH("logged-models/%s", story.model), NULL);
    rest_done(story.rest, "GET", PATH("logged-models/%s?allow_deleted=true", story.model), NULL);
    const uint64_t size = rest_size(story.rest);
    rest_done(story.rest, "DELETE", PATH("logged-models/%s", story.model), NULL);
    assert_int_equal(rest_size(story.rest), size);
}

/* Files that are deleted are listed no more; what was recorded of them stays. */
static void deleted_files_are_recorded_as_such(void **state)
{
    struct story story = begin(state);
    struct rest_reply reply;
    put_model_file(&story, "a/one", "1");
    put_model_file(&story, "a/two", "2");
    put_model_file(&story, "ab", "3");
    put_file(&story, story.run, "notes.txt", "of the run");
    rest_ask(story.rest, "DELETE",
             PATH("/api/2.0/mlflow-artifacts/artifacts/0/models/%s/artifacts/a", story.model), NULL,
             NULL, &reply);
    assert_int_equal(reply.status, 200);
    assert_string_equal(reply.text, "{}");
    assert_string_not_equal(reply.seq, "");
    rest_reply_release(&reply);
    reply = rest_call(story.rest, 200, "GET",
                      PATH("logged-models/%s/artifacts/directories", story.model), NULL);
    assert_int_equal(json_array_size(rest_at(reply.json, "files")), 1);
    assert_string_equal(rest_text(reply.json, "files.0.path"), "ab");
    rest_reply_release(&reply);
    const uint64_t size = rest_size(story.rest);
    rest_ask(story.rest, "DELETE",
             PATH("/api/2.0/mlflow-artifacts/artifacts/0/%s/artifacts/none", story.run), NULL, NULL,
             &reply);
    assert_int_equal(reply.status, 200);
    assert_int_equal(rest_size(story.rest), size);
    rest_reply_release(&reply);
    rest_ask(story.rest, "DELETE", PATH("/api/2.0/mlflow-artifacts/artifacts/0/none/artifacts/x"),
             NULL, NULL, &reply);
    assert_int_equal(reply.status, 404);
    rest_reply_release(&reply);
}

/* ---- versions ---- */

static void registers(const struct story *story, const char *source, const char *run,
                      const char *file)
{
    struct rest_reply reply =
        rest_call(story->rest, 200, "POST", "model-versions/create",
                  BODY("{\"name\": \"m\", \"source\": \"%s\", \"run_id\": \"%s\"}", source, run));
    expect_file(story, strtoull(reply.seq, NULL, 10), file);
    rest_reply_release(&reply);
}

/* What was put where the source says is what the version is. */
static void a_version_holds_the_digests_of_its_files(void **state)
{
    struct story story = begin(state);
    put_model_file(&story, "MLmodel", "of the model");
    put_file(&story, story.run, "model/MLmodel", "of the run");
    put_file(&story, story.run, "models.txt", "another");
    rest_done(story.rest, "POST", "registered-models/create", "{\"name\": \"m\"}");
    registers(&story, PATH("models:/%s", story.model), "", "MLmodel");
    registers(&story, PATH("runs:/%s/model", story.run), story.run, "model/MLmodel");
    registers(&story, PATH("mlflow-artifacts:/0/%s/artifacts/model/", story.run), story.run,
              "model/MLmodel");
    registers(&story, PATH("runs:/%s/mod", story.run), story.run, NULL);
    registers(&story, PATH("s3://b/%s/elsewhere", story.run), story.run, NULL);
    registers(&story, "s3://elsewhere/model", story.run, NULL);
}

static void a_version_is_of_its_models_run(void **state)
{
    struct story story = begin(state);
    rest_done(story.rest, "POST", "registered-models/create", "{\"name\": \"m\"}");
    struct rest_reply reply =
        rest_call(story.rest, 200, "POST", "model-versions/create",
                  BODY("{\"name\": \"m\", \"source\": \"models:/%s\", \"model_id\": \"%s\"}",
                       story.model, story.model));
    assert_string_equal(rest_text(reply.json, "model_version.run_id"), story.run);
    assert_string_not_equal(reply.seq, "");
    rest_reply_release(&reply);
    expect(&story, "model.info.tags.1.key", "mlflow.modelVersions");
    expect(&story, "model.info.tags.1.value", "[{\"name\": \"m\", \"version\": 1}]");
    rest_done(story.rest, "POST", "model-versions/create",
              BODY("{\"name\": \"m\", \"source\": \"models:/%s\"}", story.model));
    expect(&story, "model.info.tags.1.value", "[{\"name\": \"m\", \"version\": 1}]");
    reply =
        rest_call(story.rest, 200, "GET", "model-versions/get-download-uri?name=m&version=2", NULL);
    snprintf(path, sizeof path, "mlflow-artifacts:/0/models/%s/artifacts", story.model);
    assert_string_equal(rest_text(reply.json, "artifact_uri"), path);
    rest_reply_release(&reply);
}

/* ---- refusals ---- */

static void refuses(void **state)
{
    struct story story = begin(state);
    static const char gone[] = "Logged model with ID 'm-none' not found.";
    static const struct {
        int status;
        const char *code, *words, *method, *path, *body;
    } cases[] = {
        {404, "RESOURCE_DOES_NOT_EXIST", gone, "GET", "logged-models/m-none", NULL},
        {404, "RESOURCE_DOES_NOT_EXIST", gone, "PATCH", "logged-models/m-none",
         "{\"status\": \"LOGGED_MODEL_READY\"}"},
        {404, "RESOURCE_DOES_NOT_EXIST", gone, "DELETE", "logged-models/m-none", NULL},
        {404, "RESOURCE_DOES_NOT_EXIST", gone, "PATCH", "logged-models/m-none/tags", "{}"},
        {404, "RESOURCE_DOES_NOT_EXIST", gone, "DELETE", "logged-models/m-none/tags/x", NULL},
        {404, "RESOURCE_DOES_NOT_EXIST", gone, "POST", "logged-models/m-none/params", "{}"},
        {404, "RESOURCE_DOES_NOT_EXIST", gone, "GET", "logged-models/m-none/artifacts/directories",
         NULL},
        {404, "RESOURCE_DOES_NOT_EXIST", "id=404", "POST", "logged-models",
         "{\"experiment_id\": \"404\"}"},
        {400, "INVALID_PARAMETER_VALUE", "required parameter 'experiment_id'", "POST",
         "logged-models", "{}"},
        {400, "INVALID_PARAMETER_VALUE", "Invalid model name ('a/b') provided", "POST",
         "logged-models", "{\"experiment_id\": \"0\", \"name\": \"a/b\"}"},
        {400, "INVALID_PARAMETER_VALUE", "param 'k' is given twice", "POST", "logged-models",
         "{\"experiment_id\": \"0\", \"params\": [{\"key\": \"k\"}, {\"key\": \"k\"}]}"},
        {400, "INVALID_PARAMETER_VALUE", "Names may only contain", "POST", "logged-models",
         "{\"experiment_id\": \"0\", \"params\": [{\"key\": \"a|b\"}]}"},
        {400, "INVALID_PARAMETER_VALUE", "exceeds the maximum length", "POST", "logged-models",
         "{\"experiment_id\": \"0\", \"tags\": [{\"key\": "
         "\"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
         "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
         "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
         "\"}]}"},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++)
        rest_refused(story.rest, cases[i].status, cases[i].code, cases[i].words, cases[i].method,
                     cases[i].path, cases[i].body);
}

static void refuses_what_does_not_fit(void **state)
{
    struct story story = begin(state);
    rest_refused(story.rest, 400, "INVALID_PARAMETER_VALUE", "unknown value", "PATCH",
                 PATH("logged-models/%s", story.model),
                 "{\"status\": \"LOGGED_MODEL_STATUS_UNSPECIFIED\"}");
    rest_refused(story.rest, 400, "INVALID_PARAMETER_VALUE", "already logged with value='0.1'",
                 "POST", PATH("logged-models/%s/params", story.model),
                 "{\"params\": [{\"key\": \"lr\", \"value\": \"1\"}]}");
    rest_refused(story.rest, 404, "RESOURCE_DOES_NOT_EXIST", "No tag with key 'q' found for model",
                 "DELETE", PATH("logged-models/%s/tags/q", story.model), NULL);
    rest_refused(story.rest, 404, "RESOURCE_DOES_NOT_EXIST", "'m-none' not found", "POST",
                 "runs/outputs",
                 BODY("{\"run_id\": \"%s\", \"models\": [{\"model_id\": \"m-none\", \"step\": 0}]}",
                      story.run));
    rest_refused(story.rest, 404, "RESOURCE_DOES_NOT_EXIST", "'m-none' not found", "POST",
                 "runs/log-inputs",
                 BODY("{\"run_id\": \"%s\", \"models\": [{\"model_id\": \"m-none\"}]}", story.run));
    rest_refused(story.rest, 404, "RESOURCE_DOES_NOT_EXIST", "'m-none' not found", "POST",
                 "runs/log-metric",
                 BODY("{\"run_id\": \"%s\", \"key\": \"k\", \"value\": 1, \"timestamp\": 1, "
                      "\"model_id\": \"m-none\"}",
                      story.run));
    rest_done(story.rest, "POST", "registered-models/create", "{\"name\": \"m\"}");
    rest_refused(story.rest, 404, "RESOURCE_DOES_NOT_EXIST", "'m-none' not found", "POST",
                 "model-versions/create", "{\"name\": \"m\", \"source\": \"models:/m-none\"}");
}

static void a_deleted_run_makes_no_model(void **state)
{
    struct story story = begin(state);
    rest_done(story.rest, "POST", "runs/delete", BODY("{\"run_id\": \"%s\"}", story.run));
    rest_refused(story.rest, 400, "INVALID_PARAMETER_VALUE", "is deleted", "POST", "logged-models",
                 BODY("{\"experiment_id\": \"0\", \"source_run_id\": \"%s\"}", story.run));
    /* One that was never here is known by its id. */
    make_model(&story, "elsewhere", story.model);
    expect(&story, "model.info.source_run_id", "elsewhere");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rest_setup, rest_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(is_made_as_mlflow_makes_it),
        TEST(a_run_shows_what_it_made),
        TEST(metrics_are_of_run_and_model),
        TEST(a_batch_may_tell_of_many_models),
        TEST(files_go_to_the_model),
        TEST(is_finalized_tagged_and_deleted),
        TEST(a_version_is_of_its_models_run),
        TEST(deleted_files_are_recorded_as_such),
        TEST(a_version_holds_the_digests_of_its_files),
        TEST(refuses),
        TEST(refuses_what_does_not_fit),
        TEST(a_deleted_run_makes_no_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
