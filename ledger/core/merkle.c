/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/merkle.h"

static int hash_prefixed(uint8_t prefix, struct ml_span first, struct ml_span second,
                         uint8_t ret_hash[ML_HASH_SIZE])
{
    const struct ml_span parts[] = {ML_SPAN(&prefix, 1), first, second};
    return ml_sha256(ret_hash, parts, ML_COUNT(parts));
}

int ml_merkle_leaf_hash(struct ml_span data, uint8_t ret_hash[ML_HASH_SIZE])
{
    return hash_prefixed(0x00, data, ML_SPAN(NULL, 0), ret_hash);
}

int ml_merkle_node_hash(const uint8_t left[ML_HASH_SIZE], const uint8_t right[ML_HASH_SIZE],
                        uint8_t ret_hash[ML_HASH_SIZE])
{
    return hash_prefixed(0x01, ML_SPAN(left, ML_HASH_SIZE), ML_SPAN(right, ML_HASH_SIZE), ret_hash);
}

static bool has_node(uint64_t size, unsigned level)
{
    return (size >> level & 1) != 0;
}

int ml_merkle_append(struct ml_merkle_frontier *frontier, const uint8_t leaf[ML_HASH_SIZE],
                     ml_merkle_put put, void *ctx)
{
    if (frontier->size == UINT64_MAX)
        return ml_fail(MLEDGER_EUSAGE, "the Merkle tree is full");
    uint8_t node[ML_HASH_SIZE];
    memcpy(node, leaf, sizeof node);
    uint64_t index = frontier->size;
    unsigned level = 0;
    if (put)
        ML_TRY(put(ctx, level, index, node));
    /* Like adding one to a binary number: each one-bit at the end is a left sibling that waits
     * for this node, and is carried into the level above. */
    while (has_node(frontier->size, level)) {
        ML_TRY(ml_merkle_node_hash(frontier->nodes[level], node, node));
        level++;
        index >>= 1;
        if (put)
            ML_TRY(put(ctx, level, index, node));
    }
    memcpy(frontier->nodes[level], node, sizeof node);
    frontier->size++;
    return MLEDGER_OK;
}

int ml_merkle_root(const struct ml_merkle_frontier *frontier, uint8_t ret_root[ML_HASH_SIZE])
{
    if (frontier->size == 0)
        return ml_sha256(ret_root, NULL, 0);
    unsigned level = (unsigned)__builtin_ctzll(frontier->size);
    uint8_t root[ML_HASH_SIZE];
    memcpy(root, frontier->nodes[level], sizeof root);
    for (level++; level < ML_MERKLE_LEVELS; level++)
        if (has_node(frontier->size, level))
            ML_TRY(ml_merkle_node_hash(frontier->nodes[level], root, root));
    memcpy(ret_root, root, sizeof root);
    return MLEDGER_OK;
}

int ml_merkle_frontier_load(uint64_t size, ml_merkle_get get, void *ctx,
                            struct ml_merkle_frontier *ret_frontier)
{
    struct ml_merkle_frontier frontier = {.size = size};
    for (unsigned level = 0; level < ML_MERKLE_LEVELS; level++)
        if (has_node(size, level))
            ML_TRY(get(ctx, level, (size >> level) - 1, frontier.nodes[level]));
    *ret_frontier = frontier;
    return MLEDGER_OK;
}

int ml_merkle_frontier_write(const struct ml_merkle_frontier *frontier, struct ml_buf *buf)
{
    unsigned count = (unsigned)__builtin_popcountll(frontier->size);
    ML_TRY(ml_buf_reserve(buf, 8 + (size_t)count * ML_HASH_SIZE));
    for (unsigned shift = 64; shift > 0; shift -= 8)
        ML_TRY(ml_buf_append_char(buf, (char)(frontier->size >> (shift - 8))));
    for (unsigned level = ML_MERKLE_LEVELS; level-- > 0;)
        if (has_node(frontier->size, level))
            ML_TRY(ml_buf_append(buf, frontier->nodes[level], ML_HASH_SIZE));
    return MLEDGER_OK;
}

int ml_merkle_frontier_read(struct ml_span bytes, struct ml_merkle_frontier *ret_frontier)
{
    struct ml_merkle_frontier frontier = {0};
    if (bytes.len < 8)
        return ml_fail(MLEDGER_EINVALID, "a tree frontier of %zu bytes is too short", bytes.len);
    for (unsigned i = 0; i < 8; i++)
        frontier.size = frontier.size << 8 | bytes.data[i];
    size_t need = 8 + (size_t)__builtin_popcountll(frontier.size) * ML_HASH_SIZE;
    if (bytes.len != need)
        return ml_fail(MLEDGER_EINVALID, "a frontier of %llu leaves has %zu bytes, not %zu",
                       (unsigned long long)frontier.size, need, bytes.len);
    const uint8_t *at = bytes.data + 8;
    for (unsigned level = ML_MERKLE_LEVELS; level-- > 0;) {
        if (!has_node(frontier.size, level))
            continue;
        memcpy(frontier.nodes[level], at, ML_HASH_SIZE);
        at += ML_HASH_SIZE;
    }
    *ret_frontier = frontier;
    return MLEDGER_OK;
}
