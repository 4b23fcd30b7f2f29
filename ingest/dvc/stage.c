/* SPDX-License-Identifier: Apache-2.0 */
/* A stage of dvc.yaml: what its definition says, with what the lock claims filled in by path. */
#include "ingest/dvc/path.h"
#include "ingest/dvc/pipeline.h"

#define DEFAULT_PARAMS "params.yaml"

/* A stage being put together. */
struct draft {
    struct ml_dvc_pipeline *pipeline;
    struct ml_dvc_stage stage;
    const struct ml_document *document; /* that errors are about */
    size_t outs_cap, params_cap;
    /* Scratch arrays; what is final is copied to the project. */
    struct ml_dvc_item *outs;
    struct ml_dvc_param *params;
};

static void draft_release(struct draft *draft)
{
    free(draft->outs);
    free(draft->params);
}

static struct ml_dvc_project *project_of(const struct draft *draft)
{
    return draft->pipeline->reader->project;
}

static int finding(const struct draft *draft, enum ml_dvc_finding_kind kind, const char *path)
{
    return ml_dvc_reader_finding(draft->pipeline->reader, kind, draft->stage.address, path, NULL,
                                 NULL);
}

/* ---- what dvc.yaml says ---- */

static int read_deps(struct draft *draft, const struct ml_value *definition)
{
    const struct ml_value *list;
    ML_TRY(ml_value_opt_kind(draft->document, definition, "deps", ML_VALUE_SEQ, &list));
    if (!list)
        return 0;
    draft->stage.deps = ml_dvc_items_new(draft->pipeline->reader, list->count);
    if (!draft->stage.deps)
        return MLEDGER_ESYSTEM;
    for (size_t i = 0; i < list->count; i++) {
        const struct ml_value *path = list->items[i];
        if (path->kind != ML_VALUE_STRING)
            return ml_value_fail(draft->document, path, "expected a path in 'deps', found %s",
                                 ml_value_kind_name(path->kind));
        ML_TRY(ml_dvc_item_init(draft->pipeline->reader, draft->stage.wdir, path->text, path->line,
                                &draft->stage.deps[i]));
    }
    draft->stage.deps_count = list->count;
    return 0;
}

/* One output: a path, or a mapping of one path to its flags. */
static int read_out(struct draft *draft, const struct ml_value *entry, const struct ml_value *flags,
                    const char *section)
{
    if (entry->kind != ML_VALUE_STRING)
        return ml_value_fail(draft->document, entry, "expected a path in '%s', found %s", section,
                             ml_value_kind_name(entry->kind));
    ML_TRY(
        ml_grow(&draft->outs, &draft->outs_cap, draft->stage.outs_count + 1, sizeof(*draft->outs)));
    struct ml_dvc_item *out = &draft->outs[draft->stage.outs_count];
    ML_TRY(ml_dvc_item_init(draft->pipeline->reader, draft->stage.wdir, entry->text, entry->line,
                            out));
    if (flags)
        ML_TRY(ml_dvc_item_flags(draft->document, flags, out));
    out->metric = strcmp(section, "metrics") == 0;
    out->plot = strcmp(section, "plots") == 0;
    out->live = strcmp(section, "live") == 0;
    draft->stage.outs_count++;
    return 0;
}

static int read_out_map(struct draft *draft, const struct ml_value *map, const char *section)
{
    for (size_t i = 0; i < map->count; i++)
        ML_TRY(read_out(draft, map->entries[i].key, map->entries[i].value, section));
    return 0;
}

static int read_outs(struct draft *draft, const struct ml_value *definition, const char *section)
{
    const struct ml_value *list = ml_value_get(definition, section);
    if (!list || list->kind == ML_VALUE_NULL)
        return 0;
    if (list->kind == ML_VALUE_MAP) /* only `live:` */
        return read_out_map(draft, list, section);
    if (list->kind != ML_VALUE_SEQ)
        return ml_value_fail(draft->document, list, "expected a list for '%s', found %s", section,
                             ml_value_kind_name(list->kind));
    for (size_t i = 0; i < list->count; i++) {
        const struct ml_value *entry = list->items[i];
        if (entry->kind == ML_VALUE_MAP)
            ML_TRY(read_out_map(draft, entry, section));
        else
            ML_TRY(read_out(draft, entry, NULL, section));
    }
    return 0;
}

