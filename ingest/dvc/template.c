/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/dvc/template.h"

/* ---- scopes ---- */

static int merge(struct ml_document *made, const struct ml_value *into, const struct ml_value *from,
                 const char *source, const struct ml_value **ret_map);

static int merge_entry(struct ml_document *made, struct ml_entry *entries, size_t *count,
                       const struct ml_entry *entry, const struct ml_value *into,
                       const char *source)
{
    const bool is_text = entry->key->kind == ML_VALUE_STRING;
    const struct ml_value *old = is_text && into ? ml_value_get(into, entry->key->text) : NULL;
    if (!old) {
        entries[(*count)++] = *entry;
        return 0;
    }
    if (old->kind != ML_VALUE_MAP || entry->value->kind != ML_VALUE_MAP)
        return ml_value_fail(made, entry->value, "'%s' of %s is defined already", entry->key->text,
                             source);
    for (size_t i = 0; i < *count; i++)
        if (entries[i].value == old && ml_value_is_text(entries[i].key, entry->key->text))
            return merge(made, old, entry->value, source, &entries[i].value);
    return 0;
}

static int merge(struct ml_document *made, const struct ml_value *into, const struct ml_value *from,
                 const char *source, const struct ml_value **ret_map)
{
    const size_t old = into ? into->count : 0;
    ML_CLEANUP(ml_freep)
    struct ml_entry *entries = ml_calloc(old + from->count + 1, sizeof(*entries));
    struct ml_value *map;
    if (!entries)
        return ml_fail_memory();
    size_t count = old;
    if (old > 0)
        memcpy(entries, into->entries, old * sizeof(*entries));
    for (size_t i = 0; i < from->count; i++)
        ML_TRY(merge_entry(made, entries, &count, &from->entries[i], into, source));
    ML_TRY(ml_value_new_map(made, entries, count, from->line, &map));
    *ret_map = map;
    return 0;
}

int ml_dvc_scope_merge(struct ml_dvc_scope *scope, const struct ml_value *map, const char *source)
{
    return merge(scope->made, scope->vars, map, source, &scope->vars);
}

/* ---- expressions ---- */

static const struct ml_value *step(const struct ml_value *value, const char *name, size_t len)
{
    char key[512];
    if (!value || len == 0 || len >= sizeof(key))
        return NULL;
    memcpy(key, name, len);
    key[len] = '\0';
    if (value->kind == ML_VALUE_SEQ) {
        char *end;
        const unsigned long at = strtoul(key, &end, 10);
        const bool is_index = key[0] >= '0' && key[0] <= '9' && *end == '\0';
        return is_index && at < value->count ? value->items[at] : NULL;
    }
    const struct ml_value *found = ml_value_get(value, key);
    for (size_t i = 0; !found && ml_value_is(value, ML_VALUE_MAP) && i < value->count; i++) {
        const struct ml_value *other = value->entries[i].key; /* 1: under the key "1" */
        if (other->kind != ML_VALUE_STRING && other->len == len && !memcmp(other->text, key, len))
            found = value->entries[i].value;
    }
    return found;
}

const struct ml_value *ml_dvc_template_select(const struct ml_value *value, const char *text,
                                              size_t len)
{
    const char *end = text + len;
    while (value && text < end) {
        const char *start = text;
        while (text < end && !strchr(".[]", *text))
            text++;
        if (text > start)
            value = step(value, start, (size_t)(text - start));
        else if (*text == '.' && text + 1 == end)
            return NULL;
        text += text < end;
    }
    return value;
}

static const struct ml_value *look_up(const struct ml_dvc_scope *scope, const char *text,
                                      size_t len)
{
    const size_t first = strcspn(text, ".[]}") < len ? strcspn(text, ".[]}") : len;
    const struct ml_value *base = NULL;
    if (first == 4 && memcmp(text, "item", 4) == 0)
        base = scope->item;
    else if (first == 3 && memcmp(text, "key", 3) == 0)
        base = scope->key;
    if (base)
        return ml_dvc_template_select(base, text + first, len - first);
    return scope->vars && len > 0 ? ml_dvc_template_select(scope->vars, text, len) : NULL;
}

/* One `${name}` in a text. */
struct expression {
    const char *start, *end; /* from '$' to behind '}' */
    const char *name;
    size_t name_len;
};

static bool find_expression(const char *text, const char *from, struct expression *ret_found)
{
    for (const char *at = strstr(from, "${"); at; at = strstr(at + 1, "${")) {
        const size_t len = strcspn(at, "}\n");
        if (at[len] != '}' || (at > text && at[-1] == '\\'))
            continue;
        *ret_found = (struct expression){.start = at, .end = at + len + 1, .name = at + 2};
        ret_found->name += strspn(ret_found->name, " \t");
        ret_found->name_len = (size_t)(at + len - ret_found->name);
        while (ret_found->name_len > 0 && strchr(" \t", ret_found->name[ret_found->name_len - 1]))
            ret_found->name_len--;
        return true;
    }
    return false;
}

