/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/mlflow/meta.h"

#include "ingest/mlflow/names.h"
#include "ingest/mlflow/number.h"
#include "ingest/mlflow/pairs.h"
#include "ingest/yaml.h"

struct meta {
    struct ml_pool *pool;
    struct ml_document *document;
    const struct ml_value *root;
};

/* How a key's value goes into a struct's member. */
enum field_type {
    FIELD_TEXT,      /* const char *; any scalar as written, NULL when missing or null */
    FIELD_NEEDED,    /* const char *; the same, neither missing nor empty */
    FIELD_TIME,      /* int64_t, ML_MLFLOW_NO_TIME when missing or null */
    FIELD_LIFECYCLE, /* enum ml_mlflow_lifecycle; active when missing */
};
struct field {
    const char *key;
    enum field_type type;
    size_t offset;
};
#define FIELD(type, key, entity, member)                                                           \
    {                                                                                              \
        key, type, offsetof(struct entity, member)                                                 \
    }

static void meta_release(struct meta *meta)
{
    ml_document_free(meta->document);
}

static int meta_init(struct meta *meta, struct ml_pool *pool, struct ml_span span, const char *name)
{
    const struct ml_yaml_options options = {
        .schema = ML_YAML_1_1,
        .limits.bytes = ML_MLFLOW_META_MAX,
    };
    ML_TRY(ml_yaml_parse(span, name, &options, &meta->document));
    meta->pool = pool;
    meta->root = meta->document->root;
    if (ml_value_is(meta->root, ML_VALUE_MAP))
        return MLEDGER_OK;
    return ml_fail(MLEDGER_EINVALID, "%s:1: expected 'key: value' lines", name);
}

static bool is_scalar(const struct ml_value *value)
{
    return value->kind != ML_VALUE_SEQ && value->kind != ML_VALUE_MAP;
}

static int copy_text(struct ml_pool *pool, const struct ml_value *value, const char *name,
                     const char **ret_text)
{
    ML_TRY(ml_mlflow_room(pool, value->len + 1, name));
    const char *copy = ml_pool_text(pool, value->text, value->len);
    if (!copy)
        return MLEDGER_ESYSTEM;
    *ret_text = copy;
    return MLEDGER_OK;
}

/* MLflow wrote ids and names unquoted in places, so that any scalar stands for its text. */
static int scalar_text(const struct meta *meta, const struct ml_value *map, const char *key,
                       const char **ret_text)
{
    const struct ml_value *value = ml_value_get(map, key);
    if (!value || value->kind == ML_VALUE_NULL) {
        *ret_text = NULL;
        return MLEDGER_OK;
    }
    if (!is_scalar(value))
        return ml_value_fail(meta->document, value, "expected text for '%s', found %s", key,
                             ml_value_kind_name(value->kind));
    return copy_text(meta->pool, value, meta->document->name, ret_text);
}

static int needed_text(const struct meta *meta, const char *key, const char **ret_text)
{
    const char *text = NULL;
    ML_TRY(scalar_text(meta, meta->root, key, &text));
    if (!text)
        return ml_value_fail(meta->document, meta->root, "'%s' is missing", key);
    if (!*text)
        return ml_value_fail(meta->document, ml_value_get(meta->root, key), "'%s' is empty", key);
    *ret_text = text;
    return MLEDGER_OK;
}

static int time_ms(const struct meta *meta, const char *key, int64_t *ret_ms)
{
    int64_t ms = ML_MLFLOW_NO_TIME;
    ML_TRY(ml_value_opt_int64(meta->document, meta->root, key, &ms));
    *ret_ms = ms;
    return MLEDGER_OK;
}

static int lifecycle(const struct meta *meta, const char *key,
                     enum ml_mlflow_lifecycle *ret_lifecycle)
{
    const char *text = NULL;
    ML_TRY(scalar_text(meta, meta->root, key, &text));
    if (!text || strcmp(text, "active") == 0)
        *ret_lifecycle = ML_MLFLOW_ACTIVE;
    else if (strcmp(text, "deleted") == 0)
        *ret_lifecycle = ML_MLFLOW_DELETED;
    else
        return ml_value_fail(meta->document, ml_value_get(meta->root, key),
                             "expected 'active' or 'deleted' for '%s', found '%.80s'", key, text);
    return MLEDGER_OK;
}

