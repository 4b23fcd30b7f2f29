/* SPDX-License-Identifier: Apache-2.0 */
/* Timelines: which bars there are, how far they reach, and from when to when. */
#include "tests/unit/cmocka_all.h"

#include "export/draw_timeline.h"
#include "ledger/core/utf8.h"

#define DAY_US INT64_C(86400000000)
#define START_US (INT64_C(20000) * DAY_US) /* 2024-10-04 */
#define LASTS (-1)

static const uint8_t bytes[32];
static const struct ml_draw_frame frame = {.query = "timeline of <b>\"m\"\n",
                                           .ledger = "demo",
                                           .identity = bytes,
                                           .head_link = bytes,
                                           .as_of = 99,
                                           .as_of_time = "2026-03-01T00:00:00Z"};

static struct ml_change change(uint64_t seq, int64_t day)
{
    int64_t time_us = START_US + day * DAY_US;
    return (struct ml_change){
        .seq = seq, .recorded_us = time_us, .claimed_us = time_us, .who = "ada"};
}

/* In a stage from one day to another, or LASTS. */
static struct ml_interval stay(uint64_t version, const char *stage, int64_t from, int64_t to)
{
    struct ml_interval interval = {.kind = ML_INTERVAL_STAGE,
                                   .name = stage,
                                   .model = 5,
                                   .version = version,
                                   .model_name = "churn",
                                   .from = change((uint64_t)from, from),
                                   .to = change((uint64_t)to, to)};
    if (to == LASTS)
        interval.to = (struct ml_change){.seq = MLEDGER_NO_SEQ};
    return interval;
}

static char *draw(const struct ml_timeline *timeline)
{
    struct ml_buf svg = {0};
    char *text;
    if (ml_draw_timeline(timeline, &frame, "id", &svg) < 0)
        fail_msg("%s", mledger_error_text());
    assert_true(ml_utf8_is_text(ml_buf_span(&svg)));
    assert_int_equal(ml_buf_take_text(&svg, &text), 0);
    return text;
}

static size_t count_of(const char *text, const char *what)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
        count++;
    return count;
}

static struct ml_timeline timeline_of(struct ml_intervals *intervals, struct ml_interval *list,
                                      size_t count)
{
    *intervals = (struct ml_intervals){.list = list, .count = count};
    return ml_timeline_of(intervals, START_US + 100 * DAY_US);
}

static void what_lasts_has_a_point(void **state)
{
    (void)state;
    struct ml_interval list[] = {stay(1, "Staging", 0, 10), stay(1, "Production", 10, 40),
                                 stay(2, "Production", 40, LASTS)};
    struct ml_intervals intervals;
    struct ml_timeline timeline = timeline_of(&intervals, list, ML_COUNT(list));
    assert_int_equal(timeline.from_us, START_US);
    assert_int_equal(timeline.to_us, START_US + 100 * DAY_US);
    char *svg = draw(&timeline);
    assert_int_equal(count_of(svg, "<g class=\"bar stage staging\""), 1);
    assert_int_equal(count_of(svg, "<g class=\"bar stage production\""), 2);
    assert_int_equal(count_of(svg, "; it lasts still</title><path"), 1);
    assert_int_equal(count_of(svg, "(#40, ada)</title><rect"), 1);
    assert_int_equal(count_of(svg, ">it lasts</text>"), 1); /* in the legend */
    assert_int_equal(count_of(svg, ">Archived</text>"), 0);
    free(svg);
}

static void only_what_is_in_the_span_is_drawn(void **state)
{
    (void)state;
    struct ml_interval list[] = {stay(1, "Staging", 0, 10), stay(1, "Production", 10, 40),
                                 stay(2, "Production", 40, LASTS)};
    struct ml_intervals intervals;
    struct ml_timeline timeline = timeline_of(&intervals, list, ML_COUNT(list));
    timeline.from_us = START_US + 10 * DAY_US; /* the first ends there: half-open */
    timeline.to_us = START_US + 39 * DAY_US;   /* before the third begins */
    char *svg = draw(&timeline);
    assert_int_equal(count_of(svg, "<g class=\"bar "), 1);
    assert_int_equal(count_of(svg, "churn/1 in Production"), 1);
    free(svg);
}

/* All found on one day, but each claims to have been there before: these are what there is to see.
 */
