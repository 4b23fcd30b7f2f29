/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dvc.lock, dvc.yaml and params.yaml of one directory: three texts with lines "%%" between them;
 * the latter two may be missing.
 */
#include "tests/fuzz/dvc_check.h"

/* Cuts the text before the next separator off *rest; false when nothing is left. */
static bool next_part(struct ml_span *rest, struct ml_span *ret_part)
{
    if (!rest->data)
        return false;
    const uint8_t *cut = rest->len > 0 ? memmem(rest->data, rest->len, "\n%%\n", 4) : NULL;
    *ret_part = *rest;
    if (!cut) {
        *rest = ML_SPAN(NULL, 0);
        return true;
    }
    ret_part->len = (size_t)(cut - rest->data) + 1;
    *rest = ML_SPAN(cut + 4, rest->len - ret_part->len - 3);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"dvc.lock", "dvc.yaml", "params.yaml"};
    struct ml_dvc_reader reader;
    struct ml_span rest = ML_SPAN(data, size), part;
    bool good = true;
    FUZZ_CHECK(ml_dvc_reader_init(&reader, DVC_CHECK_ROOT, NULL) == 0);
    for (size_t i = 0; good && i < ML_COUNT(names) && next_part(&rest, &part); i++)
        good = dvc_check_adopt(&reader, names[i], part);
    if (good)
        dvc_check_rest(&reader, ml_dvc_pipeline_read(&reader, "."));
    ml_dvc_reader_release(&reader);
    return 0;
}
