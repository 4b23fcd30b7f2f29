/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/store/tree.h"

#include <inttypes.h>

#include "ledger/core/codec.h"
#include "ledger/core/record.h"
#include "ledger/store/ledger.h"

enum { FRONTIER_KEY = 0xff };

struct ml_tree_key ml_tree_node_key(unsigned level, uint64_t index)
{
    struct ml_tree_key key = {.len = sizeof key.bytes};
    struct ml_key_u64 number = ml_key_u64(index);
    key.bytes[0] = (uint8_t)level;
    memcpy(key.bytes + 1, number.bytes, sizeof number.bytes);
    return key;
}

struct ml_tree_key ml_tree_frontier_key(void)
{
    return (struct ml_tree_key){.len = 1, .bytes = {FRONTIER_KEY}};
}

int ml_tree_load_frontier(struct ml_kv_txn *txn, struct ml_merkle_frontier *ret_frontier)
{
    struct ml_tree_key key = ml_tree_frontier_key();
    struct ml_span bytes;
    int result = ml_kv_get(txn, ML_TABLE_TREE, ML_SPAN(key.bytes, key.len), &bytes);
    if (result == MLEDGER_ENOTFOUND) {
        memset(ret_frontier, 0, sizeof *ret_frontier);
        return MLEDGER_OK;
    }
    ML_TRY(result);
    if (ml_merkle_frontier_read(bytes, ret_frontier) < 0)
        return ml_fail(MLEDGER_EDAMAGED, "the stored edge of the tree is damaged");
    return MLEDGER_OK;
}

int ml_tree_store_frontier(struct ml_kv_txn *txn, const struct ml_merkle_frontier *frontier)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    ML_TRY(ml_merkle_frontier_write(frontier, &bytes));
    struct ml_tree_key key = ml_tree_frontier_key();
    return ml_kv_put(txn, ML_TABLE_TREE, ML_SPAN(key.bytes, key.len), ml_buf_span(&bytes));
}

static int put_node(void *txn, unsigned level, uint64_t index, const uint8_t hash[ML_HASH_SIZE])
{
    if (level < ML_TREE_LEVEL)
        return MLEDGER_OK;
    struct ml_tree_key key = ml_tree_node_key(level, index);
    return ml_kv_put(txn, ML_TABLE_TREE, ML_SPAN(key.bytes, key.len), ML_SPAN(hash, ML_HASH_SIZE));
}

int ml_tree_append(struct ml_kv_txn *txn, struct ml_merkle_frontier *frontier,
                   const uint8_t leaf[ML_HASH_SIZE])
{
    return ml_merkle_append(frontier, leaf, put_node, txn);
}

static int read_leaf(struct ml_kv_txn *txn, uint64_t seq, uint8_t ret_leaf[ML_HASH_SIZE])
{
    struct ml_key_u64 key = ml_key_u64(seq);
    struct ml_span bytes;
    int result = ml_kv_get(txn, ML_TABLE_RECORDS, ML_SPAN(key.bytes, sizeof key.bytes), &bytes);
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail_seq(MLEDGER_EDAMAGED, seq, "the record is missing");
    ML_TRY(result);
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    ProtobufCAllocator allocator = ml_arena_allocator(&arena);
    Mledger__SignedRecord *record =
        mledger__signed_record__unpack(&allocator, bytes.len, bytes.data);
    if (!record || record->signature.len != ML_SIGNATURE_SIZE)
        return ml_fail_seq(MLEDGER_EDAMAGED, seq, "not a record");
    return ml_leaf(record->signature.data, ML_SPAN(record->header.data, record->header.len),
                   ret_leaf);
}

/* At most 2^ML_TREE_LEVEL leaves. */
static int make_low_node(struct ml_kv_txn *txn, unsigned level, uint64_t index,
                         uint8_t ret_hash[ML_HASH_SIZE])
{
    if (level == 0)
        return read_leaf(txn, index, ret_hash);
    uint8_t left[ML_HASH_SIZE], right[ML_HASH_SIZE];
    ML_TRY(make_low_node(txn, level - 1, 2 * index, left));
    ML_TRY(make_low_node(txn, level - 1, 2 * index + 1, right));
    return ml_merkle_node_hash(left, right, ret_hash);
}

int ml_tree_node(void *txn, unsigned level, uint64_t index, uint8_t ret_hash[ML_HASH_SIZE])
{
    if (level < ML_TREE_LEVEL)
        return make_low_node(txn, level, index, ret_hash);
    struct ml_tree_key key = ml_tree_node_key(level, index);
    struct ml_span bytes;
    int result = ml_kv_get(txn, ML_TABLE_TREE, ML_SPAN(key.bytes, key.len), &bytes);
    if (result == MLEDGER_ENOTFOUND || (result == MLEDGER_OK && bytes.len != ML_HASH_SIZE))
        return ml_fail(MLEDGER_EDAMAGED, "node %" PRIu64 " of level %u of the tree is missing",
                       index, level);
    ML_TRY(result);
    memcpy(ret_hash, bytes.data, ML_HASH_SIZE);
    return MLEDGER_OK;
}

int ml_tree_root(struct ml_kv_txn *txn, uint64_t size, uint8_t ret_root[ML_HASH_SIZE])
{
    struct ml_merkle_frontier frontier;
    ML_TRY(ml_merkle_frontier_load(size, ml_tree_node, txn, &frontier));
    return ml_merkle_root(&frontier, ret_root);
}

int ml_tree_check_noted(struct ml_kv_txn *txn, uint64_t size, const Mledger__CheckpointNoted *noted)
{
    uint8_t root[ML_HASH_SIZE];
    if (noted->size > size)
        return ml_refuse("checkpoint-root",
                         "the checkpoint is over %" PRIu64 " records, of which %" PRIu64
                         " are there",
                         noted->size, size);
    ML_TRY(ml_tree_root(txn, noted->size, root));
    if (memcmp(root, noted->root.data, ML_HASH_SIZE) != 0)
        return ml_refuse("checkpoint-root",
                         "the checkpoint's root is not that of the first %" PRIu64 " records",
                         noted->size);
    return MLEDGER_OK;
}
