/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A logged model of MLflow 3: `<experiment>/models/<model id>`.
 */
#ifndef ML_INGEST_MLFLOW_LOGGED_MODEL_H
#define ML_INGEST_MLFLOW_LOGGED_MODEL_H

#include "ingest/mlflow/reader.h"

/* All of the folder `name` of the experiment's models. MLEDGER_ENOTFOUND when it has no meta.yaml;
 * MLEDGER_EINVALID also when that speaks of another model or experiment than its place says. */
int ml_mlflow_logged_model_read(struct ml_mlflow_reader *reader, struct ml_pool *pool,
                                const struct ml_mlflow_experiment *experiment, const char *name,
                                struct ml_mlflow_logged_model *ret_model) ML_MUST_USE;

#endif
