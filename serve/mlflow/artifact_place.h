/* SPDX-License-Identifier: Apache-2.0 */
/* What a path of the artifact proxy names. */
#ifndef ML_SERVE_MLFLOW_ARTIFACT_PLACE_H
#define ML_SERVE_MLFLOW_ARTIFACT_PLACE_H

#include "serve/mlflow/call.h"

/* A run or a logged model, and what is below its artifacts ("" all of them). */
struct ml_rest_place {
    uint64_t owner;
    bool is_model;
    const char *path;
};

/* EXPERIMENT/RUN/artifacts[/PATH] or EXPERIMENT/models/ID/artifacts[/PATH], of which the last part
 * is borrowed. INVALID_PARAMETER_VALUE; RESOURCE_DOES_NOT_EXIST. */
int ml_rest_place_find(struct ml_rest_call *call, const char *path,
                       struct ml_rest_place *ret_place) ML_MUST_USE;

#endif
