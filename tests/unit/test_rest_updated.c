/* SPDX-License-Identifier: Apache-2.0 */
/* When registered models and versions were last updated: as MLflow counts it, which leaves out
 * their tags and aliases (mlflow.store.model_registry.sqlalchemy_store 3.11). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/rest_calls.h"

/* What a call at a second of its own does to the update times of the model and of version 1. */
struct step {
    const char *method, *path, *body;
    bool moves_model, moves_version;
};

static const struct step steps[] = {
    {"POST", "model-versions/create", "{\"name\": \"m\", \"source\": \"s3://b/2\"}", true, false},
    {"POST", "model-versions/set-tag",
     "{\"name\": \"m\", \"version\": \"1\", \"key\": \"k\", \"value\": \"v\"}", false, false},
    {"DELETE", "model-versions/delete-tag", "{\"name\": \"m\", \"version\": \"1\", \"key\": \"k\"}",
     false, false},
    {"POST", "registered-models/set-tag", "{\"name\": \"m\", \"key\": \"k\", \"value\": \"v\"}",
     false, false},
    {"DELETE", "registered-models/delete-tag", "{\"name\": \"m\", \"key\": \"k\"}", false, false},
    {"POST", "registered-models/alias",
     "{\"name\": \"m\", \"alias\": \"best\", \"version\": \"1\"}", false, false},
    {"POST", "registered-models/alias",
     "{\"name\": \"m\", \"alias\": \"best\", \"version\": \"2\"}", false, false},
    {"DELETE", "registered-models/alias", "{\"name\": \"m\", \"alias\": \"best\"}", false, false},
    {"PATCH", "model-versions/update",
     "{\"name\": \"m\", \"version\": \"1\", \"description\": \"d\"}", false, true},
    {"POST", "model-versions/transition-stage",
     "{\"name\": \"m\", \"version\": \"1\", \"stage\": \"Staging\"}", true, true},
    {"POST", "model-versions/transition-stage",
     "{\"name\": \"m\", \"version\": \"2\", \"stage\": \"Staging\"}", true, false},
    /* The other version in that stage is archived with it. */
    {"POST", "model-versions/transition-stage",
     "{\"name\": \"m\", \"version\": \"2\", \"stage\": \"Production\"}", true, false},
    {"POST", "model-versions/transition-stage",
     "{\"name\": \"m\", \"version\": \"2\", \"stage\": \"Staging\", \"archive_existing_versions\": "
     "true}",
     true, true},
    {"PATCH", "registered-models/update", "{\"name\": \"m\", \"description\": \"d\"}", true, false},
    {"DELETE", "model-versions/delete", "{\"name\": \"m\", \"version\": \"2\"}", true, false},
    {"POST", "registered-models/rename", "{\"name\": \"m\", \"new_name\": \"n\"}", true, true},
};

static json_int_t time_at(struct rest_fixture *rest, const char *path, const char *where)
{
    struct rest_reply reply = rest_call(rest, 200, "GET", path, NULL);
    const json_int_t time = json_integer_value(rest_at(reply.json, where));
    rest_reply_release(&reply);
    return time;
}

static void check_time(struct rest_fixture *rest, const struct step *step, const char *name,
                       bool is_version, json_int_t expected)
{
    char path[128];
    snprintf(path, sizeof path, "%s/get?name=%s%s",
             is_version ? "model-versions" : "registered-models", name,
             is_version ? "&version=1" : "");
    const json_int_t have = time_at(rest, path,
                                    is_version ? "model_version.last_updated_timestamp"
                                               : "registered_model.last_updated_timestamp");
    if (have != expected)
        fail_msg("%s after %s %s: %lld, not %lld", path, step->method, step->path, (long long)have,
                 (long long)expected);
}

static void what_is_no_tag_and_no_alias_updates(void **state)
{
    struct rest_fixture *rest = *state;
    const char *name = "m";
    rest_done(rest, "POST", "registered-models/create", "{\"name\": \"m\"}");
    rest_done(rest, "POST", "model-versions/create", "{\"name\": \"m\", \"source\": \"s3://b/1\"}");
    json_int_t model = rest->ledger.now_us / 1000, version = model;
    for (size_t i = 0; i < ML_COUNT(steps); i++) {
        const json_int_t now = (rest->ledger.now_us += 1000000) / 1000;
        rest_done(rest, steps[i].method, steps[i].path, steps[i].body);
        model = steps[i].moves_model ? now : model;
        version = steps[i].moves_version ? now : version;
        name = i + 1 == ML_COUNT(steps) ? "n" : name;
        check_time(rest, &steps[i], name, false, model);
        check_time(rest, &steps[i], name, true, version);
    }
}

/* The usual order of versions is that of their updates, the newest first. */
static void tags_leave_the_order_of_versions(void **state)
{
    struct rest_fixture *rest = *state;
    rest_done(rest, "POST", "registered-models/create", "{\"name\": \"m\"}");
    for (int i = 0; i < 2; i++) {
        rest->ledger.now_us += 1000000;
        rest_done(rest, "POST", "model-versions/create",
                  "{\"name\": \"m\", \"source\": \"s3://b/1\"}");
    }
    rest->ledger.now_us += 1000000;
    rest_done(rest, "POST", "model-versions/set-tag",
              "{\"name\": \"m\", \"version\": \"1\", \"key\": \"k\", \"value\": \"v\"}");
    struct rest_reply reply = rest_call(rest, 200, "GET", "model-versions/search", NULL);
    assert_string_equal(rest_text(reply.json, "model_versions.0.version"), "2");
    rest_reply_release(&reply);
    rest_done(rest, "PATCH", "model-versions/update",
              "{\"name\": \"m\", \"version\": \"1\", \"description\": \"d\"}");
    reply = rest_call(rest, 200, "GET", "model-versions/search", NULL);
    assert_string_equal(rest_text(reply.json, "model_versions.0.version"), "1");
    rest_reply_release(&reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_no_tag_and_no_alias_updates, rest_setup,
                                        rest_teardown),
        cmocka_unit_test_setup_teardown(tags_leave_the_order_of_versions, rest_setup,
                                        rest_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
