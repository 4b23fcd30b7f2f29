/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/witness_fixture.h"

#include <string.h>

#include "tests/unit/cmocka_all.h"

struct witness_tree tree, fork_tree;
struct party the_log, second_key, stranger, witness, other_witness;

static struct ml_span span(const char *string)
{
    return ML_SPAN(string, strlen(string));
}

static int put_node(void *ctx, unsigned level, uint64_t index, const uint8_t hash[ML_HASH_SIZE])
{
    struct witness_tree *into = ctx;
    memcpy(into->nodes[level][index], hash, ML_HASH_SIZE);
    return MLEDGER_OK;
}

static int get_node(void *ctx, unsigned level, uint64_t index, uint8_t ret_hash[ML_HASH_SIZE])
{
    const struct witness_tree *from = ctx;
    memcpy(ret_hash, from->nodes[level][index], ML_HASH_SIZE);
    return MLEDGER_OK;
}

static void grow(struct witness_tree *into, unsigned forked_at)
{
    struct ml_merkle_frontier frontier = {0};
    for (unsigned i = 0; i <= WITNESS_LEAVES; i++) {
        uint8_t leaf[ML_HASH_SIZE] = {(uint8_t)i, i >= forked_at};
        assert_int_equal(ml_merkle_root(&frontier, into->roots[i]), MLEDGER_OK);
        if (i < WITNESS_LEAVES)
            assert_int_equal(ml_merkle_append(&frontier, leaf, put_node, into), MLEDGER_OK);
    }
}

static void make_party(struct party *party, enum ml_vkey_type type, const char *name, uint8_t seed)
{
    uint8_t bytes[ML_ED25519_SEED_SIZE], key[ML_ED25519_PUBLIC_SIZE];
    memset(bytes, seed, sizeof bytes);
    assert_int_equal(ml_ed25519_keypair(bytes, key, party->secret), MLEDGER_OK);
    assert_int_equal(ml_vkey_make(type, span(name), key, &party->vkey), MLEDGER_OK);
}

int make_witness_world(void **state)
{
    (void)state;
    grow(&tree, WITNESS_LEAVES);
    grow(&fork_tree, WITNESS_FORK);
    make_party(&the_log, ML_VKEY_ED25519, "mledger/test", 1);
    make_party(&second_key, ML_VKEY_ED25519, "mledger/test", 2);
    make_party(&stranger, ML_VKEY_ED25519, "mledger/stranger", 3);
    make_party(&witness, ML_VKEY_COSIGNATURE, "witness.example/w1", 4);
    make_party(&other_witness, ML_VKEY_COSIGNATURE, "witness.example/w2", 5);
    return 0;
}

void append_signature(const struct party *party, struct ml_span text, bool well,
                      struct ml_buf *note)
{
    uint8_t signature[ML_ED25519_SIGNATURE_SIZE];
    assert_int_equal(ml_ed25519_sign(party->secret, text, signature), MLEDGER_OK);
    signature[3] ^= !well;
    assert_int_equal(
        ml_note_append_signature(note, &party->vkey, ML_SPAN(signature, sizeof signature)),
        MLEDGER_OK);
}

void append_cosignature(const struct party *party, struct ml_span text, uint8_t time,
                        struct ml_buf *note)
{
    uint8_t value[ML_COSIGNATURE_SIZE] = {[7] = time};
    ML_CLEANUP(ml_buf_release) struct ml_buf message = {0};
    assert_int_equal(ml_cosignature_message(text, time, &message), MLEDGER_OK);
    assert_int_equal(ml_ed25519_sign(party->secret, ml_buf_span(&message), value + 8), MLEDGER_OK);
    assert_int_equal(ml_note_append_signature(note, &party->vkey, ML_SPAN(value, sizeof value)),
                     MLEDGER_OK);
}

void write_note(const char *origin, uint64_t size, const uint8_t *root, const struct party *signer,
                bool well, struct ml_buf *note)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    assert_int_equal(ml_checkpoint_write(span(origin), size, root, &text), MLEDGER_OK);
    assert_int_equal(ml_buf_append(note, text.data, text.len), MLEDGER_OK);
    assert_int_equal(ml_buf_append_char(note, '\n'), MLEDGER_OK);
    append_signature(signer, ml_buf_span(&text), well, note);
}

void write_request(struct witness_tree *from, uint64_t old, uint64_t size, struct ml_buf *request)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf note = {0};
    struct ml_merkle_proof proof = {0};
    write_note("mledger/test", size, from->roots[size], &the_log, true, &note);
    if (old > 0 && old <= size)
        assert_int_equal(ml_merkle_consistency(old, size, get_node, from, &proof), MLEDGER_OK);
    assert_int_equal(ml_witness_request_write(old, &proof, ml_buf_span(&note), request),
                     MLEDGER_OK);
}
