/* SPDX-License-Identifier: Apache-2.0 */
/* The environment: opening it, its errors, and moving its map. */
#include "ledger/store/kv_lmdb.h"

#include <errno.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum {
    PAGES_MIN = 32, /* of the smallest map, besides 4 for each table */
};
#define DISK_ROOM_MIN ((uint64_t)1 << 20)

/* Errors */

static bool disk_is_full(const struct ml_kv *kv)
{
    struct statvfs info;
    return statvfs(kv->place.path, &info) == 0 &&
           (uint64_t)info.f_bavail * info.f_frsize < DISK_ROOM_MIN;
}

int ml_kv_fail(const struct ml_kv *kv, int rc, const char *what)
{
    const char *dir = kv->place.dir;
    switch (rc) {
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
    case MDB_INCOMPATIBLE:
        return ml_fail(MLEDGER_EDAMAGED, "ledger '%s' is damaged: %s", dir, mdb_strerror(rc));
    case MDB_READERS_FULL:
        return ml_fail(MLEDGER_ESYSTEM, "cannot %s ledger '%s': too many readers at once", what,
                       dir);
    case MDB_BAD_TXN:
        return ml_fail(MLEDGER_ESYSTEM, "cannot %s ledger '%s': a call before it failed", what,
                       dir);
    case MDB_PANIC:
        return ml_fail(MLEDGER_ESYSTEM, "cannot %s ledger '%s': a write to it failed", what, dir);
    case EIO: /* also LMDB's word for a write cut short, as a full disk does */
        return ml_fail_errno(disk_is_full(kv) ? ENOSPC : EIO, "cannot %s ledger '%s'", what, dir);
    default:
        break;
    }
    if (rc > 0)
        return ml_fail_errno(rc, "cannot %s ledger '%s'", what, dir);
    return ml_fail(MLEDGER_ESYSTEM, "cannot %s ledger '%s': %s", what, dir, mdb_strerror(rc));
}

int ml_kv_refuse_child(const struct ml_kv *kv)
{
    return ml_fail(
        MLEDGER_EUSAGE,
        "cannot use ledger '%s': it was opened before fork(); open it again in the child",
        kv->place.dir);
}

/* The environment */

static size_t page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static size_t map_bytes_min(const struct ml_kv *kv)
{
    return (PAGES_MIN + 4 * (size_t)kv->options.table_count) * page_bytes();
}

static int open_env_of(struct ml_kv *kv, size_t map_bytes)
{
    MDB_env *env;
    unsigned readers = kv->options.max_readers;
    unsigned flags = MDB_NOTLS | (kv->options.read_only ? MDB_RDONLY : 0);
    int rc = mdb_env_create(&env);
    if (rc != 0)
        return rc;
    if ((rc = mdb_env_set_maxdbs(env, ML_KV_TABLES_MAX)) == 0 &&
        (rc = mdb_env_set_maxreaders(env, readers != 0 ? readers : ML_KV_READERS_DEFAULT)) == 0 &&
        (rc = mdb_env_set_mapsize(env, map_bytes)) == 0 &&
        (rc = mdb_env_open(env, kv->place.path, flags, ML_KV_FILE_MODE)) == 0) {
        kv->env = env;
        return 0;
    }
    mdb_env_close(env);
    return rc;
}

/* Opens the environment with as much of map_bytes as the system grants. */
static int open_env(struct ml_kv *kv)
{
    size_t map_bytes = kv->map_bytes;
    int rc = open_env_of(kv, map_bytes);
    while (rc == ENOMEM && map_bytes / 2 >= map_bytes_min(kv)) {
        map_bytes = map_bytes / 2 / page_bytes() * page_bytes();
        rc = open_env_of(kv, map_bytes);
    }
    if (rc != 0)
        return ml_kv_fail(kv, rc, "open");
    /* Slots of processes that died reading would pin every page freed since. */
    rc = mdb_reader_check(kv->env, NULL);
    if (rc != 0)
        return ml_kv_fail(kv, rc, "open");
    MDB_envinfo info; /* LMDB takes more than was asked for when the file is larger */
    mdb_env_info(kv->env, &info);
    kv->map_bytes = info.me_mapsize;
    return MLEDGER_OK;
}

