/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the files of a model version are said to be (its `source`), with MLflow's checks
 * (mlflow.server.handlers: _validate_source_run): a path of one machine alone is taken only below
 * the artifacts of the run that it is of, and nothing that leads upwards is taken at all.
 */
#ifndef ML_SERVE_MLFLOW_SOURCE_H
#define ML_SERVE_MLFLOW_SOURCE_H

#include "serve/mlflow/model.h"

/* How much of "s3://b/m" or "mlflow-artifacts:/1" stands before the colon; 0: it has no scheme. */
size_t ml_rest_uri_scheme(const char *source);

/* The URI of what stands at `path` below `uri`, before its query if it has one; NULL: memory is out
 * (ml_arena_fail()). */
const char *ml_rest_uri_below(struct ml_arena *arena, const char *uri, const char *path);

/* Of a request to register a version. INVALID_PARAMETER_VALUE; RESOURCE_DOES_NOT_EXIST: it is a
 * path of a machine, and the run is not here. */
int ml_rest_source_check(struct ml_rest_call *call,
                         const Mlflow__CreateModelVersion *request) ML_MUST_USE;

/*
 * Where the files of a version are: its source, or, where that names a version ("models:/churn/3"),
 * what that one's leads to. A version that is gone, or a ring, ends the way: then the source that
 * names it is what there is. *ret_uri lives as the reader.
 */
int ml_rest_source_follow(struct ml_rest_call *call, const struct ml_rest_version *version,
                          const char **ret_uri) ML_MUST_USE;

#endif
