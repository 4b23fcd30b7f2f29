/* SPDX-License-Identifier: Apache-2.0 */
/* Bundles of entries: what is read of one is written again and must come out the same. */
#include "ledger/core/tile.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf again = {0};
    struct ml_span rest = {data, size}, entry;
    int result;
    while ((result = ml_tile_entry_next(&rest, &entry)) == MLEDGER_OK)
        FUZZ_CHECK(ml_tile_entry_append(&again, entry) == MLEDGER_OK);
    FUZZ_CHECK(result == MLEDGER_ENOTFOUND || result == MLEDGER_EINVALID);
    FUZZ_CHECK((result == MLEDGER_ENOTFOUND) == (again.len == size));
    FUZZ_CHECK(ml_span_equal(ml_buf_span(&again), ML_SPAN(data, again.len)));
    return 0;
}
