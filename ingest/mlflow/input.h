/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run read and wrote: the folders `inputs` (datasets, logged models) and `outputs` (logged
 * models) of a run, and the `datasets` of its experiment.
 */
#ifndef ML_INGEST_MLFLOW_INPUT_H
#define ML_INGEST_MLFLOW_INPUT_H

#include "ingest/mlflow/reader.h"

/* Fills run->inputs and run->model_inputs. An input whose dataset is missing is left out. */
int ml_mlflow_inputs_read(struct ml_mlflow_reader *reader, struct ml_pool *pool,
                          const struct ml_mlflow_experiment *experiment,
                          struct ml_mlflow_run *run) ML_MUST_USE;
/* Fills run->model_outputs. */
int ml_mlflow_outputs_read(struct ml_mlflow_reader *reader, struct ml_pool *pool,
                           struct ml_mlflow_run *run) ML_MUST_USE;

#endif
