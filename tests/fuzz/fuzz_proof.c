/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proofs as text. What is read is written again and must come out the same. A proof is checked
 * against a leaf, of which no mutation finds the right one unless the tree has one leaf.
 */
#include "ledger/core/tlog_proof.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ML_CLEANUP(ml_tlog_proof_release) struct ml_tlog_proof proof;
    ML_CLEANUP(ml_buf_release) struct ml_buf again = {0};
    struct ml_span bytes = {data, size};
    uint8_t leaf[ML_HASH_SIZE];
    int result = ml_tlog_proof_parse(bytes, &proof);
    FUZZ_CHECK(result == MLEDGER_OK || result == MLEDGER_EINVALID);
    if (result < 0)
        return 0;
    FUZZ_CHECK(ml_tlog_proof_write(ml_buf_span(&proof.extra), proof.index, &proof.path,
                                   proof.note_bytes, &again) == MLEDGER_OK);
    FUZZ_CHECK(ml_span_equal(ml_buf_span(&again), bytes));
    FUZZ_CHECK(ml_merkle_leaf_hash(ml_buf_span(&proof.extra), leaf) == MLEDGER_OK);
    result = ml_tlog_proof_check(&proof, leaf);
    FUZZ_CHECK(result == MLEDGER_OK || result == MLEDGER_EINVALID);
    FUZZ_CHECK(result < 0 || proof.index < proof.checkpoint.size);
    return 0;
}
