/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/mlflow/logged_model.h"

#include "ingest/mlflow/artifact.h"
#include "ingest/mlflow/meta.h"
#include "ingest/mlflow/metric.h"
#include "ingest/mlflow/pairs.h"
#include "ingest/mlflow/place.h"

static int read_meta(struct ml_mlflow_reader *reader, struct ml_pool *pool,
                     const struct ml_mlflow_experiment *experiment, const char *name,
                     struct ml_mlflow_logged_model *model)
{
    struct ml_mlflow_file meta;
    const char *models;
    ML_TRY(ml_mlflow_join(pool, experiment->path, "models", &models));
    ML_TRY(ml_mlflow_join(pool, models, name, &model->path));
    ML_TRY(ml_mlflow_meta_text(reader, pool, model->path, &meta));
    ML_TRY(ml_mlflow_meta_logged_model(pool, meta.text, meta.full, model));
    ML_TRY(ml_mlflow_check_place(&meta, "model_id", model->id, name));
    if (!model->experiment_id)
        model->experiment_id = experiment->id;
    return ml_mlflow_check_place(&meta, "experiment_id", model->experiment_id, experiment->id);
}

int ml_mlflow_logged_model_read(struct ml_mlflow_reader *reader, struct ml_pool *pool,
                                const struct ml_mlflow_experiment *experiment, const char *name,
                                struct ml_mlflow_logged_model *ret_model)
{
    struct ml_mlflow_logged_model model = {0};
    const char *params, *tags, *metrics;
    ML_TRY(read_meta(reader, pool, experiment, name, &model));
    ML_TRY(ml_mlflow_join(pool, model.path, "params", &params));
    ML_TRY(ml_mlflow_join(pool, model.path, "tags", &tags));
    ML_TRY(ml_mlflow_join(pool, model.path, "metrics", &metrics));
    ML_TRY(ml_mlflow_pairs_read(reader, pool, params, &model.params));
    ML_TRY(ml_mlflow_pairs_read(reader, pool, tags, &model.tags));
    ML_TRY(
        ml_mlflow_metrics_read(reader, pool, metrics, ML_MLFLOW_METRIC_OF_MODEL, &model.metrics));
    ML_TRY(ml_mlflow_artifacts_read(reader, pool, model.path, &model.artifacts));
    *ret_model = model;
    return MLEDGER_OK;
}
