/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/verify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "ledger/store/known_head.h"
#include "ledger/store/ledger_private.h"
#include "verify/verify_private.h"

enum { DEFAULT_MEMORY = 64 << 20, PROGRESS_EVERY = 4096, SNAPSHOT_ATTEMPTS = 1000 };

static int give(struct ml_verify *verify, const struct ml_finding *finding)
{
    switch (finding->severity) {
    case ML_SEVERITY_FAULT:
        verify->result.faults++;
        break;
    case ML_SEVERITY_DOUBT:
        verify->result.doubts++;
        break;
    case ML_SEVERITY_NOT_PROVEN:
        verify->result.not_proven++;
        break;
    }
    const struct ml_verify_options *options = verify->options;
    return options->visit ? options->visit(finding, options->visit_context) : MLEDGER_OK;
}

int ml_verify_report(struct ml_verify *verify, enum ml_severity severity, const char *code,
                     uint64_t seq, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const struct ml_finding finding = {
        .code = code, .severity = severity, .rule = "", .seq = seq, .text = text};
    return give(verify, &finding);
}

int ml_verify_report_error(struct ml_verify *verify, const char *code, const struct ml_error *error,
                           uint64_t seq)
{
    bool rule = strcmp(code, "rule") == 0;
    const struct ml_finding finding = {.code = code,
                                       .severity = ML_SEVERITY_FAULT,
                                       .rule = rule && error->rule ? error->rule : "",
                                       .seq = seq,
                                       .text = error->text};
    return give(verify, &finding);
}

/* Reads the next records in order; keys that are no seqs are reported and passed over. */
static int fill_batch(struct ml_verify *verify, struct ml_verify_batch *batch)
{
    size_t bytes = 0;
    batch->count = 0;
    while (batch->count < BATCH_RECORDS && bytes < BATCH_BYTES) {
        struct ml_span key, value;
        int result = ml_kv_cursor_next(&verify->cursor, &key, &value);
        if (result == MLEDGER_ENOTFOUND) {
            verify->at_end = true;
            return MLEDGER_OK;
        }
        ML_TRY(result);
        uint64_t seq;
        if (!ml_key_u64_read(key, &seq)) {
            ML_TRY(ml_verify_report(verify, ML_SEVERITY_FAULT, "record-key", MLEDGER_NO_SEQ,
                                    "a record is stored under a key that is no seq"));
            continue;
        }
        batch->items[batch->count++] = (struct ml_verify_item){.seq = seq, .bytes = value};
        bytes += value.len;
    }
    return MLEDGER_OK;
}

static int fold_batch(struct ml_verify *verify, const struct ml_verify_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        ML_TRY(ml_verify_fold(verify, &batch->items[i]));
    const struct ml_verify_options *options = verify->options;
    if (!options->progress || verify->result.records - verify->last_reported < PROGRESS_EVERY)
        return MLEDGER_OK;
    verify->last_reported = verify->result.records;
    return options->progress(verify->result.records, verify->total, options->progress_context);
}

/* While one batch is checked on all cores, the one before is folded here. */
static int read_all(struct ml_verify *verify, struct ml_verify_batch *now,
                    struct ml_verify_batch *next)
{
    ML_TRY(fill_batch(verify, now));
    ml_verify_batch_start(now);
    ML_TRY(ml_verify_batch_wait(now));
    while (now->count > 0) {
        next->count = 0;
        if (!verify->at_end)
            ML_TRY(fill_batch(verify, next));
        ml_verify_batch_start(next);
        int folded = fold_batch(verify, now);
        struct ml_error error;
        ml_error_get(&error);
        int checked = ml_verify_batch_wait(next);
        if (folded < 0)
            return ml_error_set(&error);
        ML_TRY(checked);
        struct ml_verify_batch *swapped = now;
        now = next;
        next = swapped;
    }
    return MLEDGER_OK;
}

