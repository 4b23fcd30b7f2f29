/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key pair itself: made, from a seed or anew, and signing within its purpose. Nothing about
 * files may enter here.
 */
#ifndef ML_STORE_KEY_H
#define ML_STORE_KEY_H

#include "ledger/core/note.h"
#include "mledger/key.h"

/* Whether `label` may be one: 1 to MLEDGER_KEY_LABEL_MAX bytes of UTF-8 without control
 * characters (it stands on a line of its own in key files, and is shown on terminals). */
bool ml_key_label_is_good(struct ml_span label);

/* MLEDGER_EUSAGE: not a good label. MLEDGER_ESYSTEM: out of memory. */
int ml_key_from_seed(enum mledger_key_purpose purpose, const char *label,
                     const uint8_t seed[ML_ED25519_SEED_SIZE],
                     struct mledger_key **ret_key) ML_MUST_USE;
/* The seed, for saving; in the key's secret memory. */
const uint8_t *ml_key_seed(const struct mledger_key *key);

/* Signs what is no checkpoint: a record's or a statement's pre-authentication encoding.
 * MLEDGER_EREFUSED, rule "key-purpose": a log key, or a witness's. */
int ml_key_sign(const struct mledger_key *key, struct ml_span message,
                uint8_t ret_signature[ML_ED25519_SIGNATURE_SIZE]) ML_MUST_USE;
/* Signs the text of a checkpoint. MLEDGER_EREFUSED, rule "key-purpose": not a log key. */
int ml_key_sign_checkpoint(const struct mledger_key *key, struct ml_span text,
                           uint8_t ret_signature[ML_ED25519_SIGNATURE_SIZE]) ML_MUST_USE;

/* Cosigns the text of another's checkpoint at `time`, seconds since 1970 (C2SP tlog-cosignature,
 * cosignature/v1). MLEDGER_EREFUSED, rule "key-purpose": not a witness key. MLEDGER_EUSAGE: the
 * time is not after 1970. */
int ml_key_cosign(const struct mledger_key *key, struct ml_span text, int64_t time,
                  uint8_t ret_cosignature[ML_COSIGNATURE_SIZE]) ML_MUST_USE;
/* What verifies its cosignatures: a witness is named as its key is labelled.
 * MLEDGER_EREFUSED, rule "key-purpose": not a witness key. MLEDGER_EUSAGE: its label cannot name a
 * key on a note. */
int ml_key_vkey(const struct mledger_key *key, struct ml_vkey *ret_vkey) ML_MUST_USE;

static inline void ml_key_freep(struct mledger_key **key)
{
    mledger_key_free(*key);
}

#endif
