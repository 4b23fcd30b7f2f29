/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MLflow's artifact proxy (mlflow-artifacts): files that clients put, get and list under paths such
 * as 1/RUN/artifacts/model/MLmodel.
 *
 * What is put is hashed on its way to the disk and recorded (artifact_recorded) before it is
 * answered. What a run has under a path is what the newest record says; so paths are words in the
 * ledger and never of a file system.
 */
#ifndef ML_SERVE_MLFLOW_ARTIFACT_H
#define ML_SERVE_MLFLOW_ARTIFACT_H

#include "serve/mlflow/call.h"
#include "serve/server.h"

/* Bytes of one artifact. */
#define ML_REST_ARTIFACT_MAX ((uint64_t)1 << 40)

/* The part behind ".../mlflow-artifacts/artifacts/", NULL: the request is for something else. */
const char *ml_rest_artifact_path(const struct ml_server_request *request);

/* A path of files: each part is a name, not empty, not "." or "..", without a backslash or control
 * character. INVALID_PARAMETER_VALUE. */
int ml_rest_artifact_check_path(const char *path) ML_MUST_USE;

/* The head of a request has arrived; as ml_server_beginner. */
int ml_rest_artifact_begin(struct ml_rest *service, const struct ml_server_request *request,
                           struct ml_server_intake **ret_intake) ML_MUST_USE;
/* PUT, with what arrived in the request's intake, and GET of one file. */
int ml_rest_artifact_put(struct ml_rest_call *call,
                         const struct ml_server_request *request) ML_MUST_USE;
/* Keeps bytes as a file of a run, and records it; the path was checked. */
int ml_rest_artifact_keep(struct ml_rest_call *call, uint64_t run, const char *path,
                          struct ml_span content) ML_MUST_USE;
/* DELETE: takes the file, or all below the path, off the list by a record. What was recorded of
 * them stays, and so do the bytes. */
int ml_rest_artifact_delete(struct ml_rest_call *call, const char *path) ML_MUST_USE;
/* What arrived for a PUT, the intake's; NULL: nothing. */
struct ml_object;
struct ml_object *ml_rest_artifact_object(const struct ml_server_request *request);
/* What was recorded last under that path: *ret_sha256 NULL: nothing, or no such digest; borrowed of
 * the reader. Errors as ml_rest_artifact_get(), which are no matter of a path that others know. */
int ml_rest_artifact_recorded(struct ml_rest_call *call, const char *path,
                              const uint8_t **ret_sha256, uint64_t *ret_seq) ML_MUST_USE;
int ml_rest_artifact_get(struct ml_rest_call *call, const char *path,
                         struct ml_server_reply *reply) ML_MUST_USE;

#endif
