/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/mlflow/number.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <strings.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool ml_mlflow_ordinal(const char *text, uint64_t *ret_number)
{
    uint64_t number = 0;
    if (!is_digit(*text) || *text == '0')
        return false;
    for (; is_digit(*text); text++)
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, (uint64_t)(*text - '0'), &number))
            return false;
    if (*text)
        return false;
    *ret_number = number;
    return true;
}

bool ml_mlflow_int64(const char *text, int64_t *ret_number)
{
    const bool negative = *text == '-';
    int64_t number = 0;
    text += *text == '-' || *text == '+';
    if (!is_digit(*text))
        return false;
    for (; is_digit(*text); text++) {
        const int64_t digit = negative ? '0' - *text : *text - '0';
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, digit, &number))
            return false;
    }
    if (*text)
        return false;
    *ret_number = number;
    return true;
}

static const char *skip_digits(const char *text)
{
    while (is_digit(*text))
        text++;
    return text;
}

/* digits[.digits] or .digits, then [e[+-]digits]; strtod alone would take hexadecimal too. */
static bool is_decimal(const char *text)
{
    const char *whole = skip_digits(text);
    const char *end = whole;
    bool digits = whole > text;
    if (*end == '.') {
        end = skip_digits(end + 1);
        digits = digits || end > whole + 1;
    }
    if (!digits)
        return false;
    if (*end == 'e' || *end == 'E') {
        end++;
        end += *end == '+' || *end == '-';
        if (!is_digit(*end))
            return false;
        end = skip_digits(end);
    }
    return *end == '\0';
}

static locale_t c_locale;

static void make_c_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static bool read_decimal(const char *text, double *ret_number)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (pthread_once(&once, make_c_locale) || !c_locale)
        return false;
    *ret_number = strtod_l(text, NULL, c_locale);
    return true;
}

bool ml_mlflow_double(const char *text, double *ret_number)
{
    const char *bare = text + (*text == '-' || *text == '+');
    if (is_decimal(bare))
        return read_decimal(text, ret_number);
    double number;
    if (strcasecmp(bare, "inf") == 0 || strcasecmp(bare, "infinity") == 0)
        number = HUGE_VAL;
    else if (strcasecmp(bare, "nan") == 0)
        number = nan("");
    else
        return false;
    *ret_number = *text == '-' ? -number : number;
    return true;
}
