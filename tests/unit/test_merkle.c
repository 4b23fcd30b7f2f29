/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/merkle.h"

#include <stdio.h>

#include "ledger/core/hex.h"
#include "ledger/core/merkle_proof.h"
#include "tests/unit/cmocka_all.h"

/* RFC 6962 in its reference implementations: eight leaves and the roots of their beginnings. */
static const struct {
    const char *leaf;
    size_t len;
    const char *root; /* of the tree that ends with this leaf */
} known[] = {
    {"", 0, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
    {"\x00", 1, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
    {"\x10", 1, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
    {"\x20\x21", 2, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
    {"\x30\x31", 2, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
    {"\x40\x41\x42\x43", 4, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
    {"\x50\x51\x52\x53\x54\x55\x56\x57", 8,
     "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
    {"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16,
     "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
};

/* The tree by the RFC's own recursion, over leaves that are numbered data. */
#define LEAVES 70

static void number_hash(uint64_t number, uint8_t ret_hash[ML_HASH_SIZE])
{
    char data[32];
    int len = snprintf(data, sizeof data, "leaf %llu", (unsigned long long)number);
    assert_int_equal(ml_merkle_leaf_hash(ML_SPAN(data, (size_t)len), ret_hash), MLEDGER_OK);
}

static uint64_t naive_split(uint64_t count)
{
    uint64_t k = 1;
    while (k * 2 < count)
        k *= 2;
    return k;
}

static void naive_root(uint64_t begin, uint64_t end, uint8_t ret_root[ML_HASH_SIZE])
{
    if (end - begin == 1) {
        number_hash(begin, ret_root);
        return;
    }
    uint64_t k = naive_split(end - begin);
    uint8_t left[ML_HASH_SIZE];
    uint8_t right[ML_HASH_SIZE];
    naive_root(begin, begin + k, left);
    naive_root(begin + k, end, right);
    assert_int_equal(ml_merkle_node_hash(left, right, ret_root), MLEDGER_OK);
}

static void naive_add(struct ml_merkle_proof *proof, uint64_t begin, uint64_t end)
{
    naive_root(begin, end, proof->hashes[proof->count++]);
}

/* PATH(m, D[begin:end]). */
static void naive_path(uint64_t m, uint64_t begin, uint64_t end, struct ml_merkle_proof *proof)
{
    if (end - begin == 1)
        return;
    uint64_t k = naive_split(end - begin);
    if (m < k) {
        naive_path(m, begin, begin + k, proof);
        naive_add(proof, begin + k, end);
    } else {
        naive_path(m - k, begin + k, end, proof);
        naive_add(proof, begin, begin + k);
    }
}

/* SUBPROOF(m, D[begin:end], complete). */
static void naive_subproof(uint64_t m, uint64_t begin, uint64_t end, bool complete,
                           struct ml_merkle_proof *proof)
{
    if (m == end - begin) {
        if (!complete)
            naive_add(proof, begin, end);
        return;
    }
    uint64_t k = naive_split(end - begin);
    if (m <= k) {
        naive_subproof(m, begin, begin + k, complete, proof);
        naive_add(proof, begin + k, end);
    } else {
        naive_subproof(m - k, begin + k, end, false, proof);
        naive_add(proof, begin, begin + k);
    }
}

/* A store of all complete nodes, which counts its use and can be made to fail. */
struct store {
    uint8_t nodes[7][LEAVES][ML_HASH_SIZE];
    bool known[7][LEAVES];
    unsigned puts;
    unsigned gets;
    unsigned fail_at; /* the n-th call from 1 fails; 0 is never */
};

static int put_node(void *ctx, unsigned level, uint64_t index, const uint8_t hash[ML_HASH_SIZE])
{
    struct store *store = ctx;
    if (++store->puts == store->fail_at)
        return ml_fail(MLEDGER_ESYSTEM, "disk full");
    assert_true(level < 7 && index < LEAVES);
    assert_false(store->known[level][index]);
    store->known[level][index] = true;
    memcpy(store->nodes[level][index], hash, ML_HASH_SIZE);
    return MLEDGER_OK;
}

static int get_node(void *ctx, unsigned level, uint64_t index, uint8_t ret_hash[ML_HASH_SIZE])
{
    struct store *store = ctx;
    if (++store->gets == store->fail_at)
        return ml_fail(MLEDGER_EDAMAGED, "node %u/%llu is missing", level,
                       (unsigned long long)index);
    assert_true(level < 7 && index < LEAVES && store->known[level][index]);
    memcpy(ret_hash, store->nodes[level][index], ML_HASH_SIZE);
    return MLEDGER_OK;
}

static void grow(struct ml_merkle_frontier *frontier, struct store *store, uint64_t size)
{
    while (frontier->size < size) {
        uint8_t leaf[ML_HASH_SIZE];
        number_hash(frontier->size, leaf);
        assert_int_equal(ml_merkle_append(frontier, leaf, store ? put_node : NULL, store),
                         MLEDGER_OK);
    }
}

static void agrees_with_known_roots(void **state)
{
    (void)state;
    struct ml_merkle_frontier frontier = {0};
    uint8_t hash[ML_HASH_SIZE];
    char text[ML_HEX_SIZE(ML_HASH_SIZE)];
    assert_int_equal(ml_merkle_root(&frontier, hash), MLEDGER_OK);
    ml_hex_encode(text, hash, sizeof hash);
    assert_string_equal(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (size_t i = 0; i < ML_COUNT(known); i++) {
        assert_int_equal(ml_merkle_leaf_hash(ML_SPAN(known[i].leaf, known[i].len), hash),
                         MLEDGER_OK);
        assert_int_equal(ml_merkle_append(&frontier, hash, NULL, NULL), MLEDGER_OK);
        assert_int_equal(ml_merkle_root(&frontier, hash), MLEDGER_OK);
        ml_hex_encode(text, hash, sizeof hash);
        assert_string_equal(text, known[i].root);
    }
}

/* Each complete subtree is put exactly once, when its last leaf comes, with its right hash. */
static void puts_exactly_the_complete_nodes(void **state)
{
    (void)state;
    struct ml_merkle_frontier frontier = {0};
    struct store store = {0};
    for (uint64_t size = 1; size <= LEAVES; size++) {
        grow(&frontier, &store, size);
        for (unsigned level = 0; level < 7; level++)
            for (uint64_t index = 0; index < LEAVES; index++)
                assert_int_equal(store.known[level][index], (index + 1) << level <= size);
    }
    for (unsigned level = 0; level < 7; level++) {
        for (uint64_t index = 0; (index + 1) << level <= LEAVES; index++) {
            uint8_t expected[ML_HASH_SIZE];
            naive_root(index << level, (index + 1) << level, expected);
            assert_memory_equal(store.nodes[level][index], expected, sizeof expected);
        }
    }
}

static void roots_agree_with_the_recursion(void **state)
{
    (void)state;
    struct ml_merkle_frontier frontier = {0};
    struct store store = {0};
    for (uint64_t size = 1; size <= LEAVES; size++) {
        grow(&frontier, &store, size);
        uint8_t expected[ML_HASH_SIZE];
        uint8_t root[ML_HASH_SIZE];
        naive_root(0, size, expected);
        assert_int_equal(ml_merkle_root(&frontier, root), MLEDGER_OK);
        assert_memory_equal(root, expected, sizeof root);
    }
    for (uint64_t size = 1; size <= LEAVES; size++) {
        struct ml_merkle_frontier loaded;
        uint8_t expected[ML_HASH_SIZE];
        uint8_t root[ML_HASH_SIZE];
        assert_int_equal(ml_merkle_frontier_load(size, get_node, &store, &loaded), MLEDGER_OK);
        assert_true(loaded.size == size);
        naive_root(0, size, expected);
        assert_int_equal(ml_merkle_root(&loaded, root), MLEDGER_OK);
        assert_memory_equal(root, expected, sizeof root);
    }
}

static void assert_proof(const struct ml_merkle_proof *proof,
                         const struct ml_merkle_proof *expected)
{
    assert_int_equal(proof->count, expected->count);
    if (proof->count)
        assert_memory_equal(proof->hashes, expected->hashes, proof->count * ML_HASH_SIZE);
}

static int check_inclusion(uint64_t index, uint64_t size, const struct ml_merkle_proof *proof)
{
    uint8_t leaf[ML_HASH_SIZE];
    uint8_t root[ML_HASH_SIZE];
    number_hash(index, leaf);
    naive_root(0, size, root);
    return ml_merkle_check_inclusion(
        index, size, leaf, (const uint8_t(*)[ML_HASH_SIZE])proof->hashes, proof->count, root);
}

static int check_consistency(uint64_t old_size, uint64_t new_size,
                             const struct ml_merkle_proof *proof)
{
    uint8_t old_root[ML_HASH_SIZE];
    uint8_t new_root[ML_HASH_SIZE];
    naive_root(0, old_size, old_root);
    naive_root(0, new_size, new_root);
    return ml_merkle_check_consistency(old_size, new_size, old_root, new_root,
                                       (const uint8_t(*)[ML_HASH_SIZE])proof->hashes, proof->count);
}

/* Longer, shorter, and with each hash altered in one bit. */
static void assert_changes_are_refused(int (*check)(uint64_t, uint64_t,
                                                    const struct ml_merkle_proof *),
                                       uint64_t a, uint64_t b, const struct ml_merkle_proof *proof)
{
    struct ml_merkle_proof changed = *proof;
    changed.count = proof->count + 1;
    assert_int_equal(check(a, b, &changed), MLEDGER_EINVALID);
    for (size_t i = 0; i < proof->count; i++) {
        changed.count = i;
        assert_int_equal(check(a, b, &changed), MLEDGER_EINVALID);
        changed.count = proof->count;
        changed.hashes[i][i % ML_HASH_SIZE] ^= 4;
        assert_int_equal(check(a, b, &changed), MLEDGER_EINVALID);
        changed.hashes[i][i % ML_HASH_SIZE] ^= 4;
    }
}

static void inclusion_agrees_with_the_recursion(void **state)
{
    (void)state;
    struct ml_merkle_frontier frontier = {0};
    struct store store = {0};
    grow(&frontier, &store, LEAVES);
    for (uint64_t size = 1; size <= LEAVES; size++) {
        for (uint64_t index = 0; index < size; index++) {
            struct ml_merkle_proof expected = {0};
            struct ml_merkle_proof proof;
            naive_path(index, 0, size, &expected);
            store.gets = 0;
            assert_int_equal(ml_merkle_inclusion(index, size, get_node, &store, &proof),
                             MLEDGER_OK);
            assert_true(store.gets <= 2 * 7);
            assert_proof(&proof, &expected);
            assert_int_equal(check_inclusion(index, size, &proof), MLEDGER_OK);
            assert_changes_are_refused(check_inclusion, index, size, &proof);
        }
    }
}

static void consistency_agrees_with_the_recursion(void **state)
{
    (void)state;
    struct ml_merkle_frontier frontier = {0};
    struct store store = {0};
    grow(&frontier, &store, LEAVES);
    for (uint64_t new_size = 1; new_size <= LEAVES; new_size++) {
        for (uint64_t old_size = 1; old_size <= new_size; old_size++) {
            struct ml_merkle_proof expected = {0};
            struct ml_merkle_proof proof;
            naive_subproof(old_size, 0, new_size, true, &expected);
            store.gets = 0;
            assert_int_equal(ml_merkle_consistency(old_size, new_size, get_node, &store, &proof),
                             MLEDGER_OK);
            assert_true(store.gets <= 2 * 7);
            assert_proof(&proof, &expected);
            assert_int_equal(check_consistency(old_size, new_size, &proof), MLEDGER_OK);
            assert_changes_are_refused(check_consistency, old_size, new_size, &proof);
        }
    }
}

static void senseless_sizes_are_refused(void **state)
{
    (void)state;
    static const uint8_t zero[2][ML_HASH_SIZE];
    struct store store = {0};
    struct ml_merkle_proof proof;
    assert_int_equal(ml_merkle_inclusion(0, 0, get_node, &store, &proof), MLEDGER_EUSAGE);
    assert_int_equal(ml_merkle_inclusion(7, 7, get_node, &store, &proof), MLEDGER_EUSAGE);
    assert_string_equal(mledger_error_text(), "leaf 7 is not in a tree of 7");
    assert_int_equal(ml_merkle_consistency(0, 7, get_node, &store, &proof), MLEDGER_EUSAGE);
    assert_int_equal(ml_merkle_consistency(8, 7, get_node, &store, &proof), MLEDGER_EUSAGE);
    assert_int_equal(ml_merkle_check_inclusion(0, 0, zero[0], zero, 0, zero[0]), MLEDGER_EINVALID);
    assert_int_equal(ml_merkle_check_inclusion(UINT64_MAX, UINT64_MAX, zero[0], zero, 0, zero[0]),
                     MLEDGER_EINVALID);
    assert_int_equal(ml_merkle_check_consistency(0, 0, zero[0], zero[0], zero, 0),
                     MLEDGER_EINVALID);
    assert_int_equal(ml_merkle_check_consistency(0, 1, zero[0], zero[0], zero, 1),
                     MLEDGER_EINVALID);
    assert_int_equal(ml_merkle_check_consistency(2, 1, zero[0], zero[0], zero, 0),
                     MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "a tree of 2 leaves is no beginning of one of 1");
}

static void errors_say_what_is_wrong(void **state)
{
    (void)state;
    static const uint8_t zero[3][ML_HASH_SIZE];
    assert_int_equal(ml_merkle_check_inclusion(1, 4, zero[0], zero, 3, zero[0]), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "the inclusion proof has 3 hashes, not 2");
    assert_int_equal(ml_merkle_check_inclusion(1, 4, zero[0], zero, 2, zero[0]), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(),
                        "the inclusion proof of leaf 1 leads to another root");
    assert_int_equal(ml_merkle_check_consistency(4, 5, zero[0], zero[1], zero, 1),
                     MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(),
                        "the consistency proof leads to another root of the tree of 5 leaves");
    uint8_t other[ML_HASH_SIZE] = {1};
    assert_int_equal(ml_merkle_check_consistency(5, 5, zero[0], other, zero, 0), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "two roots of the same 5 leaves differ");
}

/* A tree of equal leaves of any size: a complete subtree's root depends on its level only. */
static int get_uniform(void *ctx, unsigned level, uint64_t index, uint8_t ret_hash[ML_HASH_SIZE])
{
    (void)index;
    const uint8_t(*levels)[ML_HASH_SIZE] = ctx;
    memcpy(ret_hash, levels[level], ML_HASH_SIZE);
    return MLEDGER_OK;
}

static void make_levels(uint8_t levels[ML_MERKLE_LEVELS][ML_HASH_SIZE])
{
    number_hash(0, levels[0]);
    for (size_t i = 1; i < ML_MERKLE_LEVELS; i++)
        assert_int_equal(ml_merkle_node_hash(levels[i - 1], levels[i - 1], levels[i]), MLEDGER_OK);
}

static void uniform_root(uint8_t levels[ML_MERKLE_LEVELS][ML_HASH_SIZE], uint64_t size,
                         uint8_t ret_root[ML_HASH_SIZE])
{
    struct ml_merkle_frontier frontier;
    assert_int_equal(ml_merkle_frontier_load(size, get_uniform, levels, &frontier), MLEDGER_OK);
    assert_int_equal(ml_merkle_root(&frontier, ret_root), MLEDGER_OK);
}

static void proofs_hold_up_to_the_largest_tree(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {
        1,
        (UINT64_C(1) << 32) - 1,
        UINT64_C(1) << 32,
        (UINT64_C(1) << 32) + 1,
        UINT64_C(0x123456789abcdef1),
        (UINT64_C(1) << 63) - 1,
        UINT64_C(1) << 63,
        (UINT64_C(1) << 63) + 1,
        UINT64_MAX - 1,
        UINT64_MAX,
    };
    uint8_t levels[ML_MERKLE_LEVELS][ML_HASH_SIZE];
    make_levels(levels);
    for (size_t new = 0; new < ML_COUNT(sizes); new ++) {
        uint8_t new_root[ML_HASH_SIZE];
        uniform_root(levels, sizes[new], new_root);
        for (size_t old = 0; old <= new; old++) {
            struct ml_merkle_proof proof;
            uint8_t old_root[ML_HASH_SIZE];
            uniform_root(levels, sizes[old], old_root);
            assert_int_equal(
                ml_merkle_consistency(sizes[old], sizes[new], get_uniform, levels, &proof),
                MLEDGER_OK);
            assert_int_equal(ml_merkle_check_consistency(
                                 sizes[old], sizes[new], old_root, new_root,
                                 (const uint8_t(*)[ML_HASH_SIZE])proof.hashes, proof.count),
                             MLEDGER_OK);
            assert_int_equal(
                ml_merkle_inclusion(sizes[old] - 1, sizes[new], get_uniform, levels, &proof),
                MLEDGER_OK);
            assert_int_equal(ml_merkle_check_inclusion(sizes[old] - 1, sizes[new], levels[0],
                                                       (const uint8_t(*)[ML_HASH_SIZE])proof.hashes,
                                                       proof.count, new_root),
                             MLEDGER_OK);
        }
    }
}

static void a_full_tree_takes_no_leaf(void **state)
{
    (void)state;
    uint8_t levels[ML_MERKLE_LEVELS][ML_HASH_SIZE];
    make_levels(levels);
    struct ml_merkle_frontier frontier;
    assert_int_equal(ml_merkle_frontier_load(UINT64_MAX - 1, get_uniform, levels, &frontier),
                     MLEDGER_OK);
    assert_int_equal(ml_merkle_append(&frontier, levels[0], NULL, NULL), MLEDGER_OK);
    assert_int_equal(ml_merkle_append(&frontier, levels[0], NULL, NULL), MLEDGER_EUSAGE);
    assert_true(frontier.size == UINT64_MAX);
    uint8_t root[ML_HASH_SIZE];
    uint8_t expected[ML_HASH_SIZE];
    assert_int_equal(ml_merkle_root(&frontier, root), MLEDGER_OK);
    uniform_root(levels, UINT64_MAX, expected);
    assert_memory_equal(root, expected, sizeof root);
}

/* Whichever put fails, the frontier stays what it was, and the append can be made again. */
static void a_failing_store_changes_nothing(void **state)
{
    (void)state;
    struct ml_merkle_frontier frontier = {0};
    struct store store = {0};
    grow(&frontier, &store, 31); /* leaf 31 completes six nodes */
    struct ml_merkle_frontier before = frontier;
    uint8_t leaf[ML_HASH_SIZE];
    number_hash(31, leaf);
    for (unsigned fail_at = 1; fail_at <= 6; fail_at++) {
        struct store failing = {.fail_at = fail_at};
        assert_int_equal(ml_merkle_append(&frontier, leaf, put_node, &failing), MLEDGER_ESYSTEM);
        assert_string_equal(mledger_error_text(), "disk full");
        assert_int_equal(failing.puts, fail_at);
        assert_memory_equal(&frontier, &before, sizeof before);
    }
    grow(&frontier, &store, 32);
    assert_int_equal(store.puts, 63);
}

static void a_missing_node_is_passed_on(void **state)
{
    (void)state;
    struct ml_merkle_frontier frontier = {0};
    struct store store = {0};
    grow(&frontier, &store, LEAVES);
    struct ml_merkle_proof proof = {.count = 99};
    store.fail_at = 1;
    for (; store.fail_at < 100; store.fail_at++) {
        store.gets = 0;
        if (ml_merkle_consistency(37, 69, get_node, &store, &proof) == MLEDGER_OK)
            break;
        assert_int_equal(mledger_error_code(), MLEDGER_EDAMAGED);
        assert_int_equal(proof.count, 99);
    }
    assert_int_equal(store.gets, store.fail_at - 1);
    assert_true(store.gets >= 6);
    store.gets = store.fail_at - 1;
    assert_int_equal(ml_merkle_inclusion(3, 69, get_node, &store, &proof), MLEDGER_EDAMAGED);
    store.gets = store.fail_at - 1;
    assert_int_equal(ml_merkle_frontier_load(69, get_node, &store, &frontier), MLEDGER_EDAMAGED);
    assert_true(frontier.size == LEAVES);
}

static void frontier_survives_as_bytes(void **state)
{
    (void)state;
    struct ml_merkle_frontier frontier = {0};
    for (uint64_t size = 0; size <= LEAVES; size++) {
        grow(&frontier, NULL, size);
        ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
        assert_int_equal(ml_merkle_frontier_write(&frontier, &bytes), MLEDGER_OK);
        assert_int_equal(bytes.len, 8 + 32 * (size_t)__builtin_popcountll(size));
        struct ml_merkle_frontier back;
        assert_int_equal(ml_merkle_frontier_read(ml_buf_span(&bytes), &back), MLEDGER_OK);
        uint8_t root[ML_HASH_SIZE];
        uint8_t back_root[ML_HASH_SIZE];
        assert_true(back.size == size);
        assert_int_equal(ml_merkle_root(&frontier, root), MLEDGER_OK);
        assert_int_equal(ml_merkle_root(&back, back_root), MLEDGER_OK);
        assert_memory_equal(root, back_root, sizeof root);
        for (size_t len = 0; len < bytes.len; len++)
            assert_int_equal(ml_merkle_frontier_read(ML_SPAN(bytes.data, len), &back),
                             MLEDGER_EINVALID);
        assert_int_equal(ml_buf_append_char(&bytes, 0), MLEDGER_OK);
        assert_int_equal(ml_merkle_frontier_read(ml_buf_span(&bytes), &back), MLEDGER_EINVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_known_roots),
        cmocka_unit_test(puts_exactly_the_complete_nodes),
        cmocka_unit_test(roots_agree_with_the_recursion),
        cmocka_unit_test(inclusion_agrees_with_the_recursion),
        cmocka_unit_test(consistency_agrees_with_the_recursion),
        cmocka_unit_test(senseless_sizes_are_refused),
        cmocka_unit_test(errors_say_what_is_wrong),
        cmocka_unit_test(proofs_hold_up_to_the_largest_tree),
        cmocka_unit_test(a_full_tree_takes_no_leaf),
        cmocka_unit_test(a_failing_store_changes_nothing),
        cmocka_unit_test(a_missing_node_is_passed_on),
        cmocka_unit_test(frontier_survives_as_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
