/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/mlflow/database.h"

#include "ingest/mlflow/database_part.h"
#include "ingest/mlflow/memory.h"
#include "ingest/mlflow/names.h"

/* ---- runs ---- */

static const struct ml_sql_query runs_of_experiment = {
    .table = "runs",
    .columns = (const char *const[]){"run_uuid", "experiment_id", "status", "start_time",
                                     "lifecycle_stage", "name", "source_type", "source_name",
                                     "user_id", "end_time", "artifact_uri", "deleted_time", NULL},
    .required = 5,
    .where = "experiment_id = ?1",
    .order = "start_time, run_uuid",
};
enum {
    RUN_ID,
    RUN_EXPERIMENT,
    RUN_STATUS,
    RUN_STARTED,
    RUN_LIFECYCLE,
    RUN_NAME,
    RUN_SOURCE_TYPE,
    RUN_SOURCE_NAME,
    RUN_USER,
    RUN_ENDED,
    RUN_ARTIFACTS,
    RUN_DELETED,
};

static int read_status(const struct ml_sql_rows *rows, struct ml_pool *pool,
                       enum ml_mlflow_run_status *ret_status)
{
    const char *text;
    int number;
    ML_TRY(ml_mlflow_row_id(rows, RUN_STATUS, pool, &text));
    if (!ml_mlflow_names_find(&ml_mlflow_run_statuses, text, &number))
        return ml_sql_fail(rows, RUN_STATUS, "is none that MLflow has");
    *ret_status = (enum ml_mlflow_run_status)number;
    return MLEDGER_OK;
}

static int read_run(const struct ml_sql_rows *rows, struct ml_pool *pool, struct ml_mlflow_run *run)
{
    ML_TRY(ml_mlflow_row_id(rows, RUN_ID, pool, &run->id));
    ML_TRY(ml_mlflow_row_id(rows, RUN_EXPERIMENT, pool, &run->experiment_id));
    ML_TRY(read_status(rows, pool, &run->status));
    ML_TRY(ml_mlflow_row_time(rows, RUN_STARTED, &run->started_ms));
    ML_TRY(ml_mlflow_row_time(rows, RUN_ENDED, &run->ended_ms));
    ML_TRY(ml_mlflow_row_time(rows, RUN_DELETED, &run->deleted_ms));
    ML_TRY(ml_mlflow_row_lifecycle(rows, RUN_LIFECYCLE, pool, &run->lifecycle));
    ML_TRY(ml_mlflow_row_text(rows, RUN_NAME, pool, &run->name));
    ML_TRY(ml_mlflow_row_text(rows, RUN_SOURCE_TYPE, pool, &run->source_type));
    ML_TRY(ml_mlflow_row_text(rows, RUN_SOURCE_NAME, pool, &run->source_name));
    ML_TRY(ml_mlflow_row_text(rows, RUN_USER, pool, &run->user));
    ML_TRY(ml_mlflow_row_text(rows, RUN_ARTIFACTS, pool, &run->artifact_uri));
    run->path = ml_pool_printf(pool, "runs/%s", run->id);
    return run->path ? MLEDGER_OK : MLEDGER_ESYSTEM;
}

static int visit_run(struct ml_mlflow_database *database, const struct ml_sql_rows *rows,
                     const struct ml_mlflow_experiment *experiment)
{
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    struct ml_mlflow_run run = {0};
    int code = read_run(rows, &pool, &run);
    const int remembered = code >= 0 ? ml_mlflow_database_run_is_remembered(database, &run) : 0;
    if (remembered)
        return remembered < 0 ? remembered : MLEDGER_OK;
    if (code >= 0)
        code = ml_mlflow_database_run(database, &pool, &run);
    if (code < 0)
        return ml_mlflow_leave_out(database->reader, run.path ? run.path : experiment->path, code);
    return database->visitor->run
               ? database->visitor->run(database->visitor->context, experiment, &run)
               : MLEDGER_OK;
}

