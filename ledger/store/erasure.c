/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/store/erasure.h"

#include <inttypes.h>

#include "ledger/core/codec.h"
#include "ledger/core/event.h"
#include "ledger/store/ledger_private.h"

/* Reads the record that the store keeps under `seq`. */
static int read_record(struct ml_kv_txn *txn, uint64_t seq, struct ml_arena *arena,
                       struct ml_record *ret_record)
{
    struct ml_key_u64 key = ml_key_u64(seq);
    struct ml_span bytes;
    int result = ml_kv_get(txn, ML_TABLE_RECORDS, ML_SPAN(key.bytes, sizeof key.bytes), &bytes);
    if (result == MLEDGER_ENOTFOUND)
        return ml_refuse("reference-missing", "there is no record %" PRIu64 " before this one",
                         seq);
    ML_TRY(result);
    ml_arena_clear(arena);
    return ml_record_read(bytes, seq, arena, ret_record);
}

/* Which record ordered the erasure of this one's details; MLEDGER_NO_SEQ: none. */
static int ordered_by(struct ml_state *state, uint64_t seq, uint64_t *ret_by)
{
    struct ml_state_key key = ml_key_erased(seq);
    int result = ml_state_pointer(state, &key, ret_by);
    if (result == MLEDGER_ENOTFOUND)
        *ret_by = MLEDGER_NO_SEQ;
    return result == MLEDGER_ENOTFOUND ? MLEDGER_OK : result;
}

/* ---- which attachments go with the details ---- */

/* An attachment that only the details of one record may name. */
struct naming {
    const uint8_t *sha256;
    bool named;
};

static int compare_name(const Mledger__Attachment *attachment, void *context)
{
    struct naming *naming = context;
    naming->named |= memcmp(attachment->sha256.data, naming->sha256, ML_HASH_SIZE) == 0;
    return MLEDGER_OK;
}

static int names(struct ml_state *state, const struct ml_record *record, struct naming *naming)
{
    uint64_t by;
    if (record->event)
        ML_TRY(ml_message_attachments(&record->event->base, compare_name, naming));
    if (!record->details)
        return MLEDGER_OK;
    ML_TRY(ordered_by(state, record->header->seq, &by));
    return by == MLEDGER_NO_SEQ
               ? ml_message_attachments(&record->details->base, compare_name, naming)
               : MLEDGER_OK;
}

/* Does any record but `except` name it, other than in details that are to be erased? There is no
 * index of attachments: few records have one in their details, and fewer are erased. */
static int is_named(struct ml_kv_txn *txn, struct ml_state *state, uint64_t except,
                    const uint8_t *sha256, bool *ret_named)
{
    ML_CLEANUP(ml_kv_cursor_close) struct ml_kv_cursor cursor = {0};
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    struct naming naming = {.sha256 = sha256};
    struct ml_span key, value;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    ML_TRY(ml_kv_cursor_open(txn, ML_TABLE_RECORDS, &cursor));
    int result = ml_kv_cursor_next(&cursor, &key, &value);
    for (; result == MLEDGER_OK && !naming.named;
         result = ml_kv_cursor_next(&cursor, &key, &value)) {
        uint64_t seq;
        struct ml_record record;
        if (!ml_key_u64_read(key, &seq) || seq == except)
            continue;
        ml_arena_clear(&arena);
        ML_TRY(ml_record_read(value, seq, &arena, &record));
        ML_TRY(names(state, &record, &naming));
    }
    *ret_named = naming.named;
    return result == MLEDGER_ENOTFOUND ? MLEDGER_OK : result;
}

/* The attachments that go with the details of a record: none, or the one that they name. */
struct going {
    size_t count;
    uint8_t sha256[ML_HASH_SIZE];
};

static int find_going(struct ml_kv_txn *txn, struct ml_state *state, const struct ml_record *record,
                      struct going *ret_going)
{
    struct going going = {0};
    struct naming own = {.sha256 = going.sha256};
    bool named = false;
    if (record->details && record->details->attachment) {
        memcpy(going.sha256, record->details->attachment->sha256.data, ML_HASH_SIZE);
        ML_TRY(ml_message_attachments(&record->event->base, compare_name, &own));
        named = own.named;
        if (!named)
            ML_TRY(is_named(txn, state, record->header->seq, going.sha256, &named));
        going.count = !named;
    }
    *ret_going = going;
    return MLEDGER_OK;
}

static int target_of(struct ml_kv_txn *txn, uint64_t seq, struct ml_arena *arena,
                     struct ml_record *ret_record)
{
    ML_TRY(read_record(txn, seq, arena, ret_record));
    if (!ret_record->event)
        return ml_refuse("details-none", "this program does not understand record %" PRIu64, seq);
    if (ret_record->details_erased || !ret_record->details)
        return ml_refuse("details-none", "record %" PRIu64 " has no details", seq);
    return MLEDGER_OK;
}

