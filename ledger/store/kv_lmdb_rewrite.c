/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store written anew into a second file, for good.
 *
 * Nothing that is left out ever enters the second file: it is not copied page by page, since a page
 * of LMDB keeps the bytes of what was deleted from it between its lower and its upper end, and
 * its free pages keep theirs.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/store/kv_lmdb.h"

#define TEMPORARY "rewrite.tmp" /* in the store's directory; holds the second store */
#define DATA_NAME "data.mdb"
#define LOCK_NAME "lock.mdb"

enum { BATCH_BYTES = 16 << 20, TEMPORARY_MODE = 0700 };

/* Being alone */

/* LMDB itself holds a shared lock on the first byte of its lock file for as long as it has the
 * environment open. Ours is closed here. */
static int lock_engine(struct ml_kv *kv, int *ret_fd)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    ML_TRY(ml_buf_printf(&path, "%s/" LOCK_NAME, kv->place.path));
    ML_TRY(ml_buf_append_char(&path, '\0'));
    ML_CLEANUP(ml_closep) int fd = open((char *)path.data, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? MLEDGER_OK
                               : ml_fail_errno(errno, "cannot lock ledger '%s'", kv->place.dir);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
    if (fcntl(fd, F_SETLK, &lock) != 0)
        return errno == EAGAIN || errno == EACCES
                   ? ml_kv_place_not_alone(&kv->place)
                   : ml_fail_errno(errno, "cannot lock ledger '%s'", kv->place.dir);
    *ret_fd = fd;
    fd = -1;
    return MLEDGER_OK;
}

static int check_engine(struct ml_kv *kv, void *context)
{
    (void)context;
    ML_CLEANUP(ml_closep) int fd = -1;
    return lock_engine(kv, &fd);
}

int ml_kv_lock_alone(struct ml_kv *kv)
{
    if (!ml_kv_is_owner(&kv->place.owner))
        return ml_kv_refuse_child(kv);
    if (kv->options.read_only)
        return ml_fail(MLEDGER_EUSAGE, "cannot rewrite ledger '%s': it was opened for reading only",
                       kv->place.dir);
    ML_TRY(ml_kv_place_lock_alone(&kv->place));
    pthread_mutex_lock(&kv->writer);
    int result = ml_kv_without_env(kv, check_engine, NULL);
    pthread_mutex_unlock(&kv->writer);
    if (result < 0)
        ml_kv_place_unlock_alone(&kv->place);
    else
        kv->alone = true;
    return result;
}

void ml_kv_unlock_alone(struct ml_kv *kv)
{
    if (kv->alone)
        ml_kv_place_unlock_alone(&kv->place);
    kv->alone = false;
}

/* The second file */

struct rewrite {
    struct ml_kv *from, *to;
    ml_kv_rewrite_fn *fn;
    void *context;
    int dir; /* the store's directory */
    unsigned table;
    struct ml_kv_cursor cursor;
    struct ml_buf next;  /* the key to go on with; empty: the first */
    struct ml_buf after; /* the same, once what is being written is committed */
    bool at_end;
};

static int cannot_rewrite(const struct rewrite *rewrite)
{
    return ml_fail_errno(errno, "cannot rewrite ledger '%s'", rewrite->from->place.dir);
}

static int remove_temporary(const struct rewrite *rewrite)
{
    static const char *const files[] = {TEMPORARY "/" DATA_NAME, TEMPORARY "/" LOCK_NAME};
    for (size_t i = 0; i < ML_COUNT(files); i++)
        if (unlinkat(rewrite->dir, files[i], 0) != 0 && errno != ENOENT)
            return cannot_rewrite(rewrite);
    if (unlinkat(rewrite->dir, TEMPORARY, AT_REMOVEDIR) != 0 && errno != ENOENT)
        return cannot_rewrite(rewrite);
    return MLEDGER_OK;
}

static int copy_one(struct rewrite *rewrite, struct ml_kv_txn *txn, struct ml_span key,
                    struct ml_span value, size_t *bytes)
{
    int keep = rewrite->fn(rewrite->table, key, &value, rewrite->context);
    if (keep <= 0)
        return keep;
    *bytes += key.len + value.len;
    return ml_kv_append(txn, rewrite->table, key, value);
}

/* The next batch of one table; run again, it starts where the last committed one ended. */
static int copy_some(struct ml_kv_txn *txn, void *context)
{
    struct rewrite *rewrite = context;
    struct ml_span key, value;
    size_t bytes = 0;
    ml_buf_clear(&rewrite->after);
    int result = ml_kv_cursor_seek(&rewrite->cursor, ml_buf_span(&rewrite->next), &key, &value);
    while (result == MLEDGER_OK) {
        if (bytes >= BATCH_BYTES)
            return ml_buf_append(&rewrite->after, key.data, key.len);
        ML_TRY(copy_one(rewrite, txn, key, value, &bytes));
        result = ml_kv_cursor_next(&rewrite->cursor, &key, &value);
    }
    return result == MLEDGER_ENOTFOUND ? MLEDGER_OK : result;
}

