/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The project's own MLflow sample and every real store under shared/data/mlflow, with what they
 * hold. The numbers were counted in the stores with a script of its own (files below params,
 * distinct lines of metric files, folders with a meta.yaml, …; of databases by `SELECT count(*)`),
 * never taken from a reader of ours.
 */
#ifndef TESTS_UNIT_MLFLOW_SAMPLES_H
#define TESTS_UNIT_MLFLOW_SAMPLES_H

#include <stddef.h>

struct mlflow_counts {
    size_t experiments, experiment_tags, runs, params, points, tags, inputs, outputs, artifacts,
        artifact_bytes, mlmodels, logged_models, model_params, model_tags, model_points,
        model_artifacts, registered, versions, deleted_versions, stages, aliases, left_out;
};

struct mlflow_sample {
    const char *store; /* its path below the folder of its kind */
    struct mlflow_counts counts;
};

enum { MLFLOW_FILE_STORES = 10, MLFLOW_DATABASES = 7 };
extern const struct mlflow_sample mlflow_file_stores[MLFLOW_FILE_STORES]; /* in file_stores */
extern const struct mlflow_sample mlflow_databases[MLFLOW_DATABASES];     /* in databases */
extern const struct mlflow_sample mlflow_churn;                           /* in tests/samples */

/* Fails the test, naming the store and what was counted, unless the numbers are equal. */
void mlflow_check(const char *store, const char *what, size_t found, size_t wanted);

#endif
