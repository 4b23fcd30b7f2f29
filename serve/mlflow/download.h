/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The paths by which MLflow's web UI gets one file of a run, of a version or of a logged model:
 *
 *     GET /get-artifact?run_id=RUN&path=PATH
 *     GET /model-versions/get-artifact?name=NAME&version=NUMBER&path=PATH
 *     GET /ajax-api/2.0/mlflow/logged-models/MODEL/artifacts/files?artifact_file_path=PATH
 */
#ifndef ML_SERVE_MLFLOW_DOWNLOAD_H
#define ML_SERVE_MLFLOW_DOWNLOAD_H

#include "serve/mlflow/call.h"
#include "serve/server.h"

/* Which of them the request is for, as its name in logs; NULL: none. */
const char *ml_rest_download_route(const struct ml_server_request *request);
/* INVALID_PARAMETER_VALUE: the path leads elsewhere, or is not said; RESOURCE_DOES_NOT_EXIST:
 * whose file it is, or the file, is not here. */
int ml_rest_download(struct ml_rest_call *call, const struct ml_server_request *request,
                     struct ml_server_reply *reply) ML_MUST_USE;

#endif
