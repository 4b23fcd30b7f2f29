/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/key_choice.h"

#include "ledger/core/hex.h"

void ml_key_short(char text[ML_KEY_SHOWN_DIGITS + 1], const uint8_t key[ML_KEY_SIZE])
{
    ml_hex_encode(text, key, ML_KEY_SHOWN_DIGITS / 2);
}

int ml_key_of_file(struct ml_session *session, const char *name, uint8_t ret_key[ML_KEY_SIZE])
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
    int result = ml_key_of_file(session, name, ret_key);
    return result == MLEDGER_ENOTFOUND && ml_key_is_digits(name)
               ? ml_key_by_digits(view, name, ret_key)
               : result;
}

static int find_in(void *context, struct ml_view *view, const char *name,
                   uint8_t ret_key[ML_KEY_SIZE])
{
    return ml_key_find_in(context, view, name, ret_key);
}

struct ml_key_names ml_key_names_of(struct ml_session *session)
{
    return (struct ml_key_names){.find = find_in, .context = session};
}

int ml_key_find(struct ml_session *session, const char *name, uint8_t ret_key[ML_KEY_SIZE])
{
    struct ml_view view;
    int result = ml_key_of_file(session, name, ret_key);
    if (result != MLEDGER_ENOTFOUND || !ml_key_is_digits(name))
        return result;
    ML_TRY(ml_view_begin(session->ledger, &view));
    result = ml_key_by_digits(&view, name, ret_key);
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
