/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of experiments, runs, datasets, pipelines and tags: each is kept once and broken once. */
#include "tests/unit/cmocka_all.h"
#include "tests/unit/rules.h"

static void names_and_ids_of_experiments_are_unique(void **state)
{
    struct fixture *f = *state;
    rules_keeps(f, "{'experiment_created': {'experiment_id': '1', 'name': 'a'}}");
    rules_breaks(f, "{'experiment_created': {'experiment_id': '1', 'name': 'b'}}", "experiment-id");
    rules_breaks(f, "{'experiment_created': {'experiment_id': '2', 'name': 'a'}}", "name-taken");
    rules_keeps(f, "{'experiment_created': {'experiment_id': '2', 'name': 'b'}}");
    rules_breaks(f, "{'experiment_updated': {'experiment': 'b', 'name': 'a'}}", "name-taken");
    rules_keeps(f, "{'experiment_updated': {'experiment': 'b', 'name': 'c'}}");
    rules_keeps(f, "{'experiment_updated': {'experiment': '2', 'name': 'c'}}");
    rules_malformed(f, "{'experiment_created': {'experiment_id': '3', 'name': ''}}",
                    "without a name");
    rules_verify(f);
}

static void a_deleted_experiment_takes_nothing_until_it_is_restored(void **state)
{
    struct fixture *f = *state;
    rules_keeps(f, "{'experiment_created': {'experiment_id': '1', 'name': 'a'}}");
    rules_breaks(f, "{'experiment_restored': {'experiment': '1'}}", "not-deleted");
    rules_keeps(f, "{'experiment_deleted': {'experiment': '1'}}");
    rules_breaks(f, "{'run_started': {'run_id': 'r', 'experiment': '1'}}", "experiment-deleted");
    rules_breaks(f, "{'experiment_deleted': {'experiment': '1'}}", "experiment-deleted");
    rules_keeps(f, "{'experiment_restored': {'experiment': '1'}}");
    rules_keeps(f, "{'run_started': {'run_id': 'r', 'experiment': '1'}}");
    rules_verify(f);
}

static void a_restored_experiment_finds_its_name_free_or_stays(void **state)
{
    struct fixture *f = *state;
    rules_keeps(f, "{'experiment_created': {'experiment_id': '1', 'name': 'a'}}");
    rules_keeps(f, "{'experiment_deleted': {'experiment': '1'}}");
    rules_breaks(f, "{'experiment_created': {'experiment_id': '2', 'name': 'a', 'predecessor': 0}}",
                 "predecessor");
    rules_breaks(f, "{'experiment_created': {'experiment_id': '2', 'name': 'b', 'predecessor': 1}}",
                 "predecessor");
    rules_keeps(f, "{'experiment_created': {'experiment_id': '2', 'name': 'a', 'predecessor': 1}}");
    rules_breaks(f, "{'experiment_restored': {'experiment': '1'}}", "name-taken");
    rules_keeps(f, "{'experiment_deleted': {'experiment': '2'}}");
    rules_keeps(f, "{'experiment_restored': {'experiment': '1'}}");
    rules_verify(f);
}

static void the_id_of_a_run_is_unique(void **state)
{
    struct fixture *f = *state;
    rules_keeps(f, "{'run_started': {'run_id': 'r'}}");
    rules_breaks(f, "{'run_started': {'run_id': 'r'}}", "run-id");
    rules_malformed(f, "{'run_started': {'run_id': ''}}", "without an id");
    rules_keeps(f, "{'run_started': {'run_id': 's', 'parent_run_id': 'r'}}");
}

static void a_deleted_run_takes_nothing_until_it_is_restored(void **state)
{
    struct fixture *f = *state;
    rules_keeps(f, "{'run_started': {'run_id': 'r'}}");
    rules_breaks(f, "{'run_restored': {'run': 'r'}}", "not-deleted");
    rules_keeps(f, "{'run_deleted': {'run': 'r'}}");
    static const char *const refused[] = {
        "{'run_logged': {'run': 'r'}}",
        "{'run_updated': {'run': 'r', 'name': 'n'}}",
        "{'run_ended': {'run': 'r', 'status': 'finished'}}",
        "{'artifact_recorded': {'run': 'r'}}",
        "{'tags_set': {'run': 'r', 'tags': ['t']}, 'details': {'tag_values': ['v']}}",
        "{'run_deleted': {'run': 'r'}}",
    };
    for (size_t i = 0; i < ML_COUNT(refused); i++)
        rules_breaks(f, refused[i], "run-deleted");
    rules_keeps(f, "{'run_restored': {'run': 'r'}}");
    for (size_t i = 0; i < ML_COUNT(refused); i++)
        rules_keeps(f, refused[i]);
    rules_verify(f);
}

static void a_run_ends_by_its_own_kind_of_record(void **state)
{
    struct fixture *f = *state;
    rules_keeps(f, "{'run_started': {'run_id': 'r'}}");
    rules_malformed(f, "{'run_updated': {'run': 'r', 'status': 'failed'}}", "run_ended");
    rules_malformed(f, "{'run_ended': {'run': 'r', 'status': 'running'}}", "ends no run");
    rules_keeps(f, "{'run_ended': {'run': 'r', 'status': 'killed'}}");
    rules_keeps(f, "{'run_updated': {'run': 'r', 'status': 'running'}}");
}

