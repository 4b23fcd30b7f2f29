/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/cmocka_all.h"

#include "ledger/core/time.h"
#include "ledger/query/filter.h"

struct parsed {
    struct ml_arena arena;
    struct ml_filter filter;
};

static int set_up(void **state)
{
    static struct parsed parsed;
    parsed = (struct parsed){0};
    ml_arena_init(&parsed.arena, 8 << 20);
    *state = &parsed;
    return 0;
}

static int tear_down(void **state)
{
    ml_arena_release(&((struct parsed *)*state)->arena);
    return 0;
}

static const struct ml_condition *read_one(struct parsed *parsed, const char *text)
{
    parsed->filter = (struct ml_filter){0};
    if (ml_filter_parse(text, &parsed->arena, &parsed->filter) < 0)
        fail_msg("%s", mledger_error_text());
    assert_int_equal(parsed->filter.count, 1);
    return &parsed->filter.conditions[0];
}

static int64_t at(const char *text)
{
    int64_t time_us;
    assert_int_equal(ml_time_parse_user(text, strlen(text), &time_us), 0);
    return time_us;
}

/* ---- reading ---- */

static void it_writes_what_it_read(void **state)
{
    struct parsed *parsed = *state;
    static const struct {
        const char *text, *written;
    } cases[] = {
        {"stage=Production", NULL},
        {" stage = Production ", "stage=Production"},
        {"name~credit*,version>=2", NULL},
        {"stage=Production|Staging", NULL},
        {"name=\"a, b\"|\"c|d\"", NULL},
        {"name=\"say \\\"no\\\" \\\\\"", NULL},
        {"name=two words , alias=x", "name=\"two words\",alias=x"},
        {"metric.\"a=b\"<0.5", NULL},
        {"tag.owner!=none", NULL},
        {"tag.owner!=\"none\"", NULL},
        {"validated=none", NULL},
        {"data-age>12mo,validated<2026-01-01,changed-age<=36h", NULL},
        {"name=\"\"", NULL},
        {"name=\xc3\xa4", "name=\"\xc3\xa4\""},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        struct ml_buf text = {0};
        struct ml_filter filter = {0};
        const char *due = cases[i].written ? cases[i].written : cases[i].text;
        if (ml_filter_parse(cases[i].text, &parsed->arena, &filter) < 0)
            fail_msg("%s", mledger_error_text());
        assert_int_equal(ml_filter_write(&filter, &text), 0);
        assert_int_equal(ml_buf_append_char(&text, '\0'), 0);
        assert_string_equal((const char *)text.data, due);
        ml_buf_release(&text);
    }
}

static void what_makes_no_sense_is_refused(void **state)
{
    struct parsed *parsed = *state;
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"", "there is no field ''"},
        {"colour=red", "there is no field 'colour', but name, stage,"},
        {"stage", "an operator is due after stage"},
        {"stage Production", "an operator is due"},
        {"stage=", "a value is due after stage"},
        {"stage=a|", "a value is due after stage"},
        {"stage=a,", "there is no field ''"},
        {"stage<a", "'<' does not go with stage"},
        {"version~1", "'~' does not go with version"},
        {"version=one", "'one' is no number"},
        {"version=inf", "'inf' is no number"},
        {"version<1|2", "version is compared with one value"},
        {"version<none", "'none' is no number"},
        {"metric.=1", "a key is due after 'metric.'"},
        {"tag.\"\"=1", "a key is due after 'tag.'"},
        {"validated=2026-01-01", "validated takes < <= > >=, or none"},
        {"validated<12mo", "there is validated-age"},
        {"data-age>12", "'12' is no length of time"},
        {"data-age>mo", "'mo' is no length of time"},
        {"data-age>123456d", "is no length of time"},
        {"name=\"a", "a quote is not closed"},
        {"name=\"a\"b", "a comma is due before 'b'"},
        {"name=\xff", "UTF-8"},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        struct ml_filter filter = {0};
        if (ml_filter_parse(cases[i].text, &parsed->arena, &filter) != MLEDGER_EUSAGE)
            fail_msg("'%s' was read", cases[i].text);
        if (!strstr(mledger_error_text(), cases[i].why))
            fail_msg("'%s': %s", cases[i].text, mledger_error_text());
    }
}

