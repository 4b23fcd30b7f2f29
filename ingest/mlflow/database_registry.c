/* SPDX-License-Identifier: Apache-2.0 */
/* Registered models of a database, each with its versions, tags and aliases. */
#include "ingest/mlflow/database_part.h"

static const struct ml_sql_query registered_models = {
    .table = "registered_models",
    .columns = (const char *const[]){"name", "creation_time", "last_updated_time", "description",
                                     "workspace", NULL},
    .required = 1,
    .order = "name",
};
enum { MODEL_NAME, MODEL_CREATED, MODEL_UPDATED, MODEL_DESCRIPTION, MODEL_WORKSPACE };

/* With workspaces (MLflow 3.10 and later) a name is unique within one. */
#define OF_MODEL .where = "name = ?1", .scope = "workspace"
static const struct ml_sql_query tags_of_model = {
    .table = "registered_model_tags",
    .columns = (const char *const[]){"key", "value", "name", NULL},
    .required = 3,
    OF_MODEL,
};
static const struct ml_sql_query aliases_of_model = {
    .table = "registered_model_aliases",
    .columns = (const char *const[]){"alias", "version", "name", NULL},
    .required = 3,
    OF_MODEL,
    .order = "alias",
};
static const struct ml_sql_query tags_of_version = {
    .table = "model_version_tags",
    .columns = (const char *const[]){"key", "value", "name", "version", NULL},
    .required = 4,
    .where = "name = ?1 AND version = CAST(?2 AS INTEGER)",
    .scope = "workspace",
};
static const struct ml_sql_query versions_of_model = {
    .table = "model_versions",
    .columns =
        (const char *const[]){"version", "name", "current_stage", "creation_time",
                              "last_updated_time", "description", "user_id", "source", "run_id",
                              "status", "status_message", "storage_location", NULL},
    .required = 3,
    OF_MODEL,
    .order = "version",
};
enum {
    VERSION_NUMBER,
    VERSION_NAME,
    VERSION_STAGE,
    VERSION_CREATED,
    VERSION_UPDATED,
    VERSION_DESCRIPTION,
    VERSION_USER,
    VERSION_SOURCE,
    VERSION_RUN,
    VERSION_STATUS,
    VERSION_MESSAGE,
    VERSION_STORAGE,
};

/* A text that MLflow has not overwritten on deletion. */
static int read_kept(const struct ml_sql_rows *rows, size_t column, struct ml_pool *pool,
                     const char **ret_text)
{
    ML_TRY(ml_mlflow_row_text(rows, column, pool, ret_text));
    if (*ret_text && strncmp(*ret_text, "REDACTED-", 9) == 0)
        *ret_text = NULL;
    return MLEDGER_OK;
}

static int read_number(const struct ml_sql_rows *rows, size_t column, uint64_t *ret_number)
{
    int64_t number;
    ML_TRY(ml_sql_integer(rows, column, 0, &number));
    if (number < 1)
        return ml_sql_fail(rows, column, "is no number of a version");
    *ret_number = (uint64_t)number;
    return MLEDGER_OK;
}

static int read_stage(const struct ml_sql_rows *rows, struct ml_pool *pool,
                      struct ml_mlflow_version *version)
{
    ML_TRY(ml_mlflow_row_text(rows, VERSION_STAGE, pool, &version->stage));
    if (!version->stage)
        version->stage = "None";
    version->deleted = strcmp(version->stage, "Deleted_Internal") == 0;
    if (version->deleted)
        version->stage = NULL;
    return MLEDGER_OK;
}

static int read_version(struct ml_mlflow_database *database, const struct ml_sql_rows *rows,
                        const struct ml_mlflow_registered_model *model,
                        const struct ml_sql_values *key, struct ml_pool *pool,
                        struct ml_mlflow_version *version)
{
    ML_TRY(read_number(rows, VERSION_NUMBER, &version->number));
    ML_TRY(read_stage(rows, pool, version));
    ML_TRY(ml_mlflow_row_time(rows, VERSION_CREATED, &version->created_ms));
    ML_TRY(ml_mlflow_row_time(rows, VERSION_UPDATED, &version->updated_ms));
    ML_TRY(ml_mlflow_row_text(rows, VERSION_DESCRIPTION, pool, &version->description));
    ML_TRY(ml_mlflow_row_text(rows, VERSION_USER, pool, &version->user));
    ML_TRY(read_kept(rows, VERSION_SOURCE, pool, &version->source));
    ML_TRY(read_kept(rows, VERSION_RUN, pool, &version->run_id));
    ML_TRY(ml_mlflow_row_text(rows, VERSION_STATUS, pool, &version->status));
    ML_TRY(ml_mlflow_row_text(rows, VERSION_MESSAGE, pool, &version->status_message));
    ML_TRY(ml_mlflow_row_text(rows, VERSION_STORAGE, pool, &version->storage_location));
    if (version->source && strncmp(version->source, "models:/m-", 10) == 0)
        version->model_id = version->source + 8;
    const char *number = ml_pool_printf(pool, "%llu", (unsigned long long)version->number);
    version->path = ml_pool_printf(pool, "%s/version-%s", model->path, number ? number : "");
    if (!number || !version->path)
        return MLEDGER_ESYSTEM;
    const struct ml_sql_values values = {{key->of[0], number, key->of[2]}};
    return ml_mlflow_database_pairs(database, &tags_of_version, &values, pool, version->path,
                                    &version->tags);
}

