/* SPDX-License-Identifier: Apache-2.0 */
/* What can be said of records one by one, on all cores: encoding, commitment, signatures. */
#include "verify/verify_private.h"

static void check_payload(struct ml_verify_item *item, struct ml_arena *arena)
{
    struct ml_record *record = &item->record;
    if (ml_record_read_payload(record, arena) < 0) {
        ml_error_get(&item->error);
        if (item->error.code == MLEDGER_ESYSTEM || !record->event)
            return;
    }
    if (record->signed_statements && (ml_record_verify_statements(record) < 0 ||
                                      ml_statement_subject(record->event_hash, record->details_hash,
                                                           item->statement_subject) < 0)) {
        ml_blame("statement-signature");
        if (item->error.code == 0)
            ml_error_get(&item->error);
    }
}

static int check_item(struct ml_verify_item *item, enum ml_verify_level level,
                      struct ml_arena *arena)
{
    item->opened = ml_record_open(item->bytes, item->seq, arena, &item->record) >= 0;
    if (!item->opened) {
        ml_error_get(&item->error);
        return item->error.code == MLEDGER_ESYSTEM ? item->error.code : MLEDGER_OK;
    }
    ML_TRY(ml_link(item->record.header_bytes, item->link));
    if (level == ML_VERIFY_CHAIN && item->seq > 0) /* the leaf of record 0 is the identity */
        return MLEDGER_OK;
    ML_TRY(ml_leaf(item->record.stored->signature.data, item->record.header_bytes, item->leaf));
    if (level == ML_VERIFY_CHAIN)
        return MLEDGER_OK;
    check_payload(item, arena);
    if (ml_record_verify_signature(&item->record) < 0)
        ml_error_get(&item->signature_error);
    return item->error.code == MLEDGER_ESYSTEM || item->signature_error.code == MLEDGER_ESYSTEM
               ? MLEDGER_ESYSTEM
               : MLEDGER_OK;
}

static int check_range(size_t begin, size_t end, void *context)
{
    struct ml_verify_batch *batch = context;
    for (size_t i = begin; i < end; i++)
        ML_TRY(check_item(&batch->items[i], batch->level, &batch->arenas[i / BATCH_GRAIN]));
    return MLEDGER_OK;
}

void ml_verify_batch_start(struct ml_verify_batch *batch)
{
    for (size_t i = 0; i < BATCH_ARENAS; i++)
        ml_arena_clear(&batch->arenas[i]);
    ml_job_start(&batch->job, batch->count, BATCH_GRAIN, check_range, batch);
}

int ml_verify_batch_wait(struct ml_verify_batch *batch)
{
    return ml_job_wait(&batch->job);
}
