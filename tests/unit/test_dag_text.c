/* SPDX-License-Identifier: Apache-2.0 */
/* A pipeline's graph in the forms of `dvc dag`, and as a drawing. */
#include "tests/unit/cmocka_all.h"

#include "export/dag_text.h"
#include "export/draw_pipeline.h"
#include "export/stage_address.h"

/* ---- a pipeline: raw.dvc -> prepare -> train -> evaluate, prepare -> evaluate; alone ---- */

enum { RAW, PREPARE, TRAIN, EVALUATE, ALONE, STAGES };

static uint8_t md5_bytes[16] = {0xde, 0xad, 0xbe, 0xef, 0x01};
static Mledger__Digest md5 = {.algorithm = MLEDGER__ALGORITHM__MD5,
                              .value = {.len = 16, .data = md5_bytes},
                              .standing = MLEDGER__STANDING__CLAIMED};
static Mledger__Digest *digests[] = {&md5};

static Mledger__PipelineFile *make_file(const char *path, uint32_t *producers, size_t count)
{
    Mledger__PipelineFile *file = malloc(sizeof *file);
    assert_non_null(file);
    mledger__pipeline_file__init(file);
    file->path = strdup(path);
    file->digests = digests;
    file->n_digests = 1;
    file->producers = producers;
    file->n_producers = count;
    return file;
}

static void add_file(Mledger__PipelineFile ***files, size_t *count, Mledger__PipelineFile *file)
{
    *files = realloc(*files, (*count + 1) * sizeof **files);
    assert_non_null(*files);
    (*files)[(*count)++] = file;
}

static void add_dep(Mledger__PipelineStage *stage, const char *path, uint32_t *producers,
                    size_t count)
{
    add_file(&stage->deps, &stage->n_deps, make_file(path, producers, count));
}

static void add_out(Mledger__PipelineStage *stage, const char *path)
{
    add_file(&stage->outs, &stage->n_outs, make_file(path, NULL, 0));
}

static void free_files(Mledger__PipelineFile **files, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(files[i]->path);
        free(files[i]);
    }
    free(files);
}

struct pipeline {
    Mledger__PipelineStage stages[STAGES];
    Mledger__PipelineStage *list[STAGES];
    struct ml_pipeline_stages all;
};

static uint32_t raw[] = {RAW}, prepare[] = {PREPARE}, twice[] = {TRAIN, TRAIN};
static char *command[] = {(char[]){"run it"}};

static void make_pipeline(struct pipeline *pipeline)
{
    static char names[STAGES][16] = {"data/raw.dvc", "prepare", "train", "evaluate", "alone"};
    for (size_t i = 0; i < STAGES; i++) {
        mledger__pipeline_stage__init(&pipeline->stages[i]);
        pipeline->stages[i].address = names[i];
        pipeline->stages[i].has_locked = pipeline->stages[i].locked = i != ALONE;
        pipeline->stages[i].command = command;
        pipeline->stages[i].n_command = i != RAW;
        pipeline->list[i] = &pipeline->stages[i];
    }
    pipeline->all = (struct ml_pipeline_stages){pipeline->list, STAGES};
    add_out(&pipeline->stages[RAW], "data/raw");
    add_dep(&pipeline->stages[PREPARE], "data/raw/all.csv", raw, 1);
    add_dep(&pipeline->stages[PREPARE], "src/prepare.py", NULL, 0);
    add_out(&pipeline->stages[PREPARE], "data/prepared");
    add_dep(&pipeline->stages[TRAIN], "data/prepared/", prepare, 1);
    add_out(&pipeline->stages[TRAIN], "model.json");
    add_out(&pipeline->stages[TRAIN], "log.txt");
    add_dep(&pipeline->stages[EVALUATE], "model.json", twice, 2);
    add_dep(&pipeline->stages[EVALUATE], "data/prepared", prepare, 1);
    add_out(&pipeline->stages[EVALUATE], "metrics.json");
}

static void pipeline_release(struct pipeline *pipeline)
{
    for (size_t i = 0; i < STAGES; i++) {
        free_files(pipeline->stages[i].deps, pipeline->stages[i].n_deps);
        free_files(pipeline->stages[i].outs, pipeline->stages[i].n_outs);
    }
}

typedef int writer(const struct ml_pipeline_graph *graph, struct ml_buf *out);

static void expect_text(const struct ml_pipeline_stages *stages, bool outs, writer *write,
                        const char *expected)
{
    ML_CLEANUP(ml_pipeline_graph_release) struct ml_pipeline_graph graph;
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    assert_int_equal(ml_pipeline_graph(stages, outs, &graph), MLEDGER_OK);
    assert_int_equal(write(&graph, &text), MLEDGER_OK);
    assert_int_equal(ml_buf_append_char(&text, '\0'), MLEDGER_OK);
    assert_string_equal((const char *)text.data, expected);
}

/* ---- tests ---- */

