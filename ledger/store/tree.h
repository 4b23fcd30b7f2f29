/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Merkle tree over the leaves, as the store keeps it: complete nodes from ML_TREE_LEVEL up,
 * and the frontier. Lower nodes are made again from the records. Derived.
 */
#ifndef ML_STORE_TREE_H
#define ML_STORE_TREE_H

#include "ledger/core/merkle.h"
#include "ledger/store/kv.h"
#include "proto/trust.pb-c.h"

/* An empty tree where none is stored. MLEDGER_EDAMAGED: what is stored is no frontier. */
int ml_tree_load_frontier(struct ml_kv_txn *txn,
                          struct ml_merkle_frontier *ret_frontier) ML_MUST_USE;
int ml_tree_store_frontier(struct ml_kv_txn *txn,
                           const struct ml_merkle_frontier *frontier) ML_MUST_USE;
/* Appends a leaf and stores the nodes that become complete. */
int ml_tree_append(struct ml_kv_txn *txn, struct ml_merkle_frontier *frontier,
                   const uint8_t leaf[ML_HASH_SIZE]) ML_MUST_USE;
/* A complete node, from the store or, below ML_TREE_LEVEL, from the records; an ml_merkle_get
 * whose context is the transaction. */
int ml_tree_node(void *txn, unsigned level, uint64_t index,
                 uint8_t ret_hash[ML_HASH_SIZE]) ML_MUST_USE;

/* The root over the first `size` records, of those whose leaves are in the tree.
 * MLEDGER_EDAMAGED: a node or a record is missing. */
int ml_tree_root(struct ml_kv_txn *txn, uint64_t size, uint8_t ret_root[ML_HASH_SIZE]) ML_MUST_USE;
/* What the rules of the fold cannot check, which have no tree: that a checkpoint that is noted is
 * of the first `noted->size` records, where `size` are in the tree.
 * MLEDGER_EREFUSED, rule "checkpoint-root": it is not. MLEDGER_EDAMAGED as above. */
int ml_tree_check_noted(struct ml_kv_txn *txn, uint64_t size,
                        const Mledger__CheckpointNoted *noted) ML_MUST_USE;

/* Keys of the tree's table: level and index, and 0xff for the frontier. */
struct ml_tree_key {
    size_t len;
    uint8_t bytes[9];
};
struct ml_tree_key ml_tree_node_key(unsigned level, uint64_t index);
struct ml_tree_key ml_tree_frontier_key(void);

#endif
