/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of a key file, and nothing about files. Exactly these lines, each ended by a newline,
 * one space after the name, nothing before, between or after them:
 *
 *   mledger-key 1                     format of the file
 *   purpose signer                    or log, recovery, witness
 *   label alice, laptop               UTF-8 without control characters
 *   public 3d40…660c                  64 hexadecimal digits
 *
 * and then, in a plain file,
 *
 *   seed TM0Imyj/ltqdtsNG7BFOD1uK…    base64 of the 32 bytes of the RFC 8032 private key
 *
 * or, in a sealed one,
 *
 *   argon2id 3 262144 9f3a…           passes, memory in KiB, salt (32 hexadecimal digits)
 *   nonce 5c01…                       48 hexadecimal digits
 *   sealed 1PYhB3…                    base64 of the seed under XChaCha20-Poly1305 (IETF), with
 *                                     the 16 bytes of its tag; additional data are all lines
 *                                     above, so none of them can be changed unnoticed
 *
 * Reading is strict, so that one key has one text. Numbers are decimal without leading zeros.
 */
#ifndef ML_STORE_KEYTEXT_H
#define ML_STORE_KEYTEXT_H

#include "ledger/store/key.h"

/* Longer texts are no key files; the longest has about 500 bytes. */
#define ML_KEYTEXT_MAX 1024

#define ML_KEYTEXT_PASSES_MAX 16
#define ML_KEYTEXT_MEMORY_KIB_MIN 8
#define ML_KEYTEXT_MEMORY_KIB_MAX (UINT32_C(1024) * 1024)

enum {
    ML_KEYTEXT_SALT_SIZE = 16,
    ML_KEYTEXT_NONCE_SIZE = 24,
    ML_KEYTEXT_BOX_SIZE = ML_ED25519_SEED_SIZE + 16,
};

/* What the text says. It may hold a seed, so it lives in secret memory. */
struct ml_keytext {
    enum mledger_key_purpose purpose;
    char label[MLEDGER_KEY_LABEL_MAX + 1];
    uint8_t public_key[ML_ED25519_PUBLIC_SIZE];
    bool sealed;
    uint8_t seed[ML_ED25519_SEED_SIZE]; /* plain only */
    uint32_t passes;                    /* this and the following: sealed only */
    uint32_t memory_kib;
    uint8_t salt[ML_KEYTEXT_SALT_SIZE];
    uint8_t nonce[ML_KEYTEXT_NONCE_SIZE];
    uint8_t box[ML_KEYTEXT_BOX_SIZE];
    size_t head_len; /* bytes of all lines but the last */
};

/* MLEDGER_EINVALID: not such a text, a public key that is none, a cost out of bounds; the error
 * says "line 3: …", and ret_text holds nothing that matters. */
int ml_keytext_read(struct ml_span bytes, struct ml_keytext *ret_text) ML_MUST_USE;

/* Both write into `out` and end it with a NUL: all lines but the last (the additional data of
 * sealing), and the last one after `head_len` bytes. They return the length so far. */
size_t ml_keytext_write_head(const struct ml_keytext *text, char out[ML_KEYTEXT_MAX]);
size_t ml_keytext_write_last(const struct ml_keytext *text, char out[ML_KEYTEXT_MAX]);

#endif
