/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which handler answers which request: MLflow's paths (endpoints of MLflow 2.9 and 3.11), each
 * also under /ajax-api, where MLflow's own web UI asks. Pure; thread-safe.
 */
#ifndef ML_SERVE_MLFLOW_ROUTE_H
#define ML_SERVE_MLFLOW_ROUTE_H

#include "serve/mlflow/call.h"
#include "serve/path_pattern.h"

/* `message` is of the route's type of request, `answer` of its type of response, empty. */
typedef int ml_rest_handler(struct ml_rest_call *call, const void *message, void *answer);

struct ml_rest_route {
    const char *version; /* "2.0/" */
    const char *method;
    const char *path; /* below the version; a pattern */
    const ProtobufCMessageDescriptor *request, *response;
    ml_rest_handler *handle;
};

struct ml_rest_match {
    const struct ml_rest_route *route; /* NULL: none has this method and path */
    bool is_other_method;              /* none, but the path is known with another method */
    struct ml_path_variables variables;
};
struct ml_rest_match ml_rest_route(const char *method, const char *path);

/* All of them, to be held against documents. */
extern const struct ml_rest_route ml_rest_routes[];
extern const size_t ml_rest_n_routes;

#define ROUTE(method, path, name, answer) ml_rest_handler ml_rest_##name;
#define ROUTE_3 ROUTE
#include "serve/mlflow/routes.def"
#undef ROUTE_3
#undef ROUTE

#endif
