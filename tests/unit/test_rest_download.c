/* SPDX-License-Identifier: Apache-2.0 */
/* Files as MLflow's web UI gets them: of a run, of a version, of a logged model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "serve/mlflow/mime.h"
#include "tests/unit/rest_calls.h"

#define INVALID "INVALID_PARAMETER_VALUE"
#define ABSENT "RESOURCE_DOES_NOT_EXIST"

static void ask(struct rest_fixture *fixture, const char *method, const char *path,
                const char *body, int status, const char *words)
{
    struct rest_reply reply;
    rest_ask(fixture, method, path, body, NULL, &reply);
    if (reply.status != status || !strstr(reply.text, words))
        fail_msg("%s %s: %d %s", method, path, reply.status, reply.text);
    rest_reply_release(&reply);
}

/* Makes what `call` makes, and gives the id at `where`. */
static void make(struct rest_fixture *fixture, const char *call, const char *body,
                 const char *where, char id[64])
{
    struct rest_reply reply = rest_call(fixture, 200, "POST", call, body);
    snprintf(id, 64, "%s", rest_text(reply.json, where));
    rest_reply_release(&reply);
}

static void put(struct rest_fixture *fixture, const char *folder, const char *id)
{
    char path[256];
    snprintf(path, sizeof path, "/api/2.0/mlflow-artifacts/artifacts/0/%s%s/artifacts/m/a.txt",
             folder, id);
    ask(fixture, "PUT", path, "content", 200, "{}");
}

static void make_version(struct rest_fixture *fixture, const char *source, const char *id)
{
    char body[256];
    snprintf(body, sizeof body, "{\"name\": \"m\", \"source\": \"%s%s%s\"}", source, id,
             strncmp(source, "runs:", 5) == 0 ? "/m" : "");
    rest_done(fixture, "POST", "model-versions/create", body);
}

static void gets_files(void **state)
{
    char run[64], model[64], path[256];
    make(*state, "runs/create", "{\"experiment_id\": \"0\"}", "run.info.run_id", run);
    make(*state, "logged-models", "{\"experiment_id\": \"0\", \"name\": \"n\"}",
         "model.info.model_id", model);
    put(*state, "", run);
    put(*state, "models/", model);
    rest_done(*state, "POST", "registered-models/create", "{\"name\": \"m\"}");
    make_version(*state, "runs:/", run);
    make_version(*state, "models:/", model);
    make_version(*state, "s3://elsewhere/", run);
    snprintf(path, sizeof path, "/get-artifact?run_uuid=%s&path=m/a.txt", run);
    ask(*state, "GET", path, NULL, 200, "content");
    snprintf(path, sizeof path, "//get-artifact?run_id=%s&path=m%%2Fa.txt", run);
    ask(*state, "GET", path, NULL, 200, "content");
    snprintf(path, sizeof path, "/get-artifact?run_id=%s&path=m/b.txt", run);
    ask(*state, "GET", path, NULL, 404, ABSENT);
    ask(*state, "GET", "/model-versions/get-artifact?name=m&version=1&path=a.txt", NULL, 200,
        "content");
    ask(*state, "GET", "/model-versions/get-artifact?name=m&version=2&path=m/a.txt", NULL, 200,
        "content");
    ask(*state, "GET", "/model-versions/get-artifact?name=m&version=3&path=a.txt", NULL, 404,
        "are not kept here");
    snprintf(path, sizeof path,
             "/ajax-api/2.0/mlflow/logged-models/%s/artifacts/files?artifact_file_path=m/a.txt",
             model);
    ask(*state, "GET", path, NULL, 200, "content");
}

static void puts_a_file(void **state)
{
    static const char route[] = "/ajax-api/2.0/mlflow/upload-artifact";
    char run[64], path[256];
    make(*state, "runs/create", "{\"experiment_id\": \"0\"}", "run.info.run_id", run);
    ask(*state, "POST", route, "x", 400, "Request must specify run_uuid.");
    snprintf(path, sizeof path, "%s?run_uuid=%s&path=", route, run);
    ask(*state, "POST", path, "x", 400, "Request must specify path.");
    snprintf(path, sizeof path, "%s?run_uuid=%s&path=../a.txt", route, run);
    ask(*state, "POST", path, "x", 400, "Invalid path");
    snprintf(path, sizeof path, "%s?run_uuid=none&path=a.txt", route);
    ask(*state, "POST", path, "x", 404, ABSENT);
    snprintf(path, sizeof path, "%s?run_uuid=%s&path=a/b.txt", route, run);
    ask(*state, "POST", path, "", 400, "Request must specify data.");
    const uint64_t size = rest_size(*state);
    ask(*state, "POST", path, "hello world", 200, "{}");
    assert_int_equal(rest_size(*state), size + 1);
    snprintf(path, sizeof path, "/get-artifact?run_id=%s&path=a/b.txt", run);
    ask(*state, "GET", path, NULL, 200, "hello world");
}

static void tells_types(void **state)
{
    static const struct {
        const char *path, *type;
    } cases[] = {{"a.txt", "text/plain"},
                 {"dir/MLmodel", "text/plain"},
                 {"mlproject", "text/plain"},
                 {"conda.yaml", "text/plain"},
                 {"b.pkl", "application/octet-stream"},
                 {"c.PNG", "image/png"},
                 {"d.pdf", "application/pdf"},
                 {"png", "application/octet-stream"},
                 {"x.png/y", "application/octet-stream"},
                 {"end.", "application/octet-stream"}};
    (void)state;
    for (size_t i = 0; i < ML_COUNT(cases); i++)
        assert_string_equal(ml_rest_mime_type(cases[i].path), cases[i].type);
}

/* The path is judged before anything is looked for. */
static void refuses_paths(void **state)
{
    static const char *const paths[] = {
        "/get-artifact?run_id=none&path=../path",
        "/get-artifact?run_id=none&path=%2Fetc%2Fpasswd",
        "//model-versions/get-artifact?name=model&version=1&path=../path",
        "/model-versions/get-artifact?name=model&version=1&path=a%5c..%5cb",
        "/ajax-api/2.0/mlflow/logged-models/m-0/artifacts/files?artifact_file_path=..",
    };
    for (size_t i = 0; i < ML_COUNT(paths); i++)
        ask(*state, "GET", paths[i], NULL, 400, "\"Invalid path\"");
    ask(*state, "GET", "/get-artifact?run_id=none", NULL, 400, "required parameter 'path'");
    ask(*state, "GET", "/get-artifact?path=a", NULL, 400, "required parameter 'run_id'");
    ask(*state, "GET", "/get-artifact?run_id=none&path=a", NULL, 404, ABSENT);
    ask(*state, "GET", "/model-versions/get-artifact?path=a", NULL, 400, INVALID);
    ask(*state, "GET", "/model-versions/get-artifact?name=x&version=1&path=a", NULL, 404, ABSENT);
    ask(*state, "POST", "/get-artifact?run_id=none&path=a", "{}", 404, "");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, rest_setup, rest_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(gets_files), TEST(puts_a_file),
                                       cmocka_unit_test(tells_types), TEST(refuses_paths)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