static void claims_of_an_import_are_in_the_span(void **state)
{
    (void)state;
    struct ml_interval list[] = {stay(1, "Production", 100, LASTS), stay(2, "Staging", 100, LASTS)};
    struct ml_intervals intervals;
    for (size_t i = 0; i < ML_COUNT(list); i++) {
        list[i].imported = true;
        list[i].from.claimed_us = START_US + (int64_t)i * DAY_US;
    }
    struct ml_timeline timeline = timeline_of(&intervals, list, ML_COUNT(list));
    assert_int_equal(timeline.from_us, START_US);
    char *svg = draw(&timeline);
    assert_int_equal(count_of(svg, "<path class=\"claimed\""), 4); /* a line and a diamond each */
    assert_int_equal(count_of(svg, ">claimed time of a record</text>"), 1);
    assert_int_equal(count_of(svg, "; found 2025-01-12T00:00:00Z (#100, ada), claimed to have been "
                                   "2024-10-04T00:00:00Z"),
                     1);
    assert_true(count_of(svg, ">2024-11") >= 2); /* marks, above and below */
    free(svg);
}

static void a_moment_has_an_axis_too(void **state)
{
    (void)state;
    struct ml_interval list[] = {stay(1, "Production", 100, LASTS)};
    struct ml_intervals intervals;
    struct ml_timeline timeline = timeline_of(&intervals, list, ML_COUNT(list));
    assert_int_equal(timeline.to_us - timeline.from_us, 10000000);
    char *svg = draw(&timeline);
    assert_int_equal(count_of(svg, ">23:59:55</text>"), 2);
    free(svg);
    list[0].from.recorded_us = list[0].from.claimed_us = 0;
    timeline = ml_timeline_of(&intervals, 0); /* a ledger of 1970 */
    assert_true(timeline.from_us < timeline.to_us);
    free(draw(&timeline));
}

static void names_cannot_break_out(void **state)
{
    (void)state;
    static const char *const names[] = {"</svg><script>", "\"a\"='&", "line\nfeed\x01\xff",
                                        "\xe2\x80\xaegnp", "\\N]]>--"};
    struct ml_interval list[ML_COUNT(names)];
    struct ml_intervals intervals;
    for (size_t i = 0; i < ML_COUNT(names); i++) {
        list[i] = stay(i + 1, names[i], 10, LASTS);
        list[i].model_name = list[i].from.who = list[i].from.reason = names[i];
        list[i].kind = i % 2 ? ML_INTERVAL_ALIAS : ML_INTERVAL_DEPLOYMENT;
        list[i].environment = names[i];
    }
    struct ml_timeline timeline = timeline_of(&intervals, list, ML_COUNT(list));
    char *svg = draw(&timeline), *again = draw(&timeline);
    assert_int_equal(count_of(svg, "<script"), 0);
    assert_int_equal(count_of(svg, "</svg>"), 1);
    assert_int_equal(count_of(svg, "\xe2\x80\xae"), 0);
    for (const char *c = svg; *c; c++)
        assert_true((uint8_t)*c >= 0x20 || *c == '\n');
    assert_string_equal(svg, again);
    free(svg);
    free(again);
}

static void too_many_rows_are_refused(void **state)
{
    (void)state;
    enum { COUNT = ML_TIMELINE_ROWS_MAX + 1 };
    struct ml_interval *list = calloc(COUNT, sizeof *list);
    struct ml_intervals intervals;
    struct ml_buf svg = {0};
    assert_non_null(list);
    for (size_t i = 0; i < COUNT; i++)
        list[i] = stay(i + 1, "None", 10, LASTS);
    struct ml_timeline timeline = timeline_of(&intervals, list, COUNT);
    assert_int_equal(ml_draw_timeline(&timeline, &frame, "id", &svg), MLEDGER_EINVALID);
    assert_non_null(strstr(mledger_error_text(), "a picture of 2001 rows would be unreadable"));
    timeline = timeline_of(&intervals, list, COUNT - 1);
    free(draw(&timeline));
    ml_buf_release(&svg);
    free(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_lasts_has_a_point),
        cmocka_unit_test(only_what_is_in_the_span_is_drawn),
        cmocka_unit_test(claims_of_an_import_are_in_the_span),
        cmocka_unit_test(a_moment_has_an_axis_too),
        cmocka_unit_test(names_cannot_break_out),
        cmocka_unit_test(too_many_rows_are_refused),
    };
    return cmocka_run_group_tests_name("draw_timeline", tests, NULL, NULL);
}
