/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of registered models: each is kept once and broken once. */
#include "tests/unit/cmocka_all.h"
#include "tests/unit/rules.h"

static int set_up(void **state)
{
    rules_set_up(state);
    rules_keeps(*state, "{'model_created': {'name': 'm'}}");
    return 0;
}

static void the_name_of_a_model_is_unique(void **state)
{
    struct fixture *f = *state;
    rules_breaks(f, "{'model_created': {'name': 'm'}}", "name-taken");
    rules_keeps(f, "{'model_created': {'name': 'n'}}");
    rules_breaks(f, "{'model_renamed': {'model': 'n', 'name': 'm'}}", "name-taken");
    rules_keeps(f, "{'model_renamed': {'model': 'm', 'name': 'o'}}");
    rules_keeps(f, "{'model_renamed': {'model': 'n', 'name': 'm'}}");
    rules_breaks(f, "{'model_renamed': {'model': 'o', 'name': 'm'}}", "name-taken");
    rules_verify(f);
}

static void a_name_used_again_cites_who_bore_it(void **state)
{
    struct fixture *f = *state;
    rules_breaks(f, "{'model_created': {'name': 'new', 'predecessor': 1}}", "predecessor");
    rules_keeps(f, "{'model_deleted': {'model': 'm'}}");
    rules_breaks(f, "{'model_created': {'name': 'm', 'predecessor': 0}}", "predecessor");
    rules_keeps(f, "{'model_created': {'name': 'm', 'predecessor': 1}}");
    rules_verify(f);
}

static void a_deleted_model_takes_nothing(void **state)
{
    struct fixture *f = *state;
    rules_keeps(f, "{'version_registered': {'model': 'm'}}");
    rules_keeps(f, "{'model_updated': {'model': 'm'}}");
    rules_keeps(f, "{'model_deleted': {'model': 'm'}}");
    rules_breaks(f, "{'model_updated': {'model': 1}}", "model-deleted");
    rules_breaks(f, "{'version_registered': {'model': 1}}", "model-deleted");
    rules_breaks(f, "{'model_deleted': {'model': 1}}", "model-deleted");
}

static void versions_are_numbered_without_a_gap(void **state)
{
    struct fixture *f = *state;
    rules_breaks(f, "{'version_registered': {'model': 'm', 'version': 2}}", "version-number");
    rules_keeps(f, "{'version_registered': {'model': 'm', 'version': 1}}");
    rules_breaks(f, "{'version_registered': {'model': 'm', 'version': 1}}", "version-number");
    rules_keeps(f, "{'version_registered': {'model': 'm', 'version': 7}, "
                   "'imported_from': 'mlflow_server'}");
    rules_breaks(f,
                 "{'version_registered': {'model': 'm', 'version': 3}, "
                 "'imported_from': 'mlflow_server'}",
                 "version-number");
    rules_keeps(f, "{'version_registered': {'model': 'm'}}"); /* 8 */
    rules_verify(f);
}

static void the_trainer_is_who_the_run_names(void **state)
{
    struct fixture *f = *state;
    rules_add_actor(f, CAROL, "carol", "person", "['recorder']");
    rules_keeps(f, "{'run_started': {'run_id': 'r'}}");
    rules_breaks(f,
                 "{'version_registered': {'model': 'm', 'run_id': 'r', "
                 "'trained_by_actor_ref': 'carol'}}",
                 "trainer");
    rules_breaks(f, "{'version_registered': {'model': 'm', 'trained_by_actor_ref': 'carol'}}",
                 "trainer");
    rules_breaks(f, "{'version_registered': {'model': 'm', 'run_ref': 'r', 'run_id': 'other'}}",
                 "run-id");
    rules_keeps(f, "{'version_registered': {'model': 'm', 'run_id': 'r', "
                   "'trained_by_actor_ref': 'alice'}}");
    rules_keeps(f, "{'version_registered': {'model': 'm', 'run_id': 'never-seen'}}");
    rules_verify(f);
}

static void base_models_are_there(void **state)
{
    struct fixture *f = *state;
    const char *line = "{'version_registered': {'model': 'm', 'base_models': [{'model_ref': 'm', "
                       "'version': 1}]}}";
    rules_breaks(f, line, "version-missing");
    rules_keeps(f, "{'version_registered': {'model': 'm'}}");
    rules_keeps(f, line);
    rules_malformed(f, "{'version_registered': {'model': 'm', 'base_models': [{'version': 1}]}}",
                    "a model and a version");
}

