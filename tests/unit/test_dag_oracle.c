/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The graphs of real DVC projects, imported into a ledger, against what the real DVC says of the
 * same: edges between stages and edges between outputs, as sets. Each is drawn, too.
 */
#include "tests/unit/cmocka_all.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>

#include "export/draw_pipeline.h"
#include "ingest/import.h"
#include "ledger/query/snapshot.h"
#include "tests/unit/ledger_fixture.h"
#include "tests/unit/shared.h"

/* Projects with one root at the top that DVC reads without complaint; there were so many. */
enum { PROJECTS_LEAST = 36 };

/* A set of edges: "from\nto" as the keys of an object. */
static void add_edge(json_t *set, const char *from, const char *to)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf key = {0};
    assert_int_equal(ml_buf_printf(&key, "%s\n%s", from, to), MLEDGER_OK);
    assert_int_equal(ml_buf_append_char(&key, '\0'), MLEDGER_OK);
    assert_int_equal(json_object_set_new(set, (const char *)key.data, json_true()), 0);
}

static json_t *expected_edges(const json_t *project, const char *field)
{
    json_t *set = json_object();
    size_t i;
    json_t *edge;
    json_array_foreach(json_object_get(project, field), i, edge)
    {
        add_edge(set, json_string_value(json_array_get(edge, 0)),
                 json_string_value(json_array_get(edge, 1)));
    }
    return set;
}

static json_t *edges_of(const struct ml_snapshot *snapshot, bool outs)
{
    const struct ml_pipeline_stages stages = {snapshot->stages, snapshot->n_stages};
    ML_CLEANUP(ml_pipeline_graph_release) struct ml_pipeline_graph graph;
    json_t *set = json_object();
    assert_int_equal(ml_pipeline_graph(&stages, outs, &graph), MLEDGER_OK);
    for (size_t i = 0; i < graph.n_edges; i++)
        add_edge(set, graph.names[graph.edges[i].from], graph.names[graph.edges[i].to]);
    return set;
}

static void compare(const struct ml_snapshot *snapshot, const json_t *project, bool outs)
{
    json_t *expected = expected_edges(project, outs ? "out_edges" : "edges");
    json_t *found = edges_of(snapshot, outs);
    if (!json_equal(expected, found))
        fail_msg("%s: %zu %s edges instead of %zu", snapshot->recorded->name,
                 json_object_size(found), outs ? "output" : "stage", json_object_size(expected));
    json_decref(expected);
    json_decref(found);
}

/* As few nodes as a page takes, and all of them in DOT, which costs no layout. */
static void draw(const struct ml_snapshot *snapshot)
{
    static const uint8_t zeros[32];
    const struct ml_draw_pipeline pipeline = {.stages = {snapshot->stages, snapshot->n_stages},
                                              .seq = snapshot->seq};
    const struct ml_draw_frame frame = {.query = snapshot->recorded->name,
                                        .ledger = "oracle",
                                        .identity = zeros,
                                        .head_link = zeros,
                                        .as_of_time = ""};
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    ML_CLEANUP(ml_buf_release) struct ml_buf svg = {0}, dot = {0};
    struct ml_draw_limits limits = ML_DRAW_LIMITS;
    assert_int_equal(ml_draw_pipeline(&pipeline, &frame, &drawing), MLEDGER_OK);
    assert_int_equal(drawing.node_count, snapshot->n_stages);
    assert_int_equal(ml_drawing_render(&drawing, ML_PICTURE_SVG, &limits, &svg), MLEDGER_OK);
    assert_true(svg.len > 0);
    limits.max_nodes = 0;
    assert_int_equal(ml_drawing_render(&drawing, ML_PICTURE_DOT, &limits, &dot), MLEDGER_OK);
    assert_true(dot.len > 0);
}

/* The snapshot that the import recorded, whatever else it did. */
static void check_imported(struct fixture *fixture, const struct ml_import_report *report,
                           const json_t *project)
{
    struct ml_view view;
    struct ml_reader reader;
    size_t snapshots = 0;
    assert_int_equal(ml_view_begin(fixture->ledger, &view), MLEDGER_OK);
    ml_reader_init(&reader, &view, view.head.size - 1);
    struct ml_snapshots loaded = {.reader = &reader};
    for (uint64_t seq = report->first_seq; seq <= report->last_seq; seq++) {
        struct ml_snapshot *snapshot;
        assert_int_equal(ml_snapshot_load(&loaded, seq, &snapshot), MLEDGER_OK);
        if (!snapshot)
            continue;
        snapshots++;
        compare(snapshot, project, false);
        compare(snapshot, project, true);
        draw(snapshot);
    }
    assert_int_equal(snapshots, 1);
    ml_snapshots_release(&loaded);
    ml_reader_release(&reader);
    ml_view_end(&view);
}

/* NULL where DVC refuses the project, or finds several in it. */
static const json_t *only_project(const json_t *expected)
{
    const json_t *projects = json_object_get(expected, "projects");
    const json_t *project = json_array_get(projects, 0);
    const char *root = json_string_value(json_object_get(project, "root"));
    bool usable = json_array_size(projects) == 1 && root && strcmp(root, ".") == 0 &&
                  json_is_array(json_object_get(project, "edges")) &&
                  json_array_size(json_object_get(project, "errors")) == 0;
    return usable ? project : NULL;
}

/* A lock of schema 1.0 was converted for DVC; we read it as it is. */
static size_t name_len(const char *file)
{
    const char *converted = strstr(file, ".lock-converted-to-2.0.json");
    return converted ? (size_t)(converted - file) : strlen(file) - strlen(".json");
}

static bool check_project(struct fixture *fixture, const char *file)
{
    char below[512], path[SHARED_PATH_SIZE];
    snprintf(below, sizeof below, "data/dvc/expected/%s", file);
    assert_true(shared_path(path, below));
    json_t *expected = json_load_file(path, 0, NULL);
    const json_t *project = only_project(expected);
    snprintf(below, sizeof below, "data/dvc/projects/%.*s", (int)name_len(file), file);
    bool usable = project && shared_path(path, below);
    if (usable) {
        ML_CLEANUP(ml_import_report_release) struct ml_import_report report = {0};
        const struct ml_import_options options = {.name = file, .skip_hashing = true};
        if (ml_import_dvc(fixture->ledger, &fixture->signers[ALICE], path, &options, &report) !=
            MLEDGER_OK)
            fail_msg("%s: %s", file, mledger_error_text());
        check_imported(fixture, &report, project);
    }
    json_decref(expected);
    return usable;
}

static void test_projects(void **state)
{
    (void)state;
    char expected[SHARED_PATH_SIZE];
    if (!shared_path(expected, "data/dvc/expected"))
        skip();
    struct fixture fixture;
    struct dirent **entries;
    size_t checked = 0;
    fixture_init(&fixture);
    int count = scandir(expected, &entries, NULL, alphasort);
    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
        const char *end = strrchr(entries[i]->d_name, '.');
        if (end && strcmp(end, ".json") == 0)
            checked += check_project(&fixture, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    fixture_release(&fixture);
    print_message("%zu projects\n", checked);
    assert_true(checked >= PROJECTS_LEAST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_projects)};
    return cmocka_run_group_tests_name("dag_oracle", tests, NULL, NULL);
}
