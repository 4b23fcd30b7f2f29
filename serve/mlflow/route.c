/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/route.h"

#define ROUTE_OF(version, method, path, name, answer)                                              \
    {version,       #method, path, &mlflow__##name##__descriptor, &mlflow__##answer##__descriptor, \
     ml_rest_##name},
#define ROUTE(...) ROUTE_OF("2.0/", __VA_ARGS__)
#define ROUTE_3(...) ROUTE_OF("3.0/", __VA_ARGS__)
const struct ml_rest_route ml_rest_routes[] = {
#include "serve/mlflow/routes.def"
};
#undef ROUTE
#undef ROUTE_3
const size_t ml_rest_n_routes = ML_COUNT(ml_rest_routes);

/* What stands before a route's version. */
static const char *const prefixes[] = {"/api/", "/ajax-api/"};

/* Whether the path is the route's, behind a prefix. */
static bool is_of(const struct ml_rest_route *route, const char *path,
                  struct ml_path_variables *variables)
{
    const size_t len = strlen(route->version);
    return strncmp(path, route->version, len) == 0 &&
           ml_path_matches(route->path, path + len, variables);
}

struct ml_rest_match ml_rest_route(const char *method, const char *path)
{
    struct ml_rest_match match = {0};
    const char *rest = NULL;
    for (size_t i = 0; i < ML_COUNT(prefixes); i++)
        if (strncmp(path, prefixes[i], strlen(prefixes[i])) == 0)
            rest = path + strlen(prefixes[i]);
    for (size_t i = 0; rest && i < ml_rest_n_routes; i++) {
        if (!is_of(&ml_rest_routes[i], rest, &match.variables))
            continue;
        if (strcmp(ml_rest_routes[i].method, method) == 0) {
            match.route = &ml_rest_routes[i];
            return match;
        }
        match.is_other_method = true;
    }
    return match;
}
