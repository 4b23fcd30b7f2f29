/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proofs of consistency that travel: that one tree is the beginning of another, as text of one
 * file.
 *
 *     mledger consistency v1
 *     old SIZE ROOT                 decimal, no leading zeros, not 0; root in base64
 *     new SIZE ROOT                 at least as many
 *     BASE64                        hashes of the proof of RFC 9162 section 2.1.4, in its order
 *
 * It says nothing of who vouches for the roots: they are held against signed checkpoints.
 *
 * Pure; thread-safe.
 */
#ifndef ML_CORE_CONSISTENCY_H
#define ML_CORE_CONSISTENCY_H

#include "ledger/core/merkle_proof.h"

struct ml_consistency_tree {
    uint64_t size;
    uint8_t root[ML_HASH_SIZE];
};

struct ml_consistency {
    struct ml_consistency_tree before, after;
    struct ml_merkle_proof path;
};

enum { ML_CONSISTENCY_MAX = 8192 }; /* bytes of the text; a proof of 65 hashes has fewer */

/* Reads all of `text`. MLEDGER_EINVALID: it is none, by the rules above. Whether it proves
 * anything is ml_consistency_check()'s to say. */
int ml_consistency_parse(struct ml_span text, struct ml_consistency *ret_proof) ML_MUST_USE;
/* Appends the text. */
int ml_consistency_write(const struct ml_consistency *proof, struct ml_buf *buf) ML_MUST_USE;
/* MLEDGER_EINVALID: the proof does not show that the old tree is the beginning of the new one. */
int ml_consistency_check(const struct ml_consistency *proof) ML_MUST_USE;

#endif
