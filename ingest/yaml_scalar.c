/* SPDX-License-Identifier: Apache-2.0 */
/* Which plain scalars are numbers, booleans, dates: the implicit resolvers of ruamel.yaml (YAML
 * 1.2) and PyYAML (YAML 1.1), as small matchers over the text. */
#include "ingest/yaml.h"

#include <strings.h>

struct cursor {
    const char *at;
    const char *end;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool take(struct cursor *cursor, const char *set)
{
    if (cursor->at == cursor->end || !strchr(set, *cursor->at))
        return false;
    cursor->at++;
    return true;
}

/* Number of characters out of `set` or underscores taken; *digits counts those out of `set`. */
static size_t take_run(struct cursor *cursor, const char *set, size_t *digits)
{
    const char *start = cursor->at;
    *digits = 0;
    while (cursor->at < cursor->end && (*cursor->at == '_' || strchr(set, *cursor->at)))
        *digits += *cursor->at++ != '_';
    return (size_t)(cursor->at - start);
}

static bool at_end(const struct cursor *cursor)
{
    return cursor->at == cursor->end;
}

static bool is_one_of(const char *text, size_t len, const char *const *words)
{
    for (; *words; words++)
        if (strlen(*words) == len && memcmp(*words, text, len) == 0)
            return true;
    return false;
}

static bool is_null(const char *text, size_t len)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL", NULL};
    return is_one_of(text, len, words);
}

static bool is_bool(enum ml_yaml_schema schema, const char *text, size_t len)
{
    static const char *const both[] = {"true", "True", "TRUE", "false", "False", "FALSE", NULL};
    static const char *const old[] = {"yes", "Yes", "YES", "no",  "No",  "NO", "on",
                                      "On",  "ON",  "off", "Off", "OFF", NULL};
    return is_one_of(text, len, both) || (schema == ML_YAML_1_1 && is_one_of(text, len, old));
}

/* Digits of one base up to the end, at least one of them. */
static bool rest_is(struct cursor cursor, const char *set)
{
    size_t digits;
    take_run(&cursor, set, &digits);
    return digits > 0 && at_end(&cursor);
}

/* Sexagesimal numbers of YAML 1.1: 1:30, -190:20:30; a float ends in ".digits". */
static bool is_sexagesimal(struct cursor cursor, bool fraction)
{
    size_t digits;
    if (at_end(&cursor) || !is_digit(*cursor.at) || (*cursor.at == '0' && !fraction))
        return false;
    take_run(&cursor, "0123456789", &digits);
    size_t groups = 0;
    while (take(&cursor, ":")) {
        const char *start = cursor.at;
        while (!at_end(&cursor) && is_digit(*cursor.at))
            cursor.at++;
        const size_t len = (size_t)(cursor.at - start);
        if (len == 0 || len > 2 || (len == 2 && *start > '5'))
            return false;
        groups++;
    }
    if (groups > 0 && fraction && take(&cursor, "."))
        take_run(&cursor, "0123456789", &digits);
    else if (fraction)
        return false;
    return groups > 0 && at_end(&cursor);
}

static bool is_int(enum ml_yaml_schema schema, struct cursor cursor)
{
    take(&cursor, "+-");
    if (at_end(&cursor))
        return false;
    if (*cursor.at == '0' && cursor.end - cursor.at > 1) {
        struct cursor behind = {cursor.at + 2, cursor.end};
        switch (cursor.at[1]) {
        case 'b':
            return rest_is(behind, "01");
        case 'x':
            return rest_is(behind, "0123456789abcdefABCDEF");
        case 'o':
            return schema == ML_YAML_1_2 && rest_is(behind, "01234567");
        default:
            break;
        }
        if (schema == ML_YAML_1_1)
            return rest_is(cursor, "01234567");
    }
    if (schema == ML_YAML_1_1 && is_sexagesimal(cursor, false))
        return true;
    if (schema == ML_YAML_1_1 && *cursor.at == '_')
        return false;
    return rest_is(cursor, "0123456789");
}

