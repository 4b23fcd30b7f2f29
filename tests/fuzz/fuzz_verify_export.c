/* SPDX-License-Identifier: Apache-2.0 */
/* A file that claims to be an export, through the whole verifier: lines of any length and order,
 * records that are none, revocations that make it read all a second time. */
#include "tests/fuzz/target.h"

#include "verify/anchor.h"
#include "verify/source_lines.h"

struct bytes {
    const uint8_t *data;
    size_t size, at;
};

static int give(void *context, uint8_t *buffer, size_t size, size_t *ret_len)
{
    struct bytes *bytes = context;
    size_t left = bytes->size - bytes->at, len = left < size ? left : size;
    if (len > 0)
        memcpy(buffer, bytes->data + bytes->at, len);
    bytes->at += len;
    *ret_len = len;
    return MLEDGER_OK;
}

static int rewind_bytes(void *context)
{
    ((struct bytes *)context)->at = 0;
    return MLEDGER_OK;
}

static int see(const struct ml_finding *finding, void *context)
{
    ++*(uint64_t *)context;
    FUZZ_CHECK(finding->code && *finding->code && finding->text);
    return MLEDGER_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ml_source_lines lines;
    struct bytes bytes = {data, size, 0};
    const struct ml_source_file file = {give, rewind_bytes, &bytes};
    uint64_t seen = 0;
    const struct ml_verify_options options = {.visit = see, .visit_context = &seen};
    struct ml_verifier verifier;
    ml_source_lines_init(&lines, &file);
    const struct ml_verify_source source = ml_source_lines_open(&lines);
    FUZZ_CHECK(ml_verifier_init(&verifier, &options, &source) == MLEDGER_OK);
    FUZZ_CHECK(ml_verifier_read(&verifier) == MLEDGER_OK);
    FUZZ_CHECK(ml_verifier_finish(&verifier) == MLEDGER_OK);
    FUZZ_CHECK(ml_verify_anchors(&verifier) == MLEDGER_OK);
    const struct ml_verify_result *result = &verifier.result;
    FUZZ_CHECK(seen == result->faults + result->doubts + result->not_proven);
    ml_verifier_release(&verifier);
    ml_source_lines_release(&lines);
    return 0;
}
