/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of statements, which people send each other. What is read is written and read again to the
 * same: what was signed is not lost on the way.
 */
#include "cli/statement_file.h"
#include "tests/fuzz/memory_file.h"

static void check_same(const struct ml_sealed *one, const struct ml_sealed *other)
{
    FUZZ_CHECK(memcmp(one->ledger, other->ledger, ML_HASH_SIZE) == 0);
    FUZZ_CHECK(one->seen_seq == other->seen_seq);
    FUZZ_CHECK(memcmp(one->seen_link, other->seen_link, ML_HASH_SIZE) == 0);
    FUZZ_CHECK(ml_span_equal(one->draft->event_bytes, other->draft->event_bytes));
    FUZZ_CHECK(ml_span_equal(one->draft->details_bytes, other->draft->details_bytes));
    FUZZ_CHECK(ml_span_equal(one->draft->statements_bytes, other->draft->statements_bytes));
    FUZZ_CHECK(memcmp(one->draft->event_salt, other->draft->event_salt, ML_SALT_SIZE) == 0);
    FUZZ_CHECK(memcmp(one->draft->details_salt, other->draft->details_salt, ML_SALT_SIZE) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ML_CLEANUP(ml_sealed_release) struct ml_sealed file = {0}, again = {0};
    memory_file_fill(data, size);
    int result = ml_statement_file_read(memory_file_path(), &file);
    FUZZ_CHECK(result == MLEDGER_OK || result == MLEDGER_EINVALID);
    if (result < 0) {
        FUZZ_CHECK(strncmp(mledger_error_text(), memory_file_path(), strlen(memory_file_path())) ==
                   0);
        return 0;
    }
    char path[] = "/tmp/mledger-fuzz.XXXXXX";
    int fd = mkstemp(path);
    FUZZ_CHECK(fd >= 0 && close(fd) == 0);
    FUZZ_CHECK(ml_statement_file_write(path, &file, true) == MLEDGER_OK);
    FUZZ_CHECK(ml_statement_file_read(path, &again) == MLEDGER_OK);
    FUZZ_CHECK(unlink(path) == 0);
    check_same(&file, &again);
    return 0;
}
