/* SPDX-License-Identifier: Apache-2.0 */
/*
 * POST /graphql, by which MLflow's web UI (2.10 and later) reads runs and experiments. Each field
 * that an operation asks for is one call of the REST API, answered by its handler; of the answer
 * the client gets what it selected, under GraphQL's names (runUuid for run_uuid), 64-bit integers
 * as texts, and null for a number that JSON does not have.
 *
 * What the API has no field for is null, so that a later UI that asks for more still works. A call
 * that is refused says so in `apiError`, where that is selected, as the UI selects it; else in the
 * response's `errors`.
 */
#ifndef ML_SERVE_MLFLOW_GRAPHQL_H
#define ML_SERVE_MLFLOW_GRAPHQL_H

#include <jansson.h>

#include "serve/mlflow/call.h"
#include "serve/server.h"

/* Its name in logs; NULL: the request is for something else. */
const char *ml_rest_graphql_route(const struct ml_server_request *request);
/* BAD_REQUEST: the body is no JSON object, holds no query, or one that cannot be read. */
int ml_rest_graphql(struct ml_rest_call *call, const struct ml_server_request *request,
                    struct ml_server_reply *reply) ML_MUST_USE;

/* The same of the body, a JSON object: *ret_answer is a new reference. */
int ml_rest_graphql_answer(struct ml_rest_call *call, const json_t *body,
                           json_t **ret_answer) ML_MUST_USE;

#endif
