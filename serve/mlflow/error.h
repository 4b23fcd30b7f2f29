/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors as clients of MLflow's REST API know them (MLflow: databricks.proto,
 * ErrorCode; mlflow.exceptions for the status of each). They are ordinary errors of this thread
 * whose rule is MLflow's code:
 *
 *     return ml_rest_refuse(ML_REST_NOT_FOUND, "Run with id=%s not found", id);
 *
 * Clients switch on code and status: register_model() goes on after RESOURCE_ALREADY_EXISTS, and
 * 408, 429 and 5xx are tried again, so a user's mistake is never answered with one of these.
 */
#ifndef ML_SERVE_MLFLOW_ERROR_H
#define ML_SERVE_MLFLOW_ERROR_H

#include "ledger/core/base.h"

#define ML_REST_NOT_FOUND "RESOURCE_DOES_NOT_EXIST"
#define ML_REST_EXISTS "RESOURCE_ALREADY_EXISTS"
#define ML_REST_INVALID "INVALID_PARAMETER_VALUE"
#define ML_REST_BAD_REQUEST "BAD_REQUEST"
#define ML_REST_STATE "INVALID_STATE"
#define ML_REST_DENIED "PERMISSION_DENIED"
#define ML_REST_UNAUTHENTICATED "UNAUTHENTICATED"
#define ML_REST_NO_ENDPOINT "ENDPOINT_NOT_FOUND"
#define ML_REST_TOO_MANY "REQUEST_LIMIT_EXCEEDED"
#define ML_REST_UNAVAILABLE "TEMPORARILY_UNAVAILABLE"
#define ML_REST_CONFLICT "RESOURCE_CONFLICT"
#define ML_REST_NOT_IMPLEMENTED "NOT_IMPLEMENTED"
#define ML_REST_INTERNAL "INTERNAL_ERROR"

/* Refuses a call with one of these. */
#define ml_rest_refuse(code, ...) ml_refuse((code), __VA_ARGS__)

struct ml_rest_error {
    const char *code; /* one of the above */
    int status;       /* of HTTP */
};

/*
 * What this thread's error, the result of a call, is to a client. A refusal by a rule of the
 * ledger is 403, of which the sentence says what is missing; a name that is taken is MLflow's
 * RESOURCE_ALREADY_EXISTS. What the server could not do is 500, and no fault of the client's.
 */
struct ml_rest_error ml_rest_error(int result);

#endif
