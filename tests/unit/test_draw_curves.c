/* SPDX-License-Identifier: Apache-2.0 */
/* Charts of metrics, whatever the numbers and names are. */
#include "tests/unit/cmocka_all.h"

#include <math.h>
#include <stdio.h>

#include "export/draw_curves.h"

static const uint8_t bytes[32];
static const struct ml_draw_frame frame = {.query = "metrics of <b>\"x\"\n",
                                           .ledger = "demo",
                                           .identity = bytes,
                                           .head_link = bytes,
                                           .as_of_time = "2026-03-01T00:00:00Z"};

static char *draw(struct ml_curve *list, size_t count)
{
    struct ml_curves curves = {.list = list, .count = count};
    struct ml_buf svg = {0};
    char *text;
    for (size_t i = 0; i < count; i++)
        curves.n_points += list[i].count;
    assert_int_equal(ml_draw_curves(&curves, &frame, &svg), 0);
    assert_int_equal(ml_buf_take_text(&svg, &text), 0);
    assert_null(strstr(text, "nan"));
    assert_null(strstr(text, "inf"));
    return text;
}

static size_t count_of(const char *text, const char *what)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
        count++;
    return count;
}

/* The first line that is drawn: its path. */
static const char *line_of(const char *svg)
{
    const char *at = strstr(svg, "class=\"line\"");
    assert_non_null(at);
    return strstr(at, " d=\"") + 4;
}

static size_t points_in(const char *path)
{
    size_t count = 0;
    for (; *path != '"'; path++)
        count += *path == 'M' || *path == 'L';
    return count;
}

static void points(struct ml_curve_point *list, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        list[i] = (struct ml_curve_point){.step = (int64_t)i, .known = true, .value = values[i]};
}

static void what_is_no_number_is_a_gap(void **state)
{
    (void)state;
    static const double values[] = {1, 2, NAN, 3, INFINITY, 4, 5, -INFINITY};
    struct ml_curve_point list[ML_COUNT(values)];
    points(list, values, ML_COUNT(values));
    list[1].known = false; /* erased */
    struct ml_curve curve = {
        .of = "churn/1", .key = "loss", .points = list, .count = ML_COUNT(list)};
    char *svg = draw(&curve, 1);
    const char *path = line_of(svg);
    assert_int_equal(points_in(path), 4);
    assert_int_equal(count_of(svg, "<circle"), 2); /* 1 and 3 stand alone */
    assert_non_null(strstr(svg, "4 not known or no finite number: gaps"));
    free(svg);
}

static void one_point_is_a_dot(void **state)
{
    (void)state;
    static const double values[] = {0.5};
    struct ml_curve_point list[1];
    points(list, values, 1);
    struct ml_curve curve = {.of = "a", .key = "k", .points = list, .count = 1};
    char *svg = draw(&curve, 1);
    assert_int_equal(count_of(svg, "<circle"), 2); /* one in the legend */
    assert_non_null(strstr(svg, "a, 1 point</text>"));
    free(svg);
}

/* Where all have one final value they would hide each other. */
static void equal_points_stand_side_by_side(void **state)
{
    (void)state;
    static const double values[] = {0.75};
    struct ml_curve_point list[1];
    points(list, values, 1);
    list[0].step = 12;
    struct ml_curve curves[] = {{.of = "a", .key = "k", .points = list, .count = 1},
                                {.of = "b", .key = "k", .points = list, .count = 1}};
    char *svg = draw(curves, 2);
    assert_int_equal(count_of(svg, "<circle cx=\"246.0\" cy=\"196.0\" r=\"3\" fill=\"#0072B2\"/>"),
                     1);
    assert_int_equal(count_of(svg, "<circle cx=\"566.0\" cy=\"196.0\" r=\"3\" fill=\"#D55E00\"/>"),
                     1);
    assert_int_equal(count_of(svg, ">12</text>"), 1);
    assert_null(strstr(svg, ">11</text>"));
    free(svg);
}

static void nothing_is_a_picture_too(void **state)
{
    (void)state;
    static const double values[] = {NAN};
    struct ml_curve_point list[1];
    points(list, values, 1);
    struct ml_curve curve = {.of = "a", .key = "k", .points = list, .count = 1};
    free(draw(&curve, 1));
    char *svg = draw(NULL, 0);
    assert_non_null(strstr(svg, "no metric is recorded"));
    free(svg);
}