static int add_param(struct draft *draft, const char *file, const char *key,
                     const struct ml_value *locked, bool is_tracked)
{
    for (size_t i = 0; i < draft->stage.params_count; i++) {
        const struct ml_dvc_param *old = &draft->params[i];
        if (strcmp(old->file, file) == 0 && (old->key == NULL) == (key == NULL) &&
            (!key || strcmp(old->key, key) == 0))
            return 0;
    }
    if (draft->stage.params_count >= ML_DVC_STAGE_PARAMS_MAX)
        return ml_fail(MLEDGER_EINVALID, "%s: stage '%s' has more than %zu parameters",
                       draft->document->name, draft->stage.name, ML_DVC_STAGE_PARAMS_MAX);
    ML_TRY(ml_grow(&draft->params, &draft->params_cap, draft->stage.params_count + 1,
                   sizeof(*draft->params)));
    const char *full = ml_dvc_path_join(&project_of(draft)->pool, draft->stage.wdir, file);
    if (!full)
        return MLEDGER_ESYSTEM;
    draft->params[draft->stage.params_count++] = (struct ml_dvc_param){
        .file = file, .full = full, .key = key, .locked = locked, .is_tracked = is_tracked};
    return 0;
}

/* The key as text; keys of a mapping need not be strings. */
static int key_text(struct draft *draft, const struct ml_value *key, const char **ret_text)
{
    if (key->kind == ML_VALUE_SEQ || key->kind == ML_VALUE_MAP)
        return ml_value_fail(draft->document, key, "expected a parameter's name, found %s",
                             ml_value_kind_name(key->kind));
    *ret_text = key->text;
    return 0;
}

/* {file: [keys]}; no keys: the whole file. */
static int read_param_map(struct draft *draft, const struct ml_value *map)
{
    for (size_t i = 0; i < map->count; i++) {
        const struct ml_value *keys = map->entries[i].value;
        const char *file = NULL, *key = NULL;
        ML_TRY(key_text(draft, map->entries[i].key, &file));
        if (keys->kind == ML_VALUE_NULL || (keys->kind == ML_VALUE_SEQ && keys->count == 0)) {
            ML_TRY(add_param(draft, file, NULL, NULL, true));
            continue;
        }
        if (keys->kind != ML_VALUE_SEQ)
            return ml_value_fail(draft->document, keys, "expected a list of parameters, found %s",
                                 ml_value_kind_name(keys->kind));
        for (size_t k = 0; k < keys->count; k++) {
            ML_TRY(key_text(draft, keys->items[k], &key));
            ML_TRY(add_param(draft, file, key, NULL, true));
        }
    }
    return 0;
}

static int read_params(struct draft *draft, const struct ml_value *definition)
{
    const struct ml_value *list;
    ML_TRY(ml_value_opt_kind(draft->document, definition, "params", ML_VALUE_SEQ, &list));
    for (size_t i = 0; list && i < list->count; i++) {
        const struct ml_value *entry = list->items[i];
        const char *key = NULL;
        if (entry->kind == ML_VALUE_MAP) {
            ML_TRY(read_param_map(draft, entry));
            continue;
        }
        ML_TRY(key_text(draft, entry, &key));
        ML_TRY(add_param(draft, DEFAULT_PARAMS, key, NULL, true));
    }
    return 0;
}

static int read_definition(struct draft *draft, const struct ml_value *definition)
{
    static const char *const sections[] = {"outs", "metrics", "plots", "live"};
    struct ml_dvc_stage *stage = &draft->stage;
    ML_TRY(ml_dvc_command_read(draft->pipeline->reader, draft->document,
                               ml_value_get(definition, "cmd"), &stage->command));
    if (stage->command.count == 0 && !stage->command.is_list)
        return ml_value_fail(draft->document, definition, "stage '%s' has no 'cmd'", stage->name);
    ML_TRY(ml_value_opt_text(draft->document, definition, "desc", &stage->desc));
    ML_TRY(ml_value_opt_bool(draft->document, definition, "frozen", &stage->is_frozen));
    ML_TRY(
        ml_value_opt_bool(draft->document, definition, "always_changed", &stage->always_changed));
    stage->meta = ml_value_get(definition, "meta");
    ML_TRY(read_deps(draft, definition));
    ML_TRY(read_params(draft, definition));
    for (size_t i = 0; i < ML_COUNT(sections); i++)
        ML_TRY(read_outs(draft, definition, sections[i]));
    if (stage->deps_count == 0 && stage->outs_count == 0 && stage->params_count == 0)
        stage->always_changed = true;
    return 0;
}

/* ---- what the lock claims ---- */

static int check_entry(const struct ml_document *lock, const struct ml_value *entry,
                       const char **ret_path)
{
    if (entry->kind != ML_VALUE_MAP)
        return ml_value_fail(lock, entry, "expected a mapping with 'path', found %s",
                             ml_value_kind_name(entry->kind));
    return ml_value_want_text(lock, entry, "path", ret_path);
}

