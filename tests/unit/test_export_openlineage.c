/* SPDX-License-Identifier: Apache-2.0 */
/* OpenLineage: events of runs, stages, and of what was decided and done. */
#include "tests/unit/cmocka_all.h"

#include "tests/unit/export_fixture.h"
#include "tests/unit/lineage_story.h"

static const json_t *event_of(const json_t *events, const char *job, const char *type)
{
    size_t i;
    json_t *event;
    json_array_foreach(events, i, event)
    {
        const json_t *name = json_object_get(json_object_get(event, "job"), "name");
        const json_t *is = json_object_get(event, "eventType");
        if (name && strcmp(json_string_value(name), job) == 0 && is &&
            strcmp(json_string_value(is), type) == 0)
            return event;
    }
    fail_msg("there is no %s of %s", type, job);
    return NULL;
}

static void add_end(struct fixture *fixture, const char *run, const char *status)
{
    json_t *line = json_pack("{s:{s:s, s:s}, s:{s:s}}", "run_ended", "run", run, "status", status,
                             "details", "occurred_at", "2026-02-28T04:55:31Z");
    char *text = json_dumps(line, 0);
    fixture_add(fixture, text);
    free(text);
    json_decref(line);
}

static void test_run(void **state)
{
    story_add(*state);
    add_end(*state, "r1", "finished");
    json_t *events = export_lines(*state, "openlineage", "churn/1");
    const json_t *start = event_of(events, "run.churn-exp", "START");
    const json_t *end = event_of(events, "run.churn-exp", "COMPLETE");
    export_expect(end, "eventTime", "2026-02-28T04:55:31Z"); /* as claimed */
    export_expect(start, "run/facets/executionParameters/parameters/0/key", "lr");
    export_expect(start, "run/facets/executionParameters/parameters/0/value", "0.1");
    export_expect(start, "inputs/0/name", "dataset/train-set");
    export_expect(start, "inputs/0/facets/version/datasetVersion", MD5("bb"));
    export_expect(start, "job/facets/sourceCodeLocation/version", HEX20("c1"));
    export_expect(end, "outputs/0/name", "run/r1/model.pkl");
    export_expect(end, "outputs/0/facets/mledger_digest/digests/0/value", HEX32("44"));
    export_expect(start, "schemaURL",
                  "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent");
    const char *id = json_string_value(export_at(start, "run/runId"));
    export_expect(end, "run/runId", id);
    const char *link = json_string_value(export_at(start, "run/facets/mledger_record/link"));
    assert_memory_equal(id, link, 8); /* made of the record's link, version 8 */
    assert_int_equal(id[14], '8');
    assert_true(export_check_links(*state, events, "seq", "link") > 10);
    json_decref(events);
}

static void expect_end(struct fixture *fixture, const char *run, const char *status,
                       const char *type)
{
    add_end(fixture, run, status);
    json_t *events = export_lines(fixture, "openlineage", run);
    event_of(events, "run.default", type);
    json_decref(events);
}

static void test_failed_runs(void **state)
{
    fixture_add(*state, "{\"run_started\": {\"run_id\": \"a1\"}}");
    fixture_add(*state, "{\"run_started\": {\"run_id\": \"a2\"}}");
    json_t *events = export_lines(*state, "openlineage", "a1");
    assert_int_equal(json_array_size(events), 1); /* it runs: no end */
    json_decref(events);
    expect_end(*state, "a1", "failed", "FAIL");
    expect_end(*state, "a2", "killed", "ABORT");
}

static void test_registry(void **state)
{
    story_add(*state);
    json_t *events = export_lines(*state, "openlineage", NULL);
    const json_t *moved = event_of(events, "registry.transition.churn", "COMPLETE");
    const json_t *tags = export_at(moved, "run/facets/tags/tags");
    export_expect(export_find(tags, "key", "from_stage"), "value", "None");
    export_expect(export_find(tags, "key", "to_stage"), "value", "Production");
    export_expect(export_find(tags, "key", "actor"), "value", "user:alice");
    export_expect_none(tags, "4"); /* nothing says that it was imported */
    const json_t *approved = event_of(events, "registry.approve.churn", "COMPLETE");
    export_expect(moved, "run/facets/parent/run/runId",
                  json_string_value(export_at(approved, "run/runId")));
    export_expect(export_find(export_at(approved, "run/facets/tags/tags"), "key", "actor"), "value",
                  "user:bob");
    const json_t *validated = event_of(events, "registry.validate.churn", "COMPLETE");
    export_expect(validated, "run/facets/test/tests/0/name", "auc");
    export_expect(validated, "run/facets/test/tests/0/status", "pass");
    export_expect(validated, "run/facets/test/tests/0/actual", "0.91");
    const json_t *deployed = event_of(events, "deploy.scoring", "COMPLETE");
    export_expect(deployed, "inputs/0/name", "model/churn");
    export_expect(deployed, "inputs/0/facets/version/datasetVersion", "1");
    export_expect(deployed, "outputs/0/name", "endpoint/scoring");
    const json_t *registered = event_of(events, "registry.register.churn", "COMPLETE");
    export_expect(registered, "inputs/0/name", "run/r1/model.pkl"); /* what the run made */
    export_expect(registered, "inputs/0/facets/datasetType/datasetType", "MODEL");
    export_expect(registered, "outputs/0/facets/symlinks/identifiers/0/name", "run/r1/model.pkl");
    const json_t *stage = event_of(events, "stage.churn-dvc.prepare", "COMPLETE");
    export_expect(stage, "outputs/0/name", "file/churn-dvc/clean.csv");
    tags = export_at(deployed, "run/facets/tags/tags");
    export_expect(export_find(tags, "key", "share.1"), "value", "churn/1 100 %");
    json_decref(events);
}

