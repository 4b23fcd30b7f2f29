/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/merkle_proof.h"

/* A store of nodes, as the proof makers are given it. */
struct source {
    ml_merkle_get get;
    void *ctx;
};

/* The leaves [begin, end) of the tree: a subtree of the RFC's recursion, so begin is a multiple
 * of the power of two that is not below its width. */
struct range {
    uint64_t begin;
    uint64_t end;
};

static uint64_t width(struct range range)
{
    return range.end - range.begin;
}

/* Where the RFC splits a range of two or more leaves: after the largest power of two below its
 * width. */
static uint64_t split(struct range range)
{
    return range.begin + (UINT64_C(1) << (63 - __builtin_clzll(width(range) - 1)));
}

/* Root of a range that is not empty: of the complete subtrees that it is the sum of, folded from
 * the right, where they are smallest. */
static int range_root(const struct source *source, struct range range,
                      uint8_t ret_root[ML_HASH_SIZE])
{
    bool first = true;
    for (uint64_t left; (left = width(range)) != 0; first = false) {
        unsigned level = (unsigned)__builtin_ctzll(left);
        range.end -= UINT64_C(1) << level;
        if (first) {
            ML_TRY(source->get(source->ctx, level, range.end >> level, ret_root));
            continue;
        }
        uint8_t node[ML_HASH_SIZE];
        ML_TRY(source->get(source->ctx, level, range.end >> level, node));
        ML_TRY(ml_merkle_node_hash(node, ret_root, ret_root));
    }
    return MLEDGER_OK;
}

static int add(struct ml_merkle_proof *proof, const struct source *source, struct range range)
{
    assert(proof->count < ML_MERKLE_PROOF_MAX);
    return range_root(source, range, proof->hashes[proof->count++]);
}

/* They are collected from the root down, and handed out from the leaf up. */
static void hand_out(const struct ml_merkle_proof *collected, struct ml_merkle_proof *ret_proof)
{
    ret_proof->count = collected->count;
    for (size_t i = 0; i < collected->count; i++)
        memcpy(ret_proof->hashes[i], collected->hashes[collected->count - 1 - i], ML_HASH_SIZE);
}

int ml_merkle_inclusion(uint64_t index, uint64_t size, ml_merkle_get get, void *ctx,
                        struct ml_merkle_proof *ret_proof)
{
    if (index >= size)
        return ml_fail(MLEDGER_EUSAGE, "leaf %llu is not in a tree of %llu",
                       (unsigned long long)index, (unsigned long long)size);
    struct source source = {get, ctx};
    struct ml_merkle_proof proof = {0};
    struct range range = {0, size};
    while (width(range) > 1) {
        uint64_t middle = split(range);
        struct range left = {range.begin, middle};
        struct range right = {middle, range.end};
        range = index < middle ? left : right;
        ML_TRY(add(&proof, &source, index < middle ? right : left));
    }
    hand_out(&proof, ret_proof);
    return MLEDGER_OK;
}

static int check_sizes(int code, uint64_t old_size, uint64_t new_size)
{
    if (old_size == 0)
        return ml_fail(code, "an empty tree is no beginning that could be proved");
    if (old_size > new_size)
        return ml_fail(code, "a tree of %llu leaves is no beginning of one of %llu",
                       (unsigned long long)old_size, (unsigned long long)new_size);
    return MLEDGER_OK;
}

int ml_merkle_consistency(uint64_t old_size, uint64_t new_size, ml_merkle_get get, void *ctx,
                          struct ml_merkle_proof *ret_proof)
{
    ML_TRY(check_sizes(MLEDGER_EUSAGE, old_size, new_size));
    struct source source = {get, ctx};
    struct ml_merkle_proof proof = {0};
    struct range range = {0, new_size};
    while (range.end != old_size) {
        uint64_t middle = split(range);
        struct range left = {range.begin, middle};
        struct range right = {middle, range.end};
        range = old_size <= middle ? left : right;
        ML_TRY(add(&proof, &source, old_size <= middle ? right : left));
    }
    /* What is left over ends where the old tree ends; if it is all of it, its root is known. */
    if (range.begin != 0)
        ML_TRY(add(&proof, &source, range));
    hand_out(&proof, ret_proof);
    return MLEDGER_OK;
}

/* A node on its way to the root: node `at` of a level whose last node is `last`. A last node
 * without a sibling rises unchanged, so the way skips the levels where it has none. */
struct way {
    uint64_t at;
    uint64_t last;
};

/* How many hashes a proof of the way has: one at each level where `at` is not the last, and from
 * where it is, one for each left sibling. */
static size_t way_count(struct way way)
{
    unsigned inner = way.at == way.last ? 0 : 64 - (unsigned)__builtin_clzll(way.at ^ way.last);
    unsigned left = inner == 64 ? 0 : (unsigned)__builtin_popcountll(way.at >> inner);
    return inner + left;
}

