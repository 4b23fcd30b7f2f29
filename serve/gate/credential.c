/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/gate/credential.h"

#include <sodium.h>
#include <stdio.h>
#include <strings.h>

#include "ledger/core/base64.h"
#include "ledger/core/ed25519.h"
#include "ledger/core/hex.h"
#include "ledger/core/utf8.h"

static const char prefix[] = "mledger_";
enum {
    PREFIX_LEN = sizeof prefix - 1,
    ID_BYTES = ML_USER_TOKEN_DIGITS / 2,
    SECRET_BYTES = 32,
};
static_assert(ML_TOKEN_SIZE == PREFIX_LEN + ML_USER_TOKEN_DIGITS + 1 + ML_TOKEN_SECRET_LEN + 1,
              "as documented");
static_assert((int)ML_USER_HASH_SIZE == (int)crypto_pwhash_STRBYTES, "as libsodium has it");

void ml_credential_release(struct ml_credential *credential)
{
    sodium_memzero(credential, sizeof *credential);
}

static int put(struct ml_credential *credential, struct ml_span id, struct ml_span secret)
{
    if (id.len == 0 || id.len >= sizeof credential->id || memchr(id.data, '\0', id.len) ||
        !ml_utf8_is_valid(id))
        return ml_fail(MLEDGER_EINVALID, "the user's name is empty, too long or no UTF-8");
    if (secret.len == 0 || secret.len >= sizeof credential->secret)
        return ml_fail(MLEDGER_EINVALID, "the password is empty or longer than %d bytes",
                       ML_CREDENTIAL_SECRET_MAX);
    memcpy(credential->id, id.data, id.len);
    memcpy(credential->secret, secret.data, secret.len);
    credential->secret_len = secret.len;
    return MLEDGER_OK;
}

static int read_token(const char *text, struct ml_credential *credential)
{
    const char *id = text + PREFIX_LEN;
    if (strlen(text) != ML_TOKEN_SIZE - 1 || memcmp(text, prefix, PREFIX_LEN) != 0 ||
        strspn(id, "0123456789abcdef") != ML_USER_TOKEN_DIGITS || id[ML_USER_TOKEN_DIGITS] != '_')
        return ml_fail(MLEDGER_EINVALID, "the bearer token is none that mledger token add made");
    credential->kind = ML_USER_TOKEN;
    return put(credential, ML_SPAN(id, ML_USER_TOKEN_DIGITS), ml_token_secret(text));
}

/* Wipes what it held. */
static void wipe(struct ml_buf *buf)
{
    if (buf->data)
        sodium_memzero(buf->data, buf->cap);
    ml_buf_release(buf);
}

static int read_basic(const char *text, struct ml_credential *credential)
{
    ML_CLEANUP(wipe) struct ml_buf both = {0};
    /* Before anything is in it, so that it never moves and leaves a copy behind. */
    ML_TRY(ml_buf_reserve(&both, ML_CREDENTIAL_HEADER_MAX));
    if (ml_base64_append_decoded(&both, text, strlen(text)) < 0)
        return ml_prefix("what stands after Basic");
    const uint8_t *colon = both.len ? memchr(both.data, ':', both.len) : NULL;
    if (!colon)
        return ml_fail(MLEDGER_EINVALID, "what stands after Basic is no USER:PASSWORD");
    const size_t len = (size_t)(colon - both.data);
    credential->kind = ML_USER_PASSWORD;
    return put(credential, ML_SPAN(both.data, len), ML_SPAN(colon + 1, both.len - len - 1));
}

/* The scheme's parameters, if the header is of that scheme. */
static const char *after(const char *authorization, const char *scheme)
{
    const size_t len = strlen(scheme);
    if (strncasecmp(authorization, scheme, len) != 0 || authorization[len] != ' ')
        return NULL;
    return authorization + len + strspn(authorization + len, " ");
}

int ml_credential_read(const char *authorization, struct ml_credential *ret_credential)
{
    *ret_credential = (struct ml_credential){0};
    if (strnlen(authorization, ML_CREDENTIAL_HEADER_MAX + 1) > ML_CREDENTIAL_HEADER_MAX)
        return ml_fail(MLEDGER_EINVALID, "the Authorization header is longer than %d bytes",
                       ML_CREDENTIAL_HEADER_MAX);
    const char *token = after(authorization, "Bearer");
    if (token)
        return read_token(token, ret_credential);
    const char *basic = after(authorization, "Basic");
    if (basic)
        return read_basic(basic, ret_credential);
    return ml_fail(MLEDGER_EINVALID, "the Authorization header is neither Bearer nor Basic");
}

/* ---- tokens and hashes ---- */

int ml_token_make(char ret_token[ML_TOKEN_SIZE], char ret_id[ML_USER_TOKEN_DIGITS + 1])
{
    uint8_t id[ID_BYTES], secret[SECRET_BYTES];
    char text[ML_TOKEN_SECRET_LEN + 1];
    ML_TRY(ml_sodium_ready());
    randombytes_buf(id, sizeof id);
    randombytes_buf(secret, sizeof secret);
    ml_hex_encode(ret_id, id, sizeof id);
    sodium_bin2base64(text, sizeof text, secret, sizeof secret,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    snprintf(ret_token, ML_TOKEN_SIZE, "%s%s_%s", prefix, ret_id, text);
    sodium_memzero(secret, sizeof secret);
    sodium_memzero(text, sizeof text);
    return MLEDGER_OK;
}

struct ml_span ml_token_secret(const char token[ML_TOKEN_SIZE])
{
    return ML_SPAN(token + PREFIX_LEN + ML_USER_TOKEN_DIGITS + 1, ML_TOKEN_SECRET_LEN);
}

int ml_secret_hash(struct ml_span secret, char ret_hash[ML_USER_HASH_SIZE])
{
    ML_TRY(ml_sodium_ready());
    if (crypto_pwhash_str_alg(
            ret_hash, (const char *)secret.data, secret.len, crypto_pwhash_OPSLIMIT_INTERACTIVE,
            crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13) != 0)
        return ml_fail_memory();
    return MLEDGER_OK;
}

bool ml_secret_matches(struct ml_span secret, const char *hash)
{
    return crypto_pwhash_str_verify(hash, (const char *)secret.data, secret.len) == 0;
}
