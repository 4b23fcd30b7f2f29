/* SPDX-License-Identifier: Apache-2.0 */
/* POST /ajax-api/2.0/mlflow/upload-artifact?run_uuid=RUN&path=PATH: a small file of a run, as
 * MLflow's web UI puts one; its bytes are the body. */
#ifndef ML_SERVE_MLFLOW_UPLOAD_H
#define ML_SERVE_MLFLOW_UPLOAD_H

#include "serve/mlflow/call.h"
#include "serve/server.h"

/* Its name in logs; NULL: the request is for something else. */
const char *ml_rest_upload_route(const struct ml_server_request *request);
/* Records the file. INVALID_PARAMETER_VALUE: run, path or bytes are missing, the path leads
 * elsewhere; RESOURCE_DOES_NOT_EXIST: there is no such run. */
int ml_rest_upload(struct ml_rest_call *call, const struct ml_server_request *request) ML_MUST_USE;

#endif
