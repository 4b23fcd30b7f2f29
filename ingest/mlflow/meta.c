/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/mlflow/meta.h"

#include "ingest/mlflow/number.h"
#include "ingest/mlflow/yaml_field.h"

#define FIELD(kind, key, entity, member)                                                           \
    {                                                                                              \
        key, ML_MLFLOW_FIELD_##kind, offsetof(struct entity, member)                               \
    }

int ml_mlflow_meta_experiment(struct ml_pool *pool, struct ml_span span, const char *name,
                              struct ml_mlflow_experiment *experiment)
{
    static const struct ml_mlflow_field fields[] = {
        FIELD(NEEDED, "experiment_id", ml_mlflow_experiment, id),
        FIELD(NEEDED, "name", ml_mlflow_experiment, name),
        FIELD(TEXT, "artifact_location", ml_mlflow_experiment, artifact_location),
        FIELD(LIFECYCLE, "lifecycle_stage", ml_mlflow_experiment, lifecycle),
        FIELD(TIME, "creation_time", ml_mlflow_experiment, created_ms),
        FIELD(TIME, "last_update_time", ml_mlflow_experiment, updated_ms),
    };
    ML_CLEANUP(ml_mlflow_yaml_release) struct ml_mlflow_yaml meta = {0};
    ML_TRY(ml_mlflow_yaml_init(&meta, pool, span, name));
    ML_TRY(ml_mlflow_yaml_fields(&meta, fields, ML_COUNT(fields), experiment));
    return ml_mlflow_yaml_tags(&meta, &experiment->tags);
}

/* MLflow wrote run_uuid at first, then both, then (3.x) run_id alone. */
static int read_run_id(const struct ml_mlflow_yaml *meta, const char **ret_id)
{
    const char *id = NULL, *uuid = NULL;
    ML_TRY(ml_mlflow_yaml_text(meta, "run_id", &id));
    ML_TRY(ml_mlflow_yaml_text(meta, "run_uuid", &uuid));
    if ((!id || !*id) && (!uuid || !*uuid))
        return ml_value_fail(meta->document, meta->root, "'run_id' is missing");
    if (id && *id && uuid && *uuid && strcmp(id, uuid) != 0)
        return ml_value_fail(meta->document, ml_value_get(meta->root, "run_uuid"),
                             "run_uuid '%.80s' is not run_id '%.80s'", uuid, id);
    *ret_id = id && *id ? id : uuid;
    return MLEDGER_OK;
}

/* 1.x wrote `name: ''` and kept the name in a tag; later ones have run_name. */
static int read_run_name(const struct ml_mlflow_yaml *meta, const char **ret_name)
{
    const char *name = NULL;
    ML_TRY(ml_mlflow_yaml_text(meta, "run_name", &name));
    if (!name || !*name)
        ML_TRY(ml_mlflow_yaml_text(meta, "name", &name));
    *ret_name = name && *name ? name : NULL;
    return MLEDGER_OK;
}

static int read_source_type(const struct ml_mlflow_yaml *meta, const char **ret_type)
{
    const char *text = NULL;
    int number = 0;
    ML_TRY(ml_mlflow_yaml_text(meta, "source_type", &text));
    if (text) {
        ML_TRY(ml_mlflow_yaml_enum(meta, "source_type", &ml_mlflow_source_types, text, &number));
        text = ml_mlflow_names_get(&ml_mlflow_source_types, number);
    }
    *ret_type = text;
    return MLEDGER_OK;
}

int ml_mlflow_meta_run(struct ml_pool *pool, struct ml_span span, const char *name,
                       struct ml_mlflow_run *run)
{
    static const struct ml_mlflow_field fields[] = {
        FIELD(NEEDED, "experiment_id", ml_mlflow_run, experiment_id),
        FIELD(LIFECYCLE, "lifecycle_stage", ml_mlflow_run, lifecycle),
        FIELD(TEXT, "user_id", ml_mlflow_run, user),
        FIELD(TEXT, "source_name", ml_mlflow_run, source_name),
        FIELD(TEXT, "artifact_uri", ml_mlflow_run, artifact_uri),
        FIELD(TIME, "start_time", ml_mlflow_run, started_ms),
        FIELD(TIME, "end_time", ml_mlflow_run, ended_ms),
        FIELD(TIME, "deleted_time", ml_mlflow_run, deleted_ms),
    };
    const char *status = NULL;
    int number = 0;
    ML_CLEANUP(ml_mlflow_yaml_release) struct ml_mlflow_yaml meta = {0};
    ML_TRY(ml_mlflow_yaml_init(&meta, pool, span, name));
    ML_TRY(ml_mlflow_yaml_fields(&meta, fields, ML_COUNT(fields), run));
    ML_TRY(read_run_id(&meta, &run->id));
    ML_TRY(read_run_name(&meta, &run->name));
    ML_TRY(read_source_type(&meta, &run->source_type));
    ML_TRY(ml_mlflow_yaml_needed(&meta, "status", &status));
    ML_TRY(ml_mlflow_yaml_enum(&meta, "status", &ml_mlflow_run_statuses, status, &number));
    run->status = (enum ml_mlflow_run_status)number;
    return MLEDGER_OK;
}

