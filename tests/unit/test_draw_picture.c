/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures: well-formed whatever the names, the same every time, and bounded in time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "export/draw_layout.h"
#include "export/drawing.h"
#include "ledger/core/utf8.h"

/* ---- is it XML? ---- */

#define DEPTH_MAX 64

/* Just enough of XML 1.0 to notice what breaks a picture: tags that do not nest, attributes
 * that are not quoted or twice there, '<' and '&' that are not escaped, comments with "--". */
struct xml {
    const char *at;
    const char *names[DEPTH_MAX];
    size_t lens[DEPTH_MAX], depth;
};

static void skip_past(struct xml *xml, const char *what)
{
    const char *found = strstr(xml->at, what);
    assert_non_null(found);
    xml->at = found + strlen(what);
}

static void check_text(const char *at, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        assert_int_not_equal(at[i], '<');
        if (at[i] == '&') {
            size_t name = strspn(at + i + 1, "#abcdefghijklmnopqrstuvwxyzABCDEF0123456789");
            assert_true(name > 0 && at[i + 1 + name] == ';');
        }
    }
}

static size_t name_len(const char *at)
{
    size_t len = strcspn(at, " \t\n=/>");
    assert_true(len > 0);
    return len;
}

static void check_attributes(struct xml *xml)
{
    char seen[512] = " ";
    for (;;) {
        xml->at += strspn(xml->at, " \t\n");
        if (*xml->at == '/' || *xml->at == '>')
            return;
        char name[64];
        snprintf(name, sizeof name, " %.*s ", (int)name_len(xml->at), xml->at);
        assert_null(strstr(seen, name));
        size_t used = strlen(seen);
        snprintf(seen + used, sizeof seen - used, "%s", name);
        xml->at += name_len(xml->at);
        assert_memory_equal(xml->at, "=\"", 2);
        const char *end = strchr(xml->at + 2, '"');
        assert_non_null(end);
        check_text(xml->at + 2, (size_t)(end - xml->at - 2));
        xml->at = end + 1;
    }
}

static void check_end_tag(struct xml *xml)
{
    size_t len = name_len(xml->at);
    assert_true(xml->depth > 0);
    xml->depth--;
    assert_int_equal(len, xml->lens[xml->depth]);
    assert_memory_equal(xml->at, xml->names[xml->depth], len);
    xml->at += len;
    assert_int_equal(*xml->at++, '>');
}

static void check_start_tag(struct xml *xml)
{
    assert_true(xml->depth < DEPTH_MAX);
    xml->names[xml->depth] = xml->at;
    xml->lens[xml->depth] = name_len(xml->at);
    xml->at += xml->lens[xml->depth++];
    check_attributes(xml);
    if (*xml->at == '/') {
        xml->at++;
        xml->depth--;
    }
    assert_int_equal(*xml->at++, '>');
}

static void check_comment(struct xml *xml)
{
    const char *dashes = strstr(xml->at + 4, "--");
    assert_non_null(dashes);
    assert_int_equal(dashes[2], '>');
    xml->at = dashes + 3;
}

static void check_xml(const char *text, size_t len)
{
    struct xml xml = {.at = text};
    assert_true(ml_utf8_is_text(ML_SPAN(text, len)));
    for (size_t i = 0; i < len; i++)
        assert_true((uint8_t)text[i] >= 0x20 || text[i] == '\n' || text[i] == '\t');
    while (*xml.at) {
        size_t run = strcspn(xml.at, "<");
        check_text(xml.at, run);
        xml.at += run;
        if (!*xml.at)
            break;
        if (strncmp(xml.at, "<?", 2) == 0)
            skip_past(&xml, "?>");
        else if (strncmp(xml.at, "<!--", 4) == 0)
            check_comment(&xml);
        else if (strncmp(xml.at, "<!", 2) == 0)
            skip_past(&xml, ">");
        else if (xml.at[1] == '/') {
            xml.at += 2;
            check_end_tag(&xml);
        } else {
            xml.at++;
            check_start_tag(&xml);
        }
    }
    assert_int_equal(xml.depth, 0);
}

