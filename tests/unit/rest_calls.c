/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/rest_calls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "serve/mlflow/experiment.h"

int rest_setup(void **state)
{
    struct rest_fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    rest_fixture_init(fixture);
    if (ml_rest_experiment_default(&fixture->rest) < 0)
        fail_msg("%s", mledger_error_text());
    *state = fixture;
    return 0;
}

int rest_teardown(void **state)
{
    rest_fixture_release(*state);
    free(*state);
    return 0;
}

uint64_t rest_size(struct rest_fixture *fixture)
{
    struct ml_head head;
    assert_int_equal(ml_ledger_head(fixture->ledger.ledger, &head), MLEDGER_OK);
    return head.size;
}

json_t *rest_at(json_t *json, const char *path)
{
    char key[64];
    while (json && *path) {
        const size_t len = strcspn(path, ".");
        snprintf(key, sizeof key, "%.*s", (int)len, path);
        json = json_is_array(json) ? json_array_get(json, strtoul(key, NULL, 10))
                                   : json_object_get(json, key);
        path += len + (path[len] == '.');
    }
    return json;
}

const char *rest_text(json_t *json, const char *path)
{
    const char *text = json_string_value(rest_at(json, path));
    if (!text)
        fail_msg("there is no text at '%s'", path);
    return text;
}

struct rest_reply rest_call(struct rest_fixture *fixture, int status, const char *method,
                            const char *path, const char *body)
{
    struct rest_reply reply;
    char full[1024];
    snprintf(full, sizeof full, "/api/2.0/mlflow/%s", path);
    rest_ask(fixture, method, full, body, "3.11.2", &reply);
    if (reply.status != status)
        fail_msg("%s %s: %d %s", method, path, reply.status, reply.text);
    return reply;
}

void rest_done(struct rest_fixture *fixture, const char *method, const char *path, const char *body)
{
    struct rest_reply reply = rest_call(fixture, 200, method, path, body);
    rest_reply_release(&reply);
}

void rest_refused(struct rest_fixture *fixture, int status, const char *code, const char *words,
                  const char *method, const char *path, const char *body)
{
    const uint64_t size = rest_size(fixture);
    struct rest_reply reply = rest_call(fixture, status, method, path, body);
    assert_string_equal(rest_text(reply.json, "error_code"), code);
    if (!strstr(rest_text(reply.json, "message"), words))
        fail_msg("'%s' lacks '%s'", rest_text(reply.json, "message"), words);
    assert_string_equal(reply.seq, "");
    assert_int_equal(rest_size(fixture), size);
    rest_reply_release(&reply);
}
