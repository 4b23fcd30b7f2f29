/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers behind texts, in every spelling of YAML, JSON and TOML. */
#include "ingest/value.h"

#include <math.h>

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 32);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

/* Base by prefix; the text is moved behind it. */
static int number_base(const char **text)
{
    const char *at = *text;
    if (at[0] != '0')
        return 10;
    const char prefix = (char)(at[1] | 32);
    const int base = prefix == 'x' ? 16 : prefix == 'o' ? 8 : prefix == 'b' ? 2 : 10;
    if (base != 10)
        *text += 2;
    return base;
}

bool ml_value_int64(const struct ml_value *value, int64_t *ret_int)
{
    if (!ml_value_is(value, ML_VALUE_INT))
        return false;
    const char *text = value->text;
    const bool negative = text[0] == '-';
    if (negative || text[0] == '+')
        text++;
    const int base = number_base(&text);
    int64_t sum = 0;
    for (; *text; text++) {
        if (*text == '_')
            continue;
        const int digit = digit_value(*text);
        if (digit >= base || __builtin_mul_overflow(sum, base, &sum) ||
            __builtin_sub_overflow(sum, digit, &sum))
            return false;
    }
    if (!negative && __builtin_sub_overflow((int64_t)0, sum, &sum))
        return false;
    *ret_int = sum;
    return true;
}

/* Copies the digits without underscores; false when that is longer than any number needs. */
static bool plain_number(const struct ml_value *value, char *text, size_t size)
{
    size_t len = 0;
    for (size_t i = 0; i < value->len; i++) {
        if (value->text[i] == '_')
            continue;
        if (len + 1 >= size)
            return false;
        text[len++] = value->text[i];
    }
    text[len] = '\0';
    return true;
}

static bool special_double(const char *text, double *ret_double)
{
    const bool negative = text[0] == '-';
    if (negative || text[0] == '+')
        text++;
    if (text[0] == '.' && (text[1] | 32) != 'i' && (text[1] | 32) != 'n')
        return false;
    text += text[0] == '.';
    if ((text[0] | 32) == 'i')
        *ret_double = negative ? -HUGE_VAL : HUGE_VAL;
    else if ((text[0] | 32) == 'n')
        *ret_double = (double)NAN;
    else
        return false;
    return true;
}

bool ml_value_double(const struct ml_value *value, double *ret_double)
{
    int64_t integer;
    char text[512];
    if (ml_value_int64(value, &integer)) {
        *ret_double = (double)integer;
        return true;
    }
    if (!value || (value->kind != ML_VALUE_INT && value->kind != ML_VALUE_FLOAT))
        return false;
    if (special_double(value->text, ret_double))
        return true;
    if (!plain_number(value, text, sizeof(text)))
        return false;
    char *end;
    const double number = strtod(text, &end);
    if (end == text || *end != '\0')
        return false;
    *ret_double = number;
    return true;
}
