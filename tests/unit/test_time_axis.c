/* SPDX-License-Identifier: Apache-2.0 */
/* Marks of a time axis. */
#include "tests/unit/cmocka_all.h"

#include "export/time_axis.h"
#include "ledger/core/time.h"

static int64_t at(const char *text)
{
    int64_t time_us;
    assert_int_equal(ml_time_parse_user(text, strlen(text), &time_us), 0);
    return time_us;
}

struct expected {
    const char *from, *to;
    size_t room, count;
    const char *first, *last;
};

static void marks_are_whole_and_fit(void **state)
{
    (void)state;
    static const struct expected cases[] = {
        {"2024-01-11", "2025-12-31", 12, 7, "2024-04", "2025-10"},
        {"2024-01-11", "2025-12-31", 7, 7, "2024-04", "2025-10"},
        {"2024-01-11", "2025-12-31", 6, 1, "2025", "2025"},
        {"2024-01-01", "2024-05-01", 12, 5, "2024-01", "2024-05"},
        {"2024-02-27", "2024-03-02", 12, 5, "2024-02-27", "2024-03-02"},
        {"2024-03-01T22:30", "2024-03-02T01:30", 3, 3, "03-01 23:00", "03-02 01:00"},
        {"2024-03-01T10:00:00", "2024-03-01T10:00:05", 12, 6, "10:00:00", "10:00:05"},
        {"1970-01-01", "9999-12-31", 12, 9, "1970", "9970"},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        struct ml_time_mark marks[ML_TIME_AXIS_MARKS_MAX];
        size_t count = ml_time_axis(at(cases[i].from), at(cases[i].to), cases[i].room, marks);
        if (count != cases[i].count || strcmp(marks[0].text, cases[i].first) != 0 ||
            strcmp(marks[count - 1].text, cases[i].last) != 0)
            fail_msg("%s to %s: %zu marks, %s to %s", cases[i].from, cases[i].to, count,
                     count ? marks[0].text : "", count ? marks[count - 1].text : "");
        for (size_t k = 0; k < count; k++)
            assert_true(marks[k].time_us >= at(cases[i].from) &&
                        marks[k].time_us <= at(cases[i].to));
    }
}

static void a_moment_may_have_none(void **state)
{
    (void)state;
    struct ml_time_mark marks[ML_TIME_AXIS_MARKS_MAX];
    assert_int_equal(ml_time_axis(1, 2, 5, marks), 0);
    assert_int_equal(ml_time_axis(0, 0, 5, marks), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_are_whole_and_fit),
        cmocka_unit_test(a_moment_may_have_none),
    };
    return cmocka_run_group_tests_name("time_axis", tests, NULL, NULL);
}
