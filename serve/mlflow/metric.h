/* SPDX-License-Identifier: Apache-2.0 */
/* The history of a metric, read from the run's own records. */
#ifndef ML_SERVE_MLFLOW_METRIC_H
#define ML_SERVE_MLFLOW_METRIC_H

#include "serve/mlflow/call.h"

/* A point, by where it was recorded. */
struct ml_rest_point {
    const Mledger__MetricPoint *point;
    const Mledger__MetricValue *value; /* NULL: erased */
    size_t place;                      /* in the order of the records */
    bool is_repeated;
};

/* What the points name lives in the call's reader. */
struct ml_rest_history {
    struct ml_rest_point *points; /* in the order of the records */
    size_t count, cap;
};

/* Every point once: what MLflow calls the same (time, step and value) was logged again.
 * *ret_history is to be released in any case. MLEDGER_EDAMAGED, MLEDGER_ESYSTEM. */
int ml_rest_history_read(struct ml_rest_call *call, uint64_t run, const char *key,
                         struct ml_rest_history *ret_history) ML_MUST_USE;
void ml_rest_history_release(struct ml_rest_history *history);
/* By time, step and value, as the web UI has them. */
void ml_rest_history_sort(struct ml_rest_history *history);
/* By step, time and value, as it has those of an interval. */
void ml_rest_history_sort_steps(struct ml_rest_history *history);

#endif
