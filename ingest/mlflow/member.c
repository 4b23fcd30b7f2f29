/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/mlflow/member.h"

#include "ingest/mlflow/number.h"
#include "ingest/mlflow/pairs.h"
#include "ingest/mlflow/point.h"

static int fail(const struct ml_mlflow_object *object, const char *key, const char *what)
{
    return ml_fail(MLEDGER_EINVALID, "%s: %s: %s", object->where, key, what);
}

static const json_t *get(const struct ml_mlflow_object *object, const char *key)
{
    const json_t *json = json_object_get(object->json, key);
    return json_is_null(json) ? NULL : json;
}

int ml_mlflow_member_text(const struct ml_mlflow_object *object, const char *key,
                          struct ml_pool *pool, const char **ret_text)
{
    const json_t *json = get(object, key);
    *ret_text = NULL;
    if (!json)
        return MLEDGER_OK;
    if (!json_is_string(json))
        return fail(object, key, "expected text");
    const size_t len = json_string_length(json);
    ML_TRY(ml_mlflow_room(pool, len + 1, object->where));
    *ret_text = ml_pool_text(pool, json_string_value(json), len);
    return *ret_text ? MLEDGER_OK : MLEDGER_ESYSTEM;
}

int ml_mlflow_member_id(const struct ml_mlflow_object *object, const char *key,
                        struct ml_pool *pool, const char **ret_text)
{
    ML_TRY(ml_mlflow_member_text(object, key, pool, ret_text));
    return *ret_text && **ret_text ? MLEDGER_OK : fail(object, key, "missing");
}

int ml_mlflow_member_int(const struct ml_mlflow_object *object, const char *key, int64_t otherwise,
                         int64_t *ret_number)
{
    const json_t *json = get(object, key);
    if (!json)
        *ret_number = otherwise;
    else if (json_is_integer(json))
        *ret_number = json_integer_value(json);
    else if (!json_is_string(json) || !ml_mlflow_int64(json_string_value(json), ret_number))
        return fail(object, key, "expected an integer");
    return MLEDGER_OK;
}

int ml_mlflow_member_time(const struct ml_mlflow_object *object, const char *key, int64_t *ret_ms)
{
    return ml_mlflow_member_int(object, key, ML_MLFLOW_NO_TIME, ret_ms);
}

int ml_mlflow_member_lifecycle(const struct ml_mlflow_object *object, const char *key,
                               enum ml_mlflow_lifecycle *ret_lifecycle)
{
    const json_t *json = get(object, key);
    const char *text = json ? json_string_value(json) : "active";
    if (text && strcmp(text, "active") == 0)
        *ret_lifecycle = ML_MLFLOW_ACTIVE;
    else if (text && strcmp(text, "deleted") == 0)
        *ret_lifecycle = ML_MLFLOW_DELETED;
    else
        return fail(object, key, "neither active nor deleted");
    return MLEDGER_OK;
}

int ml_mlflow_member_object(const struct ml_mlflow_object *object, const char *key,
                            struct ml_mlflow_object *ret_below)
{
    const json_t *json = get(object, key);
    if (json && !json_is_object(json))
        return fail(object, key, "expected an object");
    *ret_below = (struct ml_mlflow_object){json, object->where};
    return MLEDGER_OK;
}

int ml_mlflow_member_array(const struct ml_mlflow_object *object, const char *key,
                           const json_t **ret_array)
{
    const json_t *json = get(object, key);
    if (json && !json_is_array(json))
        return fail(object, key, "expected an array");
    for (size_t i = 0; i < json_array_size(json); i++)
        if (!json_is_object(json_array_get(json, i)))
            return fail(object, key, "expected an array of objects");
    *ret_array = json;
    return MLEDGER_OK;
}

static size_t drop_repeated(struct ml_mlflow_pair *items, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept && strcmp(items[kept - 1].key, items[i].key) == 0)
            kept--;
        items[kept++] = items[i];
    }
    return kept;
}

int ml_mlflow_member_pairs(const struct ml_mlflow_object *object, const char *key,
                           struct ml_pool *pool, struct ml_mlflow_pairs *ret_pairs)
{
    const json_t *array;
    ML_TRY(ml_mlflow_member_array(object, key, &array));
    const size_t count = json_array_size(array);
    struct ml_mlflow_pair *items = ml_pool_alloc(pool, count, sizeof *items);
    if (!items)
        return MLEDGER_ESYSTEM;
    for (size_t i = 0; i < count; i++) {
        const struct ml_mlflow_object one = {json_array_get(array, i), object->where};
        ML_TRY(ml_mlflow_member_text(&one, "key", pool, &items[i].key));
        ML_TRY(ml_mlflow_member_text(&one, "value", pool, &items[i].value));
        if (!items[i].key)
            return fail(object, key, "a pair has no key");
        if (!items[i].value)
            items[i].value = "";
    }
    ml_mlflow_pairs_sort(items, count);
    *ret_pairs = (struct ml_mlflow_pairs){items, drop_repeated(items, count)};
    return MLEDGER_OK;
}

/* A metric's value that is 0 may be left out, as the mapping does with defaults. */
static int read_value(const struct ml_mlflow_object *metric, double *ret_value)
{
    const json_t *json = get(metric, "value");
    if (!json)
        *ret_value = 0;
    else if (json_is_number(json))
        *ret_value = json_number_value(json);
    else if (!json_is_string(json) || !ml_mlflow_double(json_string_value(json), ret_value))
        return fail(metric, "value", "expected a number");
    return MLEDGER_OK;
}

int ml_mlflow_member_point(const struct ml_mlflow_object *metric, struct ml_pool *pool,
                           const char **ret_key, struct ml_mlflow_point *ret_point)
{
    struct ml_mlflow_point point = {0};
    ML_TRY(ml_mlflow_member_id(metric, "key", pool, ret_key));
    ML_TRY(ml_mlflow_member_int(metric, "timestamp", 0, &point.timestamp_ms));
    ML_TRY(ml_mlflow_member_int(metric, "step", 0, &point.step));
    ML_TRY(ml_mlflow_member_text(metric, "dataset_name", pool, &point.dataset_name));
    ML_TRY(ml_mlflow_member_text(metric, "dataset_digest", pool, &point.dataset_digest));
    double value;
    ML_TRY(read_value(metric, &value));
    ML_TRY(ml_mlflow_point_put(pool, value, &point));
    *ret_point = point;
    return MLEDGER_OK;
}
