/* SPDX-License-Identifier: Apache-2.0 */
/* What can be said of records one by one, on all cores: encoding, commitment, signatures. */
#include <inttypes.h>

#include "ledger/core/codec.h"
#include "verify/verifier_private.h"

/* signature || header */
static int open_entry(struct ml_span bytes, uint64_t seq, struct ml_arena *arena,
                      struct ml_record *record)
{
    if (bytes.len < ML_SIGNATURE_SIZE) {
        (void)ml_fail_seq(MLEDGER_EINVALID, seq, "an entry of %zu bytes", bytes.len);
        return ml_blame("record-encoding");
    }
    Mledger__SignedRecord *stored = ml_arena_alloc(arena, sizeof *stored);
    if (!stored)
        return ml_fail_memory();
    *stored = (Mledger__SignedRecord)MLEDGER__SIGNED_RECORD__INIT;
    stored->signature = (ProtobufCBinaryData){ML_SIGNATURE_SIZE, (uint8_t *)(uintptr_t)bytes.data};
    record->stored = stored;
    record->header_bytes = ML_SPAN(bytes.data + ML_SIGNATURE_SIZE, bytes.len - ML_SIGNATURE_SIZE);
    if (ml_header_read(record->header_bytes, arena, &record->header) < 0) {
        ml_blame("header-encoding");
        return ml_about_seq(seq);
    }
    if (record->header->seq == seq)
        return MLEDGER_OK;
    (void)ml_fail_seq(MLEDGER_EINVALID, seq, "the header says it is record %" PRIu64,
                      record->header->seq);
    return ml_blame("header-seq");
}

int ml_verify_open(const struct ml_verify_input *input, struct ml_arena *arena,
                   struct ml_record *ret_record)
{
    if (!input->entry)
        return ml_record_open(input->bytes, input->seq, arena, ret_record);
    struct ml_record record = {0};
    ML_TRY(open_entry(input->bytes, input->seq, arena, &record));
    *ret_record = record;
    return MLEDGER_OK;
}

static void check_payload(struct ml_verify_item *item, struct ml_arena *arena)
{
    struct ml_record *record = &item->record;
    if (ml_record_read_payload(record, arena) < 0) {
        ml_error_get(&item->error);
        if (item->error.code == MLEDGER_ESYSTEM || !record->event)
            return;
    }
    if (!record->signed_statements)
        return;
    item->forged = ml_record_verify_statements(record) < 0;
    if (!item->forged && ml_statement_subject(record->event_hash, record->details_hash,
                                              item->statement_subject) >= 0)
        return;
    ml_blame("statement-signature");
    if (item->error.code == 0)
        ml_error_get(&item->error);
}

static int decode(const struct ml_verify_source *source, struct ml_verify_item *item,
                  struct ml_arena *arena)
{
    item->decoded = !source->decode || source->decode(source->context, arena, &item->input) >= 0;
    item->opened = item->decoded && ml_verify_open(&item->input, arena, &item->record) >= 0;
    if (item->opened)
        return MLEDGER_OK;
    ml_error_get(&item->error);
    return item->error.code == MLEDGER_ESYSTEM ? item->error.code : MLEDGER_OK;
}

static int check_item(const struct ml_verify_batch *batch, struct ml_verify_item *item,
                      struct ml_arena *arena)
{
    bool chain = batch->level == ML_VERIFY_CHAIN;
    ML_TRY(decode(batch->source, item, arena));
    if (!item->opened)
        return MLEDGER_OK;
    ML_TRY(ml_link(item->record.header_bytes, item->link));
    if (chain && item->input.seq > 0) /* the leaf of record 0 is the identity */
        return MLEDGER_OK;
    ML_TRY(ml_leaf(item->record.stored->signature.data, item->record.header_bytes, item->leaf));
    if (chain)
        return MLEDGER_OK;
    if (!item->input.entry)
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
        ML_TRY(check_item(batch, &batch->items[i], &batch->arenas[i / BATCH_GRAIN]));
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
