/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a ledger. */
#include <inttypes.h>

#include "ledger/core/codec.h"
#include "ledger/core/index.h"
#include "ledger/store/ledger_private.h"

static int get_state(void *txn, struct ml_span key, struct ml_span *ret_value)
{
    return ml_kv_get(txn, ML_TABLE_STATE, key, ret_value);
}

int ml_state_over(struct ml_kv_txn *txn, struct ml_state **ret_state)
{
    const struct ml_state_options options = {.get = get_state, .context = txn};
    return ml_state_new(&options, ret_state);
}

static int read_bytes(struct ml_kv_txn *txn, uint64_t seq, struct ml_span *ret_bytes)
{
    struct ml_key_u64 key = ml_key_u64(seq);
    return ml_kv_get(txn, ML_TABLE_RECORDS, ML_SPAN(key.bytes, sizeof key.bytes), ret_bytes);
}

int ml_txn_link_at(void *txn, uint64_t seq, uint8_t ret_link[ML_HASH_SIZE])
{
    struct ml_span bytes;
    ML_TRY(read_bytes(txn, seq, &bytes));
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    ProtobufCAllocator allocator = ml_arena_allocator(&arena);
    Mledger__SignedRecord *record =
        mledger__signed_record__unpack(&allocator, bytes.len, bytes.data);
    if (!record)
        return ml_fail_seq(MLEDGER_EDAMAGED, seq, "not a record");
    return ml_link(ML_SPAN(record->header.data, record->header.len), ret_link);
}

int ml_view_begin(struct ml_ledger *ledger, struct ml_view *ret_view)
{
    struct ml_view view = {0};
    ML_TRY(ml_kv_read_begin(ledger->kv, &view.txn));
    int result = ml_state_over(view.txn, &view.state);
    struct ml_fold fold;
    if (result >= 0)
        result = ml_fold_init(&fold, view.state, ml_txn_link_at, view.txn);
    if (result < 0) {
        ml_view_end(&view);
        return result;
    }
    view.head = fold.head;
    ml_fold_release(&fold);
    *ret_view = view;
    return MLEDGER_OK;
}

void ml_view_end(struct ml_view *view)
{
    if (!view)
        return;
    ml_state_free(view->state);
    ml_kv_read_end(view->txn);
    *view = (struct ml_view){0};
}

int ml_view_bytes(struct ml_view *view, uint64_t seq, struct ml_span *ret_bytes)
{
    return read_bytes(view->txn, seq, ret_bytes);
}

int ml_view_record(struct ml_view *view, uint64_t seq, struct ml_arena *arena,
                   struct ml_record *ret_record)
{
    struct ml_span bytes;
    int result = read_bytes(view->txn, seq, &bytes);
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail(MLEDGER_ENOTFOUND, "there is no record %" PRIu64, seq);
    ML_TRY(result);
    result = ml_record_read(bytes, seq, arena, ret_record);
    if (result != MLEDGER_EINVALID)
        return result;
    /* It came from the ledger itself, so it is damage and not bad input. */
    struct ml_error error;
    ml_error_get(&error);
    error.code = MLEDGER_EDAMAGED;
    return ml_error_set(&error);
}

int ml_view_link_at(void *view, uint64_t seq, uint8_t ret_link[ML_HASH_SIZE])
{
    return ml_txn_link_at(((struct ml_view *)view)->txn, seq, ret_link);
}

static bool has_prefix(struct ml_span key, const struct ml_state_key *prefix)
{
    return key.len == prefix->len + 8 && memcmp(key.data, prefix->bytes, prefix->len) == 0;
}

static struct ml_state_key with_seq(const struct ml_state_key *prefix, uint64_t seq)
{
    struct ml_state_key key = *prefix;
    struct ml_key_u64 number = ml_key_u64(seq);
    memcpy(key.bytes + key.len, number.bytes, sizeof number.bytes);
    key.len += sizeof number.bytes;
    return key;
}

static int walk_index(struct ml_kv_cursor *cursor, const struct ml_state_key *prefix, uint64_t from,
                      ml_view_visitor *visit, void *context)
{
    struct ml_state_key first = with_seq(prefix, from);
    struct ml_span key, value;
    int result = ml_kv_cursor_seek(cursor, ml_state_key_span(&first), &key, &value);
    while (result == MLEDGER_OK && has_prefix(key, prefix)) {
        result = visit(ml_index_seq(key), context);
        if (result != MLEDGER_OK)
            return result < 0 ? result : MLEDGER_OK;
        result = ml_kv_cursor_next(cursor, &key, &value);
    }
    return result == MLEDGER_ENOTFOUND ? MLEDGER_OK : result;
}

int ml_view_index(struct ml_view *view, const struct ml_state_key *prefix, uint64_t from,
                  ml_view_visitor *visit, void *context)
{
    ML_CLEANUP(ml_kv_cursor_close) struct ml_kv_cursor cursor = {0};
    ML_TRY(ml_kv_cursor_open(view->txn, ML_TABLE_INDEX, &cursor));
    return walk_index(&cursor, prefix, from, visit, context);
}

int ml_view_index_last(struct ml_view *view, const struct ml_state_key *prefix, uint64_t up_to,
                       uint64_t *ret_seq)
{
    ML_CLEANUP(ml_kv_cursor_close) struct ml_kv_cursor cursor = {0};
    ML_TRY(ml_kv_cursor_open(view->txn, ML_TABLE_INDEX, &cursor));
    struct ml_state_key last = with_seq(prefix, up_to);
    struct ml_span key, value;
    int result = ml_kv_cursor_seek(&cursor, ml_state_key_span(&last), &key, &value);
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    if (result == MLEDGER_ENOTFOUND || !ml_span_equal(key, ml_state_key_span(&last)))
        ML_TRY(ml_kv_cursor_prev(&cursor, &key, &value));
    if (!has_prefix(key, prefix))
        return MLEDGER_ENOTFOUND;
    *ret_seq = ml_index_seq(key);
    return MLEDGER_OK;
}

int ml_view_attachment(struct ml_view *view, const uint8_t sha256[ML_HASH_SIZE],
                       struct ml_span *ret_bytes)
{
    return ml_kv_get(view->txn, ML_TABLE_ATTACHMENTS, ML_SPAN(sha256, ML_HASH_SIZE), ret_bytes);
}
