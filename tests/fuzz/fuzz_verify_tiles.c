/* SPDX-License-Identifier: Apache-2.0 */
/* A tree of tiles from a stranger: the input up to the first zero byte is its checkpoint, what
 * follows is what every bundle and every tile of hashes holds, up to the twentieth. */
#include "tests/fuzz/target.h"

#include "ledger/core/tile.h"
#include "verify/source_tiles.h"

/* A server can go on handing out entries for as long as its checkpoint says that there are more. */
static bool is_far(const char *path)
{
    struct ml_tile tile;
    return ml_tile_parse(path, &tile) && tile.index >= 20;
}

static int fetch(void *context, const char *path, size_t limit, struct ml_buf *ret_bytes)
{
    const struct ml_span *input = context;
    const uint8_t *end = input->len > 0 ? memchr(input->data, 0, input->len) : NULL;
    size_t first = end ? (size_t)(end - input->data) : input->len;
    struct ml_span part = ML_SPAN(input->data, first);
    if (strcmp(path, "checkpoint") != 0) {
        if (!end || is_far(path))
            return MLEDGER_ENOTFOUND;
        part = ML_SPAN(end + 1, input->len - first - 1);
    }
    if (part.len > limit)
        return ml_fail(MLEDGER_EINVALID, "too long");
    return ml_buf_append(ret_bytes, part.data, part.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ml_span input = ML_SPAN(data, size);
    const struct ml_verify_options options = {0};
    struct ml_tiles_result result;
    int outcome = ml_verify_tiles(fetch, &input, &options, &result);
    FUZZ_CHECK(outcome == MLEDGER_OK || outcome == MLEDGER_EINVALID);
    /* Nobody was trusted, so nothing is said to be anchored, and payloads are always hidden. */
    FUZZ_CHECK(outcome < 0 || (result.verify.anchored == 0 && result.verify.not_proven > 0));
    return 0;
}
