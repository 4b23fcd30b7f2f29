/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/key_choice.h"

#include "ledger/core/hex.h"
#include "ledger/query/state_walk.h"

void ml_key_short(char text[ML_KEY_SHOWN_DIGITS + 1], const uint8_t key[ML_KEY_SIZE])
{
    ml_hex_encode(text, key, ML_KEY_SHOWN_DIGITS / 2);
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

static bool is_digits(const char *text)
{
    size_t len = strlen(text);
    return len >= ML_KEY_DIGITS_MIN && len <= (size_t)2 * ML_KEY_SIZE &&
           strspn(text, "0123456789abcdef") == len;
}

static int find_by_digits(struct ml_view *view, const char *digits, uint8_t ret_key[ML_KEY_SIZE])
{
    struct search search = {.digits = digits, .len = strlen(digits), .key = ret_key};
    ML_TRY(ml_key_walk(view, match, &search));
    if (search.found > 1)
        return ml_fail(MLEDGER_EUSAGE, "%zu keys begin with '%s'; give more digits", search.found,
                       digits);
    if (search.found == 0)
        return ml_fail(MLEDGER_ENOTFOUND, "no key of this ledger begins with '%s'", digits);
    return MLEDGER_OK;
}

/* The key file of that name or path. */
static int find_file(struct ml_session *session, const char *name, uint8_t ret_key[ML_KEY_SIZE])
{
    ML_CLEANUP(ml_freep) char *path = NULL;
    struct mledger_key_info info;
    ML_TRY(ml_keyring_find(&session->keyring, name, &path));
    ML_TRY(mledger_key_peek(path, &info));
    memcpy(ret_key, info.public_key, ML_KEY_SIZE);
    return MLEDGER_OK;
}

int ml_key_find_in(struct ml_session *session, struct ml_view *view, const char *name,
                   uint8_t ret_key[ML_KEY_SIZE])
{
    int result = find_file(session, name, ret_key);
    return result == MLEDGER_ENOTFOUND && is_digits(name) ? find_by_digits(view, name, ret_key)
                                                          : result;
}

int ml_key_find(struct ml_session *session, const char *name, uint8_t ret_key[ML_KEY_SIZE])
{
    struct ml_view view;
    int result = find_file(session, name, ret_key);
    if (result != MLEDGER_ENOTFOUND || !is_digits(name))
        return result;
    ML_TRY(ml_view_begin(session->ledger, &view));
    result = find_by_digits(&view, name, ret_key);
    ml_view_end(&view);
    return result;
}

int ml_key_find_known(struct ml_session *session, const char *name, uint8_t ret_key[ML_KEY_SIZE],
                      struct ml_standing *ret_standing)
{
    struct ml_view view;
    struct ml_standing standing;
    ML_TRY(ml_key_find(session, name, ret_key));
    ML_TRY(ml_view_begin(session->ledger, &view));
    int result = ml_standing_read(&view, ret_key, &standing);
    ml_view_end(&view);
    ML_TRY(result);
    if (!standing.known)
        return ml_fail(MLEDGER_ENOTFOUND, "this ledger does not know key '%s'", name);
    *ret_standing = standing;
    return MLEDGER_OK;
}