static int read_fields(const struct meta *meta, const struct field *fields, size_t count,
                       void *entity)
{
    for (size_t i = 0; i < count; i++) {
        void *member = (char *)entity + fields[i].offset;
        switch (fields[i].type) {
        case FIELD_TEXT:
            ML_TRY(scalar_text(meta, meta->root, fields[i].key, member));
            break;
        case FIELD_NEEDED:
            ML_TRY(needed_text(meta, fields[i].key, member));
            break;
        case FIELD_TIME:
            ML_TRY(time_ms(meta, fields[i].key, member));
            break;
        case FIELD_LIFECYCLE:
            ML_TRY(lifecycle(meta, fields[i].key, member));
            break;
        }
    }
    return MLEDGER_OK;
}

/* `tags` is a mapping; `[]`, which MLflow writes for a run, is none. */
static int read_tags(const struct meta *meta, struct ml_mlflow_pairs *ret_tags)
{
    const struct ml_value *tags = ml_value_get(meta->root, "tags");
    if (!ml_value_is(tags, ML_VALUE_MAP)) {
        *ret_tags = (struct ml_mlflow_pairs){0};
        return MLEDGER_OK;
    }
    ML_TRY(ml_mlflow_room(meta->pool, tags->count * sizeof(struct ml_mlflow_pair),
                          meta->document->name));
    struct ml_mlflow_pair *items = ml_pool_alloc(meta->pool, tags->count, sizeof *items);
    if (!items)
        return MLEDGER_ESYSTEM;
    for (size_t i = 0; i < tags->count; i++) {
        const struct ml_entry *entry = &tags->entries[i];
        if (!is_scalar(entry->key) || !is_scalar(entry->value))
            return ml_value_fail(meta->document, entry->key, "expected 'name: text' in 'tags'");
        ML_TRY(copy_text(meta->pool, entry->key, meta->document->name, &items[i].key));
        ML_TRY(copy_text(meta->pool, entry->value, meta->document->name, &items[i].value));
    }
    ml_mlflow_pairs_sort(items, tags->count);
    *ret_tags = (struct ml_mlflow_pairs){items, tags->count};
    return MLEDGER_OK;
}

/* A number, or its name, from the table of an enum of MLflow's. */
static int read_enum(const struct meta *meta, const char *key, const struct ml_mlflow_names *names,
                     const char *text, int *ret_number)
{
    if (ml_mlflow_names_find(names, text, ret_number))
        return MLEDGER_OK;
    return ml_value_fail(meta->document, ml_value_get(meta->root, key), "unknown %s '%.80s'", key,
                         text);
}

int ml_mlflow_meta_experiment(struct ml_pool *pool, struct ml_span span, const char *name,
                              struct ml_mlflow_experiment *experiment)
{
    static const struct field fields[] = {
        FIELD(FIELD_NEEDED, "experiment_id", ml_mlflow_experiment, id),
        FIELD(FIELD_NEEDED, "name", ml_mlflow_experiment, name),
        FIELD(FIELD_TEXT, "artifact_location", ml_mlflow_experiment, artifact_location),
        FIELD(FIELD_LIFECYCLE, "lifecycle_stage", ml_mlflow_experiment, lifecycle),
        FIELD(FIELD_TIME, "creation_time", ml_mlflow_experiment, created_ms),
        FIELD(FIELD_TIME, "last_update_time", ml_mlflow_experiment, updated_ms),
    };
    ML_CLEANUP(meta_release) struct meta meta = {0};
    ML_TRY(meta_init(&meta, pool, span, name));
    ML_TRY(read_fields(&meta, fields, ML_COUNT(fields), experiment));
    return read_tags(&meta, &experiment->tags);
}

