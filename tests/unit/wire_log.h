/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logs of what a real client of MLflow and a real server said to each other
 * (../shared/data/mlflow/wire): for each request four kinds of lines,
 *
 *     ######## CALL log_param
 *     > POST /api/2.0/mlflow/runs/log-parameter
 *     > headers {"User-Agent": …}
 *     > body {"run_id": …}
 *     < 200 OK {"date": …}
 *     < {}
 */
#ifndef TESTS_WIRE_LOG_H
#define TESTS_WIRE_LOG_H

#include <jansson.h>
#include <stdbool.h>

/* One request and its answer; owned by the log. */
struct wire_exchange {
    char *call; /* of the script, shared by its requests; what the next CALL line frees */
    char *method, *target;
    char *version; /* X-MLflow-Client-Version, or NULL */
    size_t length; /* of the body, by its header */
    char *body;    /* as it was written down: "<stream…" where it was not */
    int status;
    json_t *answer; /* NULL: it was not written down */
};

/* Calls `visit` for each exchange. Fails the test where the log is not of that form. */
typedef void wire_visitor(const struct wire_exchange *exchange, void *context);
void wire_log_read(const char *path, wire_visitor *visit, void *context);

#endif
