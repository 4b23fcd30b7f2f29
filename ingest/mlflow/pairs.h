/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parameters and tags: a folder in which each file is named by the key and holds the value; a key
 * with slashes is a file in nested folders.
 */
#ifndef ML_INGEST_MLFLOW_PAIRS_H
#define ML_INGEST_MLFLOW_PAIRS_H

#include "ingest/mlflow/reader.h"

/* All pairs below the folder `path` (none when it is missing); those that cannot be read are left
 * out. */
int ml_mlflow_pairs_read(struct ml_mlflow_reader *reader, struct ml_pool *pool, const char *path,
                         struct ml_mlflow_pairs *ret_pairs) ML_MUST_USE;

/* `pairs` and those of `more` whose key it lacks. */
int ml_mlflow_pairs_merge(struct ml_pool *pool, const struct ml_mlflow_pairs *pairs,
                          const struct ml_mlflow_pairs *more,
                          struct ml_mlflow_pairs *ret_pairs) ML_MUST_USE;

/* Sorts by key. */
void ml_mlflow_pairs_sort(struct ml_mlflow_pair *items, size_t count);

#endif
