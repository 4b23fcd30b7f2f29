/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree over the leaves as it grows, and roots of its beginnings. Complete nodes from
 * ML_VERIFIER_NODE_LEVEL up are kept, one for every 128 leaves or so; the lower ones are made again
 * from the leaves.
 */
#include <inttypes.h>

#include "ledger/core/merkle_proof.h"
#include "verify/verifier_private.h"

struct node_key {
    uint8_t bytes[1 + sizeof(struct ml_seq_key)];
};

static struct node_key node_key(unsigned level, uint64_t index)
{
    struct node_key key = {{(uint8_t)level}};
    struct ml_seq_key number = ml_seq_key(index);
    memcpy(key.bytes + 1, number.bytes, sizeof number.bytes);
    return key;
}

static int put_node(void *context, unsigned level, uint64_t index, const uint8_t hash[ML_HASH_SIZE])
{
    struct ml_verifier *verifier = context;
    const struct ml_verify_source *source = verifier->source;
    if (level < ML_VERIFIER_NODE_LEVEL)
        return MLEDGER_OK;
    verifier->tree_nodes++;
    struct node_key key = node_key(level, index);
    ML_TRY(ml_state_put(verifier->nodes, ML_SPAN(key.bytes, sizeof key.bytes),
                        ML_SPAN(hash, ML_HASH_SIZE)));
    return source->node ? source->node(source->context, level, index, hash) : MLEDGER_OK;
}

static int log_record(struct ml_verifier *verifier, const struct ml_verify_item *item)
{
    uint8_t both[2 * ML_HASH_SIZE];
    memcpy(both, item->link, ML_HASH_SIZE);
    memcpy(both + ML_HASH_SIZE, item->leaf, ML_HASH_SIZE);
    struct ml_seq_key key = ml_seq_key(item->input.seq);
    return ml_state_put(verifier->log, ML_SPAN(key.bytes, sizeof key.bytes),
                        ML_SPAN(both, sizeof both));
}

int ml_verify_tree_append(struct ml_verifier *verifier, const struct ml_verify_item *item)
{
    if (verifier->log)
        ML_TRY(log_record(verifier, item));
    ML_TRY(ml_merkle_append(&verifier->frontier, item->leaf, put_node, verifier));
    if (verifier->whole == item->input.seq && verifier->frontier.size == item->input.seq + 1)
        verifier->whole++;
    return MLEDGER_OK;
}

static int read_log(struct ml_verifier *verifier, uint64_t seq, size_t at,
                    uint8_t ret_hash[ML_HASH_SIZE])
{
    struct ml_seq_key key = ml_seq_key(seq);
    struct ml_span both;
    ML_TRY(ml_state_get(verifier->log, ML_SPAN(key.bytes, sizeof key.bytes), &both));
    memcpy(ret_hash, both.data + at, ML_HASH_SIZE);
    return MLEDGER_OK;
}

int ml_verify_log_link_at(void *verifier, uint64_t seq, uint8_t ret_link[ML_HASH_SIZE])
{
    return read_log(verifier, seq, 0, ret_link);
}

static int leaf_at(struct ml_verifier *verifier, uint64_t seq, uint8_t ret_leaf[ML_HASH_SIZE])
{
    const struct ml_verify_source *source = verifier->source;
    return verifier->log ? read_log(verifier, seq, ML_HASH_SIZE, ret_leaf)
                         : source->leaf_at(source->context, seq, ret_leaf);
}

/* At most 2^ML_VERIFIER_NODE_LEVEL leaves. */
static int make_low_node(struct ml_verifier *verifier, unsigned level, uint64_t index,
                         uint8_t ret_hash[ML_HASH_SIZE])
{
    if (level == 0)
        return leaf_at(verifier, index, ret_hash);
    uint8_t left[ML_HASH_SIZE], right[ML_HASH_SIZE];
    ML_TRY(make_low_node(verifier, level - 1, 2 * index, left));
    ML_TRY(make_low_node(verifier, level - 1, 2 * index + 1, right));
    return ml_merkle_node_hash(left, right, ret_hash);
}

int ml_verifier_node(void *context, unsigned level, uint64_t index, uint8_t ret_hash[ML_HASH_SIZE])
{
    struct ml_verifier *verifier = context;
    if (level < ML_VERIFIER_NODE_LEVEL)
        return make_low_node(verifier, level, index, ret_hash);
    struct node_key key = node_key(level, index);
    struct ml_span hash;
    if (verifier->base >> level > index) /* complete before what is read now */
        return verifier->source->node_at(verifier->source->context, level, index, ret_hash);
    ML_TRY(ml_state_get(verifier->nodes, ML_SPAN(key.bytes, sizeof key.bytes), &hash));
    memcpy(ret_hash, hash.data, ML_HASH_SIZE);
    return MLEDGER_OK;
}

/* What was not read again counts if it is the beginning of what was verified. */
static int check_consistency(struct ml_verifier *verifier, uint64_t size,
                             const uint8_t root[ML_HASH_SIZE])
{
    struct ml_merkle_proof proof;
    uint8_t base_root[ML_HASH_SIZE];
    if (size == 0)
        return MLEDGER_OK;
    ML_TRY(ml_merkle_root(&verifier->base_edge, base_root));
    ML_TRY(ml_merkle_consistency(size, verifier->base, ml_verifier_node, verifier, &proof));
    int result =
        ml_merkle_check_consistency(size, verifier->base, root, base_root,
                                    (const uint8_t(*)[ML_HASH_SIZE])proof.hashes, proof.count);
    return result == MLEDGER_EINVALID ? MLEDGER_ENOTFOUND : result;
}

int ml_verifier_root_at(struct ml_verifier *verifier, uint64_t size, uint8_t ret_root[ML_HASH_SIZE])
{
    if (size > verifier->whole)
        return MLEDGER_ENOTFOUND;
    if (size == verifier->frontier.size)
        return ml_merkle_root(&verifier->frontier, ret_root);
    struct ml_merkle_frontier frontier;
    ML_TRY(ml_merkle_frontier_load(size, ml_verifier_node, verifier, &frontier));
    ML_TRY(ml_merkle_root(&frontier, ret_root));
    return size < verifier->base ? check_consistency(verifier, size, ret_root) : MLEDGER_OK;
}

int ml_verify_checkpoint(struct ml_verifier *verifier, const struct ml_record *record)
{
    if (record->event->kind_case != MLEDGER__EVENT__KIND_CHECKPOINT_NOTED)
        return MLEDGER_OK;
    const Mledger__CheckpointNoted *noted = record->event->checkpoint_noted;
    uint8_t root[ML_HASH_SIZE];
    int result = ml_verifier_root_at(verifier, noted->size, root);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK; /* a record before it is not there, or cannot be read: reported */
    ML_TRY(result);
    if (memcmp(root, noted->root.data, ML_HASH_SIZE) == 0)
        return MLEDGER_OK;
    return ml_verify_report(verifier, ML_SEVERITY_FAULT, "checkpoint-root", record->header->seq,
                            "it notes a checkpoint with another root than the first %" PRIu64
                            " records have",
                            noted->size);
}
