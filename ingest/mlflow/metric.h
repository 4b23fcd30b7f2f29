/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A metric's file: its whole history, a line for each value, written by MLflow's FileStore:
 *
 *     TIMESTAMP VALUE                                      MLflow 0.x; the step is 0
 *     TIMESTAMP VALUE STEP                                 1.x to 3.x
 *     TIMESTAMP VALUE STEP DATASET DIGEST                  3.x, measured on a dataset
 *     TIMESTAMP VALUE STEP RUN [DATASET DIGEST]            3.x, of a logged model
 *
 * One space between fields; a dataset's name may hold spaces itself, its digest none. Timestamp and
 * step are decimal int64; the value is what Python's float() reads: a decimal number, inf,
 * infinity or nan in any case, with a sign. Lines end with LF or CRLF.
 */
#ifndef ML_INGEST_MLFLOW_METRIC_H
#define ML_INGEST_MLFLOW_METRIC_H

#include "ingest/mlflow/reader.h"

enum ml_mlflow_metric_of {
    ML_MLFLOW_METRIC_OF_RUN,
    ML_MLFLOW_METRIC_OF_MODEL,
};

/*
 * Reads the file's content `text`, NUL-terminated, which is cut up in place and becomes part of
 * the result; `name` is the file's for errors. The key of *ret_metric is left to the caller.
 * MLEDGER_EINVALID, "FILE:LINE: what": a malformed line, no line at all, more than
 * ML_MLFLOW_METRIC_LINES_MAX, or a last line without its end that has fewer fields than the one
 * before, which is how a write that was cut off looks.
 */
int ml_mlflow_metric_parse(struct ml_pool *pool, char *text, size_t len,
                           enum ml_mlflow_metric_of of, const char *name,
                           struct ml_mlflow_metric *ret_metric) ML_MUST_USE;

/* All metrics below the folder `path`; those that cannot be read are left out. */
int ml_mlflow_metrics_read(struct ml_mlflow_reader *reader, struct ml_pool *pool, const char *path,
                           enum ml_mlflow_metric_of of,
                           struct ml_mlflow_metrics *ret_metrics) ML_MUST_USE;

#endif
