/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/store/key.h"

#include <sodium.h>

#include "ledger/core/utf8.h"
#include "ledger/store/secret.h"

enum { TIME_SIZE = ML_COSIGNATURE_SIZE - ML_ED25519_SIGNATURE_SIZE };

struct mledger_key {
    enum mledger_key_purpose purpose;
    uint8_t public_key[ML_ED25519_PUBLIC_SIZE];
    char label[MLEDGER_KEY_LABEL_MAX + 1];
    uint8_t *secret; /* ML_ED25519_SECRET_SIZE bytes, beginning with the seed; read-only memory */
};

static_assert(MLEDGER_KEY_PUBLIC_SIZE == ML_ED25519_PUBLIC_SIZE, "keys are Ed25519's");

const char *mledger_key_purpose_name(enum mledger_key_purpose purpose)
{
    switch (purpose) {
    case MLEDGER_KEY_SIGNER:
        return "signer";
    case MLEDGER_KEY_LOG:
        return "log";
    case MLEDGER_KEY_RECOVERY:
        return "recovery";
    case MLEDGER_KEY_WITNESS:
        return "witness";
    }
    return "unknown";
}

bool ml_key_label_is_good(struct ml_span label)
{
    if (label.len == 0 || label.len > MLEDGER_KEY_LABEL_MAX || !ml_utf8_is_text(label))
        return false;
    for (size_t i = 0; i < label.len; i++) {
        bool c1 = label.data[i] == 0xc2 && label.data[i + 1] < 0xa0; /* U+0080 to U+009F */
        if (label.data[i] < 0x20 || label.data[i] == 0x7f || c1)
            return false;
    }
    return true;
}

static int make(struct mledger_key *key, const uint8_t seed[ML_ED25519_SEED_SIZE])
{
    ML_TRY(ml_secret_alloc(ML_ED25519_SECRET_SIZE, &key->secret));
    ML_TRY(ml_ed25519_keypair(seed, key->public_key, key->secret));
    sodium_mprotect_readonly(key->secret); /* guards against our own mistakes only */
    return MLEDGER_OK;
}

int ml_key_from_seed(enum mledger_key_purpose purpose, const char *label,
                     const uint8_t seed[ML_ED25519_SEED_SIZE], struct mledger_key **ret_key)
{
    size_t label_len = strlen(label);
    if (!ml_key_label_is_good(ML_SPAN(label, label_len)))
        return ml_fail(MLEDGER_EUSAGE,
                       "a key's label is 1 to %d bytes of UTF-8 without control characters",
                       MLEDGER_KEY_LABEL_MAX);
    ML_CLEANUP(ml_key_freep) struct mledger_key *key = ml_calloc(1, sizeof *key);
    if (!key)
        return ml_fail_memory();
    key->purpose = purpose;
    memcpy(key->label, label, label_len);
    ML_TRY(make(key, seed));
    *ret_key = ML_TAKE(key);
    return MLEDGER_OK;
}

int mledger_key_generate(enum mledger_key_purpose purpose, const char *label,
                         struct mledger_key **ret_key)
{
    ML_CLEANUP(ml_secret_releasep) uint8_t *seed = NULL;
    ML_TRY(ml_secret_alloc(ML_ED25519_SEED_SIZE, &seed));
    randombytes_buf(seed, ML_ED25519_SEED_SIZE);
    return ml_key_from_seed(purpose, label, seed, ret_key);
}

void mledger_key_free(struct mledger_key *key)
{
    if (!key)
        return;
    ml_secret_release(key->secret);
    free(key);
}

const uint8_t *mledger_key_public(const struct mledger_key *key)
{
    return key->public_key;
}

enum mledger_key_purpose mledger_key_purpose_of(const struct mledger_key *key)
{
    return key->purpose;
}

const char *mledger_key_label(const struct mledger_key *key)
{
    return key->label;
}

const uint8_t *ml_key_seed(const struct mledger_key *key)
{
    return key->secret;
}

int ml_key_sign(const struct mledger_key *key, struct ml_span message,
                uint8_t ret_signature[ML_ED25519_SIGNATURE_SIZE])
{
    if (key->purpose == MLEDGER_KEY_LOG)
        return ml_refuse("key-purpose", "key '%s' is a log key: it signs nothing but checkpoints",
                         key->label);
    if (key->purpose == MLEDGER_KEY_WITNESS)
        return ml_refuse("key-purpose",
                         "key '%s' is a witness key: it signs nothing but cosignatures",
                         key->label);
    return ml_ed25519_sign(key->secret, message, ret_signature);
}

int ml_key_sign_checkpoint(const struct mledger_key *key, struct ml_span text,
                           uint8_t ret_signature[ML_ED25519_SIGNATURE_SIZE])
{
    if (key->purpose != MLEDGER_KEY_LOG)
        return ml_refuse("key-purpose", "key '%s' is a %s key: it signs no checkpoints", key->label,
                         mledger_key_purpose_name(key->purpose));
    return ml_ed25519_sign(key->secret, text, ret_signature);
}

int ml_key_cosign(const struct mledger_key *key, struct ml_span text, int64_t time,
                  uint8_t ret_cosignature[ML_COSIGNATURE_SIZE])
{
    ML_CLEANUP(ml_buf_release) struct ml_buf message = {0};
    uint8_t cosignature[ML_COSIGNATURE_SIZE];
    if (key->purpose != MLEDGER_KEY_WITNESS)
        return ml_refuse("key-purpose", "key '%s' is a %s key: it cosigns no checkpoints",
                         key->label, mledger_key_purpose_name(key->purpose));
    if (time <= 0)
        return ml_fail(MLEDGER_EUSAGE, "a cosignature needs a time after 1970");
    for (size_t i = 0; i < TIME_SIZE; i++)
        cosignature[i] = (uint8_t)((uint64_t)time >> (8 * (TIME_SIZE - 1 - i)));
    ML_TRY(ml_cosignature_message(text, time, &message));
    ML_TRY(ml_ed25519_sign(key->secret, ml_buf_span(&message), cosignature + TIME_SIZE));
    memcpy(ret_cosignature, cosignature, sizeof cosignature);
    return MLEDGER_OK;
}

int ml_key_vkey(const struct mledger_key *key, struct ml_vkey *ret_vkey)
{
    if (key->purpose != MLEDGER_KEY_WITNESS)
        return ml_refuse("key-purpose", "key '%s' is a %s key: it is no witness", key->label,
                         mledger_key_purpose_name(key->purpose));
    return ml_vkey_make(ML_VKEY_COSIGNATURE, ML_SPAN(key->label, strlen(key->label)),
                        key->public_key, ret_vkey);
}
