/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/time.h"

#include <time.h>

#include "tests/unit/cmocka_all.h"

#define SECOND INT64_C(1000000)

static int parse(const char *text, int64_t *ret_us)
{
    return ml_time_parse(text, strlen(text), ret_us);
}

static int parse_user(const char *text, int64_t *ret_us)
{
    return ml_time_parse_user(text, strlen(text), ret_us);
}

/* Every day from 1970 to 9999 against the C library's calendar, there and back. */
static void agrees_with_the_calendar(void **state)
{
    (void)state;
    for (int64_t day = 0; day <= ML_TIME_MAX_US / SECOND / 86400; day++) {
        time_t second = (time_t)(day * 86400 + day % 86400);
        struct tm parts;
        assert_non_null(gmtime_r(&second, &parts));
        char expected[ML_TIME_TEXT_SIZE];
        strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%SZ", &parts);
        char text[ML_TIME_TEXT_SIZE];
        assert_int_equal(ml_time_format(second * SECOND, text), MLEDGER_OK);
        assert_string_equal(text, expected);
        int64_t back = -1;
        assert_int_equal(parse(text, &back), MLEDGER_OK);
        assert_true(back == second * SECOND);
    }
}

static void writes_the_shortest_lossless_fraction(void **state)
{
    (void)state;
    static const struct {
        int64_t time_us;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00Z"},
        {1, "1970-01-01T00:00:00.000001Z"},
        {1000, "1970-01-01T00:00:00.001Z"},
        {120000, "1970-01-01T00:00:00.120Z"},
        {999999, "1970-01-01T00:00:00.999999Z"},
        {INT64_C(1772375520) * SECOND, "2026-03-01T14:32:00Z"},
        {ML_TIME_MAX_US, "9999-12-31T23:59:59.999999Z"},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        char text[ML_TIME_TEXT_SIZE];
        assert_int_equal(ml_time_format(cases[i].time_us, text), MLEDGER_OK);
        assert_string_equal(text, cases[i].text);
        int64_t back = -1;
        assert_int_equal(parse(text, &back), MLEDGER_OK);
        assert_true(back == cases[i].time_us);
    }
}

static void refuses_to_write_what_is_out_of_range(void **state)
{
    (void)state;
    static const int64_t times[] = {-1, ML_TIME_MAX_US + 1, INT64_MIN, INT64_MAX};
    for (size_t i = 0; i < ML_COUNT(times); i++) {
        char text[ML_TIME_TEXT_SIZE] = "untouched";
        assert_int_equal(ml_time_format(times[i], text), MLEDGER_EINVALID);
        assert_string_equal(text, "untouched");
    }
}

static void reads_what_rfc_3339_allows(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t time_us;
    } cases[] = {
        {"2026-03-01T14:32:00Z", INT64_C(1772375520) * SECOND},
        {"2026-03-01T14:32:00.5Z", INT64_C(1772375520) * SECOND + 500000},
        {"2026-03-01T14:32:00.000000Z", INT64_C(1772375520) * SECOND},
        {"2026-03-01T14:32:00.012345Z", INT64_C(1772375520) * SECOND + 12345},
        {"2026-03-01T15:32:00+01:00", INT64_C(1772375520) * SECOND},
        {"2026-03-01T09:02:00-05:30", INT64_C(1772375520) * SECOND},
        {"2026-03-01T14:32:00-00:00", INT64_C(1772375520) * SECOND},
        {"1969-12-31T23:00:00-01:00", 0},
        {"1970-01-01T23:59:00+23:59", 0},
        {"9999-12-31T00:59:59-23:00", ML_TIME_MAX_US - 999999},
        {"2000-02-29T00:00:00Z", INT64_C(951782400) * SECOND},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        int64_t time_us = -1;
        assert_int_equal(parse(cases[i].text, &time_us), MLEDGER_OK);
        assert_true(time_us == cases[i].time_us);
        time_us = -1;
        assert_int_equal(parse_user(cases[i].text, &time_us), MLEDGER_OK);
        assert_true(time_us == cases[i].time_us);
    }
}