static int fill_going(struct ml_draft *draft, const struct going *going)
{
    Mledger__DetailsErased *erased = draft->event->details_erased;
    if (going->count == 0)
        return MLEDGER_OK;
    ProtobufCBinaryData *list = ml_arena_calloc(&draft->arena, 1, sizeof *list);
    uint8_t *bytes = ml_arena_alloc(&draft->arena, ML_HASH_SIZE);
    const size_t one = 1;
    if (!list || !bytes)
        return ml_fail_memory();
    memcpy(bytes, going->sha256, ML_HASH_SIZE);
    *list = (ProtobufCBinaryData){ML_HASH_SIZE, bytes};
    ML_TRY(ml_draft_fill(draft, &erased->attachments, &list, sizeof list));
    return ml_draft_fill(draft, &erased->n_attachments, &one, sizeof one);
}

int ml_erasure_complete(struct ml_kv_txn *txn, struct ml_state *state, struct ml_draft *draft)
{
    if (draft->event->kind_case != MLEDGER__EVENT__KIND_DETAILS_ERASED ||
        draft->event->details_erased->n_attachments > 0)
        return MLEDGER_OK;
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    struct ml_record record;
    struct going going;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    if (target_of(txn, draft->event->details_erased->record_ref, &arena, &record) < 0)
        return MLEDGER_OK; /* the rules say so, and better where they can */
    ML_TRY(find_going(txn, state, &record, &going));
    return fill_going(draft, &going);
}

int ml_erasure_check(struct ml_kv_txn *txn, struct ml_state *state,
                     const Mledger__DetailsErased *erased)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    struct ml_record record;
    struct going going;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    ML_TRY(target_of(txn, erased->record_ref, &arena, &record));
    ML_TRY(find_going(txn, state, &record, &going));
    if (going.count != erased->n_attachments ||
        (going.count > 0 && memcmp(going.sha256, erased->attachments[0].data, ML_HASH_SIZE) != 0))
        return ml_refuse("erased-attachments",
                         "the attachments named are not those that only the details of "
                         "record %" PRIu64 " name",
                         erased->record_ref);
    return MLEDGER_OK;
}

/* ---- carrying it out ---- */

struct removal {
    struct ml_kv_txn *txn;
    struct ml_state *state;
    uint64_t *seqs; /* ascending: whose details go */
    size_t n_seqs, cap_seqs, at;
    uint8_t (*attachments)[ML_HASH_SIZE];
    size_t n_attachments, cap_attachments;
    struct ml_arena arena, order_arena;
    struct ml_buf bytes; /* the record that is written in place of one */
};

static void removal_init(struct removal *removal)
{
    *removal = (struct removal){0};
    ml_arena_init(&removal->arena, ML_LIMIT_UNPACKED);
    ml_arena_init(&removal->order_arena, ML_LIMIT_UNPACKED);
}

static void removal_release(struct removal *removal)
{
    free(removal->seqs);
    free(removal->attachments);
    ml_arena_release(&removal->arena);
    ml_arena_release(&removal->order_arena);
    ml_buf_release(&removal->bytes);
}

static int add_attachment(struct removal *removal, const uint8_t *sha256)
{
    bool named;
    ML_TRY(is_named(removal->txn, removal->state, MLEDGER_NO_SEQ, sha256, &named));
    if (named)
        return MLEDGER_OK; /* by a later record: it is its attachment now */
    ML_TRY(ml_grow(&removal->attachments, &removal->cap_attachments, removal->n_attachments + 1,
                   sizeof *removal->attachments));
    memcpy(removal->attachments[removal->n_attachments++], sha256, ML_HASH_SIZE);
    return MLEDGER_OK;
}

/* The state is derived and believed in nothing: the record itself must say so. */
static int check_order(uint64_t seq, uint64_t by, const struct ml_record *order)
{
    if (order->event && order->event->kind_case == MLEDGER__EVENT__KIND_DETAILS_ERASED &&
        order->event->details_erased->record_ref == seq)
        return MLEDGER_OK;
    ml_fail_seq(MLEDGER_EDAMAGED, by, "derived data damaged: it does not erase record %" PRIu64,
                seq);
    return ml_hint("mledger verify, then mledger reindex");
}

/* One entry of the state that says which record erased a record's details. */
static int take_order(struct removal *removal, uint64_t seq)
{
    struct ml_record record, order;
    uint64_t by;
    ML_TRY(ordered_by(removal->state, seq, &by));
    if (by == MLEDGER_NO_SEQ)
        return MLEDGER_OK;
    ML_TRY(read_record(removal->txn, by, &removal->order_arena, &order));
    ML_TRY(check_order(seq, by, &order));
    ML_TRY(read_record(removal->txn, seq, &removal->arena, &record));
    if (record.details_erased)
        return MLEDGER_OK;
    ML_TRY(ml_grow(&removal->seqs, &removal->cap_seqs, removal->n_seqs + 1, sizeof *removal->seqs));
    removal->seqs[removal->n_seqs++] = seq;
    const Mledger__DetailsErased *erased = order.event->details_erased;
    for (size_t i = 0; i < erased->n_attachments; i++)
        ML_TRY(add_attachment(removal, erased->attachments[i].data));
    return MLEDGER_OK;
}

