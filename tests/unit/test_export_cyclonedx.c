/* SPDX-License-Identifier: Apache-2.0 */
/* CycloneDX: a bill of materials of a model, and what it claims to be complete. */
#include "tests/unit/cmocka_all.h"

#include "tests/unit/export_fixture.h"
#include "tests/unit/lineage_story.h"

static void expect_property(const json_t *object, const char *name, const char *value)
{
    export_expect(export_find(export_at(object, "properties"), "name", name), "value", value);
}

static void check_model(const json_t *bom)
{
    const json_t *model = export_at(bom, "metadata/component");
    export_expect(model, "type", "machine-learning-model");
    export_expect(model, "name", "churn");
    export_expect(model, "version", "1");
    export_expect(model, "hashes/0/alg", "SHA-256");
    export_expect(model, "hashes/0/content", HEX32("44"));
    export_expect(model, "components/0/name", "model.pkl");
    export_expect(model, "modelCard/modelParameters/datasets/0/ref",
                  "dataset/train-set@md5%3Abbbbbbbbbbbb");
    export_expect(model, "modelCard/quantitativeAnalysis/performanceMetrics/0/type", "auc");
    export_expect(model, "modelCard/quantitativeAnalysis/performanceMetrics/0/value", "0.90");
    expect_property(model, "mledger:seq", "10");
    expect_property(model, "mledger:stage", "Production");
}

static void add_metric(struct fixture *fixture)
{
    fixture_add(fixture, "{\"run_logged\": {\"run\": \"r1\", \"metrics\": [{\"key\": \"auc\", "
                         "\"step\": 1, \"time\": \"2026-01-02T00:00:00Z\"}, {\"key\": \"auc\", "
                         "\"step\": 0, \"time\": \"2026-01-03T00:00:00Z\"}]}, \"details\": "
                         "{\"metric_values\": [\"0.90\", \"0.10\"]}}");
}

static void test_version(void **state)
{
    story_add(*state);
    add_metric(*state);
    json_t *bom = export_json(*state, "cyclonedx", "churn/1");
    export_expect(bom, "bomFormat", "CycloneDX");
    export_expect(bom, "specVersion", "1.6");
    assert_int_equal(json_integer_value(export_at(bom, "version")), 2); /* one transition */
    check_model(bom);
    export_expect(bom, "metadata/lifecycles/0/phase", "operations");
    export_expect(bom, "services/0/name", "scoring");
    export_expect_none(bom, "citations");
    expect_property(bom, "mledger:headSeq", "21");
    json_decref(bom);
}

/* An endpoint that was told to serve something else since does not depend on the version; one of
 * that name in another environment is another one. */
static void test_services(void **state)
{
    static const char *const lines[] = {
        "{\"deployment_recorded\": {\"endpoint\": \"scoring\", \"environment\": \"eu\", "
        "\"targets\": [{\"model\": \"churn\", \"version\": 1, \"share_ppm\": 1000000}]}}",
        "{\"deployment_recorded\": {\"endpoint\": \"scoring\", \"targets\": [{\"model\": "
        "\"churn\", \"version\": 2, \"share_ppm\": 1000000}]}}",
    };
    story_add(*state);
    for (size_t i = 0; i < ML_COUNT(lines); i++)
        fixture_add(*state, lines[i]);
    json_t *bom = export_json(*state, "cyclonedx", "churn/1");
    const json_t *all = export_at(bom, "dependencies");
    export_expect_none(export_find(all, "ref", "service/scoring"), "dependsOn/0");
    export_expect(export_find(all, "ref", "service/scoring#eu"), "dependsOn/0", "version/churn/1");
    expect_property(export_find(export_at(bom, "services"), "bom-ref", "service/scoring"),
                    "mledger:until", "2026-01-01T00:00:22Z, record 22");
    json_decref(bom);
}

static void test_dependencies(void **state)
{
    story_add(*state);
    json_t *bom = export_json(*state, "cyclonedx", "churn/2");
    const json_t *all = export_at(bom, "dependencies");
    const json_t *one = export_find(all, "ref", "version/churn/2");
    export_expect(one, "dependsOn/0", "version/churn/1");
    one = export_find(all, "ref", "version/churn/1");
    export_expect(one, "dependsOn/0", "commit/" HEX20("c1"));
    export_expect(one, "dependsOn/1", "dataset/train-set@md5%3Abbbbbbbbbbbb");
    export_expect(bom, "metadata/component/pedigree/ancestors/0/version", "1");
    json_decref(bom);
}

