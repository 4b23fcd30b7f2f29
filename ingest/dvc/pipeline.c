/* SPDX-License-Identifier: Apache-2.0 */
/* dvc.yaml and dvc.lock of one directory, as a whole. */
#include "ingest/dvc/pipeline.h"

#include "ingest/dvc/path.h"

const char *ml_dvc_pipeline_address(struct ml_dvc_pipeline *pipeline, const char *name)
{
    struct ml_pool *pool = &pipeline->reader->project->pool;
    if (strcmp(pipeline->dir, ".") == 0)
        return ml_pool_text(pool, name, strlen(name));
    return ml_pool_printf(pool, "%s:%s", pipeline->file, name);
}

static void pipeline_release(struct ml_dvc_pipeline *pipeline)
{
    ml_table_release(&pipeline->seen);
}

static int open_optional(struct ml_dvc_reader *reader, const char *path,
                         const struct ml_document **ret_document)
{
    struct ml_document *document = NULL;
    const int result = ml_dvc_reader_document(reader, path, &document);
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    if (result == 0 && document->root->kind == ML_VALUE_NULL)
        document = NULL; /* an empty file says nothing */
    if (document && document->root->kind != ML_VALUE_MAP)
        return ml_value_fail(document, document->root, "expected a mapping, found %s",
                             ml_value_kind_name(document->root->kind));
    *ret_document = result == 0 ? document : NULL;
    return 0;
}

/* Schema 2.0 has its stages under `stages`; in 1.0 the document is the stages. */
static int find_locked(struct ml_dvc_pipeline *pipeline)
{
    const struct ml_document *lock = pipeline->lock;
    if (!lock)
        return 0;
    const struct ml_value *schema = ml_value_get(lock->root, "schema");
    if (!schema || schema->kind == ML_VALUE_MAP) { /* a stage may be called "schema" */
        pipeline->locked = lock->root;
        return 0;
    }
    if (!schema->text || strcmp(schema->text, "2.0") != 0)
        return ml_value_fail(lock, schema, "schema '%.40s' is not known; 1.0 and 2.0 are",
                             schema->text ? schema->text : "");
    return ml_value_opt_kind(lock, lock->root, "stages", ML_VALUE_MAP, &pipeline->locked);
}

/* Of a commit of the past what dvc.yaml says is worth having also beside a broken lock. */
static int open_lock(struct ml_dvc_pipeline *pipeline)
{
    struct ml_dvc_reader *reader = pipeline->reader;
    const int result = open_optional(reader, pipeline->lock_file, &pipeline->lock);
    if (result < 0 && reader->options.keep_broken)
        return ml_dvc_reader_left_out(reader, pipeline->lock_file, result);
    return result;
}

static int open_files(struct ml_dvc_pipeline *pipeline)
{
    struct ml_dvc_reader *reader = pipeline->reader;
    struct ml_pool *pool = &reader->project->pool;
    pipeline->file = ml_dvc_path_join(pool, pipeline->dir, "dvc.yaml");
    pipeline->lock_file = ml_dvc_path_join(pool, pipeline->dir, "dvc.lock");
    if (!pipeline->file || !pipeline->lock_file)
        return MLEDGER_ESYSTEM;
    ML_TRY(open_optional(reader, pipeline->file, &pipeline->yaml));
    ML_TRY(open_lock(pipeline));
    ML_TRY(ml_dvc_reader_made(reader, pipeline->file, &pipeline->made));
    pipeline->scope.made = pipeline->made;
    pipeline->scope.style = reader->style;
    return find_locked(pipeline);
}

/* The sentence of the error at hand, as a finding about `stage`. */
static int note_unresolved(struct ml_dvc_pipeline *pipeline, const char *stage)
{
    const char *reason = mledger_error_text();
    const char *text = ml_pool_text(&pipeline->reader->project->pool, reason, strlen(reason));
    if (!text)
        return MLEDGER_ESYSTEM;
    return ml_dvc_reader_finding(pipeline->reader, ML_DVC_TEMPLATE_UNRESOLVED, stage,
                                 pipeline->file, NULL, text);
}

static int load_scope(struct ml_dvc_pipeline *pipeline)
{
    const int result = ml_dvc_vars_load(pipeline, &pipeline->scope, pipeline->dir,
                                        ml_value_get(pipeline->yaml->root, "vars"), true);
    if (result != MLEDGER_EINVALID)
        return result;
    return note_unresolved(pipeline, pipeline->file);
}

static int see(struct ml_dvc_pipeline *pipeline, const char *name)
{
    return ml_table_put(&pipeline->seen, name, pipeline);
}