static int copy_batches(struct rewrite *rewrite)
{
    ml_buf_clear(&rewrite->next);
    do {
        ML_TRY(ml_kv_update(rewrite->to, copy_some, rewrite));
        ml_buf_clear(&rewrite->next);
        ML_TRY(ml_buf_append(&rewrite->next, rewrite->after.data, rewrite->after.len));
    } while (rewrite->next.len > 0);
    return MLEDGER_OK;
}

static int refuse_table(struct ml_span name, void *context)
{
    (void)name;
    const struct ml_kv *kv = context;
    ml_fail(MLEDGER_EDAMAGED,
            "cannot rewrite ledger '%s': it holds something that is no part of a ledger",
            kv->place.dir);
    return ml_hint("mledger verify");
}

static int copy_tables(struct rewrite *rewrite, struct ml_kv_txn *txn)
{
    ML_TRY(ml_kv_tables_unknown(txn, refuse_table, rewrite->from));
    for (unsigned table = 0; table < rewrite->from->options.table_count; table++) {
        rewrite->table = table;
        ML_TRY(ml_kv_cursor_open(txn, table, &rewrite->cursor));
        int result = copy_batches(rewrite);
        ml_kv_cursor_close(&rewrite->cursor);
        ML_TRY(result);
    }
    return MLEDGER_OK;
}

static int open_second(struct rewrite *rewrite, struct ml_kv **ret)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    ML_TRY(ml_buf_printf(&path, "%s/" TEMPORARY, rewrite->from->place.path));
    ML_TRY(ml_buf_append_char(&path, '\0'));
    ML_TRY(remove_temporary(rewrite));
    if (mkdirat(rewrite->dir, TEMPORARY, TEMPORARY_MODE) != 0)
        return cannot_rewrite(rewrite);
    struct ml_kv_options options = rewrite->from->options;
    options.create = true;
    options.add_tables = false;
    options.map_bytes = rewrite->from->map_bytes;
    return ml_kv_open((char *)path.data, &options, ret);
}

static int write_second(struct rewrite *rewrite)
{
    ML_CLEANUP(ml_kv_closep) struct ml_kv *to = NULL;
    ML_CLEANUP(ml_kv_read_endp) struct ml_kv_txn *txn = NULL;
    ML_TRY(open_second(rewrite, &to));
    rewrite->to = to;
    ML_TRY(ml_kv_read_begin(rewrite->from, &txn));
    return copy_tables(rewrite, txn);
}

static int put_in_place(struct ml_kv *kv, void *context)
{
    const struct rewrite *rewrite = context;
    ML_CLEANUP(ml_closep) int engine = -1;
    ML_TRY(lock_engine(kv, &engine));
    return ml_kv_place_replace(&kv->place, rewrite->dir, TEMPORARY);
}

static int rewrite_store(struct rewrite *rewrite)
{
    struct ml_kv *kv = rewrite->from;
    if (kv->doubt || kv->env == NULL)
        ML_TRY(ml_kv_recover(kv));
    ML_TRY(write_second(rewrite));
    ML_TRY(ml_kv_without_env(kv, put_in_place, rewrite));
    return remove_temporary(rewrite);
}

/* What was begun and failed is taken away again; the error stays the one that made it fail. */
static int fail_clean(const struct rewrite *rewrite)
{
    struct ml_error error;
    ml_error_get(&error);
    (void)!remove_temporary(rewrite);
    return ml_error_set(&error);
}

int ml_kv_rewrite(struct ml_kv *kv, ml_kv_rewrite_fn *fn, void *context)
{
    if (!ml_kv_is_owner(&kv->place.owner))
        return ml_kv_refuse_child(kv);
    if (!kv->alone)
        return ml_fail(MLEDGER_EUSAGE, "cannot rewrite ledger '%s': it is not locked",
                       kv->place.dir);
    struct rewrite rewrite = {.from = kv, .fn = fn, .context = context};
    rewrite.dir = open(kv->place.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (rewrite.dir < 0)
        return cannot_rewrite(&rewrite);
    pthread_mutex_lock(&kv->writer);
    int result = rewrite_store(&rewrite);
    if (result < 0)
        result = fail_clean(&rewrite);
    pthread_mutex_unlock(&kv->writer);
    ml_buf_release(&rewrite.next);
    ml_buf_release(&rewrite.after);
    ml_closep(&rewrite.dir);
    return result;
}