/* The two that stand out of a hundred thousand are still there. */
static void many_points_are_thinned_without_losing_a_peak(void **state)
{
    (void)state;
    enum { COUNT = 100000 };
    struct ml_curve_point *list = calloc(COUNT, sizeof *list);
    assert_non_null(list);
    for (size_t i = 0; i < COUNT; i++)
        list[i] =
            (struct ml_curve_point){.step = (int64_t)i, .known = true, .value = (double)(i % 3)};
    list[31415].value = 100;
    list[59265].value = -100;
    struct ml_curve curve = {.of = "a", .key = "k", .points = list, .count = COUNT};
    char *svg = draw(&curve, 1);
    const char *path = line_of(svg);
    size_t drawn = points_in(path);
    assert_true(drawn <= 4 * ML_CURVES_COLUMNS);
    assert_true(drawn > ML_CURVES_COLUMNS);
    char said[64];
    snprintf(said, sizeof said, "100000 points, %zu drawn", drawn);
    assert_non_null(strstr(svg, said));
    assert_non_null(
        strstr(svg, "the first, lowest, highest and last point in each of 640 columns"));
    assert_non_null(strstr(path, ",112.9")); /* near the top of the panel: 100 */
    assert_non_null(strstr(path, ",279.1")); /* and its bottom: -100 */
    free(svg);
    free(list);
}

static void extreme_numbers_do_not_overflow(void **state)
{
    (void)state;
    static const double values[][2] = {
        {-1.7e308, 1.7e308}, {1.7e308, 1.7e308}, {-1.7e308, -1.7e308}, {4.9e-324, 0}, {0, 0}};
    for (size_t i = 0; i < ML_COUNT(values); i++) {
        struct ml_curve_point list[2];
        points(list, values[i], 2);
        list[0].step = INT64_MIN;
        list[1].step = INT64_MAX;
        struct ml_curve curve = {.of = "a", .key = "k", .points = list, .count = 2};
        char *svg = draw(&curve, 1);
        assert_int_equal(points_in(line_of(svg)), 2);
        free(svg);
    }
}

static void names_cannot_break_out(void **state)
{
    (void)state;
    static const double values[] = {1, 2};
    struct ml_curve_point list[2];
    points(list, values, 2);
    struct ml_curve curve = {.of = "</text><script>\x01\xff\xe2\x80\xae",
                             .key = "\"' onload=\"x\" ]]>",
                             .points = list,
                             .count = 2};
    char *svg = draw(&curve, 1);
    assert_null(strstr(svg, "<script"));
    assert_null(strchr(svg, '\x01'));
    assert_null(strstr(svg, "\xe2\x80\xae"));
    assert_null(strstr(svg, "<b>"));
    free(svg);
}

static void curves_of_one_metric_share_a_panel(void **state)
{
    (void)state;
    static const double values[] = {1, 2};
    struct ml_curve_point list[2];
    points(list, values, 2);
    struct ml_curve curves[40];
    for (size_t i = 0; i < ML_COUNT(curves); i++)
        curves[i] =
            (struct ml_curve){.of = "a", .key = i < 3 ? "auc" : "loss", .points = list, .count = 2};
    char *svg = draw(curves, 5);
    assert_int_equal(count_of(svg, "class=\"name\""), 2);
    assert_int_equal(count_of(svg, "class=\"axis\""), 2);
    free(svg);
    char keys[40][8];
    for (size_t i = 0; i < ML_COUNT(curves); i++) {
        snprintf(keys[i], sizeof keys[i], "k%zu", i);
        curves[i].key = keys[i];
    }
    struct ml_curves all = {.list = curves, .count = ML_COUNT(curves)};
    struct ml_buf out = {0};
    assert_int_equal(ml_draw_curves(&all, &frame, &out), MLEDGER_EINVALID);
    ml_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_number_is_a_gap),
        cmocka_unit_test(one_point_is_a_dot),
        cmocka_unit_test(equal_points_stand_side_by_side),
        cmocka_unit_test(nothing_is_a_picture_too),
        cmocka_unit_test(many_points_are_thinned_without_losing_a_peak),
        cmocka_unit_test(extreme_numbers_do_not_overflow),
        cmocka_unit_test(names_cannot_break_out),
        cmocka_unit_test(curves_of_one_metric_share_a_panel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
