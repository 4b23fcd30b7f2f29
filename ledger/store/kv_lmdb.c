/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, values and cursors inside a transaction, and the store as a whole. */
#include "ledger/store/kv_lmdb.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Keys and values */

static MDB_val val_of(struct ml_span span)
{
    return (MDB_val){span.len, (void *)(uintptr_t)span.data};
}

static struct ml_span span_of(const MDB_val *val)
{
    return ML_SPAN(val->mv_data, val->mv_size);
}

static int check_call(const struct ml_kv_txn *txn, unsigned table)
{
    assert(table < txn->kv->options.table_count);
    (void)table;
    return ml_kv_is_owner_fast(&txn->kv->place.owner) ? MLEDGER_OK : ml_kv_refuse_child(txn->kv);
}

static int check_key(struct ml_span key)
{
    if (key.len - 1 < ML_KV_KEY_MAX)
        return MLEDGER_OK;
    return ml_fail(MLEDGER_EUSAGE, "a key of the store has 1 to %zu bytes, not %zu", ML_KV_KEY_MAX,
                   key.len);
}

/* What LMDB answered to a write. */
static int wrote(struct ml_kv_txn *txn, int rc)
{
    if (rc == 0)
        return MLEDGER_OK;
    if (txn->trouble == 0)
        txn->trouble = rc;
    return ml_kv_fail(txn->kv, rc, "write to");
}

/* The table's cursor that nobody has open. What is read and written one after the other often lies
 * close together, and a cursor looks at the page that it stands on before it begins at the root. */
static int spare_cursor(struct ml_kv_txn *txn, unsigned table, MDB_cursor **ret_cursor)
{
    int rc = 0;
    if (txn->spare[table] == NULL)
        rc = mdb_cursor_open(txn->mdb, txn->kv->dbi[table], &txn->spare[table]);
    *ret_cursor = txn->spare[table];
    return rc;
}

/* A reader's answers are few and far between. */
static int get(struct ml_kv_txn *txn, unsigned table, MDB_val *key, MDB_val *value)
{
    MDB_cursor *cursor;
    if (!txn->writing)
        return mdb_get(txn->mdb, txn->kv->dbi[table], key, value);
    const int rc = spare_cursor(txn, table, &cursor);
    return rc == 0 ? mdb_cursor_get(cursor, key, value, MDB_SET) : rc;
}

int ml_kv_get(struct ml_kv_txn *txn, unsigned table, struct ml_span key, struct ml_span *ret)
{
    ML_TRY(check_call(txn, table));
    ML_TRY(check_key(key));
    MDB_val k = val_of(key);
    MDB_val v;
    int rc = get(txn, table, &k, &v);
    if (rc == MDB_NOTFOUND)
        return MLEDGER_ENOTFOUND;
    if (rc != 0)
        return ml_kv_fail(txn->kv, rc, "read");
    *ret = span_of(&v);
    return MLEDGER_OK;
}

int ml_kv_count(struct ml_kv_txn *txn, unsigned table, uint64_t *ret)
{
    ML_TRY(check_call(txn, table));
    MDB_stat stat;
    int rc = mdb_stat(txn->mdb, txn->kv->dbi[table], &stat);
    if (rc != 0)
        return ml_kv_fail(txn->kv, rc, "read");
    *ret = stat.ms_entries;
    return MLEDGER_OK;
}

/* *ret_rc is LMDB's answer where the arguments were in order. */
static int put(struct ml_kv_txn *txn, unsigned table, struct ml_span key, MDB_val *value,
               unsigned flags, int *ret_rc)
{
    assert(txn->writing);
    ML_TRY(check_call(txn, table));
    ML_TRY(check_key(key));
    if (value->mv_size > ML_KV_VALUE_MAX)
        return ml_fail(MLEDGER_EUSAGE, "a value of the store has at most %zu bytes, not %zu",
                       ML_KV_VALUE_MAX, value->mv_size);
    MDB_val k = val_of(key);
    MDB_cursor *cursor;
    *ret_rc = spare_cursor(txn, table, &cursor);
    if (*ret_rc == 0)
        *ret_rc = mdb_cursor_put(cursor, &k, value, flags);
    return MLEDGER_OK;
}

int ml_kv_put(struct ml_kv_txn *txn, unsigned table, struct ml_span key, struct ml_span value)
{
    int rc;
    MDB_val v = val_of(value);
    ML_TRY(put(txn, table, key, &v, 0, &rc));
    return wrote(txn, rc);
}

