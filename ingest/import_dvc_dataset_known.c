/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/import_dvc_history.h"
#include "ledger/core/codec.h"

/* What a record says, without what the ledger added. */
static Mledger__DatasetRecorded said(const Mledger__DatasetRecorded *recorded)
{
    Mledger__DatasetRecorded bare = *recorded;
    bare.has_subject_salt = bare.has_dataset = bare.has_predecessor = false;
    return bare;
}

static int is_newest(struct ml_import_dvc *import, const Mledger__DatasetRecorded *recorded)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    struct ml_record record;
    ml_arena_init(&arena, 2 * (size_t)ML_LIMIT_UNPACKED);
    int result = ml_import_dvc_newest(import, MLEDGER__SUBJECT_KIND__DATASET, recorded->name,
                                      &arena, &record);
    if (result < 0)
        return result == MLEDGER_ENOTFOUND ? 0 : result;
    const Mledger__DatasetRecorded then = said(record.event->dataset_recorded);
    return ml_import_dvc_same(&then.base, &recorded->base);
}

static int hash_of(const Mledger__DatasetRecorded *recorded, uint8_t ret_hash[ML_HASH_SIZE])
{
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    ML_TRY(ml_codec_pack(&recorded->base, &bytes));
    const struct ml_span part = ml_buf_span(&bytes);
    return ml_sha256(ret_hash, &part, 1);
}

/* Records on their way are not in the ledger yet, so their hashes are kept. */
static int is_newest_of_history(struct ml_import_dvc *import,
                                const Mledger__DatasetRecorded *recorded)
{
    struct ml_import_history *history = import->history;
    uint8_t hash[ML_HASH_SIZE];
    ML_TRY(hash_of(recorded, hash));
    uint8_t *newest = ml_table_get(&history->datasets, recorded->name);
    if (newest) {
        const bool same = memcmp(newest, hash, sizeof hash) == 0;
        memcpy(newest, hash, sizeof hash);
        return same;
    }
    const int same = is_newest(import, recorded);
    const char *name = ml_pool_text(&history->pool, recorded->name, strlen(recorded->name));
    newest = ml_pool_alloc(&history->pool, 1, sizeof hash);
    if (same < 0 || !name || !newest)
        return same < 0 ? same : MLEDGER_ESYSTEM;
    memcpy(newest, hash, sizeof hash);
    ML_TRY(ml_table_put(&history->datasets, name, newest));
    return same;
}

int ml_import_dvc_dataset_known(struct ml_import_dvc *import,
                                const Mledger__DatasetRecorded *recorded)
{
    return import->history ? is_newest_of_history(import, recorded) : is_newest(import, recorded);
}
