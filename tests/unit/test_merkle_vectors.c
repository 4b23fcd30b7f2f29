/* SPDX-License-Identifier: Apache-2.0 */
/* Merkle proofs written by others, good and bad, each with the verdict it must get. */
#include <fts.h>
#include <jansson.h>
#include <string.h>

#include "ledger/core/base64.h"
#include "ledger/core/hex.h"
#include "ledger/core/merkle_proof.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/shared.h"

/* How many cases came out how. */
struct tally {
    unsigned accepted;
    unsigned refused;
    unsigned malformed; /* a hash of another length: whoever reads the proof refuses it */
};

/* A number, which may be as large as 2^64 - 1: beyond what jansson keeps as an integer, but the
 * vectors have that one value only. */
static uint64_t number_of(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    assert_true(json_is_real(value));
    double number = json_real_value(value);
    if (number >= 0x1p64)
        return UINT64_MAX;
    assert_true(number >= 0 && number < 0x1p53);
    return (uint64_t)number;
}

static bool read_hash(const json_t *value, uint8_t ret_hash[ML_HASH_SIZE])
{
    const char *text = json_string_value(value);
    assert_non_null(text);
    return ml_base64_decode(text, strlen(text), ret_hash, ML_HASH_SIZE) == MLEDGER_OK;
}

/* Where the verdict does not depend on them, the vectors have words for roots: only whether they
 * are the same words counts. */
static void read_root(const json_t *value, uint8_t ret_root[ML_HASH_SIZE])
{
    const char *text = json_string_value(value);
    assert_non_null(text);
    if (!read_hash(value, ret_root))
        assert_int_equal(ml_sha256(ret_root, &ML_SPAN(text, strlen(text)), 1), MLEDGER_OK);
}

static bool read_proof(const json_t *value, struct ml_merkle_proof *ret_proof)
{
    size_t at;
    const json_t *hash;
    *ret_proof = (struct ml_merkle_proof){0};
    json_array_foreach(value, at, hash)
    {
        if (at == ML_MERKLE_PROOF_MAX || !read_hash(hash, ret_proof->hashes[at]))
            return false;
        ret_proof->count++;
    }
    return true;
}

static bool judge_inclusion(const json_t *one, bool *ret_readable)
{
    uint8_t root[ML_HASH_SIZE];
    uint8_t leaf[ML_HASH_SIZE];
    struct ml_merkle_proof proof;
    read_root(json_object_get(one, "root"), root);
    *ret_readable = read_hash(json_object_get(one, "leafHash"), leaf) &&
                    read_proof(json_object_get(one, "proof"), &proof);
    return *ret_readable &&
           ml_merkle_check_inclusion(number_of(one, "leafIdx"), number_of(one, "treeSize"), leaf,
                                     (const uint8_t(*)[ML_HASH_SIZE])proof.hashes, proof.count,
                                     root) == MLEDGER_OK;
}

static bool judge_consistency(const json_t *one, bool *ret_readable)
{
    uint8_t root1[ML_HASH_SIZE];
    uint8_t root2[ML_HASH_SIZE];
    struct ml_merkle_proof proof;
    read_root(json_object_get(one, "root1"), root1);
    read_root(json_object_get(one, "root2"), root2);
    *ret_readable = read_proof(json_object_get(one, "proof"), &proof);
    return *ret_readable &&
           ml_merkle_check_consistency(number_of(one, "size1"), number_of(one, "size2"), root1,
                                       root2, (const uint8_t(*)[ML_HASH_SIZE])proof.hashes,
                                       proof.count) == MLEDGER_OK;
}

typedef bool (*judge_fn)(const json_t *one, bool *ret_readable);

static void judge_file(const char *path, judge_fn judge, struct tally *tally)
{
    json_error_t error;
    json_t *one = json_load_file(path, JSON_DECODE_INT_AS_REAL, &error);
    if (!one)
        fail_msg("%s:%d: %s", path, error.line, error.text);
    bool readable;
    bool accepted = judge(one, &readable);
    bool refuse = json_is_true(json_object_get(one, "wantErr"));
    if (accepted == refuse)
        fail_msg("%s is %s (%s)", path, accepted ? "accepted" : "refused", mledger_error_text());
    tally->accepted += accepted;
    tally->refused += readable && !accepted;
    tally->malformed += !readable;
    json_decref(one);
}

