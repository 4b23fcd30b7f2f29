/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/store/keyseal.h"

#include <sodium.h>

#include "ledger/store/secret.h"

#define SEAL_KEY_SIZE crypto_aead_xchacha20poly1305_ietf_KEYBYTES

/* The sealing key, in secret memory that the caller releases. */
static int derive(const struct ml_keytext *text, struct ml_span passphrase, uint8_t **ret_key)
{
    ML_CLEANUP(ml_secret_releasep) uint8_t *key = NULL;
    ML_TRY(ml_secret_alloc(SEAL_KEY_SIZE, &key));
    if (crypto_pwhash(key, SEAL_KEY_SIZE, (const char *)passphrase.data, passphrase.len, text->salt,
                      text->passes, (size_t)text->memory_kib * 1024,
                      crypto_pwhash_ALG_ARGON2ID13) != 0)
        return ml_fail(MLEDGER_ESYSTEM,
                       "out of memory: the passphrase of this key takes %u MiB to try",
                       (unsigned)(text->memory_kib + 1023) / 1024);
    *ret_key = ML_TAKE(key);
    return MLEDGER_OK;
}

int ml_keyseal_close(struct ml_keytext *text, struct ml_span head, struct ml_span passphrase)
{
    ML_CLEANUP(ml_secret_releasep) uint8_t *key = NULL;
    ML_TRY(derive(text, passphrase, &key));
    crypto_aead_xchacha20poly1305_ietf_encrypt(text->box, NULL, text->seed, sizeof text->seed,
                                               head.data, head.len, NULL, text->nonce, key);
    sodium_memzero(text->seed, sizeof text->seed);
    return MLEDGER_OK;
}

int ml_keyseal_open(struct ml_keytext *text, struct ml_span head, struct ml_span passphrase)
{
    ML_CLEANUP(ml_secret_releasep) uint8_t *key = NULL;
    ML_TRY(derive(text, passphrase, &key));
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(text->seed, NULL, NULL, text->box,
                                                   sizeof text->box, head.data, head.len,
                                                   text->nonce, key) != 0)
        return ml_fail(MLEDGER_ESYSTEM, "wrong passphrase, or the file is damaged");
    return MLEDGER_OK;
}
