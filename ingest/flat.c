/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/flat.h"

#include "ingest/value.h"

struct flattening {
    const struct ml_document *document;
    struct ml_flat *flat;
    struct ml_buf key; /* of where it is, without NUL */
};

static void flattening_release(struct flattening *flattening)
{
    ml_buf_release(&flattening->key);
}

void ml_flat_release(struct ml_flat *flat)
{
    free(flat->values);
    ml_pool_release(&flat->pool);
    *flat = (struct ml_flat){0};
}

static int add(struct flattening *flattening, const struct ml_value *value)
{
    struct ml_flat *flat = flattening->flat;
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    struct ml_flat_value one = {0};
    ML_TRY(ml_value_write(value, &text));
    ML_TRY(ml_grow(&flat->values, &flat->cap, flat->count + 1, sizeof *flat->values));
    one.is_number = ml_value_double(value, &one.number);
    one.key = ml_pool_text(&flat->pool, (const char *)flattening->key.data, flattening->key.len);
    one.text = ml_pool_text(&flat->pool, text.len ? (const char *)text.data : "", text.len);
    if (!one.key || !one.text)
        return MLEDGER_ESYSTEM;
    flat->values[flat->count++] = one;
    return MLEDGER_OK;
}

static int flatten(struct flattening *flattening, const struct ml_value *map);

static int take(struct flattening *flattening, const struct ml_entry *entry)
{
    struct ml_buf *key = &flattening->key;
    const size_t before = key->len;
    if (before)
        ML_TRY(ml_buf_append_char(key, '.'));
    const size_t begin = key->len;
    ML_TRY(ml_value_write(entry->key, key));
    if (key->len == begin)
        return ml_value_fail(flattening->document, entry->key, "an empty key");
    if (key->len > ML_FLAT_KEY_MAX)
        return ml_value_fail(flattening->document, entry->key, "a key of more than %d bytes",
                             ML_FLAT_KEY_MAX);
    ML_TRY(ml_value_is(entry->value, ML_VALUE_MAP) ? flatten(flattening, entry->value)
                                                   : add(flattening, entry->value));
    key->len = before;
    return MLEDGER_OK;
}

/* As deep as the readers allow. */
static int flatten(struct flattening *flattening, const struct ml_value *map)
{
    for (size_t i = 0; i < map->count; i++)
        ML_TRY(take(flattening, &map->entries[i]));
    return MLEDGER_OK;
}

int ml_flat_read(const char *path, struct ml_flat *ret_flat)
{
    ML_CLEANUP(ml_document_freep) struct ml_document *document = NULL;
    ML_CLEANUP(ml_flat_release) struct ml_flat flat = {0};
    ML_TRY(ml_document_read_file(path, path, NULL, &document));
    ML_CLEANUP(flattening_release)
    struct flattening flattening = {.document = document, .flat = &flat};
    const struct ml_value *root = document->root;
    const bool is_empty = !root || root->kind == ML_VALUE_NULL;
    if (!is_empty && root->kind != ML_VALUE_MAP)
        return ml_value_fail(document, root, "expected a mapping, found %s",
                             ml_value_kind_name(root->kind));
    if (!is_empty)
        ML_TRY(flatten(&flattening, root));
    *ret_flat = flat;
    flat = (struct ml_flat){0};
    return MLEDGER_OK;
}