/* Whether anything below `value` is a template. */
static bool has_template(const struct ml_value *value)
{
    if (value->kind == ML_VALUE_STRING)
        return strstr(value->text, "${") != NULL;
    for (size_t i = 0; value->kind == ML_VALUE_SEQ && i < value->count; i++)
        if (has_template(value->items[i]))
            return true;
    for (size_t i = 0; value->kind == ML_VALUE_MAP && i < value->count; i++)
        if (has_template(value->entries[i].key) || has_template(value->entries[i].value))
            return true;
    return false;
}

/* One stage. Where its templates cannot be resolved the lock, which has them resolved, is read
 * in its place. */
static int on_stage(struct ml_dvc_pipeline *pipeline, const char *name,
                    const struct ml_value *definition, const struct ml_dvc_scope *scope)
{
    const char *address = ml_dvc_pipeline_address(pipeline, name);
    const struct ml_value *entry = ml_value_get(pipeline->locked, name);
    if (!address)
        return MLEDGER_ESYSTEM;
    ML_TRY(see(pipeline, name));
    const int result = ml_dvc_stage_read(pipeline, name, definition, scope);
    if (result != MLEDGER_EINVALID ||
        !(has_template(definition) || ml_value_get(definition, "vars")))
        return result;
    ML_TRY(note_unresolved(pipeline, address));
    return entry ? ml_dvc_stage_from_lock(pipeline, name, entry, definition) : 0;
}

/* A foreach or matrix that cannot be resolved: its stages as far as the lock has them. */
static int group_from_lock(struct ml_dvc_pipeline *pipeline, const char *group,
                           const struct ml_value *definition)
{
    const size_t len = strlen(group);
    const struct ml_value *locked = pipeline->locked;
    for (size_t i = 0; locked && i < locked->count; i++) {
        const struct ml_entry *entry = &locked->entries[i];
        const char *name = entry->key->text;
        if (strncmp(name, group, len) != 0 || name[len] != '@' ||
            ml_table_get(&pipeline->seen, name))
            continue;
        ML_TRY(see(pipeline, name));
        ML_TRY(ml_dvc_stage_from_lock(pipeline, name, entry->value, definition));
    }
    return 0;
}

static int on_definition(struct ml_dvc_pipeline *pipeline, const struct ml_entry *entry)
{
    const char *name = entry->key->text;
    if (entry->value->kind != ML_VALUE_MAP)
        return ml_value_fail(pipeline->yaml, entry->value,
                             "expected a mapping for stage '%.200s', found %s", name,
                             ml_value_kind_name(entry->value->kind));
    const bool is_group =
        ml_value_get(entry->value, "foreach") || ml_value_get(entry->value, "matrix");
    const int result = ml_dvc_expand(pipeline, name, entry->value, on_stage);
    if (result != MLEDGER_EINVALID || !is_group || !has_template(entry->value))
        return result;
    const char *address = ml_dvc_pipeline_address(pipeline, name);
    if (!address)
        return MLEDGER_ESYSTEM;
    ML_TRY(note_unresolved(pipeline, address));
    return group_from_lock(pipeline, name, entry->value);
}

static int read_definitions(struct ml_dvc_pipeline *pipeline)
{
    const struct ml_value *stages;
    ML_TRY(
        ml_value_opt_kind(pipeline->yaml, pipeline->yaml->root, "stages", ML_VALUE_MAP, &stages));
    for (size_t i = 0; stages && i < stages->count; i++)
        ML_TRY(on_definition(pipeline, &stages->entries[i]));
    return 0;
}

/* Stages that only the lock has. */
static int read_stale(struct ml_dvc_pipeline *pipeline)
{
    const struct ml_value *locked = pipeline->locked;
    for (size_t i = 0; locked && i < locked->count; i++) {
        const struct ml_entry *entry = &locked->entries[i];
        if (!ml_table_get(&pipeline->seen, entry->key->text))
            ML_TRY(ml_dvc_stage_from_lock(pipeline, entry->key->text, entry->value, NULL));
    }
    return 0;
}

static int read_pipeline(struct ml_dvc_pipeline *pipeline)
{
    ML_TRY(open_files(pipeline));
    if (pipeline->yaml) {
        ML_TRY(load_scope(pipeline));
        ML_TRY(read_definitions(pipeline));
    }
    ML_TRY(read_stale(pipeline));
    return ml_dvc_listed_read(pipeline);
}

int ml_dvc_pipeline_read(struct ml_dvc_reader *reader, const char *dir)
{
    ML_CLEANUP(pipeline_release)
    struct ml_dvc_pipeline pipeline = {.reader = reader, .dir = dir};
    return read_pipeline(&pipeline);
}
