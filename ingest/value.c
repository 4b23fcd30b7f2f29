/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/value.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

/* Smaller maps are searched one by one. */
#define INDEX_FROM 9

int ml_document_new(const char *name, struct ml_document **ret_document)
{
    struct ml_document *document = calloc(1, sizeof(*document));
    if (!document)
        return ml_fail_memory();
    document->name = ml_pool_text(&document->pool, name, strlen(name));
    if (!document->name) {
        ml_document_free(document);
        return MLEDGER_ESYSTEM;
    }
    *ret_document = document;
    return 0;
}

void ml_document_free(struct ml_document *document)
{
    if (!document)
        return;
    ml_pool_release(&document->pool);
    free(document);
}

void ml_document_freep(struct ml_document **document)
{
    ml_document_free(*document);
}

struct ml_value_limits ml_value_limits_or_default(const struct ml_value_limits *limits)
{
    struct ml_value_limits full = limits ? *limits : (struct ml_value_limits){0};
    if (full.bytes == 0)
        full.bytes = ML_VALUE_BYTES_MAX;
    if (full.depth == 0 || full.depth > ML_VALUE_DEPTH_MAX)
        full.depth = ML_VALUE_DEPTH_MAX;
    if (full.nodes == 0)
        full.nodes = ML_VALUE_NODES_MAX;
    return full;
}

const char *ml_value_kind_name(enum ml_value_kind kind)
{
    static const char *const names[] = {
        [ML_VALUE_NULL] = "null",       [ML_VALUE_BOOL] = "a boolean",
        [ML_VALUE_INT] = "an integer",  [ML_VALUE_FLOAT] = "a number",
        [ML_VALUE_STRING] = "a string", [ML_VALUE_TIMESTAMP] = "a date",
        [ML_VALUE_SEQ] = "a list",      [ML_VALUE_MAP] = "a mapping",
    };
    return names[kind];
}

int ml_value_fail(const struct ml_document *document, const struct ml_value *value,
                  const char *format, ...)
{
    char text[768];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return ml_fail(MLEDGER_EINVALID, "%s:%u: %s", document->name, value ? value->line : 1, text);
}

/* ---- building ---- */

struct ml_value *ml_value_new_scalar(struct ml_document *document, enum ml_value_kind kind,
                                     const char *text, size_t len, uint32_t line)
{
    struct ml_value *value = ml_pool_alloc(&document->pool, 1, sizeof(*value));
    if (value)
        *value =
            (struct ml_value){.kind = kind, .line = line, .text = text, .len = len, .weight = 1};
    return value;
}

struct ml_value *ml_value_new_seq(struct ml_document *document, const struct ml_value *const *items,
                                  size_t count, uint32_t line)
{
    struct ml_value *value = ml_pool_alloc(&document->pool, 1, sizeof(*value));
    const struct ml_value **copy = ml_pool_alloc(&document->pool, count, sizeof(const void *));
    if (!value || !copy)
        return NULL;
    *value = (struct ml_value){.kind = ML_VALUE_SEQ, .line = line, .count = count, .weight = 1};
    value->items = copy;
    for (size_t i = 0; i < count; i++) {
        copy[i] = items[i];
        value->weight += items[i]->weight;
    }
    return value;
}

/* FNV-1a over kind and text. Collisions cost time only within one file's own limits. */
static uint32_t key_hash(enum ml_value_kind kind, const char *text, size_t len)
{
    uint64_t hash = 0xcbf29ce484222325u ^ (unsigned)kind;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (uint8_t)text[i]) * 0x100000001b3u;
    return (uint32_t)(hash ^ (hash >> 32));
}

static bool key_is(const struct ml_value *key, enum ml_value_kind kind, const char *text,
                   size_t len)
{
    if (key->kind != kind || key->len != len)
        return false;
    return len == 0 || memcmp(key->text, text, len) == 0;
}

static const struct ml_entry *find_plain(const struct ml_value *map, size_t count,
                                         enum ml_value_kind kind, const char *text, size_t len)
{
    for (size_t i = 0; i < count; i++)
        if (key_is(map->entries[i].key, kind, text, len))
            return &map->entries[i];
    return NULL;
}

static const struct ml_entry *find(const struct ml_value *map, enum ml_value_kind kind,
                                   const char *text, size_t len)
{
    if (!map->index)
        return find_plain(map, map->count, kind, text, len);
    size_t slot = key_hash(kind, text, len) & (map->slots - 1);
    for (; map->index[slot] != 0; slot = (slot + 1) & (map->slots - 1)) {
        const struct ml_entry *entry = &map->entries[map->index[slot] - 1];
        if (key_is(entry->key, kind, text, len))
            return entry;
    }
    return NULL;
}

static int duplicate(const struct ml_document *document, const struct ml_value *key,
                     const struct ml_value *first)
{
    return ml_value_fail(document, key, "key '%.*s' stands twice, first in line %u",
                         (int)(key->len < 200 ? key->len : 200), key->text ? key->text : "",
                         first->line);
}

