/* SPDX-License-Identifier: Apache-2.0 */
/* Typed reading of what a map holds, with sentences for what is not as expected. */
#include "ingest/value.h"

static int wrong_kind(const struct ml_document *document, const struct ml_value *value,
                      enum ml_value_kind kind, const char *key)
{
    return ml_value_fail(document, value, "expected %s for '%s', found %s",
                         ml_value_kind_name(kind), key, ml_value_kind_name(value->kind));
}

int ml_value_opt_kind(const struct ml_document *document, const struct ml_value *map,
                      const char *key, enum ml_value_kind kind, const struct ml_value **ret_value)
{
    const struct ml_value *value = ml_value_get(map, key);
    if (value && value->kind == ML_VALUE_NULL)
        value = NULL;
    if (value && value->kind != kind)
        return wrong_kind(document, value, kind, key);
    *ret_value = value;
    return 0;
}

static int missing(const struct ml_document *document, const struct ml_value *map, const char *key)
{
    return ml_value_fail(document, map, "'%s' is missing", key);
}

int ml_value_opt_text(const struct ml_document *document, const struct ml_value *map,
                      const char *key, const char **ret_text)
{
    const struct ml_value *value = NULL;
    ML_TRY(ml_value_opt_kind(document, map, key, ML_VALUE_STRING, &value));
    if (value)
        *ret_text = value->text;
    return 0;
}

int ml_value_opt_written(const struct ml_document *document, const struct ml_value *map,
                         const char *key, const char **ret_text)
{
    const struct ml_value *value = ml_value_get(map, key);
    if (!value || value->kind == ML_VALUE_NULL)
        return 0;
    if (value->kind == ML_VALUE_SEQ || value->kind == ML_VALUE_MAP)
        return wrong_kind(document, value, ML_VALUE_STRING, key);
    *ret_text = value->text;
    return 0;
}

int ml_value_want_text(const struct ml_document *document, const struct ml_value *map,
                       const char *key, const char **ret_text)
{
    const struct ml_value *value = NULL;
    ML_TRY(ml_value_opt_kind(document, map, key, ML_VALUE_STRING, &value));
    if (!value)
        return missing(document, map, key);
    *ret_text = value->text;
    return 0;
}

int ml_value_opt_bool(const struct ml_document *document, const struct ml_value *map,
                      const char *key, bool *ret_bool)
{
    const struct ml_value *value = NULL;
    ML_TRY(ml_value_opt_kind(document, map, key, ML_VALUE_BOOL, &value));
    if (value)
        *ret_bool = ml_value_true(value);
    return 0;
}

int ml_value_opt_int64(const struct ml_document *document, const struct ml_value *map,
                       const char *key, int64_t *ret_int)
{
    const struct ml_value *value = NULL;
    ML_TRY(ml_value_opt_kind(document, map, key, ML_VALUE_INT, &value));
    if (value && !ml_value_int64(value, ret_int))
        return ml_value_fail(document, value, "'%s' is out of range: %.60s", key, value->text);
    return 0;
}

int ml_value_want_int64(const struct ml_document *document, const struct ml_value *map,
                        const char *key, int64_t *ret_int)
{
    const struct ml_value *value = ml_value_get(map, key);
    if (!value || value->kind == ML_VALUE_NULL)
        return missing(document, map, key);
    return ml_value_opt_int64(document, map, key, ret_int);
}
