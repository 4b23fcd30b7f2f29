/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/attack/forge/store.h"

#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TABLES_MAX = 32, MAP_SPARE = 256 << 20 };

/* Where LMDB 0.9 keeps these in a meta page, on a machine with 64 bits. */
enum { META_PAGE_SIZE = 40, META_TXN = 144 };

struct store {
    MDB_env *env;
    MDB_txn *txn;
};

static void check(int rc, const char *what)
{
    if (rc != 0)
        die("cannot %s: %s", what, mdb_strerror(rc));
}

static size_t size_of(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0)
        die("there is no '%s'", path);
    return (size_t)status.st_size;
}

static const char *data_file(const char *dir)
{
    return (const char *)bytes_join2(bytes_text(dir), bytes_copy("/data.mdb", 10)).data;
}

struct store *store_open(const char *dir, bool writing)
{
    struct store *store = bytes_alloc(sizeof *store);
    size_t map = size_of(data_file(dir)) + MAP_SPARE;
    check(mdb_env_create(&store->env), "make an environment");
    check(mdb_env_set_maxdbs(store->env, TABLES_MAX), "set the tables");
    check(mdb_env_set_mapsize(store->env, map / 4096 * 4096), "set the map");
    unsigned flags = writing ? MDB_NOSYNC : MDB_RDONLY;
    check(mdb_env_open(store->env, dir, flags, 0640), "open the ledger");
    check(mdb_txn_begin(store->env, NULL, writing ? 0 : MDB_RDONLY, &store->txn), "begin");
    return store;
}

void store_commit(struct store *store)
{
    check(mdb_txn_commit(store->txn), "commit");
    store->txn = NULL;
}

void store_close(struct store *store)
{
    if (store->txn)
        mdb_txn_abort(store->txn);
    mdb_env_close(store->env);
}

static MDB_dbi open_table(struct store *store, const char *table, unsigned flags)
{
    MDB_dbi dbi;
    check(mdb_dbi_open(store->txn, table, flags, &dbi), table);
    return dbi;
}

static MDB_val val(struct bytes bytes)
{
    return (MDB_val){.mv_size = bytes.len, .mv_data = (void *)(uintptr_t)bytes.data};
}

bool store_get(struct store *store, const char *table, struct bytes key, struct bytes *ret_value)
{
    MDB_val k = val(key), v;
    int rc = mdb_get(store->txn, open_table(store, table, 0), &k, &v);
    if (rc == MDB_NOTFOUND)
        return false;
    check(rc, "read");
    *ret_value = bytes_copy(v.mv_data, v.mv_size);
    return true;
}

void store_put(struct store *store, const char *table, struct bytes key, struct bytes value)
{
    MDB_val k = val(key), v = val(value);
    check(mdb_put(store->txn, open_table(store, table, 0), &k, &v, 0), "write");
}

void store_delete(struct store *store, const char *table, struct bytes key)
{
    MDB_val k = val(key);
    check(mdb_del(store->txn, open_table(store, table, 0), &k, NULL), "delete");
}

void store_make_table(struct store *store, const char *table)
{
    open_table(store, table, MDB_CREATE);
}

void store_drop_table(struct store *store, const char *table)
{
    check(mdb_drop(store->txn, open_table(store, table, 0), 1), "drop");
}

size_t store_count(struct store *store, const char *table)
{
    MDB_stat status;
    check(mdb_stat(store->txn, open_table(store, table, 0), &status), "count");
    return status.ms_entries;
}

struct bytes *store_keys(struct store *store, const char *table, size_t *ret_count)
{
    size_t count = store_count(store, table), i = 0;
    struct bytes *keys = bytes_alloc((count + 1) * sizeof *keys);
    MDB_cursor *cursor;
    MDB_val key, value;
    check(mdb_cursor_open(store->txn, open_table(store, table, 0), &cursor), "read");
    while (i < count && mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0)
        keys[i++] = bytes_copy(key.mv_data, key.mv_size);
    mdb_cursor_close(cursor);
    *ret_count = i;
    return keys;
}

static void read_at(int fd, void *out, size_t len, off_t at)
{
    if (pread(fd, out, len, at) != (ssize_t)len)
        die("the file is too short");
}

void store_forget_newest(const char *dir)
{
    int fd = open(data_file(dir), O_RDWR | O_CLOEXEC);
    uint32_t page;
    uint64_t txns[2];
    if (fd < 0)
        die("cannot open the data file of '%s'", dir);
    read_at(fd, &page, sizeof page, META_PAGE_SIZE);
    for (unsigned i = 0; i < 2; i++)
        read_at(fd, &txns[i], sizeof txns[i], (off_t)(i * page) + META_TXN);
    unsigned newest = txns[1] > txns[0];
    uint64_t lowered = txns[newest] - 2;
    if (txns[newest] - txns[!newest] != 1 || (lowered ^ txns[newest]) > 0xff)
        die("one byte does not do it");
    if (pwrite(fd, &lowered, 1, (off_t)(newest * page) + META_TXN) != 1)
        die("cannot write");
    close(fd);
}
