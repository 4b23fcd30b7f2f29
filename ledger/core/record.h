/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record: its hashes, its strict reading, and the bytes that are signed.
 *
 * DESIGN section 1 and docs/FORMAT.md specify all of this; SHA-256 is FIPS 180-4, the envelope
 * DSSE 1.0 (https://github.com/secure-systems-lab/dsse), the leaf RFC 6962 section 2.1. Bytes in,
 * verdict out: nothing here knows a store, a file or a clock. Thread-safe on distinct arguments.
 */
#ifndef ML_CORE_RECORD_H
#define ML_CORE_RECORD_H

#include "ledger/core/arena.h"
#include "ledger/core/hash.h"
#include "proto/event.pb-c.h"
#include "proto/header.pb-c.h"

enum {
    ML_FORMAT = 1,
    ML_SCHEMA = 1,
    ML_SALT_SIZE = 32,
    ML_KEY_SIZE = 32,
    ML_SIGNATURE_SIZE = 64,
    ML_TAG_SIZE = 16,
    ML_NONCE_SIZE = 16,
};

#define ML_HEADER_TYPE "application/vnd.mledger.header.v1+protobuf"
#define ML_STATEMENT_TYPE "application/vnd.mledger.statement.v1+protobuf"

/* C(part) = SHA-256(0x05 || salt || part). */
int ml_part_hash(const uint8_t salt[ML_SALT_SIZE], struct ml_span part,
                 uint8_t ret_hash[ML_HASH_SIZE]) ML_MUST_USE;
/* SHA-256(0x02 || C(event) || C(details) || C(statements)). */
int ml_commitment(const uint8_t event[ML_HASH_SIZE], const uint8_t details[ML_HASH_SIZE],
                  const uint8_t statements[ML_HASH_SIZE],
                  uint8_t ret_hash[ML_HASH_SIZE]) ML_MUST_USE;
/* What a statement is about: SHA-256(0x06 || C(event) || C(details)). */
int ml_statement_subject(const uint8_t event[ML_HASH_SIZE], const uint8_t details[ML_HASH_SIZE],
                         uint8_t ret_hash[ML_HASH_SIZE]) ML_MUST_USE;
/* The next record's prev_link: SHA-256(0x04 || header). */
int ml_link(struct ml_span header, uint8_t ret_hash[ML_HASH_SIZE]) ML_MUST_USE;
/* Leaf of the Merkle tree: SHA-256(0x00 || signature || header). */
int ml_leaf(const uint8_t signature[ML_SIGNATURE_SIZE], struct ml_span header,
            uint8_t ret_hash[ML_HASH_SIZE]) ML_MUST_USE;
/* First 16 bytes of SHA-256(0x03 || salt || seq as u64 big-endian). */
int ml_subject_tag(const uint8_t salt[ML_SALT_SIZE], uint64_t seq,
                   uint8_t ret_tag[ML_TAG_SIZE]) ML_MUST_USE;

/* Appends the DSSE pre-authentication encoding of `body` to `out`: what Ed25519 signs. */
int ml_dsse_encode(const char *type, struct ml_span body, struct ml_buf *out) ML_MUST_USE;
/* Checks an Ed25519 signature over it. MLEDGER_EINVALID when it does not hold. */
int ml_dsse_verify(const char *type, struct ml_span body, const uint8_t key[ML_KEY_SIZE],
                   const uint8_t signature[ML_SIGNATURE_SIZE]) ML_MUST_USE;

/* A record as read: every part checked by the codec, the bytes borrowed from the input or the
 * arena, the messages in the arena. */
struct ml_record {
    const Mledger__SignedRecord *stored;
    const Mledger__Header *header;
    struct ml_span header_bytes;
    /* NULL if the header's schema is not one that this program knows. */
    const Mledger__Event *event;
    const Mledger__Details *details;              /* NULL: none, or erased */
    const Mledger__Statements *signed_statements; /* NULL: none */
    const Mledger__Statement **statements;        /* decoded, one for each of signed_statements */
    bool details_erased;                          /* only their hash is left */
    uint8_t event_hash[ML_HASH_SIZE];             /* C(event), … */
    uint8_t details_hash[ML_HASH_SIZE];
    uint8_t statements_hash[ML_HASH_SIZE];
};

/*
 * Reads the bytes that the store keeps under `seq`: strict encoding at every level, limits,
 * sizes, the header's seq, formats that are known, the commitment against the parts. Does not
 * check signatures, the chain or any rule. `bytes` must outlive the record.
 * MLEDGER_EINVALID names the record and what is wrong; MLEDGER_ESYSTEM when memory is out.
 */
int ml_record_read(struct ml_span bytes, uint64_t seq, struct ml_arena *arena,
                   struct ml_record *ret_record) ML_MUST_USE;

/*
 * The same in two steps, for verify, which goes on with the chain where a payload is at fault:
 * first the stored record and its header, then all of the payload. The error's rule
 * (mledger_error_rule()) is the code of the finding: record-encoding, header-encoding,
 * header-seq, commitment, event-encoding, details-encoding, statements-encoding, header-kind.
 * After "commitment" the event is there all the same if it can be read, so that the records after
 * it are not blamed for what is missing; otherwise it is NULL.
 */
int ml_record_open(struct ml_span bytes, uint64_t seq, struct ml_arena *arena,
                   struct ml_record *ret_record) ML_MUST_USE;
int ml_record_read_payload(struct ml_record *record, struct ml_arena *arena) ML_MUST_USE;

/* Reads a header alone: strict, sizes, tags ascending, recorded_at not negative. */
int ml_header_read(struct ml_span bytes, struct ml_arena *arena,
                   const Mledger__Header **ret_header) ML_MUST_USE;

/* Checks the header's signature by the key it names. */
int ml_record_verify_signature(const struct ml_record *record) ML_MUST_USE;
/* Checks the signature of each statement; MLEDGER_EINVALID names the first that fails. */
int ml_record_verify_statements(const struct ml_record *record) ML_MUST_USE;

#endif