/* MLflow wrote run_uuid at first, then both, then (3.x) run_id alone. */
static int read_run_id(const struct meta *meta, const char **ret_id)
{
    const char *id = NULL, *uuid = NULL;
    ML_TRY(scalar_text(meta, meta->root, "run_id", &id));
    ML_TRY(scalar_text(meta, meta->root, "run_uuid", &uuid));
    if ((!id || !*id) && (!uuid || !*uuid))
        return ml_value_fail(meta->document, meta->root, "'run_id' is missing");
    if (id && *id && uuid && *uuid && strcmp(id, uuid) != 0)
        return ml_value_fail(meta->document, ml_value_get(meta->root, "run_uuid"),
                             "run_uuid '%.80s' is not run_id '%.80s'", uuid, id);
    *ret_id = id && *id ? id : uuid;
    return MLEDGER_OK;
}

/* 1.x wrote `name: ''` and kept the name in a tag; later ones have run_name. */
static int read_run_name(const struct meta *meta, const char **ret_name)
{
    const char *name = NULL;
    ML_TRY(scalar_text(meta, meta->root, "run_name", &name));
    if (!name || !*name)
        ML_TRY(scalar_text(meta, meta->root, "name", &name));
    *ret_name = name && *name ? name : NULL;
    return MLEDGER_OK;
}

static int read_source_type(const struct meta *meta, const char **ret_type)
{
    const char *text = NULL;
    int number = 0;
    ML_TRY(scalar_text(meta, meta->root, "source_type", &text));
    if (text) {
        ML_TRY(read_enum(meta, "source_type", &ml_mlflow_source_types, text, &number));
        text = ml_mlflow_names_get(&ml_mlflow_source_types, number);
    }
    *ret_type = text;
    return MLEDGER_OK;
}

int ml_mlflow_meta_run(struct ml_pool *pool, struct ml_span span, const char *name,
                       struct ml_mlflow_run *run)
{
    static const struct field fields[] = {
        FIELD(FIELD_NEEDED, "experiment_id", ml_mlflow_run, experiment_id),
        FIELD(FIELD_LIFECYCLE, "lifecycle_stage", ml_mlflow_run, lifecycle),
        FIELD(FIELD_TEXT, "user_id", ml_mlflow_run, user),
        FIELD(FIELD_TEXT, "source_name", ml_mlflow_run, source_name),
        FIELD(FIELD_TEXT, "artifact_uri", ml_mlflow_run, artifact_uri),
        FIELD(FIELD_TIME, "start_time", ml_mlflow_run, started_ms),
        FIELD(FIELD_TIME, "end_time", ml_mlflow_run, ended_ms),
        FIELD(FIELD_TIME, "deleted_time", ml_mlflow_run, deleted_ms),
    };
    const char *status = NULL;
    int number = 0;
    ML_CLEANUP(meta_release) struct meta meta = {0};
    ML_TRY(meta_init(&meta, pool, span, name));
    ML_TRY(read_fields(&meta, fields, ML_COUNT(fields), run));
    ML_TRY(read_run_id(&meta, &run->id));
    ML_TRY(read_run_name(&meta, &run->name));
    ML_TRY(read_source_type(&meta, &run->source_type));
    ML_TRY(needed_text(&meta, "status", &status));
    ML_TRY(read_enum(&meta, "status", &ml_mlflow_run_statuses, status, &number));
    run->status = (enum ml_mlflow_run_status)number;
    return MLEDGER_OK;
}

int ml_mlflow_meta_dataset(struct ml_pool *pool, struct ml_span span, const char *name,
                           struct ml_mlflow_dataset *dataset)
{
    static const struct field fields[] = {
        FIELD(FIELD_NEEDED, "name", ml_mlflow_dataset, name),
        FIELD(FIELD_NEEDED, "digest", ml_mlflow_dataset, digest),
        FIELD(FIELD_TEXT, "source_type", ml_mlflow_dataset, source_type),
        FIELD(FIELD_TEXT, "source", ml_mlflow_dataset, source),
        FIELD(FIELD_TEXT, "schema", ml_mlflow_dataset, schema),
        FIELD(FIELD_TEXT, "profile", ml_mlflow_dataset, profile),
    };
    ML_CLEANUP(meta_release) struct meta meta = {0};
    ML_TRY(meta_init(&meta, pool, span, name));
    return read_fields(&meta, fields, ML_COUNT(fields), dataset);
}

