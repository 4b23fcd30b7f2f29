/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs that travel: those that others made, made again, and what is refused. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "ledger/core/base64.h"
#include "ledger/core/tlog_proof.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/tlog_vectors.h"

static struct ml_span span(const char *string)
{
    return ML_SPAN(string, strlen(string));
}

static void decode(const json_t *object, const char *name, struct ml_buf *ret_bytes)
{
    const char *text = json_string_value(json_object_get(object, name));
    assert_non_null(text);
    assert_int_equal(ml_base64_append_decoded(ret_bytes, text, strlen(text)), MLEDGER_OK);
}

static uint64_t number(const json_t *object, const char *name)
{
    return (uint64_t)json_integer_value(json_object_get(object, name));
}

static void same_path(const json_t *hashes, const struct ml_merkle_proof *path)
{
    size_t at;
    const json_t *hash;
    assert_int_equal(json_array_size(hashes), path->count);
    json_array_foreach(hashes, at, hash)
    {
        uint8_t bytes[ML_HASH_SIZE];
        const char *text = json_string_value(hash);
        assert_int_equal(ml_base64_decode(text, strlen(text), bytes, sizeof bytes), MLEDGER_OK);
        assert_memory_equal(bytes, path->hashes[at], sizeof bytes);
    }
}

/* The file holds what the list says, our own proof is the same to the byte, and no other leaf or
 * index passes. */
static void check_inclusion(const json_t *one, struct tlog_tree *tree)
{
    char name[64];
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0}, entry = {0}, again = {0};
    ML_CLEANUP(ml_tlog_proof_release) struct ml_tlog_proof proof;
    struct ml_merkle_proof path;
    uint8_t leaf[ML_HASH_SIZE];
    uint64_t index = number(one, "Index"), size = number(one, "Size");
    struct ml_vkey log, witnesses[TLOG_WITNESSES];
    snprintf(name, sizeof name, "tlog-600/proofs/%u-in-%u.tlog-proof", (unsigned)index,
             (unsigned)size);
    assert_int_equal(ml_merkle_inclusion(index, size, tlog_node, tree, &path), MLEDGER_OK);
    same_path(json_object_get(one, "Proof"), &path);
    decode(one, "Entry", &entry);
    assert_int_equal(ml_merkle_leaf_hash(ml_buf_span(&entry), leaf), MLEDGER_OK);
    assert_true(tlog_read(name, &bytes));
    assert_int_equal(ml_tlog_proof_parse(ml_buf_span(&bytes), &proof), MLEDGER_OK);
    assert_int_equal(proof.index, index);
    assert_int_equal(proof.checkpoint.size, size);
    assert_int_equal(ml_tlog_proof_check(&proof, leaf), MLEDGER_OK);
    tlog_keys(&log, witnesses);
    assert_int_equal(ml_note_verify(&proof.note, &log, 1, NULL), MLEDGER_OK);
    assert_int_equal(ml_tlog_proof_write(ML_SPAN("", 0), index, &path, proof.note_bytes, &again),
                     MLEDGER_OK);
    assert_true(ml_span_equal(ml_buf_span(&bytes), ml_buf_span(&again)));
    leaf[0] ^= 1;
    assert_int_equal(ml_tlog_proof_check(&proof, leaf), MLEDGER_EINVALID);
    leaf[0] ^= 1;
    proof.index++;
    assert_int_equal(ml_tlog_proof_check(&proof, leaf), MLEDGER_EINVALID);
}

static void check_consistency(const json_t *one, struct tlog_tree *tree)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf old_root = {0}, new_root = {0};
    struct ml_merkle_proof path;
    uint64_t old_size = number(one, "OldSize"), new_size = number(one, "NewSize");
    assert_int_equal(ml_merkle_consistency(old_size, new_size, tlog_node, tree, &path), MLEDGER_OK);
    same_path(json_object_get(one, "Proof"), &path);
    decode(one, "OldRoot", &old_root);
    decode(one, "NewRoot", &new_root);
    assert_int_equal(ml_merkle_check_consistency(old_size, new_size, old_root.data, new_root.data,
                                                 (const uint8_t(*)[ML_HASH_SIZE])path.hashes,
                                                 path.count),
                     MLEDGER_OK);
    old_root.data[9] ^= 4;
    assert_int_equal(ml_merkle_check_consistency(old_size, new_size, old_root.data, new_root.data,
                                                 (const uint8_t(*)[ML_HASH_SIZE])path.hashes,
                                                 path.count),
                     MLEDGER_EINVALID);
}

static void vectors_agree(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    if (!tlog_read("tlog-600/proofs.json", &bytes))
        skip();
    json_t *vectors = json_loadb((const char *)bytes.data, bytes.len, 0, NULL);
    struct tlog_tree *tree = tlog_tree_new();
    size_t inclusions, consistencies;
    const json_t *one;
    json_array_foreach(json_object_get(vectors, "inclusion"), inclusions, one)
        check_inclusion(one, tree);
    json_array_foreach(json_object_get(vectors, "consistency"), consistencies, one)
        check_consistency(one, tree);
    printf("proofs: %zu of inclusion, %zu of consistency\n", inclusions, consistencies);
    assert_int_equal(inclusions, 113);
    assert_int_equal(consistencies, 210);
    free(tree);
    json_decref(vectors);
}

