/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/filter_key.h"

#include <strings.h>

#include "serve/mlflow/error.h"

static const struct {
    const char *word;
    enum ml_rest_entity entity;
} entities[] = {
    {"metric", ML_REST_METRIC},
    {"metrics", ML_REST_METRIC},
    {"param", ML_REST_PARAM},
    {"params", ML_REST_PARAM},
    {"parameter", ML_REST_PARAM},
    {"parameters", ML_REST_PARAM},
    {"tag", ML_REST_TAG},
    {"tags", ML_REST_TAG},
    {"attribute", ML_REST_ATTRIBUTE},
    {"attributes", ML_REST_ATTRIBUTE},
    {"attr", ML_REST_ATTRIBUTE},
    {"run", ML_REST_ATTRIBUTE},
    {"dataset", ML_REST_DATASET},
    {"datasets", ML_REST_DATASET},
};

/* What a key is about; *key moves behind "metrics.". False: what stands before the point is no kind
 * of key. */
static bool take_entity(const char **key, enum ml_rest_entity *ret_entity)
{
    const size_t len = strcspn(*key, ".");
    *ret_entity = ML_REST_ATTRIBUTE;
    if ((*key)[len] == '\0')
        return true;
    for (size_t i = 0; i < ML_COUNT(entities); i++) {
        if (strlen(entities[i].word) == len && strncasecmp(entities[i].word, *key, len) == 0) {
            *key += len + 1;
            *ret_entity = entities[i].entity;
            return true;
        }
    }
    return false;
}

static bool has_entity(const struct ml_rest_searchable *what, enum ml_rest_entity entity)
{
    switch (entity) {
    case ML_REST_METRIC:
        return what->has_metrics;
    case ML_REST_PARAM:
        return what->has_params;
    case ML_REST_DATASET:
        return what->has_datasets;
    default:
        return true;
    }
}

enum { QUOTE_MAX = 64 };

static int refuse_entity(const struct ml_rest_searchable *what, const char *word)
{
    const size_t prefix = strcspn(word, ".");
    const int len = prefix < QUOTE_MAX ? (int)prefix : QUOTE_MAX;
    if (!what->has_metrics && !what->has_params)
        return ml_rest_refuse(ML_REST_INVALID,
                              "Invalid entity type '%.*s'. Valid entity types are ('attribute', "
                              "'tag', 'tags')",
                              len, word);
    return ml_rest_refuse(ML_REST_INVALID,
                          "Invalid entity type '%.*s'. Valid values are ['metric', 'parameter', "
                          "'tag', 'attribute', 'dataset']",
                          len, word);
}

static bool may_be_used(const struct ml_rest_attribute *attribute, enum ml_rest_use use)
{
    return attribute->use == ML_REST_ANY_USE || attribute->use == use;
}

static int refuse_attribute(const struct ml_rest_searchable *what, enum ml_rest_use use,
                            const char *name)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf list = {0};
    const char *noun =
        use == ML_REST_TO_ORDER && what->order_key ? what->order_key : "attribute key";
    for (const struct ml_rest_attribute *one = what->attributes; one->name; one++)
        if (may_be_used(one, use))
            ML_TRY(ml_buf_printf(&list, "%s'%s'", list.len ? ", " : "", one->name));
    return ml_rest_refuse(ML_REST_INVALID, "Invalid %s '%.64s' specified. Valid keys are '{%.*s}'",
                          noun, name, (int)list.len, (const char *)list.data);
}

static int find_attribute(const struct ml_rest_searchable *what, enum ml_rest_use use,
                          const char *name, const struct ml_rest_attribute **ret_attribute)
{
    for (const struct ml_rest_attribute *one = what->attributes; one->name; one++) {
        if (may_be_used(one, use) && (strcasecmp(one->name, name) == 0 ||
                                      (one->other && strcasecmp(one->other, name) == 0))) {
            *ret_attribute = one;
            return MLEDGER_OK;
        }
    }
    return refuse_attribute(what, use, name);
}

static int check_dataset_key(const char *key)
{
    static const char *const keys[] = {"name", "digest", "context"};
    for (size_t i = 0; i < ML_COUNT(keys); i++)
        if (strcasecmp(key, keys[i]) == 0)
            return MLEDGER_OK;
    return ml_rest_refuse(ML_REST_INVALID,
                          "Invalid dataset key '%.64s' specified. Valid keys are '{'name', "
                          "'digest', 'context'}'",
                          key);
}

int ml_rest_key_read(const struct ml_rest_searchable *what, enum ml_rest_use use, const char *word,
                     enum ml_rest_entity *ret_entity,
                     const struct ml_rest_attribute **ret_attribute, const char **ret_key)
{
    *ret_key = word;
    if (!take_entity(ret_key, ret_entity) || !has_entity(what, *ret_entity))
        return refuse_entity(what, word);
    if (**ret_key == '\0')
        return ml_rest_refuse(ML_REST_INVALID, "Invalid identifier '%.64s': it names no key", word);
    if (*ret_entity == ML_REST_DATASET)
        return check_dataset_key(*ret_key);
    return *ret_entity == ML_REST_ATTRIBUTE ? find_attribute(what, use, *ret_key, ret_attribute)
                                            : MLEDGER_OK;
}
