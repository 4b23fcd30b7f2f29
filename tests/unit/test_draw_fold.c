/* SPDX-License-Identifier: Apache-2.0 */
/* Drawings too large for a page, folded: how many nodes remain and what they say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>

#include "export/draw_fold.h"
#include "export/draw_group.h"

static size_t add(struct ml_drawing *drawing, enum ml_draw_kind kind, const char *name, bool start)
{
    struct ml_draw_node node = {.name = name, .lines = {name}, .kind = kind, .start = start};
    size_t index = SIZE_MAX;
    assert_int_equal(ml_drawing_add_node(drawing, &node, &index), MLEDGER_OK);
    return index;
}

static size_t add_numbered(struct ml_drawing *drawing, enum ml_draw_kind kind, const char *format,
                           size_t number)
{
    char name[64];
    snprintf(name, sizeof name, "%s%04zu", format, number);
    return add(drawing, kind, name, false);
}

static void link_nodes(struct ml_drawing *drawing, size_t from, size_t to, const char *role,
                       uint64_t seq)
{
    struct ml_draw_edge edge = {
        .from = from, .to = to, .label = role, .seqs = &seq, .seq_count = 1};
    assert_int_equal(ml_drawing_add_edge(drawing, &edge), MLEDGER_OK);
}

static const struct ml_draw_node *find_group(const struct ml_drawing *drawing)
{
    for (size_t i = 0; i < drawing->node_count; i++) {
        if (drawing->nodes[i].kind == ML_DRAW_GROUP)
            return &drawing->nodes[i];
    }
    return NULL;
}

/* A dataset and `runs` runs, the first of which made a model. */
static void make_fan(struct ml_drawing *drawing, size_t runs)
{
    ml_drawing_init(drawing);
    size_t dataset = add(drawing, ML_DRAW_DATASET, "mnist", true);
    for (size_t i = 0; i < runs; i++) {
        size_t run = add_numbered(drawing, ML_DRAW_RUN, "run-", i);
        link_nodes(drawing, dataset, run, "training", 1000 + i);
        if (i == 0)
            link_nodes(drawing, run, add(drawing, ML_DRAW_MODEL_VERSION, "m 1", false),
                       "registered", 5000);
    }
}

static void test_fan(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing, folded = {0};
    make_fan(&drawing, 300);
    assert_int_equal(ml_draw_fold(&drawing, 150, &folded), MLEDGER_OK);
    assert_int_equal(folded.node_count, 4);
    assert_int_equal(folded.edge_count, 3);
    const struct ml_draw_node *group = find_group(&folded);
    assert_non_null(group);
    assert_int_equal(group->members, 299);
    assert_int_equal(group->members_kind, ML_DRAW_RUN);
    assert_string_equal(group->lines[0], "+299 more runs");
    assert_string_equal(group->lines[1], "run-0001 \xe2\x80\xa6 run-0299");
    assert_string_equal(folded.folded,
                        "302 nodes drawn as 4; folded: 299 runs; --max-nodes draws more");
    const struct ml_draw_edge *edge = &folded.edges[2];
    assert_int_equal(edge->times, 299);
    assert_int_equal(edge->seq_count, 299);
    assert_int_equal(edge->seqs[0], 1001);
    assert_int_equal(edge->seqs[298], 1299);
    assert_string_equal(edge->label, "training");
}

/* Five of a kind are a fan, four are not; more than usual are allowed to who asks for them. */
static void test_small_fans_are_folded(void **state)
{
    (void)state;
    static const struct {
        size_t runs, max_nodes, nodes;
    } cases[] = {{40, 150, 4}, {6, 150, 4}, {5, 150, 7}, {40, 151, 42}, {40, 0, 42}};
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing, folded = {0};
        make_fan(&drawing, cases[i].runs);
        assert_int_equal(ml_draw_fold(&drawing, cases[i].max_nodes, &folded), MLEDGER_OK);
        assert_int_equal(folded.node_count, cases[i].nodes);
    }
}

static void expect_extent(const char *stem, const char *extent)
{
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing, folded = {0};
    ml_drawing_init(&drawing);
    size_t data = add(&drawing, ML_DRAW_DATASET, "data", true);
    for (size_t i = 1; i <= 9; i++)
        link_nodes(&drawing, data, add_numbered(&drawing, ML_DRAW_RUN, stem, i), NULL, i);
    assert_int_equal(ml_draw_fold(&drawing, 150, &folded), MLEDGER_OK);
    assert_non_null(find_group(&folded));
    assert_string_equal(find_group(&folded)->lines[1], extent);
}

