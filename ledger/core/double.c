/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/double.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <strings.h>

enum {
    MAX_DIGITS = DBL_DECIMAL_DIG, /* so many always read back as the same double */
    MIN_POSITIONAL = -4,          /* exponents of ten that Python writes without one */
    MAX_POSITIONAL = 15,
    EXPONENT_LIMIT = 100000, /* past it a number of ML_LIMIT_DOUBLE_TEXT digits is 0 or too large */
};

/* d.ddd * 10^exponent */
struct decimal {
    char digits[MAX_DIGITS + 1];
    int count;
    int exponent;
};

static void drop_zeros(struct decimal *decimal)
{
    while (decimal->count > 1 && decimal->digits[decimal->count - 1] == '0')
        decimal->count--;
}

/* Takes the digits and the exponent out of what "%e" wrote; the point may be any. */
static void read_scientific(const char *text, struct decimal *decimal)
{
    decimal->count = 0;
    for (; *text != 'e'; text++)
        if (*text >= '0' && *text <= '9')
            decimal->digits[decimal->count++] = *text;
    decimal->exponent = (int)strtol(text + 1, NULL, 10);
    drop_zeros(decimal);
}

static void take_digits(uint64_t whole, struct decimal *decimal)
{
    char reversed[MAX_DIGITS + 1];
    int count = 0;
    do
        reversed[count++] = (char)('0' + whole % 10);
    while (whole /= 10);
    decimal->exponent += count - 1;
    for (decimal->count = 0; count > 0;)
        decimal->digits[decimal->count++] = reversed[--count];
    drop_zeros(decimal);
}

/* Numbers that people choose, and counts, have few decimals: number = whole / 10^decimals. Both are
 * doubles without rounding, and a division is rounded correctly, so that if it gives the number
 * these digits read back as it. Of at most DBL_DIG digits no others do. */
static bool find_few_decimals(double number, struct decimal *decimal)
{
    static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8};
    for (int decimals = 0; decimals < (int)ML_COUNT(powers); decimals++) {
        const double scaled = number * powers[decimals] + 0.5;
        if (scaled >= 1e15) /* DBL_DIG digits */
            return false;
        const uint64_t whole = (uint64_t)scaled;
        if ((double)whole / powers[decimals] != number)
            continue;
        decimal->exponent = -decimals;
        take_digits(whole, decimal);
        return true;
    }
    return false;
}

enum { SCIENTIFIC_SIZE = 64 };

/* The first `digits` digits of the number, rounded; do they read back as it? */
static bool write_rounded(double number, int digits, char text[SCIENTIFIC_SIZE])
{
    snprintf(text, SCIENTIFIC_SIZE, "%.*e", digits - 1, number);
    return digits == MAX_DIGITS || strtod(text, NULL) == number;
}

/* DBL_DIG digits survive the way through a normal double and lose only trailing zeros. Where one
 * more does not read back, they do not either (then the number is so near to what they say that it
 * would round to that, with a zero behind), and most numbers that are computed need all MAX_DIGITS.
 */
static void find_normal(double number, struct decimal *decimal)
{
    char text[SCIENTIFIC_SIZE], shorter[SCIENTIFIC_SIZE];
    if (!write_rounded(number, DBL_DIG + 1, text))
        (void)write_rounded(number, MAX_DIGITS, text);
    else if (write_rounded(number, DBL_DIG, shorter))
        memcpy(text, shorter, sizeof text);
    read_scientific(text, decimal);
}

/* `number` is positive or zero. */
static void find_shortest(double number, struct decimal *decimal)
{
    char text[SCIENTIFIC_SIZE];
    int digits = 1;
    if (find_few_decimals(number, decimal))
        return;
    if (isnormal(number)) {
        find_normal(number, decimal);
        return;
    }
    while (!write_rounded(number, digits, text))
        digits++;
    read_scientific(text, decimal);
}

/* Appends to text, which has room by ML_DOUBLE_TEXT_SIZE. */
static char *put(char *text, char c, int count)
{
    for (int i = 0; i < count; i++)
        *text++ = c;
    return text;
}

static char *put_digits(char *text, const char *digits, int count)
{
    memcpy(text, digits, (size_t)count);
    return text + count;
}

