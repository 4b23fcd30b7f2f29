/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of logged models and of artifacts that are removed. */
#include "tests/unit/cmocka_all.h"
#include "tests/unit/rules.h"

static void an_id_names_one_model(void **state)
{
    struct fixture *f = *state;
    rules_keeps(f, "{'run_started': {'run_id': 'r'}}");
    rules_keeps(f, "{'logged_model_created': {'model_id': 'm-1', 'run': 'r', 'params': ['lr'], "
                   "'tags': ['t']}, 'details': {'param_values': ['1'], 'tag_values': ['x']}}");
    rules_breaks(f, "{'logged_model_created': {'model_id': 'm-1'}}", "logged-model-id");
    rules_malformed(f, "{'logged_model_created': {'model_id': ''}}", "without an id");
    rules_malformed(f, "{'logged_model_created': {'model_id': 'm-2', 'run': 'r', 'run_id': 'r'}}",
                    "does not have");
    rules_malformed(f, "{'logged_model_created': {'model_id': 'm-2', 'params': ['a', 'a']}}",
                    "given twice");
    rules_malformed(f, "{'logged_model_created': {'model_id': 'm-2', 'params': ['a']}}",
                    "details hold 0 values");
    rules_breaks(f, "{'logged_model_created': {'model_id': 'm-2', 'run': 'nobody'}}",
                 "reference-missing");
    rules_keeps(f, "{'logged_model_created': {'model_id': 'm-2', 'run_id': 'elsewhere'}}");
    rules_verify(f);
}

static void a_parameter_is_told_once(void **state)
{
    struct fixture *f = *state;
    rules_keeps(f, "{'logged_model_created': {'model_id': 'm-1', 'params': ['lr']}, 'details': "
                   "{'param_values': ['1']}}");
    rules_keeps(f, "{'logged_model_updated': {'logged_model': 'm-1', 'status': 'ready'}}");
    rules_keeps(f, "{'logged_model_updated': {'logged_model': 'models:/m-1', 'params': ['n']}, "
                   "'details': {'param_values': ['9']}}");
    rules_breaks(f,
                 "{'logged_model_updated': {'logged_model': 'm-1', 'params': ['lr']}, 'details': "
                 "{'param_values': ['1']}}",
                 "param-set");
    rules_verify(f);
}

static void a_deleted_model_takes_nothing(void **state)
{
    struct fixture *f = *state;
    rules_keeps(f, "{'run_started': {'run_id': 'r'}}");
    rules_keeps(f, "{'logged_model_created': {'model_id': 'm-1', 'run': 'r'}}");
    static const char metric[] =
        "{'run_logged': {'run': 'r', 'metrics': [{'key': 'k', 'step': 0, 'logged_model': 'm-1', "
        "'time': '2026-03-01T14:32:00Z'}]}, 'details': {'metric_values': [{'value': 1, 'text': "
        "'1'}]}}";
    const char *const refused[] = {
        "{'run_logged': {'run': 'r', 'models': [{'logged_model': 'm-1', 'step': 3}]}}",
        metric,
        "{'artifact_recorded': {'logged_model': 'm-1', 'artifacts': [{'path': 'MLmodel'}]}}",
        "{'tags_set': {'logged_model': 'm-1', 'tags': ['t']}, 'details': {'tag_values': ['v']}}",
        "{'logged_model_updated': {'logged_model': 'm-1', 'status': 'upload_failed'}}",
    };
    for (size_t i = 0; i < ML_COUNT(refused); i++)
        rules_keeps(f, refused[i]);
    rules_keeps(f, "{'logged_model_deleted': {'logged_model': 'm-1'}}");
    for (size_t i = 0; i < ML_COUNT(refused); i++)
        rules_breaks(f, refused[i], "logged-model-deleted");
    rules_breaks(f, "{'logged_model_deleted': {'logged_model': 'm-1'}}", "logged-model-deleted");
    /* Whoever read it says so all the same. */
    rules_keeps(f, "{'run_logged': {'run': 'r', 'inputs': [{'name': 'm-1', 'logged_model_ref': "
                   "'m-1'}]}}");
    rules_verify(f);
}

static void what_is_named_is_a_logged_model(void **state)
{
    struct fixture *f = *state;
    rules_keeps(f, "{'run_started': {'run_id': 'r'}}");
    rules_keeps(f, "{'model_created': {'name': 'm'}}");
    rules_breaks(f, "{'logged_model_updated': {'logged_model': 'm'}}", "reference-missing");
    rules_breaks(f, "{'version_registered': {'model': 'm', 'logged_model_ref': 'r'}}",
                 "reference-missing");
    rules_breaks(f, "{'artifact_recorded': {'logged_model': 1}}", "reference-missing");
    rules_keeps(f, "{'logged_model_created': {'model_id': 'm'}}"); /* another namespace */
    rules_keeps(f, "{'version_registered': {'model': 'm', 'logged_model_ref': 'm'}}");
    rules_verify(f);
}

static void files_are_of_a_run_or_of_a_model(void **state)
{
    struct fixture *f = *state;
    rules_keeps(f, "{'run_started': {'run_id': 'r'}}");
    rules_keeps(f, "{'logged_model_created': {'model_id': 'm-1', 'run': 'r'}}");
    rules_malformed(f, "{'artifact_recorded': {'artifacts': [{'path': 'a'}]}}", "exactly one of");
    rules_malformed(f, "{'artifact_recorded': {'run': 'r', 'logged_model': 'm-1'}}",
                    "exactly one of");
    rules_malformed(f, "{'artifact_removed': {'paths': ['a']}}", "exactly one of");
    rules_malformed(f, "{'artifact_removed': {'run': 'r', 'paths': ['a', 'a']}}", "given twice");
    rules_malformed(f, "{'tags_set': {'run': 'r', 'logged_model': 'm-1'}}", "exactly one of");
    rules_keeps(f, "{'artifact_recorded': {'run': 'r', 'artifacts': [{'path': 'a'}]}}");
    rules_keeps(f, "{'artifact_recorded': {'logged_model': 'm-1', 'artifacts': [{'path': 'b'}]}}");
    rules_breaks(f, "{'artifact_removed': {'run': 'r', 'paths': ['b']}}", "artifact-missing");
    rules_keeps(f, "{'artifact_removed': {'logged_model': 'm-1', 'paths': ['b']}}");
    rules_breaks(f, "{'artifact_removed': {'logged_model': 'm-1', 'paths': ['b']}}",
                 "artifact-missing");
    rules_keeps(f, "{'artifact_removed': {'run': 'r', 'paths': ['a']}}");
    rules_keeps(f, "{'artifact_recorded': {'run': 'r', 'artifacts': [{'path': 'a'}]}}");
    rules_verify(f);
}

int main(void)
{
#define RULE(test) cmocka_unit_test_setup_teardown(test, rules_set_up, rules_tear_down)
    const struct CMUnitTest tests[] = {
        RULE(an_id_names_one_model),
        RULE(a_parameter_is_told_once),
        RULE(a_deleted_model_takes_nothing),
        RULE(what_is_named_is_a_logged_model),
        RULE(files_are_of_a_run_or_of_a_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