static void test_dot(void **state)
{
    (void)state;
    ML_CLEANUP(pipeline_release) struct pipeline pipeline;
    make_pipeline(&pipeline);
    expect_text(&pipeline.all, false, ml_dag_dot,
                "strict digraph  {\n"
                "\"alone\";\n"
                "\"data/raw.dvc\";\n"
                "\"evaluate\";\n"
                "\"prepare\";\n"
                "\"train\";\n"
                "\"data/raw.dvc\" -> \"prepare\";\n"
                "\"prepare\" -> \"evaluate\";\n"
                "\"prepare\" -> \"train\";\n"
                "\"train\" -> \"evaluate\";\n"
                "}\n"
                "\n");
}

static void test_mermaid(void **state)
{
    (void)state;
    ML_CLEANUP(pipeline_release) struct pipeline pipeline;
    make_pipeline(&pipeline);
    expect_text(&pipeline.all, false, ml_dag_mermaid,
                "flowchart TD\n"
                "\tnode1[\"alone\"]\n"
                "\tnode2[\"data/raw.dvc\"]\n"
                "\tnode3[\"evaluate\"]\n"
                "\tnode4[\"prepare\"]\n"
                "\tnode5[\"train\"]\n"
                "\tnode2-->node4\n"
                "\tnode4-->node3\n"
                "\tnode4-->node5\n"
                "\tnode5-->node3\n");
}

/* By the paths that meet: a stage's other outputs have no part in it. */
static void test_outputs(void **state)
{
    (void)state;
    ML_CLEANUP(pipeline_release) struct pipeline pipeline;
    make_pipeline(&pipeline);
    expect_text(&pipeline.all, true, ml_dag_dot,
                "strict digraph  {\n"
                "\"data/prepared\";\n"
                "\"data/raw\";\n"
                "\"log.txt\";\n"
                "\"metrics.json\";\n"
                "\"model.json\";\n"
                "\"data/prepared\" -> \"log.txt\";\n"
                "\"data/prepared\" -> \"metrics.json\";\n"
                "\"data/prepared\" -> \"model.json\";\n"
                "\"data/raw\" -> \"data/prepared\";\n"
                "\"model.json\" -> \"metrics.json\";\n"
                "}\n"
                "\n");
}

static void test_empty(void **state)
{
    (void)state;
    const struct ml_pipeline_stages none = {0};
    expect_text(&none, false, ml_dag_dot, "strict digraph  {\n}\n\n");
    expect_text(&none, false, ml_dag_mermaid, "flowchart TD\n");
}

static void test_hostile_names(void **state)
{
    (void)state;
    ML_CLEANUP(pipeline_release) struct pipeline pipeline;
    char hostile[] = "a\"; x -> y; \\\n\x1b[2J<script>#quot;`";
    make_pipeline(&pipeline);
    pipeline.stages[ALONE].address = hostile;
    const struct ml_pipeline_stages one = {&pipeline.list[ALONE], 1};
    expect_text(&one, false, ml_dag_dot,
                "strict digraph  {\n\"a\\\"; x -> y; \\\\\xef\xbf\xbd\xef\xbf\xbd[2J"
                "<script>#quot;`\";\n}\n\n");
    expect_text(&one, false, ml_dag_mermaid,
                "flowchart TD\n\tnode1[\"a#34;; x -#62; y; \\\xef\xbf\xbd\xef\xbf\xbd[2J"
                "#60;script#62;#35;quot;#96;\"]\n");
}

static void test_producer_that_is_not_there(void **state)
{
    (void)state;
    ML_CLEANUP(pipeline_release) struct pipeline pipeline;
    ML_CLEANUP(ml_pipeline_graph_release) struct ml_pipeline_graph graph;
    make_pipeline(&pipeline);
    pipeline.all.count = TRAIN; /* prepare's producer is there, nobody else's */
    assert_int_equal(ml_pipeline_graph(&pipeline.all, false, &graph), MLEDGER_OK);
    ml_pipeline_graph_release(&graph);
    const struct ml_pipeline_stages alone = {&pipeline.list[PREPARE], 1};
    raw[0] = 7;
    assert_int_equal(ml_pipeline_graph(&alone, false, &graph), MLEDGER_EINVALID);
    raw[0] = RAW;
    assert_string_equal(mledger_error_text(), "stage 'prepare' names stage 7 of 1");
}

static void test_paths(void **state)
{
    (void)state;
    assert_true(ml_pipeline_paths_overlap("a/b", "a/b"));
    assert_true(ml_pipeline_paths_overlap("a", "a/b"));
    assert_true(ml_pipeline_paths_overlap("a/b/c", "a/"));
    assert_false(ml_pipeline_paths_overlap("a/b", "a/bc"));
    assert_false(ml_pipeline_paths_overlap("a/b", "b"));
}

static void expect_address(const char *address, const char *folder, const char *name)
{
    struct ml_span found = ml_stage_folder(address);
    assert_string_equal(ml_stage_name(address), name);
    assert_int_equal(found.len, strlen(folder));
    assert_memory_equal(found.data, folder, found.len);
}

