/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/dvc/text.h"

#include <math.h>
#include <stdio.h>

/* Decimal digits of Python's repr(): the fewest that read back as the same number. */
static int shortest(double number, char *text, size_t size)
{
    for (int precision = 0; precision < 17; precision++) {
        snprintf(text, size, "%.*e", precision, number);
        const double back = strtod(text, NULL);
        if (!(back < number) && !(back > number))
            break;
    }
    const char *exponent = strchr(text, 'e');
    return exponent ? (int)strtol(exponent + 1, NULL, 10) : 0;
}

/* digits "d.ddd" without sign and exponent, as a plain decimal with a point. */
static int append_fixed(const char *digits, size_t count, int exponent, struct ml_buf *out)
{
    int place = exponent;
    if (place < 0)
        ML_TRY(ml_buf_append_text(out, "0."));
    for (int zero = -1; zero > place; zero--)
        ML_TRY(ml_buf_append_char(out, '0'));
    for (size_t i = 0; i < count; i++, place--) {
        if (place == -1 && exponent >= 0)
            ML_TRY(ml_buf_append_char(out, '.'));
        ML_TRY(ml_buf_append_char(out, digits[i]));
    }
    for (; place >= 0; place--)
        ML_TRY(ml_buf_append_char(out, '0'));
    if (exponent >= 0 && count <= (size_t)exponent + 1)
        ML_TRY(ml_buf_append_text(out, ".0"));
    return 0;
}

static int append_double(double number, struct ml_buf *out)
{
    char text[64], digits[24];
    size_t count = 0;
    if (isnan(number))
        return ml_buf_append_text(out, "nan");
    if (isinf(number))
        return ml_buf_append_text(out, number > 0 ? "inf" : "-inf");
    const int exponent = shortest(number, text, sizeof(text));
    for (const char *at = text; *at && *at != 'e' && count < sizeof(digits); at++)
        if (*at >= '0' && *at <= '9')
            digits[count++] = *at;
    if (signbit(number))
        ML_TRY(ml_buf_append_char(out, '-'));
    if (exponent >= -4 && exponent < 16)
        return append_fixed(digits, count, exponent, out);
    ML_TRY(ml_buf_append(out, digits, 1));
    if (count > 1) {
        ML_TRY(ml_buf_append_char(out, '.'));
        ML_TRY(ml_buf_append(out, digits + 1, count - 1));
    }
    return ml_buf_printf(out, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
}

/* An int beyond 64 bits: its digits, without underscores, plus sign and leading zeros. */
static int append_big(const char *text, struct ml_buf *out)
{
    if (text[0] == '-')
        ML_TRY(ml_buf_append_char(out, '-'));
    text += text[0] == '-' || text[0] == '+';
    text += strspn(text, "0_");
    for (; *text; text++)
        if (*text != '_')
            ML_TRY(ml_buf_append_char(out, *text));
    return 0;
}

int ml_dvc_text_scalar(const struct ml_value *value, struct ml_buf *out)
{
    int64_t integer;
    double number;
    switch (value->kind) {
    case ML_VALUE_NULL:
        return ml_buf_append_text(out, "None");
    case ML_VALUE_BOOL:
        return ml_buf_append_text(out, ml_value_true(value) ? "true" : "false");
    case ML_VALUE_INT:
        if (ml_value_int64(value, &integer))
            return ml_buf_printf(out, "%lld", (long long)integer);
        return append_big(value->text, out);
    case ML_VALUE_FLOAT:
        if (ml_value_double(value, &number))
            return append_double(number, out);
        return ml_buf_append(out, value->text, value->len);
    default:
        return ml_buf_append(out, value->text ? value->text : "", value->len);
    }
}

/* As Python's shlex.quote(). */
static int append_quoted(const char *text, struct ml_buf *out)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "_@%+=:,./-";
    if (*text && text[strspn(text, safe)] == '\0')
        return ml_buf_append_text(out, text);
    ML_TRY(ml_buf_append_char(out, '\''));
    for (; *text; text++)
        if (*text == '\'')
            ML_TRY(ml_buf_append_text(out, "'\"'\"'"));
        else
            ML_TRY(ml_buf_append_char(out, *text));
    return ml_buf_append_char(out, '\'');
}

static int append_argument(const struct ml_value *value, struct ml_buf *out)
{
    ML_TRY(ml_buf_append_char(out, ' '));
    if (value->kind == ML_VALUE_STRING)
        return append_quoted(value->text, out);
    if (value->kind == ML_VALUE_BOOL) /* inside a list Python's own spelling stays */
        return ml_buf_append_text(out, ml_value_true(value) ? "True" : "False");
    return ml_dvc_text_scalar(value, out);
}

static int append_name(const char *key, struct ml_buf *out)
{
    if (out->len > 0 && out->data[out->len - 1] != ' ')
        ML_TRY(ml_buf_append_char(out, ' '));
    ML_TRY(ml_buf_append_text(out, "--"));
    return ml_buf_append_text(out, key);
}

static int append_list(const char *key, const struct ml_value *list,
                       struct ml_dvc_option_style style, struct ml_buf *out)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct ml_value *item = list->items[i];
        if (item->kind == ML_VALUE_SEQ || item->kind == ML_VALUE_MAP)
            return ml_fail(MLEDGER_EINVALID, "'%s' has a container inside its list", key);
        if (i == 0 || style.append_list)
            ML_TRY(append_name(key, out));
        ML_TRY(append_argument(item, out));
    }
    return 0;
}

static int append_map(const char *prefix, const struct ml_value *map,
                      struct ml_dvc_option_style style, struct ml_buf *out);

static int append_option(const char *key, const struct ml_value *value,
                         struct ml_dvc_option_style style, struct ml_buf *out)
{
    switch (value->kind) {
    case ML_VALUE_MAP:
        return append_map(key, value, style, out);
    case ML_VALUE_SEQ:
        return append_list(key, value, style, out);
    case ML_VALUE_BOOL:
        if (ml_value_true(value))
            return append_name(key, out);
        if (!style.no_prefix)
            return 0;
        ML_TRY(append_name("no-", out));
        return ml_buf_append_text(out, key);
    default:
        ML_TRY(append_name(key, out));
        return append_argument(value, out);
    }
}

static int append_map(const char *prefix, const struct ml_value *map,
                      struct ml_dvc_option_style style, struct ml_buf *out)
{
    for (size_t i = 0; i < map->count; i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf key = {0};
        if (prefix)
            ML_TRY(ml_buf_printf(&key, "%s.", prefix));
        ML_TRY(ml_dvc_text_scalar(map->entries[i].key, &key));
        ML_TRY(ml_buf_append_char(&key, '\0'));
        ML_TRY(append_option((const char *)key.data, map->entries[i].value, style, out));
    }
    return 0;
}

int ml_dvc_text_options(const struct ml_value *map, struct ml_dvc_option_style style,
                        struct ml_buf *out)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf options = {0};
    ML_TRY(append_map(NULL, map, style, &options));
    return ml_buf_append(out, options.data, options.len);
}