static void reads_what_a_person_types(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t time_s;
    } cases[] = {
        {"2026-03-01", INT64_C(1772323200)},
        {"2026-03-01 14:32", INT64_C(1772375520)},
        {"2026-03-01T14:32", INT64_C(1772375520)},
        {"2026-03-01 14:32:10", INT64_C(1772375530)},
        {"2026-03-01t14:32:10z", INT64_C(1772375530)},
        {"2026-03-01 14:32Z", INT64_C(1772375520)},
        {"2026-03-01 15:32+01:00", INT64_C(1772375520)},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        int64_t time_us = -1;
        assert_int_equal(parse_user(cases[i].text, &time_us), MLEDGER_OK);
        assert_true(time_us == cases[i].time_s * SECOND);
        assert_int_equal(parse(cases[i].text, &time_us), MLEDGER_EINVALID);
    }
}

static void refuses_everything_else(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "2026",
        "2026-03",
        "2026-3-1",
        "20260301",
        "2026-03-01T",
        "2026-03-01 ",
        "2026-03-01T14",
        "2026-03-01T1432",
        "2026-03-01T14:32:",
        "2026-03-01T14:32:0Z",
        "2026-03-01T14:32:00.Z",
        "2026-03-01T14:32:00.1234567Z",
        "2026-03-01T14:32:00,5Z",
        "2026-03-01T14:32:00Z ",
        " 2026-03-01T14:32:00Z",
        "2026-03-01T14:32:00ZZ",
        "2026-03-01T14:32:00+1:00",
        "2026-03-01T14:32:00+0100",
        "2026-03-01T14:32:00+24:00",
        "2026-03-01T14:32:00+01:60",
        "2026-03-01T14:32:00+01",
        "2026-03-01T24:00:00Z",
        "2026-03-01T23:60:00Z",
        "2026-03-01T23:59:60Z",
        "2026-03-01T23:59:61Z",
        "2026-00-01T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-32T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "0000-01-01T00:00:00Z",
        "1970-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "-026-03-01T14:32:00Z",
        "+026-03-01T14:32:00Z",
        "12026-03-01T14:32:00Z",
    };
    for (size_t i = 0; i < ML_COUNT(texts); i++) {
        int64_t time_us = -7;
        assert_int_equal(parse(texts[i], &time_us), MLEDGER_EINVALID);
        assert_true(mledger_error_text()[0] != '\0');
        assert_int_equal(parse_user(texts[i], &time_us), MLEDGER_EINVALID);
        assert_true(time_us == -7);
    }
}

static void says_what_is_wrong(void **state)
{
    (void)state;
    int64_t time_us;
    assert_int_equal(parse("2026-02-29T00:00:00Z", &time_us), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(),
                        "'2026-02-29T00:00:00Z' is no time: there is no such day");
    assert_int_equal(parse_user("yesterday", &time_us), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(),
                        "'yesterday' is no time; write it like 2026-03-01 14:32");
    assert_int_equal(parse("2016-12-31T23:59:60Z", &time_us), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "'2016-12-31T23:59:60Z' is no time: leap seconds "
                                              "cannot be represented");
}

static void now_is_in_range(void **state)
{
    (void)state;
    int64_t now_us = ml_time_now_us();
    char text[ML_TIME_TEXT_SIZE];
    assert_int_equal(ml_time_format(now_us, text), MLEDGER_OK);
    int64_t difference_us = (int64_t)time(NULL) * SECOND - now_us;
    assert_true(difference_us < 60 * SECOND && difference_us > -60 * SECOND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_calendar),
        cmocka_unit_test(writes_the_shortest_lossless_fraction),
        cmocka_unit_test(refuses_to_write_what_is_out_of_range),
        cmocka_unit_test(reads_what_rfc_3339_allows),
        cmocka_unit_test(reads_what_a_person_types),
        cmocka_unit_test(refuses_everything_else),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(now_is_in_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
