/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one write path: a group of callers' drafts becomes records in one transaction.
 *
 *   1. in order, for each draft: complete it, fold it through the rules, serialise, commit to
 *      it, chain its header. A draft that is refused takes back what its caller's drafts did.
 *   2. beside that, all cores sign headers; meanwhile state and indexes go into the store.
 *   3. leaves, tree and records, which need the signatures; then the store commits.
 *
 * The store may run this from the beginning again, so nothing here survives a run.
 */
#include "ledger/core/codec.h"
#include "ledger/core/time.h"
#include "ledger/store/append_private.h"
#include "ledger/store/known_head.h"
#include "ledger/store/tree.h"

static int build_drafts(struct ml_append *append, struct ml_waiter *waiter)
{
    for (size_t i = 0; i < waiter->count; i++) {
        waiter->failed = i;
        ML_TRY(ml_append_build(append, waiter->signer, waiter->drafts[i]));
        ml_append_sign_start(append, false);
    }
    waiter->failed = waiter->count;
    return MLEDGER_OK;
}

/* All of one caller's drafts, or none of them. Only faults of the store and of memory end the
 * whole group. */
static int build_waiter(struct ml_append *append, struct ml_waiter *waiter)
{
    const struct ml_head head = append->fold.head;
    const size_t n_built = append->n_built, n_keys = append->n_keys;
    ml_state_mark(append->state);
    waiter->result = build_drafts(append, waiter);
    if (waiter->result >= 0 && !waiter->rehearses) {
        ml_state_keep(append->state);
        return MLEDGER_OK;
    }
    ml_error_get(&waiter->error);
    ml_state_rollback(append->state);
    ml_fold_forget(&append->fold);
    append->fold.head = head;
    append->n_keys = n_keys;
    if (append->n_given > n_built) { /* signers may hold on to what is taken back */
        ML_TRY(ml_append_sign_wait(append));
        append->n_given = n_built;
    }
    append->n_built = n_built;
    return waiter->result == MLEDGER_EDAMAGED ? waiter->result : MLEDGER_OK;
}

static int compare_keys(const void *a, const void *b)
{
    return memcmp(((const struct ml_index_key *)a)->bytes, ((const struct ml_index_key *)b)->bytes,
                  sizeof((const struct ml_index_key *)a)->bytes);
}

static int put_index(struct ml_append *append)
{
    if (append->n_keys > 1) /* a record may have none, and then there is no array */
        qsort(append->keys, append->n_keys, sizeof *append->keys, compare_keys);
    for (size_t i = 0; i < append->n_keys; i++)
        ML_TRY(ml_kv_put(append->txn, ML_TABLE_INDEX,
                         ML_SPAN(append->keys[i].bytes, append->keys[i].len), ML_SPAN("", 0)));
    return MLEDGER_OK;
}

static int put_state(struct ml_span key, struct ml_span value, void *context)
{
    struct ml_append *append = context;
    if (value.data)
        return ml_kv_put(append->txn, ML_TABLE_STATE, key, value);
    int result = ml_kv_delete(append->txn, ML_TABLE_STATE, key);
    return result == MLEDGER_ENOTFOUND ? MLEDGER_OK : result;
}

static int put_attachments(struct ml_append *append, const struct ml_draft *draft)
{
    for (size_t i = 0; i < draft->n_attachments; i++)
        ML_TRY(ml_kv_put(append->txn, ML_TABLE_ATTACHMENTS,
                         ML_SPAN(draft->attachments[i].sha256, ML_HASH_SIZE),
                         ml_buf_span(&draft->attachments[i].bytes)));
    return MLEDGER_OK;
}

static int put_all_attachments(struct ml_append *append)
{
    for (struct ml_waiter *waiter = append->waiters; waiter; waiter = waiter->next)
        for (size_t i = 0; waiter->result >= 0 && i < waiter->count; i++)
            ML_TRY(put_attachments(append, waiter->drafts[i]));
    return MLEDGER_OK;
}

static int put_derived(struct ml_append *append)
{
    ML_TRY(put_all_attachments(append));
    ML_TRY(put_index(append));
    ML_TRY(ml_fold_store_head(&append->fold));
    return ml_state_each(append->state, put_state, append);
}

static int put_record(struct ml_append *append, struct ml_built *built)
{
    Mledger__SignedRecord record = MLEDGER__SIGNED_RECORD__INIT;
    Mledger__Salts salts = MLEDGER__SALTS__INIT;
    salts.event = ml_binary(ML_SPAN(built->salts[0], ML_SALT_SIZE));
    salts.has_details = true;
    salts.details = ml_binary(ML_SPAN(built->salts[1], ML_SALT_SIZE));
    salts.statements = ml_binary(ML_SPAN(built->salts[2], ML_SALT_SIZE));
    record.header = ml_binary(built->header);
    record.signature = ml_binary(ML_SPAN(built->signature, ML_SIGNATURE_SIZE));
    record.event = ml_binary(built->event);
    record.has_details = built->has_details;
    record.details = ml_binary(built->details);
    record.has_statements = built->has_statements;
    record.statements = ml_binary(built->statements);
    record.salts = &salts;
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    ML_TRY(ml_codec_pack(&record.base, &bytes));
    struct ml_key_u64 key = ml_key_u64(built->seq);
    return ml_kv_append(append->txn, ML_TABLE_RECORDS, ML_SPAN(key.bytes, sizeof key.bytes),
                        ml_buf_span(&bytes));
}

