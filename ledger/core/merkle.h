/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Merkle tree of RFC 6962 section 2.1 (the same in RFC 9162 section 2.1) over SHA-256:
 * its hashes and its growth, leaf by leaf. Proofs are merkle_proof.h's.
 *
 *   leaf hash       SHA-256(0x00 || data)
 *   node hash       SHA-256(0x01 || left || right)
 *   empty tree      SHA-256("")
 *
 * Coordinates. Node (level, index) is the root of the complete subtree over the leaves
 * [index << level, (index + 1) << level); (0, n) is leaf n. Leaf n completes (0, n) and, for each
 * trailing one-bit of n, one level more: two nodes a leaf in the long run. A store that keeps all
 * complete nodes answers every proof, for every size up to its own, with O(log n) reads; nodes
 * once written never change.
 *
 * Threads: nothing here is shared.
 */
#ifndef ML_CORE_MERKLE_H
#define ML_CORE_MERKLE_H

#include "ledger/core/hash.h"

#define ML_MERKLE_LEVELS 64

int ml_merkle_leaf_hash(struct ml_span data, uint8_t ret_hash[ML_HASH_SIZE]) ML_MUST_USE;
int ml_merkle_node_hash(const uint8_t left[ML_HASH_SIZE], const uint8_t right[ML_HASH_SIZE],
                        uint8_t ret_hash[ML_HASH_SIZE]) ML_MUST_USE;

/* The right edge of a tree: the roots of the complete subtrees that its size is the sum of, one
 * for each one-bit of the size. It is all that appending needs. All zero is the empty tree. */
struct ml_merkle_frontier {
    uint64_t size;                                 /* leaves */
    uint8_t nodes[ML_MERKLE_LEVELS][ML_HASH_SIZE]; /* [level]; unset where the bit of size is 0 */
};

/* Takes a node that has just become complete. A negative result, whose error it has set, is
 * passed on. */
typedef int (*ml_merkle_put)(void *ctx, unsigned level, uint64_t index,
                             const uint8_t hash[ML_HASH_SIZE]);
/* Yields a complete node. A node that should be there and is not is MLEDGER_EDAMAGED, by `get`'s
 * own words; negative results are passed on. */
typedef int (*ml_merkle_get)(void *ctx, unsigned level, uint64_t index,
                             uint8_t ret_hash[ML_HASH_SIZE]);

/* Appends one leaf, by its leaf hash; `put` (or NULL) sees every node that it completes, from the
 * leaf upwards. On failure the frontier is as before; nodes may have been put.
 * MLEDGER_EUSAGE: the tree has 2^64 - 1 leaves. Also errors of hashing and of `put`. */
int ml_merkle_append(struct ml_merkle_frontier *frontier, const uint8_t leaf[ML_HASH_SIZE],
                     ml_merkle_put put, void *ctx) ML_MUST_USE;
/* Root hash of the tree. */
int ml_merkle_root(const struct ml_merkle_frontier *frontier,
                   uint8_t ret_root[ML_HASH_SIZE]) ML_MUST_USE;
/* The frontier of the tree's first `size` leaves, from the store. */
int ml_merkle_frontier_load(uint64_t size, ml_merkle_get get, void *ctx,
                            struct ml_merkle_frontier *ret_frontier) ML_MUST_USE;

/* As bytes: the size, 8 bytes big-endian, then the nodes from the highest level down.
 * MLEDGER_ESYSTEM: out of memory. */
int ml_merkle_frontier_write(const struct ml_merkle_frontier *frontier,
                             struct ml_buf *buf) ML_MUST_USE;
/* MLEDGER_EINVALID: not exactly such bytes. */
int ml_merkle_frontier_read(struct ml_span bytes,
                            struct ml_merkle_frontier *ret_frontier) ML_MUST_USE;

#endif