static int visit_runs(struct ml_mlflow_database *database,
                      const struct ml_mlflow_experiment *experiment)
{
    ML_CLEANUP(ml_sql_rows_endp) struct ml_sql_rows *rows = NULL;
    ML_TRY(ml_sql_select(database->sql, &runs_of_experiment,
                         &(struct ml_sql_values){{experiment->id}}, &rows));
    int more;
    while ((more = ml_sql_next(rows)) > 0)
        ML_TRY(visit_run(database, rows, experiment));
    return more;
}

/* ---- logged models ---- */

static const struct ml_sql_query models_of_experiment = {
    .table = "logged_models",
    .columns = (const char *const[]){"model_id", "experiment_id", "name", "artifact_location",
                                     "creation_timestamp_ms", "last_updated_timestamp_ms", "status",
                                     "lifecycle_stage", "model_type", "source_run_id",
                                     "status_message", NULL},
    .required = 2,
    .where = "experiment_id = ?1",
    .order = "model_id",
};
enum {
    MODEL_ID,
    MODEL_EXPERIMENT,
    MODEL_NAME,
    MODEL_ARTIFACTS,
    MODEL_CREATED,
    MODEL_UPDATED,
    MODEL_STATUS,
    MODEL_LIFECYCLE,
    MODEL_TYPE,
    MODEL_RUN,
    MODEL_MESSAGE,
};
static const struct ml_sql_query params_of_model = {
    .table = "logged_model_params",
    .columns = (const char *const[]){"param_key", "param_value", "model_id", NULL},
    .required = 3,
    .where = "model_id = ?1",
};
static const struct ml_sql_query tags_of_model = {
    .table = "logged_model_tags",
    .columns = (const char *const[]){"tag_key", "tag_value", "model_id", NULL},
    .required = 3,
    .where = "model_id = ?1",
};

static int read_model(const struct ml_sql_rows *rows, struct ml_pool *pool,
                      struct ml_mlflow_logged_model *model)
{
    int64_t status;
    ML_TRY(ml_mlflow_row_id(rows, MODEL_ID, pool, &model->id));
    ML_TRY(ml_mlflow_row_id(rows, MODEL_EXPERIMENT, pool, &model->experiment_id));
    ML_TRY(ml_mlflow_row_text(rows, MODEL_NAME, pool, &model->name));
    ML_TRY(ml_mlflow_row_text(rows, MODEL_ARTIFACTS, pool, &model->artifact_location));
    ML_TRY(ml_mlflow_row_time(rows, MODEL_CREATED, &model->created_ms));
    ML_TRY(ml_mlflow_row_time(rows, MODEL_UPDATED, &model->updated_ms));
    ML_TRY(ml_sql_integer(rows, MODEL_STATUS, ML_MLFLOW_LOGGED_MODEL_UNSPECIFIED, &status));
    if (status < ML_MLFLOW_LOGGED_MODEL_UNSPECIFIED || status > ML_MLFLOW_LOGGED_MODEL_FAILED)
        return ml_sql_fail(rows, MODEL_STATUS, "is none that MLflow has");
    model->status = (enum ml_mlflow_logged_model_status)status;
    ML_TRY(ml_mlflow_row_lifecycle(rows, MODEL_LIFECYCLE, pool, &model->lifecycle));
    ML_TRY(ml_mlflow_row_text(rows, MODEL_TYPE, pool, &model->type));
    ML_TRY(ml_mlflow_row_text(rows, MODEL_RUN, pool, &model->source_run_id));
    ML_TRY(ml_mlflow_row_text(rows, MODEL_MESSAGE, pool, &model->status_message));
    model->path = ml_pool_printf(pool, "logged_models/%s", model->id);
    return model->path ? MLEDGER_OK : MLEDGER_ESYSTEM;
}

