/* SPDX-License-Identifier: Apache-2.0 */
/* Checkpoints: what is one, those that others signed, and what is refused. */
#include <stdio.h>
#include <string.h>

#include "ledger/core/base64.h"
#include "ledger/core/checkpoint.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/tlog_vectors.h"

#define ROOT "if9iql/LmN7OnpoR6VNr+xJsxqKUY1F168hRyghCNxI="
#define EMPTY_ROOT "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

static struct ml_span span(const char *string)
{
    return ML_SPAN(string, strlen(string));
}

static void reads_what_it_writes(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    uint8_t root[ML_HASH_SIZE];
    struct ml_checkpoint checkpoint;
    assert_int_equal(ml_base64_decode(ROOT, strlen(ROOT), root, sizeof root), MLEDGER_OK);
    assert_int_equal(ml_checkpoint_write(span("example.com/log"), INT64_MAX, root, &text),
                     MLEDGER_OK);
    assert_int_equal(ml_checkpoint_parse(ml_buf_span(&text), &checkpoint), MLEDGER_OK);
    assert_true(ml_span_equal(checkpoint.origin, span("example.com/log")));
    assert_true(checkpoint.size == INT64_MAX);
    assert_memory_equal(checkpoint.root, root, sizeof root);
    assert_int_equal(checkpoint.extensions.len, 0);
}

static void good_ones(void **state)
{
    (void)state;
    struct ml_checkpoint checkpoint;
    assert_int_equal(ml_checkpoint_parse(span("log\n0\n" EMPTY_ROOT "\n"), &checkpoint),
                     MLEDGER_OK);
    assert_int_equal(
        ml_checkpoint_parse(span("a log with spaces\n1\n" ROOT "\nmore\nlines\n"), &checkpoint),
        MLEDGER_OK);
    assert_true(ml_span_equal(checkpoint.extensions, span("more\nlines\n")));
}

static void malformed_ones(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "\n",
        "log\n",
        "log\n1\n",
        "\n1\n" ROOT "\n",
        "log\n1\n" ROOT,
        "log\n\n" ROOT "\n",
        "log\n01\n" ROOT "\n",
        "log\n00\n" ROOT "\n",
        "log\n+1\n" ROOT "\n",
        "log\n-1\n" ROOT "\n",
        "log\n 1\n" ROOT "\n",
        "log\n1 \n" ROOT "\n",
        "log\n0x1\n" ROOT "\n",
        "log\n9223372036854775808\n" ROOT "\n",  /* 2^63 */
        "log\n18446744073709551616\n" ROOT "\n", /* 2^64 */
        "log\n18446744073709551617\n" ROOT "\n",
        "log\n1\n" ROOT "\n\n",
        "log\n1\n" ROOT "\nmore\n\nlines\n",
        "log\n1\n" ROOT "\nmore",
        "log\n1\nif9iql/LmN7OnpoR6VNr+xJsxqKUY1F168hRyghCNw==\n",
        "log\n1\nif9iql/LmN7OnpoR6VNr+xJsxqKUY1F168hRyghCNxJ=\n", /* bits left over */
        "log\n1\nif9iql_LmN7OnpoR6VNr-xJsxqKUY1F168hRyghCNxI=\n",
        "log\n0\n" ROOT "\n",
    };
    struct ml_checkpoint checkpoint;
    for (size_t i = 0; i < ML_COUNT(bad); i++)
        if (ml_checkpoint_parse(span(bad[i]), &checkpoint) != MLEDGER_EINVALID)
            fail_msg("accepted: %s", bad[i]);
}

static void cannot_be_written(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    const uint8_t root[ML_HASH_SIZE] = {0};
    assert_int_equal(ml_checkpoint_write(span(""), 1, root, &text), MLEDGER_EUSAGE);
    assert_int_equal(ml_checkpoint_write(span("a\nb"), 1, root, &text), MLEDGER_EUSAGE);
    assert_int_equal(ml_checkpoint_write(span("a\xff"), 1, root, &text), MLEDGER_EUSAGE);
    assert_int_equal(ml_checkpoint_write(span("a"), (uint64_t)INT64_MAX + 1, root, &text),
                     MLEDGER_EUSAGE);
}

/* Each of the shared log: signatures of the log and its witnesses, and the root recomputed. */
static void check_file(const char *name, const struct tlog_tree *tree)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0}, text = {0};
    ML_CLEANUP(ml_note_release) struct ml_note note;
    struct ml_checkpoint checkpoint;
    struct ml_vkey keys[1 + TLOG_WITNESSES];
    struct ml_note_seal seals[ML_COUNT(keys)];
    struct ml_merkle_frontier frontier;
    uint8_t root[ML_HASH_SIZE];
    tlog_keys(&keys[0], &keys[1]);
    assert_true(tlog_read(name, &bytes));
    assert_int_equal(ml_checkpoint_open(ml_buf_span(&bytes), &note, &checkpoint), MLEDGER_OK);
    assert_int_equal(ml_note_verify(&note, keys, ML_COUNT(keys), seals), MLEDGER_OK);
    assert_true(seals[0].valid);
    for (size_t i = 1; i < note.count; i++) {
        assert_true(seals[i].valid);
        assert_true(seals[i].time == (int64_t)(1700000000 + 10 * checkpoint.size + (i - 1)));
    }
    assert_int_equal(
        ml_merkle_frontier_load(checkpoint.size, tlog_node, (void *)(uintptr_t)tree, &frontier),
        MLEDGER_OK);
    assert_int_equal(ml_merkle_root(&frontier, root), MLEDGER_OK);
    assert_memory_equal(root, checkpoint.root, sizeof root);
    assert_int_equal(ml_checkpoint_write(checkpoint.origin, checkpoint.size, root, &text),
                     MLEDGER_OK);
    assert_true(ml_span_equal(note.text, ml_buf_span(&text)));
}

static void those_of_others(void **state)
{
    (void)state;
    static const unsigned sizes[] = {0,  1,  2,   3,   4,   5,   6,   7,   8,   9,  31,
                                     32, 33, 255, 256, 257, 300, 511, 512, 513, 600};
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    if (!tlog_read("tlog-600/checkpoint", &bytes))
        skip();
    struct tlog_tree *tree = tlog_tree_new();
    check_file("tlog-600/checkpoint", tree);
    for (size_t i = 0; i < ML_COUNT(sizes); i++) {
        char name[64];
        snprintf(name, sizeof name, "tlog-600/checkpoint.%u", sizes[i]);
        check_file(name, tree);
    }
    free(tree);
    printf("checkpoints: %zu accepted\n", ML_COUNT(sizes) + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_it_writes), cmocka_unit_test(good_ones),
        cmocka_unit_test(malformed_ones),       cmocka_unit_test(cannot_be_written),
        cmocka_unit_test(those_of_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
