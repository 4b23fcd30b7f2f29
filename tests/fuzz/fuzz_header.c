/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Headers, which auditors read without the payload. What is read is packed again to the same bytes;
 * no mutation finds a signature, so what is read is also signed by a key of the fuzzer's own, and
 * the envelope must verify for these bytes and for no others.
 */
#include "ledger/core/codec.h"
#include "ledger/core/ed25519.h"
#include "ledger/core/record.h"
#include "tests/fuzz/target.h"

static void check_tags(const Mledger__Header *header)
{
    FUZZ_CHECK(header->n_subject_tags <= ML_LIMIT_TAGS);
    for (size_t i = 0; i < header->n_subject_tags; i++) {
        FUZZ_CHECK(header->subject_tags[i].len == ML_TAG_SIZE);
        FUZZ_CHECK(i == 0 || memcmp(header->subject_tags[i - 1].data, header->subject_tags[i].data,
                                    ML_TAG_SIZE) < 0);
    }
}

static void sign_it(struct ml_span bytes)
{
    static const uint8_t seed[ML_ED25519_SEED_SIZE] = {1};
    uint8_t key[ML_ED25519_PUBLIC_SIZE], secret[ML_ED25519_SECRET_SIZE];
    uint8_t signature[ML_SIGNATURE_SIZE], link[ML_HASH_SIZE], leaf[ML_HASH_SIZE];
    ML_CLEANUP(ml_buf_release) struct ml_buf message = {0};
    FUZZ_CHECK(ml_ed25519_keypair(seed, key, secret) == MLEDGER_OK);
    FUZZ_CHECK(ml_dsse_encode(ML_HEADER_TYPE, bytes, &message) == MLEDGER_OK);
    FUZZ_CHECK(ml_ed25519_sign(secret, ml_buf_span(&message), signature) == MLEDGER_OK);
    FUZZ_CHECK(ml_dsse_verify(ML_HEADER_TYPE, bytes, key, signature) == MLEDGER_OK);
    FUZZ_CHECK(ml_dsse_verify(ML_STATEMENT_TYPE, bytes, key, signature) == MLEDGER_EINVALID);
    FUZZ_CHECK(ml_dsse_verify(ML_HEADER_TYPE, ML_SPAN(bytes.data, bytes.len - 1), key, signature) ==
               MLEDGER_EINVALID);
    FUZZ_CHECK(ml_link(bytes, link) == MLEDGER_OK);
    FUZZ_CHECK(ml_leaf(signature, bytes, leaf) == MLEDGER_OK);
    FUZZ_CHECK(memcmp(link, leaf, ML_HASH_SIZE) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ML_CLEANUP(ml_buf_release) struct ml_buf again = {0};
    const struct ml_span bytes = {data, size};
    const Mledger__Header *header;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    int result = ml_header_read(bytes, &arena, &header);
    FUZZ_CHECK(result == MLEDGER_OK || result == MLEDGER_EINVALID);
    if (result < 0)
        return 0;
    FUZZ_CHECK(size > 0 && size <= ML_LIMIT_HEADER && header->recorded_at >= 0);
    check_tags(header);
    FUZZ_CHECK(ml_codec_pack(&header->base, &again) == MLEDGER_OK);
    FUZZ_CHECK(ml_span_equal(ml_buf_span(&again), bytes));
    sign_it(bytes);
    return 0;
}