/* What all have in common, or, where names are short, from which to which. */
static void test_what_a_group_is_called(void **state)
{
    (void)state;
    expect_extent("run-", "run-0001 \xe2\x80\xa6 run-0009");
    expect_extent("data/raw/x", "data/raw/\xe2\x80\xa6");
    expect_extent("train@eu-", "train@\xe2\x80\xa6");
    expect_extent("features-lida-in-merged-", "features-lida-in-merged-\xe2\x80\xa6");
    expect_extent("anameofmanyletters", "anameo\xe2\x80\xa6"
                                        "ers0001 \xe2\x80\xa6 anameo\xe2\x80\xa6"
                                        "ers0009");
}

/* Nobody looks for a run by its name, but everybody for an approval. */
static void test_decisions_are_no_fan(void **state)
{
    (void)state;
    static const enum ml_draw_kind kinds[] = {ML_DRAW_VALIDATION,  ML_DRAW_APPROVAL,
                                              ML_DRAW_MODEL_STAGE, ML_DRAW_DEPLOYMENT,
                                              ML_DRAW_INCIDENT,    ML_DRAW_PIPELINE_STAGE};
    for (size_t i = 0; i < ML_COUNT(kinds); i++) {
        ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing, folded = {0};
        ml_drawing_init(&drawing);
        size_t version = add(&drawing, ML_DRAW_MODEL_VERSION, "version", true);
        for (size_t k = 0; k < 12; k++)
            link_nodes(&drawing, version, add_numbered(&drawing, kinds[i], "decision-", k), NULL,
                       k);
        assert_int_equal(ml_draw_fold(&drawing, 150, &folded), MLEDGER_OK);
        assert_int_equal(folded.node_count, 13);
    }
}

/* Few enough, but all in one column; who asks for more nodes gets a taller one. */
static void test_tall_column_is_folded(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing, folded = {0}, tall = {0};
    make_fan(&drawing, 100);
    assert_int_equal(ml_draw_fold(&drawing, 150, &folded), MLEDGER_OK);
    assert_int_equal(folded.node_count, 4);
    assert_string_equal(folded.folded,
                        "102 nodes drawn as 4; folded: 99 runs; --max-nodes draws more");
    assert_int_equal(ml_draw_fold(&drawing, 400, &tall), MLEDGER_OK);
    assert_int_equal(tall.node_count, 102);
}

/* Stages with neighbours of their own are no siblings; the tall column is folded, not those beside
 * it. */
static void test_tall_column_is_folded_by_itself(void **state)
{
    (void)state;
    enum { STAGES = 50, SOURCES = 10 };
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing, folded = {0};
    ml_drawing_init(&drawing);
    size_t sources[SOURCES];
    for (size_t i = 0; i < SOURCES; i++)
        sources[i] = add_numbered(&drawing, ML_DRAW_FILE, "raw/file-", i);
    for (size_t i = 0; i < STAGES; i++) {
        size_t stage = add_numbered(&drawing, ML_DRAW_PIPELINE_STAGE, "eval/stage-", i);
        for (size_t bit = 0; bit < SOURCES; bit++)
            if ((i + 1) >> bit & 1 || bit == SOURCES - 1)
                link_nodes(&drawing, sources[bit], stage, "used", i);
    }
    assert_int_equal(ml_draw_fold(&drawing, 150, &folded), MLEDGER_OK);
    assert_non_null(find_group(&folded));
    assert_int_equal(find_group(&folded)->members, STAGES);
    assert_int_equal(folded.node_count, SOURCES + 1);
}

/* Where sources stand right before what reads them, a long chain with many is not tall. */
static void test_sources_along_a_chain_are_not_tall(void **state)
{
    (void)state;
    enum { STAGES = 20, SOURCES = 4 };
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing, folded = {0};
    ml_drawing_init(&drawing);
    size_t before = 0;
    for (size_t i = 0; i < STAGES; i++) {
        size_t stage = add_numbered(&drawing, ML_DRAW_PIPELINE_STAGE, "stage-", i);
        if (i > 0)
            link_nodes(&drawing, before, stage, "used", i);
        for (size_t k = 0; k < SOURCES; k++)
            link_nodes(&drawing, add_numbered(&drawing, ML_DRAW_FILE, "file-", i * 10 + k), stage,
                       "used", i);
        before = stage;
    }
    assert_int_equal(ml_draw_fold(&drawing, 150, &folded), MLEDGER_OK);
    assert_int_equal(folded.node_count, STAGES * (SOURCES + 1));
}

