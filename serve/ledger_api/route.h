/* SPDX-License-Identifier: Apache-2.0 */
/* Which handler answers which request of the ledger's API. Pure; thread-safe. */
#ifndef ML_SERVE_LEDGER_API_ROUTE_H
#define ML_SERVE_LEDGER_API_ROUTE_H

#include "serve/ledger_api/call.h"
#include "serve/path_pattern.h"

typedef int ml_api_handler(struct ml_api_call *call, const void *message);

struct ml_api_route {
    const char *method;
    const char *path; /* a pattern, below ML_API_PREFIX */
    const ProtobufCMessageDescriptor *request;
    const ProtobufCMessageDescriptor *answer; /* of JSON; of no fields: it is none of ours */
    const char *content;                      /* media types, with a space between */
    ml_api_handler *handle;
};

/* NULL: none has this method and path; *ret_allow is then the method of one that has the path, or
 * NULL. `path` is below ML_API_PREFIX and borrowed. HEAD is GET. */
const struct ml_api_route *ml_api_route(const char *method, const char *path,
                                        struct ml_path_variables *ret_variables,
                                        const char **ret_allow);

/* All of them, to be held against docs/openapi.json. */
extern const struct ml_api_route ml_api_routes[];
extern const size_t ml_api_n_routes;

#define ROUTE(method, path, name, request, answer, content) ml_api_handler ml_api_##name;
#include "serve/ledger_api/routes.def"
#undef ROUTE

/* Adds an argument to an object of them. MLEDGER_EINVALID: it is not known, or given twice where
 * one is wanted. */
int ml_api_request_add(json_t *object, const ProtobufCMessageDescriptor *type, const char *name,
                       const char *value) ML_MUST_USE;
/* The message of the arguments of the query and of the path, in the call's arena.
 * MLEDGER_EINVALID: one is not known, given twice, missing or malformed; the text names it. */
int ml_api_read_request(struct ml_api_call *call, const struct ml_api_route *route,
                        const struct ml_path_variables *variables,
                        ProtobufCMessage **ret_message) ML_MUST_USE;
/* The same of an object that holds those of the query; takes no reference. */
int ml_api_read_arguments(struct ml_api_call *call, const struct ml_api_route *route,
                          const struct ml_path_variables *variables, json_t *object,
                          ProtobufCMessage **ret_message) ML_MUST_USE;

#endif
