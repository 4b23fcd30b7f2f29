/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions: one that writes at a time, and readers kept for use again. */
#include "ledger/store/kv_lmdb.h"

#include <errno.h>

enum {
    POOL_MAX = 16,      /* idle read transactions kept; each keeps a reader slot */
    ATTEMPTS_MAX = 100, /* at beginning to read while other processes grow the map */
};

/* The store this thread is in an ml_kv_update() of, to tell one that would wait for itself. */
static _Thread_local const struct ml_kv *writing_here;

/* Writing */

static int begin_write(struct ml_kv *kv)
{
    MDB_envinfo info;
    MDB_txn *mdb;
    int rc = mdb_txn_begin(kv->env, NULL, 0, &mdb);
    if (rc != 0)
        return rc;
    mdb_env_info(kv->env, &info);
    if (mdb_txn_id(mdb) != info.me_last_txnid + 1) {
        mdb_txn_abort(mdb);
        return MDB_PANIC;
    }
    kv->write.mdb = mdb;
    kv->write.trouble = 0;
    return 0;
}

static void abort_write(struct ml_kv *kv)
{
    ml_kv_drop_spares(&kv->write);
    mdb_txn_abort(kv->write.mdb);
    kv->write.mdb = NULL;
}

static int commit_write(struct ml_kv *kv)
{
    ml_kv_drop_spares(&kv->write);
    int rc = mdb_txn_commit(kv->write.mdb);
    kv->write.mdb = NULL;
    return rc;
}

/* Trouble that comes from the disk, not from what was asked. */
static bool is_io(int rc)
{
    return rc > 0 || rc == MDB_PANIC;
}

/* Runs `fn` once. *ret_rc is LMDB's trouble, which decides whether and how it goes on. */
static int attempt(struct ml_kv *kv, ml_kv_update_fn *fn, void *context, int *ret_rc)
{
    int rc = begin_write(kv);
    *ret_rc = rc;
    if (rc != 0)
        return ml_kv_fail(kv, rc, "write to");
    int result = fn(&kv->write, context);
    assert(kv->write.cursors == 0 && "a cursor outlives its transaction");
    if (result < 0 || kv->write.trouble != 0) {
        abort_write(kv);
        rc = kv->write.trouble;
        if (result >= 0)
            result = ml_kv_fail(kv, rc, "write to");
    } else {
        rc = commit_write(kv);
        if (rc != 0)
            result = ml_kv_fail(kv, rc, "write to");
    }
    if (is_io(rc))
        kv->doubt = true;
    *ret_rc = rc;
    return result;
}

static int in_doubt(const struct ml_kv *kv)
{
    ml_fail(MLEDGER_ESYSTEM,
            "cannot write to ledger '%s': a failed write left its last transaction in doubt",
            kv->place.dir);
    return ml_hint("end every program that has the ledger open, then try again");
}

static int update(struct ml_kv *kv, ml_kv_update_fn *fn, void *context)
{
    for (bool reopened = false;;) {
        if (kv->doubt || kv->env == NULL)
            ML_TRY(ml_kv_recover(kv));
        int rc;
        int result = attempt(kv, fn, context, &rc);
        if (rc == MDB_MAP_FULL) {
            ML_TRY(ml_kv_grow(kv));
        } else if (rc == MDB_MAP_RESIZED) {
            ML_TRY(ml_kv_resize(kv, 0));
        } else if (rc == MDB_PANIC) {
            if (reopened)
                return in_doubt(kv);
            reopened = true;
            kv->doubt = true;
        } else {
            return result;
        }
    }
}

int ml_kv_update(struct ml_kv *kv, ml_kv_update_fn *fn, void *context)
{
    if (!ml_kv_is_owner(&kv->place.owner))
        return ml_kv_refuse_child(kv);
    if (kv->options.read_only)
        return ml_fail(MLEDGER_EUSAGE,
                       "cannot write to ledger '%s': it was opened for reading only",
                       kv->place.dir);
    if (writing_here == kv)
        return ml_fail(MLEDGER_EUSAGE,
                       "cannot write to ledger '%s': this thread is writing already",
                       kv->place.dir);
    const struct ml_kv *outer = writing_here;
    pthread_mutex_lock(&kv->writer);
    writing_here = kv;
    int result = update(kv, fn, context);
    writing_here = outer;
    pthread_mutex_unlock(&kv->writer);
    return result;
}

/* Reading */

void ml_kv_drop_spares(struct ml_kv_txn *txn)
{
    for (unsigned i = 0; i < txn->kv->options.table_count; i++) {
        if (txn->spare[i] != NULL)
            mdb_cursor_close(txn->spare[i]);
        txn->spare[i] = NULL;
    }
}

