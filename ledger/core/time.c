/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/time.h"

#include <stdio.h>
#include <time.h>

#define US_PER_S INT64_C(1000000)
#define US_PER_DAY (INT64_C(86400) * US_PER_S)

struct date {
    int year;
    int month; /* 1..12 */
    int day;   /* 1..31 */
};

/* What a text says, before it is known to exist. */
struct fields {
    struct date date;
    int hour;
    int minute;
    int second;
    int fraction_us;
    int offset_min; /* east of UTC */
};

/* Text being read; `lenient` is ml_time_parse_user(). */
struct reader {
    const char *at;
    const char *end;
    bool lenient;
};

int64_t ml_time_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now); /* cannot fail for this clock */
    return (int64_t)now.tv_sec * US_PER_S + now.tv_nsec / 1000;
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Days from 0000-03-01 to the first of March of `year`: with the year beginning in March the
 * leap day is its last and needs no case of its own. */
static int days_before_march_year(int year)
{
    return 365 * year + year / 4 - year / 100 + year / 400;
}

/* Days of the months from March to the one that is `month` months later. */
static int days_before_march_month(int month)
{
    return (153 * month + 2) / 5;
}

#define EPOCH_DAYS 719468 /* from 0000-03-01 to 1970-01-01 */

static int days_from_date(struct date date)
{
    int year = date.month > 2 ? date.year : date.year - 1;
    int month = (date.month + 9) % 12;
    return days_before_march_year(year) + days_before_march_month(month) + date.day - 1 -
           EPOCH_DAYS;
}

/* `days` since 1970-01-01, not negative. */
static struct date date_from_days(int days)
{
    int from_zero = days + EPOCH_DAYS;
    int year = from_zero / 365; /* too late by at most a few years, for the leap days */
    while (days_before_march_year(year) > from_zero)
        year--;
    int day_of_year = from_zero - days_before_march_year(year);
    int month = (5 * day_of_year + 2) / 153;
    return (struct date){
        .year = month < 10 ? year : year + 1,
        .month = (month + 2) % 12 + 1,
        .day = day_of_year - days_before_march_month(month) + 1,
    };
}

int ml_time_format(int64_t time_us, char ret_text[ML_TIME_TEXT_SIZE])
{
    if (time_us < 0 || time_us > ML_TIME_MAX_US)
        return ml_fail(MLEDGER_EINVALID,
                       "time %lld (microseconds) is not in the years 1970 to 9999",
                       (long long)time_us);
    struct date date = date_from_days((int)(time_us / US_PER_DAY));
    int second = (int)(time_us % US_PER_DAY / US_PER_S);
    int fraction_us = (int)(time_us % US_PER_S);
    char fraction[sizeof ".999999"] = "";
    if (fraction_us % 1000 != 0)
        snprintf(fraction, sizeof fraction, ".%06u", (unsigned)fraction_us % 1000000U);
    else if (fraction_us != 0)
        snprintf(fraction, sizeof fraction, ".%03u", (unsigned)fraction_us / 1000U % 1000U);
    snprintf(ret_text, ML_TIME_TEXT_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u%sZ",
             (unsigned)date.year % 10000U, (unsigned)date.month % 100U, (unsigned)date.day % 100U,
             (unsigned)second / 3600U % 24U, (unsigned)second / 60U % 60U, (unsigned)second % 60U,
             fraction);
    return MLEDGER_OK;
}

static bool take(struct reader *reader, char c)
{
    if (reader->at == reader->end || *reader->at != c)
        return false;
    reader->at++;
    return true;
}

static bool is_digit(const struct reader *reader)
{
    return reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9';
}

/* Exactly `count` digits. */
static bool take_digits(struct reader *reader, int count, int *ret_value)
{
    int value = 0;
    for (int i = 0; i < count; i++) {
        if (!is_digit(reader))
            return false;
        value = value * 10 + (*reader->at++ - '0');
    }
    *ret_value = value;
    return true;
}

static bool read_date(struct reader *reader, struct date *ret_date)
{
    return take_digits(reader, 4, &ret_date->year) && take(reader, '-') &&
           take_digits(reader, 2, &ret_date->month) && take(reader, '-') &&
           take_digits(reader, 2, &ret_date->day);
}