static int open_table(struct ml_kv *kv, MDB_txn *txn, unsigned table, unsigned flags)
{
    const char *name = kv->options.tables[table];
    unsigned found = 0;
    int rc = mdb_dbi_open(txn, name, flags, &kv->dbi[table]);
    if (rc == 0)
        rc = mdb_dbi_flags(txn, kv->dbi[table], &found);
    if (rc == 0 && found != 0)
        return ml_fail(MLEDGER_EDAMAGED, "ledger '%s' is damaged: table '%s' is of another kind",
                       kv->place.dir, name);
    if (rc == MDB_NOTFOUND)
        return ml_fail(MLEDGER_EDAMAGED, "ledger '%s' is damaged: it has no table '%s'",
                       kv->place.dir, name);
    return rc == 0 ? MLEDGER_OK : ml_kv_fail(kv, rc, "open");
}

static int open_tables_in(struct ml_kv *kv, MDB_txn *txn, unsigned flags)
{
    int rc = mdb_dbi_open(txn, NULL, 0, &kv->main_dbi);
    if (rc != 0)
        return ml_kv_fail(kv, rc, "open");
    for (unsigned i = 0; i < kv->options.table_count; i++)
        ML_TRY(open_table(kv, txn, i, flags));
    return MLEDGER_OK;
}

/* Opens, or with MDB_CREATE also makes, the tables. */
static int open_tables(struct ml_kv *kv, unsigned flags)
{
    MDB_txn *txn;
    int rc = mdb_txn_begin(kv->env, NULL, flags == 0 ? MDB_RDONLY : 0, &txn);
    if (rc != 0)
        return ml_kv_fail(kv, rc, "open");
    int result = open_tables_in(kv, txn, flags);
    if (result < 0) {
        mdb_txn_abort(txn);
        return result;
    }
    rc = mdb_txn_commit(txn); /* for a reader too: an abort would close the tables again */
    return rc == 0 ? MLEDGER_OK : ml_kv_fail(kv, rc, flags == 0 ? "open" : "make");
}

/* The meta pages must be on the disk before any page after them: a loss of power then leaves either
 * a good store or a file that was never written, and not something in between. */
static int start_fresh(struct ml_kv *kv)
{
    int rc = mdb_env_sync(kv->env, 1);
    return rc == 0 ? open_tables(kv, MDB_CREATE) : ml_kv_fail(kv, rc, "make");
}

static int start_env(struct ml_kv *kv, bool may_add)
{
    ML_TRY(open_env(kv));
    if (kv->place.fresh)
        return start_fresh(kv);
    int result = open_tables(kv, 0);
    if (result == MLEDGER_EDAMAGED && may_add)
        return open_tables(kv, MDB_CREATE);
    return result;
}

static void stop_env(struct ml_kv *kv)
{
    ml_kv_drain_readers(kv);
    if (kv->env != NULL)
        mdb_env_close(kv->env);
    kv->env = NULL;
}

/* Moving the map; all with `writer` held */

static int close_gate(struct ml_kv *kv, const char *what)
{
    int rc = ml_gate_close(&kv->gate, kv->options.wait_ms);
    if (rc == ETIMEDOUT)
        return ml_fail(MLEDGER_ESYSTEM,
                       "cannot %s ledger '%s': a reader of this process has not finished in %u ms",
                       what, kv->place.dir, kv->options.wait_ms);
    return rc == 0 ? MLEDGER_OK : ml_fail_errno(rc, "cannot %s ledger '%s'", what, kv->place.dir);
}

/* Gate closed: leaves kv->env NULL when it fails. */
static int restart_env(struct ml_kv *kv)
{
    stop_env(kv);
    ML_TRY(ml_kv_place_recheck(&kv->place));
    int result = start_env(kv, false);
    int rc = 0;
    /* What LMDB wrote to take the failed commit back must be on the disk before anything else is.
     */
    if (result == MLEDGER_OK && !kv->options.read_only && (rc = mdb_env_sync(kv->env, 1)) != 0)
        result = ml_kv_fail(kv, rc, "write to");
    if (result < 0)
        stop_env(kv);
    else
        kv->doubt = false;
    return result;
}

int ml_kv_recover(struct ml_kv *kv)
{
    ML_TRY(close_gate(kv, "reopen"));
    int result = restart_env(kv);
    ml_gate_open(&kv->gate);
    return result;
}

int ml_kv_without_env(struct ml_kv *kv, int (*fn)(struct ml_kv *kv, void *context), void *context)
{
    ML_TRY(close_gate(kv, "rewrite"));
    stop_env(kv);
    int result = fn(kv, context);
    struct ml_error error;
    ml_error_get(&error);
    int restarted = restart_env(kv);
    ml_gate_open(&kv->gate);
    if (result < 0)
        return ml_error_set(&error);
    return restarted < 0 ? restarted : result;
}