/* ---- drawings ---- */

static const char *const hostile[] = {
    "<b>bold</b>",
    "a&b\"<",
    "C:\\new\\N\\l\\G",
    "\\N",
    "line\nbreak\ttab",
    "\x01\x02\x1f\x7f",
    "&lt;ok&gt;",
    "&#60;script&#62;",
    "\xe2\x80\xaegnp.exe",
    "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",
    "\xe3\x83\x87\xe3\x83\xbc",
    "e\xcc\x81\xcc\x81\xcc\x81",
    "bad \xff\xfe \xc3",
    "-->",
    "--",
    "]]>",
    "<TABLE BORDER=\"0\">",
    "ends in \\",
    "%2",
    "",
    "\"",
    "'",
    "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa9",
    "javascript:alert(1)",
    "\"/><script>alert(1)</script>",
    "cluster_1",
    "node",
    "digraph",
    "\" onload=\"alert(1)",
};

static size_t add(struct ml_drawing *drawing, const struct ml_draw_node *node)
{
    size_t index = SIZE_MAX;
    assert_int_equal(ml_drawing_add_node(drawing, node, &index), MLEDGER_OK);
    return index;
}

static void link_nodes(struct ml_drawing *drawing, size_t from, size_t to, const char *label)
{
    uint64_t seqs[] = {from, to};
    struct ml_draw_edge edge = {.from = from,
                                .to = to,
                                .label = label,
                                .seqs = seqs,
                                .seq_count = ML_COUNT(seqs),
                                .style = (from + to) % ML_DRAW_EDGE_STYLES,
                                .change = from % ML_DRAW_CHANGES,
                                .highlighted = from % 2};
    assert_int_equal(ml_drawing_add_edge(drawing, &edge), MLEDGER_OK);
}

/* Every hostile name in every place where a name can stand, and one of 300 characters. */
static void make_hostile(struct ml_drawing *drawing)
{
    size_t cluster, tick;
    char path[301];
    memset(path, 'p', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    ml_drawing_init(drawing);
    assert_int_equal(ml_drawing_set_highlighted(drawing, hostile[0]), MLEDGER_OK);
    for (size_t i = 0; i < ML_COUNT(hostile); i++) {
        const char *name = hostile[i];
        if (i < ML_DRAW_TITLES_MAX)
            assert_int_equal(ml_drawing_add_title(drawing, name), MLEDGER_OK);
        assert_int_equal(ml_drawing_add_cluster(drawing, name, i % 2, &cluster), MLEDGER_OK);
        assert_int_equal(ml_drawing_add_tick(drawing, name, &tick), MLEDGER_OK);
        struct ml_draw_node node = {.name = name,
                                    .lines = {name, i % 7 ? name : NULL, path},
                                    .tooltip = name,
                                    .anchor = name,
                                    .kind = i % ML_DRAW_KINDS,
                                    .change = i % ML_DRAW_CHANGES,
                                    .start = i == 3,
                                    .highlighted = i % 3 == 0,
                                    .dimmed = i % 5 == 0,
                                    .cluster = i % 3 ? cluster : 0,
                                    .tick = i % 4 ? tick : 0};
        size_t index = add(drawing, &node);
        if (index)
            link_nodes(drawing, index - 1, index, name);
    }
}

/* `count` nodes with `degree` edges from each to pseudo-random later ones. */
static void make_tangle(struct ml_drawing *drawing, size_t count, size_t degree)
{
    uint64_t random = 7;
    ml_drawing_init(drawing);
    for (size_t i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "run:%zu", i);
        add(drawing, &(struct ml_draw_node){.name = name, .kind = ML_DRAW_RUN, .lines = {name}});
    }
    for (size_t i = 0; i + 1 < count; i++) {
        for (size_t k = 0; k < degree; k++) {
            random = random * 6364136223846793005U + 1442695040888963407U;
            link_nodes(drawing, i, i + 1 + (random >> 33) % (count - i - 1), "x");
        }
    }
}

