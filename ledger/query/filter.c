/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/filter.h"

#include <math.h>
#include <stdio.h>

#include "ledger/core/double.h"
#include "ledger/core/time.h"
#include "ledger/core/utf8.h"

static const struct {
    const char *name; /* one that ends in '.' is followed by a key */
    enum ml_filter_kind kind;
} fields[ML_FILTER_FIELDS] = {
    [ML_FILTER_NAME] = {"name", ML_FILTER_TEXT},
    [ML_FILTER_STAGE] = {"stage", ML_FILTER_TEXT},
    [ML_FILTER_ALIAS] = {"alias", ML_FILTER_TEXT},
    [ML_FILTER_OWNER] = {"owner", ML_FILTER_TEXT},
    [ML_FILTER_VALIDATION] = {"validation", ML_FILTER_TEXT},
    [ML_FILTER_DEPLOYED] = {"deployed", ML_FILTER_TEXT},
    [ML_FILTER_HOLDOUT] = {"holdout", ML_FILTER_TEXT},
    [ML_FILTER_TAG] = {"tag.", ML_FILTER_TEXT},
    [ML_FILTER_VERSION] = {"version", ML_FILTER_NUMBER},
    [ML_FILTER_EXCEPTIONS] = {"exceptions", ML_FILTER_NUMBER},
    [ML_FILTER_METRIC] = {"metric.", ML_FILTER_NUMBER},
    [ML_FILTER_REGISTERED] = {"registered", ML_FILTER_TIME},
    [ML_FILTER_CHANGED] = {"changed", ML_FILTER_TIME},
    [ML_FILTER_VALIDATED] = {"validated", ML_FILTER_TIME},
    [ML_FILTER_REGISTERED_AGE] = {"registered-age", ML_FILTER_AGE},
    [ML_FILTER_CHANGED_AGE] = {"changed-age", ML_FILTER_AGE},
    [ML_FILTER_VALIDATED_AGE] = {"validated-age", ML_FILTER_AGE},
    [ML_FILTER_DATA_AGE] = {"data-age", ML_FILTER_AGE},
};

/* The longer first. */
static const struct {
    const char *text;
    enum ml_filter_operator compare;
} operators[] = {
    {"!=", ML_FILTER_NOT_EQUAL}, {"!~", ML_FILTER_NOT_LIKE}, {"<=", ML_FILTER_AT_MOST},
    {">=", ML_FILTER_AT_LEAST},  {"=", ML_FILTER_EQUAL},     {"~", ML_FILTER_LIKE},
    {"<", ML_FILTER_LESS},       {">", ML_FILTER_GREATER},
};

enum ml_filter_kind ml_filter_kind(enum ml_filter_field field)
{
    return fields[field].kind;
}

bool ml_filter_asks(const struct ml_filter *filter, enum ml_filter_field field)
{
    for (size_t i = 0; i < filter->count; i++)
        if (filter->conditions[i].field == field)
            return true;
    return false;
}

/* ---- words ---- */

/* A text on its way. */
struct parse {
    const char *at;
    const char *whole;
    struct ml_arena *arena;
};

#define PARSE_FAIL(parse, ...)                                                                     \
    (ml_fail(MLEDGER_EUSAGE, __VA_ARGS__), ml_prefix("filter '%s'", (parse)->whole))

static void skip_spaces(struct parse *parse)
{
    parse->at += strspn(parse->at, " \t");
}

static bool take(struct parse *parse, const char *text)
{
    size_t len = strlen(text);
    if (strncmp(parse->at, text, len) != 0)
        return false;
    parse->at += len;
    return true;
}

static int keep(struct parse *parse, const char *text, size_t len, const char **ret_text)
{
    *ret_text = ml_arena_text(parse->arena, text, len);
    return *ret_text ? MLEDGER_OK : ml_arena_fail(parse->arena, "the filter");
}

/* After the opening quote. */
static int take_quoted(struct parse *parse, const char **ret_text)
{
    char *text = ml_arena_alloc(parse->arena, strlen(parse->at) + 1);
    size_t len = 0;
    if (!text)
        return ml_arena_fail(parse->arena, "the filter");
    for (; *parse->at != '"'; parse->at++) {
        if (*parse->at == '\\' && (parse->at[1] == '"' || parse->at[1] == '\\'))
            parse->at++;
        if (*parse->at == '\0')
            return PARSE_FAIL(parse, "a quote is not closed");
        text[len++] = *parse->at;
    }
    parse->at++;
    text[len] = '\0';
    *ret_text = text;
    return MLEDGER_OK;
}

/* Up to one of the `ends`, without spaces at its end; or quoted. */
static int take_word(struct parse *parse, const char *ends, const char **ret_text)
{
    skip_spaces(parse);
    if (take(parse, "\""))
        return take_quoted(parse, ret_text);
    size_t len = strcspn(parse->at, ends), kept = len;
    while (kept > 0 && strchr(" \t", parse->at[kept - 1]))
        kept--;
    ML_TRY(keep(parse, parse->at, kept, ret_text));
    parse->at += len;
    return MLEDGER_OK;
}

