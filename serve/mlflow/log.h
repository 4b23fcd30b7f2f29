/* SPDX-License-Identifier: Apache-2.0 */
/* What a run logs: metrics, parameters, tags, as one record a call. */
#ifndef ML_SERVE_MLFLOW_LOG_H
#define ML_SERVE_MLFLOW_LOG_H

#include "serve/mlflow/call.h"

struct ml_rest_batch {
    const char *run_id;
    Mlflow__Metric *const *metrics;
    size_t n_metrics;
    Mlflow__KeyValue *const *params, *const *tags;
    size_t n_params, n_tags;
};

/*
 * Records the batch. A parameter that has its value already is left out; one with another value is
 * INVALID_PARAMETER_VALUE, and nothing is recorded. The run must be active.
 */
int ml_rest_log(struct ml_rest_call *call, const struct ml_rest_batch *batch) ML_MUST_USE;

/* Names of metrics and parameters, which stores of MLflow use as names of files. `what` is "metric"
 * or "parameter". INVALID_PARAMETER_VALUE. */
int ml_rest_check_key(const char *what, const char *key) ML_MUST_USE;
/* A parameter's name, and the length of its value. INVALID_PARAMETER_VALUE. */
int ml_rest_check_param(const Mlflow__KeyValue *param) ML_MUST_USE;

#endif
