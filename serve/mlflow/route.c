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

/* The segment at *at, which is moved to the next one. */
static struct ml_span next_segment(const char **at)
{
    const size_t len = strcspn(*at, "/");
    const struct ml_span segment = ML_SPAN(*at, len);
    *at += len + ((*at)[len] == '/');
    return segment;
}

static bool is_variable(struct ml_span segment)
{
    return segment.len > 2 && segment.data[0] == '{';
}

static bool matches(const struct ml_rest_route *route, const char *path,
                    struct ml_rest_match *match)
{
    const char *pattern = route->path;
    match->n_variables = 0;
    while (*pattern && *path) {
        const struct ml_span wanted = next_segment(&pattern);
        const struct ml_span segment = next_segment(&path);
        if (is_variable(wanted) && segment.len > 0) {
            assert(match->n_variables < ML_REST_VARIABLES);
            match->variables[match->n_variables++] =
                (struct ml_rest_variable){ML_SPAN(wanted.data + 1, wanted.len - 2), segment};
        } else if (!ml_span_equal(wanted, segment)) {
            return false;
        }
    }
    return !*pattern && !*path;
}

struct ml_rest_match ml_rest_route(const char *method, const char *path)
{
    struct ml_rest_match match = {0};
    const char *rest = NULL;
    for (size_t i = 0; i < ML_COUNT(prefixes); i++)
        if (strncmp(path, prefixes[i], strlen(prefixes[i])) == 0)
            rest = path + strlen(prefixes[i]);
    for (size_t i = 0; rest && i < ml_rest_n_routes; i++) {
        if (!matches(&ml_rest_routes[i], rest, &match))
            continue;
        if (strcmp(ml_rest_routes[i].method, method) == 0) {
            match.route = &ml_rest_routes[i];
            return match;
        }
        match.is_other_method = true;
    }
    return match;
}