static void test_addresses(void **state)
{
    (void)state;
    expect_address("train", "", "train");
    expect_address("train@a/b", "", "train@a/b");
    expect_address("sub/dvc.yaml:train@a/b", "sub", "train@a/b");
    expect_address("a/b/dvc.yaml:t", "a/b", "t");
    expect_address("mydvc.yaml:t", "", "mydvc.yaml:t");
    expect_address("data/raw.csv.dvc", "data", "raw.csv.dvc");
    expect_address("d@ta/x/raw.dvc", "d@ta/x", "raw.dvc");
    expect_address("data/raw", "data", "raw");
    expect_address("", "", "");
}

/* ---- drawings ---- */

static uint8_t identity[32], head_link[32];
static const struct ml_draw_frame frame = {.query = "pipeline churn",
                                           .ledger = "models",
                                           .identity = identity,
                                           .head_link = head_link,
                                           .as_of_time = "2026-03-01T12:00:00Z"};

static const struct ml_draw_node *drawn(const struct ml_drawing *drawing, const char *name)
{
    for (size_t i = 0; i < drawing->node_count; i++)
        if (strcmp(drawing->nodes[i].name, name) == 0)
            return &drawing->nodes[i];
    fail_msg("'%s' is not drawn", name);
    return NULL;
}

static void test_drawing(void **state)
{
    (void)state;
    ML_CLEANUP(pipeline_release) struct pipeline pipeline;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    Mledger__Disagreement disagreement = MLEDGER__DISAGREEMENT__INIT;
    Mledger__Disagreement *disagreements[] = {&disagreement};
    make_pipeline(&pipeline);
    disagreement.kind = MLEDGER__DISAGREEMENT_KIND__PARAM_CHANGED;
    disagreement.stage = pipeline.stages[TRAIN].address;
    const struct ml_draw_pipeline asked = {
        .stages = pipeline.all, .disagreements = disagreements, .n_disagreements = 1, .seq = 12};
    assert_int_equal(ml_draw_pipeline(&asked, &frame, &drawing), MLEDGER_OK);
    assert_int_equal(drawing.node_count, STAGES);
    assert_int_equal(drawing.edge_count, 4);
    for (size_t i = 0; i < drawing.edge_count; i++) {
        assert_int_equal(drawing.edges[i].seq_count, 1);
        assert_int_equal(drawing.edges[i].seqs[0], 12);
    }
    assert_int_equal(drawn(&drawing, "data/raw.dvc")->kind, ML_DRAW_DATASET);
    assert_string_equal(drawn(&drawing, "data/raw.dvc")->lines[0], "raw.dvc");
    assert_string_equal(drawn(&drawing, "data/raw.dvc")->lines[2], "data");
    assert_int_equal(drawn(&drawing, "train")->kind, ML_DRAW_PIPELINE_STAGE);
    assert_string_equal(drawn(&drawing, "train")->lines[1], "md5:deadbeef +1");
    assert_string_equal(drawn(&drawing, "alone")->lines[1], "not run");
    assert_non_null(
        strstr(drawn(&drawing, "train")->tooltip, "run it; reads data/prepared/ md5:deadbeef01"));
    assert_true(drawn(&drawing, "train")->highlighted);
    assert_false(drawn(&drawing, "prepare")->highlighted);
    assert_string_equal(drawing.highlighted, "lock, files and commit disagree");
}

static void test_drawing_of_outputs(void **state)
{
    (void)state;
    ML_CLEANUP(pipeline_release) struct pipeline pipeline;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    make_pipeline(&pipeline);
    const struct ml_draw_pipeline asked = {.stages = pipeline.all, .seq = 12, .outs = true};
    assert_int_equal(ml_draw_pipeline(&asked, &frame, &drawing), MLEDGER_OK);
    assert_int_equal(drawing.node_count, 5);
    assert_int_equal(drawing.edge_count, 5);
    assert_int_equal(drawn(&drawing, "log.txt")->kind, ML_DRAW_ARTIFACT);
    assert_string_equal(drawn(&drawing, "log.txt")->lines[1], "md5:deadbeef");
    assert_null(drawing.highlighted);
}

static void test_import_is_a_source(void **state)
{
    (void)state;
    ML_CLEANUP(pipeline_release) struct pipeline pipeline;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    Mledger__RepositoryImport import = MLEDGER__REPOSITORY_IMPORT__INIT;
    char url[] = "https://example.com/data.git";
    make_pipeline(&pipeline);
    import.url = url;
    add_dep(&pipeline.stages[RAW], "data/raw", NULL, 0);
    pipeline.stages[RAW].deps[0]->repository = &import;
    const struct ml_draw_pipeline asked = {.stages = pipeline.all, .seq = 12};
    assert_int_equal(ml_draw_pipeline(&asked, &frame, &drawing), MLEDGER_OK);
    assert_int_equal(drawn(&drawing, "data/raw.dvc")->kind, ML_DRAW_SOURCE);
    assert_string_equal(drawn(&drawing, "data/raw.dvc")->lines[2], url);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dot),
        cmocka_unit_test(test_mermaid),
        cmocka_unit_test(test_outputs),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_hostile_names),
        cmocka_unit_test(test_producer_that_is_not_there),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_drawing),
        cmocka_unit_test(test_drawing_of_outputs),
        cmocka_unit_test(test_import_is_a_source),
    };
    return cmocka_run_group_tests_name("dag_text", tests, NULL, NULL);
}
