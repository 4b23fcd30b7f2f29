/* SPDX-License-Identifier: Apache-2.0 */
/* Logged models in documents: a run made m-1 of data, with values and files of its own; churn/1 was
 * registered from it; an evaluation measured it on two datasets. */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>

#include "tests/unit/export_fixture.h"
#include "tests/unit/lineage_story.h"

#define TIME "2026-01-02T00:00:00Z"
#define POINT(key, dataset)                                                                        \
    "{\"key\": \"" key "\", \"step\": 0, \"time\": \"" TIME                                        \
    "\", \"logged_model\": \"m-1\", \"dataset_name\": \"" dataset "\"}"

static const char *const story[] = {
    "{\"run_started\": {\"run_id\": \"r1\", \"commit\": \"" GIT("c1") "\"}}",
    "{\"run_logged\": {\"run\": \"r1\", \"params\": [\"lr\"], \"tags\": "
    "[\"mlflow.source.git.repoURL\"], \"inputs\": [{\"name\": \"raw\", \"role\": \"training\", "
    "\"digests\": [\"" SHA("11") "\"]}, {\"name\": \"kept\", \"role\": \"eval\", \"digests\": "
                                 "[\"" SHA("22") "\"]}, {\"name\": \"nowhere\"}]}, \"details\": "
                                                 "{\"param_values\": [\"0.1\"], "
                                                 "\"tag_values\": [\"git@host.example:a/b.git\"]}}",
    "{\"logged_model_created\": {\"model_id\": \"m-1\", \"name\": \"clf\", \"run\": \"r1\", "
    "\"params\": [\"depth\"], \"tags\": [\"who\"]}, \"details\": {\"param_values\": [\"6\"], "
    "\"tag_values\": [\"me\"]}}",
    "{\"artifact_recorded\": {\"logged_model\": \"m-1\", \"artifacts\": [{\"path\": \"MLmodel\", "
    "\"digests\": [\"" SHA("44") "\"]}]}}",
    "{\"logged_model_updated\": {\"logged_model\": \"m-1\", \"status\": \"ready\", \"params\": "
    "[\"width\"]}, \"details\": {\"param_values\": [\"9\"]}}",
    "{\"run_logged\": {\"run\": \"r1\", \"models\": [{\"logged_model\": \"m-1\", \"step\": 2}]}}",
    "{\"run_ended\": {\"run\": \"r1\", \"status\": \"finished\"}}",
    "{\"run_started\": {\"run_id\": \"eval\"}}",
    "{\"run_logged\": {\"run\": \"eval\", \"inputs\": [{\"name\": \"m-1\", \"logged_model_ref\": "
    "\"m-1\"}], \"metrics\": [" POINT("auc", "kept") ", " POINT(
        "auc", "new") ", "
                      "{\"key\": \"seconds\", \"step\": 0, \"time\": \"" TIME "\"}]}, \"details\": "
                      "{\"metric_values\": [\"0.90\", \"0.70\", \"3\"]}}",
    "{\"model_created\": {\"name\": \"churn\"}}",
    "{\"version_registered\": {\"model\": \"churn\", \"run_id\": \"r1\", \"logged_model_ref\": "
    "\"m-1\", \"artifacts\": [{\"path\": \"MLmodel\", \"digests\": [\"" SHA("44") "\"]}]}}",
};

static int set_up(void **state)
{
    fixture_set_up(state);
    for (size_t i = 0; i < ML_COUNT(story); i++)
        fixture_add(*state, story[i]);
    return 0;
}

static const json_t *text_at(const json_t *list, const char *key, const char *text)
{
    return export_find(list, key, text);
}

static const json_t *property(const json_t *object, const char *name)
{
    return text_at(export_at(object, "properties"), "name", name);
}

/* ---- CycloneDX ---- */

static void is_a_component_with_a_card(void **state)
{
    json_t *bom = export_json(*state, "cyclonedx", "m-1");
    const json_t *model = export_at(bom, "metadata/component");
    export_expect(model, "type", "machine-learning-model");
    export_expect(model, "name", "clf");
    export_expect(model, "version", "m-1");
    export_expect(model, "hashes/0/content", HEX32("44"));
    export_expect(model, "components/0/name", "MLmodel");
    export_expect(property(model, "mledger:status"), "value", "ready");
    export_expect(property(model, "mledger:param:width"), "value", "9");
    const json_t *metrics = export_at(model, "modelCard/quantitativeAnalysis/performanceMetrics");
    assert_int_equal(json_array_size(metrics), 2); /* "seconds" is not of the model */
    export_expect(text_at(metrics, "slice", "kept"), "value", "0.90");
    export_expect(text_at(metrics, "slice", "new"), "value", "0.70");
    assert_int_equal(json_integer_value(export_at(bom, "version")), 1);
    json_decref(bom);
}

