/* SPDX-License-Identifier: Apache-2.0 */
/* References: whatever is parsed lies inside the text, and is parsed again to the same. */
#include "ledger/query/reference.h"
#include "tests/fuzz/target.h"

static bool lies_inside(struct ml_span part, const char *text, size_t len)
{
    const uint8_t *begin = (const uint8_t *)text;
    return part.len == 0 || (part.data >= begin && part.data + part.len <= begin + len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ML_CLEANUP(ml_freep) char *text = malloc(size + 1);
    if (!text)
        return 0;
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    struct ml_reference_text first, second;
    const int result = ml_reference_parse(text, &first);
    FUZZ_CHECK(result == MLEDGER_OK || result == MLEDGER_EUSAGE);
    if (result < 0)
        return 0;
    FUZZ_CHECK(lies_inside(first.name, text, size) && lies_inside(first.part, text, size));
    FUZZ_CHECK(ml_reference_parse(text, &second) == MLEDGER_OK);
    FUZZ_CHECK(first.form == second.form && first.number == second.number);
    return 0;
}
