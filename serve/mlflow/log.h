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
    bool is_one; /* a request for one thing, not a batch: said so where it is refused */
};

/*
 * Records the batch. A parameter that has its value already is left out; one with another value is
 * INVALID_PARAMETER_VALUE, and nothing is recorded. The run must be active.
 */
int ml_rest_log(struct ml_rest_call *call, const struct ml_rest_batch *batch) ML_MUST_USE;

#endif
