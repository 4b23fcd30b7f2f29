/* SPDX-License-Identifier: Apache-2.0 */
/* .dvc files. */
#include "tests/fuzz/dvc_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ml_dvc_reader reader;
    FUZZ_CHECK(ml_dvc_reader_init(&reader, DVC_CHECK_ROOT, NULL) == 0);
    if (dvc_check_adopt(&reader, "data/x.dvc", ML_SPAN(data, size)))
        dvc_check_rest(&reader, ml_dvc_dvcfile_read(&reader, "data/x.dvc"));
    ml_dvc_reader_release(&reader);
    return 0;
}
