/* SPDX-License-Identifier: Apache-2.0 */
/* What a user keeps of ledgers, and proofs of consistency: text that is read is written the same.
 */
#include "ledger/core/consistency.h"
#include "ledger/store/conflict.h"
#include "ledger/store/known_file.h"
#include "tests/fuzz/target.h"

static void check_known(struct ml_span text)
{
    static const char v2[] = "mledger known v2\n";
    struct ml_known_file file;
    ML_CLEANUP(ml_buf_release) struct ml_buf written = {0};
    if (ml_known_file_parse("input", text, &file) >= 0 && file.head.size > 0) {
        FUZZ_CHECK(ml_known_file_write(&file, &written) >= 0);
        bool newest = text.len >= sizeof v2 - 1 && memcmp(text.data, v2, sizeof v2 - 1) == 0;
        FUZZ_CHECK(!newest || ml_span_equal(ml_buf_span(&written), text));
    }
    ml_known_file_release(&file);
}

static void check_conflict(struct ml_span text)
{
    struct ml_span first, second;
    ML_CLEANUP(ml_buf_release) struct ml_buf written = {0};
    if (ml_conflict_read(text, &first, &second) < 0)
        return;
    FUZZ_CHECK(ml_conflict_write(first, second, &written) >= 0);
    FUZZ_CHECK(ml_span_equal(ml_buf_span(&written), text));
}

static void check_consistency(struct ml_span text)
{
    struct ml_consistency proof;
    ML_CLEANUP(ml_buf_release) struct ml_buf written = {0};
    if (ml_consistency_parse(text, &proof) < 0)
        return;
    (void)!ml_consistency_check(&proof);
    FUZZ_CHECK(ml_consistency_write(&proof, &written) >= 0);
    FUZZ_CHECK(ml_span_equal(ml_buf_span(&written), text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_known(ML_SPAN(data, size));
    check_conflict(ML_SPAN(data, size));
    check_consistency(ML_SPAN(data, size));
    return 0;
}
