/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/catalog_field.h"

#include <math.h>

#include "ledger/query/fields.h"

/* ---- texts ---- */

int ml_catalog_set_text(const char **place, const char *text)
{
    char *copy = text ? strdup(text) : NULL;
    if (text && !copy)
        return ml_fail_memory();
    ml_catalog_free_text(*place);
    *place = copy;
    return MLEDGER_OK;
}

void ml_catalog_free_text(const char *text)
{
    free((void *)(uintptr_t)text);
}

/* ---- fields ---- */

static void release_field(struct ml_catalog_field *field)
{
    ml_catalog_free_text(field->key);
    ml_catalog_free_text(field->text);
}

void ml_catalog_fields_release(struct ml_catalog_fields *fields)
{
    for (size_t i = 0; i < fields->count; i++)
        release_field(&fields->list[i]);
    free(fields->list);
}

static int compare_place(const struct ml_catalog_field *field, enum ml_field_kind kind,
                         const char *key)
{
    if (field->kind != kind)
        return field->kind < kind ? -1 : 1;
    return strcmp(field->key, key);
}

/* Where the field is, or would be. */
static size_t place_of(const struct ml_catalog_fields *fields, enum ml_field_kind kind,
                       const char *key, bool *ret_there)
{
    size_t low = 0, high = fields->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare_place(&fields->list[middle], kind, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_there = low < fields->count && compare_place(&fields->list[low], kind, key) == 0;
    return low;
}

const struct ml_catalog_field *ml_catalog_field(const struct ml_catalog_fields *fields,
                                                enum ml_field_kind kind, const char *key)
{
    bool is_there;
    const size_t place = place_of(fields, kind, key, &is_there);
    return is_there ? &fields->list[place] : NULL;
}

int ml_catalog_fields_take(struct ml_catalog_fields *fields, enum ml_field_kind kind,
                           const char *key, struct ml_catalog_field **ret_field, bool *ret_new)
{
    bool is_there;
    const size_t place = place_of(fields, kind, key, &is_there);
    *ret_new = !is_there;
    if (!is_there) {
        struct ml_catalog_field field = {.kind = kind, .number = NAN};
        ML_TRY(ml_grow(&fields->list, &fields->cap, fields->count + 1, sizeof *fields->list));
        ML_TRY(ml_catalog_set_text(&field.key, key));
        memmove(&fields->list[place + 1], &fields->list[place],
                (fields->count - place) * sizeof *fields->list);
        fields->list[place] = field;
        fields->count++;
    }
    *ret_field = &fields->list[place];
    return MLEDGER_OK;
}

int ml_catalog_fields_set(struct ml_catalog_fields *fields, enum ml_field_kind kind,
                          char *const *keys, size_t count, const Mledger__Details *details,
                          uint64_t seq)
{
    for (size_t i = 0; i < count; i++) {
        struct ml_catalog_field *field;
        bool is_new;
        const char *value = kind == ML_FIELD_PARAM ? ml_field_param_value(details, i)
                                                   : ml_field_tag_value(details, i);
        ML_TRY(ml_catalog_fields_take(fields, kind, keys[i], &field, &is_new));
        ML_TRY(ml_catalog_set_text(&field->text, value));
        field->seq = seq;
    }
    return MLEDGER_OK;
}

void ml_catalog_fields_drop_tags(struct ml_catalog_fields *fields, char *const *keys, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool is_there;
        const size_t place = place_of(fields, ML_FIELD_TAG, keys[i], &is_there);
        if (!is_there)
            continue;
        release_field(&fields->list[place]);
        fields->count--;
        memmove(&fields->list[place], &fields->list[place + 1],
                (fields->count - place) * sizeof *fields->list);
    }
}

int ml_catalog_fields_forget(struct ml_catalog_fields *fields, uint64_t seq)
{
    for (size_t i = 0; i < fields->count; i++) {
        if (fields->list[i].seq != seq)
            continue;
        ML_TRY(ml_catalog_set_text(&fields->list[i].text, NULL));
        fields->list[i].number = NAN;
    }
    return MLEDGER_OK;
}
