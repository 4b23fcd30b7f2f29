/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX 3: packages, builds and annotations, and which profiles are claimed. */
#include "tests/unit/cmocka_all.h"

#include "tests/unit/export_fixture.h"
#include "tests/unit/lineage_story.h"

#define NO_ASSERTION "https://spdx.org/rdf/3.0.1/terms/Core/NoAssertionElement"

/* The element of this type whose id ends so; asserts. */
static const json_t *element(const json_t *json, const char *type, const char *end)
{
    size_t i;
    json_t *one;
    json_array_foreach(export_at(json, "@graph"), i, one)
    {
        const char *id = json_string_value(json_object_get(one, "spdxId"));
        const char *is = json_string_value(json_object_get(one, "type"));
        if (id && strcmp(is, type) == 0 && strlen(id) >= strlen(end) &&
            strcmp(id + strlen(id) - strlen(end), end) == 0)
            return one;
    }
    fail_msg("no %s …%s", type, end);
    return NULL;
}

static bool ends_in(const json_t *text, const char *end)
{
    const char *value = json_string_value(text);
    return value && strlen(value) >= strlen(end) &&
           strcmp(value + strlen(value) - strlen(end), end) == 0;
}

static const json_t *relation(const json_t *json, const char *from, const char *type,
                              const char *to)
{
    size_t i;
    json_t *one;
    json_array_foreach(export_at(json, "@graph"), i, one)
    {
        const char *is = json_string_value(json_object_get(one, "relationshipType"));
        if (is && strcmp(is, type) == 0 && ends_in(json_object_get(one, "from"), from) &&
            ends_in(json_array_get(json_object_get(one, "to"), 0), to))
            return one;
    }
    fail_msg("no %s from %s to %s", type, from, to);
    return NULL;
}

static void test_version(void **state)
{
    story_add(*state);
    json_t *json = export_json(*state, "spdx3", "churn/1");
    const json_t *model = element(json, "ai_AIPackage", ":version/churn/1");
    export_expect(model, "name", "churn");
    export_expect(model, "software_packageVersion", "1");
    export_expect(model, "verifiedUsing/0/hashValue", HEX32("44"));
    export_expect(model, "ai_hyperparameter/0/key", "lr");
    export_expect(model, "ai_hyperparameter/0/value", "0.1");
    export_expect(model, "releaseTime", "2026-01-01T00:00:10Z");
    export_expect(model, "software_downloadLocation", NO_ASSERTION);
    relation(json, ":version/churn/1", "trainedOn", ":dataset/train-set@md5%3Abbbbbbbbbbbb");
    relation(json, ":run/r1", "hasOutput", ":version/churn/1");
    relation(json, ":run/r1", "invokedBy", ":actor/alice");
    relation(json, ":stage/prepare@4", "invokedBy", NO_ASSERTION);
    const json_t *build = element(json, "build_Build", ":run/r1");
    export_expect(build, "build_configSourceDigest/0/hashValue", HEX20("c1"));
    export_expect(build, "build_configSourceDigest/0/algorithm", "sha1");
    const json_t *person = element(json, "Person", ":actor/alice");
    export_expect(person, "name", "Alice Ng");
    json_decref(json);
}

/* Who approved and when stands in the annotation's own CreationInfo. */
static void test_annotations(void **state)
{
    story_add(*state);
    json_t *json = export_json(*state, "spdx3", "churn/1");
    const json_t *review = element(json, "Annotation", ":approval/12");
    export_expect(review, "annotationType", "review");
    const char *creation = json_string_value(export_at(review, "creationInfo"));
    const json_t *info = export_find(export_at(json, "@graph"), "@id", creation);
    assert_true(ends_in(export_at(info, "createdBy/0"), ":actor/bob"));
    export_expect(info, "created", "2026-01-01T00:00:12Z");
    json_t *statement;
    const char *text =
        json_string_value(export_at(element(json, "Annotation", ":transition/13"), "statement"));
    assert_int_equal(ml_json_parse(text, strlen(text), &statement), 0);
    export_expect(statement, "stage", "Production");
    export_expect(statement, "reason", "better");
    assert_true(ends_in(export_at(statement, "approvals/0"), ":approval/12"));
    json_decref(statement);
    relation(json, ":deployment/15", "dependsOn", ":version/churn/1");
    json_decref(json);
}

/* What ended a deployment need not be in the lineage of the version that it ended for. */
static void test_deployments(void **state)
{
    story_add(*state);
    json_t *json = export_json(*state, "spdx3", "churn/1");
    export_expect_none(relation(json, ":deployment/15", "dependsOn", ":version/churn/1"),
                       "endTime");
    json_decref(json);
    fixture_add(*state, "{\"deployment_recorded\": {\"endpoint\": \"scoring\", \"targets\": "
                        "[{\"model\": \"churn\", \"version\": 2, \"share_ppm\": 1000000}]}}");
    json = export_json(*state, "spdx3", "churn/1");
    export_expect(relation(json, ":deployment/15", "dependsOn", ":version/churn/1"), "endTime",
                  "2026-01-01T00:00:21Z");
    json_decref(json);
}

static bool claims(const json_t *json, const char *profile)
{
    size_t i;
    json_t *one;
    const json_t *document = element(json, "SpdxDocument", ":document");
    json_array_foreach(export_at(document, "profileConformance"), i,
                       one) if (strcmp(json_string_value(one), profile) == 0) return true;
    return false;
}

/* A profile is claimed only where all that it demands is known. */
static void test_profiles(void **state)
{
    fixture_add(*state, "{\"dataset_recorded\": {\"name\": \"raw\", \"digests\": [\"" SHA(
                            "11") "\"], \"source_uri\": \"s3://lake/raw.csv\"}}");
    json_t *json = export_json(*state, "spdx3", "dataset:raw");
    export_expect(element(json, "dataset_DatasetPackage", ""), "software_downloadLocation",
                  "s3://lake/raw.csv");
    assert_true(claims(json, "dataset"));
    json_decref(json);
    fixture_add(*state, "{\"dataset_recorded\": {\"name\": \"other\", \"digests\": [\"" SHA(
                            "12") "\"]}}"); /* nobody says where it is */
    json = export_json(*state, "spdx3", "dataset:other");
    assert_false(claims(json, "dataset"));
    assert_true(claims(json, "core"));
    json_decref(json);
}

static void test_hostile(void **state)
{
    export_add_hostile(*state);
    json_t *json = export_json(*state, "spdx3", NULL);
    export_expect(element(json, "build_Build", ":run/end"), "build_parameter/0/value",
                  EXPORT_HOSTILE);
    export_expect_none(element(json, "build_Build", ":run/end"), "build_parameter/2/value");
    size_t i, j;
    json_t *one, *other;
    json_array_foreach(export_at(json, "@graph"), i, one)
    {
        const json_t *id = json_object_get(one, "spdxId");
        json_array_foreach(export_at(json, "@graph"), j, other)
            assert_true(i == j || !id || !json_equal(id, json_object_get(other, "spdxId")));
    }
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_version, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_annotations, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_deployments, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_profiles, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_hostile, fixture_set_up, fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
