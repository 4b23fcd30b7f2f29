/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/mlflow/names.h"

#include "ingest/mlflow/number.h"
#include "ingest/mlflow/store.h"

static const struct ml_mlflow_name run_statuses[] = {
    {ML_MLFLOW_RUN_RUNNING, "RUNNING"},   {ML_MLFLOW_RUN_SCHEDULED, "SCHEDULED"},
    {ML_MLFLOW_RUN_FINISHED, "FINISHED"}, {ML_MLFLOW_RUN_FAILED, "FAILED"},
    {ML_MLFLOW_RUN_KILLED, "KILLED"},
};
static const struct ml_mlflow_name source_types[] = {
    {1, "NOTEBOOK"}, {2, "JOB"}, {3, "PROJECT"}, {4, "LOCAL"}, {1000, "UNKNOWN"},
};
static const struct ml_mlflow_name logged_model_statuses[] = {
    {ML_MLFLOW_LOGGED_MODEL_UNSPECIFIED, "UNSPECIFIED"},
    {ML_MLFLOW_LOGGED_MODEL_PENDING, "PENDING"},
    {ML_MLFLOW_LOGGED_MODEL_READY, "READY"},
    {ML_MLFLOW_LOGGED_MODEL_FAILED, "FAILED"},
};

const struct ml_mlflow_names ml_mlflow_run_statuses = {run_statuses, ML_COUNT(run_statuses)};
const struct ml_mlflow_names ml_mlflow_source_types = {source_types, ML_COUNT(source_types)};
const struct ml_mlflow_names ml_mlflow_logged_model_statuses = {logged_model_statuses,
                                                                ML_COUNT(logged_model_statuses)};

bool ml_mlflow_names_find(const struct ml_mlflow_names *names, const char *text, int *ret_number)
{
    int64_t number;
    const bool is_number = ml_mlflow_int64(text, &number);
    for (size_t i = 0; i < names->count; i++) {
        const struct ml_mlflow_name *item = &names->items[i];
        if (is_number ? item->number == number : strcmp(item->name, text) == 0) {
            *ret_number = item->number;
            return true;
        }
    }
    return false;
}

const char *ml_mlflow_names_get(const struct ml_mlflow_names *names, int number)
{
    for (size_t i = 0; i < names->count; i++)
        if (names->items[i].number == number)
            return names->items[i].name;
    return "UNKNOWN";
}

const char *ml_mlflow_run_status_name(enum ml_mlflow_run_status status)
{
    return ml_mlflow_names_get(&ml_mlflow_run_statuses, (int)status);
}

const char *ml_mlflow_logged_model_status_name(enum ml_mlflow_logged_model_status status)
{
    return ml_mlflow_names_get(&ml_mlflow_logged_model_statuses, (int)status);
}
