/* SPDX-License-Identifier: Apache-2.0 */
/* Lineage as people see it in a picture: no line without its records, no kind passed off as
 * another, nothing left out in silence. */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>

#include "export/draw_lineage.h"

enum {
    VERSION,
    RUN,
    PARAMS,
    MODEL_FILE,
    STAGE,
    RAW,
    COMMIT,
    APPROVAL,
    INCIDENT,
    ALICE,
    BOB,
    NODES
};

static uint8_t identity[32] = {0xab, 0xcd}, head_link[32] = {0x12, 0x34};

static const struct ml_draw_frame frame = {
    .query = "lineage of churn/3",
    .ledger = "models",
    .identity = identity,
    .head_seq = 57,
    .head_link = head_link,
    .as_of = 40,
    .as_of_time = "2026-03-01T12:00:00Z",
};

static uint8_t digest_bytes[32] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};
static Mledger__Digest sha256 = {.algorithm = MLEDGER__ALGORITHM__SHA256,
                                 .value = {.len = 32, .data = digest_bytes},
                                 .standing = MLEDGER__STANDING__SEEN};
static Mledger__Digest md5 = {.algorithm = MLEDGER__ALGORITHM__MD5,
                              .value = {.len = 16, .data = digest_bytes},
                              .standing = MLEDGER__STANDING__CLAIMED};
static const Mledger__Digest *digests[] = {&md5, &sha256};

static struct ml_attribute standing[] = {{"stage", "Production"}, {"alias", "champion"}};
static struct ml_attribute run_name[] = {{"name", "february"}};
static struct ml_attribute file_path[] = {{"path", "model/weights.json"}};
static struct ml_attribute pipeline[] = {{"pipeline", "churn"}};

static const struct ml_node story_nodes[NODES] = {
    [VERSION] = {.kind = ML_NODE_VERSION,
                 .flags = ML_NODE_START,
                 .id = "version:churn/3",
                 .label = "churn/3",
                 .seq = 30,
                 .attributes = standing,
                 .n_attributes = 2},
    [RUN] = {.kind = ML_NODE_RUN,
             .id = "run:0123456789abcdef",
             .label = "run 0123456789abcdef",
             .seq = 20,
             .attributes = run_name,
             .n_attributes = 1},
    [PARAMS] = {.kind = ML_NODE_PARAMS, .id = "params:21", .label = "8 parameters", .seq = 21},
    [MODEL_FILE] = {.kind = ML_NODE_FILE,
                    .id = "file:sha256:0123",
                    .label = "model/weights.json sha256:0123456789ab",
                    .seq = 12,
                    .digests = digests,
                    .n_digests = 2,
                    .attributes = file_path,
                    .n_attributes = 1},
    [STAGE] = {.kind = ML_NODE_STAGE,
               .id = "stage:train@12",
               .label = "train",
               .seq = 12,
               .attributes = pipeline,
               .n_attributes = 1},
    [RAW] = {.kind = ML_NODE_DATASET,
             .id = "dataset:raw@home@sha256:0123456789ab",
             .label = "raw@home sha256:0123456789ab",
             .seq = 11,
             .digests = digests,
             .n_digests = 2},
    [COMMIT] = {.kind = ML_NODE_COMMIT, .id = "commit:99", .label = "commit 99", .seq = 20},
    [APPROVAL] = {.kind = ML_NODE_APPROVAL,
                  .id = "approval:35",
                  .label = "approval for Production",
                  .seq = 35},
    [INCIDENT] = {.kind = ML_NODE_INCIDENT,
                  .flags = ML_NODE_ERASED,
                  .id = "incident:38",
                  .label = "incident INC-7",
                  .seq = 38,
                  .erased_by = 39},
    [ALICE] = {.kind = ML_NODE_AGENT, .id = "actor:alice", .label = "alice", .seq = 0},
    [BOB] = {.kind = ML_NODE_AGENT, .id = "actor:bob", .label = "bob", .seq = 5},
};

