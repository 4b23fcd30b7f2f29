/* SPDX-License-Identifier: Apache-2.0 */
/* What a visit of an MLflow store saw, a line for each thing, whatever kind of store it is. */
#ifndef TESTS_MLFLOW_SEEN_H
#define TESTS_MLFLOW_SEEN_H

#include "ingest/mlflow/store.h"

struct seen {
    char text[8192];
    size_t len;
};

/* Visits into *seen; the number of things left out in *ret_left_out. */
int seen_visit(struct ml_mlflow_store *store, struct seen *seen, size_t *ret_left_out);

#endif