int ml_mlflow_meta_logged_model(struct ml_pool *pool, struct ml_span span, const char *name,
                                struct ml_mlflow_logged_model *model)
{
    static const struct field fields[] = {
        FIELD(FIELD_NEEDED, "model_id", ml_mlflow_logged_model, id),
        FIELD(FIELD_TEXT, "experiment_id", ml_mlflow_logged_model, experiment_id),
        FIELD(FIELD_TEXT, "name", ml_mlflow_logged_model, name),
        FIELD(FIELD_TEXT, "model_type", ml_mlflow_logged_model, type),
        FIELD(FIELD_TEXT, "source_run_id", ml_mlflow_logged_model, source_run_id),
        FIELD(FIELD_TEXT, "artifact_location", ml_mlflow_logged_model, artifact_location),
        FIELD(FIELD_TEXT, "status_message", ml_mlflow_logged_model, status_message),
        FIELD(FIELD_LIFECYCLE, "lifecycle_stage", ml_mlflow_logged_model, lifecycle),
        FIELD(FIELD_TIME, "creation_timestamp", ml_mlflow_logged_model, created_ms),
        FIELD(FIELD_TIME, "last_updated_timestamp", ml_mlflow_logged_model, updated_ms),
    };
    const char *status = NULL;
    int number = ML_MLFLOW_LOGGED_MODEL_UNSPECIFIED;
    ML_CLEANUP(meta_release) struct meta meta = {0};
    ML_TRY(meta_init(&meta, pool, span, name));
    ML_TRY(read_fields(&meta, fields, ML_COUNT(fields), model));
    ML_TRY(scalar_text(&meta, meta.root, "status", &status));
    if (status)
        ML_TRY(read_enum(&meta, "status", &ml_mlflow_logged_model_statuses, status, &number));
    model->status = (enum ml_mlflow_logged_model_status)number;
    return MLEDGER_OK;
}

int ml_mlflow_meta_registered_model(struct ml_pool *pool, struct ml_span span, const char *name,
                                    struct ml_mlflow_registered_model *model)
{
    static const struct field fields[] = {
        FIELD(FIELD_NEEDED, "name", ml_mlflow_registered_model, name),
        FIELD(FIELD_TEXT, "description", ml_mlflow_registered_model, description),
        FIELD(FIELD_TIME, "creation_timestamp", ml_mlflow_registered_model, created_ms),
        FIELD(FIELD_TIME, "last_updated_timestamp", ml_mlflow_registered_model, updated_ms),
    };
    ML_CLEANUP(meta_release) struct meta meta = {0};
    ML_TRY(meta_init(&meta, pool, span, name));
    return read_fields(&meta, fields, ML_COUNT(fields), model);
}

static int read_version_number(const struct meta *meta, uint64_t *ret_number)
{
    const char *text = NULL;
    ML_TRY(needed_text(meta, "version", &text));
    if (ml_mlflow_ordinal(text, ret_number))
        return MLEDGER_OK;
    return ml_value_fail(meta->document, ml_value_get(meta->root, "version"),
                         "expected a number from 1 for 'version', found '%.80s'", text);
}