static void render(const struct ml_drawing *drawing, enum ml_picture_format format,
                   struct ml_buf *ret_picture)
{
    struct ml_draw_limits limits = ML_DRAW_LIMITS;
    if (ml_drawing_render(drawing, format, &limits, ret_picture) != MLEDGER_OK)
        fail_msg("%s", mledger_error_text());
    assert_int_equal(ml_buf_append_char(ret_picture, '\0'), MLEDGER_OK);
    ret_picture->len--;
}

static size_t count_of(const struct ml_buf *text, const char *what)
{
    size_t count = 0;
    for (const char *at = (const char *)text->data; (at = strstr(at, what)); at++)
        count++;
    return count;
}

/* ---- tests ---- */

static void test_hostile_svg(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    ML_CLEANUP(ml_buf_release) struct ml_buf svg = {0};
    make_hostile(&drawing);
    render(&drawing, ML_PICTURE_SVG, &svg);
    check_xml((const char *)svg.data, svg.len);
    assert_int_equal(count_of(&svg, "class=\"node "), ML_COUNT(hostile) * 2); /* and ticks */
    assert_int_equal(count_of(&svg, "<script"), 0);
    assert_int_equal(count_of(&svg, "xlink:href=\"#"), count_of(&svg, "xlink:href="));
    assert_int_equal(count_of(&svg, "role=\"img\" aria-labelledby=\"mledger_title mledger_desc\""),
                     1);
    assert_int_equal(count_of(&svg, "<title id=\"mledger_title\">&lt;b&gt;bold&lt;/b&gt;</title>"),
                     1);
    assert_int_equal(count_of(&svg, "<desc id=\"mledger_desc\">"), 1);
}

static void test_hostile_other_formats(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    ML_CLEANUP(ml_buf_release) struct ml_buf png = {0}, pdf = {0};
    make_hostile(&drawing);
    render(&drawing, ML_PICTURE_PNG, &png);
    render(&drawing, ML_PICTURE_PDF, &pdf);
    assert_memory_equal(png.data, "\x89PNG\r\n\x1a\n", 8);
    assert_memory_equal(pdf.data, "%PDF-", 5);
    assert_memory_equal(pdf.data + pdf.len - 6, "%%EOF\n", 6);
}

/* What is drawn is what is recorded: a name that looks like an entity or an escape is shown as it
 * is. */
static void test_names_are_shown_as_they_are(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    ML_CLEANUP(ml_buf_release) struct ml_buf svg = {0};
    ml_drawing_init(&drawing);
    add(&drawing, &(struct ml_draw_node){.name = "secret name", .lines = {"&lt;x"}});
    add(&drawing,
        &(struct ml_draw_node){.name = "other name", .lines = {"\\N &lt;"}, .tooltip = "\\N"});
    render(&drawing, ML_PICTURE_SVG, &svg);
    assert_int_equal(count_of(&svg, ">&amp;\xe2\x81\xa0lt;x</text>"), 1);
    assert_int_equal(count_of(&svg, ">\\\xe2\x81\xa0N &amp;\xe2\x81\xa0lt;</text>"), 1);
    assert_int_equal(count_of(&svg, "secret name"), 2); /* comment and title */
    assert_int_equal(count_of(&svg, "other name"), 2);
}

static void test_equal_names_stay_two_nodes(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    ML_CLEANUP(ml_buf_release) struct ml_buf svg = {0};
    ml_drawing_init(&drawing);
    add(&drawing, &(struct ml_draw_node){.name = "a\x01"});
    add(&drawing, &(struct ml_draw_node){.name = "a\x02"});
    add(&drawing, &(struct ml_draw_node){.name = "a\xef\xbf\xbd"});
    render(&drawing, ML_PICTURE_SVG, &svg);
    check_xml((const char *)svg.data, svg.len);
    assert_int_equal(count_of(&svg, "class=\"node "), 3);
}