static int hash_metrics(struct ml_hasher *hasher, const struct ml_mlflow_metrics *metrics)
{
    for (size_t i = 0; i < metrics->count; i++) {
        const struct ml_mlflow_metric *metric = &metrics->items[i];
        ML_TRY(ml_hasher_update(hasher, metric->key, strlen(metric->key) + 1));
        ML_TRY(ml_hasher_update(hasher, &metric->count, sizeof metric->count));
    }
    return MLEDGER_OK;
}

static int print_model(const struct ml_mlflow_logged_model *model, struct ml_digests *ret_print)
{
    ML_CLEANUP(ml_hasher_release) struct ml_hasher hasher = {0};
    const int64_t numbers[] = {(int64_t)model->status, (int64_t)model->lifecycle, model->created_ms,
                               model->updated_ms};
    ML_TRY(ml_hasher_init(&hasher, ML_HASH_SHA256));
    ML_TRY(ml_hasher_update(&hasher, numbers, sizeof numbers));
    ML_TRY(ml_mlflow_hash_pairs(&hasher, &model->params));
    ML_TRY(ml_mlflow_hash_pairs(&hasher, &model->tags));
    ML_TRY(hash_metrics(&hasher, &model->metrics));
    return ml_hasher_final(&hasher, ret_print);
}

/* 1: an earlier visit saw the same of the model, which is finished. */
static int is_remembered(struct ml_mlflow_database *database,
                         const struct ml_mlflow_logged_model *model)
{
    struct ml_mlflow_memory *memory = database->reader->options.memory;
    struct ml_digests print;
    if (!memory || model->status == ML_MLFLOW_LOGGED_MODEL_PENDING)
        return ml_mlflow_memory_skips(memory, model->path, NULL);
    ML_TRY(print_model(model, &print));
    return ml_mlflow_memory_skips(memory, model->path, print.sha256);
}

/* 1: it is remembered, and its files were not listed. */
static int read_model_rest(struct ml_mlflow_database *database, struct ml_pool *pool,
                           struct ml_mlflow_logged_model *model)
{
    const char *id = model->id, *path = model->path;
    const char *owner = ml_pool_printf(pool, "models/%s", id);
    if (!owner)
        return MLEDGER_ESYSTEM;
    ML_TRY(ml_mlflow_database_pairs(database, &params_of_model, &(struct ml_sql_values){{id}}, pool,
                                    path, &model->params));
    ML_TRY(ml_mlflow_database_pairs(database, &tags_of_model, &(struct ml_sql_values){{id}}, pool,
                                    path, &model->tags));
    ML_TRY(ml_mlflow_database_model_metrics(database, id, pool, path, &model->metrics));
    const int remembered = is_remembered(database, model);
    if (remembered)
        return remembered;
    return ml_mlflow_database_artifacts(database, model->experiment_id, owner, pool,
                                        &model->artifacts);
}

static int visit_model(struct ml_mlflow_database *database, const struct ml_sql_rows *rows,
                       const struct ml_mlflow_experiment *experiment)
{
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    struct ml_mlflow_logged_model model = {0};
    int code = read_model(rows, &pool, &model);
    if (code >= 0)
        code = read_model_rest(database, &pool, &model);
    if (code > 0)
        return MLEDGER_OK;
    if (code < 0)
        return ml_mlflow_leave_out(database->reader, model.path ? model.path : experiment->path,
                                   code);
    return database->visitor->logged_model
               ? database->visitor->logged_model(database->visitor->context, experiment, &model)
               : MLEDGER_OK;
}

static int visit_models(struct ml_mlflow_database *database,
                        const struct ml_mlflow_experiment *experiment)
{
    ML_CLEANUP(ml_sql_rows_endp) struct ml_sql_rows *rows = NULL;
    ML_TRY(ml_sql_select(database->sql, &models_of_experiment,
                         &(struct ml_sql_values){{experiment->id}}, &rows));
    int more;
    while ((more = ml_sql_next(rows)) > 0)
        ML_TRY(visit_model(database, rows, experiment));
    return more;
}

/* ---- experiments ---- */