int ml_mlflow_meta_dataset(struct ml_pool *pool, struct ml_span span, const char *name,
                           struct ml_mlflow_dataset *dataset)
{
    static const struct ml_mlflow_field fields[] = {
        FIELD(NEEDED, "name", ml_mlflow_dataset, name),
        FIELD(NEEDED, "digest", ml_mlflow_dataset, digest),
        FIELD(TEXT, "source_type", ml_mlflow_dataset, source_type),
        FIELD(TEXT, "source", ml_mlflow_dataset, source),
        FIELD(TEXT, "schema", ml_mlflow_dataset, schema),
        FIELD(TEXT, "profile", ml_mlflow_dataset, profile),
    };
    ML_CLEANUP(ml_mlflow_yaml_release) struct ml_mlflow_yaml meta = {0};
    ML_TRY(ml_mlflow_yaml_init(&meta, pool, span, name));
    return ml_mlflow_yaml_fields(&meta, fields, ML_COUNT(fields), dataset);
}

int ml_mlflow_meta_logged_model(struct ml_pool *pool, struct ml_span span, const char *name,
                                struct ml_mlflow_logged_model *model)
{
    static const struct ml_mlflow_field fields[] = {
        FIELD(NEEDED, "model_id", ml_mlflow_logged_model, id),
        FIELD(TEXT, "experiment_id", ml_mlflow_logged_model, experiment_id),
        FIELD(TEXT, "name", ml_mlflow_logged_model, name),
        FIELD(TEXT, "model_type", ml_mlflow_logged_model, type),
        FIELD(TEXT, "source_run_id", ml_mlflow_logged_model, source_run_id),
        FIELD(TEXT, "artifact_location", ml_mlflow_logged_model, artifact_location),
        FIELD(TEXT, "status_message", ml_mlflow_logged_model, status_message),
        FIELD(LIFECYCLE, "lifecycle_stage", ml_mlflow_logged_model, lifecycle),
        FIELD(TIME, "creation_timestamp", ml_mlflow_logged_model, created_ms),
        FIELD(TIME, "last_updated_timestamp", ml_mlflow_logged_model, updated_ms),
    };
    const char *status = NULL;
    int number = ML_MLFLOW_LOGGED_MODEL_UNSPECIFIED;
    ML_CLEANUP(ml_mlflow_yaml_release) struct ml_mlflow_yaml meta = {0};
    ML_TRY(ml_mlflow_yaml_init(&meta, pool, span, name));
    ML_TRY(ml_mlflow_yaml_fields(&meta, fields, ML_COUNT(fields), model));
    ML_TRY(ml_mlflow_yaml_text(&meta, "status", &status));
    if (status)
        ML_TRY(ml_mlflow_yaml_enum(&meta, "status", &ml_mlflow_logged_model_statuses, status,
                                   &number));
    model->status = (enum ml_mlflow_logged_model_status)number;
    return MLEDGER_OK;
}

int ml_mlflow_meta_registered_model(struct ml_pool *pool, struct ml_span span, const char *name,
                                    struct ml_mlflow_registered_model *model)
{
    static const struct ml_mlflow_field fields[] = {
        FIELD(NEEDED, "name", ml_mlflow_registered_model, name),
        FIELD(TEXT, "description", ml_mlflow_registered_model, description),
        FIELD(TIME, "creation_timestamp", ml_mlflow_registered_model, created_ms),
        FIELD(TIME, "last_updated_timestamp", ml_mlflow_registered_model, updated_ms),
    };
    ML_CLEANUP(ml_mlflow_yaml_release) struct ml_mlflow_yaml meta = {0};
    ML_TRY(ml_mlflow_yaml_init(&meta, pool, span, name));
    return ml_mlflow_yaml_fields(&meta, fields, ML_COUNT(fields), model);
}

