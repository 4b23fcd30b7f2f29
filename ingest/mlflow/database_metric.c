/* SPDX-License-Identifier: Apache-2.0 */
/* Histories of metrics in a database. */
#include <math.h>

#include "ingest/mlflow/database_part.h"
#include "ingest/mlflow/point.h"

/* Rows stand in the order of writing, which is that of a file store's lines. */
static const struct ml_sql_query metrics_of_run = {
    .table = "metrics",
    .columns =
        (const char *const[]){"key", "value", "timestamp", "run_uuid", "step", "is_nan", NULL},
    .required = 4,
    .where = "run_uuid = ?1",
    .order = "key, rowid",
};
static const struct ml_sql_query metrics_of_model = {
    .table = "logged_model_metrics",
    .columns =
        (const char *const[]){"metric_name", "metric_value", "metric_timestamp_ms", "model_id",
                              "metric_step", "run_id", "dataset_name", "dataset_digest", NULL},
    .required = 4,
    .where = "model_id = ?1",
    .order = "metric_name, rowid",
};
enum { METRIC_KEY, METRIC_VALUE, METRIC_TIME, METRIC_OWNER, METRIC_STEP };
enum { RUN_METRIC_IS_NAN = METRIC_STEP + 1 };
enum { MODEL_METRIC_RUN = METRIC_STEP + 1, MODEL_METRIC_DATASET, MODEL_METRIC_DIGEST };

/* Reads what is particular to one of the two tables. */
typedef int point_reader(const struct ml_sql_rows *rows, struct ml_pool *pool,
                         struct ml_mlflow_point *point);

/* NaN stands as 0 with a flag: no SQL column holds it. */
static int read_run_point(const struct ml_sql_rows *rows, struct ml_pool *pool,
                          struct ml_mlflow_point *point)
{
    int64_t is_nan;
    (void)pool;
    ML_TRY(ml_sql_integer(rows, RUN_METRIC_IS_NAN, 0, &is_nan));
    if (is_nan)
        point->value = (double)NAN;
    return MLEDGER_OK;
}

static int read_model_point(const struct ml_sql_rows *rows, struct ml_pool *pool,
                            struct ml_mlflow_point *point)
{
    ML_TRY(ml_mlflow_row_text(rows, MODEL_METRIC_RUN, pool, &point->run_id));
    ML_TRY(ml_mlflow_row_text(rows, MODEL_METRIC_DATASET, pool, &point->dataset_name));
    return ml_mlflow_row_text(rows, MODEL_METRIC_DIGEST, pool, &point->dataset_digest);
}

static int read_point(const struct ml_sql_rows *rows, point_reader *read_rest, struct ml_pool *pool,
                      struct ml_mlflow_point *point)
{
    *point = (struct ml_mlflow_point){0};
    ML_TRY(ml_sql_double(rows, METRIC_VALUE, (double)NAN, &point->value));
    ML_TRY(ml_sql_integer(rows, METRIC_TIME, 0, &point->timestamp_ms));
    ML_TRY(ml_sql_integer(rows, METRIC_STEP, 0, &point->step));
    ML_TRY(read_rest(rows, pool, point));
    return ml_mlflow_point_put(pool, point->value, point);
}

/* All points of one owner, those of one key behind each other. */
struct points {
    struct ml_mlflow_rows points, metrics;
};

static void points_release(struct points *all)
{
    ml_mlflow_rows_release(&all->points);
    ml_mlflow_rows_release(&all->metrics);
}

static int add_point(struct points *all, const char *key, const struct ml_mlflow_point *point)
{
    struct ml_mlflow_rows *points = &all->points, *metrics = &all->metrics;
    ML_TRY(ml_grow(&points->items, &points->cap, points->count + 1, sizeof *point));
    ((struct ml_mlflow_point *)points->items)[points->count++] = *point;
    struct ml_mlflow_metric *newest = metrics->items;
    if (metrics->count && strcmp(newest[metrics->count - 1].key, key) == 0) {
        newest[metrics->count - 1].count++;
        return MLEDGER_OK;
    }
    ML_TRY(ml_grow(&metrics->items, &metrics->cap, metrics->count + 1, sizeof *newest));
    newest = metrics->items;
    newest[metrics->count++] = (struct ml_mlflow_metric){.key = key, .count = 1};
    return MLEDGER_OK;
}

static int read_row(struct ml_mlflow_database *database, const struct ml_sql_rows *rows,
                    point_reader *read_rest, struct ml_pool *pool, const char *path,
                    struct points *all)
{
    struct ml_mlflow_point point;
    const char *key;
    ML_TRY(ml_mlflow_room(pool, 0, path));
    int code = ml_mlflow_row_id(rows, METRIC_KEY, pool, &key);
    if (code >= 0)
        code = read_point(rows, read_rest, pool, &point);
    if (code < 0)
        return ml_mlflow_leave_out(database->reader, path, code);
    return add_point(all, key, &point);
}

static int keep_metrics(const struct points *all, struct ml_pool *pool, const char *path,
                        struct ml_mlflow_metrics *ret_metrics)
{
    const struct ml_mlflow_point *points =
        ml_mlflow_rows_keep(&all->points, sizeof *points, pool, path);
    struct ml_mlflow_metric *metrics =
        ml_mlflow_rows_keep(&all->metrics, sizeof *metrics, pool, path);
    if (!points || !metrics)
        return ml_failed();
    for (size_t i = 0; i < all->metrics.count; i++) {
        metrics[i].points = points;
        points += metrics[i].count;
    }
    *ret_metrics = (struct ml_mlflow_metrics){metrics, all->metrics.count};
    return MLEDGER_OK;
}

static int read_metrics(struct ml_mlflow_database *database, const struct ml_sql_query *query,
                        point_reader *read_rest, const char *owner, struct ml_pool *pool,
                        const char *path, struct ml_mlflow_metrics *ret_metrics)
{
    ML_CLEANUP(points_release) struct points all = {0};
    ML_CLEANUP(ml_sql_rows_endp) struct ml_sql_rows *rows = NULL;
    ML_TRY(ml_sql_select(database->sql, query, &(struct ml_sql_values){{owner}}, &rows));
    int more;
    while ((more = ml_sql_next(rows)) > 0)
        ML_TRY(read_row(database, rows, read_rest, pool, path, &all));
    ML_TRY(more);
    return keep_metrics(&all, pool, path, ret_metrics);
}

int ml_mlflow_database_metrics(struct ml_mlflow_database *database, const char *run_id,
                               struct ml_pool *pool, const char *path,
                               struct ml_mlflow_metrics *ret_metrics)
{
    return read_metrics(database, &metrics_of_run, read_run_point, run_id, pool, path, ret_metrics);
}

int ml_mlflow_database_model_metrics(struct ml_mlflow_database *database, const char *model_id,
                                     struct ml_pool *pool, const char *path,
                                     struct ml_mlflow_metrics *ret_metrics)
{
    return read_metrics(database, &metrics_of_model, read_model_point, model_id, pool, path,
                        ret_metrics);
}