static void test_tasks(void **state)
{
    story_add(*state);
    json_t *bom = export_json(*state, "cyclonedx", "churn/1");
    const json_t *tasks = export_at(bom, "formulation/0/workflows/0/tasks");
    const json_t *run = export_find(tasks, "bom-ref", "run/r1");
    export_expect(run, "taskTypes/0", "build");
    export_expect(run, "outputs/0/resource/ref", "version/churn/1");
    expect_property(run, "mledger:actor", "alice");
    const json_t *moved = export_find(tasks, "bom-ref", "transition/13");
    export_expect(moved, "taskTypes/0", "release");
    expect_property(moved, "mledger:from", "None");
    expect_property(moved, "mledger:to", "Production");
    expect_property(moved, "mledger:approvedBy", "approval/12");
    export_expect(export_find(tasks, "bom-ref", "deployment/15"), "outputs/0/resource/ref",
                  "service/scoring");
    export_expect(bom, "annotations/0/subjects/0", "version/churn/1");
    export_expect(bom, "annotations/0/annotator/individual/name", "bob");
    json_decref(bom);
}

/* Complete is said only of what is. The story's run r2 has no commit, and r1's data is named. */
static void test_compositions(void **state)
{
    story_add(*state);
    json_t *bom = export_json(*state, "cyclonedx", "churn/1");
    export_expect(bom, "compositions/0/aggregate", "complete");
    export_expect(bom, "compositions/0/assemblies/0", "version/churn/1");
    json_decref(bom);
    bom = export_json(*state, "cyclonedx", "churn/2");
    export_expect(bom, "compositions/0/aggregate", "incomplete");
    json_decref(bom);
    bom = export_json(*state, "cyclonedx", "churn/3"); /* from a run that nobody recorded */
    export_expect(bom, "compositions/0/aggregate", "incomplete");
    json_decref(bom);
}

static void test_empty(void **state)
{
    json_t *bom = export_json(*state, "cyclonedx", NULL);
    export_expect(bom, "compositions/0/aggregate", "incomplete");
    export_expect_none(bom, "metadata/component");
    export_expect_none(bom, "formulation");
    json_decref(bom);
}

static void test_citations(void **state)
{
    story_add(*state);
    json_t *bom = export_json(*state, "cyclonedx-1.7", "churn/1");
    export_expect(bom, "specVersion", "1.7");
    export_expect(bom, "citations/0/pointers/0", "/metadata/component");
    export_expect(bom, "citations/0/attributedTo", "actor/alice");
    export_find(export_at(bom, "metadata/authors"), "bom-ref", "actor/alice");
    json_decref(bom);
}

/* A run that read the same data by two records names it once. */
static void test_repeated(void **state)
{
    fixture_add(*state, "{\"run_started\": {\"run_id\": \"a\"}}");
    for (int i = 0; i < 2; i++)
        fixture_add(*state,
                    i ? "{\"run_logged\": {\"run\": \"a\", \"inputs\": [{\"name\": "
                        "\"d\", \"role\": \"training\", \"digests\": [\"" SHA("11") "\"]}]}}"
                      : "{\"run_logged\": {\"run\": \"a\", \"inputs\": [{\"name\": "
                        "\"d\", \"digests\": [\"" SHA("11") "\"]}]}}");
    json_t *bom = export_json(*state, "cyclonedx", "run:a");
    assert_int_equal(json_array_size(export_at(bom, "formulation/0/workflows/0/tasks/0/inputs")),
                     1);
    json_decref(bom);
}

/* Checkers of CycloneDX know no URIs like MLflow's. */
static void test_sources(void **state)
{
    fixture_add(*state, "{\"model_created\": {\"name\": \"m\"}}");
    fixture_add(*state, "{\"version_registered\": {\"model\": \"m\", \"source\": "
                        "\"models:/m-1\"}}");
    fixture_add(*state, "{\"version_registered\": {\"model\": \"m\", \"source\": "
                        "\"s3://models/m 2\"}}");
    json_t *bom = export_json(*state, "cyclonedx", "m/1");
    export_expect_none(bom, "metadata/component/externalReferences");
    expect_property(export_at(bom, "metadata/component"), "mledger:source", "models:/m-1");
    json_decref(bom);
    bom = export_json(*state, "cyclonedx", "m/2");
    export_expect(bom, "metadata/component/externalReferences/0/url", "s3://models/m%202");
    json_decref(bom);
}

static void test_hostile(void **state)
{
    export_add_hostile(*state);
    json_t *bom = export_json(*state, "cyclonedx", NULL);
    const json_t *task =
        export_find(export_at(bom, "formulation/0/workflows/0/tasks"), "bom-ref", "run/end");
    export_expect(task, "name", "run end");
    export_expect(bom, "compositions/0/aggregate", "incomplete");
    const json_t *data = export_find(export_at(bom, "components"), "type", "data");
    export_expect(data, "name", EXPORT_HOSTILE);
    json_decref(bom);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_version, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_services, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_dependencies, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_tasks, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_compositions, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_empty, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_citations, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_sources, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_repeated, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_hostile, fixture_set_up, fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