static int read_versions(struct ml_mlflow_database *database, const struct ml_sql_values *key,
                         struct ml_pool *pool, struct ml_mlflow_registered_model *model)
{
    ML_CLEANUP(ml_mlflow_rows_release) struct ml_mlflow_rows versions = {0};
    ML_CLEANUP(ml_sql_rows_endp) struct ml_sql_rows *rows = NULL;
    ML_TRY(ml_sql_select(database->sql, &versions_of_model, key, &rows));
    int more;
    while ((more = ml_sql_next(rows)) > 0) {
        struct ml_mlflow_version version = {0};
        const int code = read_version(database, rows, model, key, pool, &version);
        if (code < 0) {
            ML_TRY(ml_mlflow_leave_out(database->reader, version.path ? version.path : model->path,
                                       code));
            continue;
        }
        ML_TRY(ml_grow(&versions.items, &versions.cap, versions.count + 1, sizeof version));
        ((struct ml_mlflow_version *)versions.items)[versions.count++] = version;
    }
    ML_TRY(more);
    model->versions = ml_mlflow_rows_keep(&versions, sizeof *model->versions, pool, model->path);
    model->version_count = versions.count;
    return model->versions ? MLEDGER_OK : ml_failed();
}

static int read_aliases(struct ml_mlflow_database *database, const struct ml_sql_values *key,
                        struct ml_pool *pool, struct ml_mlflow_registered_model *model)
{
    ML_CLEANUP(ml_mlflow_rows_release) struct ml_mlflow_rows aliases = {0};
    ML_CLEANUP(ml_sql_rows_endp) struct ml_sql_rows *rows = NULL;
    ML_TRY(ml_sql_select(database->sql, &aliases_of_model, key, &rows));
    int more;
    while ((more = ml_sql_next(rows)) > 0) {
        struct ml_mlflow_alias alias;
        int code = ml_mlflow_row_id(rows, 0, pool, &alias.name);
        if (code >= 0)
            code = read_number(rows, 1, &alias.version);
        if (code < 0) {
            ML_TRY(ml_mlflow_leave_out(database->reader, model->path, code));
            continue;
        }
        ML_TRY(ml_grow(&aliases.items, &aliases.cap, aliases.count + 1, sizeof alias));
        ((struct ml_mlflow_alias *)aliases.items)[aliases.count++] = alias;
    }
    ML_TRY(more);
    model->aliases = ml_mlflow_rows_keep(&aliases, sizeof *model->aliases, pool, model->path);
    model->alias_count = aliases.count;
    return model->aliases ? MLEDGER_OK : ml_failed();
}

static int read_model(struct ml_mlflow_database *database, const struct ml_sql_rows *rows,
                      struct ml_pool *pool, struct ml_mlflow_registered_model *model)
{
    struct ml_sql_values values = {0}, *key = &values;
    ML_TRY(ml_mlflow_row_id(rows, MODEL_NAME, pool, &values.of[0]));
    ML_TRY(ml_mlflow_row_text(rows, MODEL_WORKSPACE, pool, &values.of[2]));
    model->path = ml_pool_printf(pool, "registered_models/%s", values.of[0]);
    if (!model->path)
        return MLEDGER_ESYSTEM;
    ML_TRY(ml_mlflow_row_name(rows, MODEL_NAME, MODEL_WORKSPACE, pool, &model->name));
    ML_TRY(ml_mlflow_row_time(rows, MODEL_CREATED, &model->created_ms));
    ML_TRY(ml_mlflow_row_time(rows, MODEL_UPDATED, &model->updated_ms));
    ML_TRY(ml_mlflow_row_text(rows, MODEL_DESCRIPTION, pool, &model->description));
    ML_TRY(
        ml_mlflow_database_pairs(database, &tags_of_model, key, pool, model->path, &model->tags));
    ML_TRY(read_aliases(database, key, pool, model));
    return read_versions(database, key, pool, model);
}

int ml_mlflow_database_registry(struct ml_mlflow_database *database)
{
    ML_CLEANUP(ml_sql_rows_endp) struct ml_sql_rows *rows = NULL;
    const struct ml_mlflow_visitor *visitor = database->visitor;
    ML_TRY(
        ml_sql_select(database->sql, &registered_models, &(struct ml_sql_values){{NULL}}, &rows));
    int more;
    while ((more = ml_sql_next(rows)) > 0) {
        ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
        struct ml_mlflow_registered_model model = {0};
        const int code = read_model(database, rows, &pool, &model);
        if (code < 0)
            ML_TRY(ml_mlflow_leave_out(database->reader,
                                       model.path ? model.path : "registered_models", code));
        else if (visitor->registered_model)
            ML_TRY(visitor->registered_model(visitor->context, &model));
    }
    return more;
}
