/* SPDX-License-Identifier: Apache-2.0 */
/* A paper says the same as a page and as JSON, and text in it is never more than text. */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>

#include "export/html.h"
#include "export/paper_html.h"
#include "export/paper_json.h"
#include "export/report_part.h"
#include "export/svg_inline.h"

static const struct ml_paper_column columns[] = {
    {"what", "What"}, {"size", "Bytes"}, {"records", "Records"}};

static void write_rows(struct ml_paper *paper)
{
    ml_paper_table(paper, "files", "Files <1>", columns, ML_COUNT(columns));
    ml_paper_row(paper);
    ml_paper_anchor(paper, 7);
    ml_paper_cell(paper);
    ml_paper_text(paper, "a & b\nsecond");
    ml_paper_cell(paper);
    ml_paper_number(paper, 12);
    ml_paper_cell(paper);
    ml_paper_seq(paper, 7);
    ml_paper_seq(paper, 7);
    ml_paper_seq(paper, 9);
    ml_paper_seq(paper, MLEDGER_NO_SEQ);
}

static void write_paper(struct ml_paper *paper)
{
    ml_paper_init(paper, "test");
    ml_paper_title(paper, "<Title>", "of \x01 it");
    ml_paper_section(paper, "one", "First");
    ml_paper_note(paper, ML_PAPER_WARN, "mind %d", 3);
    ml_paper_seq(paper, 9);
    ml_paper_facts(paper, "facts");
    ml_paper_fact(paper, "at", "When");
    ml_paper_time(paper, INT64_C(1767225600000000));
    ml_paper_fact(paper, "why", "Why");
    ml_paper_text(paper, NULL);
    ml_paper_section(paper, "two", "Second");
    write_rows(paper);
    ml_paper_table(paper, "none", "Nothing", columns, ML_COUNT(columns));
    assert_int_equal(ml_paper_check(paper), MLEDGER_OK);
}

static char *page_of(const struct ml_paper *paper)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf page = {0};
    char *text;
    assert_int_equal(ml_paper_to_html(paper, &page), MLEDGER_OK);
    assert_int_equal(ml_buf_take_text(&page, &text), MLEDGER_OK);
    return text;
}

static void test_page(void **state)
{
    (void)state;
    ML_CLEANUP(ml_paper_release) struct ml_paper paper;
    write_paper(&paper);
    ML_CLEANUP(ml_freep) char *page = page_of(&paper);
    assert_ptr_equal(strstr(page, "<!DOCTYPE html>"), page);
    assert_non_null(strstr(page, "<h1>&lt;Title&gt;</h1><p>of \xef\xbf\xbd it</p>"));
    assert_non_null(strstr(page, "<p class=\"warn\">mind 3 <span class=\"refs\">#9</span></p>"));
    assert_non_null(strstr(page, "<time datetime=\"2026-01-01T00:00:00Z\">2026-01-01 00:00:00 "
                                 "UTC</time>"));
    assert_non_null(strstr(page, "<dt>Why</dt><dd><span class=\"quiet\">nothing recorded</span>"));
    assert_non_null(strstr(page, "<caption>Files &lt;1&gt;</caption>"));
    assert_non_null(strstr(page, "<tr id=\"r7\"><th scope=\"row\">a &amp; b<br>second</th>"));
    /* Record 7 is described, 9 is not. */
    assert_non_null(strstr(page, "<span class=\"refs\"><a href=\"#r7\">#7</a> #9</span>"));
    assert_non_null(strstr(page, "<p>Nothing: <span class=\"quiet\">nothing recorded</span></p>"));
    assert_non_null(strstr(page, "<section id=\"two\" aria-labelledby=\"two-heading\">"));
}

static void test_long_words_can_be_parted(void **state)
{
    (void)state;
    ML_CLEANUP(ml_paper_release) struct ml_paper paper;
    ml_paper_init(&paper, "test");
    ml_paper_section(&paper, "one", "First");
    ml_paper_facts(&paper, "facts");
    ml_paper_fact(&paper, "x", "X");
    ml_paper_text(&paper, "short 0123456789012345678901234567890123456789 <b>");
    ML_CLEANUP(ml_freep) char *page = page_of(&paper);
    assert_non_null(
        strstr(page, ">short 01234567890123456789012345678901<wbr>23456789 &lt;b&gt;<"));
}

static void test_json(void **state)
{
    (void)state;
    ML_CLEANUP(ml_paper_release) struct ml_paper paper;
    json_t *json;
    write_paper(&paper);
    assert_int_equal(ml_paper_to_json(&paper, &json), MLEDGER_OK);
    char *text = json_dumps(json, JSON_COMPACT);
    assert_string_equal(
        text, "{\"report\":\"test\",\"title\":\"<Title>\",\"subtitle\":\"of \xef\xbf\xbd it\","
              "\"sections\":[{\"id\":\"one\",\"title\":\"First\",\"notes\":[{\"text\":\"mind 3\","
              "\"tone\":\"warn\",\"records\":[9]}],\"facts\":{\"at\":{\"value\":"
              "\"2026-01-01T00:00:00Z\"},\"why\":{\"value\":null}}},{\"id\":\"two\",\"title\":"
              "\"Second\",\"files\":[{\"what\":[\"a & b\",\"second\"],\"size\":12,\"records\":[7,"
              "9]}],\"none\":[]}]}");
    free(text);
    json_decref(json);
}

