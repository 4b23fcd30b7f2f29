/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/route.h"

const struct ml_rest_route ml_rest_routes[] = {
#define ROUTE(method, path, name, answer)                                                          \
    {#method, path, &mlflow__##name##__descriptor, &mlflow__##answer##__descriptor, ml_rest_##name},
#include "serve/mlflow/routes.def"
#undef ROUTE
};
const size_t ml_rest_n_routes = ML_COUNT(ml_rest_routes);

/* What stands before a route's path. */
static const char *const prefixes[] = {"/api/2.0/", "/ajax-api/2.0/"};

struct ml_rest_match ml_rest_route(const char *method, const char *path)
{
    struct ml_rest_match match = {0};
    const char *rest = NULL;
    for (size_t i = 0; i < ML_COUNT(prefixes); i++)
        if (strncmp(path, prefixes[i], strlen(prefixes[i])) == 0)
            rest = path + strlen(prefixes[i]);
    for (size_t i = 0; rest && i < ml_rest_n_routes; i++) {
        if (!ml_path_matches(ml_rest_routes[i].path, rest, &match.variables))
            continue;
        if (strcmp(ml_rest_routes[i].method, method) == 0) {
            match.route = &ml_rest_routes[i];
            return match;
        }
        match.is_other_method = true;
    }
    return match;
}