static uint64_t seqs[][2] = {{30, 0}, {20, 21}, {12, 0}, {11, 12}, {35, 0}, {38, 0}, {22, 12}};

#define EDGE(a, b, what, how, which, count)                                                        \
    {                                                                                              \
        .from = (a), .to = (b), .role = (what), .kind = (how), .seqs = seqs[which],                \
        .n_seqs = (count)                                                                          \
    }

static const struct ml_edge story_edges[] = {
    EDGE(RUN, VERSION, ML_ROLE_REGISTERED_FROM, ML_EDGE_RECORDED, 0, 1),
    EDGE(PARAMS, RUN, ML_ROLE_PARAMETERS, ML_EDGE_RECORDED, 1, 2),
    EDGE(COMMIT, RUN, ML_ROLE_CODE, ML_EDGE_RECORDED, 1, 1),
    EDGE(RUN, MODEL_FILE, ML_ROLE_GENERATED, ML_EDGE_RECORDED, 1, 1),
    EDGE(STAGE, MODEL_FILE, ML_ROLE_GENERATED, ML_EDGE_SAME_CONTENT, 2, 1),
    EDGE(RAW, STAGE, ML_ROLE_USED, ML_EDGE_RECORDED, 3, 2),
    EDGE(VERSION, APPROVAL, ML_ROLE_APPROVED_BY, ML_EDGE_RECORDED, 4, 1),
    EDGE(VERSION, INCIDENT, ML_ROLE_CONCERNED_BY, ML_EDGE_RECORDED, 5, 1),
    {.from = STAGE,
     .to = RUN,
     .role = ML_ROLE_INFERRED,
     .kind = ML_EDGE_INFERRED,
     .seqs = seqs[6],
     .n_seqs = 2,
     .grounds = "after commit 99; parameters equal 8 of 8"},
    EDGE(ALICE, RUN, ML_ROLE_ASSOCIATED, ML_EDGE_RECORDED, 1, 1),
    EDGE(ALICE, APPROVAL, ML_ROLE_ASSOCIATED, ML_EDGE_RECORDED, 4, 1),
    EDGE(BOB, APPROVAL, ML_ROLE_ASSOCIATED, ML_EDGE_RECORDED, 4, 1),
};

static const char *unknown[] = {"first", "second", "third", "fourth"};

/* Arrays of the graph are copies, for tests to change. */
struct story {
    struct ml_node nodes[NODES];
    struct ml_edge edges[ML_COUNT(story_edges)];
    struct ml_graph graph;
};

static void make_story(struct story *story)
{
    memcpy(story->nodes, story_nodes, sizeof story_nodes);
    memcpy(story->edges, story_edges, sizeof story_edges);
    story->graph = (struct ml_graph){.nodes = story->nodes,
                                     .n_nodes = NODES,
                                     .edges = story->edges,
                                     .n_edges = ML_COUNT(story_edges),
                                     .as_of = 40,
                                     .up = true};
}

static void draw(const struct ml_graph *graph, struct ml_drawing *ret_drawing)
{
    if (ml_draw_lineage(graph, &frame, ret_drawing) != MLEDGER_OK)
        fail_msg("%s", mledger_error_text());
}

static const struct ml_draw_node *node_called(const struct ml_drawing *drawing, const char *name)
{
    for (size_t i = 0; i < drawing->node_count; i++)
        if (strcmp(drawing->nodes[i].name, name) == 0)
            return &drawing->nodes[i];
    return NULL;
}

static const struct ml_draw_edge *edge_between(const struct ml_drawing *drawing, const char *from,
                                               const char *to)
{
    for (size_t i = 0; i < drawing->edge_count; i++) {
        const struct ml_draw_edge *edge = &drawing->edges[i];
        if (strcmp(drawing->nodes[edge->from].name, from) == 0 &&
            strcmp(drawing->nodes[edge->to].name, to) == 0)
            return edge;
    }
    return NULL;
}