/* The digits after the point, 1 to 6 of them. */
static bool read_fraction(struct reader *reader, int *ret_us)
{
    int value = 0;
    int count = 0;
    for (; is_digit(reader) && count < 6; count++)
        value = value * 10 + (*reader->at++ - '0');
    if (count == 0 || is_digit(reader))
        return false;
    for (; count < 6; count++)
        value *= 10;
    *ret_us = value;
    return true;
}

static bool read_clock(struct reader *reader, struct fields *fields)
{
    if (!take_digits(reader, 2, &fields->hour) || !take(reader, ':') ||
        !take_digits(reader, 2, &fields->minute))
        return false;
    if (!take(reader, ':'))
        return reader->lenient;
    if (!take_digits(reader, 2, &fields->second))
        return false;
    return !take(reader, '.') || read_fraction(reader, &fields->fraction_us);
}

static bool read_offset(struct reader *reader, int *ret_min)
{
    if (take(reader, 'Z') || (reader->lenient && take(reader, 'z'))) {
        *ret_min = 0;
        return true;
    }
    bool west = take(reader, '-');
    int hour;
    int minute;
    if (!west && !take(reader, '+'))
        return reader->lenient && reader->at == reader->end;
    if (!take_digits(reader, 2, &hour) || !take(reader, ':') || !take_digits(reader, 2, &minute) ||
        hour > 23 || minute > 59)
        return false;
    *ret_min = (west ? -1 : 1) * (hour * 60 + minute);
    return true;
}

static bool take_separator(struct reader *reader)
{
    return take(reader, 'T') || (reader->lenient && (take(reader, ' ') || take(reader, 't')));
}

static bool read_fields(struct reader *reader, struct fields *fields)
{
    if (!read_date(reader, &fields->date))
        return false;
    if (reader->lenient && reader->at == reader->end)
        return true;
    return take_separator(reader) && read_clock(reader, fields) &&
           read_offset(reader, &fields->offset_min) && reader->at == reader->end;
}

/* What is wrong with well-formed fields; NULL if nothing is. */
static const char *fault_of(const struct fields *fields)
{
    const struct date *date = &fields->date;
    if (date->month < 1 || date->month > 12)
        return "there is no such month";
    if (date->day < 1 || date->day > days_in_month(date->year, date->month))
        return "there is no such day";
    if (fields->second == 60)
        return "leap seconds cannot be represented";
    if (fields->hour > 23 || fields->minute > 59 || fields->second > 59)
        return "there is no such time of day";
    return NULL;
}

static int64_t time_of(const struct fields *fields)
{
    int minute = fields->hour * 60 + fields->minute - fields->offset_min;
    int64_t second = (int64_t)minute * 60 + fields->second;
    return days_from_date(fields->date) * US_PER_DAY + second * US_PER_S + fields->fraction_us;
}

/* Quotes at most this much of a text that is no time. */
#define QUOTE_MAX 64

static int parse(const char *text, size_t len, bool lenient, int64_t *ret_time_us)
{
    struct reader reader = {.at = text, .end = text + len, .lenient = lenient};
    struct fields fields = {0};
    int quoted = (int)(len < QUOTE_MAX ? len : QUOTE_MAX);
    if (!read_fields(&reader, &fields))
        return ml_fail(MLEDGER_EINVALID, "'%.*s' is no time; write it like 2026-03-01%s14:32%s",
                       quoted, text, lenient ? " " : "T", lenient ? "" : ":00Z");
    const char *fault = fault_of(&fields);
    if (fault)
        return ml_fail(MLEDGER_EINVALID, "'%.*s' is no time: %s", quoted, text, fault);
    int64_t time_us = time_of(&fields);
    if (time_us < 0 || time_us > ML_TIME_MAX_US)
        return ml_fail(MLEDGER_EINVALID, "'%.*s' is not in the years 1970 to 9999 (UTC)", quoted,
                       text);
    *ret_time_us = time_us;
    return MLEDGER_OK;
}

int ml_time_parse(const char *text, size_t len, int64_t *ret_time_us)
{
    return parse(text, len, false, ret_time_us);
}

int ml_time_parse_user(const char *text, size_t len, int64_t *ret_time_us)
{
    return parse(text, len, true, ret_time_us);
}