int ml_kv_put_new(struct ml_kv_txn *txn, unsigned table, struct ml_span key, struct ml_span value)
{
    int rc;
    MDB_val v = val_of(value);
    ML_TRY(put(txn, table, key, &v, MDB_NOOVERWRITE, &rc));
    if (rc == MDB_KEYEXIST)
        return ml_refuse("key-exists", "ledger '%s' has that key in table '%s' already",
                         txn->kv->place.dir, txn->kv->options.tables[table]);
    return wrote(txn, rc);
}

int ml_kv_append(struct ml_kv_txn *txn, unsigned table, struct ml_span key, struct ml_span value)
{
    int rc;
    MDB_val v = val_of(value);
    ML_TRY(put(txn, table, key, &v, MDB_APPEND, &rc));
    if (rc == MDB_KEYEXIST) /* not beyond the last key */
        return ml_kv_put_new(txn, table, key, value);
    return wrote(txn, rc);
}

int ml_kv_reserve(struct ml_kv_txn *txn, unsigned table, struct ml_span key, size_t len,
                  uint8_t **ret)
{
    int rc;
    MDB_val v = {len, NULL};
    ML_TRY(put(txn, table, key, &v, MDB_RESERVE, &rc));
    ML_TRY(wrote(txn, rc));
    *ret = v.mv_data;
    return MLEDGER_OK;
}

int ml_kv_delete(struct ml_kv_txn *txn, unsigned table, struct ml_span key)
{
    assert(txn->writing);
    ML_TRY(check_call(txn, table));
    ML_TRY(check_key(key));
    MDB_val k = val_of(key);
    int rc = mdb_del(txn->mdb, txn->kv->dbi[table], &k, NULL);
    return rc == MDB_NOTFOUND ? MLEDGER_ENOTFOUND : wrote(txn, rc);
}

int ml_kv_clear(struct ml_kv_txn *txn, unsigned table)
{
    assert(txn->writing);
    ML_TRY(check_call(txn, table));
    return wrote(txn, mdb_drop(txn->mdb, txn->kv->dbi[table], 0));
}

/* Cursors */

int ml_kv_cursor_open(struct ml_kv_txn *txn, unsigned table, struct ml_kv_cursor *ret)
{
    ML_TRY(check_call(txn, table));
    MDB_cursor *cursor = txn->spare[table];
    int rc = 0;
    if (cursor == NULL)
        rc = mdb_cursor_open(txn->mdb, txn->kv->dbi[table], &cursor);
    else if (!txn->writing)
        rc = mdb_cursor_renew(txn->mdb, cursor);
    if (rc != 0)
        return ml_kv_fail(txn->kv, rc, "read");
    txn->spare[table] = NULL;
    txn->cursors++;
    *ret = (struct ml_kv_cursor){.txn = txn, .engine = cursor, .table = table};
    return MLEDGER_OK;
}

void ml_kv_cursor_close(struct ml_kv_cursor *cursor)
{
    struct ml_kv_txn *txn = cursor->txn;
    if (txn == NULL || !ml_kv_is_owner_fast(&txn->kv->place.owner))
        return;
    if (txn->spare[cursor->table] == NULL)
        txn->spare[cursor->table] = cursor->engine;
    else
        mdb_cursor_close(cursor->engine);
    txn->cursors--;
    *cursor = (struct ml_kv_cursor){.txn = NULL};
}

/* Moves by `op`; where there is nothing the cursor is then at `otherwise`. */
static int move(struct ml_kv_cursor *cursor, MDB_cursor_op op, MDB_val *key, int otherwise,
                struct ml_span *ret_key, struct ml_span *ret_value)
{
    ML_TRY(check_call(cursor->txn, cursor->table));
    MDB_val value;
    int rc = mdb_cursor_get(cursor->engine, key, &value, op);
    cursor->place = rc == 0 ? ML_KV_ON_KEY : otherwise;
    if (rc == MDB_NOTFOUND)
        return MLEDGER_ENOTFOUND;
    if (rc != 0)
        return ml_kv_fail(cursor->txn->kv, rc, "read");
    *ret_key = span_of(key);
    *ret_value = span_of(&value);
    return MLEDGER_OK;
}

int ml_kv_cursor_seek(struct ml_kv_cursor *cursor, struct ml_span from, struct ml_span *ret_key,
                      struct ml_span *ret_value)
{
    MDB_val key = val_of(from);
    MDB_cursor_op op = from.len == 0 ? MDB_FIRST : MDB_SET_RANGE;
    return move(cursor, op, &key, ML_KV_PAST_END, ret_key, ret_value);
}

