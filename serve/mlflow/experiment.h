/* SPDX-License-Identifier: Apache-2.0 */
/* Experiments as MLflow's API shows and finds them. */
#ifndef ML_SERVE_MLFLOW_EXPERIMENT_H
#define ML_SERVE_MLFLOW_EXPERIMENT_H

#include "serve/mlflow/call.h"

/* The experiment with this id, deleted or not. RESOURCE_DOES_NOT_EXIST. */
int ml_rest_experiment_find(struct ml_rest_call *call, const char *id,
                            uint64_t *ret_seq) ML_MUST_USE;
/* The same, refused with INVALID_PARAMETER_VALUE where it is deleted. */
int ml_rest_experiment_find_active(struct ml_rest_call *call, const char *id,
                                   uint64_t *ret_seq) ML_MUST_USE;
/* As the API shows it. */
int ml_rest_experiment_show(struct ml_rest_call *call, uint64_t seq,
                            Mlflow__Experiment **ret_experiment) ML_MUST_USE;
/* Where its runs and logged models put their artifacts; lives as the reader. */
int ml_rest_experiment_location(struct ml_rest_call *call, uint64_t seq,
                                const char **ret_location) ML_MUST_USE;
/* A path there: as ml_rest_uri_below(), in the call's arena. */
int ml_rest_experiment_place(struct ml_rest_call *call, uint64_t seq, const char *path,
                             const char **ret_uri) ML_MUST_USE;

/* Can artifacts of experiments be below it (struct ml_rest)? INVALID_PARAMETER_VALUE. */
int ml_rest_experiment_check_root(const char *root) ML_MUST_USE;

/* Makes experiment "0", which every MLflow server has, unless there is one or its name is taken. */
int ml_rest_experiment_default(struct ml_rest *service) ML_MUST_USE;

#endif