/* ---- field and operator ---- */

static int fail_field(struct parse *parse, const char *name, size_t len)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf list = {0};
    for (size_t i = 0; i < ML_FILTER_FIELDS; i++)
        ML_TRY(ml_buf_printf(&list, "%s%s%s", i ? ", " : "", fields[i].name,
                             i == ML_FILTER_TAG || i == ML_FILTER_METRIC ? "KEY" : ""));
    return PARSE_FAIL(parse, "there is no field '%.*s', but %.*s", (int)len, name, (int)list.len,
                      (const char *)list.data);
}

static int take_field(struct parse *parse, struct ml_condition *condition)
{
    skip_spaces(parse);
    const char *name = parse->at;
    size_t len = strcspn(name, " \t=!~<>.,|\"");
    len += name[len] == '.';
    for (size_t i = 0; i < ML_FILTER_FIELDS; i++) {
        if (strlen(fields[i].name) != len || strncmp(fields[i].name, name, len) != 0)
            continue;
        condition->field = (enum ml_filter_field)i;
        parse->at += len;
        return name[len - 1] == '.' ? take_word(parse, " \t=!~<>,|", &condition->key) : MLEDGER_OK;
    }
    return fail_field(parse, name, len);
}

static bool takes(enum ml_filter_kind kind, enum ml_filter_operator compare)
{
    bool is_order = compare >= ML_FILTER_LESS;
    bool is_pattern = compare == ML_FILTER_LIKE || compare == ML_FILTER_NOT_LIKE;
    return kind == ML_FILTER_TEXT ? !is_order : !is_pattern;
}

static int take_operator(struct parse *parse, struct ml_condition *condition)
{
    skip_spaces(parse);
    for (size_t i = 0; i < ML_COUNT(operators); i++) {
        if (!take(parse, operators[i].text))
            continue;
        condition->compare = operators[i].compare;
        if (takes(fields[condition->field].kind, condition->compare))
            return MLEDGER_OK;
        return PARSE_FAIL(parse, "'%s' does not go with %s%s", operators[i].text,
                          fields[condition->field].name, condition->key ? condition->key : "");
    }
    return PARSE_FAIL(
        parse, "an operator is due after %s: = != ~ !~ < <= > >=", fields[condition->field].name);
}

/* ---- values ---- */

static int read_age(struct parse *parse, const char *text, struct ml_age *ret_age)
{
    static const struct {
        const char *unit;
        int64_t seconds; /* 0: months */
        uint32_t months;
    } units[] = {{"h", 3600, 0}, {"d", 86400, 0}, {"w", 604800, 0},
                 {"mo", 0, 1},   {"y", 0, 12},    {NULL, 0, 0}};
    uint32_t count = 0;
    size_t digits = strspn(text, "0123456789");
    const char *unit = text + digits;
    size_t i = 0;
    for (size_t k = 0; k < digits && digits <= 5; k++)
        count = 10 * count + (uint32_t)(text[k] - '0');
    while (units[i].unit && strcmp(units[i].unit, unit) != 0)
        i++;
    if (digits == 0 || digits > 5 || !units[i].unit)
        return PARSE_FAIL(parse, "'%s' is no length of time, such as 36h, 30d, 6w, 12mo, 2y", text);
    ret_age->months = count * units[i].months;
    ret_age->us = count * units[i].seconds * INT64_C(1000000);
    return MLEDGER_OK;
}

static int read_value(struct parse *parse, const struct ml_condition *condition,
                      struct ml_filter_value *value)
{
    const char *text = value->text;
    switch (fields[condition->field].kind) {
    case ML_FILTER_TEXT:
        return MLEDGER_OK;
    case ML_FILTER_NUMBER:
        if (ml_double_parse(text, strlen(text), &value->number) < 0 || !isfinite(value->number))
            return PARSE_FAIL(parse, "'%s' is no number", text);
        return MLEDGER_OK;
    case ML_FILTER_TIME:
        if (ml_time_parse_user(text, strlen(text), &value->time_us) < 0)
            return PARSE_FAIL(parse,
                              "'%s' is no time, such as 2026-03-01; for a length of time "
                              "there is %s-age",
                              text, fields[condition->field].name);
        return MLEDGER_OK;
    case ML_FILTER_AGE:
        return read_age(parse, text, &value->age);
    }
    return MLEDGER_OK;
}

static bool is_none(const struct ml_condition *condition, const char *text)
{
    return strcmp(text, "none") == 0 &&
           (condition->compare == ML_FILTER_EQUAL || condition->compare == ML_FILTER_NOT_EQUAL);
}

static int check_value(struct parse *parse, const struct ml_condition *condition,
                       const struct ml_filter_value *value)
{
    enum ml_filter_kind kind = fields[condition->field].kind;
    bool is_order = condition->compare >= ML_FILTER_LESS;
    if (*value->text == '\0' && kind != ML_FILTER_TEXT)
        return PARSE_FAIL(parse, "a value is due after %s", fields[condition->field].name);
    if ((kind == ML_FILTER_TIME || kind == ML_FILTER_AGE) && !is_order && !value->none)
        return PARSE_FAIL(
            parse, "%s takes < <= > >=, or none after = and !=", fields[condition->field].name);
    return MLEDGER_OK;
}