static void test_dot_text(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    ML_CLEANUP(ml_buf_release) struct ml_buf dot = {0};
    uint64_t seq = 12;
    ml_drawing_init(&drawing);
    drawing.legend = false;
    size_t a =
        add(&drawing, &(struct ml_draw_node){.name = "dataset:a", .lines = {"a"}, .anchor = "e1"});
    size_t b = add(&drawing, &(struct ml_draw_node){.name = "run:b", .kind = ML_DRAW_RUN});
    struct ml_draw_edge edge = {
        .from = a, .to = b, .label = "training", .seqs = &seq, .seq_count = 1};
    assert_int_equal(ml_drawing_add_edge(&drawing, &edge), MLEDGER_OK);
    render(&drawing, ML_PICTURE_DOT, &dot);
    assert_int_equal(count_of(&dot, "  \"dataset:a\" [shape=\"cylinder\""), 1);
    assert_int_equal(count_of(&dot, "URL=\"#e1\", id=\"node_0\", class=\"dataset\"];\n"), 1);
    assert_int_equal(count_of(&dot, "  \"dataset:a\" -> \"run:b\" [style=\"solid\""), 1);
    assert_int_equal(
        count_of(&dot, "tooltip=\"recorded: training, dataset:a \xe2\x86\x92 run:b; record #12\""),
        1);
    assert_memory_equal(dot.data + dot.len - 2, "}\n", 2);
}

/* A star of `count` lines, each of record 7 but the last, which is of record `last`. */
static void add_star(struct ml_drawing *drawing, size_t count, uint64_t last)
{
    ml_drawing_init(drawing);
    size_t middle = add(drawing, &(struct ml_draw_node){.name = "middle", .start = true});
    for (size_t i = 0; i < count; i++) {
        char name[16];
        uint64_t seq = i + 1 == count ? last : 7;
        snprintf(name, sizeof name, "ray %zu", i);
        size_t ray = add(drawing, &(struct ml_draw_node){.name = name, .lines = {name}});
        struct ml_draw_edge edge = {.from = ray, .to = middle, .seqs = &seq, .seq_count = 1};
        assert_int_equal(ml_drawing_add_edge(drawing, &edge), MLEDGER_OK);
    }
}

static void expect_star(size_t count, uint64_t last, size_t labels, size_t legends)
{
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    ML_CLEANUP(ml_buf_release) struct ml_buf dot = {0};
    struct ml_draw_limits limits = ML_DRAW_LIMITS;
    limits.max_nodes = 0;
    add_star(&drawing, count, last);
    assert_int_equal(ml_drawing_render(&drawing, ML_PICTURE_DOT, &limits, &dot), MLEDGER_OK);
    assert_int_equal(count_of(&dot, ">#7<"), labels);
    assert_int_equal(count_of(&dot, "#7 says so of every line"), legends);
    assert_int_equal(count_of(&dot, "; record #7\""), last == 7 ? count : count - 1);
}

static void test_the_one_record_of_all_lines_is_named_once(void **state)
{
    (void)state;
    expect_star(8, 7, 0, 1);
    expect_star(8, 9, 7, 0);
    expect_star(7, 7, 7, 0); /* so few can bear it */
}

#define PIECES 4000

/* Leaves free pieces behind, parted by `kept` ones so that they stay small, which malloc() hands
 * out from the highest address to the lowest. */
static void stir_heap(size_t size, void **kept)
{
    void *freed[PIECES];
    for (size_t i = 0; i < PIECES; i++) {
        freed[i] = malloc(size);
        kept[i] = malloc(size);
    }
    for (size_t i = 0; i < PIECES; i++)
        free(freed[i]);
}

