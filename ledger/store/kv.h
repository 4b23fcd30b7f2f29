/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key-value store under a ledger: tables of ordered keys, transactions that are durable once
 * committed, snapshots to read from, cursors. All that the project asks of an engine is on this
 * page, so that another can stand behind it; LMDB does, in kv_lmdb.c, the one file that knows it.
 *
 * Keys are 1 to ML_KV_KEY_MAX bytes and compare as memcmp() does, the shorter first. Values are up
 * to ML_KV_VALUE_MAX bytes. Tables are named when the store is opened and are an index from then
 * on.
 *
 * Threads: every function may be called from any thread at once. A read transaction belongs to one
 * thread at a time and may be handed on. A write transaction belongs to the thread that runs its
 * function. Do not call ml_kv_update() while holding a read transaction: when the store has to grow
 * it waits until all readers of this process are done (and fails after `wait_ms`, naming that).
 * Writers, of all processes, take turns.
 *
 * Processes: several may have one store open, on one machine. One process opens it once
 * (a second ml_kv_open() is refused) and a child made by fork() cannot use what its parent opened:
 * every call is refused, and ml_kv_close() only forgets the handle.
 *
 * Errors, besides those named at each function: MLEDGER_ESYSTEM when a call of the system failed,
 * MLEDGER_EDAMAGED when the engine finds its file inconsistent, MLEDGER_EUSAGE for a key of length
 * 0 or too long. MLEDGER_ENOTFOUND is an ordinary answer and sets no error text: the caller knows
 * what was looked for.
 */
#ifndef ML_STORE_KV_H
#define ML_STORE_KV_H

#include "ledger/core/base.h"

#define ML_KV_TABLES_MAX 64
#define ML_KV_KEY_MAX ((size_t)511)
#define ML_KV_VALUE_MAX ((size_t)1 << 30)
/* The map starts sparse and large, so that it hardly ever has to grow, and grows up to the latter.
 */
#define ML_KV_MAP_DEFAULT ((size_t)64 << 30)
#define ML_KV_MAP_MAX ((size_t)16 << 40)
#define ML_KV_READERS_DEFAULT 510
#define ML_KV_WAIT_MS_DEFAULT 30000

struct ml_kv;
struct ml_kv_txn;

struct ml_kv_options {
    const char *const *tables; /* names, borrowed until ml_kv_close() */
    unsigned table_count;      /* at most ML_KV_TABLES_MAX */
    bool create;               /* make the directory, the store and its tables where absent */
    bool add_tables;           /* make tables that an existing store lacks */
    bool read_only;
    size_t map_bytes; /* to start with; 0: ML_KV_MAP_DEFAULT. Halved while the system refuses. */
    unsigned max_readers; /* 0: ML_KV_READERS_DEFAULT. Set by the first process to open it. */
    unsigned wait_ms;     /* how long growing waits for readers; 0: ML_KV_WAIT_MS_DEFAULT */
};

/* Opens the store in directory `dir` (its data is DIR/data.mdb, mode 0640). Every commit is
 * durable; there is no option to make it less so.
 * MLEDGER_ENOTFOUND  there is no store, and `create` is off (the text is set)
 * MLEDGER_EDAMAGED   the file is no store, is shorter than it claims, lacks a table
 * MLEDGER_ESYSTEM    it is open in this process already; it is on a file system that cannot hold
 * it; the system refused */
int ml_kv_open(const char *dir, const struct ml_kv_options *options,
               struct ml_kv **ret) ML_MUST_USE;
/* 1: the store in `dir` was never written to, because making it was cut off; 0: it was.
 * Errors as ml_kv_open(). */
int ml_kv_is_unborn(const char *dir) ML_MUST_USE;
/* Closes; no transaction may be open. Accepts NULL. */
void ml_kv_close(struct ml_kv *kv);
static inline void ml_kv_closep(struct ml_kv **kv)
{
    ml_kv_close(*kv);
}

