/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members of a JSON object as MLflow's REST API writes them (protobuf's JSON mapping): what is
 * unset is left out, 64-bit integers are numbers or decimal text, doubles may be "NaN" and
 * "Infinity".
 *
 * All fail with MLEDGER_EINVALID, "WHERE: key: what", or MLEDGER_ESYSTEM when memory is out.
 */
#ifndef ML_INGEST_MLFLOW_MEMBER_H
#define ML_INGEST_MLFLOW_MEMBER_H

#include <jansson.h>

#include "ingest/mlflow/reader.h"

/* An object, and what to call it in errors; both borrowed. NULL stands for an empty object. */
struct ml_mlflow_object {
    const json_t *json;
    const char *where;
};

/* Text in the pool; NULL where there is none. */
int ml_mlflow_member_text(const struct ml_mlflow_object *object, const char *key,
                          struct ml_pool *pool, const char **ret_text) ML_MUST_USE;
/* The same, which must be there and not empty. */
int ml_mlflow_member_id(const struct ml_mlflow_object *object, const char *key,
                        struct ml_pool *pool, const char **ret_text) ML_MUST_USE;
int ml_mlflow_member_int(const struct ml_mlflow_object *object, const char *key, int64_t otherwise,
                         int64_t *ret_number) ML_MUST_USE;
/* Milliseconds, ML_MLFLOW_NO_TIME where there are none. */
int ml_mlflow_member_time(const struct ml_mlflow_object *object, const char *key,
                          int64_t *ret_ms) ML_MUST_USE;
/* "active" or "deleted"; active where nothing is said. */
int ml_mlflow_member_lifecycle(const struct ml_mlflow_object *object, const char *key,
                               enum ml_mlflow_lifecycle *ret_lifecycle) ML_MUST_USE;
/* An object below, empty where there is none. */
int ml_mlflow_member_object(const struct ml_mlflow_object *object, const char *key,
                            struct ml_mlflow_object *ret_below) ML_MUST_USE;
/* An array of objects; NULL, of size 0 to jansson, where there is none. */
int ml_mlflow_member_array(const struct ml_mlflow_object *object, const char *key,
                           const json_t **ret_array) ML_MUST_USE;
/* The array of {"key", "value"}, sorted by key; of a key that stands twice the last one counts. */
int ml_mlflow_member_pairs(const struct ml_mlflow_object *object, const char *key,
                           struct ml_pool *pool, struct ml_mlflow_pairs *ret_pairs) ML_MUST_USE;
/* {"key", "value", "timestamp", "step", …}: a point of a metric. Infinity may come as the largest
 * double, which is how MLflow keeps it in SQL. *ret_key lives in the pool. */
int ml_mlflow_member_point(const struct ml_mlflow_object *metric, struct ml_pool *pool,
                           const char **ret_key, struct ml_mlflow_point *ret_point) ML_MUST_USE;

#endif