static void a_deleted_version_takes_nothing(void **state)
{
    struct fixture *f = *state;
    rules_keeps(f, "{'version_registered': {'model': 'm'}}");
    rules_keeps(f, "{'version_updated': {'model': 'm', 'version': 1}}");
    rules_breaks(f, "{'version_updated': {'model': 'm', 'version': 2}}", "version-missing");
    rules_keeps(f, "{'alias_set': {'model': 'm', 'alias': 'a', 'version': 1}}");
    rules_keeps(f, "{'version_deleted': {'model': 'm', 'version': 1}}");
    rules_breaks(f, "{'version_updated': {'model': 'm', 'version': 1}}", "version-deleted");
    rules_breaks(f, "{'version_deleted': {'model': 'm', 'version': 1}}", "version-deleted");
    rules_breaks(f, "{'alias_deleted': {'model': 'm', 'alias': 'a'}}", "alias-missing");
    rules_verify(f);
}

static void a_transition_leaves_the_stage_that_it_names(void **state)
{
    struct fixture *f = *state;
    rules_keeps(f, "{'version_registered': {'model': 'm'}}");
    rules_breaks(f,
                 "{'stage_transitioned': {'model': 'm', 'version': 1, "
                 "'from_stage': 'Staging', 'to_stage': 'Production'}}",
                 "stage-left");
    rules_keeps(f, "{'stage_transitioned': {'model': 'm', 'version': 1, "
                   "'from_stage': 'None', 'to_stage': 'Production'}}");
    rules_malformed(f, "{'stage_transitioned': {'model': 'm', 'version': 1, 'to_stage': ''}}",
                    "without a name");
    rules_verify(f);
}

static void a_stage_is_imported_only_by_an_import(void **state)
{
    struct fixture *f = *state;
    rules_keeps(f, "{'version_registered': {'model': 'm'}}");
    rules_keeps(f, "{'policy_set': {'stage': 'Production', 'requirements': "
                   "[{'kind': 'validation', 'count': 1}]}}");
    rules_breaks(f, "{'stage_imported': {'model': 'm', 'version': 1, 'stage': 'Production'}}",
                 "import-only");
    /* What another registry says is a fact, whatever the policy here. */
    rules_keeps(f, "{'stage_imported': {'model': 'm', 'version': 1, 'stage': 'Production'}, "
                   "'imported_from': 'mlflow_database'}");
    rules_verify(f);
}

static void aliases_have_names_and_lead_somewhere(void **state)
{
    struct fixture *f = *state;
    rules_keeps(f, "{'version_registered': {'model': 'm'}}");
    rules_keeps(f, "{'version_registered': {'model': 'm'}}");
    static const char *const bad[] = {"latest", "LATEST", "v1", "V22", "", "a b", "ä"};
    for (size_t i = 0; i < ML_COUNT(bad); i++)
        rules_breaks(
            f, rules_line("{'alias_set': {'model': 'm', 'alias': '%s', 'version': 1}}", bad[i]),
            "alias-name");
    rules_breaks(f, "{'alias_deleted': {'model': 'm', 'alias': 'champion'}}", "alias-missing");
    rules_keeps(f, "{'alias_set': {'model': 'm', 'alias': 'champion', 'version': 1}}");
    rules_keeps(f, "{'alias_set': {'model': 'm', 'alias': 'champion', 'version': 2}}");
    rules_keeps(f, "{'alias_set': {'model': 'm', 'alias': 'champion', 'version': 2}}");
    rules_keeps(f, "{'version_deleted': {'model': 'm', 'version': 1}}");
    rules_keeps(f, "{'alias_deleted': {'model': 'm', 'alias': 'champion'}}");
    rules_verify(f);
}

int main(void)
{
#define RULE(test) cmocka_unit_test_setup_teardown(test, set_up, rules_tear_down)
    const struct CMUnitTest tests[] = {
        RULE(the_name_of_a_model_is_unique),
        RULE(a_name_used_again_cites_who_bore_it),
        RULE(a_deleted_model_takes_nothing),
        RULE(versions_are_numbered_without_a_gap),
        RULE(the_trainer_is_who_the_run_names),
        RULE(base_models_are_there),
        RULE(a_deleted_version_takes_nothing),
        RULE(a_transition_leaves_the_stage_that_it_names),
        RULE(a_stage_is_imported_only_by_an_import),
        RULE(aliases_have_names_and_lead_somewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