/* Runs `fn` in a write transaction. If it returns >= 0 the transaction is committed and, once
 * this returns that number, durable. If it returns < 0, nothing was written and that is returned.
 *
 * `fn` may run several times: when the map was full everything is undone, the map grows and
 * `fn` starts from the beginning. So it begins by resetting what it keeps in `context`.
 *
 * MLEDGER_ESYSTEM  the disk is full, failed, …: nothing is half-visible. When it was the very last
 *                  write of the commit that failed, the transaction may still turn out to be
 *                  there, whole; so read before repeating it. The engine is closed and opened
 *                  anew before the next write. */
typedef int ml_kv_update_fn(struct ml_kv_txn *txn, void *context);
int ml_kv_update(struct ml_kv *kv, ml_kv_update_fn *fn, void *context) ML_MUST_USE;

/* A snapshot: sees what was committed when it began, whatever happens later. Keep it short: pages
 * that it can see are not used again. */
int ml_kv_read_begin(struct ml_kv *kv, struct ml_kv_txn **ret) ML_MUST_USE;
void ml_kv_read_end(struct ml_kv_txn *txn); /* accepts NULL */
static inline void ml_kv_read_endp(struct ml_kv_txn **txn)
{
    ml_kv_read_end(*txn);
}

/* Spans that these give borrow the store's memory: until the transaction ends or, in a write
 * transaction, until the next write. */

/* MLEDGER_ENOTFOUND: no such key. */
int ml_kv_get(struct ml_kv_txn *txn, unsigned table, struct ml_span key,
              struct ml_span *ret) ML_MUST_USE;
/* How many keys the table has; costs nothing. */
int ml_kv_count(struct ml_kv_txn *txn, unsigned table, uint64_t *ret) ML_MUST_USE;

/* Writes; the transaction must be ml_kv_update()'s. After one has failed but for
 * MLEDGER_EREFUSED, MLEDGER_ENOTFOUND and MLEDGER_EUSAGE the transaction can no longer commit. */
int ml_kv_put(struct ml_kv_txn *txn, unsigned table, struct ml_span key,
              struct ml_span value) ML_MUST_USE;
/* MLEDGER_EREFUSED, rule "key-exists": the key is there; it keeps its value. */
int ml_kv_put_new(struct ml_kv_txn *txn, unsigned table, struct ml_span key,
                  struct ml_span value) ML_MUST_USE;
/* As ml_kv_put_new(), quicker and denser for a key beyond all others of the table. */
int ml_kv_append(struct ml_kv_txn *txn, unsigned table, struct ml_span key,
                 struct ml_span value) ML_MUST_USE;
/* Puts a value of `len` bytes for the caller to fill at once, all of it, before the next call. */
int ml_kv_reserve(struct ml_kv_txn *txn, unsigned table, struct ml_span key, size_t len,
                  uint8_t **ret) ML_MUST_USE;
/* MLEDGER_ENOTFOUND: no such key. */
int ml_kv_delete(struct ml_kv_txn *txn, unsigned table, struct ml_span key) ML_MUST_USE;
/* Empties the table. */
int ml_kv_clear(struct ml_kv_txn *txn, unsigned table) ML_MUST_USE;

/* A place in a table; lives with the caller, must be closed before its transaction ends. All zero
 * is closed. Each move gives MLEDGER_ENOTFOUND past either end, and the opposite move comes back in
 * from there. A new cursor stands at neither: _next is the first key, _prev the last. Having
 * deleted the key it stands on, seek. */
struct ml_kv_cursor {
    struct ml_kv_txn *txn;
    void *engine;
    unsigned table;
    enum { ML_KV_OUTSIDE, ML_KV_ON_KEY, ML_KV_PAST_END, ML_KV_BEFORE_FIRST } place;
};
int ml_kv_cursor_open(struct ml_kv_txn *txn, unsigned table, struct ml_kv_cursor *ret) ML_MUST_USE;
void ml_kv_cursor_close(struct ml_kv_cursor *cursor);
/* The first key >= `from`; an empty span is the first of all. */
int ml_kv_cursor_seek(struct ml_kv_cursor *cursor, struct ml_span from, struct ml_span *ret_key,
                      struct ml_span *ret_value) ML_MUST_USE;
