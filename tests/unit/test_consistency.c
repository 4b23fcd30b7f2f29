/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs of consistency as text: what is written is read, and nothing else. */
#include "tests/unit/cmocka_all.h"

#include "ledger/core/consistency.h"

static void expect_ok(int result)
{
    if (result < 0)
        fail_msg("%d: %s", result, mledger_error_text());
}

/* Leaves whose hashes are their numbers, as a store that makes every node anew. */
static int get_node(void *context, unsigned level, uint64_t index, uint8_t ret_hash[ML_HASH_SIZE])
{
    if (level == 0) {
        memset(ret_hash, (int)index, ML_HASH_SIZE);
        return MLEDGER_OK;
    }
    uint8_t left[ML_HASH_SIZE], right[ML_HASH_SIZE];
    ML_TRY(get_node(context, level - 1, 2 * index, left));
    ML_TRY(get_node(context, level - 1, 2 * index + 1, right));
    return ml_merkle_node_hash(left, right, ret_hash);
}

static void root_of(uint64_t size, struct ml_consistency_tree *tree)
{
    struct ml_merkle_frontier frontier;
    tree->size = size;
    expect_ok(ml_merkle_frontier_load(size, get_node, NULL, &frontier));
    expect_ok(ml_merkle_root(&frontier, tree->root));
}

static void make(uint64_t before, uint64_t after, struct ml_consistency *proof)
{
    *proof = (struct ml_consistency){0};
    root_of(before, &proof->before);
    root_of(after, &proof->after);
    expect_ok(ml_merkle_consistency(before, after, get_node, NULL, &proof->path));
}

static void what_is_written_is_read_and_holds(void **state)
{
    (void)state;
    for (uint64_t after = 1; after <= 33; after++)
        for (uint64_t before = 1; before <= after; before++) {
            ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
            struct ml_consistency made, read;
            make(before, after, &made);
            expect_ok(ml_consistency_write(&made, &text));
            assert_true(text.len <= ML_CONSISTENCY_MAX);
            expect_ok(ml_consistency_parse(ml_buf_span(&text), &read));
            assert_memory_equal(&read, &made, sizeof made);
            expect_ok(ml_consistency_check(&read));
            read.before.root[5] ^= 1;
            assert_int_equal(ml_consistency_check(&read), MLEDGER_EINVALID);
        }
}

static void the_longest_proof_fits(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    struct ml_consistency proof = {.before = {.size = INT64_MAX - 1},
                                   .after = {.size = INT64_MAX},
                                   .path = {.count = ML_MERKLE_PROOF_MAX}};
    expect_ok(ml_consistency_write(&proof, &text));
    assert_true(text.len <= ML_CONSISTENCY_MAX);
    expect_ok(ml_consistency_parse(ml_buf_span(&text), &proof));
    assert_int_equal(proof.path.count, ML_MERKLE_PROOF_MAX);
}

#define ROOT "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static void nothing_else_is_read(void **state)
{
    (void)state;
    static const char *const malformed[] = {
        "",
        "mledger consistency v1",
        "mledger consistency v1\n",
        "mledger consistency v2\nold 1 " ROOT "\nnew 2 " ROOT "\n" ROOT "\n",
        "mledger consistency v1\nold 1 " ROOT "\n",
        "mledger consistency v1\nold 1 " ROOT "\nnew 2 " ROOT,
        "mledger consistency v1\nnew 2 " ROOT "\nold 1 " ROOT "\n",
        "mledger consistency v1\nold 0 " ROOT "\nnew 2 " ROOT "\n",
        "mledger consistency v1\nold 3 " ROOT "\nnew 2 " ROOT "\n",
        "mledger consistency v1\nold 01 " ROOT "\nnew 2 " ROOT "\n",
        "mledger consistency v1\nold +1 " ROOT "\nnew 2 " ROOT "\n",
        "mledger consistency v1\nold 1  " ROOT "\nnew 2 " ROOT "\n",
        "mledger consistency v1\nold 1 " ROOT " \nnew 2 " ROOT "\n",
        "mledger consistency v1\nold 1\nnew 2 " ROOT "\n",
        "mledger consistency v1\nold 1 AAAA\nnew 2 " ROOT "\n",
        "mledger consistency v1\nold 1 " ROOT "\nnew 9223372036854775808 " ROOT "\n",
        "mledger consistency v1\r\nold 1 " ROOT "\nnew 2 " ROOT "\n",
        "mledger consistency v1\nold 1 " ROOT "\nnew 2 " ROOT "\n\n",
        "mledger consistency v1\nold 1 " ROOT "\nnew 2 " ROOT "\n" ROOT,
        "mledger consistency v1\nold 1 " ROOT "\nnew 2 " ROOT "\nAAAA\n",
        "mledger consistency v1\nold 1 " ROOT "\nnew 2 " ROOT "\n" ROOT " \n",
    };
    for (size_t i = 0; i < ML_COUNT(malformed); i++) {
        struct ml_consistency proof;
        if (ml_consistency_parse(ML_SPAN(malformed[i], strlen(malformed[i])), &proof) !=
            MLEDGER_EINVALID)
            fail_msg("form %zu was read", i);
    }
}

static void a_proof_too_long_is_not_read(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    struct ml_consistency proof;
    make(3, 7, &proof);
    expect_ok(ml_consistency_write(&proof, &text));
    for (size_t i = proof.path.count; i < ML_MERKLE_PROOF_MAX + 1; i++)
        expect_ok(ml_buf_append_text(&text, ROOT "\n"));
    assert_int_equal(ml_consistency_parse(ml_buf_span(&text), &proof), MLEDGER_EINVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_and_holds),
        cmocka_unit_test(the_longest_proof_fits),
        cmocka_unit_test(nothing_else_is_read),
        cmocka_unit_test(a_proof_too_long_is_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
