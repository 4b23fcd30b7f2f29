/* SPDX-License-Identifier: Apache-2.0 */
#include "export/time_axis.h"

#include <stdio.h>
#include <time.h>

#define SECOND_US INT64_C(1000000)
#define DAY_US (INT64_C(86400) * SECOND_US)

/* How far marks are apart: months, or microseconds of a part of a day or whole days. */
struct step {
    int months;
    int64_t us;
    size_t shown; /* characters of "2025-03-14T09:30:15", from… */
    size_t from;
};

static const struct step steps[] = {
    {.us = SECOND_US, .from = 11, .shown = 8},
    {.us = 10 * SECOND_US, .from = 11, .shown = 8},
    {.us = 60 * SECOND_US, .from = 11, .shown = 5},
    {.us = 600 * SECOND_US, .from = 11, .shown = 5},
    {.us = 3600 * SECOND_US, .from = 5, .shown = 11},
    {.us = INT64_C(6) * 3600 * SECOND_US, .from = 5, .shown = 11},
    {.us = DAY_US, .shown = 10},
    {.us = 7 * DAY_US, .shown = 10},
    {.months = 1, .shown = 7},
    {.months = 3, .shown = 7},
    {.months = 12, .shown = 4},
    {.months = 60, .shown = 4},
    {.months = 600, .shown = 4},
    {.months = 12000, .shown = 4},
};

static int months_of(int64_t time_us)
{
    time_t seconds = (time_t)(time_us / SECOND_US);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    return (parts.tm_year - 70) * 12 + parts.tm_mon;
}

static int64_t first_of_month(int months)
{
    struct tm parts = {.tm_year = 70 + months / 12, .tm_mon = months % 12, .tm_mday = 1};
    return (int64_t)timegm(&parts) * SECOND_US;
}

/* The first mark of the step that is not before the time; years count from 1970. */
static int64_t first_mark(const struct step *step, int64_t time_us)
{
    if (step->us)
        return (time_us + step->us - 1) / step->us * step->us;
    int months = (months_of(time_us) + step->months - 1) / step->months * step->months;
    if (first_of_month(months) < time_us)
        months += step->months;
    return first_of_month(months);
}

static int64_t next_mark(const struct step *step, int64_t mark_us)
{
    return step->us ? mark_us + step->us : first_of_month(months_of(mark_us) + step->months);
}

static size_t count_marks(const struct step *step, int64_t from_us, int64_t to_us, size_t limit)
{
    size_t count = 0;
    for (int64_t at = first_mark(step, from_us); at <= to_us && count <= limit;
         at = next_mark(step, at))
        count++;
    return count;
}

static void name_mark(const struct step *step, int64_t time_us, char *text)
{
    time_t seconds = (time_t)(time_us / SECOND_US);
    struct tm parts;
    char whole[32];
    gmtime_r(&seconds, &parts);
    strftime(whole, sizeof whole, "%Y-%m-%d %H:%M:%S", &parts);
    snprintf(text, ML_TIME_AXIS_TEXT, "%.*s", (int)step->shown, whole + step->from);
}

size_t ml_time_axis(int64_t from_us, int64_t to_us, size_t room,
                    struct ml_time_mark ret_marks[ML_TIME_AXIS_MARKS_MAX])
{
    assert(room >= 1 && room <= ML_TIME_AXIS_MARKS_MAX && from_us >= 0 && from_us <= to_us);
    size_t at_step = 0, count = 0;
    while (at_step + 1 < ML_COUNT(steps) &&
           count_marks(&steps[at_step], from_us, to_us, room) > room)
        at_step++;
    const struct step *step = &steps[at_step];
    for (int64_t at = first_mark(step, from_us); at <= to_us && count < room;
         at = next_mark(step, at)) {
        ret_marks[count].time_us = at;
        name_mark(step, at, ret_marks[count++].text);
    }
    return count;
}