static void there_are_limits(void **state)
{
    struct parsed *parsed = *state;
    struct ml_filter filter = {0};
    for (int i = 0; i < ML_FILTER_CONDITIONS; i++)
        assert_int_equal(ml_filter_parse("stage=a", &parsed->arena, &filter), 0);
    assert_int_equal(ml_filter_parse("stage=a", &parsed->arena, &filter), MLEDGER_EUSAGE);
    struct ml_buf text = {0};
    struct ml_filter other = {0};
    assert_int_equal(ml_buf_append_text(&text, "stage=a"), 0);
    for (int i = 1; i < ML_FILTER_VALUES; i++)
        assert_int_equal(ml_buf_append_text(&text, "|a"), 0);
    assert_int_equal(ml_buf_append_char(&text, '\0'), 0);
    assert_int_equal(ml_filter_parse((const char *)text.data, &parsed->arena, &other), 0);
    text.len--;
    assert_int_equal(ml_buf_append_text(&text, "|a"), 0);
    assert_int_equal(ml_buf_append_char(&text, '\0'), 0);
    assert_int_equal(ml_filter_parse((const char *)text.data, &parsed->arena, &other),
                     MLEDGER_EUSAGE);
    ml_buf_clear(&text);
    for (int i = 0; i <= ML_FILTER_TEXT_MAX; i++)
        assert_int_equal(ml_buf_append_char(&text, 'a'), 0);
    assert_int_equal(ml_buf_append_char(&text, '\0'), 0);
    assert_int_equal(ml_filter_parse((const char *)text.data, &parsed->arena, &other),
                     MLEDGER_EUSAGE);
    ml_buf_release(&text);
}

/* ---- what it says ---- */

static void texts_are_compared_and_matched(void **state)
{
    static const char *const two[] = {"champion", "best"};
    static const struct {
        const char *filter;
        size_t count; /* of `two` */
        enum ml_filter_answer answer;
    } cases[] = {
        {"alias=champion", 2, ML_FILTER_YES},      {"alias=best|worst", 2, ML_FILTER_YES},
        {"alias=worst", 2, ML_FILTER_NO},          {"alias!=best", 2, ML_FILTER_NO},
        {"alias!=best", 1, ML_FILTER_YES},         {"alias!=worst", 2, ML_FILTER_YES},
        {"alias~ch*", 2, ML_FILTER_YES},           {"alias~CH*", 2, ML_FILTER_NO},
        {"alias!~[bc]*", 2, ML_FILTER_NO},         {"alias!~x?", 2, ML_FILTER_YES},
        {"alias=none", 0, ML_FILTER_YES},          {"alias=none", 1, ML_FILTER_NO},
        {"alias=none|champion", 1, ML_FILTER_YES}, {"alias!=none", 1, ML_FILTER_YES},
        {"alias!=none", 0, ML_FILTER_NO},          {"alias=\"none\"", 0, ML_FILTER_NO},
        {"alias=champion", 0, ML_FILTER_NO},       {"alias!=champion", 0, ML_FILTER_YES},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++)
        if (ml_condition_texts(read_one(*state, cases[i].filter), two, cases[i].count) !=
            cases[i].answer)
            fail_msg("%s of %zu", cases[i].filter, cases[i].count);
}

