/* SPDX-License-Identifier: Apache-2.0 */
/* SVG as PNG and PDF: how large, the same every time, and no blank page for what cannot be read. */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>

#include "export/draw_convert.h"

#define SQUARE                                                                                     \
    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%s\" height=\"%s\" "                        \
    "viewBox=\"0 0 96 48\"><rect width=\"96\" height=\"48\" fill=\"#0072B2\"/></svg>\n"

static int convert(const char *svg, enum ml_picture_format format, struct ml_buf *ret_picture)
{
    struct ml_draw_limits limits = ML_DRAW_LIMITS;
    return ml_svg_convert(ML_SPAN(svg, strlen(svg)), format, "2026-03-01T14:32:07.250Z", &limits,
                          ret_picture);
}

static unsigned be32(const uint8_t *bytes)
{
    return (unsigned)bytes[0] << 24 | (unsigned)bytes[1] << 16 | (unsigned)bytes[2] << 8 | bytes[3];
}

/* PNG (third edition), 11.2.1: width and height are the first of the header's fields. */
static void expect_size(const char *width, const char *height, unsigned x, unsigned y)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf png = {0};
    char svg[512];
    snprintf(svg, sizeof svg, SQUARE, width, height);
    assert_int_equal(convert(svg, ML_PICTURE_PNG, &png), MLEDGER_OK);
    assert_memory_equal(png.data, "\x89PNG\r\n\x1a\n", 8);
    assert_int_equal(be32(png.data + 16), x);
    assert_int_equal(be32(png.data + 20), y);
}

static void pixels_and_points_have_their_size(void **state)
{
    (void)state;
    expect_size("96", "48", 144, 72);
    expect_size("72pt", "36pt", 144, 72);
    expect_size("14400pt", "36pt", 9504, 24); /* scaled down to what memory holds */
}

static void svg_stays_as_it_is(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf out = {0};
    assert_int_equal(convert("not even SVG", ML_PICTURE_SVG, &out), MLEDGER_OK);
    assert_int_equal(out.len, 12);
}

static void a_pdf_bears_the_time_of_its_answer(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf pdf = {0};
    char svg[512];
    snprintf(svg, sizeof svg, SQUARE, "96", "48");
    assert_int_equal(ml_buf_append_text(&pdf, "before"), MLEDGER_OK);
    assert_int_equal(convert(svg, ML_PICTURE_PDF, &pdf), MLEDGER_OK);
    assert_memory_equal(pdf.data, "before%PDF-", 11);
    assert_non_null(memmem(pdf.data, pdf.len, "/CreationDate (D:20260301143207Z)", 33));
    assert_non_null(memmem(pdf.data, pdf.len, "/MediaBox [ 0 0 72 36 ]", 23));
}

static void the_same_gives_the_same_bytes(void **state)
{
    (void)state;
    char svg[512];
    snprintf(svg, sizeof svg, SQUARE, "96", "48");
    for (enum ml_picture_format format = ML_PICTURE_PNG; format <= ML_PICTURE_PDF; format++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf first = {0}, again = {0};
        assert_int_equal(convert(svg, format, &first), MLEDGER_OK);
        assert_int_equal(convert(svg, format, &again), MLEDGER_OK);
        assert_int_equal(first.len, again.len);
        assert_memory_equal(first.data, again.data, first.len);
    }
}

/* Graphviz hides files from images while this is set, as it is in many containers. */
static void a_web_server_around_it_does_not_matter(void **state)
{
    (void)state;
    assert_int_equal(setenv("SERVER_NAME", "www.example", 1), 0);
    expect_size("96", "48", 144, 72);
    assert_int_equal(unsetenv("SERVER_NAME"), 0);
}

static void what_cannot_be_read_is_an_error(void **state)
{
    (void)state;
    static const struct {
        const char *svg, *says;
    } cases[] = {
        {"", "no SVG"},
        {"<svg width=\"96\" height=\"48\"", "no SVG"},
        {"<svg width=\"96\">", "how large"},
        {"<svg width=\"96\" height=\"0\">", "how large"},
        {"<svg width=\"96\" height=\"5em\">", "how large"},
        {"<svg width=\"96\" height=\"123456789\">", "how large"},
        {"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"96\" height=\"48\"><g></svg>",
         "librsvg cannot read its SVG"},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf out = {0};
        assert_int_equal(convert(cases[i].svg, ML_PICTURE_PNG, &out), MLEDGER_ESYSTEM);
        if (!strstr(mledger_error_text(), cases[i].says))
            fail_msg("'%s' does not say '%s'", mledger_error_text(), cases[i].says);
        assert_int_equal(out.len, 0);
    }
}

static void limits_hold(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf out = {0};
    struct ml_draw_limits limits = ML_DRAW_LIMITS;
    char svg[512];
    snprintf(svg, sizeof svg, SQUARE, "960", "480");
    limits.picture_bytes = 1500;
    assert_int_equal(ml_svg_convert(ML_SPAN(svg, strlen(svg)), ML_PICTURE_PNG, NULL, &limits, &out),
                     MLEDGER_ESYSTEM);
    assert_string_equal(mledger_error_text(),
                        "cannot make a png of the picture: the picture is larger than 1500 bytes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pixels_and_points_have_their_size),
        cmocka_unit_test(svg_stays_as_it_is),
        cmocka_unit_test(a_pdf_bears_the_time_of_its_answer),
        cmocka_unit_test(the_same_gives_the_same_bytes),
        cmocka_unit_test(a_web_server_around_it_does_not_matter),
        cmocka_unit_test(what_cannot_be_read_is_an_error),
        cmocka_unit_test(limits_hold),
    };
    return cmocka_run_group_tests_name("draw_convert", tests, NULL, NULL);
}