/* true when there is no exponent or a whole one; 1.1 wants it signed. */
static bool take_exponent(enum ml_yaml_schema schema, struct cursor *cursor, bool *ret_there)
{
    *ret_there = take(cursor, "eE");
    if (!*ret_there)
        return true;
    if (!take(cursor, "+-") && schema == ML_YAML_1_1)
        return false;
    const char *start = cursor->at;
    while (!at_end(cursor) && is_digit(*cursor->at))
        cursor->at++;
    return cursor->at > start;
}

static bool is_special_float(struct cursor cursor)
{
    static const char *const infinity[] = {".inf", ".Inf", ".INF", NULL};
    static const char *const nan[] = {".nan", ".NaN", ".NAN", NULL};
    if (is_one_of(cursor.at, (size_t)(cursor.end - cursor.at), nan))
        return true;
    take(&cursor, "+-");
    return is_one_of(cursor.at, (size_t)(cursor.end - cursor.at), infinity);
}

static bool is_float(enum ml_yaml_schema schema, struct cursor cursor)
{
    size_t before, after = 0;
    bool exponent;
    if (is_special_float(cursor))
        return true;
    const bool is_signed = take(&cursor, "+-");
    if (schema == ML_YAML_1_1 && is_sexagesimal(cursor, true))
        return true;
    if (!at_end(&cursor) && *cursor.at == '_')
        return false;
    take_run(&cursor, "0123456789", &before);
    const bool point = take(&cursor, ".");
    if (point)
        take_run(&cursor, "0123456789", &after);
    if (before == 0 && (after == 0 || (schema == ML_YAML_1_1 && is_signed)))
        return false;
    if (!take_exponent(schema, &cursor, &exponent) || !at_end(&cursor))
        return false;
    return point || (exponent && schema == ML_YAML_1_2);
}

static bool take_digits(struct cursor *cursor, size_t min, size_t max)
{
    size_t count = 0;
    while (count < max && !at_end(cursor) && is_digit(*cursor->at)) {
        cursor->at++;
        count++;
    }
    return count >= min;
}

static void skip_blanks(struct cursor *cursor)
{
    while (take(cursor, " \t"))
        ;
}

/* hh:mm:ss, a fraction, a zone. */
static bool is_time_of_day(struct cursor *cursor)
{
    if (!take_digits(cursor, 1, 2) || !take(cursor, ":") || !take_digits(cursor, 2, 2) ||
        !take(cursor, ":") || !take_digits(cursor, 2, 2))
        return false;
    if (take(cursor, "."))
        take_digits(cursor, 0, SIZE_MAX);
    skip_blanks(cursor);
    if (take(cursor, "Z") || at_end(cursor))
        return at_end(cursor);
    if (!take(cursor, "+-") || !take_digits(cursor, 1, 2))
        return false;
    if (take(cursor, ":") && !take_digits(cursor, 2, 2))
        return false;
    return at_end(cursor);
}

static bool is_timestamp(struct cursor cursor)
{
    if (!take_digits(&cursor, 4, 4) || !take(&cursor, "-"))
        return false;
    const char *month = cursor.at;
    if (!take_digits(&cursor, 1, 2) || !take(&cursor, "-"))
        return false;
    const char *day = cursor.at;
    if (!take_digits(&cursor, 1, 2))
        return false;
    if (at_end(&cursor))
        return day - month == 3 && cursor.at - day == 2;
    if (!take(&cursor, "Tt")) {
        if (*cursor.at != ' ' && *cursor.at != '\t')
            return false;
        skip_blanks(&cursor);
    }
    return is_time_of_day(&cursor);
}

enum ml_value_kind ml_yaml_plain_kind(enum ml_yaml_schema schema, const char *text, size_t len)
{
    const struct cursor cursor = {text, text + len};
    if (is_null(text, len))
        return ML_VALUE_NULL;
    if (is_bool(schema, text, len))
        return ML_VALUE_BOOL;
    /* A leading underscore, letter or anything else is no number: most scalars end here. */
    if (!is_digit(text[0]) && !strchr("+-.", text[0]))
        return ML_VALUE_STRING;
    if (is_int(schema, cursor) && text[0] != '.')
        return ML_VALUE_INT;
    if (is_float(schema, cursor))
        return ML_VALUE_FLOAT;
    return is_timestamp(cursor) ? ML_VALUE_TIMESTAMP : ML_VALUE_STRING;
}
