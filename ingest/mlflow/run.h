/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run's folder: `<experiment>/<run id>`. In two steps, because runs are visited in the order of
 * their times: first the meta.yaml of each, then, one run at a time, all the rest.
 */
#ifndef ML_INGEST_MLFLOW_RUN_H
#define ML_INGEST_MLFLOW_RUN_H

#include "ingest/mlflow/reader.h"

/* The meta.yaml of the folder `name` of `experiment`. MLEDGER_ENOTFOUND when there is none;
 * MLEDGER_EINVALID also when it speaks of another run or experiment than its place says. */
int ml_mlflow_run_meta_read(struct ml_mlflow_reader *reader, struct ml_pool *pool,
                            const struct ml_mlflow_experiment *experiment, const char *name,
                            struct ml_mlflow_run *ret_run) ML_MUST_USE;

/* Parameters, tags, metrics, inputs, outputs and artifacts of that run, and what meta.yaml leaves
 * to its tags. `pool` may be another one, of a shorter life. */
int ml_mlflow_run_rest_read(struct ml_mlflow_reader *reader, struct ml_pool *pool,
                            const struct ml_mlflow_experiment *experiment,
                            struct ml_mlflow_run *run) ML_MUST_USE;

/* Name, user and source of a run that says nothing of them itself, from its tags. */
void ml_mlflow_run_fill_from_tags(struct ml_mlflow_run *run);

#endif
