/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/values.h"

#include <ctype.h>
#include <inttypes.h>

#include "ledger/core/double.h"
#include "ledger/core/time.h"
#include "ledger/query/digest_text.h"

int ml_values_pair(const char *what, const char *text, struct ml_pair *ret_pair)
{
    const char *sign = strchr(text, '=');
    if (!sign || sign == text)
        return ml_fail(MLEDGER_EUSAGE, "%s must be KEY=VALUE, not '%s'", what, text);
    *ret_pair = (struct ml_pair){.key = ML_SPAN(text, (size_t)(sign - text)), .value = sign + 1};
    return MLEDGER_OK;
}

/* The number in text[0 … len). */
static bool read_integer(const char *text, size_t len, int64_t *ret_number)
{
    const bool negative = len > 0 && text[0] == '-';
    int64_t number = 0;
    if (len == (size_t)negative)
        return false;
    for (size_t i = negative; i < len; i++) {
        if (!isdigit((unsigned char)text[i]) || __builtin_mul_overflow(number, 10, &number))
            return false;
        const int digit = text[i] - '0';
        if (__builtin_add_overflow(number, negative ? -digit : digit, &number))
            return false;
    }
    *ret_number = number;
    return true;
}

int ml_values_integer(const char *what, const char *text, int64_t least, int64_t most,
                      int64_t *ret_number)
{
    int64_t number;
    if (!read_integer(text, strlen(text), &number) || number < least || number > most)
        return ml_fail(MLEDGER_EUSAGE,
                       "%s must be a whole number from %" PRId64 " to %" PRId64 ", not '%s'", what,
                       least, most, text);
    *ret_number = number;
    return MLEDGER_OK;
}

int ml_values_metric(const char *what, const char *text, struct ml_metric *ret_metric)
{
    struct ml_pair pair;
    struct ml_metric metric = {0};
    const char *sign = strchr(text, '=');
    if (!sign || sign == text)
        return ml_fail(MLEDGER_EUSAGE, "%s must be KEY=NUMBER or KEY=NUMBER@STEP, not '%s'", what,
                       text);
    ML_TRY(ml_values_pair(what, text, &pair));
    const char *at = strrchr(pair.value, '@');
    const size_t len = at ? (size_t)(at - pair.value) : strlen(pair.value);
    if (at && !read_integer(at + 1, strlen(at + 1), &metric.step))
        return ml_fail(MLEDGER_EUSAGE, "%s: the step behind '@' must be a whole number, not '%s'",
                       what, at + 1);
    if (ml_double_parse(pair.value, len, &metric.value) < 0)
        return ml_fail(MLEDGER_EUSAGE, "%s: '%.*s' is no number that a metric can be", what,
                       (int)len, pair.value);
    metric.key = pair.key;
    metric.text = ML_SPAN(pair.value, len);
    *ret_metric = metric;
    return MLEDGER_OK;
}

int ml_values_check(const char *what, const char *text, struct ml_check *ret_check)
{
    const char *sign = strchr(text, '=');
    const char *colon = strrchr(text, ':');
    const bool passed = colon && strcmp(colon + 1, "passed") == 0;
    const bool failed = colon && strcmp(colon + 1, "failed") == 0;
    if (!sign || sign == text || !colon || colon < sign || (!passed && !failed))
        return ml_fail(MLEDGER_EUSAGE,
                       "%s must be NAME=VALUE:passed or NAME=VALUE:failed, not '%s'", what, text);
    *ret_check = (struct ml_check){
        .name = ML_SPAN(text, (size_t)(sign - text)),
        .value = ML_SPAN(sign + 1, (size_t)(colon - sign - 1)),
        .passed = passed,
    };
    return MLEDGER_OK;
}

