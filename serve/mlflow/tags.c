/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/tags.h"

#include "ledger/core/draft.h"
#include "ledger/query/fields.h"
#include "serve/mlflow/check.h"

int ml_rest_tags_show(struct ml_rest_call *call, uint64_t subject, uint64_t version,
                      Mlflow__KeyValue ***ret_tags, size_t *ret_count)
{
    struct ml_fields fields;
    ML_TRY(ml_fields_read(&call->reader, subject, version, &fields));
    Mlflow__KeyValue **tags = ml_rest_array(call, fields.count);
    size_t count = 0;
    for (size_t i = 0; tags && i < fields.count; i++) {
        if (fields.list[i].kind != ML_FIELD_TAG)
            continue;
        Mlflow__KeyValue *tag = ml_rest_message(call, &mlflow__key_value__descriptor);
        if (!tag)
            break;
        tag->key = ml_rest_const(fields.list[i].key);
        tag->value = ml_rest_const(fields.list[i].value ? fields.list[i].value : "");
        tags[count++] = tag;
    }
    *ret_tags = tags;
    *ret_count = count;
    return ml_rest_check(call);
}

int ml_rest_tag_show(struct ml_rest_call *call, uint64_t subject, uint64_t version, const char *key,
                     const char **ret_value)
{
    struct ml_field field;
    const int result = ml_fields_find(&call->reader, subject, version, ML_FIELD_TAG, key, &field);
    *ret_value = result == MLEDGER_OK ? field.value : NULL;
    return result == MLEDGER_ENOTFOUND ? MLEDGER_OK : result;
}

/* Whether a later one has the same key. */
static bool is_overwritten(Mlflow__KeyValue *const *tags, size_t count, size_t i)
{
    for (size_t k = i + 1; k < count; k++)
        if (tags[k]->key && strcmp(tags[k]->key, tags[i]->key) == 0)
            return true;
    return false;
}

int ml_rest_tags_put(struct ml_draft *draft, Mlflow__KeyValue *const *tags, size_t count,
                     char ***ret_keys, size_t *ret_count)
{
    Mledger__Details *details = draft->details;
    if (count == 0)
        return MLEDGER_OK;
    char **keys = ml_arena_calloc(&draft->arena, count, sizeof *keys);
    details->tag_values = ml_arena_calloc(&draft->arena, count, sizeof *details->tag_values);
    if (!keys || !details->tag_values)
        return ml_arena_fail(&draft->arena, "the request");
    for (size_t i = 0; i < count; i++) {
        const char *value = tags[i]->value ? tags[i]->value : "";
        ML_TRY(ml_rest_check_tag("", tags[i], ML_REST_REGISTRY_TAG_MAX));
        if (is_overwritten(tags, count, i))
            continue;
        ML_TRY(ml_rest_text(draft, tags[i]->key, &keys[*ret_count]));
        ML_TRY(ml_rest_text(draft, value, &details->tag_values[*ret_count]));
        details->n_tag_values = ++*ret_count;
    }
    *ret_keys = keys;
    return MLEDGER_OK;
}

int ml_rest_tags_set(struct ml_rest_call *call, const struct ml_rest_tagged *tagged,
                     Mlflow__KeyValue *const *tags, size_t count)
{
    Mledger__TagsSet *set;
    ML_TRY(ml_rest_draft(call, "tags_set", &set));
    set->has_experiment = tagged->experiment;
    set->has_run = tagged->run;
    set->has_model = tagged->model;
    set->has_logged_model = tagged->logged_model;
    set->has_version = tagged->version != 0;
    set->experiment = set->run = set->model = set->logged_model = tagged->seq;
    set->version = tagged->version;
    ML_TRY(ml_rest_tags_put(ml_rest_last(call), tags, count, &set->tags, &set->n_tags));
    return ml_rest_commit(call);
}

int ml_rest_tag_set(struct ml_rest_call *call, const struct ml_rest_tagged *tagged, const char *key,
                    const char *value)
{
    Mlflow__KeyValue tag = MLFLOW__KEY_VALUE__INIT;
    Mlflow__KeyValue *const tags[] = {&tag};
    tag.key = ml_rest_const(key);
    tag.value = ml_rest_const(value);
    return ml_rest_tags_set(call, tagged, tags, 1);
}

int ml_rest_tag_delete(struct ml_rest_call *call, const struct ml_rest_tagged *tagged,
                       const char *key)
{
    Mledger__TagsDeleted *deleted;
    ML_TRY(ml_rest_check_key("key", key));
    ML_TRY(ml_rest_draft(call, "tags_deleted", &deleted));
    struct ml_draft *draft = ml_rest_last(call);
    deleted->has_experiment = tagged->experiment;
    deleted->has_run = tagged->run;
    deleted->has_model = tagged->model;
    deleted->has_logged_model = tagged->logged_model;
    deleted->has_version = tagged->version != 0;
    deleted->experiment = deleted->run = deleted->model = deleted->logged_model = tagged->seq;
    deleted->version = tagged->version;
    deleted->tags = ml_arena_calloc(&draft->arena, 1, sizeof *deleted->tags);
    if (!deleted->tags)
        return ml_fail_memory();
    deleted->n_tags = 1;
    ML_TRY(ml_rest_text(draft, key, &deleted->tags[0]));
    return ml_rest_commit(call);
}

json_t *ml_rest_tag_list(const char *value)
{
    json_t *list = value ? json_loads(value, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (json_is_array(list))
        return list;
    json_decref(list);
    return json_array();
}
