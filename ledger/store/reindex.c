/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes all that is derived again: state, indexes and tree, in one transaction, from the records.
 *
 * A record is folded only if it is one: strictly encoded, in its place in the chain, signed, and
 * by the rules. The first that is not ends it, and the store is as it was. So what comes out is
 * what verify derives; records and attachments are not touched.
 */
#include <inttypes.h>

#include "ledger/core/codec.h"
#include "ledger/core/index.h"
#include "ledger/store/attachment.h"
#include "ledger/store/ledger_private.h"
#include "ledger/store/tree.h"

/* State is written out, and memory given back, this often. */
enum { FLUSH_BYTES = 64 << 20 };

struct reindex {
    struct ml_kv_txn *txn;
    struct ml_state *state;
    struct ml_fold fold;
    struct ml_merkle_frontier frontier;
    struct ml_arena arena;
    struct ml_fold_result result; /* of the record at hand */
};

static int put_index(struct ml_span key, void *context)
{
    struct reindex *reindex = context;
    return ml_kv_put(reindex->txn, ML_TABLE_INDEX, key, ML_SPAN("", 0));
}

static int put_state(struct ml_span key, struct ml_span value, void *context)
{
    struct reindex *reindex = context;
    if (value.data)
        return ml_kv_put(reindex->txn, ML_TABLE_STATE, key, value);
    int result = ml_kv_delete(reindex->txn, ML_TABLE_STATE, key);
    return result == MLEDGER_ENOTFOUND ? MLEDGER_OK : result;
}

/* Puts what has changed into the store and goes on from there. */
static int flush_state(struct reindex *reindex)
{
    ML_TRY(ml_fold_store_head(&reindex->fold));
    ML_TRY(ml_state_each(reindex->state, put_state, reindex));
    ml_state_free(reindex->state);
    reindex->state = NULL;
    ML_TRY(ml_state_over(reindex->txn, &reindex->state));
    reindex->fold.state = reindex->state;
    return MLEDGER_OK;
}

static int check_place(const struct reindex *reindex, const struct ml_record *record)
{
    static const uint8_t before_first[ML_HASH_SIZE];
    const struct ml_head *head = &reindex->fold.head;
    const uint8_t *due = head->size ? head->link : before_first;
    if (memcmp(record->header->prev_link.data, due, ML_HASH_SIZE) != 0)
        return ml_fail(MLEDGER_EDAMAGED, "it does not follow the record before it");
    return MLEDGER_OK;
}

static int check_tags(const struct reindex *reindex, const struct ml_record *record)
{
    const Mledger__Header *header = record->header;
    bool same = header->n_subject_tags == reindex->result.n_subjects;
    for (size_t i = 0; same && i < header->n_subject_tags; i++)
        same = memcmp(header->subject_tags[i].data, reindex->result.tags[i], ML_TAG_SIZE) == 0;
    return same ? MLEDGER_OK : ml_fail(MLEDGER_EDAMAGED, "its subject tags are not its subjects'");
}

/* Copied, as writing moves the store's. */
static int copy_attachment(struct reindex *reindex, const Mledger__Event *event,
                           struct ml_span *ret_bytes)
{
    ML_TRY(ml_txn_indexed_attachment(reindex->txn, event, ret_bytes));
    if (ret_bytes->len == 0)
        return MLEDGER_OK;
    uint8_t *copy = ml_arena_alloc(&reindex->arena, ret_bytes->len);
    if (!copy)
        return ml_arena_fail(&reindex->arena, "an attachment");
    memcpy(copy, ret_bytes->data, ret_bytes->len);
    ret_bytes->data = copy;
    return MLEDGER_OK;
}

static int apply(struct reindex *reindex, const struct ml_record *record)
{
    uint8_t subject[ML_HASH_SIZE];
    if (!record->event)
        return ml_fail(MLEDGER_ESYSTEM, "schema %" PRIu32 " is not known to this program",
                       record->header->schema);
    ML_TRY(ml_statement_subject(record->event_hash, record->details_hash, subject));
    const struct ml_fold_record folded = ml_fold_record_of(record, subject);
    ML_TRY(ml_fold_apply(&reindex->fold, &folded, &reindex->result));
    ML_TRY(check_tags(reindex, record));
    if (record->event->kind_case == MLEDGER__EVENT__KIND_CHECKPOINT_NOTED)
        ML_TRY(ml_tree_check_noted(reindex->txn, reindex->frontier.size,
                                   record->event->checkpoint_noted));
    struct ml_span attachment;
    ML_TRY(copy_attachment(reindex, record->event, &attachment));
    const struct ml_index_record indexed = {
        .seq = folded.seq,
        .event = record->event,
        .signer = folded.signer,
        .signed_statements = record->signed_statements,
        .subjects = reindex->result.subjects,
        .n_subjects = reindex->result.n_subjects,
        .attachment = attachment,
    };
    return ml_index_keys(&indexed, put_index, reindex);
}