int ml_mlflow_meta_version(struct ml_pool *pool, struct ml_span span, const char *name,
                           struct ml_mlflow_version *version, const char **ret_model_name)
{
    static const struct field fields[] = {
        FIELD(FIELD_TEXT, "current_stage", ml_mlflow_version, stage),
        FIELD(FIELD_TEXT, "run_id", ml_mlflow_version, run_id),
        FIELD(FIELD_TEXT, "model_id", ml_mlflow_version, model_id),
        FIELD(FIELD_TEXT, "source", ml_mlflow_version, source),
        FIELD(FIELD_TEXT, "storage_location", ml_mlflow_version, storage_location),
        FIELD(FIELD_TEXT, "status", ml_mlflow_version, status),
        FIELD(FIELD_TEXT, "status_message", ml_mlflow_version, status_message),
        FIELD(FIELD_TEXT, "description", ml_mlflow_version, description),
        FIELD(FIELD_TEXT, "user_id", ml_mlflow_version, user),
        FIELD(FIELD_TIME, "creation_timestamp", ml_mlflow_version, created_ms),
        FIELD(FIELD_TIME, "last_updated_timestamp", ml_mlflow_version, updated_ms),
    };
    const char *model_name = NULL;
    ML_CLEANUP(meta_release) struct meta meta = {0};
    ML_TRY(meta_init(&meta, pool, span, name));
    ML_TRY(read_fields(&meta, fields, ML_COUNT(fields), version));
    ML_TRY(read_version_number(&meta, &version->number));
    ML_TRY(needed_text(&meta, "name", &model_name));
    version->deleted = version->stage && strcmp(version->stage, "Deleted_Internal") == 0;
    if (version->deleted)
        version->stage = NULL;
    *ret_model_name = model_name;
    return MLEDGER_OK;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int read_flavors(const struct meta *meta, struct ml_mlflow_mlmodel *mlmodel)
{
    const struct ml_value *flavors = ml_value_get(meta->root, "flavors");
    if (!ml_value_is(flavors, ML_VALUE_MAP))
        return ml_value_fail(meta->document, flavors ? flavors : meta->root,
                             "expected a mapping for 'flavors'");
    const char **names = ml_pool_alloc(meta->pool, flavors->count, sizeof *names);
    if (!names)
        return MLEDGER_ESYSTEM;
    for (size_t i = 0; i < flavors->count; i++) {
        const struct ml_value *key = flavors->entries[i].key;
        if (!is_scalar(key))
            return ml_value_fail(meta->document, key, "expected a flavor's name");
        ML_TRY(copy_text(meta->pool, key, meta->document->name, &names[i]));
    }
    if (flavors->count)
        qsort(names, flavors->count, sizeof *names, by_text);
    mlmodel->flavors = names;
    mlmodel->flavor_count = flavors->count;
    return MLEDGER_OK;
}

int ml_mlflow_meta_mlmodel(struct ml_pool *pool, struct ml_span span, const char *name,
                           struct ml_mlflow_mlmodel *mlmodel)
{
    static const struct field fields[] = {
        FIELD(FIELD_TEXT, "run_id", ml_mlflow_mlmodel, run_id),
        FIELD(FIELD_TEXT, "model_uuid", ml_mlflow_mlmodel, model_uuid),
        FIELD(FIELD_TEXT, "model_id", ml_mlflow_mlmodel, model_id),
        FIELD(FIELD_TEXT, "artifact_path", ml_mlflow_mlmodel, artifact_path),
        FIELD(FIELD_TEXT, "mlflow_version", ml_mlflow_mlmodel, mlflow_version),
        FIELD(FIELD_TEXT, "utc_time_created", ml_mlflow_mlmodel, utc_time_created),
    };
    ML_CLEANUP(meta_release) struct meta meta = {0};
    ML_TRY(meta_init(&meta, pool, span, name));
    ML_TRY(read_fields(&meta, fields, ML_COUNT(fields), mlmodel));
    const struct ml_value *signature = ml_value_get(meta.root, "signature");
    mlmodel->has_signature = signature && signature->kind != ML_VALUE_NULL;
    return read_flavors(&meta, mlmodel);
}

int ml_mlflow_meta_link(struct ml_pool *pool, struct ml_span span, const char *name,
                        struct ml_mlflow_link *link)
{
    static const struct field fields[] = {
        FIELD(FIELD_NEEDED, "source_type", ml_mlflow_link, source_type),
        FIELD(FIELD_NEEDED, "source_id", ml_mlflow_link, source_id),
        FIELD(FIELD_TEXT, "destination_type", ml_mlflow_link, destination_type),
        FIELD(FIELD_TEXT, "destination_id", ml_mlflow_link, destination_id),
    };
    ML_CLEANUP(meta_release) struct meta meta = {0};
    ML_TRY(meta_init(&meta, pool, span, name));
    ML_TRY(read_fields(&meta, fields, ML_COUNT(fields), link));
    ML_TRY(ml_value_opt_int64(meta.document, meta.root, "step", &link->step));
    return read_tags(&meta, &link->tags);
}