/* Fills in what the lock claims; with `add`, also what only the lock has. Names what one side
 * lacks when both are there. */
static int claim_items(struct draft *draft, const struct ml_value *list, struct ml_dvc_item *items,
                       size_t count)
{
    const struct ml_document *lock = draft->pipeline->lock;
    ML_CLEANUP(ml_table_release) struct ml_table by_path = {0};
    ML_CLEANUP(ml_freep) bool *claimed = ml_calloc(count + 1, sizeof(*claimed));
    if (!claimed)
        return ml_fail_memory();
    for (size_t i = 0; i < count; i++)
        ML_TRY(ml_table_put(&by_path, items[i].path, &items[i]));
    for (size_t i = 0; list && i < list->count; i++) {
        const char *path = NULL;
        ML_TRY(check_entry(lock, list->items[i], &path));
        struct ml_dvc_item *item = ml_table_get(&by_path, path);
        if (!item) {
            ML_TRY(finding(draft, ML_DVC_ITEM_NOT_IN_YAML, path));
            continue;
        }
        ML_TRY(ml_dvc_item_claim(draft->pipeline->reader, lock, list->items[i], item));
        claimed[item - items] = true;
    }
    for (size_t i = 0; i < count; i++) {
        struct ml_dvc_item *same = ml_table_get(&by_path, items[i].path);
        if (same != &items[i])
            ml_dvc_item_copy_claim(&items[i], same); /* listed twice */
        else if (!claimed[i])
            ML_TRY(finding(draft, ML_DVC_ITEM_NOT_LOCKED, items[i].path));
    }
    return 0;
}

static struct ml_dvc_param *find_param(struct draft *draft, const char *file, const char *key)
{
    assert(file);
    for (size_t i = 0; i < draft->stage.params_count; i++) {
        struct ml_dvc_param *param = &draft->params[i];
        if (strcmp(param->file, file) == 0 &&
            (key ? param->key && strcmp(param->key, key) == 0 : !param->key))
            return param;
    }
    return NULL;
}

static int claim_param(struct draft *draft, const char *file, const struct ml_entry *entry)
{
    const char *key = NULL;
    ML_TRY(key_text(draft, entry->key, &key));
    struct ml_dvc_param *param = find_param(draft, file, key);
    if (param) {
        param->locked = entry->value;
        return 0;
    }
    return add_param(draft, file, key, entry->value, false);
}

static int claim_params(struct draft *draft, const struct ml_value *entry)
{
    const struct ml_value *files;
    const struct ml_document *lock = draft->pipeline->lock;
    ML_TRY(ml_value_opt_kind(lock, entry, "params", ML_VALUE_MAP, &files));
    for (size_t i = 0; files && i < files->count; i++) {
        const struct ml_value *values = files->entries[i].value;
        const char *file = NULL;
        ML_TRY(key_text(draft, files->entries[i].key, &file));
        if (values->kind == ML_VALUE_NULL)
            continue;
        if (values->kind != ML_VALUE_MAP)
            return ml_value_fail(lock, values, "expected a mapping of parameters, found %s",
                                 ml_value_kind_name(values->kind));
        for (size_t k = 0; k < values->count; k++)
            ML_TRY(claim_param(draft, file, &values->entries[k]));
    }
    return 0;
}

/* Parameters that one side lacks. A file that is tracked whole may have any. */
static int compare_params(struct draft *draft)
{
    for (size_t i = 0; i < draft->stage.params_count; i++) {
        const struct ml_dvc_param *param = &draft->params[i];
        if (param->key && param->is_tracked && !param->locked)
            ML_TRY(finding(draft, ML_DVC_PARAM_NOT_LOCKED, param->key));
        else if (param->key && !param->is_tracked && !find_param(draft, param->file, NULL))
            ML_TRY(finding(draft, ML_DVC_ITEM_NOT_IN_YAML, param->key));
    }
    return 0;
}

/* Commands as findings show them: lines joined by newlines. */
static const char *command_text(struct draft *draft, const struct ml_dvc_command *command)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    for (size_t i = 0; i < command->count; i++) {
        if (i > 0 && ml_buf_append_char(&text, '\n') < 0)
            return NULL;
        if (ml_buf_append_text(&text, command->lines[i]) < 0)
            return NULL;
    }
    return ml_pool_text(&project_of(draft)->pool, (const char *)text.data, text.len);
}