static int check_small(const struct ml_document *document, const struct ml_value *map)
{
    for (size_t i = 1; i < map->count; i++) {
        const struct ml_value *key = map->entries[i].key;
        const struct ml_entry *first = find_plain(map, i, key->kind, key->text, key->len);
        if (first)
            return duplicate(document, key, first->key);
    }
    return 0;
}

static int build_index(struct ml_document *document, struct ml_value *map)
{
    size_t slots = 32;
    while (slots < map->count * 2)
        slots *= 2;
    uint32_t *index = ml_pool_alloc(&document->pool, slots, sizeof(*index));
    if (!index)
        return MLEDGER_ESYSTEM;
    map->index = index;
    map->slots = slots;
    for (size_t i = 0; i < map->count; i++) {
        const struct ml_value *key = map->entries[i].key;
        size_t slot = key_hash(key->kind, key->text, key->len) & (slots - 1);
        for (; index[slot] != 0; slot = (slot + 1) & (slots - 1)) {
            const struct ml_value *other = map->entries[index[slot] - 1].key;
            if (key_is(other, key->kind, key->text, key->len))
                return duplicate(document, key, other);
        }
        index[slot] = (uint32_t)(i + 1);
    }
    return 0;
}

int ml_value_new_map(struct ml_document *document, const struct ml_entry *entries, size_t count,
                     uint32_t line, struct ml_value **ret_map)
{
    struct ml_value *map = ml_pool_alloc(&document->pool, 1, sizeof(*map));
    struct ml_entry *copy = ml_pool_alloc(&document->pool, count, sizeof(*copy));
    if (!map || !copy)
        return MLEDGER_ESYSTEM;
    *map = (struct ml_value){.kind = ML_VALUE_MAP, .line = line, .count = count, .weight = 1};
    map->entries = copy;
    for (size_t i = 0; i < count; i++) {
        copy[i] = entries[i];
        map->weight += entries[i].key->weight + entries[i].value->weight;
    }
    if (count < INDEX_FROM)
        ML_TRY(check_small(document, map));
    else
        ML_TRY(build_index(document, map));
    *ret_map = map;
    return 0;
}

/* ---- reading ---- */

const struct ml_value *ml_value_get(const struct ml_value *map, const char *key)
{
    if (!ml_value_is(map, ML_VALUE_MAP))
        return NULL;
    const struct ml_entry *entry = find(map, ML_VALUE_STRING, key, strlen(key));
    return entry ? entry->value : NULL;
}

bool ml_value_is_text(const struct ml_value *value, const char *text)
{
    return ml_value_is(value, ML_VALUE_STRING) && strcmp(value->text, text) == 0;
}

bool ml_value_true(const struct ml_value *value)
{
    if (!ml_value_is(value, ML_VALUE_BOOL))
        return false;
    const char *text = value->text;
    return strchr("tTyY", text[0]) || ((text[0] | 32) == 'o' && (text[1] | 32) == 'n');
}

/* ---- equality ---- */

static bool is_number(const struct ml_value *value)
{
    return value->kind == ML_VALUE_INT || value->kind == ML_VALUE_FLOAT;
}

static bool number_equal(const struct ml_value *a, const struct ml_value *b)
{
    int64_t ia, ib;
    double da, db;
    if (ml_value_int64(a, &ia) && ml_value_int64(b, &ib))
        return ia == ib;
    if (a->kind == ML_VALUE_INT && b->kind == ML_VALUE_INT)
        return strcmp(a->text, b->text) == 0; /* beyond 64 bits */
    if (!ml_value_double(a, &da) || !ml_value_double(b, &db))
        return strcmp(a->text, b->text) == 0; /* 1:30.5 of YAML 1.1 */
    /* Unlike Python, not-a-number equals itself: the question is whether a file changed. */
    return (isnan(da) && isnan(db)) || !(da < db || da > db || isnan(da) || isnan(db));
}

static bool map_equal(const struct ml_value *a, const struct ml_value *b)
{
    for (size_t i = 0; i < a->count; i++) {
        const struct ml_value *key = a->entries[i].key;
        const struct ml_entry *other = find(b, key->kind, key->text, key->len);
        if (!other || !ml_value_equal(a->entries[i].value, other->value))
            return false;
    }
    return true;
}

bool ml_value_equal(const struct ml_value *a, const struct ml_value *b)
{
    if (is_number(a) && is_number(b))
        return number_equal(a, b);
    if (a->kind != b->kind || a->count != b->count)
        return false;
    switch (a->kind) {
    case ML_VALUE_NULL:
        return true;
    case ML_VALUE_BOOL:
        return ml_value_true(a) == ml_value_true(b);
    case ML_VALUE_MAP:
        return map_equal(a, b);
    case ML_VALUE_SEQ:
        for (size_t i = 0; i < a->count; i++)
            if (!ml_value_equal(a->items[i], b->items[i]))
                return false;
        return true;
    default:
        return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
    }
}
