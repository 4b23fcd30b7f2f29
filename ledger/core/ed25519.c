/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/ed25519.h"

#include <pthread.h>
#include <sodium.h>

#include "ledger/core/hex.h"

static_assert(ML_ED25519_PUBLIC_SIZE == crypto_sign_PUBLICKEYBYTES, "libsodium's size");
static_assert(ML_ED25519_SEED_SIZE == crypto_sign_SEEDBYTES, "libsodium's size");
static_assert(ML_ED25519_SECRET_SIZE == crypto_sign_SECRETKEYBYTES, "libsodium's size");
static_assert(ML_ED25519_SIGNATURE_SIZE == crypto_sign_BYTES, "libsodium's size");

static pthread_once_t sodium_once = PTHREAD_ONCE_INIT;
static int sodium_state;

static void init_sodium(void)
{
    sodium_state = sodium_init();
}

int ml_sodium_ready(void)
{
    pthread_once(&sodium_once, init_sodium);
    if (sodium_state < 0)
        return ml_fail(MLEDGER_ESYSTEM, "libsodium cannot be initialised");
    return MLEDGER_OK;
}

int ml_ed25519_key_check(struct ml_span key)
{
    ML_TRY(ml_sodium_ready());
    if (key.len != ML_ED25519_PUBLIC_SIZE)
        return ml_fail(MLEDGER_EINVALID, "a public key of %zu bytes where %d belong", key.len,
                       ML_ED25519_PUBLIC_SIZE);
    if (crypto_core_ed25519_is_valid_point(key.data) == 1)
        return MLEDGER_OK;
    char text[ML_HEX_SIZE(ML_ED25519_PUBLIC_SIZE)];
    ml_hex_encode(text, key.data, key.len);
    return ml_fail(MLEDGER_EINVALID,
                   "public key %s is no canonical point of Ed25519's prime-order group", text);
}

/* Whether the little-endian scalar is below L = 2^252 + 27742317777372353535851937790883648493.
 * libsodium checks it too, but can be built without. Nothing here is secret. */
static bool is_reduced(const uint8_t scalar[32])
{
    static const uint8_t order[32] = {
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,        0xd6,
        0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10,
    };
    for (size_t i = 32; i-- > 0;)
        if (scalar[i] != order[i])
            return scalar[i] < order[i];
    return false;
}

int ml_ed25519_verify(struct ml_span signature, struct ml_span message,
                      const uint8_t key[ML_ED25519_PUBLIC_SIZE])
{
    ML_TRY(ml_sodium_ready());
    if (signature.len != ML_ED25519_SIGNATURE_SIZE)
        return ml_fail(MLEDGER_EINVALID, "a signature of %zu bytes where %d belong", signature.len,
                       ML_ED25519_SIGNATURE_SIZE);
    if (!is_reduced(signature.data + 32))
        return ml_fail(MLEDGER_EINVALID, "the signature is not canonical: S is not below L");
    if (crypto_sign_verify_detached(signature.data, message.data, message.len, key) != 0)
        return ml_fail(MLEDGER_EINVALID, "the signature does not match the message and the key");
    return MLEDGER_OK;
}

int ml_ed25519_keypair(const uint8_t seed[ML_ED25519_SEED_SIZE],
                       uint8_t ret_public[ML_ED25519_PUBLIC_SIZE],
                       uint8_t ret_secret[ML_ED25519_SECRET_SIZE])
{
    ML_TRY(ml_sodium_ready());
    crypto_sign_seed_keypair(ret_public, ret_secret, seed); /* always 0 */
    return MLEDGER_OK;
}

int ml_ed25519_sign(const uint8_t secret[ML_ED25519_SECRET_SIZE], struct ml_span message,
                    uint8_t ret_signature[ML_ED25519_SIGNATURE_SIZE])
{
    ML_TRY(ml_sodium_ready());
    crypto_sign_detached(ret_signature, NULL, message.data, message.len, secret); /* always 0 */
    return MLEDGER_OK;
}