static void is_what_a_version_depends_on(void **state)
{
    json_t *bom = export_json(*state, "cyclonedx", "churn/1");
    const json_t *all = export_at(bom, "dependencies");
    const json_t *on = export_at(text_at(all, "ref", "version/churn/1"), "dependsOn");
    assert_string_equal(json_string_value(json_array_get(on, json_array_size(on) - 1)),
                        "logged_model/m-1");
    const json_t *task =
        text_at(export_at(bom, "formulation/0/workflows/0/tasks"), "uid", "run:r1");
    text_at(export_at(task, "outputs"), "resource/ref", "logged_model/m-1");
    const json_t *commit = text_at(export_at(bom, "components"), "type", "application");
    export_expect(commit, "externalReferences/0/url", "ssh://git@host.example/a/b.git");
    export_expect(commit, "pedigree/commits/0/url", "ssh://git@host.example/a/b.git");
    json_decref(bom);
}

/* ---- OpenLineage ---- */

static const json_t *event(const json_t *events, const char *type, const char *job)
{
    size_t i;
    json_t *one;
    json_array_foreach(events, i, one)
    {
        const char *is = json_string_value(json_object_get(one, "eventType"));
        const char *name = json_string_value(json_object_get(json_object_get(one, "job"), "name"));
        if (is && strcmp(is, type) == 0 && strcmp(name, job) == 0)
            return one;
    }
    fail_msg("no %s of %s", type, job);
    return NULL;
}

/* Made by one event, read by the next, each time by the same name. */
static void leads_from_run_to_version(void **state)
{
    json_t *events = export_lines(*state, "openlineage", "churn/1");
    const json_t *made = event(events, "COMPLETE", "run.default");
    const json_t *model = text_at(export_at(made, "outputs"), "name", "logged_model/m-1");
    export_expect(model, "facets/datasetType/datasetType", "MODEL");
    export_expect(model, "facets/datasetType/subType", "LOGGED_MODEL");
    export_expect(model, "facets/symlinks/identifiers/0/name", "logged_model/m-1/MLmodel");
    const json_t *registered = event(events, "COMPLETE", "registry.register.churn");
    const json_t *inputs = export_at(registered, "inputs");
    text_at(inputs, "name", "logged_model/m-1");
    const json_t *file = text_at(inputs, "name", "logged_model/m-1/MLmodel");
    export_expect(file, "facets/datasetType/datasetType", "MODEL");
    export_expect_none(file, "outputFacets");
    text_at(export_at(made, "inputs"), "name", "dataset/raw");
    text_at(export_at(made, "inputs"), "name", "dataset/nowhere#2"); /* told by no content */
    json_decref(events);
}

static void is_read_by_an_evaluation(void **state)
{
    json_t *events = export_lines(*state, "openlineage", NULL);
    size_t i, created = 0;
    json_t *one;
    json_array_foreach(events, i, one)
    {
        const char *name =
            json_string_value(json_object_get(json_object_get(one, "dataset"), "name"));
        created += name && strcmp(name, "logged_model/m-1") == 0;
    }
    assert_int_equal(created, 1);
    json_decref(events);
    events = export_lines(*state, "openlineage", "runs:/eval");
    export_expect(text_at(events, "inputs/0/name", "logged_model/m-1"),
                  "inputs/0/facets/version/datasetVersion", "m-1");
    json_decref(events);
}

/* ---- SPDX ---- */

static const json_t *relation(const json_t *graph, const char *type, const char *from,
                              const char *to)
{
    size_t i;
    json_t *one;
    json_array_foreach(graph, i, one)
    {
        const char *is = json_string_value(json_object_get(one, "relationshipType"));
        const char *of = json_string_value(json_object_get(one, "from"));
        const char *end = json_string_value(json_array_get(json_object_get(one, "to"), 0));
        if (is && strcmp(is, type) == 0 && strstr(of, from) && strstr(end, to))
            return one;
    }
    fail_msg("no %s from %s to %s", type, from, to);
    return NULL;
}

