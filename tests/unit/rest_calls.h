/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of MLflow's API that tests make, and what they must give. Paths are below
 * /api/2.0/mlflow/. */
#ifndef TESTS_REST_CALLS_H
#define TESTS_REST_CALLS_H

#include "tests/unit/rest_fixture.h"

/* A server with experiment "0", as the cmocka state. */
int rest_setup(void **state);
int rest_teardown(void **state);

/* Records in its ledger. */
uint64_t rest_size(struct rest_fixture *fixture);
/* What stands at a path of keys and indexes: "run.info.run_id", "metrics.0.key". NULL: nothing. */
json_t *rest_at(json_t *json, const char *path);
const char *rest_text(json_t *json, const char *path); /* which must be there */

/* A call that must give `status`, by a client of MLflow 3. */
struct rest_reply rest_call(struct rest_fixture *fixture, int status, const char *method,
                            const char *path, const char *body);
/* The same with a status of 200, of which nothing else is wanted. */
void rest_done(struct rest_fixture *fixture, const char *method, const char *path,
               const char *body);
/* It is refused with this code, its sentence holds `words`, and nothing was recorded. */
void rest_refused(struct rest_fixture *fixture, int status, const char *code, const char *words,
                  const char *method, const char *path, const char *body);

#endif