/* Whether the next hash of the proof stands on the left. */
static bool next_is_left(const struct way *way)
{
    return (way->at & 1) != 0 || way->at == way->last;
}

/* Past the sibling just taken, to the next level at which there is one. */
static void climb(struct way *way)
{
    if (way->at == way->last && way->at != 0) {
        unsigned alone = (unsigned)__builtin_ctzll(way->at);
        way->at >>= alone;
        way->last >>= alone;
    }
    way->at >>= 1;
    way->last >>= 1;
}

static int check_count(const char *kind, size_t count, size_t need)
{
    if (count == need)
        return MLEDGER_OK;
    return ml_fail(MLEDGER_EINVALID, "the %s proof has %zu hashes, not %zu", kind, count, need);
}

int ml_merkle_check_inclusion(uint64_t index, uint64_t size, const uint8_t leaf[ML_HASH_SIZE],
                              const uint8_t (*hashes)[ML_HASH_SIZE], size_t count,
                              const uint8_t root[ML_HASH_SIZE])
{
    if (index >= size)
        return ml_fail(MLEDGER_EINVALID, "leaf %llu is not in a tree of %llu",
                       (unsigned long long)index, (unsigned long long)size);
    struct way way = {.at = index, .last = size - 1};
    ML_TRY(check_count("inclusion", count, way_count(way)));
    uint8_t hash[ML_HASH_SIZE];
    memcpy(hash, leaf, sizeof hash);
    for (size_t i = 0; i < count; i++, climb(&way))
        ML_TRY(next_is_left(&way) ? ml_merkle_node_hash(hashes[i], hash, hash)
                                  : ml_merkle_node_hash(hash, hashes[i], hash));
    if (memcmp(hash, root, sizeof hash) != 0)
        return ml_fail(MLEDGER_EINVALID, "the inclusion proof of leaf %llu leads to another root",
                       (unsigned long long)index);
    return MLEDGER_OK;
}

static int check_equal_sizes(uint64_t size, const uint8_t old_root[ML_HASH_SIZE],
                             const uint8_t new_root[ML_HASH_SIZE], size_t count)
{
    ML_TRY(check_count("consistency", count, 0));
    if (memcmp(old_root, new_root, ML_HASH_SIZE) != 0)
        return ml_fail(MLEDGER_EINVALID, "two roots of the same %llu leaves differ",
                       (unsigned long long)size);
    return MLEDGER_OK;
}

static int check_root(const uint8_t got[ML_HASH_SIZE], const uint8_t root[ML_HASH_SIZE],
                      uint64_t size)
{
    if (memcmp(got, root, ML_HASH_SIZE) != 0)
        return ml_fail(MLEDGER_EINVALID,
                       "the consistency proof leads to another root of the tree of %llu leaves",
                       (unsigned long long)size);
    return MLEDGER_OK;
}

int ml_merkle_check_consistency(uint64_t old_size, uint64_t new_size,
                                const uint8_t old_root[ML_HASH_SIZE],
                                const uint8_t new_root[ML_HASH_SIZE],
                                const uint8_t (*hashes)[ML_HASH_SIZE], size_t count)
{
    ML_TRY(check_sizes(MLEDGER_EINVALID, old_size, new_size));
    if (old_size == new_size)
        return check_equal_sizes(old_size, old_root, new_root, count);
    /* The last complete subtree of the old tree is a node of the new one; both roots are
     * reached from it. If it is all of the old tree, the proof leaves it out. */
    unsigned level = (unsigned)__builtin_ctzll(old_size);
    bool left_out = old_size >> level == 1;
    struct way way = {.at = (old_size - 1) >> level, .last = (new_size - 1) >> level};
    ML_TRY(check_count("consistency", count, way_count(way) + (left_out ? 0 : 1)));
    uint8_t old_hash[ML_HASH_SIZE];
    uint8_t new_hash[ML_HASH_SIZE];
    memcpy(old_hash, left_out ? old_root : hashes[0], sizeof old_hash);
    memcpy(new_hash, old_hash, sizeof new_hash);
    for (size_t i = left_out ? 0 : 1; i < count; i++, climb(&way)) {
        if (next_is_left(&way)) {
            ML_TRY(ml_merkle_node_hash(hashes[i], old_hash, old_hash));
            ML_TRY(ml_merkle_node_hash(hashes[i], new_hash, new_hash));
        } else {
            ML_TRY(ml_merkle_node_hash(new_hash, hashes[i], new_hash));
        }
    }
    ML_TRY(check_root(old_hash, old_root, old_size));
    return check_root(new_hash, new_root, new_size);
}
