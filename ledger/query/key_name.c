/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/key_name.h"

#include "ledger/core/hex.h"
#include "ledger/query/state_walk.h"

static const char prefix[] = "key:";

bool ml_key_is_digits(const char *text)
{
    const size_t len = strlen(text);
    return len >= ML_KEY_DIGITS_MIN && len <= (size_t)2 * ML_KEY_SIZE &&
           strspn(text, "0123456789abcdef") == len;
}

const char *ml_key_named(const char *text)
{
    const size_t len = sizeof prefix - 1;
    return strncmp(text, prefix, len) == 0 ? text + len : NULL;
}

struct search {
    const char *digits;
    size_t len, found;
    uint8_t *key;
};

static int match(const uint8_t key[ML_KEY_SIZE], const Mledger__KeyState *state, void *context)
{
    (void)state;
    struct search *search = context;
    char hex[ML_HEX_SIZE(ML_KEY_SIZE)];
    ml_hex_encode(hex, key, ML_KEY_SIZE);
    if (strncmp(hex, search->digits, search->len) != 0)
        return MLEDGER_OK;
    if (search->found++ == 0)
        memcpy(search->key, key, ML_KEY_SIZE);
    return MLEDGER_OK;
}

int ml_key_by_digits(struct ml_view *view, const char *digits, uint8_t ret_key[ML_KEY_SIZE])
{
    if (!ml_key_is_digits(digits))
        return ml_fail(MLEDGER_ENOTFOUND,
                       "'%s' names no key: at least %d of its hexadecimal digits do", digits,
                       ML_KEY_DIGITS_MIN);
    struct search search = {.digits = digits, .len = strlen(digits), .key = ret_key};
    ML_TRY(ml_key_walk(view, match, &search));
    if (search.found > 1)
        return ml_fail(MLEDGER_EUSAGE, "%zu keys begin with '%s'; give more digits", search.found,
                       digits);
    if (search.found == 0)
        return ml_fail(MLEDGER_ENOTFOUND, "no key of this ledger begins with '%s'", digits);
    return MLEDGER_OK;
}

int ml_key_by_name(const struct ml_key_names *names, struct ml_view *view, const char *name,
                   uint8_t ret_key[ML_KEY_SIZE])
{
    return names ? names->find(names->context, view, name, ret_key)
                 : ml_key_by_digits(view, name, ret_key);
}
