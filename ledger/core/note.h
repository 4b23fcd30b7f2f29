/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signed notes (C2SP signed-note v1.0.0): text, and under it the signatures of named keys.
 *
 *     text, ending in a line feed
 *     (an empty line: the last one of the note)
 *     U+2014 SP name SP base64(key id || signature) LF        one or more
 *
 * Read strictly: UTF-8, no control characters but line feeds, strict base64, limits. A note that
 * was parsed is still anybody's: its text means nothing until ml_note_verify() has found a
 * trusted key's signature. Two types of key are known:
 *
 *     0x01  Ed25519 over the text: 64 bytes
 *     0x04  cosignature/v1 of C2SP tlog-cosignature: a time (seconds since 1970, 8 bytes
 *           big-endian), then Ed25519 over "cosignature/v1" LF "time" SP time LF text: 72 bytes
 *
 * The id of a key is the first 4 bytes of SHA-256(name || LF || type || public key), and its
 * verifier key ("vkey") is written name+ID+BASE64, ID in lower-case hexadecimal, BASE64 of
 * type || public key.
 *
 * Pure; thread-safe.
 */
#ifndef ML_CORE_NOTE_H
#define ML_CORE_NOTE_H

#include "ledger/core/ed25519.h"

enum {
    ML_NOTE_MAX = 1000000,        /* bytes of a note; what golang.org/x/mod takes too */
    ML_NOTE_SIGNATURES_MAX = 100, /* as there; the specification asks for 16 at least */
    ML_NOTE_NAME_MAX = 255,       /* bytes of the name of a key that we verify by or sign as */
    ML_NOTE_ID_SIZE = 4,
    ML_COSIGNATURE_SIZE = 8 + ML_ED25519_SIGNATURE_SIZE,
};

enum ml_vkey_type {
    ML_VKEY_ED25519 = 0x01,
    ML_VKEY_COSIGNATURE = 0x04,
};

struct ml_vkey {
    enum ml_vkey_type type;
    uint8_t id[ML_NOTE_ID_SIZE];
    uint8_t key[ML_ED25519_PUBLIC_SIZE];
    char name[ML_NOTE_NAME_MAX + 1];
};

/* Whether `name` may name a key: UTF-8, not empty, no Unicode space, control character or '+'. */
bool ml_note_name_is_good(struct ml_span name);

/* MLEDGER_EUSAGE: not a name for a key, or longer than ML_NOTE_NAME_MAX.
 * MLEDGER_ESYSTEM: hashing failed. The key is not checked: whoever signs has done that. */
int ml_vkey_make(enum ml_vkey_type type, struct ml_span name,
                 const uint8_t key[ML_ED25519_PUBLIC_SIZE], struct ml_vkey *ret_vkey) ML_MUST_USE;
/* Reads NAME+ID+BASE64, of a type that is known, whose id is right and whose key may be trusted
 * (ml_ed25519_key_check()). MLEDGER_EINVALID quotes it and says what is wrong. */
int ml_vkey_parse(struct ml_span text, struct ml_vkey *ret_vkey) ML_MUST_USE;
/* Appends it as text. MLEDGER_ESYSTEM: out of memory. */
int ml_vkey_write(const struct ml_vkey *vkey, struct ml_buf *buf) ML_MUST_USE;

struct ml_note_signature {
    struct ml_span line; /* of the note, with its line feed */
    struct ml_span name; /* of the note */
    struct ml_span id;   /* ML_NOTE_ID_SIZE bytes */
    struct ml_span bytes;
};

/* A note as read. `text` and names borrow what was parsed; the rest is the note's. */
struct ml_note {
    struct ml_span text; /* with its final line feed */
    size_t count;
    struct ml_note_signature signatures[ML_NOTE_SIGNATURES_MAX];
    struct ml_buf decoded;
};

/* Reads all of `bytes`, which must outlive the note. Initialises *ret_note in any case, so that it
 * can be released. MLEDGER_EINVALID: not a note, by the rules above. MLEDGER_ESYSTEM. */
int ml_note_parse(struct ml_span bytes, struct ml_note *ret_note) ML_MUST_USE;
void ml_note_release(struct ml_note *note);

/* What a key says of a note. */
struct ml_note_seal {
    bool valid;
    int64_t time; /* of a cosignature, the newest of several: seconds since 1970; else 0 */
};

/*
 * Checks every signature by one of `keys`; those by other keys are ignored. Gives one seal for
 * each key in ret_seals (NULL: not wanted).
 * MLEDGER_EINVALID: a signature that claims to be of one of the keys does not hold, or none is of
 * them. MLEDGER_ESYSTEM.
 */
int ml_note_verify(const struct ml_note *note, const struct ml_vkey *keys, size_t n_keys,
                   struct ml_note_seal *ret_seals) ML_MUST_USE;
/* Whether the note bears a signature under the key's name and id; it may not hold. */
bool ml_note_names(const struct ml_note *note, const struct ml_vkey *key);

/* Appends the line of a signature: for type 0x01 `signature` is of 64 bytes, for 0x04 of 72.
 * MLEDGER_ESYSTEM: out of memory. */
int ml_note_append_signature(struct ml_buf *buf, const struct ml_vkey *vkey,
                             struct ml_span signature) ML_MUST_USE;
/* Appends what a cosigner signs at `time`, seconds since 1970, not negative. */
int ml_cosignature_message(struct ml_span text, int64_t time, struct ml_buf *buf) ML_MUST_USE;

#endif