static void expect_lines(const struct ml_drawing *drawing, const char *name, const char *first,
                         const char *second, const char *third)
{
    const struct ml_draw_node *node = node_called(drawing, name);
    assert_non_null(node);
    assert_string_equal(node->lines[0], first);
    assert_string_equal(node->lines[1], second);
    assert_string_equal(node->lines[2], third);
}

/* ---- tests ---- */

static void test_titles(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    struct story story;
    make_story(&story);
    draw(&story.graph, &drawing);
    assert_int_equal(drawing.title_count, 3);
    assert_string_equal(drawing.titles[0], "lineage of churn/3");
    assert_string_equal(drawing.titles[1],
                        "ledger models, identity abcd000000000000\xe2\x80\xa6; head #57, link "
                        "1234000000000000\xe2\x80\xa6");
    assert_string_equal(drawing.titles[2], "as of record #40, 2026-03-01T12:00:00Z");
}

static void test_unknown_is_said(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing few, many;
    struct story story;
    make_story(&story);
    story.graph.unknown = unknown;
    story.graph.n_unknown = 3;
    draw(&story.graph, &few);
    assert_int_equal(few.title_count, 6);
    assert_string_equal(few.titles[5], "not known: third");
    story.graph.n_unknown = 4;
    draw(&story.graph, &many);
    assert_int_equal(many.title_count, 6);
    assert_string_equal(many.titles[4], "not known: second");
    assert_string_equal(many.titles[5], "not known: 2 more; the text says them all");
}

static void test_nodes(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    struct story story;
    make_story(&story);
    draw(&story.graph, &drawing);
    assert_int_equal(drawing.node_count, NODES - 2); /* agents are lines in what they did */
    expect_lines(&drawing, "version:churn/3", "churn/3", "Production @champion", "#30");
    expect_lines(&drawing, "run:0123456789abcdef", "february", "0123456789ab", "#20 by alice");
    expect_lines(&drawing, "file:sha256:0123", "model/weights.json", "sha256:0123456789ab", "#12");
    expect_lines(&drawing, "dataset:raw@home@sha256:0123456789ab", "raw@home",
                 "sha256:0123456789ab", "#11");
    expect_lines(&drawing, "approval:35", "for Production", "", "#35 by alice, bob");
    expect_lines(&drawing, "incident:38", "INC-7", "erased by #39", "#38");
    const struct ml_draw_node *file = node_called(&drawing, "file:sha256:0123");
    assert_non_null(strstr(file->tooltip, "md5:0123456789abcdef0000000000000000 (claimed)"));
    assert_non_null(strstr(file->tooltip, " (seen)"));
    for (size_t i = 0; i < drawing.node_count; i++)
        assert_int_equal(drawing.nodes[i].start,
                         strcmp(drawing.nodes[i].name, "version:churn/3") == 0);
}

static void test_flags(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    struct story story;
    make_story(&story);
    story.nodes[RUN].flags = ML_NODE_UNSEEN | ML_NODE_CUT;
    story.nodes[VERSION].flags = ML_NODE_START | ML_NODE_DELETED;
    draw(&story.graph, &drawing);
    expect_lines(&drawing, "run:0123456789abcdef", "february",
                 "0123456789ab, never recorded, more behind it", "#20 by alice");
    expect_lines(&drawing, "version:churn/3", "churn/3", "Production @champion, deleted", "#30");
    assert_true(node_called(&drawing, "version:churn/3")->dimmed);
    assert_false(node_called(&drawing, "stage:train@12")->dimmed);
}

/* Every edge but those from agents, with all its records and the style of its kind. */
static void test_edges(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    struct story story;
    make_story(&story);
    draw(&story.graph, &drawing);
    assert_int_equal(drawing.edge_count, ML_COUNT(story_edges) - 3);
    for (size_t i = 0; i < drawing.edge_count; i++)
        assert_true(drawing.edges[i].seq_count > 0);
    const struct ml_draw_edge *params = edge_between(&drawing, "params:21", "run:0123456789abcdef");
    assert_int_equal(params->style, ML_DRAW_RECORDED);
    assert_int_equal(params->seq_count, 2);
    assert_int_equal(params->seqs[1], 21);
    const struct ml_draw_edge *same = edge_between(&drawing, "stage:train@12", "file:sha256:0123");
    assert_int_equal(same->style, ML_DRAW_SAME_CONTENT);
    const struct ml_draw_edge *inferred =
        edge_between(&drawing, "stage:train@12", "run:0123456789abcdef");
    assert_int_equal(inferred->style, ML_DRAW_INFERRED);
    assert_string_equal(inferred->label, "inferred");
    assert_string_equal(inferred->tooltip, "after commit 99; parameters equal 8 of 8");
}