/* Whatever the heap looks like: cgraph orders clusters by address unless it is kept from it. */
static void test_same_bytes_every_time(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    ML_CLEANUP(ml_buf_release) struct ml_buf first = {0};
    make_hostile(&drawing);
    render(&drawing, ML_PICTURE_SVG, &first);
    for (size_t size = 24; size <= 120; size += 16) {
        ML_CLEANUP(ml_buf_release) struct ml_buf again = {0};
        void *kept[PIECES];
        stir_heap(size, kept);
        render(&drawing, ML_PICTURE_SVG, &again);
        for (size_t i = 0; i < PIECES; i++)
            free(kept[i]);
        assert_int_equal(again.len, first.len);
        assert_memory_equal(again.data, first.data, first.len);
    }
}

static void test_folded_picture_says_so(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    ML_CLEANUP(ml_buf_release) struct ml_buf svg = {0};
    make_tangle(&drawing, 500, 2);
    render(&drawing, ML_PICTURE_SVG, &svg);
    check_xml((const char *)svg.data, svg.len);
    assert_true(count_of(&svg, "class=\"node ") <= ML_DRAW_NODES_READABLE);
    assert_true(count_of(&svg, "500 nodes drawn as ") >= 2); /* heading and description */
}

/* Thirty nodes that no edge joins, in rows of four; the edges that hold them there are not seen. */
static void test_unconnected_stand_in_rows(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    ML_CLEANUP(ml_buf_release) struct ml_buf dot = {0}, svg = {0};
    char name[16];
    ml_drawing_init(&drawing);
    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof name, "data-%d", i);
        add(&drawing, &(struct ml_draw_node){.name = name});
    }
    render(&drawing, ML_PICTURE_DOT, &dot);
    assert_int_equal(count_of(&dot, "invis"), 0); /* so few may stand in one column */
    for (int i = 5; i < 30; i++) {
        snprintf(name, sizeof name, "data-%d", i);
        add(&drawing, &(struct ml_draw_node){.name = name});
    }
    struct ml_draw_edge edge = {.from = add(&drawing, &(struct ml_draw_node){.name = "from"}),
                                .to = add(&drawing, &(struct ml_draw_node){.name = "to"})};
    assert_int_equal(ml_drawing_add_edge(&drawing, &edge), MLEDGER_OK);
    ml_buf_clear(&dot);
    render(&drawing, ML_PICTURE_DOT, &dot);
    assert_int_equal(count_of(&dot, "[style=\"invis\"]"), 30 - 8);
    assert_int_equal(count_of(&dot, "  \"data-0\" -> \"data-1\" [style=\"invis\"];\n"), 1);
    assert_int_equal(count_of(&dot, "  \"data-3\" -> \"data-4\""), 0);
    render(&drawing, ML_PICTURE_SVG, &svg);
    assert_int_equal(count_of(&svg, "class=\"edge"), 1);
    assert_true(count_of(&svg, "32 nodes, 1 edges") >= 1);
}

/* A line may run through what it bears, but not through what a node says. */
static void test_labels_of_edges_have_a_rim(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    ML_CLEANUP(ml_buf_release) struct ml_buf svg = {0};
    make_tangle(&drawing, 3, 1); /* two edges with a label of two lines each */
    render(&drawing, ML_PICTURE_SVG, &svg);
    assert_int_equal(count_of(&svg, "<text paint-order=\"stroke\" stroke=\"#FFFFFF\""), 4);
    assert_int_equal(count_of(&svg, "paint-order"), 4);
}

/* However long the title is. */
static void test_the_legend_stays_together(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    ML_CLEANUP(ml_buf_release) struct ml_buf svg = {0};
    char title[121];
    memset(title, 'w', sizeof title - 1);
    title[sizeof title - 1] = '\0';
    make_tangle(&drawing, 3, 1);
    assert_int_equal(ml_drawing_add_title(&drawing, title), MLEDGER_OK);
    render(&drawing, ML_PICTURE_SVG, &svg);
    const char *svg_text = (const char *)svg.data;
    const char *word = strstr(svg_text, ">same content</text>"), *x = NULL;
    assert_non_null(word);
    for (const char *at = svg_text; (at = strstr(at, " x=\"")) && at < word; at++)
        x = at + 4;
    assert_non_null(x);
    assert_true(strtod(x, NULL) < 250);
}

