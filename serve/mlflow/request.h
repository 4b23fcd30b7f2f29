/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The message that a request is: from the JSON of its body, or from its query, and from the
 * variables of its path, with MLflow's words for what is wrong (mlflow.server.handlers).
 */
#ifndef ML_SERVE_MLFLOW_REQUEST_H
#define ML_SERVE_MLFLOW_REQUEST_H

#include <jansson.h>

#include "serve/mlflow/route.h"
#include "serve/server.h"

/* Gives the message in `arena`. Any method may have a body; GET has none in practice, and then its
 * arguments are the message. Refused with INVALID_PARAMETER_VALUE: a required field is missing, a
 * value is of the wrong type; with BAD_REQUEST: the body is no JSON object. */
int ml_rest_request(const struct ml_server_request *http, const struct ml_rest_match *match,
                    struct ml_arena *arena, ProtobufCMessage **ret_message) ML_MUST_USE;

/* The JSON object that is the body, a new reference. BAD_REQUEST: it is none, or there is no body;
 * INVALID_PARAMETER_VALUE: its content type is another. */
int ml_rest_request_json(const struct ml_server_request *http, json_t **ret_json) ML_MUST_USE;

/* Adds an argument of a query, decoded, to the object that becomes the message; one that the type
 * does not have is passed over. INVALID_PARAMETER_VALUE: it is no UTF-8, or no bool where one must
 * be. */
int ml_rest_request_add(json_t *object, const ProtobufCMessageDescriptor *type, const char *name,
                        const char *value) ML_MUST_USE;
/* The same from JSON; takes no reference. */
int ml_rest_request_from_json(const json_t *json, const ProtobufCMessageDescriptor *type,
                              struct ml_arena *arena, ProtobufCMessage **ret_message) ML_MUST_USE;

#endif