static void test_records_that_are_named(void **state)
{
    (void)state;
    ML_CLEANUP(ml_paper_release) struct ml_paper paper;
    size_t count;
    write_paper(&paper);
    const uint64_t *seqs = ml_paper_cited(&paper, &count);
    assert_int_equal(count, 2);
    assert_int_equal(seqs[0], 7);
    assert_int_equal(seqs[1], 9);
}

static void test_rows_beyond_the_limit_are_counted(void **state)
{
    (void)state;
    ML_CLEANUP(ml_paper_release) struct ml_paper paper;
    ml_paper_init(&paper, "test");
    ml_paper_section(&paper, "one", "First");
    ml_paper_table(&paper, "many", "Many", columns, ML_COUNT(columns));
    for (size_t i = 0; i < ML_PAPER_ROWS_MAX + 3; i++) {
        ml_paper_row(&paper);
        ml_paper_cell(&paper);
        ml_paper_number(&paper, i);
    }
    /* What comes after the table is written again. */
    ml_paper_note(&paper, ML_PAPER_PLAIN, "after");
    ML_CLEANUP(ml_freep) char *page = page_of(&paper);
    assert_non_null(strstr(page, "3 more rows are left out here."));
    assert_non_null(strstr(page, ">1999<"));
    assert_null(strstr(page, ">2000<"));
    assert_non_null(strstr(page, "<p>after</p>"));
}

static void test_html_escapes_and_closes(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf out = {0};
    struct ml_html html;
    const char *text;
    ml_html_begin(&html, &out);
    ml_html_open(&html, "a", "href", "#x\"y", "class", NULL, NULL);
    ml_html_text(&html, "<&>");
    ml_html_void(&html, "br", NULL);
    ml_html_element(&html, "b", "'", NULL);
    ml_html_close(&html);
    assert_int_equal(ml_html_finish(&html), MLEDGER_OK);
    assert_int_equal(ml_buf_append_char(&out, '\0'), MLEDGER_OK);
    text = (const char *)out.data;
    assert_string_equal(text, "<!DOCTYPE html>\n<a href=\"#x&quot;y\">&lt;&amp;&gt;<br>"
                              "<b>&#39;</b></a>\n");
}

static void test_a_picture_that_could_not_be_drawn_is_said(void **state)
{
    (void)state;
    ML_CLEANUP(ml_paper_release) struct ml_paper paper;
    struct report report = {.paper = &paper};
    const struct ml_buf none = {0};
    ml_paper_init(&paper, "test");
    ml_paper_section(&paper, "one", "First");
    int failed = ml_fail(MLEDGER_ESYSTEM, "drawing took more than 60 seconds");
    report_picture(&report, failed, "lineage", "Lineage", &none);
    assert_int_equal(mledger_error_code(), MLEDGER_OK);
    ML_CLEANUP(ml_freep) char *page = page_of(&paper);
    assert_non_null(strstr(page, "<p class=\"warn\">There is no picture: drawing took more than 60 "
                                 "seconds.</p>"));
    assert_null(strstr(page, "<figure>"));
}

static void test_svg_in_a_page(void **state)
{
    (void)state;
    static const char svg[] = "<?xml version=\"1.0\"?>\n<!DOCTYPE svg>\n<svg role=\"img\" "
                              "aria-labelledby=\"a b\"><title id=\"a\">t</title>\n<!-- x -->\n"
                              "<g id=\"n1\"><a xlink:href=\"#r7\">y</a></g></svg>\n";
    ML_CLEANUP(ml_buf_release) struct ml_buf out = {0};
    assert_int_equal(ml_svg_inline(ML_SPAN(svg, sizeof svg - 1), "p_", &out), MLEDGER_OK);
    assert_int_equal(ml_buf_append_char(&out, '\0'), MLEDGER_OK);
    assert_string_equal((const char *)out.data,
                        "<svg role=\"img\" aria-labelledby=\"p_a p_b\"><title id=\"p_a\">t</title>"
                        "\n<g id=\"p_n1\"><a xlink:href=\"#r7\">y</a></g></svg>\n");
    assert_int_equal(ml_svg_inline(ML_SPAN("<g/>", 4), "p_", &out), MLEDGER_ESYSTEM);
    assert_int_equal(ml_svg_inline(ML_SPAN("<svg><!-- ", 10), "p_", &out), MLEDGER_ESYSTEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_page),
        cmocka_unit_test(test_long_words_can_be_parted),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_records_that_are_named),
        cmocka_unit_test(test_rows_beyond_the_limit_are_counted),
        cmocka_unit_test(test_html_escapes_and_closes),
        cmocka_unit_test(test_a_picture_that_could_not_be_drawn_is_said),
        cmocka_unit_test(test_svg_in_a_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