static int read_version_number(const struct ml_mlflow_yaml *meta, uint64_t *ret_number)
{
    const char *text = NULL;
    ML_TRY(ml_mlflow_yaml_needed(meta, "version", &text));
    if (ml_mlflow_ordinal(text, ret_number))
        return MLEDGER_OK;
    return ml_value_fail(meta->document, ml_value_get(meta->root, "version"),
                         "expected a number from 1 for 'version', found '%.80s'", text);
}

int ml_mlflow_meta_version(struct ml_pool *pool, struct ml_span span, const char *name,
                           struct ml_mlflow_version *version, const char **ret_model_name)
{
    static const struct ml_mlflow_field fields[] = {
        FIELD(TEXT, "current_stage", ml_mlflow_version, stage),
        FIELD(TEXT, "run_id", ml_mlflow_version, run_id),
        FIELD(TEXT, "model_id", ml_mlflow_version, model_id),
        FIELD(TEXT, "source", ml_mlflow_version, source),
        FIELD(TEXT, "storage_location", ml_mlflow_version, storage_location),
        FIELD(TEXT, "status", ml_mlflow_version, status),
        FIELD(TEXT, "status_message", ml_mlflow_version, status_message),
        FIELD(TEXT, "description", ml_mlflow_version, description),
        FIELD(TEXT, "user_id", ml_mlflow_version, user),
        FIELD(TIME, "creation_timestamp", ml_mlflow_version, created_ms),
        FIELD(TIME, "last_updated_timestamp", ml_mlflow_version, updated_ms),
    };
    const char *model_name = NULL;
    ML_CLEANUP(ml_mlflow_yaml_release) struct ml_mlflow_yaml meta = {0};
    ML_TRY(ml_mlflow_yaml_init(&meta, pool, span, name));
    ML_TRY(ml_mlflow_yaml_fields(&meta, fields, ML_COUNT(fields), version));
    ML_TRY(read_version_number(&meta, &version->number));
    ML_TRY(ml_mlflow_yaml_needed(&meta, "name", &model_name));
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

static int read_flavors(const struct ml_mlflow_yaml *meta, struct ml_mlflow_mlmodel *mlmodel)
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
        if (!ml_mlflow_yaml_is_scalar(key))
            return ml_value_fail(meta->document, key, "expected a flavor's name");
        ML_TRY(ml_mlflow_yaml_copy(meta, key, &names[i]));
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
    static const struct ml_mlflow_field fields[] = {
        FIELD(TEXT, "run_id", ml_mlflow_mlmodel, run_id),
        FIELD(TEXT, "model_uuid", ml_mlflow_mlmodel, model_uuid),
        FIELD(TEXT, "model_id", ml_mlflow_mlmodel, model_id),
        FIELD(TEXT, "artifact_path", ml_mlflow_mlmodel, artifact_path),
        FIELD(TEXT, "mlflow_version", ml_mlflow_mlmodel, mlflow_version),
        FIELD(TEXT, "utc_time_created", ml_mlflow_mlmodel, utc_time_created),
    };
    ML_CLEANUP(ml_mlflow_yaml_release) struct ml_mlflow_yaml meta = {0};
    ML_TRY(ml_mlflow_yaml_init(&meta, pool, span, name));
    ML_TRY(ml_mlflow_yaml_fields(&meta, fields, ML_COUNT(fields), mlmodel));
    const struct ml_value *signature = ml_value_get(meta.root, "signature");
    mlmodel->has_signature = signature && signature->kind != ML_VALUE_NULL;
    return read_flavors(&meta, mlmodel);
}

int ml_mlflow_meta_link(struct ml_pool *pool, struct ml_span span, const char *name,
                        struct ml_mlflow_link *link)
{
    static const struct ml_mlflow_field fields[] = {
        FIELD(NEEDED, "source_type", ml_mlflow_link, source_type),
        FIELD(NEEDED, "source_id", ml_mlflow_link, source_id),
        FIELD(TEXT, "destination_type", ml_mlflow_link, destination_type),
        FIELD(TEXT, "destination_id", ml_mlflow_link, destination_id),
    };
    ML_CLEANUP(ml_mlflow_yaml_release) struct ml_mlflow_yaml meta = {0};
    ML_TRY(ml_mlflow_yaml_init(&meta, pool, span, name));
    ML_TRY(ml_mlflow_yaml_fields(&meta, fields, ML_COUNT(fields), link));
    ML_TRY(ml_value_opt_int64(meta.document, meta.root, "step", &link->step));
    return ml_mlflow_yaml_tags(&meta, &link->tags);
}
