/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions of a filter, held against what is recorded. */
#include <fnmatch.h>
#include <time.h>

#include "ledger/query/filter.h"

static bool is_like(enum ml_filter_operator compare)
{
    return compare == ML_FILTER_LIKE || compare == ML_FILTER_NOT_LIKE;
}

static bool is_negated(enum ml_filter_operator compare)
{
    return compare == ML_FILTER_NOT_EQUAL || compare == ML_FILTER_NOT_LIKE;
}

static enum ml_filter_answer answer(bool yes)
{
    return yes ? ML_FILTER_YES : ML_FILTER_NO;
}

static bool fits_text(const struct ml_condition *condition, const char *text)
{
    for (size_t i = 0; i < condition->n_values; i++) {
        const struct ml_filter_value *value = &condition->values[i];
        if (value->none)
            continue;
        if (is_like(condition->compare) ? fnmatch(value->text, text, 0) == 0
                                        : strcmp(value->text, text) == 0)
            return true;
    }
    return false;
}

static bool has_none(const struct ml_condition *condition)
{
    for (size_t i = 0; i < condition->n_values; i++)
        if (condition->values[i].none)
            return true;
    return false;
}

enum ml_filter_answer ml_condition_texts(const struct ml_condition *condition,
                                         const char *const *texts, size_t count)
{
    bool fits = count == 0 && has_none(condition);
    for (size_t i = 0; i < count && !fits; i++)
        fits = fits_text(condition, texts[i]);
    return answer(fits != is_negated(condition->compare));
}

static bool in_order(enum ml_filter_operator compare, bool less, bool equal)
{
    switch (compare) {
    case ML_FILTER_LESS:
        return less;
    case ML_FILTER_AT_MOST:
        return less || equal;
    case ML_FILTER_GREATER:
        return !less && !equal;
    case ML_FILTER_AT_LEAST:
        return !less;
    case ML_FILTER_EQUAL:
        return equal;
    case ML_FILTER_NOT_EQUAL:
        return !equal;
    default:
        return false;
    }
}

enum ml_filter_answer ml_condition_number(const struct ml_condition *condition,
                                          const double *number)
{
    bool negated = is_negated(condition->compare);
    if (!number && has_none(condition))
        return answer(!negated);
    if (!number)
        return negated ? ML_FILTER_YES : ML_FILTER_NOT_KNOWN;
    if (condition->compare >= ML_FILTER_LESS)
        return answer(in_order(condition->compare, *number < condition->values[0].number,
                               *number == condition->values[0].number));
    for (size_t i = 0; i < condition->n_values; i++)
        if (!condition->values[i].none && condition->values[i].number == *number)
            return answer(!negated);
    return answer(negated);
}

/* An age is greater where the time is less. */
static enum ml_filter_answer compare_age(const struct ml_condition *condition, int64_t time_us,
                                         int64_t now_us)
{
    int64_t limit_us = ml_age_before(&condition->values[0].age, now_us);
    return answer(in_order(condition->compare, time_us > limit_us, time_us == limit_us));
}

enum ml_filter_answer ml_condition_time(const struct ml_condition *condition,
                                        const int64_t *time_us, int64_t now_us)
{
    if (condition->values[0].none)
        return answer((time_us == NULL) != is_negated(condition->compare));
    if (!time_us)
        return ML_FILTER_NOT_KNOWN;
    if (ml_filter_kind(condition->field) == ML_FILTER_AGE)
        return compare_age(condition, *time_us, now_us);
    int64_t limit_us = condition->values[0].time_us;
    return answer(in_order(condition->compare, *time_us < limit_us, *time_us == limit_us));
}

/* ---- ages ---- */

static int days_of_month(int year, int month) /* month from 0 */
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 1 && leap ? 29 : days[month];
}

static int64_t months_before(int64_t months, int64_t now_us)
{
    const int64_t second = INT64_C(1000000);
    time_t seconds = (time_t)(now_us / second);
    struct tm date;
    gmtime_r(&seconds, &date);
    int64_t count = (date.tm_year + INT64_C(1900)) * 12 + date.tm_mon - months;
    if (count < INT64_C(1970) * 12)
        return 0;
    int year = (int)(count / 12), month = (int)(count % 12);
    int last = days_of_month(year, month);
    date.tm_year = year - 1900;
    date.tm_mon = month;
    date.tm_mday = date.tm_mday < last ? date.tm_mday : last;
    return (int64_t)timegm(&date) * second + now_us % second;
}

int64_t ml_age_before(const struct ml_age *age, int64_t now_us)
{
    int64_t time_us = age->months ? months_before(age->months, now_us) : now_us;
    return time_us > age->us ? time_us - age->us : 0;
}