/* The seq of a key 'X' seq, in ascending order as the seqs are. */
static bool read_key(struct ml_span key, uint64_t *ret_seq)
{
    return key.len == 9 && key.data[0] == ml_key_erased(0).bytes[0] &&
           ml_key_u64_read(ML_SPAN(key.data + 1, 8), ret_seq);
}

static int take_orders(struct removal *removal)
{
    ML_CLEANUP(ml_kv_cursor_close) struct ml_kv_cursor cursor = {0};
    struct ml_state_key first = ml_key_erased(0);
    struct ml_span key, value;
    uint64_t seq;
    ML_TRY(ml_kv_cursor_open(removal->txn, ML_TABLE_STATE, &cursor));
    int result = ml_kv_cursor_seek(&cursor, ml_state_key_span(&first), &key, &value);
    while (result == MLEDGER_OK && read_key(key, &seq)) {
        ML_TRY(take_order(removal, seq));
        result = ml_kv_cursor_next(&cursor, &key, &value);
    }
    return result == MLEDGER_ENOTFOUND ? MLEDGER_OK : result;
}

/* The record as it is kept from now on: C(details) in the place of details and salt. */
static int strip(struct removal *removal, uint64_t seq, struct ml_span *record_bytes)
{
    struct ml_record record;
    ml_arena_clear(&removal->arena);
    ML_TRY(ml_record_read(*record_bytes, seq, &removal->arena, &record));
    Mledger__SignedRecord kept = *record.stored;
    Mledger__Salts salts = *kept.salts;
    kept.has_details = false;
    salts.has_details = false;
    kept.salts = &salts;
    kept.has_details_hash = true;
    kept.details_hash = (ProtobufCBinaryData){ML_HASH_SIZE, record.details_hash};
    ml_buf_clear(&removal->bytes);
    ML_TRY(ml_codec_pack(&kept.base, &removal->bytes));
    *record_bytes = ml_buf_span(&removal->bytes);
    return MLEDGER_OK;
}

static bool goes(const struct removal *removal, struct ml_span key)
{
    for (size_t i = 0; i < removal->n_attachments; i++)
        if (ml_span_equal(key, ML_SPAN(removal->attachments[i], ML_HASH_SIZE)))
            return true;
    return false;
}

static int filter(unsigned table, struct ml_span key, struct ml_span *value, void *context)
{
    struct removal *removal = context;
    uint64_t seq;
    if (table == ML_TABLE_ATTACHMENTS)
        return !goes(removal, key);
    if (table != ML_TABLE_RECORDS || removal->at == removal->n_seqs ||
        !ml_key_u64_read(key, &seq) || seq != removal->seqs[removal->at])
        return 1;
    ML_TRY(strip(removal, seq, value));
    removal->at++;
    return 1;
}

static int find_orders(struct ml_ledger *ledger, struct removal *removal)
{
    struct ml_view view;
    ML_TRY(ml_view_begin(ledger, &view));
    removal->txn = view.txn;
    removal->state = view.state;
    int result = take_orders(removal);
    ml_view_end(&view);
    return result;
}

static int carry_out(struct ml_ledger *ledger, uint64_t *ret_count)
{
    ML_CLEANUP(removal_release) struct removal removal;
    removal_init(&removal);
    ML_TRY(find_orders(ledger, &removal));
    ML_TRY(ml_kv_rewrite(ledger->kv, filter, &removal));
    *ret_count = removal.n_seqs;
    return MLEDGER_OK;
}

/* What is wrong with a stored record is damage. */
static int say_damaged(int result)
{
    struct ml_error error;
    if (result != MLEDGER_EINVALID)
        return result;
    ml_error_get(&error);
    error.code = MLEDGER_EDAMAGED;
    ml_error_set(&error);
    return ml_hint("mledger verify");
}

int ml_ledger_erase_finish(struct ml_ledger *ledger, uint64_t *ret_count)
{
    ML_TRY(ml_kv_lock_alone(ledger->kv));
    int result = carry_out(ledger, ret_count);
    ml_kv_unlock_alone(ledger->kv);
    return say_damaged(result);
}

int ml_ledger_erase(struct ml_ledger *ledger, const struct ml_signer *signer,
                    struct ml_draft *const *drafts, size_t count, struct ml_receipt *ret_receipts,
                    bool *ret_recorded)
{
    uint64_t done;
    ML_TRY(ml_kv_lock_alone(ledger->kv));
    int result = ml_ledger_append(ledger, signer, drafts, count, ret_receipts, NULL);
    if (ret_recorded)
        *ret_recorded = result >= 0;
    if (result >= 0)
        result = say_damaged(carry_out(ledger, &done));
    ml_kv_unlock_alone(ledger->kv);
    return result;
}
