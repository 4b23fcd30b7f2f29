/* SPDX-License-Identifier: Apache-2.0 */
/* The history of a metric, read from the run's own records. */
#ifndef ML_SERVE_MLFLOW_METRIC_H
#define ML_SERVE_MLFLOW_METRIC_H

#include <math.h>

#include "ledger/query/fields.h"
#include "serve/mlflow/call.h"

/* What MLflow compares of a value: its database keeps NaN as 0. */
static inline double ml_rest_metric_rank(double value)
{
    return isnan(value) ? 0 : value;
}

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
/* Of a metric's points that are as new as the one at hand, by step and time, the value that MLflow
 * takes for the newest: the greatest, where NaN is as 0. NULL: all are erased. Cost: the records of
 * the run since the first of them. Errors as above. */
int ml_rest_metric_newest(struct ml_rest_call *call, const struct ml_field *metric,
                          const Mledger__MetricValue **ret_value) ML_MUST_USE;
void ml_rest_history_release(struct ml_rest_history *history);
/* By time, step and value, as MLflow's clients get them. */
void ml_rest_history_sort(struct ml_rest_history *history);
/* By step, time and value, as it has those of an interval. */
void ml_rest_history_sort_steps(struct ml_rest_history *history);

#endif