/* Recorded datasets have an event of their own, and the namespace of where they are. */
static void test_dataset(void **state)
{
    story_add(*state);
    json_t *events = export_lines(*state, "openlineage", "dataset:raw");
    const json_t *event = export_at(events, "0");
    export_expect(event, "dataset/namespace", "s3://bucket");
    export_expect(event, "dataset/name", "raw");
    export_expect(event, "dataset/facets/version/datasetVersion", SHA("11"));
    export_expect(event, "dataset/facets/lifecycleStateChange/lifecycleStateChange", "CREATE");
    export_expect_none(event, "eventType");
    json_decref(events);
}

/* At most one terminal event for a run id, and events stand in the order of their records. */
static void test_order(void **state)
{
    story_add(*state);
    add_end(*state, "r1", "finished");
    json_t *events = export_lines(*state, "openlineage", NULL), *event, *ended = json_object();
    json_int_t before = 0;
    size_t i;
    json_array_foreach(events, i, event)
    {
        const json_t *seq = json_object_get(event, "dataset")
                                ? export_at(event, "dataset/facets/mledger_record/seq")
                                : export_at(event, "run/facets/mledger_record/seq");
        assert_true(json_integer_value(seq) >= before);
        before = json_integer_value(seq);
        const json_t *type = json_object_get(event, "eventType");
        if (!type || strcmp(json_string_value(type), "START") == 0)
            continue;
        const char *id = json_string_value(export_at(event, "run/runId"));
        assert_null(json_object_get(ended, id));
        json_object_set_new(ended, id, json_true());
    }
    json_decref(ended);
    json_decref(events);
}

/* Who reads the events joins by names alone: what is not one thing has two. */
static void test_names(void **state)
{
    static const char *const lines[] = {
        "{\"run_started\": {\"run_id\": \"a\", \"artifact_uri\": \"s3://runs/a\"}}",
        "{\"run_started\": {\"run_id\": \"b\", \"artifact_uri\": \"/runs/b\"}}",
        "{\"artifact_recorded\": {\"run\": \"a\", \"artifacts\": [{\"path\": \"m/MLmodel\", "
        "\"size\": 7, \"digests\": [\"" SHA("11") "\"]}]}}",
        "{\"artifact_recorded\": {\"run\": \"b\", \"artifacts\": [{\"path\": \"m/MLmodel\", "
        "\"digests\": [\"" SHA("22") "\"]}]}}",
        "{\"model_created\": {\"name\": \"m\"}}",
        "{\"version_registered\": {\"model\": \"m\", \"run_id\": \"b\", \"source\": "
        "\"s3://models/m\", \"artifacts\": [{\"path\": \"added\", \"digests\": [\"" SHA(
            "33") "\"]}]}}",
        "{\"version_registered\": {\"model\": \"m\", \"run_id\": \"b\"}}",
        "{\"imported_from\": \"mlflow_server\", \"stage_imported\": {\"model\": \"m\", "
        "\"version\": 1, \"stage\": \"Staging\"}}",
        "{\"deployment_recorded\": {\"endpoint\": \"e\", \"environment\": \"eu\", \"targets\": "
        "[{\"model\": \"m\", \"version\": 1, \"share_ppm\": 125000}, {\"model\": \"m\", "
        "\"version\": 2, "
        "\"share_ppm\": 875000}]}}",
    };
    for (size_t i = 0; i < ML_COUNT(lines); i++)
        fixture_add(*state, lines[i]);
    add_end(*state, "a", "finished");
    add_end(*state, "b", "killed");
    json_t *events = export_lines(*state, "openlineage", NULL);
    const json_t *output = export_at(event_of(events, "run.default", "COMPLETE"), "outputs/0");
    export_expect(output, "namespace", "s3://runs");
    export_expect(output, "name", "a/m/MLmodel");
    assert_int_equal(json_integer_value(export_at(output, "outputFacets/outputStatistics/size")),
                     7);
    export_expect(event_of(events, "run.default", "ABORT"), "outputs/0/name", "run/b/m/MLmodel");
    const json_t *input =
        export_at(event_of(events, "registry.register.m", "COMPLETE"), "inputs/0");
    export_expect(input, "namespace", "s3://models");
    export_expect(input, "name", "m/added"); /* no run made it */
    const json_t *tags =
        export_at(event_of(events, "registry.transition.m", "COMPLETE"), "run/facets/tags/tags");
    export_expect(export_find(tags, "key", "imported"), "value", "true");
    const json_t *deployed = event_of(events, "deploy.eu.e", "COMPLETE");
    export_expect(deployed, "outputs/0/name", "endpoint/eu/e");
    export_expect(export_find(export_at(deployed, "run/facets/tags/tags"), "key", "share.1"),
                  "value", "m/1 12.5 %");
    json_decref(events);
}

static void test_hostile(void **state)
{
    export_add_hostile(*state);
    json_t *events = export_lines(*state, "openlineage", NULL);
    const json_t *start = event_of(events, "run.default", "START");
    export_expect(start, "run/facets/executionParameters/parameters/0/value", EXPORT_HOSTILE);
    /* what was erased has no value, so it is no parameter there */
    assert_int_equal(json_array_size(export_at(start, "run/facets/executionParameters/parameters")),
                     2);
    json_decref(events);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_run, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_failed_runs, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_registry, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_dataset, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_names, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_order, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_hostile, fixture_set_up, fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
