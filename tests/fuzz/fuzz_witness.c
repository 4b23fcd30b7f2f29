/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a witness reads from anybody, and a log from a witness. A request that is read is written
 * again from its parts, and must come out the same; whatever it says, nobody's signature is on
 * it, and no proof of its own leads from a root that the fuzzer does not know.
 */
#include "ledger/core/witness.h"
#include "tests/fuzz/target.h"

static struct ml_vkey key_of(enum ml_vkey_type type, struct ml_span name)
{
    static const uint8_t seed[ML_ED25519_SEED_SIZE] = {1};
    uint8_t key[ML_ED25519_PUBLIC_SIZE], secret[ML_ED25519_SECRET_SIZE];
    struct ml_vkey vkey;
    FUZZ_CHECK(ml_ed25519_keypair(seed, key, secret) == MLEDGER_OK);
    FUZZ_CHECK(ml_vkey_make(type, name, key, &vkey) == MLEDGER_OK);
    return vkey;
}

static void write_again(const struct ml_witness_request *request, struct ml_span bytes)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf again = {0};
    struct ml_merkle_proof proof = {.count = request->count};
    memcpy(proof.hashes, request->hashes, request->count * sizeof request->hashes[0]);
    FUZZ_CHECK(ml_witness_request_write(request->old_size, &proof, request->note_bytes, &again) ==
               MLEDGER_OK);
    FUZZ_CHECK(ml_span_equal(ml_buf_span(&again), bytes));
}

static void judge(const struct ml_witness_request *request)
{
    const struct ml_vkey log = key_of(ML_VKEY_ED25519, ML_SPAN("fuzzer", 6));
    const struct ml_witness_known known = {.size = request->old_size, .root = {0x55}};
    struct ml_witness_verdict verdict;
    FUZZ_CHECK(ml_witness_check_log(request, &log, 1, &verdict) == MLEDGER_OK);
    FUZZ_CHECK(verdict.status != ML_WITNESS_COSIGN);
    FUZZ_CHECK(ml_witness_check_growth(request, &known, &verdict) == MLEDGER_OK);
    FUZZ_CHECK(verdict.status != ML_WITNESS_CONFLICT);
    FUZZ_CHECK(verdict.status != ML_WITNESS_COSIGN || request->old_size == 0 ||
               memcmp(request->checkpoint.root, known.root, ML_HASH_SIZE) == 0);
}

static void answer(struct ml_span body)
{
    static const char note[] = "log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n"
                               "\xe2\x80\x94 nobody AAAAAAA=\n";
    const struct ml_vkey witness = key_of(ML_VKEY_COSIGNATURE, ML_SPAN("w", 1));
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    uint64_t size;
    FUZZ_CHECK(ml_buf_append(&bytes, note, sizeof note - 1) == MLEDGER_OK);
    FUZZ_CHECK(ml_witness_answer_apply(body, &witness, &bytes) == MLEDGER_EINVALID);
    FUZZ_CHECK(ml_span_equal(ml_buf_span(&bytes), ML_SPAN(note, sizeof note - 1)));
    int result = ml_witness_size_parse(body, &size);
    FUZZ_CHECK(result == MLEDGER_EINVALID || (result == MLEDGER_OK && size <= INT64_MAX));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ML_CLEANUP(ml_witness_request_release) struct ml_witness_request request;
    struct ml_span bytes = {data, size};
    answer(bytes);
    int result = ml_witness_request_parse(bytes, &request);
    FUZZ_CHECK(result == MLEDGER_OK || result == MLEDGER_EINVALID);
    if (result < 0)
        return 0;
    write_again(&request, bytes);
    judge(&request);
    return 0;
}