static int evaluate(const struct ml_dvc_scope *scope, const struct ml_value *where,
                    const struct expression *expression, const struct ml_value **ret_value)
{
    *ret_value = look_up(scope, expression->name, expression->name_len);
    if (*ret_value)
        return 0;
    return ml_value_fail(scope->made, where, "nothing is known as '%.*s'",
                         (int)(expression->name_len < 200 ? expression->name_len : 200),
                         expression->name);
}

/* ---- values ---- */

static int write_out(const struct ml_dvc_scope *scope, const struct ml_value *where,
                     const struct ml_value *value, bool is_command, struct ml_buf *out)
{
    if (value->kind == ML_VALUE_MAP && is_command)
        return ml_dvc_text_options(value, scope->style, out);
    if (value->kind == ML_VALUE_MAP || value->kind == ML_VALUE_SEQ)
        return ml_value_fail(scope->made, where, "%s cannot stand inside a text",
                             ml_value_kind_name(value->kind));
    return ml_dvc_text_scalar(value, out);
}

/* Appends text between expressions; an escaped "\${" loses its backslash. */
static int append_plain(const char *text, size_t len, struct ml_buf *out)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\\' && i + 2 < len && text[i + 1] == '$' && text[i + 2] == '{')
            continue;
        ML_TRY(ml_buf_append_char(out, text[i]));
    }
    return 0;
}

/* Longest text that expressions may blow up to. */
#define RESOLVED_TEXT_MAX ((size_t)1 << 20)

static int interpolate(const struct ml_dvc_scope *scope, const struct ml_value *value,
                       bool is_command, const struct ml_value **ret_value)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf out = {0};
    const char *at = value->text;
    struct expression found;
    while (find_expression(value->text, at, &found)) {
        const struct ml_value *named;
        ML_TRY(evaluate(scope, value, &found, &named));
        if (found.start == value->text && *found.end == '\0') {
            *ret_value = named;
            return 0;
        }
        ML_TRY(append_plain(at, (size_t)(found.start - at), &out));
        ML_TRY(write_out(scope, value, named, is_command, &out));
        if (out.len > RESOLVED_TEXT_MAX)
            return ml_value_fail(scope->made, value, "a text longer than %zu bytes",
                                 RESOLVED_TEXT_MAX);
        at = found.end;
    }
    ML_TRY(append_plain(at, strlen(at), &out));
    const char *text = ml_pool_text(&scope->made->pool, (const char *)out.data, out.len);
    if (!text)
        return MLEDGER_ESYSTEM;
    *ret_value = ml_value_new_scalar(scope->made, ML_VALUE_STRING, text, out.len, value->line);
    return *ret_value ? 0 : MLEDGER_ESYSTEM;
}

static int resolve_seq(const struct ml_dvc_scope *scope, const struct ml_value *value,
                       bool is_command, const struct ml_value **ret_value)
{
    ML_CLEANUP(ml_freep)
    const struct ml_value **items = ml_calloc(value->count + 1, sizeof(*items));
    if (!items)
        return ml_fail_memory();
    for (size_t i = 0; i < value->count; i++)
        ML_TRY(ml_dvc_template_resolve(scope, value->items[i], is_command, &items[i]));
    *ret_value = ml_value_new_seq(scope->made, items, value->count, value->line);
    return *ret_value ? 0 : MLEDGER_ESYSTEM;
}

static int resolve_map(const struct ml_dvc_scope *scope, const struct ml_value *value,
                       bool is_command, const struct ml_value **ret_value)
{
    ML_CLEANUP(ml_freep) struct ml_entry *entries = ml_calloc(value->count + 1, sizeof(*entries));
    struct ml_value *map;
    if (!entries)
        return ml_fail_memory();
    for (size_t i = 0; i < value->count; i++) {
        const struct ml_entry *entry = &value->entries[i];
        ML_TRY(ml_dvc_template_resolve(scope, entry->key, false, &entries[i].key));
        if (entries[i].key->kind == ML_VALUE_MAP || entries[i].key->kind == ML_VALUE_SEQ)
            return ml_value_fail(scope->made, entry->key, "a key must be a scalar");
        ML_TRY(ml_dvc_template_resolve(scope, entry->value, is_command, &entries[i].value));
    }
    ML_TRY(ml_value_new_map(scope->made, entries, value->count, value->line, &map));
    *ret_value = map;
    return 0;
}

int ml_dvc_template_resolve(const struct ml_dvc_scope *scope, const struct ml_value *value,
                            bool is_command, const struct ml_value **ret_value)
{
    if (value->weight > ML_VALUE_NODES_MAX / 4)
        return ml_value_fail(scope->made, value, "too many values to resolve");
    if (scope->made->pool.used > ML_DVC_MADE_MAX)
        return ml_value_fail(scope->made, value, "its templates make more than %zu bytes",
                             ML_DVC_MADE_MAX);
    switch (value->kind) {
    case ML_VALUE_STRING:
        if (strstr(value->text, "${"))
            return interpolate(scope, value, is_command, ret_value);
        break;
    case ML_VALUE_SEQ:
        return resolve_seq(scope, value, is_command, ret_value);
    case ML_VALUE_MAP:
        return resolve_map(scope, value, is_command, ret_value);
    default:
        break;
    }
    *ret_value = value;
    return 0;
}