/* What no edge joins is no column: it is laid out in rows. */
static void test_unconnected_are_not_tall(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing, folded = {0};
    ml_drawing_init(&drawing);
    for (size_t i = 0; i < 100; i++)
        add_numbered(&drawing, ML_DRAW_DATASET, "data-", i);
    assert_int_equal(ml_draw_fold(&drawing, 150, &folded), MLEDGER_OK);
    assert_int_equal(folded.node_count, 100);
}

/* Four are not worth a group, five are. */
static void test_threshold(void **state)
{
    (void)state;
    for (size_t runs = 4; runs <= 5; runs++) {
        ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
        ML_CLEANUP(ml_groups_release) struct ml_groups groups;
        make_fan(&drawing, runs + 1); /* the first is told apart by its model */
        assert_int_equal(ml_groups_init(&groups, &drawing), MLEDGER_OK);
        assert_int_equal(ml_groups_merge_siblings(&groups, 5, 1), MLEDGER_OK);
        assert_int_equal(groups.count, runs == 4 ? 7 : 4);
    }
}

static void test_parallel_edges_are_one(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing, folded = {0};
    ml_drawing_init(&drawing);
    size_t a = add(&drawing, ML_DRAW_DATASET, "a", false),
           b = add(&drawing, ML_DRAW_RUN, "b", false);
    link_nodes(&drawing, a, b, "training", 9);
    link_nodes(&drawing, a, b, "validation", 7);
    link_nodes(&drawing, a, b, "training", 9);
    struct ml_draw_edge inferred = {.from = a, .to = b, .style = ML_DRAW_INFERRED};
    assert_int_equal(ml_drawing_add_edge(&drawing, &inferred), MLEDGER_OK);
    assert_int_equal(ml_draw_fold(&drawing, 0, &folded), MLEDGER_OK);
    assert_int_equal(folded.edge_count, 2); /* what is recorded and what is inferred stay apart */
    assert_string_equal(folded.edges[0].label, "training, validation");
    assert_int_equal(folded.edges[0].seq_count, 2);
    assert_int_equal(folded.edges[0].seqs[0], 7);
    assert_int_equal(folded.edges[0].times, 0);
    assert_int_equal(folded.edges[1].style, ML_DRAW_INFERRED);
}

/* 3 foreach stages of 100 items, each item a chain with its own dataset: 600 nodes. */
static void test_foreach(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing, folded = {0};
    ml_drawing_init(&drawing);
    for (size_t item = 0; item < 100; item++) {
        static const char *const stages[] = {"clean@", "train@", "score@"};
        size_t before = SIZE_MAX;
        for (size_t i = 0; i < ML_COUNT(stages); i++) {
            size_t stage = add_numbered(&drawing, ML_DRAW_PIPELINE_STAGE, stages[i], item);
            size_t out = add_numbered(&drawing, ML_DRAW_DATASET, stages[i], item);
            if (before != SIZE_MAX)
                link_nodes(&drawing, before, stage, "dep", 1);
            link_nodes(&drawing, stage, out, "out", 1);
            before = out;
        }
    }
    assert_int_equal(ml_draw_fold(&drawing, 150, &folded), MLEDGER_OK);
    assert_int_equal(folded.node_count, 6);
    assert_int_equal(folded.edge_count, 5);
    assert_string_equal(find_group(&folded)->lines[0], "100 pipeline stages");
    assert_string_equal(find_group(&folded)->lines[1], "clean@\xe2\x80\xa6");
}

/* Files that differ in their neighbours, in 4 directories. */
static void test_directories(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing, folded = {0};
    ml_drawing_init(&drawing);
    size_t previous = add(&drawing, ML_DRAW_RUN, "run", true);
    for (size_t i = 0; i < 400; i++) {
        char prefix[32];
        snprintf(prefix, sizeof prefix, "data/d%zu/f", i % 4);
        size_t file = add_numbered(&drawing, ML_DRAW_DATASET, prefix, i);
        link_nodes(&drawing, previous, file, "next", i);
        previous = file;
    }
    assert_int_equal(ml_draw_fold(&drawing, 150, &folded), MLEDGER_OK);
    assert_int_equal(folded.node_count, 5);
    assert_string_equal(find_group(&folded)->lines[1], "data/d0/\xe2\x80\xa6");
    assert_string_equal(folded.folded,
                        "401 nodes drawn as 5; folded: 400 datasets; --max-nodes draws more");
}