static void numbers_are_compared(void **state)
{
    static const struct {
        const char *filter;
        double number;
        enum ml_filter_answer answer, unknown; /* where no number is recorded */
    } cases[] = {
        {"metric.auc<0.8", 0.79, ML_FILTER_YES, ML_FILTER_NOT_KNOWN},
        {"metric.auc<0.8", 0.8, ML_FILTER_NO, ML_FILTER_NOT_KNOWN},
        {"metric.auc<=0.8", 0.8, ML_FILTER_YES, ML_FILTER_NOT_KNOWN},
        {"metric.auc>0.8", 0.8, ML_FILTER_NO, ML_FILTER_NOT_KNOWN},
        {"metric.auc>=8e-1", 0.8, ML_FILTER_YES, ML_FILTER_NOT_KNOWN},
        {"version=1|3", 3, ML_FILTER_YES, ML_FILTER_NOT_KNOWN},
        {"version!=1|3", 3, ML_FILTER_NO, ML_FILTER_YES},
        {"metric.auc=none", 0, ML_FILTER_NO, ML_FILTER_YES},
        {"metric.auc!=none", 0, ML_FILTER_YES, ML_FILTER_NO},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        const struct ml_condition *condition = read_one(*state, cases[i].filter);
        if (ml_condition_number(condition, &cases[i].number) != cases[i].answer ||
            ml_condition_number(condition, NULL) != cases[i].unknown)
            fail_msg("%s", cases[i].filter);
    }
}

static void times_and_ages_are_compared(void **state)
{
    static const struct {
        const char *filter, *time;
        enum ml_filter_answer answer;
    } cases[] = {
        {"validated<2026-01-01", "2025-12-31 23:59", ML_FILTER_YES},
        {"validated<2026-01-01", "2026-01-01", ML_FILTER_NO},
        {"validated>=2026-01-01", "2026-01-01", ML_FILTER_YES},
        {"validated-age>30d", "2026-02-13", ML_FILTER_YES},
        {"validated-age>30d", "2026-02-14", ML_FILTER_NO},
        {"validated-age<=30d", "2026-02-14", ML_FILTER_YES},
        {"validated-age<30d", "2026-02-15", ML_FILTER_YES},
        {"validated-age>1mo", "2026-02-15 23:59", ML_FILTER_YES},
        {"validated-age>1mo", "2026-02-16", ML_FILTER_NO},
        {"validated=none", "2026-02-16", ML_FILTER_NO},
        {"validated!=none", "2026-02-16", ML_FILTER_YES},
    };
    int64_t now_us = at("2026-03-16");
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        int64_t time_us = at(cases[i].time);
        if (ml_condition_time(read_one(*state, cases[i].filter), &time_us, now_us) !=
            cases[i].answer)
            fail_msg("%s at %s", cases[i].filter, cases[i].time);
    }
    assert_int_equal(ml_condition_time(read_one(*state, "validated<2026-01-01"), NULL, now_us),
                     ML_FILTER_NOT_KNOWN);
    assert_int_equal(ml_condition_time(read_one(*state, "validated=none"), NULL, now_us),
                     ML_FILTER_YES);
}

static void months_are_those_of_the_calendar(void **state)
{
    static const struct {
        uint32_t months;
        const char *now, *before;
    } cases[] = {
        {1, "2026-03-31T12:30:00.5Z", "2026-02-28T12:30:00.5Z"},
        {1, "2024-03-31", "2024-02-29"},
        {12, "2024-02-29", "2023-02-28"},
        {12, "2026-01-01", "2025-01-01"},
        {1, "2026-01-15", "2025-12-15"},
        {14, "2026-01-15", "2024-11-15"},
        {1200, "2026-01-15", "1970-01-01"},
    };
    (void)state;
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        const struct ml_age age = {.months = cases[i].months};
        if (ml_age_before(&age, at(cases[i].now)) != at(cases[i].before))
            fail_msg("%u months before %s", cases[i].months, cases[i].now);
    }
    const struct ml_age century = {.us = INT64_C(99999) * 604800 * 1000000};
    assert_int_equal(ml_age_before(&century, at("2026-01-01")), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_writes_what_it_read),
        TEST(what_makes_no_sense_is_refused),
        TEST(there_are_limits),
        TEST(texts_are_compared_and_matched),
        TEST(numbers_are_compared),
        TEST(times_and_ages_are_compared),
        TEST(months_are_those_of_the_calendar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
