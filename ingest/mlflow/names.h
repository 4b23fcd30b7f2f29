/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MLflow's enums, which its stores write as numbers and sometimes as names (service.proto).
 */
#ifndef ML_INGEST_MLFLOW_NAMES_H
#define ML_INGEST_MLFLOW_NAMES_H

#include <stdbool.h>
#include <stddef.h>

struct ml_mlflow_name {
    int number;
    const char *name;
};
struct ml_mlflow_names {
    const struct ml_mlflow_name *items;
    size_t count;
};

extern const struct ml_mlflow_names ml_mlflow_run_statuses;          /* RunStatus */
extern const struct ml_mlflow_names ml_mlflow_source_types;          /* SourceType */
extern const struct ml_mlflow_names ml_mlflow_logged_model_statuses; /* LoggedModelStatus */

/* The number that `text` is or names; false when the table has none. */
bool ml_mlflow_names_find(const struct ml_mlflow_names *names, const char *text, int *ret_number);
/* The name, a constant; "UNKNOWN" when the table has none. */
const char *ml_mlflow_names_get(const struct ml_mlflow_names *names, int number);

#endif