static void make_chain(struct ml_drawing *drawing, size_t count, bool start)
{
    ml_drawing_init(drawing);
    for (size_t i = 0; i < count; i++) {
        size_t node = add_numbered(drawing, i % 2 ? ML_DRAW_RUN : ML_DRAW_DATASET, "n", i);
        if (i)
            link_nodes(drawing, node - 1, node, "", i);
        drawing->nodes[node].start = start && i == 0;
    }
}

static void test_far_from_start(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing, folded = {0};
    make_chain(&drawing, 4000, true);
    assert_int_equal(ml_draw_fold(&drawing, 150, &folded), MLEDGER_OK);
    assert_int_equal(folded.node_count, 150);
    assert_string_equal(folded.nodes[147].name, "n0147"); /* near: as it was */
    assert_int_equal(folded.nodes[148].kind, ML_DRAW_GROUP);
    assert_int_equal(folded.nodes[148].members + folded.nodes[149].members, 4000 - 148);
}

static void test_bands(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing, folded = {0};
    make_chain(&drawing, 4000, false);
    assert_int_equal(ml_draw_fold(&drawing, 150, &folded), MLEDGER_OK);
    assert_true(folded.node_count <= 150);
    assert_true(folded.node_count > 100);
}

static void test_cycle(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing, folded = {0};
    make_chain(&drawing, 1000, false);
    link_nodes(&drawing, 999, 0, "back", 1);
    assert_int_equal(ml_draw_fold(&drawing, 150, &folded), MLEDGER_OK);
    assert_true(folded.node_count <= 150);
}

/* No way of folding invents or loses: members and single nodes add up. */
static void test_nothing_is_lost(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    make_chain(&drawing, 500, true);
    uint64_t random = 1;
    for (size_t i = 0; i < 900; i++) {
        random = random * 6364136223846793005U + 1442695040888963407U;
        link_nodes(&drawing, (random >> 33) % 500, (random >> 45) % 500, "x", i);
    }
    for (size_t most = 1; most <= 500; most += 37) {
        ML_CLEANUP(ml_drawing_release) struct ml_drawing folded = {0};
        size_t sum = 0;
        assert_int_equal(ml_draw_fold(&drawing, most, &folded), MLEDGER_OK);
        for (size_t i = 0; i < folded.node_count; i++)
            sum += folded.nodes[i].members ? folded.nodes[i].members : 1;
        assert_int_equal(sum, 500);
        assert_true(folded.node_count <= (most > 3 ? most : 3)); /* start and two kinds */
    }
}

/* 40 datasets, each used by each of 40 runs with a file of its own: 1600 edges among 80 nodes. */
static void test_tangle(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing, folded = {0};
    ml_drawing_init(&drawing);
    for (size_t i = 0; i < 120; i++) {
        static const enum ml_draw_kind kinds[] = {ML_DRAW_DATASET, ML_DRAW_RUN, ML_DRAW_ARTIFACT};
        add_numbered(&drawing, kinds[i / 40], "n", i);
    }
    for (size_t run = 40; run < 80; run++) {
        for (size_t dataset = 0; dataset < 40; dataset++)
            link_nodes(&drawing, dataset, run, "training", run);
        link_nodes(&drawing, run, run + 40, "output", run);
    }
    assert_int_equal(ml_draw_fold(&drawing, 120, &folded), MLEDGER_OK);
    assert_true(folded.edge_count <= 360);
    assert_true(folded.node_count < 120);
}

static void test_empty(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing, folded = {0};
    ml_drawing_init(&drawing);
    assert_int_equal(ml_draw_fold(&drawing, 150, &folded), MLEDGER_OK);
    assert_int_equal(folded.node_count, 0);
}

