/* SPDX-License-Identifier: Apache-2.0 */
/* Values of options and arguments held against their rules. */
#include <ctype.h>
#include <inttypes.h>

#include "cli/invocation.h"
#include "cli/suggest.h"

/* The decimal digits at the start of `*text`, moved past; false on overflow or none. */
static bool read_digits(const char **text, uint64_t *ret_number)
{
    uint64_t number = 0;
    const char *at = *text;
    for (; isdigit((unsigned char)*at); at++)
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, (uint64_t)(*at - '0'), &number))
            return false;
    if (at == *text)
        return false;
    *text = at;
    *ret_number = number;
    return true;
}

/* "", "B", "K", "KiB" (1024), "kB" (1000) and so on; false when it is none of these. */
static bool read_unit(const char *text, uint64_t *ret_factor)
{
    static const char letters[] = "KMGT";
    *ret_factor = 1;
    if (*text == '\0' || strcmp(text, "B") == 0)
        return true;
    const char *letter = strchr(letters, toupper((unsigned char)*text));
    if (!letter)
        return false;
    bool decimal = strcmp(text + 1, "B") == 0;
    if (!decimal && strcmp(text + 1, "") != 0 && strcmp(text + 1, "iB") != 0)
        return false;
    for (const char *at = letters; at <= letter; at++)
        *ret_factor *= decimal ? 1000 : 1024;
    return true;
}

static bool read_number(enum ml_value_kind kind, const char *text, uint64_t *ret_number)
{
    uint64_t number, factor = 1;
    if (!read_digits(&text, &number))
        return false;
    if (kind == ML_VALUE_NUMBER ? *text != '\0' : !read_unit(text, &factor))
        return false;
    return !__builtin_mul_overflow(number, factor, ret_number);
}

static int check_number(const struct ml_value_rule *rule, const char *what, const char *value,
                        uint64_t *ret_number)
{
    uint64_t number;
    if (!read_number(rule->kind, value, &number))
        return ml_fail(MLEDGER_EUSAGE, "%s must be %s, not '%s'", what,
                       rule->kind == ML_VALUE_SIZE ? "a size such as 64MiB" : "a whole number",
                       value);
    if (number < rule->least)
        return ml_fail(MLEDGER_EUSAGE, "%s must be at least %" PRIu64 ", not '%s'", what,
                       rule->least, value);
    if (rule->most && number > rule->most)
        return ml_fail(MLEDGER_EUSAGE, "%s must be at most %" PRIu64 ", not '%s'", what, rule->most,
                       value);
    *ret_number = number;
    return MLEDGER_OK;
}

/* "auto, always or never" */
static int list_choices(const char *const *choices, struct ml_buf *list)
{
    for (const char *const *at = choices; *at; at++) {
        const char *before = at == choices ? "" : at[1] ? ", " : " or ";
        ML_TRY(ml_buf_printf(list, "%s%s", before, *at));
    }
    return ml_buf_append_char(list, '\0');
}

static int check_choice(const struct ml_value_rule *rule, const char *what, const char *value)
{
    struct ml_suggestion near;
    ml_suggestion_init(&near, value, strlen(value));
    for (const char *const *at = rule->choices; *at; at++) {
        if (strcmp(*at, value) == 0)
            return MLEDGER_OK;
        ml_suggestion_offer(&near, *at);
    }
    ML_CLEANUP(ml_buf_release) struct ml_buf list = {0};
    ML_TRY(list_choices(rule->choices, &list));
    if (near.best)
        return ml_fail(MLEDGER_EUSAGE, "%s must be %s, not '%s'; did you mean '%s'?", what,
                       (char *)list.data, value, near.best);
    return ml_fail(MLEDGER_EUSAGE, "%s must be %s, not '%s'", what, (char *)list.data, value);
}

int ml_value_check(const struct ml_value_rule *rule, const char *what, const char *value,
                   uint64_t *ret_number)
{
    switch (rule->kind) {
    case ML_VALUE_NUMBER:
    case ML_VALUE_SIZE:
        return check_number(rule, what, value, ret_number);
    case ML_VALUE_CHOICE:
        return check_choice(rule, what, value);
    default:
        if (*value == '\0' && rule->kind != ML_VALUE_TEXT)
            return ml_fail(MLEDGER_EUSAGE, "%s must not be empty", what);
        return MLEDGER_OK;
    }
}
