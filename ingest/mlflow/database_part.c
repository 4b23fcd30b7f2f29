/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/mlflow/database_part.h"

#include "ingest/mlflow/pairs.h"

void *ml_mlflow_rows_keep(const struct ml_mlflow_rows *rows, size_t size, struct ml_pool *pool,
                          const char *path)
{
    if (ml_mlflow_room(pool, rows->count * size, path) < 0)
        return NULL;
    void *items = ml_pool_alloc(pool, rows->count, size);
    if (items && rows->count)
        memcpy(items, rows->items, rows->count * size);
    return items;
}

int ml_mlflow_row_text(const struct ml_sql_rows *rows, size_t column, struct ml_pool *pool,
                       const char **ret_text)
{
    return ml_sql_text(rows, column, ML_MLFLOW_VALUE_MAX, pool, ret_text);
}

int ml_mlflow_row_long_text(const struct ml_sql_rows *rows, size_t column, struct ml_pool *pool,
                            const char **ret_text)
{
    return ml_sql_text(rows, column, ML_MLFLOW_META_MAX, pool, ret_text);
}

int ml_mlflow_row_id(const struct ml_sql_rows *rows, size_t column, struct ml_pool *pool,
                     const char **ret_text)
{
    ML_TRY(ml_mlflow_row_text(rows, column, pool, ret_text));
    return *ret_text && **ret_text ? MLEDGER_OK : ml_sql_fail(rows, column, "is empty");
}

int ml_mlflow_row_time(const struct ml_sql_rows *rows, size_t column, int64_t *ret_ms)
{
    return ml_sql_integer(rows, column, ML_MLFLOW_NO_TIME, ret_ms);
}

int ml_mlflow_row_lifecycle(const struct ml_sql_rows *rows, size_t column, struct ml_pool *pool,
                            enum ml_mlflow_lifecycle *ret_lifecycle)
{
    const char *text;
    ML_TRY(ml_mlflow_row_text(rows, column, pool, &text));
    if (!text || strcmp(text, "active") == 0)
        *ret_lifecycle = ML_MLFLOW_ACTIVE;
    else if (strcmp(text, "deleted") == 0)
        *ret_lifecycle = ML_MLFLOW_DELETED;
    else
        return ml_sql_fail(rows, column, "is neither active nor deleted");
    return MLEDGER_OK;
}

int ml_mlflow_row_name(const struct ml_sql_rows *rows, size_t name, size_t workspace,
                       struct ml_pool *pool, const char **ret_name)
{
    const char *text, *space;
    ML_TRY(ml_mlflow_row_id(rows, name, pool, &text));
    ML_TRY(ml_mlflow_row_text(rows, workspace, pool, &space));
    if (space && strcmp(space, "default") != 0)
        text = ml_pool_printf(pool, "%s/%s", space, text);
    *ret_name = text;
    return text ? MLEDGER_OK : MLEDGER_ESYSTEM;
}

static int read_pair(const struct ml_sql_rows *rows, struct ml_pool *pool,
                     struct ml_mlflow_rows *pairs)
{
    struct ml_mlflow_pair pair;
    ML_TRY(ml_mlflow_row_text(rows, 0, pool, &pair.key));
    ML_TRY(ml_mlflow_row_text(rows, 1, pool, &pair.value));
    if (!pair.key)
        return ml_sql_fail(rows, 0, "is NULL");
    if (!pair.value)
        pair.value = "";
    ML_TRY(ml_grow(&pairs->items, &pairs->cap, pairs->count + 1, sizeof pair));
    ((struct ml_mlflow_pair *)pairs->items)[pairs->count++] = pair;
    return MLEDGER_OK;
}

int ml_mlflow_database_pairs(struct ml_mlflow_database *database, const struct ml_sql_query *query,
                             const struct ml_sql_values *values, struct ml_pool *pool,
                             const char *path, struct ml_mlflow_pairs *ret_pairs)
{
    ML_CLEANUP(ml_mlflow_rows_release) struct ml_mlflow_rows pairs = {0};
    ML_CLEANUP(ml_sql_rows_endp) struct ml_sql_rows *rows = NULL;
    ML_TRY(ml_sql_select(database->sql, query, values, &rows));
    int more;
    while ((more = ml_sql_next(rows)) > 0) {
        ML_TRY(ml_mlflow_room(pool, 0, path));
        const int code = read_pair(rows, pool, &pairs);
        if (code < 0)
            ML_TRY(ml_mlflow_leave_out(database->reader, path, code));
    }
    ML_TRY(more);
    ml_mlflow_pairs_sort(pairs.items, pairs.count);
    struct ml_mlflow_pair *items = ml_mlflow_rows_keep(&pairs, sizeof *items, pool, path);
    if (!items)
        return ml_failed();
    *ret_pairs = (struct ml_mlflow_pairs){items, pairs.count};
    return MLEDGER_OK;
}