static size_t add_dated(struct ml_drawing *drawing, const char *name, int64_t day)
{
    int64_t time_us = day * INT64_C(86400000000);
    return add(drawing,
               &(struct ml_draw_node){.name = name, .first_us = time_us, .last_us = time_us});
}

/* The days of each column, above it; what is there for context has none, nor has a cycle. */
static void test_time_axis(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    ML_CLEANUP(ml_buf_release) struct ml_buf dot = {0}, svg = {0};
    ml_drawing_init(&drawing);
    drawing.dated = true;
    size_t data = add_dated(&drawing, "data", 20000), other = add_dated(&drawing, "other", 20001);
    size_t early = add_dated(&drawing, "early", 20010), late = add_dated(&drawing, "late", 20400);
    add_dated(&drawing, "alone", 1);
    drawing.nodes[other].dimmed = true;
    link_nodes(&drawing, data, early, "");
    link_nodes(&drawing, data, late, "");
    link_nodes(&drawing, other, late, "");
    render(&drawing, ML_PICTURE_DOT, &dot);
    assert_int_equal(count_of(&dot, "newrank=\"true\""), 0); /* there are no clusters */
    assert_int_equal(count_of(&dot, "{ rank=\"same\";\n    \"tick\t1\";\n    \"data\";\n    "
                                    "\"other\";\n  }"),
                     1);
    assert_int_equal(count_of(&dot, ">2024-10-04</FONT>"), 1);
    assert_int_equal(count_of(&dot, ">2024-10-14 \xe2\x80\xa6 2025-11-08</FONT>"), 1);
    assert_int_equal(count_of(&dot, ">1970-01-02</FONT>"), 0);
    render(&drawing, ML_PICTURE_SVG, &svg);
    assert_int_equal(count_of(&svg, "class=\"node tick\""), 2);
    link_nodes(&drawing, late, data, "");
    ml_buf_clear(&dot);
    render(&drawing, ML_PICTURE_DOT, &dot); /* on a cycle nothing is before anything */
    assert_int_equal(count_of(&dot, "\"tick\t1\""), 0);
}

static void test_empty_drawing(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    ML_CLEANUP(ml_buf_release) struct ml_buf svg = {0};
    ml_drawing_init(&drawing);
    render(&drawing, ML_PICTURE_SVG, &svg);
    check_xml((const char *)svg.data, svg.len);
    assert_int_equal(count_of(&svg, "0 nodes, 0 edges."), 1);
}

/* On any machine more than a millisecond's work. */
static void test_deadline(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    ML_CLEANUP(ml_buf_release) struct ml_buf svg = {0};
    struct ml_draw_limits limits = ML_DRAW_LIMITS;
    limits.max_nodes = 0;
    limits.deadline_ms = 1;
    make_tangle(&drawing, 3000, 4);
    assert_int_equal(ml_drawing_render(&drawing, ML_PICTURE_SVG, &limits, &svg), MLEDGER_ESYSTEM);
    assert_string_equal(mledger_error_text(),
                        "cannot draw 3000 nodes: drawing took longer than 0.001 s");
    assert_true(strstr(mledger_error_hint(), "--format dot") != NULL);
    assert_int_equal(svg.len, 0);
}

static void test_too_many_nodes(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    ML_CLEANUP(ml_buf_release) struct ml_buf svg = {0}, dot = {0};
    struct ml_draw_limits limits = ML_DRAW_LIMITS;
    limits.max_nodes = 0;
    make_tangle(&drawing, ML_LAYOUT_NODES_MAX + 1, 1);
    assert_int_equal(ml_drawing_render(&drawing, ML_PICTURE_SVG, &limits, &svg), MLEDGER_EUSAGE);
    assert_string_equal(mledger_error_text(),
                        "10001 nodes are too many for a picture (at most 10000)");
    assert_int_equal(ml_drawing_render(&drawing, ML_PICTURE_DOT, &limits, &dot), MLEDGER_OK);
}