static int compare_command(struct draft *draft)
{
    struct ml_dvc_stage *stage = &draft->stage;
    stage->command_changed = !ml_dvc_command_equal(&stage->locked_command, &stage->command);
    if (!stage->command_changed)
        return 0;
    const char *recorded = command_text(draft, &stage->locked_command);
    const char *found = command_text(draft, &stage->command);
    if (!recorded || !found)
        return MLEDGER_ESYSTEM;
    return ml_dvc_reader_finding(draft->pipeline->reader, ML_DVC_COMMAND_CHANGED, stage->address,
                                 stage->file, recorded, found);
}

static int claim(struct draft *draft, const struct ml_value *entry)
{
    const struct ml_value *deps, *outs;
    const struct ml_document *lock = draft->pipeline->lock;
    draft->document = lock;
    draft->stage.is_locked = true;
    ML_TRY(ml_value_opt_kind(lock, entry, "deps", ML_VALUE_SEQ, &deps));
    ML_TRY(ml_value_opt_kind(lock, entry, "outs", ML_VALUE_SEQ, &outs));
    ML_TRY(claim_items(draft, deps, draft->stage.deps, draft->stage.deps_count));
    ML_TRY(claim_items(draft, outs, draft->outs, draft->stage.outs_count));
    ML_TRY(claim_params(draft, entry));
    ML_TRY(compare_params(draft));
    ML_TRY(ml_dvc_command_read(draft->pipeline->reader, lock, ml_value_get(entry, "cmd"),
                               &draft->stage.locked_command));
    return compare_command(draft);
}

/* ---- putting together ---- */

/* Copies the scratch arrays to the project and adds the stage. */
static int finish(struct draft *draft)
{
    struct ml_dvc_reader *reader = draft->pipeline->reader;
    struct ml_dvc_stage *slot, *stage = &draft->stage;
    stage->outs = ml_dvc_items_new(reader, stage->outs_count);
    stage->params =
        ml_pool_alloc(&reader->project->pool, stage->params_count, sizeof(*stage->params));
    if (!stage->outs || !stage->params)
        return MLEDGER_ESYSTEM;
    if (stage->outs_count > 0)
        memcpy(stage->outs, draft->outs, stage->outs_count * sizeof(*stage->outs));
    if (stage->params_count > 0)
        memcpy(stage->params, draft->params, stage->params_count * sizeof(*stage->params));
    ML_TRY(ml_dvc_reader_stage(reader, &slot));
    *slot = *stage;
    return 0;
}

static int begin(struct draft *draft, const char *name, const char *wdir, uint32_t line)
{
    struct ml_dvc_pipeline *pipeline = draft->pipeline;
    draft->stage.name = name;
    draft->stage.file = pipeline->file;
    draft->stage.line = line;
    draft->stage.address = ml_dvc_pipeline_address(pipeline, name);
    draft->stage.wdir = ml_dvc_path_join(&project_of(draft)->pool, pipeline->dir, wdir);
    return draft->stage.address && draft->stage.wdir ? 0 : MLEDGER_ESYSTEM;
}

/* The scope that this stage's own `vars` give. */
static int stage_scope(struct ml_dvc_pipeline *pipeline, const struct ml_value *definition,
                       struct ml_dvc_scope *scope)
{
    const struct ml_value *vars = ml_value_get(definition, "vars");
    const struct ml_value *wdir = ml_value_get(definition, "wdir");
    if (!vars)
        return 0;
    if (wdir)
        ML_TRY(ml_dvc_template_resolve(scope, wdir, false, &wdir));
    const char *dir = ml_dvc_path_join(&pipeline->made->pool, pipeline->dir,
                                       ml_value_is(wdir, ML_VALUE_STRING) ? wdir->text : ".");
    return dir ? ml_dvc_vars_load(pipeline, scope, dir, vars, false) : MLEDGER_ESYSTEM;
}

/* Keys whose values are no templates are taken as they are; `matrix` and `vars` are done with. */
static int resolve_definition(struct ml_dvc_pipeline *pipeline, const struct ml_value *definition,
                              const struct ml_dvc_scope *outer, const struct ml_value **ret_value)
{
    struct ml_dvc_scope scope = *outer;
    struct ml_value *map;
    ML_CLEANUP(ml_freep)
    struct ml_entry *entries = ml_calloc(definition->count + 1, sizeof(*entries));
    size_t count = 0;
    if (!entries)
        return ml_fail_memory();
    ML_TRY(stage_scope(pipeline, definition, &scope));
    for (size_t i = 0; i < definition->count; i++) {
        const struct ml_entry *entry = &definition->entries[i];
        if (ml_value_is_text(entry->key, "matrix") || ml_value_is_text(entry->key, "vars"))
            continue;
        const bool is_command = ml_value_is_text(entry->key, "cmd");
        entries[count].key = entry->key;
        ML_TRY(ml_dvc_template_resolve(&scope, entry->value, is_command, &entries[count].value));
        count++;
    }
    ML_TRY(ml_value_new_map(pipeline->made, entries, count, definition->line, &map));
    *ret_value = map;
    return 0;
}

