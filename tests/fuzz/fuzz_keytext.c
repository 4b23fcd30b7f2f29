/* SPDX-License-Identifier: Apache-2.0 */
/* The text of key files: one key has one text, so what is read is written again to the same. */
#include "ledger/store/keytext.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ml_keytext text;
    char again[ML_KEYTEXT_MAX];
    int result = ml_keytext_read(ML_SPAN(data, size), &text);
    FUZZ_CHECK(result == MLEDGER_OK || result == MLEDGER_EINVALID);
    if (result < 0) {
        FUZZ_CHECK(mledger_error_text()[0] != '\0');
        return 0;
    }
    FUZZ_CHECK(text.label[0] != '\0' && strlen(text.label) <= MLEDGER_KEY_LABEL_MAX);
    size_t head = ml_keytext_write_head(&text, again);
    FUZZ_CHECK(head == text.head_len);
    size_t len = ml_keytext_write_last(&text, again);
    FUZZ_CHECK(ml_span_equal(ML_SPAN(again, len), ML_SPAN(data, size)));
    return 0;
}