int ml_kv_cursor_last(struct ml_kv_cursor *cursor, struct ml_span *ret_key,
                      struct ml_span *ret_value)
{
    MDB_val key;
    return move(cursor, MDB_LAST, &key, ML_KV_BEFORE_FIRST, ret_key, ret_value);
}

int ml_kv_cursor_next(struct ml_kv_cursor *cursor, struct ml_span *ret_key,
                      struct ml_span *ret_value)
{
    MDB_val key;
    if (cursor->place == ML_KV_PAST_END)
        return MLEDGER_ENOTFOUND;
    MDB_cursor_op op = cursor->place == ML_KV_ON_KEY ? MDB_NEXT : MDB_FIRST;
    return move(cursor, op, &key, ML_KV_PAST_END, ret_key, ret_value);
}

int ml_kv_cursor_prev(struct ml_kv_cursor *cursor, struct ml_span *ret_key,
                      struct ml_span *ret_value)
{
    MDB_val key;
    if (cursor->place == ML_KV_BEFORE_FIRST)
        return MLEDGER_ENOTFOUND;
    MDB_cursor_op op = cursor->place == ML_KV_ON_KEY ? MDB_PREV : MDB_LAST;
    return move(cursor, op, &key, ML_KV_BEFORE_FIRST, ret_key, ret_value);
}

/* The whole store */

static bool is_declared(const struct ml_kv *kv, struct ml_span name)
{
    for (unsigned i = 0; i < kv->options.table_count; i++) {
        const char *table = kv->options.tables[i];
        if (ml_span_equal(name, ML_SPAN(table, strlen(table))))
            return true;
    }
    return false;
}

static int visit_unknown(struct ml_kv_txn *txn, MDB_cursor *cursor, ml_kv_unknown_fn *fn,
                         void *context)
{
    MDB_val key;
    MDB_val value;
    MDB_val last = {0, NULL}; /* keys that do not ascend would go on for ever */
    int rc;
    while ((rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
        if (last.mv_data != NULL && mdb_cmp(txn->mdb, txn->kv->main_dbi, &key, &last) <= 0)
            return ml_kv_fail(txn->kv, MDB_CORRUPTED, "read");
        last = key;
        if (!is_declared(txn->kv, span_of(&key)))
            ML_TRY(fn(span_of(&key), context));
    }
    return rc == MDB_NOTFOUND ? MLEDGER_OK : ml_kv_fail(txn->kv, rc, "read");
}

int ml_kv_tables_unknown(struct ml_kv_txn *txn, ml_kv_unknown_fn *fn, void *context)
{
    ML_TRY(check_call(txn, 0));
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(txn->mdb, txn->kv->main_dbi, &cursor);
    if (rc != 0)
        return ml_kv_fail(txn->kv, rc, "read");
    int result = visit_unknown(txn, cursor, fn, context);
    mdb_cursor_close(cursor);
    return result;
}

static int fill_copy(struct ml_kv *kv, int dir, int fd)
{
    /* Held meanwhile, so that the map stays and the engine's own reader begins without trouble. */
    ML_CLEANUP(ml_kv_read_endp) struct ml_kv_txn *txn = NULL;
    ML_TRY(ml_kv_read_begin(kv, &txn));
    int rc = mdb_env_copyfd2(kv->env, fd, MDB_CP_COMPACT);
    if (rc == 0 && fsync(fd) != 0)
        rc = errno;
    if (rc == 0)
        rc = ml_kv_sync_dir(dir);
    return rc == 0 ? MLEDGER_OK : ml_kv_fail(kv, rc, "copy");
}

int ml_kv_copy(struct ml_kv *kv, const char *to_dir)
{
    ML_CLEANUP(ml_closep) int dir = open(to_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return ml_fail_errno(errno, "cannot copy ledger '%s' to '%s'", kv->place.dir, to_dir);
    ML_CLEANUP(ml_closep)
    int fd = openat(dir, "data.mdb", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, ML_KV_FILE_MODE);
    if (fd < 0)
        return ml_fail_errno(errno, "cannot copy ledger '%s' to '%s'", kv->place.dir, to_dir);
    int result = fill_copy(kv, dir, fd);
    if (result < 0)
        (void)unlinkat(dir, "data.mdb", 0);
    return result;
}