static void test_confirmed_is_recorded(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    struct story story;
    make_story(&story);
    for (size_t i = 0; i < story.graph.n_edges; i++)
        if (story.edges[i].kind == ML_EDGE_INFERRED) {
            story.edges[i].kind = ML_EDGE_CONFIRMED;
            story.edges[i].role = ML_ROLE_CONFIRMED;
        }
    draw(&story.graph, &drawing);
    const struct ml_draw_edge *edge =
        edge_between(&drawing, "stage:train@12", "run:0123456789abcdef");
    assert_int_equal(edge->style, ML_DRAW_RECORDED);
    assert_string_equal(edge->label, "confirmed");
}

static const char *frame_of(const struct ml_drawing *drawing, const char *name)
{
    size_t cluster = node_called(drawing, name)->cluster;
    return cluster ? drawing->clusters[cluster - 1].label : "";
}

static void test_frames(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing, alone;
    struct story story;
    make_story(&story);
    draw(&story.graph, &drawing);
    assert_string_equal(frame_of(&drawing, "version:churn/3"), "model version churn/3");
    assert_string_equal(frame_of(&drawing, "run:0123456789abcdef"), "model version churn/3");
    assert_string_equal(frame_of(&drawing, "params:21"), "model version churn/3");
    assert_string_equal(frame_of(&drawing, "approval:35"), "model version churn/3");
    /* Two made it, so it is neither's. What only one stage read is everybody's. */
    assert_string_equal(frame_of(&drawing, "file:sha256:0123"), "");
    assert_string_equal(frame_of(&drawing, "dataset:raw@home@sha256:0123456789ab"), "");
    assert_string_equal(frame_of(&drawing, "commit:99"), "");
    /* A frame around one node would say nothing. */
    assert_string_equal(frame_of(&drawing, "stage:train@12"), "");
    story.graph.n_edges = 6; /* without what the run made */
    for (size_t i = 0; i < story.graph.n_edges; i++)
        if (story.edges[i].from == RUN && story.edges[i].to == MODEL_FILE)
            story.edges[i] = story.edges[i + 1];
    draw(&story.graph, &alone);
    assert_string_equal(frame_of(&alone, "file:sha256:0123"), "pipeline churn, #12");
    assert_string_equal(frame_of(&alone, "stage:train@12"), "pipeline churn, #12");
}

/* A snapshot's commit stands in its frame instead of in a line to each stage, unless it is what was
 * asked for. */
static void test_commit_of_a_frame(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing, asked;
    struct story story;
    make_story(&story);
    story.edges[0] = story_edges[4]; /* train made the model */
    story.edges[1] = story_edges[2];
    story.edges[1].to = STAGE; /* at the commit */
    story.graph.n_edges = 2;
    draw(&story.graph, &drawing);
    assert_string_equal(frame_of(&drawing, "stage:train@12"), "pipeline churn, #12, at commit 99");
    assert_null(node_called(&drawing, "commit:99"));
    assert_int_equal(drawing.edge_count, 1);
    story.nodes[COMMIT].flags = ML_NODE_START;
    draw(&story.graph, &asked);
    assert_non_null(edge_between(&asked, "commit:99", "stage:train@12"));
}