int ml_kv_resize(struct ml_kv *kv, size_t map_bytes)
{
    ML_TRY(close_gate(kv, "grow"));
    int rc = mdb_env_set_mapsize(kv->env, map_bytes);
    int result = MLEDGER_OK;
    if (rc == 0) {
        MDB_envinfo info;
        mdb_env_info(kv->env, &info);
        kv->map_bytes = info.me_mapsize;
    } else {
        result = restart_env(kv); /* LMDB has let go of the old map */
        if (result == MLEDGER_OK && map_bytes != 0)
            result = ml_kv_fail(kv, rc, "grow");
    }
    ml_gate_open(&kv->gate);
    return result;
}

int ml_kv_grow(struct ml_kv *kv)
{
    int dead = 0;
    if (mdb_reader_check(kv->env, &dead) == 0 && dead > 0)
        return MLEDGER_OK; /* a dead reader had kept pages from being used again */
    if (kv->map_bytes > ML_KV_MAP_MAX / 2)
        return ml_fail(MLEDGER_ESYSTEM, "cannot grow ledger '%s' beyond %zu bytes", kv->place.dir,
                       kv->map_bytes);
    return ml_kv_resize(kv, kv->map_bytes * 2);
}

/* Opening and closing */

static int check_options(const char *dir, const struct ml_kv_options *options)
{
    if (options->table_count == 0 || options->table_count > ML_KV_TABLES_MAX ||
        options->map_bytes > ML_KV_MAP_MAX ||
        (options->read_only && (options->create || options->add_tables)))
        return ml_fail(MLEDGER_EUSAGE, "cannot open ledger '%s': the options contradict", dir);
    return MLEDGER_OK;
}

static int init_locks(struct ml_kv *kv)
{
    int rc = ml_gate_init(&kv->gate);
    if (rc != 0)
        return rc;
    rc = pthread_mutex_init(&kv->writer, NULL);
    if (rc == 0) {
        rc = pthread_mutex_init(&kv->pool_lock, NULL);
        if (rc != 0)
            pthread_mutex_destroy(&kv->writer);
    }
    if (rc != 0)
        ml_gate_release(&kv->gate);
    return rc;
}

static void free_kv(struct ml_kv *kv)
{
    stop_env(kv);
    ml_kv_place_release(&kv->place);
    ml_gate_release(&kv->gate);
    pthread_mutex_destroy(&kv->writer);
    pthread_mutex_destroy(&kv->pool_lock);
    free(kv);
}

static int open_kv(struct ml_kv *kv, const char *dir, const struct ml_kv_options *options)
{
    kv->options = *options;
    if (kv->options.wait_ms == 0)
        kv->options.wait_ms = ML_KV_WAIT_MS_DEFAULT;
    kv->map_bytes = options->map_bytes != 0 ? options->map_bytes : ML_KV_MAP_DEFAULT;
    if (kv->map_bytes < map_bytes_min(kv))
        kv->map_bytes = map_bytes_min(kv);
    kv->map_bytes = (kv->map_bytes + page_bytes() - 1) / page_bytes() * page_bytes();
    kv->write.kv = kv;
    kv->write.writing = true;
    ML_TRY(ml_kv_place_open(&kv->place, dir,
                            options->create      ? ML_KV_PLACE_CREATE
                            : options->read_only ? ML_KV_PLACE_READ
                                                 : ML_KV_PLACE_WRITE));
    int result = start_env(kv, options->create || options->add_tables);
    if (result < 0) {
        stop_env(kv); /* before the claim on the file is given up */
        return result;
    }
    return ml_kv_place_settle(&kv->place);
}

int ml_kv_open(const char *dir, const struct ml_kv_options *options, struct ml_kv **ret)
{
    ML_TRY(check_options(dir, options));
    struct ml_kv *kv = ml_calloc(1, sizeof *kv);
    if (kv == NULL)
        return ml_fail_memory();
    int rc = init_locks(kv);
    if (rc != 0) {
        free(kv);
        return ml_fail_errno(rc, "cannot open ledger '%s'", dir);
    }
    int result = open_kv(kv, dir, options);
    if (result < 0)
        free_kv(kv);
    else
        *ret = kv;
    return result;
}

void ml_kv_close(struct ml_kv *kv)
{
    /* In a child the map, the descriptors and the reader slots are the parent's: left alone. */
    if (kv != NULL && ml_kv_is_owner(&kv->place.owner))
        free_kv(kv);
}