static struct ml_verify_batch *new_batch(enum ml_verify_level level)
{
    struct ml_verify_batch *batch = ml_calloc(1, sizeof *batch);
    if (!batch)
        return NULL;
    batch->level = level;
    for (size_t i = 0; i < BATCH_ARENAS; i++)
        ml_arena_init(&batch->arenas[i], SIZE_MAX / 2);
    return batch;
}

static void free_batch(struct ml_verify_batch *batch)
{
    for (size_t i = 0; batch && i < BATCH_ARENAS; i++)
        ml_arena_release(&batch->arenas[i]);
    free(batch);
}

static int read_records(struct ml_verify *verify)
{
    struct ml_verify_batch *now = new_batch(verify->options->level);
    struct ml_verify_batch *next = new_batch(verify->options->level);
    int result = now && next ? read_all(verify, now, next) : ml_fail_memory();
    free_batch(now);
    free_batch(next);
    return result;
}

/* Names what a revoked key signed after it was no longer to be trusted. */
static int name_doubtful(struct ml_verify *verify, const struct ml_doubt *doubt)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, SIZE_MAX / 2);
    for (uint64_t seq = doubt->from; seq < doubt->until; seq++) {
        struct ml_key_u64 key = ml_key_u64(seq);
        struct ml_span bytes;
        struct ml_record record;
        int result =
            ml_kv_get(verify->txn, ML_TABLE_RECORDS, ML_SPAN(key.bytes, sizeof key.bytes), &bytes);
        if (result < 0 && result != MLEDGER_ENOTFOUND)
            return result;
        ml_arena_clear(&arena);
        if (result == MLEDGER_ENOTFOUND || ml_record_read(bytes, seq, &arena, &record) < 0)
            continue;
        bool signs = memcmp(record.header->signer.data, doubt->key, ML_KEY_SIZE) == 0;
        size_t count = record.signed_statements ? record.signed_statements->n_statements : 0;
        for (size_t i = 0; i < count; i++)
            signs |= memcmp(record.signed_statements->statements[i]->key.data, doubt->key,
                            ML_KEY_SIZE) == 0;
        if (signs)
            ML_TRY(ml_verify_report(verify, ML_SEVERITY_DOUBT, "key-doubt", seq,
                                    "a key speaks in it that record %" PRIu64
                                    " says was not to be trusted any more",
                                    doubt->until));
    }
    return MLEDGER_OK;
}

/* What was seen of this ledger before must be part of it. */
static int check_known_head(struct ml_verify *verify)
{
    const struct ml_head *head = &verify->fold.head;
    const char *known_dir = verify->ledger->known_dir;
    struct ml_known_head known;
    if (!known_dir || head->size == 0)
        return MLEDGER_OK;
    int result = ml_known_head_read(known_dir, head->identity, &known);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    if (known.size > head->size)
        return ml_verify_report(verify, ML_SEVERITY_FAULT, "known-head-behind", head->size,
                                "%" PRIu64 " records have been seen here, and there are %" PRIu64,
                                known.size, head->size);
    uint8_t link[ML_HASH_SIZE];
    result = ml_txn_link_at(verify->txn, known.size - 1, link);
    if (result < 0 && result != MLEDGER_ENOTFOUND && result != MLEDGER_EDAMAGED)
        return result;
    if (result < 0 || memcmp(link, known.link, ML_HASH_SIZE) != 0)
        return ml_verify_report(verify, ML_SEVERITY_FAULT, "known-head-differs", known.size - 1,
                                "another record was seen here: history has been rewritten");
    verify->result.known = true;
    return MLEDGER_OK;
}

static int say_what_is_not_proven(struct ml_verify *verify)
{
    ML_TRY(ml_verify_report(verify, ML_SEVERITY_NOT_PROVEN, "anchor", MLEDGER_NO_SEQ,
                            "no checkpoint from outside was given: records cut from the end "
                            "since it was last seen here would go unseen"));
    if (verify->options->level == ML_VERIFY_CHAIN)
        return ml_verify_report(verify, ML_SEVERITY_NOT_PROVEN, "signatures", MLEDGER_NO_SEQ,
                                "at this level signatures, payloads, rules and derived data "
                                "are not checked");
    return MLEDGER_OK;
}