static void free_reader(struct ml_kv_txn *txn)
{
    ml_kv_drop_spares(txn);
    if (txn->mdb != NULL)
        mdb_txn_abort(txn->mdb);
    free(txn);
}

void ml_kv_drain_readers(struct ml_kv *kv)
{
    pthread_mutex_lock(&kv->pool_lock);
    struct ml_kv_txn *txn = kv->pool;
    kv->pool = NULL;
    kv->pool_count = 0;
    pthread_mutex_unlock(&kv->pool_lock);
    while (txn != NULL) {
        struct ml_kv_txn *next = txn->next;
        free_reader(txn);
        txn = next;
    }
}

static struct ml_kv_txn *take_reader(struct ml_kv *kv)
{
    pthread_mutex_lock(&kv->pool_lock);
    struct ml_kv_txn *txn = kv->pool;
    if (txn != NULL) {
        kv->pool = txn->next;
        kv->pool_count--;
    }
    pthread_mutex_unlock(&kv->pool_lock);
    if (txn == NULL && (txn = ml_calloc(1, sizeof *txn)) != NULL)
        txn->kv = kv;
    return txn;
}

static void give_reader(struct ml_kv *kv, struct ml_kv_txn *txn)
{
    pthread_mutex_lock(&kv->pool_lock);
    bool keep = kv->pool_count < POOL_MAX;
    if (keep) {
        txn->next = kv->pool;
        kv->pool = txn;
        kv->pool_count++;
    }
    pthread_mutex_unlock(&kv->pool_lock);
    if (!keep)
        free_reader(txn);
}

/* Begins in the gate; 0 or LMDB's trouble. */
static int begin_read(struct ml_kv *kv, struct ml_kv_txn **ret)
{
    if (kv->env == NULL)
        return MDB_PANIC;
    struct ml_kv_txn *txn = take_reader(kv);
    if (txn == NULL)
        return ENOMEM;
    int rc = txn->mdb != NULL ? mdb_txn_renew(txn->mdb)
                              : mdb_txn_begin(kv->env, NULL, MDB_RDONLY, &txn->mdb);
    if (rc != 0) {
        free_reader(txn);
        return rc;
    }
    *ret = txn;
    return 0;
}

/* The same, but takes back the slots of idle and of dead readers when there are no others. */
static int begin_read_with_slot(struct ml_kv *kv, struct ml_kv_txn **ret)
{
    int rc = begin_read(kv, ret);
    if (rc == MDB_READERS_FULL) {
        ml_kv_drain_readers(kv);
        rc = mdb_reader_check(kv->env, NULL);
        if (rc == 0)
            rc = begin_read(kv, ret);
    }
    if (rc == MDB_PANIC)
        kv->doubt = true;
    return rc;
}

/* Removes, outside the gate, what kept a reader from beginning. */
static int clear_way(struct ml_kv *kv, int rc)
{
    if ((rc != MDB_MAP_RESIZED && rc != MDB_PANIC) || writing_here == kv)
        return ml_kv_fail(kv, rc, "read");
    int result = MLEDGER_OK;
    pthread_mutex_lock(&kv->writer);
    if (kv->doubt || kv->env == NULL)
        result = ml_kv_recover(kv);
    else if (rc == MDB_MAP_RESIZED)
        result = ml_kv_resize(kv, 0);
    pthread_mutex_unlock(&kv->writer);
    return result;
}

int ml_kv_read_begin(struct ml_kv *kv, struct ml_kv_txn **ret)
{
    if (!ml_kv_is_owner(&kv->place.owner))
        return ml_kv_refuse_child(kv);
    int rc = 0;
    for (unsigned i = 0; i < ATTEMPTS_MAX; i++) {
        rc = ml_gate_enter(&kv->gate, kv->options.wait_ms);
        if (rc != 0)
            return ml_kv_fail(kv, rc, "read");
        rc = begin_read_with_slot(kv, ret);
        if (rc == 0)
            return MLEDGER_OK;
        ml_gate_leave(&kv->gate);
        ML_TRY(clear_way(kv, rc));
    }
    return ml_kv_fail(kv, rc, "read");
}

void ml_kv_read_end(struct ml_kv_txn *txn)
{
    if (txn == NULL || !ml_kv_is_owner_fast(&txn->kv->place.owner))
        return;
    assert(!txn->writing && txn->cursors == 0 && "a cursor outlives its transaction");
    struct ml_kv *kv = txn->kv;
    mdb_txn_reset(txn->mdb);
    give_reader(kv, txn);
    ml_gate_leave(&kv->gate);
}