static void write_positional(const struct decimal *decimal, char *text)
{
    int whole = decimal->exponent + 1; /* digits before the point */
    if (whole <= 0) {
        text = put_digits(text, "0.", 2);
        text = put(text, '0', -whole);
        text = put_digits(text, decimal->digits, decimal->count);
    } else if (whole >= decimal->count) {
        text = put_digits(text, decimal->digits, decimal->count);
        text = put(text, '0', whole - decimal->count);
        text = put_digits(text, ".0", 2);
    } else {
        text = put_digits(text, decimal->digits, whole);
        *text++ = '.';
        text = put_digits(text, decimal->digits + whole, decimal->count - whole);
    }
    *text = '\0';
}

static void write_scientific(const struct decimal *decimal, char *text)
{
    *text++ = decimal->digits[0];
    if (decimal->count > 1) {
        *text++ = '.';
        text = put_digits(text, decimal->digits + 1, decimal->count - 1);
    }
    int size = decimal->exponent < 0 ? -decimal->exponent : decimal->exponent;
    snprintf(text, sizeof "e-308", "e%c%02d", decimal->exponent < 0 ? '-' : '+', size % 1000);
}

void ml_double_format(double number, char ret_text[ML_DOUBLE_TEXT_SIZE])
{
    assert(isfinite(number));
    struct decimal decimal;
    find_shortest(fabs(number), &decimal);
    char *text = ret_text;
    if (signbit(number))
        *text++ = '-';
    if (decimal.exponent >= MIN_POSITIONAL && decimal.exponent <= MAX_POSITIONAL)
        write_positional(&decimal, text);
    else
        write_scientific(&decimal, text);
}

/* A number on its way to strtod(): its digits without the point, which a locale could spell
 * otherwise. */
struct digits {
    char text[ML_LIMIT_DOUBLE_TEXT + 32];
    size_t len;
    int exponent;
};

static const char *take_run(const char *at, const char *end, struct digits *digits)
{
    for (; at < end && *at >= '0' && *at <= '9'; at++)
        digits->text[digits->len++] = *at;
    return at;
}

/* The exponent behind "e"; NULL: there is none. */
static const char *take_exponent(const char *at, const char *end, int *ret_exponent)
{
    bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    const char *first = at;
    int value = 0;
    for (; at < end && *at >= '0' && *at <= '9'; at++)
        if (value < EXPONENT_LIMIT)
            value = value * 10 + (*at - '0');
    *ret_exponent = negative ? -value : value;
    return at > first ? at : NULL;
}

/* [digits][.digits][e[sign]digits], at least one digit before the e. */
static bool read_digits(const char *at, const char *end, struct digits *digits)
{
    at = take_run(at, end, digits);
    if (at < end && *at == '.') {
        size_t whole = digits->len;
        at = take_run(at + 1, end, digits);
        digits->exponent -= (int)(digits->len - whole);
    }
    if (digits->len == 0)
        return false;
    if (at < end && (*at == 'e' || *at == 'E')) {
        int exponent;
        at = take_exponent(at + 1, end, &exponent);
        digits->exponent += exponent;
    }
    return at == end;
}

static bool is_word(const char *text, size_t len, const char *word)
{
    return len == strlen(word) && strncasecmp(text, word, len) == 0;
}

static bool read_special(const char *text, size_t len, double *ret_number)
{
    static const uint64_t canonical_nan = 0x7ff8000000000000U;
    if (is_word(text, len, "inf") || is_word(text, len, "infinity"))
        *ret_number = HUGE_VAL;
    else if (is_word(text, len, "nan"))
        memcpy(ret_number, &canonical_nan, sizeof canonical_nan);
    else
        return false;
    return true;
}

int ml_double_parse(const char *text, size_t len, double *ret_number)
{
    enum { QUOTE_MAX = 64 };
    int quoted = (int)(len < QUOTE_MAX ? len : QUOTE_MAX);
    if (len > ML_LIMIT_DOUBLE_TEXT)
        return ml_fail(MLEDGER_EINVALID, "a number of %zu characters, over %d", len,
                       ML_LIMIT_DOUBLE_TEXT);
    const char *at = text, *end = text + len;
    bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    double number;
    if (!read_special(at, (size_t)(end - at), &number)) {
        struct digits digits = {0};
        if (!read_digits(at, end, &digits))
            return ml_fail(MLEDGER_EINVALID, "'%.*s' is no number", quoted, text);
        snprintf(digits.text + digits.len, sizeof digits.text - digits.len, "e%d", digits.exponent);
        number = strtod(digits.text, NULL);
        if (isinf(number))
            return ml_fail(MLEDGER_EINVALID, "'%.*s' is too large a number", quoted, text);
    }
    *ret_number = negative && !isnan(number) ? -number : number;
    return MLEDGER_OK;
}
