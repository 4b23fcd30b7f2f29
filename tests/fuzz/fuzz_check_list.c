/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of directories that check reads: manifests, and DVC's own. */
#include "ingest/check_state.h"
#include "tests/fuzz/target.h"

typedef int reader(struct ml_span text, struct check_list *list);

static void read_by(reader *read, const uint8_t *data, size_t size)
{
    struct check_list list = {0};
    if (read(ML_SPAN(data, size), &list) == MLEDGER_OK)
        for (size_t i = 0; i < list.count; i++) {
            FUZZ_CHECK(*list.files[i].path);
            FUZZ_CHECK(check_strongest(&list.files[i].content));
            FUZZ_CHECK(i == 0 || strcmp(list.files[i - 1].path, list.files[i].path) < 0);
        }
    else
        FUZZ_CHECK(*mledger_error_text());
    check_list_release(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_by(check_list_read_manifest, data, size);
    read_by(check_list_read_dvc, data, size);
    return 0;
}