int ml_kv_cursor_next(struct ml_kv_cursor *cursor, struct ml_span *ret_key,
                      struct ml_span *ret_value) ML_MUST_USE;
int ml_kv_cursor_prev(struct ml_kv_cursor *cursor, struct ml_span *ret_key,
                      struct ml_span *ret_value) ML_MUST_USE;
int ml_kv_cursor_last(struct ml_kv_cursor *cursor, struct ml_span *ret_key,
                      struct ml_span *ret_value) ML_MUST_USE;

/* Calls `fn` with the name of all that the store holds beside the declared tables (it may be any
 * bytes, with or without a table behind it); stops when it returns < 0 and returns that. */
typedef int ml_kv_unknown_fn(struct ml_span name, void *context);
int ml_kv_tables_unknown(struct ml_kv_txn *txn, ml_kv_unknown_fn *fn, void *context) ML_MUST_USE;

/* Writes a snapshot, without free pages, to TO_DIR/data.mdb, which must not exist (EEXIST);
 * durable when it returns. What was deleted from the store is not in the copy. On failure the
 * file is removed. Others go on reading and writing meanwhile. */
int ml_kv_copy(struct ml_kv *kv, const char *to_dir) ML_MUST_USE;

/* Claims the store for this process alone, until ml_kv_unlock_alone() or ml_kv_close(): who opens
 * it meanwhile waits. Readers of this process go on. No thread may be in a transaction of its own
 * when it calls this.
 * MLEDGER_ESYSTEM: another process has it open (also one that knows LMDB and not us); the hint says
 * what helps. MLEDGER_EUSAGE: it was opened for reading. */
int ml_kv_lock_alone(struct ml_kv *kv) ML_MUST_USE;
void ml_kv_unlock_alone(struct ml_kv *kv);

/*
 * Writes the store anew, through `fn`, into a second file, and puts that in the first one's place:
 * what `fn` leaves out or replaces is in no page of it, used or free. (Deleting would not do:
 * a page keeps the bytes of what was deleted from it until something else is put there.)
 * Needs ml_kv_lock_alone(). `fn` is called once with each key and value, in order, and returns 1 to
 * keep it (with *value, which it may point elsewhere until its next call), 0 to leave it out.
 *
 * One step: until the new file has the name, durably, the store is as it was. What a process that
 * was killed left beside it is removed by the next call. Room for a second store is needed.
 *
 * MLEDGER_EDAMAGED: it holds tables beside those that were declared; they would be lost.
 * MLEDGER_EUSAGE: it is not locked. MLEDGER_ESYSTEM: it could not be written, or a reader has not
 * finished in `wait_ms`. On failure the store is as it was, or, if only making the new name
 * durable failed, as it was to be.
 */
typedef int ml_kv_rewrite_fn(unsigned table, struct ml_span key, struct ml_span *value,
                             void *context);
int ml_kv_rewrite(struct ml_kv *kv, ml_kv_rewrite_fn *fn, void *context) ML_MUST_USE;

/* Keys of 8 bytes, big-endian, so that they sort as their numbers do. */
struct ml_key_u64 {
    uint8_t bytes[8];
};
static inline struct ml_key_u64 ml_key_u64(uint64_t number)
{
    struct ml_key_u64 key;
    for (unsigned i = 0; i < 8; i++)
        key.bytes[i] = (uint8_t)(number >> (56 - 8 * i));
    return key;
}
/* False when the key has another length. */
static inline bool ml_key_u64_read(struct ml_span key, uint64_t *ret_number)
{
    if (key.len != 8)
        return false;
    uint64_t number = 0;
    for (unsigned i = 0; i < 8; i++)
        number = number << 8 | key.data[i];
    *ret_number = number;
    return true;
}

#endif