static void judge_folder(const char *below, judge_fn judge, struct tally *tally)
{
    char path[SHARED_PATH_SIZE];
    if (!shared_path(path, below))
        skip();
    char *const roots[] = {path, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    assert_non_null(walk);
    for (const FTSENT *entry; (entry = fts_read(walk)) != NULL;)
        if (entry->fts_info == FTS_F && strstr(entry->fts_name, ".json"))
            judge_file(entry->fts_accpath, judge, tally);
    fts_close(walk);
    printf("%s: %u accepted, %u refused, %u malformed\n", below, tally->accepted, tally->refused,
           tally->malformed);
}

static void inclusion_vectors(void **state)
{
    (void)state;
    struct tally tally = {0};
    judge_folder("data/vectors/merkle/inclusion", judge_inclusion, &tally);
    assert_int_equal(tally.accepted, 6);
    assert_int_equal(tally.refused + tally.malformed, 92);
}

static void consistency_vectors(void **state)
{
    (void)state;
    struct tally tally = {0};
    judge_folder("data/vectors/merkle/consistency", judge_consistency, &tally);
    assert_int_equal(tally.accepted, 6);
    assert_int_equal(tally.refused + tally.malformed, 92);
}

static void expect_hash(const json_t *want, const uint8_t hash[ML_HASH_SIZE])
{
    char hex[ML_HEX_SIZE(ML_HASH_SIZE)];
    ml_hex_encode(hex, hash, ML_HASH_SIZE);
    assert_string_equal(hex, json_string_value(want));
}

/* The tree that certificate transparency's own tests have: hashes of leaves and nodes, and the root
 * at each size. Nodes are made of texts there; ours are of hashes, so that one hash is not ours. */
static void the_reference_tree(void **state)
{
    (void)state;
    char path[SHARED_PATH_SIZE];
    if (!shared_path(path, "data/vectors/notes.json"))
        skip();
    json_t *vectors = json_load_file(path, 0, NULL);
    const json_t *tree = json_object_get(vectors, "rfc6962");
    const json_t *inputs = json_object_get(tree, "leaf_inputs_hex");
    const json_t *roots = json_object_get(tree, "roots_hex_by_size");
    struct ml_merkle_frontier frontier = {0};
    uint8_t hash[ML_HASH_SIZE];
    assert_int_equal(json_array_size(roots), json_array_size(inputs) + 1);
    for (size_t size = 0; size < json_array_size(roots); size++) {
        assert_int_equal(ml_merkle_root(&frontier, hash), MLEDGER_OK);
        expect_hash(json_array_get(roots, size), hash);
        if (size == 0)
            expect_hash(json_object_get(tree, "empty_root"), hash);
        if (size == json_array_size(inputs))
            break;
        const char *hex = json_string_value(json_array_get(inputs, size));
        uint8_t input[64];
        size_t len = strlen(hex) / 2;
        assert_int_equal(ml_hex_decode(hex, 2 * len, input, len), MLEDGER_OK);
        assert_int_equal(ml_merkle_leaf_hash(ML_SPAN(input, len), hash), MLEDGER_OK);
        if (size == 0)
            expect_hash(json_object_get(tree, "empty_leaf"), hash);
        assert_int_equal(ml_merkle_append(&frontier, hash, NULL, NULL), MLEDGER_OK);
    }
    assert_int_equal(ml_merkle_leaf_hash(ML_SPAN("L123456", 7), hash), MLEDGER_OK);
    expect_hash(json_object_get(tree, "leaf_L123456"), hash);
    const struct ml_span node[] = {ML_SPAN("\x01", 1), ML_SPAN("N123", 4), ML_SPAN("N456", 4)};
    assert_int_equal(ml_sha256(hash, node, ML_COUNT(node)), MLEDGER_OK);
    expect_hash(json_object_get(tree, "node_N123_N456"), hash);
    json_decref(vectors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inclusion_vectors),
        cmocka_unit_test(consistency_vectors),
        cmocka_unit_test(the_reference_tree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
