/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/toml_scalar.h"

struct token {
    const char *at, *end;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool take(struct token *token, const char *set)
{
    if (token->at == token->end || *token->at == '\0' || !strchr(set, *token->at))
        return false;
    token->at++;
    return true;
}

static bool is_word(const struct token *token, const char *word)
{
    return (size_t)(token->end - token->at) == strlen(word) &&
           memcmp(token->at, word, strlen(word)) == 0;
}

/* Digits out of `set` with single underscores between them. */
static bool take_digits(struct token *token, const char *set)
{
    if (!take(token, set))
        return false;
    for (;;) {
        if (take(token, "_")) {
            if (!take(token, set))
                return false;
        } else if (!take(token, set)) {
            return true;
        }
    }
}

static bool is_based_int(struct token token)
{
    static const struct {
        char prefix;
        const char *digits;
    } bases[] = {{'x', "0123456789abcdefABCDEF"}, {'o', "01234567"}, {'b', "01"}};
    if (token.end - token.at < 3 || token.at[0] != '0')
        return false;
    for (size_t i = 0; i < ML_COUNT(bases); i++) {
        struct token behind = {token.at + 2, token.end};
        if (token.at[1] == bases[i].prefix)
            return take_digits(&behind, bases[i].digits) && behind.at == behind.end;
    }
    return false;
}

/* An optional sign and digits without a leading zero. */
static bool take_whole(struct token *token)
{
    take(token, "+-");
    const char *start = token->at;
    return take_digits(token, "0123456789") && (*start != '0' || token->at - start == 1);
}

static bool is_float(struct token token)
{
    struct token word = token;
    take(&word, "+-");
    if (is_word(&word, "inf") || is_word(&word, "nan"))
        return true;
    bool found = false;
    if (!take_whole(&token))
        return false;
    if (take(&token, ".")) {
        found = true;
        if (!take_digits(&token, "0123456789"))
            return false;
    }
    if (take(&token, "eE")) {
        found = true;
        take(&token, "+-");
        if (!take_digits(&token, "0123456789"))
            return false;
    }
    return found && token.at == token.end;
}

/* Exactly `count` digits with a value from `low` to `high`. */
static bool take_number(struct token *token, int count, int low, int high, int *ret_number)
{
    int number = 0;
    for (int i = 0; i < count; i++) {
        if (token->at == token->end || !is_digit(*token->at))
            return false;
        number = number * 10 + (*token->at++ - '0');
    }
    if (ret_number)
        *ret_number = number;
    return number >= low && number <= high;
}

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

static bool take_date(struct token *token)
{
    int year, month;
    return take_number(token, 4, 0, 9999, &year) && take(token, "-") &&
           take_number(token, 2, 1, 12, &month) && take(token, "-") &&
           take_number(token, 2, 1, month_days(year, month), NULL);
}

static bool take_time(struct token *token)
{
    if (!take_number(token, 2, 0, 23, NULL) || !take(token, ":") ||
        !take_number(token, 2, 0, 59, NULL) || !take(token, ":") ||
        !take_number(token, 2, 0, 60, NULL))
        return false;
    if (!take(token, "."))
        return true;
    if (!take(token, "0123456789"))
        return false;
    while (take(token, "0123456789"))
        ;
    return true;
}

static bool take_zone(struct token *token)
{
    if (token->at == token->end || take(token, "Zz"))
        return true;
    return take(token, "+-") && take_number(token, 2, 0, 23, NULL) && take(token, ":") &&
           take_number(token, 2, 0, 59, NULL);
}

static bool is_timestamp(struct token token)
{
    struct token time = token;
    if (take_time(&time) && time.at == time.end)
        return true;
    if (!take_date(&token))
        return false;
    if (token.at == token.end)
        return true;
    return take(&token, "Tt ") && take_time(&token) && take_zone(&token) && token.at == token.end;
}

bool ml_toml_scalar_kind(const char *text, size_t len, enum ml_value_kind *ret_kind)
{
    const struct token token = {text, text + len};
    struct token whole = token;
    if (is_word(&token, "true") || is_word(&token, "false"))
        *ret_kind = ML_VALUE_BOOL;
    else if (is_based_int(token) || (take_whole(&whole) && whole.at == whole.end))
        *ret_kind = ML_VALUE_INT;
    else if (is_float(token))
        *ret_kind = ML_VALUE_FLOAT;
    else if (is_timestamp(token))
        *ret_kind = ML_VALUE_TIMESTAMP;
    else
        return false;
    return true;
}
