/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/kv_store.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const kv_tables[KV_TABLES] = {"records", "index", "meta"};

void kv_dir_make(char dir[KV_DIR_MAX])
{
    const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(dir, KV_DIR_MAX, "%s/mledger-kv-XXXXXX", base);
    if (mkdtemp(dir) == NULL)
        abort();
}

void kv_dir_remove(const char *dir)
{
    DIR *stream = opendir(dir);
    if (stream != NULL) {
        for (const struct dirent *e; (e = readdir(stream)) != NULL;)
            (void)unlinkat(dirfd(stream), e->d_name, 0);
        closedir(stream);
    }
    (void)rmdir(dir);
}

void kv_path(char path[KV_PATH_MAX], const char *dir, const char *name)
{
    snprintf(path, KV_PATH_MAX, "%s/%s", dir, name);
}

struct ml_kv_options kv_options(bool create)
{
    return (struct ml_kv_options){
        .tables = kv_tables,
        .table_count = KV_TABLES,
        .create = create,
        .wait_ms = 2000,
    };
}

struct pair {
    unsigned table;
    const char *key;
    const char *value;
};

static int put_pair(struct ml_kv_txn *txn, void *context)
{
    const struct pair *pair = context;
    return ml_kv_put(txn, pair->table, kv_text(pair->key), kv_text(pair->value));
}

int kv_put_text(struct ml_kv *kv, unsigned table, const char *key, const char *value)
{
    struct pair pair = {table, key, value};
    return ml_kv_update(kv, put_pair, &pair);
}

bool kv_has_text(struct ml_kv *kv, unsigned table, const char *key, const char *value)
{
    ML_CLEANUP(ml_kv_read_endp) struct ml_kv_txn *txn = NULL;
    struct ml_span found;
    if (ml_kv_read_begin(kv, &txn) < 0)
        return false;
    int result = ml_kv_get(txn, table, kv_text(key), &found);
    if (value == NULL)
        return result == MLEDGER_ENOTFOUND;
    return result == MLEDGER_OK && ml_span_equal(found, kv_text(value));
}