static void test_picture_limit(void **state)
{
    (void)state;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing;
    ML_CLEANUP(ml_buf_release) struct ml_buf svg = {0};
    struct ml_draw_limits limits = ML_DRAW_LIMITS;
    limits.picture_bytes = 5000;
    make_tangle(&drawing, 50, 1);
    assert_int_equal(ml_drawing_render(&drawing, ML_PICTURE_SVG, &limits, &svg), MLEDGER_ESYSTEM);
    assert_string_equal(mledger_error_text(),
                        "cannot draw 50 nodes: the picture is larger than 5000 bytes");
}

/* Graphviz says 0 to a graph it could not read or draw; here that is an error with its words. */
static void test_graphviz_complains(void **state)
{
    (void)state;
    static const struct {
        const char *dot, *says;
    } cases[] = {
        {"digraph {", "syntax error"},
        {"", "cannot read the graph"},
        {"digraph g { a [label=<<TABLE>>]; }", "Graphviz cannot lay out the graph"},
        {"digraph g { a [shape=record, label=\"{\"]; }", "bad label format"},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf svg = {0};
        struct ml_draw_limits limits = ML_DRAW_LIMITS;
        struct ml_layout_job job = {.dot = cases[i].dot, .node_count = 1};
        enum ml_layout_rung rung;
        assert_int_equal(ml_layout_run(&job, &limits, &svg, &rung), MLEDGER_ESYSTEM);
        if (!strstr(mledger_error_text(), cases[i].says))
            fail_msg("'%s' does not say '%s'", mledger_error_text(), cases[i].says);
        assert_int_equal(svg.len, 0);
    }
}

/* The ladder begins where the size says. */
static void test_rungs(void **state)
{
    (void)state;
    static const struct {
        size_t node_count;
        enum ml_layout_rung rung;
    } cases[] = {{1, ML_LAYOUT_BEST}, {1001, ML_LAYOUT_GOOD}, {3001, ML_LAYOUT_COARSE}};
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf svg = {0};
        struct ml_draw_limits limits = ML_DRAW_LIMITS;
        struct ml_layout_job job = {.dot = "digraph g { a -> b; }",
                                    .node_count = cases[i].node_count};
        enum ml_layout_rung rung = ML_LAYOUT_RUNGS;
        assert_int_equal(ml_layout_run(&job, &limits, &svg, &rung), MLEDGER_OK);
        assert_int_equal(rung, cases[i].rung);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_one_record_of_all_lines_is_named_once),
        cmocka_unit_test(test_hostile_svg),
        cmocka_unit_test(test_hostile_other_formats),
        cmocka_unit_test(test_names_are_shown_as_they_are),
        cmocka_unit_test(test_equal_names_stay_two_nodes),
        cmocka_unit_test(test_dot_text),
        cmocka_unit_test(test_same_bytes_every_time),
        cmocka_unit_test(test_folded_picture_says_so),
        cmocka_unit_test(test_unconnected_stand_in_rows),
        cmocka_unit_test(test_labels_of_edges_have_a_rim),
        cmocka_unit_test(test_the_legend_stays_together),
        cmocka_unit_test(test_time_axis),
        cmocka_unit_test(test_empty_drawing),
        cmocka_unit_test(test_deadline),
        cmocka_unit_test(test_too_many_nodes),
        cmocka_unit_test(test_picture_limit),
        cmocka_unit_test(test_graphviz_complains),
        cmocka_unit_test(test_rungs),
    };
    return cmocka_run_group_tests_name("draw_picture", tests, NULL, NULL);
}