#define CHECKPOINT                                                                                 \
    "log\n1\nif9iql/LmN7OnpoR6VNr+xJsxqKUY1F168hRyghCNxI=\n\n\xe2\x80\x94 log AAAAAAA=\n"
#define HASH "DVh9ZW4PGiQp60YeplHR1wKXbroSasFO3M5dZBw4fcA=\n"

static void extra_data(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    ML_CLEANUP(ml_tlog_proof_release) struct ml_tlog_proof proof;
    const struct ml_merkle_proof none = {0};
    assert_int_equal(ml_tlog_proof_write(span("an entry"), 0, &none, span(CHECKPOINT), &bytes),
                     MLEDGER_OK);
    assert_int_equal(ml_tlog_proof_parse(ml_buf_span(&bytes), &proof), MLEDGER_OK);
    assert_true(ml_span_equal(ml_buf_span(&proof.extra), span("an entry")));
    assert_int_equal(proof.path.count, 0);
    ML_CLEANUP(ml_buf_release) struct ml_buf large = {0};
    while (large.len <= ML_TLOG_EXTRA_MAX)
        assert_int_equal(ml_buf_append_text(&large, "more and more of it"), MLEDGER_OK);
    assert_int_equal(ml_tlog_proof_write(ml_buf_span(&large), 0, &none, span(CHECKPOINT), &bytes),
                     MLEDGER_EUSAGE);
}

static void malformed_ones(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "c2sp.org/tlog-proof@v1",
        "c2sp.org/tlog-proof@v1\n",
        "c2sp.org/tlog-proof@v2\nindex 0\n\n" CHECKPOINT,
        "c2sp.org/tlog-proof@v1\n\n" CHECKPOINT,
        "c2sp.org/tlog-proof@v1\nindex\n\n" CHECKPOINT,
        "c2sp.org/tlog-proof@v1\nindex 00\n\n" CHECKPOINT,
        "c2sp.org/tlog-proof@v1\nindex -1\n\n" CHECKPOINT,
        "c2sp.org/tlog-proof@v1\nindex 18446744073709551616\n\n" CHECKPOINT,
        "c2sp.org/tlog-proof@v1\nextra !\nindex 0\n\n" CHECKPOINT,
        "c2sp.org/tlog-proof@v1\nextra \nindex 0\n\n" CHECKPOINT,
        "c2sp.org/tlog-proof@v1\nextra AAAA\n",
        "c2sp.org/tlog-proof@v1\nextra AAAA\nextra AAAA\nindex 0\n\n" CHECKPOINT,
        "c2sp.org/tlog-proof@v1\nindex 0\nextra AAAA\n\n" CHECKPOINT,
        "c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\n" CHECKPOINT,
        "c2sp.org/tlog-proof@v1\nindex 0\n" HASH,
        "c2sp.org/tlog-proof@v1\nindex 0\n" CHECKPOINT,
        "c2sp.org/tlog-proof@v1\nindex 0\n\n",
        "c2sp.org/tlog-proof@v1\nindex 0\n\n\n" CHECKPOINT,
        "c2sp.org/tlog-proof@v1\nindex 0\n\nlog\n1\n",
    };
    for (size_t i = 0; i < ML_COUNT(bad); i++) {
        ML_CLEANUP(ml_tlog_proof_release) struct ml_tlog_proof proof;
        if (ml_tlog_proof_parse(span(bad[i]), &proof) != MLEDGER_EINVALID)
            fail_msg("accepted: %s", bad[i]);
    }
}

static void paths_of_a_wrong_length(void **state)
{
    (void)state;
    for (unsigned hashes = 1; hashes <= ML_MERKLE_PROOF_MAX + 1; hashes++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
        ML_CLEANUP(ml_tlog_proof_release) struct ml_tlog_proof proof;
        assert_int_equal(ml_buf_append_text(&bytes, "c2sp.org/tlog-proof@v1\nindex 0\n"),
                         MLEDGER_OK);
        for (unsigned i = 0; i < hashes; i++)
            assert_int_equal(ml_buf_append_text(&bytes, HASH), MLEDGER_OK);
        assert_int_equal(ml_buf_printf(&bytes, "\n%s", CHECKPOINT), MLEDGER_OK);
        int result = ml_tlog_proof_parse(ml_buf_span(&bytes), &proof);
        if (hashes > ML_MERKLE_PROOF_MAX)
            assert_int_equal(result, MLEDGER_EINVALID);
        else
            assert_int_equal(ml_tlog_proof_check(&proof, proof.checkpoint.root), MLEDGER_EINVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_agree),
        cmocka_unit_test(extra_data),
        cmocka_unit_test(malformed_ones),
        cmocka_unit_test(paths_of_a_wrong_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
