/* SPDX-License-Identifier: Apache-2.0 */
/* Names of GTO's tags: what is parsed says the same again when it is put together and parsed. */
#include "ingest/gto.h"
#include "tests/fuzz/target.h"

static const char *put_together(struct ml_pool *pool, const struct ml_gto_tag *tag)
{
    const char *cancel = tag->kind == ML_GTO_DEREGISTER || tag->kind == ML_GTO_UNASSIGN ? "!" : "";
    const char *artifact =
        tag->artifact == tag->name ? tag->name : ml_pool_printf(pool, "%s=%s", tag->dir, tag->name);
    if (tag->version)
        return ml_pool_printf(pool, "%s@%s%s", artifact, tag->version, cancel);
    if (tag->stage)
        return ml_pool_printf(pool, "%s#%s%s", artifact, tag->stage, cancel);
    return ml_pool_printf(pool, "%s@%s", artifact,
                          tag->kind == ML_GTO_CREATE ? "created" : "deprecated");
}

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    struct ml_gto_tag first, second;
    const char *text = ml_pool_text(&pool, (const char *)data, size);
    if (!text)
        return 0;
    const int result = ml_gto_parse(&pool, text, &first);
    FUZZ_CHECK(result == MLEDGER_OK || result == MLEDGER_ENOTFOUND);
    if (result < 0)
        return 0;
    FUZZ_CHECK(first.name && first.dir && first.artifact);
    FUZZ_CHECK(ml_gto_parse(&pool, put_together(&pool, &first), &second) == MLEDGER_OK);
    FUZZ_CHECK(first.kind == second.kind && same(first.artifact, second.artifact));
    FUZZ_CHECK(same(first.version, second.version) && same(first.stage, second.stage));
    return 0;
}