static int take_value(struct parse *parse, struct ml_condition *condition)
{
    struct ml_filter_value *value = &condition->values[condition->n_values];
    skip_spaces(parse);
    bool quoted = *parse->at == '"';
    ML_TRY(take_word(parse, ",|", &value->text));
    if (!quoted && *value->text == '\0')
        return PARSE_FAIL(parse, "a value is due after %s", fields[condition->field].name);
    value->none = !quoted && is_none(condition, value->text);
    ML_TRY(check_value(parse, condition, value));
    if (!value->none)
        ML_TRY(read_value(parse, condition, value));
    condition->n_values++;
    skip_spaces(parse);
    return MLEDGER_OK;
}

static int take_values(struct parse *parse, struct ml_condition *condition)
{
    ML_TRY(take_value(parse, condition));
    while (take(parse, "|")) {
        if (condition->compare >= ML_FILTER_LESS)
            return PARSE_FAIL(parse, "%s is compared with one value",
                              fields[condition->field].name);
        if (condition->n_values == ML_FILTER_VALUES)
            return PARSE_FAIL(parse, "more than %d values", ML_FILTER_VALUES);
        ML_TRY(take_value(parse, condition));
    }
    return MLEDGER_OK;
}

/* ---- all of it ---- */

static int take_condition(struct parse *parse, struct ml_filter *filter)
{
    if (filter->count == ML_FILTER_CONDITIONS)
        return PARSE_FAIL(parse, "more than %d conditions", ML_FILTER_CONDITIONS);
    struct ml_condition *condition = &filter->conditions[filter->count];
    *condition = (struct ml_condition){0};
    ML_TRY(take_field(parse, condition));
    if (condition->key && *condition->key == '\0')
        return PARSE_FAIL(parse, "a key is due after '%s'", fields[condition->field].name);
    ML_TRY(take_operator(parse, condition));
    ML_TRY(take_values(parse, condition));
    filter->count++;
    return MLEDGER_OK;
}

int ml_filter_parse(const char *text, struct ml_arena *arena, struct ml_filter *filter)
{
    struct parse parse = {.at = text, .whole = text, .arena = arena};
    size_t len = strlen(text);
    if (len > ML_FILTER_TEXT_MAX)
        return ml_fail(MLEDGER_EUSAGE, "a filter has at most %d bytes", ML_FILTER_TEXT_MAX);
    if (!ml_utf8_is_valid(ML_SPAN(text, len)))
        return ml_fail(MLEDGER_EUSAGE, "a filter is UTF-8");
    if (!filter->conditions)
        filter->conditions =
            ml_arena_calloc(arena, ML_FILTER_CONDITIONS, sizeof *filter->conditions);
    if (!filter->conditions)
        return ml_arena_fail(arena, "the filter");
    do
        ML_TRY(take_condition(&parse, filter));
    while (take(&parse, ","));
    if (*parse.at)
        return PARSE_FAIL(&parse, "a comma is due before '%s'", parse.at);
    return MLEDGER_OK;
}

/* ---- writing ---- */

static bool is_plain(const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_./:@*?[]+-";
    return *word && strspn(word, plain) == strlen(word) && strcmp(word, "none") != 0;
}

static int write_word(struct ml_buf *text, const char *word)
{
    if (is_plain(word))
        return ml_buf_append_text(text, word);
    ML_TRY(ml_buf_append_char(text, '"'));
    for (; *word; word++) {
        if (*word == '"' || *word == '\\')
            ML_TRY(ml_buf_append_char(text, '\\'));
        ML_TRY(ml_buf_append_char(text, *word));
    }
    return ml_buf_append_char(text, '"');
}

static int write_condition(const struct ml_condition *condition, struct ml_buf *text)
{
    size_t i = 0;
    while (operators[i].compare != condition->compare)
        i++;
    ML_TRY(ml_buf_append_text(text, fields[condition->field].name));
    if (condition->key)
        ML_TRY(write_word(text, condition->key));
    ML_TRY(ml_buf_append_text(text, operators[i].text));
    for (size_t k = 0; k < condition->n_values; k++) {
        ML_TRY(ml_buf_append_text(text, k ? "|" : ""));
        ML_TRY(condition->values[k].none ? ml_buf_append_text(text, "none")
                                         : write_word(text, condition->values[k].text));
    }
    return MLEDGER_OK;
}

int ml_filter_write(const struct ml_filter *filter, struct ml_buf *text)
{
    for (size_t i = 0; i < filter->count; i++) {
        ML_TRY(ml_buf_append_text(text, i ? "," : ""));
        ML_TRY(write_condition(&filter->conditions[i], text));
    }
    return MLEDGER_OK;
}
