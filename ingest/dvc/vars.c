/* SPDX-License-Identifier: Apache-2.0 */
/* The variables of dvc.yaml: params.yaml by default, then `vars`, which names files, keys in
 * files, or says values itself. */
#include "ingest/dvc/path.h"
#include "ingest/dvc/pipeline.h"

#define DEFAULT_FILE "params.yaml"

static int load_file(struct ml_dvc_pipeline *pipeline, const char *path,
                     struct ml_document **ret_document)
{
    const int result = ml_dvc_reader_document(pipeline->reader, path, ret_document);
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail(MLEDGER_EINVALID, "%s: there is no '%s' with its variables", pipeline->file,
                       path);
    return result;
}

/* Only the keys of the comma-separated list `keys`. */
static int merge_keys(struct ml_dvc_pipeline *pipeline, struct ml_dvc_scope *scope,
                      const struct ml_value *root, const char *path, const char *keys)
{
    struct ml_pool *pool = &pipeline->made->pool;
    while (*keys) {
        const size_t len = strcspn(keys, ",");
        const char *key = ml_pool_text(pool, keys, len);
        if (!key)
            return MLEDGER_ESYSTEM;
        struct ml_entry entry = {.value = ml_value_get(root, key)};
        struct ml_value *map;
        if (len > 0 && !entry.value)
            return ml_fail(MLEDGER_EINVALID, "%s: '%s' has no '%s'", pipeline->file, path, key);
        if (len > 0) {
            entry.key = ml_value_new_scalar(pipeline->made, ML_VALUE_STRING, key, len, 1);
            if (!entry.key)
                return MLEDGER_ESYSTEM;
            ML_TRY(ml_value_new_map(pipeline->made, &entry, 1, root->line, &map));
            ML_TRY(ml_dvc_scope_merge(scope, map, path));
        }
        keys += len + (keys[len] == ',');
    }
    return 0;
}

static int merge_file(struct ml_dvc_pipeline *pipeline, struct ml_dvc_scope *scope, const char *dir,
                      const char *text, bool default_done)
{
    struct ml_pool *pool = &pipeline->made->pool;
    struct ml_document *document;
    const char *colon = strchr(text, ':');
    const char *keys = colon ? colon + 1 : "";
    const char *name = ml_pool_text(pool, text, colon ? (size_t)(colon - text) : strlen(text));
    const char *path = name ? ml_dvc_path_join(pool, dir, name) : NULL;
    const char *usual = path ? ml_dvc_path_join(pool, dir, DEFAULT_FILE) : NULL;
    if (!usual)
        return MLEDGER_ESYSTEM;
    if (default_done && strcmp(path, usual) == 0)
        return 0;
    ML_TRY(load_file(pipeline, path, &document));
    if (document->root->kind != ML_VALUE_MAP)
        return ml_value_fail(document, document->root, "expected a mapping of variables");
    if (strspn(keys, ",") < strlen(keys))
        return merge_keys(pipeline, scope, document->root, path, keys);
    return ml_dvc_scope_merge(scope, document->root, path);
}

/* Whether params.yaml was there to be merged. */
static int merge_default(struct ml_dvc_pipeline *pipeline, struct ml_dvc_scope *scope,
                         const char *dir, bool *ret_done)
{
    struct ml_document *document;
    const char *path = ml_dvc_path_join(&pipeline->made->pool, dir, DEFAULT_FILE);
    if (!path)
        return MLEDGER_ESYSTEM;
    const int result = ml_dvc_reader_document(pipeline->reader, path, &document);
    *ret_done = result == 0 && document->root->kind == ML_VALUE_MAP;
    if (result == MLEDGER_ENOTFOUND || (result == 0 && !*ret_done))
        return 0;
    ML_TRY(result);
    return ml_dvc_scope_merge(scope, document->root, path);
}

int ml_dvc_vars_load(struct ml_dvc_pipeline *pipeline, struct ml_dvc_scope *scope, const char *dir,
                     const struct ml_value *vars, bool with_default)
{
    bool default_done = false;
    if (with_default)
        ML_TRY(merge_default(pipeline, scope, dir, &default_done));
    if (!vars || vars->kind == ML_VALUE_NULL)
        return 0;
    if (vars->kind != ML_VALUE_SEQ)
        return ml_value_fail(pipeline->yaml, vars, "expected a list for 'vars', found %s",
                             ml_value_kind_name(vars->kind));
    for (size_t i = 0; i < vars->count; i++) {
        const struct ml_value *item = vars->items[i];
        if (item->kind == ML_VALUE_STRING)
            ML_TRY(merge_file(pipeline, scope, dir, item->text, default_done || !with_default));
        else if (item->kind == ML_VALUE_MAP)
            ML_TRY(ml_dvc_scope_merge(scope, item, "'vars'"));
        else
            return ml_value_fail(pipeline->yaml, item,
                                 "expected a file name or a mapping in 'vars', found %s",
                                 ml_value_kind_name(item->kind));
    }
    return 0;
}
