/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/verify_private.h"

void ml_verify_pulse(const struct ml_verify *verify, uint64_t seq)
{
    const struct ml_verify_options *options = verify->core.options;
    if (options && options->pulse)
        options->pulse(seq, options->pulse_context);
}

int ml_verify_walk_open(struct ml_verify_walk *walk, const struct ml_verify *verify,
                        struct ml_kv_txn *txn, unsigned table)
{
    *walk = (struct ml_verify_walk){.verify = verify};
    return ml_kv_cursor_open(txn, table, &walk->cursor);
}

void ml_verify_walk_close(struct ml_verify_walk *walk)
{
    ml_kv_cursor_close(&walk->cursor);
}

static bool is_after(struct ml_span key, struct ml_span last)
{
    size_t common = key.len < last.len ? key.len : last.len;
    int order = common > 0 ? memcmp(key.data, last.data, common) : 0;
    return order > 0 || (order == 0 && key.len > last.len);
}

/* Each key is greater than the one before it, so no walk goes on for ever. */
static int note_key(struct ml_verify_walk *walk, struct ml_span key)
{
    if (key.len == 0 || key.len > sizeof walk->last ||
        !is_after(key, ML_SPAN(walk->last, walk->last_len)))
        return ml_fail(MLEDGER_EDAMAGED,
                       "the ledger is damaged: keys of its store are out of order");
    memcpy(walk->last, key.data, key.len);
    walk->last_len = key.len;
    return MLEDGER_OK;
}

int ml_verify_walk_next(struct ml_verify_walk *walk, struct ml_span *ret_key,
                        struct ml_span *ret_value)
{
    ml_verify_pulse(walk->verify, MLEDGER_NO_SEQ);
    ML_TRY(ml_kv_cursor_next(&walk->cursor, ret_key, ret_value));
    return note_key(walk, *ret_key);
}

int ml_verify_walk_seek(struct ml_verify_walk *walk, struct ml_span from, struct ml_span *ret_key,
                        struct ml_span *ret_value)
{
    walk->last_len = 0;
    ML_TRY(ml_kv_cursor_seek(&walk->cursor, from, ret_key, ret_value));
    return note_key(walk, *ret_key);
}
