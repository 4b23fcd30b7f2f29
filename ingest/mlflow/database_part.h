/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the database's reader share. */
#ifndef ML_INGEST_MLFLOW_DATABASE_PART_H
#define ML_INGEST_MLFLOW_DATABASE_PART_H

#include "ingest/mlflow/database.h"
#include "ledger/core/hash.h"

struct ml_mlflow_database {
    struct ml_mlflow_reader *reader;
    struct ml_sql *sql;
    const struct ml_mlflow_visitor *visitor;
};

/* Elements being collected, of one size; moved into a pool at the end. */
struct ml_mlflow_rows {
    void *items;
    size_t count, cap;
};
static inline void ml_mlflow_rows_release(struct ml_mlflow_rows *rows)
{
    free(rows->items);
}
/* The elements, of `size` bytes each, copied into the pool. NULL, with the error set: memory is out
 * (MLEDGER_ESYSTEM), or `path`, to which they belong, takes too much of it (MLEDGER_EINVALID). */
void *ml_mlflow_rows_keep(const struct ml_mlflow_rows *rows, size_t size, struct ml_pool *pool,
                          const char *path) ML_MUST_USE;

/* A text column of at most ML_MLFLOW_VALUE_MAX bytes, and one of at most ML_MLFLOW_META_MAX. */
int ml_mlflow_row_text(const struct ml_sql_rows *rows, size_t column, struct ml_pool *pool,
                       const char **ret_text) ML_MUST_USE;
int ml_mlflow_row_long_text(const struct ml_sql_rows *rows, size_t column, struct ml_pool *pool,
                            const char **ret_text) ML_MUST_USE;
/* The same, but MLEDGER_EINVALID where there is none or an empty one. */
int ml_mlflow_row_id(const struct ml_sql_rows *rows, size_t column, struct ml_pool *pool,
                     const char **ret_text) ML_MUST_USE;
/* Milliseconds, ML_MLFLOW_NO_TIME where there are none. */
int ml_mlflow_row_time(const struct ml_sql_rows *rows, size_t column, int64_t *ret_ms) ML_MUST_USE;
/* "active" or "deleted"; active where nothing is said. */
int ml_mlflow_row_lifecycle(const struct ml_sql_rows *rows, size_t column, struct ml_pool *pool,
                            enum ml_mlflow_lifecycle *ret_lifecycle) ML_MUST_USE;
/* NAME, or WORKSPACE/NAME outside the workspace "default". */
int ml_mlflow_row_name(const struct ml_sql_rows *rows, size_t name, size_t workspace,
                       struct ml_pool *pool, const char **ret_name) ML_MUST_USE;

/* Pairs whose key and value are the first two columns of the query, sorted by key. */
int ml_mlflow_database_pairs(struct ml_mlflow_database *database, const struct ml_sql_query *query,
                             const struct ml_sql_values *values, struct ml_pool *pool,
                             const char *path, struct ml_mlflow_pairs *ret_pairs) ML_MUST_USE;

/* database_run.c: what a run logged; its row was read. */
int ml_mlflow_database_run(struct ml_mlflow_database *database, struct ml_pool *pool,
                           struct ml_mlflow_run *run) ML_MUST_USE;
/* 1: an earlier visit saw the same of the run, which has ended; 0: it is to be read; or an error.
 */
int ml_mlflow_database_run_is_remembered(struct ml_mlflow_database *database,
                                         const struct ml_mlflow_run *run) ML_MUST_USE;
/* For prints (memory.h). MLEDGER_ESYSTEM as the hasher. */
int ml_mlflow_hash_pairs(struct ml_hasher *hasher, const struct ml_mlflow_pairs *pairs) ML_MUST_USE;
/* database_metric.c: histories, by key, each in the order of writing. */
int ml_mlflow_database_metrics(struct ml_mlflow_database *database, const char *run_id,
                               struct ml_pool *pool, const char *path,
                               struct ml_mlflow_metrics *ret_metrics) ML_MUST_USE;
int ml_mlflow_database_model_metrics(struct ml_mlflow_database *database, const char *model_id,
                                     struct ml_pool *pool, const char *path,
                                     struct ml_mlflow_metrics *ret_metrics) ML_MUST_USE;
/* database_artifact.c: the files of EXPERIMENT/`owner` beside the database, if they are there. */
int ml_mlflow_database_artifacts(struct ml_mlflow_database *database, const char *experiment_id,
                                 const char *owner, struct ml_pool *pool,
                                 struct ml_mlflow_artifacts *ret_artifacts) ML_MUST_USE;
/* database_registry.c: registered models by name. */
int ml_mlflow_database_registry(struct ml_mlflow_database *database) ML_MUST_USE;

#endif