static void is_a_package_of_spdx(void **state)
{
    json_t *json = export_json(*state, "spdx3", "churn/1");
    const json_t *graph = export_at(json, "@graph");
    const json_t *model = text_at(graph, "software_packageVersion", "m-1");
    export_expect(model, "type", "ai_AIPackage");
    export_expect(model, "name", "clf");
    export_expect(model, "ai_hyperparameter/0/key", "depth");
    export_expect(model, "verifiedUsing/0/hashValue", HEX32("44"));
    relation(graph, "trainedOn", ":logged_model/m-1", ":dataset/raw");
    relation(graph, "testedOn", ":logged_model/m-1", ":dataset/kept");
    relation(graph, "testedOn", ":version/churn/1", ":dataset/kept");
    relation(graph, "descendantOf", ":version/churn/1", ":logged_model/m-1");
    relation(graph, "hasOutput", ":run/r1", ":logged_model/m-1");
    export_expect(text_at(graph, "software_primaryPurpose", "source"), "software_downloadLocation",
                  "git+ssh://git@host.example/a/b.git@" HEX20("c1"));
    json_decref(json);
}

/* ---- PROV ---- */

/* The model and the version come of one file: content is one entity. */
static void comes_of_its_files(void **state)
{
    json_t *json = export_json(*state, "prov-json", "churn/1");
    export_expect(json, "entity/d:logged_model|m-1/prov:type/$", "led:LoggedModel");
    export_expect(json, "entity/d:logged_model|m-1/led:name", "clf");
    export_expect(json, "entity/d:logged_model|m-1/param:depth", "6");
    export_expect(json, "entity/d:file|sha256%3A" HEX32("44") "/prov:type/$", "led:Artifact");
    export_expect(json, "entity/d:file|sha256%3A" HEX32("44") "/led:seq/$", "4");
    size_t derived = 0;
    const char *name;
    json_t *one, *all = json_object_get(json, "wasDerivedFrom");
    json_object_foreach(all, name, one) derived +=
        strcmp(json_string_value(json_object_get(one, "prov:usedEntity")),
               "d:file/sha256%3A" HEX32("44")) == 0;
    assert_int_equal(derived, 2);
    assert_true(export_check_links(*state, json, "led:seq", "led:link") > 20);
    json_decref(json);
}

static void was_measured_on_two_datasets(void **state)
{
    json_t *json = export_json(*state, "prov-json", "runs:/eval");
    export_expect(json, "entity/d:logged_model|m-1/metric:auc%20on%20kept", "0.90");
    export_expect(json, "entity/d:metrics|run|eval/metric:auc%20on%20new", "0.70");
    export_expect(json, "entity/d:metrics|run|eval/metric:seconds", "3");
    json_decref(json);
}

/* ---- in-toto, tables ---- */

static void is_attested_to_unless_it_was_registered(void **state)
{
    json_t *lines = export_lines(*state, "slsa", "m-1");
    assert_int_equal(json_array_size(lines), 1);
    const json_t *one = json_array_get(lines, 0);
    export_expect(one, "subject/0/name", "logged_model:m-1/MLmodel");
    export_expect(one, "predicate/runDetails/metadata/invocationId", "r1");
    export_expect(one, "predicate/buildDefinition/resolvedDependencies/0/digest/gitCommit",
                  HEX20("c1"));
    json_decref(lines);
    lines = export_lines(*state, "slsa", NULL);
    assert_int_equal(json_array_size(lines), 1);
    export_expect(json_array_get(lines, 0), "subject/0/name", "churn@1/MLmodel");
    json_decref(lines);
}

static void has_its_values_in_graphs(void **state)
{
    json_t *json = export_json(*state, "jgf", "runs:/eval");
    const json_t *model = export_at(json, "graph/nodes/logged_model|m-1/metadata");
    export_expect(model, "status", "ready");
    export_expect(text_at(export_at(model, "metrics"), "dataset", "kept"), "value", "0.90");
    export_expect(text_at(export_at(model, "params"), "name", "width"), "value", "9");
    json_decref(json);
}

static void is_called_so_in_pictures(void **state)
{
    char *text = export_text(*state, "mermaid", "churn/1");
    assert_non_null(strstr(text, "logged model<br/>clf"));
    assert_non_null(strstr(text, ":::logged"));
    free(text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(is_a_component_with_a_card),   TEST(is_what_a_version_depends_on),
        TEST(leads_from_run_to_version),    TEST(is_read_by_an_evaluation),
        TEST(is_a_package_of_spdx),         TEST(comes_of_its_files),
        TEST(was_measured_on_two_datasets), TEST(is_attested_to_unless_it_was_registered),
        TEST(has_its_values_in_graphs),     TEST(is_called_so_in_pictures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
