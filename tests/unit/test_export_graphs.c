/* SPDX-License-Identifier: Apache-2.0 */
/* Graphs for others' tools: JSON Graph Format, Cytoscape.js, GraphML. */
#include "tests/unit/cmocka_all.h"

#include "export/document.h"
#include "tests/unit/export_fixture.h"
#include "tests/unit/lineage_story.h"

static void test_jgf(void **state)
{
    story_add(*state);
    json_t *json = export_json(*state, "jgf", "churn/1");
    export_expect(json, "graph/type", "ml-lineage");
    export_expect(json, "graph/label", "churn/1");
    export_expect(json, "graph/metadata/ledger/name", "test");
    export_expect(json, "graph/metadata/ledger/origin", "example.org/test");
    assert_int_equal(json_integer_value(export_at(json, "graph/metadata/ledger/head/seq")),
                     STORY_SIZE - 1);
    export_expect(json, "graph/metadata/ledger/note", ML_DOCUMENT_NOTE);
    const json_t *version = export_at(json, "graph/nodes/version|churn|1");
    export_expect(version, "label", "churn/1");
    export_expect(version, "metadata/kind", "version");
    export_expect(version, "metadata/reference", "version:churn/1");
    export_expect(version, "metadata/stage", "Production");
    export_expect(version, "metadata/flags/0", "asked");
    export_expect(version, "metadata/digests/0/digest", SHA("44"));
    export_expect(version, "metadata/digests/0/standing", "claimed");
    assert_int_equal(json_integer_value(export_at(version, "metadata/seq")), STORY_VERSION);
    const json_t *run = export_at(json, "graph/nodes/run|r1");
    export_expect(run, "metadata/params/0/name", "lr");
    export_expect(run, "metadata/params/0/value", "0.1");
    const json_t *edge = export_find(export_at(json, "graph/edges"), "relation", "inferred");
    export_expect(edge, "source", "stage/train@4");
    export_expect(edge, "target", "run/r1");
    export_expect(edge, "metadata/basis", "inferred");
    assert_int_equal(json_array_size(export_at(edge, "metadata/seqs")), 2);
    assert_true(export_check_links(*state, json, "seq", "link") > 10);
    json_decref(json);
}

/* A ledger that nothing but its genesis is in: still a graph, with no nodes and no edges. */
static void test_empty(void **state)
{
    json_t *jgf = export_json(*state, "jgf", NULL), *cy = export_json(*state, "cytoscape", NULL);
    assert_int_equal(json_object_size(export_at(jgf, "graph/nodes")), 0);
    assert_true(json_is_array(export_at(jgf, "graph/edges")));
    assert_int_equal(json_array_size(export_at(jgf, "graph/edges")), 0);
    assert_int_equal(json_array_size(export_at(cy, "elements/nodes")), 0);
    ML_CLEANUP(ml_freep) char *xml = export_text(*state, "graphml", NULL);
    assert_non_null(strstr(xml, "<graph id=\"G\" edgedefault=\"directed\">"));
    assert_null(strstr(xml, "<node"));
    json_decref(jgf);
    json_decref(cy);
}

static void test_cytoscape(void **state)
{
    story_add(*state);
    json_t *json = export_json(*state, "cytoscape", NULL), *element;
    export_expect(json, "data/name", "everything");
    export_expect_none(json, "elements/nodes/0/data/flags"); /* nothing was asked about */
    size_t i;
    const json_t *nodes = export_at(json, "elements/nodes");
    const json_t *run = export_find(nodes, "data/id", "run/r2");
    export_expect(run, "classes", "run");
    export_find(nodes, "data/id", "version/churn/3");
    export_find(nodes, "data/id", "run/ghost");
    json_array_foreach(export_at(json, "elements/edges"), i, element)
    {
        export_find(nodes, "data/id", json_string_value(export_at(element, "data/source")));
        export_find(nodes, "data/id", json_string_value(export_at(element, "data/target")));
    }
    assert_true(i > 20);
    export_expect(json, "elements/edges/0/data/id", "e0");
    json_decref(json);
}

/* "<data key="KEY">…" of the first node of that kind. */
static void test_graphml(void **state)
{
    story_add(*state);
    ML_CLEANUP(ml_freep) char *xml = export_text(*state, "graphml", "churn/1");
    assert_non_null(strstr(xml, "<key id=\"n_seq\" for=\"node\" attr.name=\"seq\" "
                                "attr.type=\"long\"/>"));
    assert_non_null(strstr(xml,
                           "<data key=\"n_id\">version/churn/1</data>"
                           "<data key=\"n_kind\">version</data>"
                           "<data key=\"n_label\">churn/1</data><data key=\"n_seq\">10</data>"));
    assert_non_null(strstr(xml, "<data key=\"g_seq\">20</data>"));
    assert_non_null(strstr(xml, "<data key=\"e_role\">inferred</data>"
                                "<data key=\"e_basis\">inferred</data>"
                                "<data key=\"e_seqs\">4 6</data>"));
    assert_non_null(strstr(xml, "</graphml>\n"));
}

static void test_hostile(void **state)
{
    export_add_hostile(*state);
    json_t *json = export_json(*state, "jgf", NULL);
    const json_t *run = export_at(json, "graph/nodes/run|end");
    export_expect(run, "metadata/params/0/name", EXPORT_HOSTILE);
    export_expect(run, "metadata/params/0/value", EXPORT_HOSTILE);
    export_expect(run, "metadata/params/1/value", "0.10");
    export_expect(run, "metadata/params/2/name", "secret");
    export_expect_none(run, "metadata/params/2/value"); /* erased */
    export_expect(run, "metadata/metrics/0/value", "NaN");
    export_expect(run, "metadata/metrics/1/value", "-inf");
    json_decref(json);
    ML_CLEANUP(ml_freep) char *xml = export_text(*state, "graphml", NULL);
    assert_null(strchr(xml, '\x01'));
    assert_null(strstr(xml, "<b>"));
    assert_non_null(strstr(xml, "&quot;]; &lt;b&gt;&amp;\\N&#10;\xef\xbf\xbd %% {{x}} `y`"));
    ML_CLEANUP(ml_freep) char *chart = export_text(*state, "mermaid", NULL);
    assert_null(strstr(chart, "{{x}}"));
    ML_CLEANUP(ml_freep) char *dot = export_text(*state, "dot", NULL);
    assert_null(strchr(dot, '\x01'));
}

static void test_same_bytes(void **state)
{
    static const char *const formats[] = {"jgf",     "cytoscape", "graphml",
                                          "mermaid", "dot",       "prov-json"};
    story_add(*state);
    for (size_t i = 0; i < ML_COUNT(formats); i++) {
        ML_CLEANUP(ml_freep) char *once = export_text(*state, formats[i], NULL);
        ML_CLEANUP(ml_freep) char *again = export_text(*state, formats[i], NULL);
        assert_string_equal(once, again);
        assert_int_equal(once[strlen(once) - 1], '\n');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_jgf, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_empty, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_cytoscape, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_graphml, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_hostile, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_same_bytes, fixture_set_up, fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