static int advance(struct reindex *reindex, const struct ml_record *record)
{
    uint8_t link[ML_HASH_SIZE], leaf[ML_HASH_SIZE];
    ML_TRY(ml_link(record->header_bytes, link));
    ML_TRY(ml_leaf(record->stored->signature.data, record->header_bytes, leaf));
    ML_TRY(ml_tree_append(reindex->txn, &reindex->frontier, leaf));
    return ml_fold_advance(&reindex->fold, record->header, link, leaf);
}

static int fold_record(struct reindex *reindex, struct ml_span bytes)
{
    struct ml_record record;
    ml_arena_clear(&reindex->arena);
    ML_TRY(ml_record_read(bytes, reindex->fold.head.size, &reindex->arena, &record));
    ML_TRY(check_place(reindex, &record));
    ML_TRY(ml_record_verify_signature(&record));
    if (record.signed_statements)
        ML_TRY(ml_record_verify_statements(&record));
    ML_TRY(apply(reindex, &record));
    return advance(reindex, &record);
}

/* Whatever is wrong with a stored record is damage; what the store itself failed at stays. */
static int refuse(uint64_t seq)
{
    struct ml_error error;
    ml_error_get(&error);
    if (error.code == MLEDGER_EINVALID || error.code == MLEDGER_EREFUSED)
        error.code = MLEDGER_EDAMAGED;
    ml_error_set(&error);
    ml_about_seq(seq);
    if (error.code != MLEDGER_EDAMAGED)
        return error.code;
    ml_prefix("nothing was changed: a record cannot be folded");
    return ml_hint("mledger verify");
}

/* The next record is due under the next seq. Its bytes are copied: writing moves the store's. */
static int next_record(struct reindex *reindex, struct ml_buf *ret_bytes)
{
    uint64_t seq = reindex->fold.head.size;
    struct ml_key_u64 key = ml_key_u64(seq);
    struct ml_span bytes;
    int result =
        ml_kv_get(reindex->txn, ML_TABLE_RECORDS, ML_SPAN(key.bytes, sizeof key.bytes), &bytes);
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail_seq(MLEDGER_EDAMAGED, seq, "the record is missing");
    ML_TRY(result);
    if (bytes.len > ML_LIMIT_RECORD)
        return ml_fail_seq(MLEDGER_EDAMAGED, seq, "a record of %zu bytes, over %d", bytes.len,
                           ML_LIMIT_RECORD);
    ml_buf_clear(ret_bytes);
    return ml_buf_append(ret_bytes, bytes.data, bytes.len);
}

static int fold_all(struct reindex *reindex)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    uint64_t total;
    ML_TRY(ml_kv_count(reindex->txn, ML_TABLE_RECORDS, &total));
    for (uint64_t seq = 0; seq < total; seq++) {
        int result = next_record(reindex, &bytes);
        if (result >= 0)
            result = fold_record(reindex, ml_buf_span(&bytes));
        if (result < 0)
            return refuse(seq);
        if (ml_state_memory(reindex->state) > FLUSH_BYTES)
            ML_TRY(flush_state(reindex));
    }
    if (total == 0)
        return ml_fail(MLEDGER_EDAMAGED, "there are no records to make anything from");
    return flush_state(reindex);
}

static int drop_derived(struct ml_kv_txn *txn)
{
    static const unsigned derived[] = {ML_TABLE_STATE, ML_TABLE_INDEX, ML_TABLE_TREE};
    for (size_t i = 0; i < ML_COUNT(derived); i++)
        ML_TRY(ml_kv_clear(txn, derived[i]));
    return MLEDGER_OK;
}

static int run(struct reindex *reindex)
{
    ML_TRY(drop_derived(reindex->txn));
    ML_TRY(ml_state_over(reindex->txn, &reindex->state));
    ML_TRY(ml_tree_load_frontier(reindex->txn, &reindex->frontier));
    ML_TRY(ml_fold_init(&reindex->fold, reindex->state, ml_txn_link_at, reindex->txn));
    int result = fold_all(reindex);
    if (result >= 0)
        result = ml_tree_store_frontier(reindex->txn, &reindex->frontier);
    ml_fold_release(&reindex->fold);
    return result;
}

static int reindex_in_transaction(struct ml_kv_txn *txn, void *context)
{
    (void)context;
    struct reindex reindex = {.txn = txn};
    ml_arena_init(&reindex.arena, SIZE_MAX / 2);
    int result = run(&reindex);
    ml_state_free(reindex.state);
    ml_arena_release(&reindex.arena);
    return result;
}

int ml_ledger_reindex(struct ml_ledger *ledger)
{
    return ml_kv_update(ledger->kv, reindex_in_transaction, NULL);
}