static int put_records(struct ml_append *append)
{
    for (size_t i = 0; i < append->n_built; i++) {
        struct ml_built *record = &append->built[i];
        uint8_t leaf[ML_HASH_SIZE];
        ML_TRY(ml_leaf(record->signature, record->header, leaf));
        ML_TRY(ml_tree_append(append->txn, &append->frontier, leaf));
        if (record->seq == 0)
            memcpy(append->fold.head.identity, leaf, ML_HASH_SIZE);
        ML_TRY(put_record(append, record));
    }
    return ml_tree_store_frontier(append->txn, &append->frontier);
}

/* Record 0 is signed first: its leaf is the ledger's identity, part of the state. */
static int write_group(struct ml_append *append)
{
    bool genesis = append->built[0].seq == 0;
    ml_append_sign_start(append, true);
    if (!genesis)
        ML_TRY(put_derived(append));
    ML_TRY(ml_append_sign_wait(append));
    ML_TRY(put_records(append));
    return genesis ? put_derived(append) : MLEDGER_OK;
}

static void release_run(struct ml_append *append)
{
    ml_fold_release(&append->fold);
    ml_state_free(append->state);
    append->state = NULL;
}

static int run(struct ml_append *append)
{
    ML_TRY(ml_known_head_check(append->ledger, append->txn, &append->fold.head));
    ML_TRY(ml_tree_load_frontier(append->txn, &append->frontier));
    if (append->frontier.size != append->fold.head.size)
        return ml_fail(MLEDGER_EDAMAGED, "the derived tree and state do not agree; "
                                         "try mledger verify, then mledger reindex");
    for (struct ml_waiter *waiter = append->waiters; waiter; waiter = waiter->next)
        ML_TRY(build_waiter(append, waiter));
    append->nothing_to_write = append->n_built == 0;
    if (append->nothing_to_write)
        return MLEDGER_EUSAGE;
    return write_group(append);
}

static int64_t now_us(const struct ml_ledger *ledger)
{
    const struct ml_ledger_options *options = &ledger->options;
    return options->now ? options->now(options->now_context) : ml_time_now_us();
}

static int append_in_transaction(struct ml_kv_txn *txn, void *context)
{
    struct ml_append *append = context;
    append->txn = txn;
    append->now_us =
        now_us(append->ledger); /* not before others had their turn, who may take long */
    append->n_built = append->n_given = append->n_keys = 0;
    append->nothing_to_write = append->names_attachments = false;
    ml_arena_clear(&append->arena);
    ML_TRY(ml_state_over(txn, &append->state));
    int result = ml_fold_init(&append->fold, append->state, ml_txn_link_at, txn);
    if (result >= 0)
        result = run(append);
    if (result < 0 && append->n_jobs > 0) { /* they read what is about to be freed */
        struct ml_error error;
        ml_error_get(&error);
        (void)!ml_append_sign_wait(append);
        ml_error_set(&error);
    }
    release_run(append);
    return result;
}

/* Receipts follow the order in which the records were built. */
static void give_receipts(const struct ml_append *append)
{
    size_t next = 0;
    for (struct ml_waiter *waiter = append->waiters; waiter; waiter = waiter->next) {
        if (waiter->result < 0 || waiter->rehearses)
            continue;
        for (size_t i = 0; i < waiter->count; i++, next++) {
            if (!waiter->receipts)
                continue;
            const struct ml_built *record = &append->built[next];
            waiter->receipts[i].seq = record->seq;
            waiter->receipts[i].recorded_at_us = record->recorded_at_us;
            memcpy(waiter->receipts[i].link, record->link, ML_HASH_SIZE);
        }
    }
}

static int make_room(struct ml_append *append)
{
    size_t records = 0;
    for (const struct ml_waiter *waiter = append->waiters; waiter; waiter = waiter->next)
        records += waiter->count;
    append->built = ml_calloc(records, sizeof *append->built);
    if (!append->built)
        return ml_fail_memory();
    return ml_append_sign_init(append, records);
}

/* The records are in; should the note fail, the next append makes it first, or refuses. */
static void note_head(const struct ml_append *append)
{
    const struct ml_built *last = &append->built[append->n_built - 1];
    (void)!ml_known_head_note(append->ledger, append->fold.head.identity, last->seq + 1,
                              last->link);
    ml_error_clear();
}

int ml_append_group(struct ml_ledger *ledger, struct ml_waiter *waiters)
{
    struct ml_append append = {.ledger = ledger, .waiters = waiters};
    ml_arena_init(&append.arena, SIZE_MAX / 2);
    int result = make_room(&append);
    if (result >= 0)
        result = ml_kv_update(ledger->kv, append_in_transaction, &append);
    if (result >= 0) {
        give_receipts(&append);
        note_head(&append);
    }
    if (append.nothing_to_write)
        result = MLEDGER_OK;
    ml_random_release(&append.random);
    ml_arena_release(&append.arena);
    free(append.built);
    free(append.jobs);
    free(append.keys);
    return result;
}
