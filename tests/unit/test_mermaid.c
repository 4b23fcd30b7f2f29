/* SPDX-License-Identifier: Apache-2.0 */
/* Flowcharts for Mermaid: what strangers' names must not do in them, and its limits. */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>

#include "export/mermaid.h"

static size_t add(struct ml_drawing *drawing, enum ml_draw_kind kind, const char *name)
{
    const struct ml_draw_node node = {.name = name, .lines = {name}, .kind = kind};
    size_t index;
    assert_int_equal(ml_drawing_add_node(drawing, &node, &index), MLEDGER_OK);
    return index;
}

static void join(struct ml_drawing *drawing, size_t from, size_t to, enum ml_draw_edge_style style,
                 uint64_t seq)
{
    const struct ml_draw_edge edge = {
        .from = from, .to = to, .label = "read", .style = style, .seqs = &seq, .seq_count = 1};
    assert_int_equal(ml_drawing_add_edge(drawing, &edge), MLEDGER_OK);
}

static char *write_chart(const struct ml_drawing *drawing, size_t max_nodes)
{
    struct ml_buf out = {0};
    char *text;
    assert_int_equal(ml_mermaid(drawing, max_nodes, &out), MLEDGER_OK);
    assert_int_equal(ml_buf_take_text(&out, &text), MLEDGER_OK);
    return text;
}

static void test_small(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    ml_drawing_init(&drawing);
    assert_int_equal(ml_drawing_add_title(&drawing, "lineage of churn/3"), MLEDGER_OK);
    assert_int_equal(ml_drawing_add_title(&drawing, "ledger churn"), MLEDGER_OK);
    size_t cluster, data = add(&drawing, ML_DRAW_DATASET, "raw");
    assert_int_equal(ml_drawing_add_cluster(&drawing, "churn/3", false, &cluster), MLEDGER_OK);
    struct ml_draw_node version = {.name = "v", .kind = ML_DRAW_MODEL_VERSION, .cluster = cluster};
    version.lines[0] = "churn/3";
    version.lines[2] = "#17 by alice";
    version.start = true;
    size_t index;
    assert_int_equal(ml_drawing_add_node(&drawing, &version, &index), MLEDGER_OK);
    join(&drawing, data, index, ML_DRAW_RECORDED, 4);
    join(&drawing, data, index, ML_DRAW_SAME_CONTENT, 5);
    join(&drawing, data, index, ML_DRAW_INFERRED, 6);
    ML_CLEANUP(ml_freep) char *text = write_chart(&drawing, 0);
    assert_string_equal(text, "%% lineage of churn/3\n"
                              "%% ledger churn\n"
                              "%% derived from signed records, itself unsigned\n"
                              "flowchart LR\n"
                              "  accTitle: lineage of churn/3\n"
                              "  accDescr: ledger churn. \n"
                              "  n0[(\"dataset<br/>raw\")]:::dataset\n"
                              "  subgraph c1[\"churn/3\"]\n"
                              "  n1{{\"\xe2\x98\x85 model version<br/>churn/3<br/>#35;17 by "
                              "alice\"}}:::version\n"
                              "  end\n"
                              "  n0 -->|\"read #35;4\"| n1\n"
                              "  n0 -.->|\"same content #35;5\"| n1\n"
                              "  n0 -.->|\"inferred #35;6\"| n1\n"
                              "  classDef dataset fill:#56B4E9,stroke:#333333,color:#000000\n"
                              "  classDef version fill:#009E73,stroke:#333333,color:#000000\n");
}

/* No name may end a label, begin a comment or a directive, or be read as Markdown. */
static void test_hostile(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    ml_drawing_init(&drawing);
    assert_int_equal(ml_drawing_add_title(&drawing, "%%{init: {\"maxEdges\": 9}}%%\nclick n0 x"),
                     MLEDGER_OK);
    add(&drawing, ML_DRAW_RUN, "end");
    add(&drawing, ML_DRAW_RUN, "\"]; click n0 \"javascript:1\"");
    add(&drawing, ML_DRAW_RUN, "`*md*` %%{init}%% <b>&#60;\n\\n");
    add(&drawing, ML_DRAW_RUN,
        "\xe2\x80\xae"
        "abc");
    ML_CLEANUP(ml_freep) char *text = write_chart(&drawing, 0);
    assert_null(strstr(text, "%%{"));
    assert_null(strstr(text, "<b>"));
    assert_null(strchr(text, '`'));
    assert_null(strstr(text, "\nclick"));
    assert_non_null(strstr(text, "  n0[\"run<br/>end\"]:::run\n"));
    assert_non_null(strstr(text, "n1[\"run<br/>#34;]#59; click n0 #34;javascript#58;1#34;\"]"));
    assert_non_null(strstr(text, "#96;*md*#96; #37;#37;#123;init#125;"));
    assert_non_null(strstr(text, "n3[\"run<br/>[U+202E]abc\"]"));
}

static void make_star(struct ml_drawing *drawing, size_t edges)
{
    char name[32];
    ml_drawing_init(drawing);
    size_t hub = add(drawing, ML_DRAW_DATASET, "hub");
    for (size_t i = 0; i < edges; i++) {
        snprintf(name, sizeof name, "run-%zu", i);
        join(drawing, hub, add(drawing, ML_DRAW_RUN, name), ML_DRAW_RECORDED, i);
    }
}

static size_t count_edges(const char *text)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, " -->|")); at++)
        count++;
    return count;
}

/* 500 edges are drawn as they are, 501 are folded, which the chart says. */
static void test_edges(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing most, more;
    make_star(&most, ML_MERMAID_EDGES_MAX);
    make_star(&more, ML_MERMAID_EDGES_MAX + 1);
    ML_CLEANUP(ml_freep) char *whole = write_chart(&most, 0), *folded = write_chart(&more, 0);
    assert_int_equal(count_edges(whole), ML_MERMAID_EDGES_MAX);
    assert_null(strstr(whole, "folded"));
    assert_int_equal(count_edges(folded), 1);
    assert_non_null(strstr(folded, "%% folded because Mermaid draws at most 500 edges"));
    assert_non_null(strstr(folded, "501 runs"));
}

static void test_chars(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    char name[128];
    ml_drawing_init(&drawing);
    for (size_t i = 0; i < 1200; i++) {
        snprintf(name, sizeof name, "%zu %0*d", i, 60, 7);
        add(&drawing, i % 2 ? ML_DRAW_RUN : ML_DRAW_FILE, name);
    }
    ML_CLEANUP(ml_freep) char *text = write_chart(&drawing, 0);
    assert_true(strlen(text) <= ML_MERMAID_CHARS_MAX);
    assert_non_null(strstr(text, "%% folded because Mermaid"));
}

/* What was asked for is never folded, so there is no way to draw so much of it. */
static void test_refused(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    ML_CLEANUP(ml_buf_release) struct ml_buf out = {0};
    make_star(&drawing, ML_MERMAID_EDGES_MAX + 1);
    for (size_t i = 0; i < drawing.node_count; i++)
        drawing.nodes[i].start = true;
    assert_int_equal(ml_mermaid(&drawing, 0, &out), MLEDGER_EUSAGE);
    assert_non_null(strstr(mledger_error_text(), "over what Mermaid draws (500 edges"));
    assert_int_equal(out.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small), cmocka_unit_test(test_hostile), cmocka_unit_test(test_edges),
        cmocka_unit_test(test_chars), cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
