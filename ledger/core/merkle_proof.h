/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proofs in the Merkle tree of merkle.h: that a leaf is in a tree (RFC 9162 section 2.1.3), and
 * that one tree is the beginning of another (section 2.1.4). Making them reads O(log n) nodes of
 * a store; checking them needs nothing but the proof, and believes nothing in it.
 *
 * Threads: nothing here is shared.
 */
#ifndef ML_CORE_MERKLE_PROOF_H
#define ML_CORE_MERKLE_PROOF_H

#include "ledger/core/merkle.h"

/* No proof in a tree of less than 2^64 leaves is longer. */
#define ML_MERKLE_PROOF_MAX 65

/* Hashes in the order of the RFC: from the leaf to the root. */
struct ml_merkle_proof {
    size_t count;
    uint8_t hashes[ML_MERKLE_PROOF_MAX][ML_HASH_SIZE];
};

/* Proof that leaf `index` is in the tree of the first `size` leaves.
 * MLEDGER_EUSAGE: index >= size. Also errors of hashing and of `get`. */
int ml_merkle_inclusion(uint64_t index, uint64_t size, ml_merkle_get get, void *ctx,
                        struct ml_merkle_proof *ret_proof) ML_MUST_USE;
/* Proof that the first `old_size` of the first `new_size` leaves are what they were.
 * MLEDGER_EUSAGE: old_size is 0 (everything is consistent with nothing) or above new_size. Also
 * errors of hashing and of `get`. */
int ml_merkle_consistency(uint64_t old_size, uint64_t new_size, ml_merkle_get get, void *ctx,
                          struct ml_merkle_proof *ret_proof) ML_MUST_USE;

/* Checks a proof from outside, of `count` hashes, against a root that is trusted. Exactly the
 * proof that the RFC defines is accepted, none longer or shorter.
 * MLEDGER_EINVALID: index >= size, a wrong number of hashes, or another root comes out. */
int ml_merkle_check_inclusion(uint64_t index, uint64_t size, const uint8_t leaf[ML_HASH_SIZE],
                              const uint8_t (*hashes)[ML_HASH_SIZE], size_t count,
                              const uint8_t root[ML_HASH_SIZE]) ML_MUST_USE;
/* The same for consistency. Equal sizes want equal roots and no hashes.
 * MLEDGER_EINVALID: old_size is 0 or above new_size, a wrong number of hashes, or another root
 * comes out on either side. */
int ml_merkle_check_consistency(uint64_t old_size, uint64_t new_size,
                                const uint8_t old_root[ML_HASH_SIZE],
                                const uint8_t new_root[ML_HASH_SIZE],
                                const uint8_t (*hashes)[ML_HASH_SIZE], size_t count) ML_MUST_USE;

#endif