int ml_dvc_stage_read(struct ml_dvc_pipeline *pipeline, const char *name,
                      const struct ml_value *definition, const struct ml_dvc_scope *scope)
{
    ML_CLEANUP(draft_release) struct draft draft = {.pipeline = pipeline};
    const struct ml_value *resolved;
    const char *wdir = ".";
    const struct ml_value *entry = ml_value_get(pipeline->locked, name);
    draft.document = pipeline->yaml;
    ML_TRY(resolve_definition(pipeline, definition, scope, &resolved));
    ML_TRY(ml_value_opt_text(draft.document, resolved, "wdir", &wdir));
    ML_TRY(begin(&draft, name, wdir, definition->line));
    ML_TRY(read_definition(&draft, resolved));
    if (ml_value_is(entry, ML_VALUE_MAP))
        ML_TRY(claim(&draft, entry));
    else
        ML_TRY(finding(&draft, ML_DVC_STAGE_NOT_LOCKED, pipeline->file));
    return finish(&draft);
}

/* ---- from the lock alone ---- */

static int take_items(struct draft *draft, const struct ml_value *entry, const char *key,
                      struct ml_dvc_item **ret_items, size_t *ret_count)
{
    const struct ml_value *list;
    ML_TRY(ml_value_opt_kind(draft->document, entry, key, ML_VALUE_SEQ, &list));
    if (!list)
        return 0;
    struct ml_dvc_item *items = ml_calloc(list->count + 1, sizeof(*items));
    if (!items)
        return ml_fail_memory();
    *ret_items = items;
    for (size_t i = 0; i < list->count; i++) {
        const char *path = NULL;
        ML_TRY(check_entry(draft->document, list->items[i], &path));
        ML_TRY(ml_dvc_item_init(draft->pipeline->reader, draft->stage.wdir, path,
                                list->items[i]->line, &items[i]));
        ML_TRY(
            ml_dvc_item_claim(draft->pipeline->reader, draft->document, list->items[i], &items[i]));
    }
    *ret_count = list->count;
    return 0;
}

static int take_deps(struct draft *draft, const struct ml_value *entry)
{
    ML_CLEANUP(ml_freep) struct ml_dvc_item *deps = NULL;
    size_t count = 0;
    ML_TRY(take_items(draft, entry, "deps", &deps, &count));
    draft->stage.deps = ml_dvc_items_new(draft->pipeline->reader, count);
    if (!draft->stage.deps)
        return MLEDGER_ESYSTEM;
    if (count > 0)
        memcpy(draft->stage.deps, deps, count * sizeof(*deps));
    draft->stage.deps_count = count;
    return 0;
}

/* The working directory where dvc.yaml says it plainly; otherwise that of dvc.yaml. */
static const char *plain_wdir(const struct ml_value *definition)
{
    const struct ml_value *body = ml_value_get(definition, "do");
    const struct ml_value *wdir = ml_value_get(body ? body : definition, "wdir");
    return ml_value_is(wdir, ML_VALUE_STRING) && !strstr(wdir->text, "${") ? wdir->text : ".";
}

int ml_dvc_stage_from_lock(struct ml_dvc_pipeline *pipeline, const char *name,
                           const struct ml_value *entry, const struct ml_value *definition)
{
    ML_CLEANUP(draft_release) struct draft draft = {.pipeline = pipeline};
    struct ml_dvc_stage *stage = &draft.stage;
    draft.document = pipeline->lock;
    if (entry->kind != ML_VALUE_MAP)
        return ml_value_fail(draft.document, entry, "expected a mapping for stage '%s', found %s",
                             name, ml_value_kind_name(entry->kind));
    ML_TRY(begin(&draft, name, plain_wdir(definition), entry->line));
    ML_TRY(ml_dvc_command_read(pipeline->reader, draft.document, ml_value_get(entry, "cmd"),
                               &stage->locked_command));
    stage->command = stage->locked_command;
    stage->is_locked = true;
    stage->is_stale = definition == NULL;
    ML_TRY(take_deps(&draft, entry));
    ML_TRY(take_items(&draft, entry, "outs", &draft.outs, &stage->outs_count));
    ML_TRY(claim_params(&draft, entry));
    if (stage->is_stale)
        ML_TRY(finding(&draft, ML_DVC_STAGE_NOT_IN_YAML, pipeline->lock_file));
    return finish(&draft);
}
