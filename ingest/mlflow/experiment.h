/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An experiment's folder, and the visit of what is in it.
 */
#ifndef ML_INGEST_MLFLOW_EXPERIMENT_H
#define ML_INGEST_MLFLOW_EXPERIMENT_H

#include "ingest/mlflow/reader.h"

struct ml_mlflow_experiment_place {
    const char *path; /* relative to the store */
    const char *id;   /* name of the folder */
    bool in_trash;
};

/* All experiments, by id: numbers by value, then other names bytewise; of two with one id, which
 * cannot be, the one in .trash is left out. */
int ml_mlflow_experiments_list(struct ml_mlflow_reader *reader, struct ml_pool *pool,
                               const struct ml_mlflow_experiment_place **ret_places,
                               size_t *ret_count) ML_MUST_USE;

/* Calls the visitor for the experiment, its runs and its logged models. */
int ml_mlflow_experiment_visit(struct ml_mlflow_reader *reader,
                               const struct ml_mlflow_experiment_place *place,
                               const struct ml_mlflow_visitor *visitor) ML_MUST_USE;

#endif
