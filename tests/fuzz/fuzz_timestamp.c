/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens and responses of timestamping authorities, and lists of roots. Seeds are real ones, over
 * the text below; no mutation finds a signature, so what is read as a token says what a seed
 * says or is refused.
 */
#include "ledger/core/timestamp.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct ml_span text = {(const uint8_t *)"a checkpoint\n", 13};
    static const uint8_t nonce[ML_TIMESTAMP_NONCE_SIZE] = {0x9a, 1, 2, 3};
    ML_CLEANUP(ml_timestamp_roots_freep) struct ml_timestamp_roots *roots = NULL;
    ML_CLEANUP(ml_buf_release) struct ml_buf token = {0};
    struct ml_timestamp timestamp;
    struct ml_span bytes = {data, size};
    int result = ml_timestamp_read(bytes, text, &timestamp);
    FUZZ_CHECK(result == MLEDGER_OK || result == MLEDGER_EINVALID);
    if (result == MLEDGER_OK)
        FUZZ_CHECK(timestamp.time_us >= 0 && timestamp.accuracy_us >= -1 &&
                   memchr(timestamp.authority, '\0', sizeof timestamp.authority));
    result = ml_timestamp_response(bytes, text, nonce, &token);
    FUZZ_CHECK(result == MLEDGER_OK || result == MLEDGER_EINVALID);
    if (result == MLEDGER_OK)
        FUZZ_CHECK(ml_timestamp_read(ml_buf_span(&token), text, &timestamp) == MLEDGER_OK);
    result = ml_timestamp_roots_parse(bytes, "roots", &roots);
    FUZZ_CHECK(result == MLEDGER_OK || result == MLEDGER_EINVALID);
    return 0;
}