static int verify_all(struct ml_verify *verify)
{
    ML_TRY(ml_kv_count(verify->txn, ML_TABLE_RECORDS, &verify->total));
    ML_TRY(ml_kv_cursor_open(verify->txn, ML_TABLE_RECORDS, &verify->cursor));
    ML_TRY(read_records(verify));
    if (verify->result.records == 0)
        ML_TRY(ml_verify_report(verify, ML_SEVERITY_FAULT, "gap", 0, "there are no records"));
    ML_TRY(check_known_head(verify));
    for (size_t i = 0; i < verify->n_doubts; i++)
        ML_TRY(name_doubtful(verify, &verify->doubts[i]));
    if (verify->options->level == ML_VERIFY_FULL) {
        ML_TRY(ml_verify_store(verify));
        ML_TRY(ml_merkle_root(&verify->frontier, verify->result.root));
    }
    return say_what_is_not_proven(verify);
}

static int new_states(struct ml_verify *verify)
{
    const struct ml_verify_options *options = verify->options;
    const struct ml_state_options state_options = {
        .memory = options->memory ? options->memory : (size_t)DEFAULT_MEMORY,
        .spill_dir = options->spill_dir,
    };
    ML_TRY(ml_state_new(&state_options, &verify->state));
    ML_TRY(ml_state_new(&state_options, &verify->attachments));
    ML_TRY(ml_state_new(&state_options, &verify->erased));
    ML_TRY(ml_state_new(&state_options, &verify->ordered));
    ML_TRY(ml_multiset_init(&verify->index));
    return ml_fold_init(&verify->fold, verify->state, ml_txn_link_at, verify->txn);
}

static int state_head(struct ml_kv_txn *txn, struct ml_span *ret_head)
{
    struct ml_state_key key = ml_key_ledger();
    int result = ml_kv_get(txn, ML_TABLE_STATE, ml_state_key_span(&key), ret_head);
    if (result == MLEDGER_ENOTFOUND)
        *ret_head = (struct ml_span){0};
    return result == MLEDGER_ENOTFOUND ? MLEDGER_OK : result;
}

/* Two transactions on one snapshot: begun one after the other until nobody wrote in between. */
static int begin_reading(struct ml_verify *verify)
{
    for (int attempt = 0; attempt < SNAPSHOT_ATTEMPTS; attempt++) {
        ML_TRY(ml_kv_read_begin(verify->ledger->kv, &verify->txn));
        ML_TRY(ml_kv_read_begin(verify->ledger->kv, &verify->second_txn));
        struct ml_span first, second;
        ML_TRY(state_head(verify->txn, &first));
        ML_TRY(state_head(verify->second_txn, &second));
        if (ml_span_equal(first, second))
            return MLEDGER_OK;
        ml_kv_read_end(ML_TAKE(verify->second_txn));
        ml_kv_read_end(ML_TAKE(verify->txn));
    }
    return ml_fail(MLEDGER_ESYSTEM, "the ledger is written to without a pause");
}

static void release(struct ml_verify *verify)
{
    ml_fold_release(&verify->fold);
    ml_state_free(verify->state);
    ml_state_free(verify->attachments);
    ml_state_free(verify->erased);
    ml_state_free(verify->ordered);
    free(verify->doubts);
    ml_kv_cursor_close(&verify->cursor);
    ml_kv_read_end(verify->second_txn);
    ml_kv_read_end(verify->txn);
}

int ml_verify(struct ml_ledger *ledger, const struct ml_verify_options *options,
              struct ml_verify_result *ret_result)
{
    struct ml_verify verify = {.ledger = ledger, .options = options};
    int result = begin_reading(&verify);
    if (result >= 0)
        result = new_states(&verify);
    if (result >= 0)
        result = verify_all(&verify);
    verify.result.head = verify.fold.head;
    release(&verify);
    if (result < 0)
        return result;
    *ret_result = verify.result;
    return MLEDGER_OK;
}