static void test_kinds_of_files(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing made, tracked, found;
    struct story story;
    make_story(&story);
    draw(&story.graph, &made);
    assert_int_equal(node_called(&made, "file:sha256:0123")->kind, ML_DRAW_ARTIFACT);
    story.edges[0] = story_edges[4];
    story.graph.n_edges = 1;
    story.nodes[STAGE].label = "data/raw.csv.dvc";
    draw(&story.graph, &tracked);
    assert_int_equal(node_called(&tracked, "file:sha256:0123")->kind, ML_DRAW_DATASET);
    expect_lines(&tracked, "stage:train@12", "raw.csv.dvc", "data", "#12");
    story.graph.n_edges = 0;
    draw(&story.graph, &found);
    assert_int_equal(node_called(&found, "file:sha256:0123")->kind, ML_DRAW_FILE);
}

/* A whole pipeline that was asked for can still be folded. */
static void test_many_starts_are_not_marked(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    struct ml_node nodes[ML_DRAW_STARTS_MAX + 1];
    char ids[ML_COUNT(nodes)][32];
    for (size_t i = 0; i < ML_COUNT(nodes); i++) {
        snprintf(ids[i], sizeof ids[i], "stage:s%zu@1", i);
        nodes[i] = (struct ml_node){
            .kind = ML_NODE_STAGE, .flags = ML_NODE_START, .id = ids[i], .label = ids[i], .seq = 1};
    }
    struct ml_graph graph = {.nodes = nodes, .n_nodes = ML_COUNT(nodes)};
    draw(&graph, &drawing);
    assert_int_equal(drawing.node_count, ML_COUNT(nodes));
    assert_false(drawing.nodes[0].start);
}

static void test_hostile_names(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    ML_CLEANUP(ml_buf_release) struct ml_buf svg = {0};
    struct ml_draw_limits limits = ML_DRAW_LIMITS;
    struct ml_attribute bad[] = {{"stage", "\"/><script>alert(1)</script>\n#99"}};
    struct story story;
    make_story(&story);
    story.nodes[VERSION].label = "</text><script>alert(1)</script>\x1b[2J\\N";
    story.nodes[VERSION].attributes = bad;
    story.nodes[VERSION].n_attributes = 1;
    story.nodes[ALICE].label = "\xe2\x80\xae"
                               "alice\xff";
    draw(&story.graph, &drawing);
    assert_int_equal(ml_drawing_render(&drawing, ML_PICTURE_SVG, &limits, &svg), MLEDGER_OK);
    assert_int_equal(ml_buf_append_char(&svg, '\0'), MLEDGER_OK);
    const char *text = (const char *)svg.data;
    assert_null(strstr(text, "<script"));
    assert_null(strchr(text, '\x1b'));
    assert_null(strstr(text, "\xe2\x80\xae"));
    assert_non_null(strstr(text, "[U+202E]alice"));
}

static void test_same_bytes(void **state)
{
    (void)state;
    struct ml_buf pictures[2] = {{0}};
    struct ml_draw_limits limits = ML_DRAW_LIMITS;
    struct story story;
    make_story(&story);
    for (size_t i = 0; i < ML_COUNT(pictures); i++) {
        ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
        draw(&story.graph, &drawing);
        assert_int_equal(ml_drawing_render(&drawing, ML_PICTURE_SVG, &limits, &pictures[i]),
                         MLEDGER_OK);
    }
    assert_true(ml_span_equal(ml_buf_span(&pictures[0]), ml_buf_span(&pictures[1])));
    ml_buf_release(&pictures[0]);
    ml_buf_release(&pictures[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_titles),         cmocka_unit_test(test_unknown_is_said),
        cmocka_unit_test(test_nodes),          cmocka_unit_test(test_flags),
        cmocka_unit_test(test_edges),          cmocka_unit_test(test_confirmed_is_recorded),
        cmocka_unit_test(test_frames),         cmocka_unit_test(test_commit_of_a_frame),
        cmocka_unit_test(test_kinds_of_files), cmocka_unit_test(test_many_starts_are_not_marked),
        cmocka_unit_test(test_hostile_names),  cmocka_unit_test(test_same_bytes),
    };
    return cmocka_run_group_tests_name("draw_lineage", tests, NULL, NULL);
}