static const struct ml_sql_query experiments = {
    .table = "experiments",
    .columns =
        (const char *const[]){"experiment_id", "name", "lifecycle_stage", "artifact_location",
                              "creation_time", "last_update_time", "workspace", NULL},
    .required = 3,
    .order = "experiment_id",
};
enum {
    EXPERIMENT_ID,
    EXPERIMENT_NAME,
    EXPERIMENT_LIFECYCLE,
    EXPERIMENT_ARTIFACTS,
    EXPERIMENT_CREATED,
    EXPERIMENT_UPDATED,
    EXPERIMENT_WORKSPACE,
};
static const struct ml_sql_query tags_of_experiment = {
    .table = "experiment_tags",
    .columns = (const char *const[]){"key", "value", "experiment_id", NULL},
    .required = 3,
    .where = "experiment_id = ?1",
};

static int read_experiment(const struct ml_sql_rows *rows, struct ml_pool *pool,
                           struct ml_mlflow_experiment *experiment)
{
    ML_TRY(ml_mlflow_row_id(rows, EXPERIMENT_ID, pool, &experiment->id));
    experiment->path = ml_pool_printf(pool, "experiments/%s", experiment->id);
    if (!experiment->path)
        return MLEDGER_ESYSTEM;
    ML_TRY(ml_mlflow_row_lifecycle(rows, EXPERIMENT_LIFECYCLE, pool, &experiment->lifecycle));
    ML_TRY(ml_mlflow_row_text(rows, EXPERIMENT_ARTIFACTS, pool, &experiment->artifact_location));
    ML_TRY(ml_mlflow_row_time(rows, EXPERIMENT_CREATED, &experiment->created_ms));
    ML_TRY(ml_mlflow_row_time(rows, EXPERIMENT_UPDATED, &experiment->updated_ms));
    return ml_mlflow_row_name(rows, EXPERIMENT_NAME, EXPERIMENT_WORKSPACE, pool, &experiment->name);
}

static int visit_experiment(struct ml_mlflow_database *database, const struct ml_sql_rows *rows)
{
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    struct ml_mlflow_experiment experiment = {.created_ms = ML_MLFLOW_NO_TIME,
                                              .updated_ms = ML_MLFLOW_NO_TIME};
    const struct ml_mlflow_visitor *visitor = database->visitor;
    int code = read_experiment(rows, &pool, &experiment);
    if (code >= 0)
        code = ml_mlflow_database_pairs(database, &tags_of_experiment,
                                        &(struct ml_sql_values){{experiment.id}}, &pool,
                                        experiment.path, &experiment.tags);
    if (code < 0)
        ML_TRY(ml_mlflow_leave_out(database->reader,
                                   experiment.path ? experiment.path : "experiments", code));
    if (!experiment.id)
        return MLEDGER_OK; /* as in a file store, runs of a broken experiment are read */
    if (visitor->experiment)
        ML_TRY(visitor->experiment(visitor->context, &experiment));
    ML_TRY(visit_runs(database, &experiment));
    return visit_models(database, &experiment);
}

static int visit_experiments(struct ml_mlflow_database *database)
{
    ML_CLEANUP(ml_sql_rows_endp) struct ml_sql_rows *rows = NULL;
    ML_TRY(ml_sql_select(database->sql, &experiments, &(struct ml_sql_values){{NULL}}, &rows));
    int more;
    while ((more = ml_sql_next(rows)) > 0)
        ML_TRY(visit_experiment(database, rows));
    return more;
}

int ml_mlflow_database_visit(struct ml_mlflow_reader *reader, struct ml_sql *sql,
                             const struct ml_mlflow_visitor *visitor)
{
    struct ml_mlflow_database database = {.reader = reader, .sql = sql, .visitor = visitor};
    int code = ml_sql_begin(sql);
    if (code >= 0)
        code = visit_experiments(&database);
    if (code >= 0)
        code = ml_mlflow_database_registry(&database);
    ml_sql_end(sql);
    return code;
}