/* A percentage in parts per million, exactly. */
static bool read_percent(const char *text, uint32_t *ret_ppm)
{
    uint64_t ppm = 0, unit = 10000;
    const char *at = text;
    for (; isdigit((unsigned char)*at) && ppm <= 1000000; at++)
        ppm = ppm * 10 + (uint64_t)(*at - '0') * unit;
    if (at == text)
        return false;
    if (*at == '.')
        for (at++; isdigit((unsigned char)*at) && unit > 1; at++)
            ppm += (uint64_t)(*at - '0') * (unit /= 10);
    if (*at == '%')
        at++;
    if (*at != '\0' || ppm == 0 || ppm > 1000000)
        return false;
    *ret_ppm = (uint32_t)ppm;
    return true;
}

int ml_values_share(const char *what, const char *text, struct ml_share *ret_share)
{
    const char *sign = strrchr(text, '=');
    struct ml_share share = {.ref = ML_SPAN(text, sign ? (size_t)(sign - text) : strlen(text))};
    share.given = sign != NULL;
    if (sign && !read_percent(sign + 1, &share.ppm))
        return ml_fail(MLEDGER_EUSAGE,
                       "%s: the share of '%s' must be above 0%% and at most 100%%, with at most "
                       "four decimals",
                       what, text);
    if (share.ref.len == 0)
        return ml_fail(MLEDGER_EUSAGE, "%s must be a version, with or without =SHARE%%, not '%s'",
                       what, text);
    *ret_share = share;
    return MLEDGER_OK;
}

static Mledger__Algorithm find_algorithm(const char *text, const char **ret_hex)
{
    const char *colon = strchr(text, ':');
    if (!colon)
        return MLEDGER__ALGORITHM__ALGORITHM_UNSPECIFIED;
    *ret_hex = colon + 1;
    return ml_algorithm_find(text, (size_t)(colon - text));
}

bool ml_values_is_digest(const char *text)
{
    const char *hex;
    return find_algorithm(text, &hex) != MLEDGER__ALGORITHM__ALGORITHM_UNSPECIFIED;
}

static int read_digest(const char *what, const char *text, const char *hex,
                       struct ml_digest *digest)
{
    digest->len = ml_algorithm_size(digest->algorithm);
    if (digest->algorithm == MLEDGER__ALGORITHM__GIT && strlen(hex) == 40)
        digest->len = 20;
    if (ml_hex_decode_any_case(hex, strlen(hex), digest->value, digest->len) < 0)
        return ml_fail(MLEDGER_EUSAGE, "%s: '%s' must have %s hexadecimal digits, no fewer", what,
                       text,
                       digest->algorithm == MLEDGER__ALGORITHM__GIT      ? "40 or 64"
                       : digest->algorithm == MLEDGER__ALGORITHM__SHA256 ? "64"
                                                                         : "32");
    return MLEDGER_OK;
}

int ml_values_digest(const char *what, const char *text, struct ml_digest *ret_digest)
{
    const char *hex;
    struct ml_digest digest = {.algorithm = find_algorithm(text, &hex)};
    if (digest.algorithm == MLEDGER__ALGORITHM__ALGORITHM_UNSPECIFIED)
        return ml_fail(MLEDGER_EUSAGE,
                       "%s must be a digest such as sha256:HEX or md5:HEX, not '%s'", what, text);
    ML_TRY(read_digest(what, text, hex, &digest));
    *ret_digest = digest;
    return MLEDGER_OK;
}

int ml_values_commit(const char *what, const char *text, struct ml_digest *ret_commit)
{
    struct ml_digest commit = {.algorithm = MLEDGER__ALGORITHM__GIT};
    const char *hex = strncmp(text, "git:", 4) == 0 ? text + 4 : text;
    ML_TRY(read_digest(what, text, hex, &commit));
    *ret_commit = commit;
    return MLEDGER_OK;
}

int ml_values_time(const char *what, const char *text, int64_t *ret_time_us)
{
    if (ml_time_parse_user(text, strlen(text), ret_time_us) < 0)
        return ml_fail(MLEDGER_EUSAGE, "%s must be a time such as 2026-03-01T14:32:00Z, not '%s'",
                       what, text);
    return MLEDGER_OK;
}