static void what_is_named_is_there_and_of_the_kind(void **state)
{
    struct fixture *f = *state;
    rules_keeps(f, "{'run_started': {'run_id': 'r'}}");
    rules_breaks(f, "{'run_logged': {'run': 'nobody'}}", "reference-missing");
    rules_breaks(f, "{'run_logged': {'run': 0}}", "reference-missing"); /* an actor */
    rules_breaks(f, "{'run_logged': {'run': 2}}", "reference-missing"); /* itself */
    rules_breaks(f, "{'run_logged': {'run': 77}}", "reference-missing");
    rules_breaks(f, "{'run_logged': {'run': 'r'}, 'on_behalf_of': 1}", "reference-missing");
    rules_keeps(f, "{'run_logged': {'run': 'r'}, 'on_behalf_of': 'alice'}");
}

static void inputs_name_versions_that_there_are(void **state)
{
    struct fixture *f = *state;
    rules_keeps(f, "{'run_started': {'run_id': 'r'}}");
    rules_keeps(f, "{'model_created': {'name': 'm'}}");
    const char *input = "{'run_logged': {'run': 'r', 'inputs': [{'name': 'base', "
                        "'model_ref': 'm', 'version': 1}]}}";
    rules_breaks(f, input, "version-missing");
    rules_malformed(f,
                    "{'run_logged': {'run': 'r', 'inputs': [{'name': 'base', "
                    "'model_ref': 'm'}]}}",
                    "a model or a version");
    rules_keeps(f, "{'version_registered': {'model': 'm'}}");
    rules_keeps(f, input);
    rules_verify(f);
}

static void a_link_leads_to_a_pipeline(void **state)
{
    struct fixture *f = *state;
    rules_keeps(f, "{'run_started': {'run_id': 'r'}}");
    uint64_t data = rules_keeps(f, "{'dataset_recorded': {'name': 'd'}}");
    uint64_t pipeline = rules_keeps(
        f, "{'pipeline_recorded': {'name': 'p', 'snapshot': {'stages': [{'address': 'train'}]}}}");
    static const char format[] =
        "{'link_confirmed': {'run': 'r', 'record_ref': %d, 'stage': 'train'}}";
    rules_breaks(f, rules_line(format, 1), "reference-missing");
    rules_breaks(f, rules_line(format, (int)data), "reference-missing");
    rules_breaks(f, rules_line(format, 99), "reference-missing");
    rules_keeps(f, rules_line(format, (int)pipeline));
    rules_verify(f);
}

static void a_dataset_goes_on_under_its_name(void **state)
{
    struct fixture *f = *state;
    uint64_t first = rules_keeps(f, "{'dataset_recorded': {'name': 'd'}}");
    rules_keeps(f, "{'dataset_recorded': {'name': 'd'}}");
    rules_breaks(f, rules_line("{'dataset_recorded': {'dataset': %d, 'name': 'e'}}", (int)first),
                 "name");
    rules_breaks(f,
                 rules_line("{'dataset_recorded': {'dataset': %d, 'name': 'd', 'predecessor': %d}}",
                            (int)first, (int)first),
                 "predecessor");
    rules_breaks(f,
                 "{'dataset_recorded': {'name': 'd', 'subject_salt': "
                 "'0000000000000000000000000000000000000000000000000000000000000000'}}",
                 "name-taken");
    rules_verify(f);
}

static void only_tags_that_there_are_can_be_deleted(void **state)
{
    struct fixture *f = *state;
    rules_keeps(f, "{'model_created': {'name': 'm'}}");
    rules_keeps(f, "{'version_registered': {'model': 'm'}}");
    rules_keeps(f, "{'tags_set': {'model': 'm', 'tags': ['t']}, "
                   "'details': {'tag_values': ['v']}}");
    rules_breaks(f, "{'tags_deleted': {'model': 'm', 'version': 1, 'tags': ['t']}}", "tag-missing");
    rules_keeps(f, "{'tags_deleted': {'model': 'm', 'tags': ['t']}}");
    rules_breaks(f, "{'tags_deleted': {'model': 'm', 'tags': ['t']}}", "tag-missing");
    rules_breaks(f, "{'tags_set': {'model': 'm', 'version': 2}}", "version-missing");
    rules_malformed(f, "{'tags_set': {'model': 'm', 'version': 0}}", "count from 1");
    rules_malformed(f, "{'tags_set': {'run': 0, 'model': 'm'}}", "exactly one");
    rules_verify(f);
}

static void a_commit_is_an_object_of_git(void **state)
{
    struct fixture *f = *state;
    rules_malformed(f,
                    "{'run_started': {'run_id': 'r', 'commit': "
                    "'md5:d41d8cd98f00b204e9800998ecf8427f'}}",
                    "no Git object");
    rules_keeps(f, "{'run_started': {'run_id': 'r', 'commit': "
                   "'git:0123456789abcdef0123456789abcdef01234567'}}");
}

int main(void)
{
#define RULE(test) cmocka_unit_test_setup_teardown(test, rules_set_up, rules_tear_down)
    const struct CMUnitTest tests[] = {
        RULE(names_and_ids_of_experiments_are_unique),
        RULE(a_deleted_experiment_takes_nothing_until_it_is_restored),
        RULE(a_restored_experiment_finds_its_name_free_or_stays),
        RULE(the_id_of_a_run_is_unique),
        RULE(a_deleted_run_takes_nothing_until_it_is_restored),
        RULE(a_run_ends_by_its_own_kind_of_record),
        RULE(what_is_named_is_there_and_of_the_kind),
        RULE(inputs_name_versions_that_there_are),
        RULE(a_link_leads_to_a_pipeline),
        RULE(a_dataset_goes_on_under_its_name),
        RULE(only_tags_that_there_are_can_be_deleted),
        RULE(a_commit_is_an_object_of_git),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
