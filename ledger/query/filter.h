/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which model versions an inventory shows: a small language, read by hand.
 *
 *     filter     condition { "," condition }              all of them must hold
 *     condition  field operator value { "|" value }
 *     field      name stage alias owner version validation deployed holdout exceptions
 *                registered changed validated             times
 *                registered-age changed-age validated-age data-age
 *                tag.KEY metric.KEY                       KEY may stand in double quotes
 *     operator   = != ~ !~ < <= > >=
 *     value      in double quotes (\" and \\ in them), or all up to the next , or | without
 *                spaces around it
 *
 * = and != compare, ~ and !~ match a pattern of the shell (*, ?, [a-z]); of several values one must
 * fit, and none with != and !~. Texts take these four, numbers = != < <= > >=, times < <= > >=,
 * ages (12h, 30d, 6w, 12mo, 2y: whole months by the calendar) the same. "none" with = and != is for
 * what is not recorded. Where a number, a time or an age is not recorded, a comparison neither
 * holds nor fails: it is not known.
 *
 * Pure, but for ml_age_before(), which asks nothing either.
 */
#ifndef ML_QUERY_FILTER_H
#define ML_QUERY_FILTER_H

#include "ledger/core/arena.h"

enum ml_filter_field {
    ML_FILTER_NAME,
    ML_FILTER_STAGE,
    ML_FILTER_ALIAS,
    ML_FILTER_OWNER,
    ML_FILTER_VALIDATION,
    ML_FILTER_DEPLOYED,
    ML_FILTER_HOLDOUT,
    ML_FILTER_TAG,
    ML_FILTER_VERSION,
    ML_FILTER_EXCEPTIONS,
    ML_FILTER_METRIC,
    ML_FILTER_REGISTERED,
    ML_FILTER_CHANGED,
    ML_FILTER_VALIDATED,
    ML_FILTER_REGISTERED_AGE,
    ML_FILTER_CHANGED_AGE,
    ML_FILTER_VALIDATED_AGE,
    ML_FILTER_DATA_AGE,
    ML_FILTER_FIELDS,
};

enum ml_filter_kind { ML_FILTER_TEXT, ML_FILTER_NUMBER, ML_FILTER_TIME, ML_FILTER_AGE };
enum ml_filter_kind ml_filter_kind(enum ml_filter_field field);

enum ml_filter_operator {
    ML_FILTER_EQUAL,
    ML_FILTER_NOT_EQUAL,
    ML_FILTER_LIKE,
    ML_FILTER_NOT_LIKE,
    ML_FILTER_LESS,
    ML_FILTER_AT_MOST,
    ML_FILTER_GREATER,
    ML_FILTER_AT_LEAST,
};

/* A length of time; one of the two is 0. */
struct ml_age {
    uint32_t months;
    int64_t us;
};

enum { ML_FILTER_CONDITIONS = 32, ML_FILTER_VALUES = 32, ML_FILTER_TEXT_MAX = 4096 };

struct ml_condition {
    enum ml_filter_field field;
    enum ml_filter_operator compare;
    const char *key; /* of a tag or metric */
    struct ml_filter_value {
        const char *text; /* as it stands, without its quotes */
        bool none;        /* a bare none */
        double number;
        int64_t time_us;
        struct ml_age age;
    } values[ML_FILTER_VALUES];
    size_t n_values; /* 1 but with texts and numbers */
};

struct ml_filter {
    struct ml_condition *conditions; /* in an arena */
    size_t count;
};

/* Adds the conditions of `text` to the filter. MLEDGER_EUSAGE: it makes no sense; the error says
 * where and what. */
int ml_filter_parse(const char *text, struct ml_arena *arena, struct ml_filter *filter) ML_MUST_USE;
/* Appends it as text, which says the same when it is parsed. */
int ml_filter_write(const struct ml_filter *filter, struct ml_buf *text) ML_MUST_USE;
bool ml_filter_asks(const struct ml_filter *filter, enum ml_filter_field field);

/* ---- one condition and what is recorded ---- */

enum ml_filter_answer { ML_FILTER_NO, ML_FILTER_YES, ML_FILTER_NOT_KNOWN };

/* `texts`: all that it has, maybe none. */
enum ml_filter_answer ml_condition_texts(const struct ml_condition *condition,
                                         const char *const *texts, size_t count);
/* `number` NULL: not recorded. */
enum ml_filter_answer ml_condition_number(const struct ml_condition *condition,
                                          const double *number);
/* Of a time or an age; `time_us` NULL: not recorded. Ages count back from `now_us`. */
enum ml_filter_answer ml_condition_time(const struct ml_condition *condition,
                                        const int64_t *time_us, int64_t now_us);

/* The time that lies `age` before: months by the calendar of UTC, the day cut to the month's last.
 * 0 if that is before 1970. */
int64_t ml_age_before(const struct ml_age *age, int64_t now_us);

#endif
