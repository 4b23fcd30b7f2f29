/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/mlflow/yaml_field.h"

#include "ingest/mlflow/pairs.h"
#include "ingest/yaml.h"

void ml_mlflow_yaml_release(struct ml_mlflow_yaml *yaml)
{
    ml_document_free(yaml->document);
}

int ml_mlflow_yaml_init(struct ml_mlflow_yaml *yaml, struct ml_pool *pool, struct ml_span span,
                        const char *name)
{
    const struct ml_yaml_options options = {
        .schema = ML_YAML_1_1,
        .limits.bytes = ML_MLFLOW_META_MAX,
    };
    ML_TRY(ml_yaml_parse(span, name, &options, &yaml->document));
    yaml->pool = pool;
    yaml->root = yaml->document->root;
    if (ml_value_is(yaml->root, ML_VALUE_MAP))
        return MLEDGER_OK;
    return ml_fail(MLEDGER_EINVALID, "%s:1: expected 'key: value' lines", name);
}

bool ml_mlflow_yaml_is_scalar(const struct ml_value *value)
{
    return value->kind != ML_VALUE_SEQ && value->kind != ML_VALUE_MAP;
}

int ml_mlflow_yaml_copy(const struct ml_mlflow_yaml *yaml, const struct ml_value *value,
                        const char **ret_text)
{
    ML_TRY(ml_mlflow_room(yaml->pool, value->len + 1, yaml->document->name));
    const char *copy = ml_pool_text(yaml->pool, value->text, value->len);
    if (!copy)
        return MLEDGER_ESYSTEM;
    *ret_text = copy;
    return MLEDGER_OK;
}

int ml_mlflow_yaml_text(const struct ml_mlflow_yaml *yaml, const char *key, const char **ret_text)
{
    const struct ml_value *value = ml_value_get(yaml->root, key);
    if (!value || value->kind == ML_VALUE_NULL) {
        *ret_text = NULL;
        return MLEDGER_OK;
    }
    if (!ml_mlflow_yaml_is_scalar(value))
        return ml_value_fail(yaml->document, value, "expected text for '%s', found %s", key,
                             ml_value_kind_name(value->kind));
    return ml_mlflow_yaml_copy(yaml, value, ret_text);
}

int ml_mlflow_yaml_needed(const struct ml_mlflow_yaml *yaml, const char *key, const char **ret_text)
{
    const char *text = NULL;
    ML_TRY(ml_mlflow_yaml_text(yaml, key, &text));
    if (!text)
        return ml_value_fail(yaml->document, yaml->root, "'%s' is missing", key);
    if (!*text)
        return ml_value_fail(yaml->document, ml_value_get(yaml->root, key), "'%s' is empty", key);
    *ret_text = text;
    return MLEDGER_OK;
}

static int time_ms(const struct ml_mlflow_yaml *yaml, const char *key, int64_t *ret_ms)
{
    int64_t ms = ML_MLFLOW_NO_TIME;
    ML_TRY(ml_value_opt_int64(yaml->document, yaml->root, key, &ms));
    *ret_ms = ms;
    return MLEDGER_OK;
}

static int lifecycle(const struct ml_mlflow_yaml *yaml, const char *key,
                     enum ml_mlflow_lifecycle *ret_lifecycle)
{
    const char *text = NULL;
    ML_TRY(ml_mlflow_yaml_text(yaml, key, &text));
    if (!text || strcmp(text, "active") == 0)
        *ret_lifecycle = ML_MLFLOW_ACTIVE;
    else if (strcmp(text, "deleted") == 0)
        *ret_lifecycle = ML_MLFLOW_DELETED;
    else
        return ml_value_fail(yaml->document, ml_value_get(yaml->root, key),
                             "expected 'active' or 'deleted' for '%s', found '%.80s'", key, text);
    return MLEDGER_OK;
}

int ml_mlflow_yaml_fields(const struct ml_mlflow_yaml *yaml, const struct ml_mlflow_field *fields,
                          size_t count, void *entity)
{
    for (size_t i = 0; i < count; i++) {
        void *member = (char *)entity + fields[i].offset;
        switch (fields[i].type) {
        case ML_MLFLOW_FIELD_TEXT:
            ML_TRY(ml_mlflow_yaml_text(yaml, fields[i].key, member));
            break;
        case ML_MLFLOW_FIELD_NEEDED:
            ML_TRY(ml_mlflow_yaml_needed(yaml, fields[i].key, member));
            break;
        case ML_MLFLOW_FIELD_TIME:
            ML_TRY(time_ms(yaml, fields[i].key, member));
            break;
        case ML_MLFLOW_FIELD_LIFECYCLE:
            ML_TRY(lifecycle(yaml, fields[i].key, member));
            break;
        }
    }
    return MLEDGER_OK;
}

int ml_mlflow_yaml_tags(const struct ml_mlflow_yaml *yaml, struct ml_mlflow_pairs *ret_tags)
{
    const struct ml_value *tags = ml_value_get(yaml->root, "tags");
    if (!ml_value_is(tags, ML_VALUE_MAP)) {
        *ret_tags = (struct ml_mlflow_pairs){0};
        return MLEDGER_OK;
    }
    ML_TRY(ml_mlflow_room(yaml->pool, tags->count * sizeof(struct ml_mlflow_pair),
                          yaml->document->name));
    struct ml_mlflow_pair *items = ml_pool_alloc(yaml->pool, tags->count, sizeof *items);
    if (!items)
        return MLEDGER_ESYSTEM;
    for (size_t i = 0; i < tags->count; i++) {
        const struct ml_entry *entry = &tags->entries[i];
        if (!ml_mlflow_yaml_is_scalar(entry->key) || !ml_mlflow_yaml_is_scalar(entry->value))
            return ml_value_fail(yaml->document, entry->key, "expected 'name: text' in 'tags'");
        ML_TRY(ml_mlflow_yaml_copy(yaml, entry->key, &items[i].key));
        ML_TRY(ml_mlflow_yaml_copy(yaml, entry->value, &items[i].value));
    }
    ml_mlflow_pairs_sort(items, tags->count);
    *ret_tags = (struct ml_mlflow_pairs){items, tags->count};
    return MLEDGER_OK;
}

int ml_mlflow_yaml_enum(const struct ml_mlflow_yaml *yaml, const char *key,
                        const struct ml_mlflow_names *names, const char *text, int *ret_number)
{
    if (ml_mlflow_names_find(names, text, ret_number))
        return MLEDGER_OK;
    return ml_value_fail(yaml->document, ml_value_get(yaml->root, key), "unknown %s '%.80s'", key,
                         text);
}
