/* SPDX-License-Identifier: Apache-2.0 */
/* foreach and matrix: one definition, many stages. Their names are DVC's: the value itself in a
 * list of scalars, the index in any other list, the key in a mapping, values joined by '-' in
 * a matrix. */
#include "ingest/dvc/pipeline.h"

/* Combinations of one matrix. */
#define MATRIX_MAX ((size_t)20000)

static bool is_container(const struct ml_value *value)
{
    return value->kind == ML_VALUE_SEQ || value->kind == ML_VALUE_MAP;
}

/* "NAME@KEY", with the key as text in *ret_key. */
static int group_name(struct ml_dvc_pipeline *pipeline, const char *name, struct ml_buf *key,
                      const char **ret_name, const struct ml_value **ret_key)
{
    struct ml_pool *pool = &pipeline->made->pool;
    const char *text = ml_pool_text(pool, (const char *)key->data, key->len);
    *ret_name = text ? ml_pool_printf(pool, "%s@%s", name, text) : NULL;
    *ret_key =
        text ? ml_value_new_scalar(pipeline->made, ML_VALUE_STRING, text, key->len, 1) : NULL;
    return *ret_name && *ret_key ? 0 : MLEDGER_ESYSTEM;
}

static int emit(struct ml_dvc_pipeline *pipeline, const char *name, struct ml_buf *key,
                const struct ml_value *item, bool has_key, const struct ml_value *definition,
                ml_dvc_stage_sink sink)
{
    const char *full;
    const struct ml_value *key_value;
    struct ml_dvc_scope scope = pipeline->scope;
    ML_TRY(group_name(pipeline, name, key, &full, &key_value));
    scope.item = item;
    scope.key = has_key ? key_value : NULL;
    return sink(pipeline, full, definition, &scope);
}

static bool has_containers(const struct ml_value *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (is_container(list->items[i]))
            return true;
    return false;
}

static int each(struct ml_dvc_pipeline *pipeline, const char *name, const struct ml_value *over,
                const struct ml_value *definition, ml_dvc_stage_sink sink)
{
    const bool is_map = over->kind == ML_VALUE_MAP;
    const bool by_index = !is_map && has_containers(over);
    for (size_t i = 0; i < over->count; i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf key = {0};
        const struct ml_value *item = is_map ? over->entries[i].value : over->items[i];
        if (by_index)
            ML_TRY(ml_buf_printf(&key, "%zu", i));
        else
            ML_TRY(ml_dvc_text_scalar(is_map ? over->entries[i].key : item, &key));
        ML_TRY(emit(pipeline, name, &key, item, is_map, definition, sink));
    }
    return 0;
}

static int expand_foreach(struct ml_dvc_pipeline *pipeline, const char *name,
                          const struct ml_value *definition, ml_dvc_stage_sink sink)
{
    const struct ml_value *over;
    const struct ml_value *body = ml_value_get(definition, "do");
    if (!ml_value_is(body, ML_VALUE_MAP))
        return ml_value_fail(pipeline->yaml, definition, "stage '%s' has 'foreach' without 'do'",
                             name);
    ML_TRY(ml_dvc_template_resolve(&pipeline->scope, ml_value_get(definition, "foreach"), false,
                                   &over));
    if (!is_container(over))
        return ml_value_fail(pipeline->yaml, definition,
                             "'foreach' of stage '%s' needs a list or a mapping, found %s", name,
                             ml_value_kind_name(over->kind));
    return each(pipeline, name, over, body, sink);
}

/* One combination: the digits[i]-th value of each list. */
static int emit_combination(struct ml_dvc_pipeline *pipeline, const char *name,
                            const struct ml_value *matrix, const size_t *digits,
                            const struct ml_value *definition, ml_dvc_stage_sink sink)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf key = {0};
    ML_CLEANUP(ml_freep) struct ml_entry *chosen = ml_calloc(matrix->count + 1, sizeof(*chosen));
    struct ml_value *item;
    if (!chosen)
        return ml_fail_memory();
    for (size_t i = 0; i < matrix->count; i++) {
        chosen[i].key = matrix->entries[i].key;
        chosen[i].value = matrix->entries[i].value->items[digits[i]];
        if (i > 0)
            ML_TRY(ml_buf_append_char(&key, '-'));
        if (is_container(chosen[i].value))
            ML_TRY(ml_buf_printf(&key, "%s%zu", chosen[i].key->text, digits[i]));
        else
            ML_TRY(ml_dvc_text_scalar(chosen[i].value, &key));
    }
    ML_TRY(ml_value_new_map(pipeline->made, chosen, matrix->count, matrix->line, &item));
    return emit(pipeline, name, &key, item, true, definition, sink);
}

static int check_matrix(struct ml_dvc_pipeline *pipeline, const char *name,
                        const struct ml_value *matrix, size_t *ret_total)
{
    size_t total = 1;
    if (matrix->kind != ML_VALUE_MAP || matrix->count == 0)
        return ml_value_fail(pipeline->yaml, matrix, "'matrix' of stage '%s' needs a mapping",
                             name);
    for (size_t i = 0; i < matrix->count; i++) {
        const struct ml_value *list = matrix->entries[i].value;
        if (list->kind != ML_VALUE_SEQ)
            return ml_value_fail(pipeline->yaml, list, "'matrix' of stage '%s' needs lists", name);
        total *= list->count;
        if (total > MATRIX_MAX)
            return ml_value_fail(pipeline->yaml, matrix,
                                 "'matrix' of stage '%s' has more than %zu combinations", name,
                                 MATRIX_MAX);
    }
    *ret_total = total;
    return 0;
}

static int expand_matrix(struct ml_dvc_pipeline *pipeline, const char *name,
                         const struct ml_value *definition, ml_dvc_stage_sink sink)
{
    const struct ml_value *matrix;
    size_t total = 0;
    ML_TRY(ml_dvc_template_resolve(&pipeline->scope, ml_value_get(definition, "matrix"), false,
                                   &matrix));
    ML_TRY(check_matrix(pipeline, name, matrix, &total));
    ML_CLEANUP(ml_freep) size_t *digits = ml_calloc(matrix->count, sizeof(*digits));
    if (!digits)
        return ml_fail_memory();
    while (total-- > 0) {
        ML_TRY(emit_combination(pipeline, name, matrix, digits, definition, sink));
        /* The last list turns fastest. */
        for (size_t i = matrix->count; i-- > 0;) {
            if (++digits[i] < matrix->entries[i].value->count)
                break;
            digits[i] = 0;
        }
    }
    return 0;
}

int ml_dvc_expand(struct ml_dvc_pipeline *pipeline, const char *name,
                  const struct ml_value *definition, ml_dvc_stage_sink sink)
{
    if (ml_value_get(definition, "foreach"))
        return expand_foreach(pipeline, name, definition, sink);
    if (ml_value_get(definition, "matrix"))
        return expand_matrix(pipeline, name, definition, sink);
    return sink(pipeline, name, definition, &pipeline->scope);
}