static void test_marks_survive(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing, folded = {0};
    make_fan(&drawing, 40);
    for (size_t i = 3; i < 20; i++)
        drawing.nodes[i].highlighted = drawing.edges[i].highlighted = true;
    assert_int_equal(ml_draw_fold(&drawing, 10, &folded), MLEDGER_OK);
    size_t highlighted = 0;
    for (size_t i = 0; i < folded.node_count; i++)
        highlighted += folded.nodes[i].highlighted ? folded.nodes[i].members : 0;
    assert_int_equal(highlighted, 17); /* a group of their own */
}

static size_t node_of(struct ml_drawing *drawing, json_t *indexes, const char *name)
{
    json_t *known = json_object_get(indexes, name);
    if (known)
        return (size_t)json_integer_value(known);
    size_t index = add(drawing, ML_DRAW_PIPELINE_STAGE, name, false);
    assert_int_equal(json_object_set_new(indexes, name, json_integer((json_int_t)index)), 0);
    return index;
}

static void draw_pipeline(struct ml_drawing *drawing, json_t *edges)
{
    json_t *indexes = json_object(), *edge;
    size_t i;
    ml_drawing_init(drawing);
    json_array_foreach(edges, i, edge)
    {
        size_t from = node_of(drawing, indexes, json_string_value(json_array_get(edge, 0)));
        size_t to = node_of(drawing, indexes, json_string_value(json_array_get(edge, 1)));
        link_nodes(drawing, from, to, "dep", 1);
    }
    json_decref(indexes);
}

/* A real pipeline: 4,166 stages that foreach and matrix made of ten. */
static void test_real_pipeline(void **state)
{
    (void)state;
    const char *shared = getenv("MLEDGER_SHARED");
    char path[4096];
    snprintf(path, sizeof path, "%s/data/dvc/expected/dfsnow+opentimes.json",
             shared ? shared : MLEDGER_SHARED_DIR);
    json_t *root = json_load_file(path, 0, NULL);
    if (!root) {
        print_message("skipped: %s is not there\n", path);
        skip();
    }
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing, folded = {0};
    json_t *project = json_array_get(json_object_get(root, "projects"), 0);
    draw_pipeline(&drawing, json_object_get(project, "edges"));
    json_decref(root);
    assert_int_equal(drawing.node_count, 4166);
    assert_int_equal(ml_draw_fold(&drawing, 150, &folded), MLEDGER_OK);
    assert_int_equal(folded.node_count, 10);
    assert_string_equal(
        folded.folded,
        "4166 nodes drawn as 10; folded: 4166 pipeline stages; --max-nodes draws more");
}

static void test_limits_of_the_model(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    ml_drawing_init(&drawing);
    size_t index = add(&drawing, ML_DRAW_RUN, "run", false);
    struct ml_draw_edge edge = {.from = index, .to = index + 1};
    assert_int_equal(ml_drawing_add_edge(&drawing, &edge), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "the drawing has no node 1");
    struct ml_draw_node node = {.name = "x", .cluster = 1};
    assert_int_equal(ml_drawing_add_node(&drawing, &node, &index), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "the drawing has no cluster 1");
    for (size_t i = 0; i < ML_DRAW_TITLES_MAX; i++)
        assert_int_equal(ml_drawing_add_title(&drawing, "t"), MLEDGER_OK);
    assert_int_equal(ml_drawing_add_title(&drawing, "t"), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "a drawing holds at most 8 title lines");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fan),
        cmocka_unit_test(test_small_fans_are_folded),
        cmocka_unit_test(test_what_a_group_is_called),
        cmocka_unit_test(test_decisions_are_no_fan),
        cmocka_unit_test(test_tall_column_is_folded),
        cmocka_unit_test(test_tall_column_is_folded_by_itself),
        cmocka_unit_test(test_sources_along_a_chain_are_not_tall),
        cmocka_unit_test(test_unconnected_are_not_tall),
        cmocka_unit_test(test_threshold),
        cmocka_unit_test(test_parallel_edges_are_one),
        cmocka_unit_test(test_foreach),
        cmocka_unit_test(test_directories),
        cmocka_unit_test(test_far_from_start),
        cmocka_unit_test(test_bands),
        cmocka_unit_test(test_cycle),
        cmocka_unit_test(test_nothing_is_lost),
        cmocka_unit_test(test_tangle),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_marks_survive),
        cmocka_unit_test(test_real_pipeline),
        cmocka_unit_test(test_limits_of_the_model),
    };
    return cmocka_run_group_tests_name("draw_fold", tests, NULL, NULL);
}
