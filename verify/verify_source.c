/* SPDX-License-Identifier: Apache-2.0 */
/* The store's records as a source. */
#include <inttypes.h>

#include "ledger/core/codec.h"
#include "ledger/store/ledger_private.h"
#include "ledger/store/tree.h"
#include "verify/verify_private.h"

static_assert((int)ML_VERIFIER_NODE_LEVEL == (int)ML_TREE_LEVEL,
              "the verifier hears of all the nodes that the store keeps");

static int next_record(void *context, struct ml_arena *arena, struct ml_verify_input *ret_input)
{
    (void)arena; /* the bytes are the store's */
    struct ml_verify *verify = context;
    struct ml_span key, from = ML_SPAN(verify->seek_to.bytes, sizeof verify->seek_to.bytes);
    struct ml_verify_input input = {.seq = MLEDGER_NO_SEQ};
    ML_TRY(verify->seeking ? ml_verify_walk_seek(&verify->walk, from, &key, &input.bytes)
                           : ml_verify_walk_next(&verify->walk, &key, &input.bytes));
    verify->seeking = false;
    if (!ml_key_u64_read(key, &input.seq))
        input.seq = MLEDGER_NO_SEQ;
    ml_verify_pulse(verify, input.seq);
    *ret_input = input;
    return MLEDGER_OK;
}

static int decode_key(void *context, struct ml_arena *arena, struct ml_verify_input *input)
{
    (void)context;
    (void)arena;
    if (input->seq != MLEDGER_NO_SEQ)
        return MLEDGER_OK;
    (void)ml_fail(MLEDGER_EINVALID, "a record is stored under a key that is no seq");
    return ml_blame("record-key");
}

static int seek_record(void *context, uint64_t seq)
{
    struct ml_verify *verify = context;
    verify->seek_to = ml_key_u64(seq);
    verify->seeking = true;
    return MLEDGER_OK;
}

static int link_at(void *context, uint64_t seq, uint8_t ret_link[ML_HASH_SIZE])
{
    struct ml_verify *verify = context;
    return seq < verify->core.base ? ml_verify_since_link_at(verify, seq, ret_link)
                                   : ml_txn_link_at(verify->txn, seq, ret_link);
}

static int leaf_at(void *context, uint64_t seq, uint8_t ret_leaf[ML_HASH_SIZE])
{
    const struct ml_verify *verify = context;
    return ml_tree_node(verify->txn, 0, seq, ret_leaf);
}

static int node_at(void *context, unsigned level, uint64_t index, uint8_t ret_hash[ML_HASH_SIZE])
{
    const struct ml_verify *verify = context;
    return ml_tree_node(verify->txn, level, index, ret_hash);
}

/* A node of the tree has become complete: the store must hold the same. */
static int compare_node(void *context, unsigned level, uint64_t index,
                        const uint8_t hash[ML_HASH_SIZE])
{
    struct ml_verify *verify = context;
    struct ml_tree_key key = ml_tree_node_key(level, index);
    struct ml_span stored;
    int result = ml_kv_get(verify->txn, ML_TABLE_TREE, ML_SPAN(key.bytes, key.len), &stored);
    if (result == MLEDGER_OK && ml_span_equal(stored, ML_SPAN(hash, ML_HASH_SIZE)))
        return MLEDGER_OK;
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    return ml_verify_report(&verify->core, ML_SEVERITY_FAULT, "tree", MLEDGER_NO_SEQ,
                            "derived data damaged: node %" PRIu64 " of level %u of the tree is %s",
                            index, level, result == MLEDGER_OK ? "another" : "missing");
}

int ml_verify_source_init(struct ml_verify *verify)
{
    verify->source = (struct ml_verify_source){
        .context = verify,
        .next = next_record,
        .decode = decode_key,
        .seek = seek_record,
        .link_at = link_at,
        .leaf_at = leaf_at,
        .node_at = node_at,
        .node = compare_node,
        .kept = ml_verify_index_add,
    };
    ML_TRY(ml_kv_count(verify->txn, ML_TABLE_RECORDS, &verify->source.total));
    return ml_verify_walk_open(&verify->walk, verify, verify->txn, ML_TABLE_RECORDS);
}
