/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/mlflow/pairs.h"

#include "ingest/mlflow/files.h"

static int by_key(const void *a, const void *b)
{
    const struct ml_mlflow_pair *x = a, *y = b;
    return strcmp(x->key, y->key);
}

void ml_mlflow_pairs_sort(struct ml_mlflow_pair *items, size_t count)
{
    if (count)
        qsort(items, count, sizeof *items, by_key);
}

int ml_mlflow_pairs_read(struct ml_mlflow_reader *reader, struct ml_pool *pool, const char *path,
                         struct ml_mlflow_pairs *ret_pairs)
{
    struct ml_mlflow_entries files;
    ML_TRY(ml_mlflow_walk(reader, pool, path, &files));
    struct ml_mlflow_pair *items = ml_pool_alloc(pool, files.count, sizeof *items);
    if (!items)
        return MLEDGER_ESYSTEM;
    size_t count = 0;
    for (size_t i = 0; i < files.count; i++) {
        const char *inside;
        char *value;
        size_t len;
        ML_TRY(ml_mlflow_join(pool, path, files.items[i].name, &inside));
        int code = ml_mlflow_text(reader, pool, inside, ML_MLFLOW_VALUE_MAX, &value, &len);
        if (code < 0)
            ML_TRY(ml_mlflow_leave_out(reader, inside, code));
        else
            items[count++] = (struct ml_mlflow_pair){files.items[i].name, value};
    }
    *ret_pairs = (struct ml_mlflow_pairs){items, count};
    return MLEDGER_OK;
}

int ml_mlflow_pairs_merge(struct ml_pool *pool, const struct ml_mlflow_pairs *pairs,
                          const struct ml_mlflow_pairs *more, struct ml_mlflow_pairs *ret_pairs)
{
    struct ml_mlflow_pair *items = ml_pool_alloc(pool, pairs->count + more->count, sizeof *items);
    if (!items)
        return MLEDGER_ESYSTEM;
    size_t count = 0;
    for (; count < pairs->count; count++)
        items[count] = pairs->items[count];
    for (size_t i = 0; i < more->count; i++)
        if (!ml_mlflow_pairs_get(pairs, more->items[i].key))
            items[count++] = more->items[i];
    ml_mlflow_pairs_sort(items, count);
    *ret_pairs = (struct ml_mlflow_pairs){items, count};
    return MLEDGER_OK;
}

const char *ml_mlflow_pairs_get(const struct ml_mlflow_pairs *pairs, const char *key)
{
    size_t low = 0, high = pairs->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = strcmp(key, pairs->items[middle].key);
        if (order == 0)
            return pairs->items[middle].value;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}
