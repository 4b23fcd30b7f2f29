/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LMDB behind the interface of kv.h. What has to be known to change these files:
 *
 * - Readers are inside `gate`. The map is moved (grown, or closed and opened anew) only with
 *   the gate closed and the lock `writer` held; so inside either, `env` stands still.
 * - `writer` is held for a whole ml_kv_update(), all its attempts included. Locks are taken in the
 *   order writer, gate, pool.
 * - A write transaction in which a call failed is poisoned; `trouble` keeps why, so that a
 *   commit is refused even when the caller's function swallowed the error.
 * - After a commit that failed in I/O the environment is in `doubt` and opened anew, its file
 *   synced, before the next write. LMDB takes a failed write of the meta page back; if that
 *   fails too, file and lock table disagree about the last transaction. Writing on would then
 *   overwrite pages that the file's newest meta page names, so it is refused until the last
 *   process using the store has let go of it: then the file alone counts.
 * - Never MDB_WRITEMAP, MDB_NOSYNC, MDB_NOMETASYNC. MDB_NOTLS lets a reader change threads.
 */
#ifndef ML_STORE_KV_LMDB_H
#define ML_STORE_KV_LMDB_H

#include <lmdb.h> /* the one place that does; only the kv_lmdb*.c see it */
#include <pthread.h>
#include <stdatomic.h>

#include "ledger/store/gate.h"
#include "ledger/store/kv.h"
#include "ledger/store/kv_place.h"

#define ML_KV_FILE_MODE 0640

struct ml_kv_txn {
    struct ml_kv *kv;
    MDB_txn *mdb;
    bool writing;
    int trouble;      /* LMDB's code of the first call that failed, 0 */
    unsigned cursors; /* open now */
    struct ml_kv_txn *next;
    MDB_cursor *spare[ML_KV_TABLES_MAX]; /* closed cursors kept for use again */
};

struct ml_kv {
    struct ml_kv_place place;
    struct ml_kv_options options;
    MDB_env *env; /* NULL when it could not be opened anew; the next call tries again */
    size_t map_bytes;
    MDB_dbi dbi[ML_KV_TABLES_MAX];
    MDB_dbi main_dbi;
    struct ml_gate gate;
    pthread_mutex_t writer;
    struct ml_kv_txn write; /* guarded by writer */
    atomic_bool doubt;
    bool alone; /* ml_kv_lock_alone() holds */
    pthread_mutex_t pool_lock;
    struct ml_kv_txn *pool;
    unsigned pool_count;
};

/* kv_lmdb_env.c */

/* Sets the error for LMDB's result `rc`; `what` as in "cannot WHAT ledger 'x'". */
int ml_kv_fail(const struct ml_kv *kv, int rc, const char *what);
int ml_kv_refuse_child(const struct ml_kv *kv);
/* Those that move the map; with `writer` held and outside the gate, which they close. */
/* Closes the environment and opens it anew. */
int ml_kv_recover(struct ml_kv *kv) ML_MUST_USE;
/* To `map_bytes`, or, when 0, to what another process has grown it to. */
int ml_kv_resize(struct ml_kv *kv, size_t map_bytes) ML_MUST_USE;
/* Makes room: takes back what dead readers held or doubles the map. */
int ml_kv_grow(struct ml_kv *kv) ML_MUST_USE;

/* Closes the environment, calls `fn`, and opens it anew, whatever `fn` answered. */
int ml_kv_without_env(struct ml_kv *kv, int (*fn)(struct ml_kv *kv, void *context),
                      void *context) ML_MUST_USE;

/* kv_lmdb_txn.c */

void ml_kv_drop_spares(struct ml_kv_txn *txn);
void ml_kv_drain_readers(struct ml_kv *kv);

#endif
