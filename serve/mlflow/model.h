/* SPDX-License-Identifier: Apache-2.0 */
/* Registered models and their versions as MLflow's API shows and finds them. */
#ifndef ML_SERVE_MLFLOW_MODEL_H
#define ML_SERVE_MLFLOW_MODEL_H

#include "serve/mlflow/call.h"

/* The living model of that name. RESOURCE_DOES_NOT_EXIST. */
int ml_rest_model_find(struct ml_rest_call *call, const char *name, uint64_t *ret_seq) ML_MUST_USE;
int ml_rest_model_show(struct ml_rest_call *call, uint64_t seq,
                       Mlflow__RegisteredModel **ret_model) ML_MUST_USE;
/* The same in two steps: what can be searched by, and what is shown besides. */
int ml_rest_model_list(struct ml_rest_call *call, uint64_t seq,
                       Mlflow__RegisteredModel **ret_model) ML_MUST_USE;
int ml_rest_model_add_versions(struct ml_rest_call *call, uint64_t seq,
                               Mlflow__RegisteredModel *model) ML_MUST_USE;

/* A version that is not deleted, by the name of its model and its number as text. */
struct ml_rest_version {
    const char *name;
    uint64_t model, number;
    const Mledger__VersionState *state;
};
/* RESOURCE_DOES_NOT_EXIST; INVALID_PARAMETER_VALUE: the number is none. */
int ml_rest_version_find(struct ml_rest_call *call, const char *name, const char *number,
                         struct ml_rest_version *ret_version) ML_MUST_USE;
/* MLEDGER_ENOTFOUND (without a text): there is none, or it is deleted. */
int ml_rest_version_at(struct ml_rest_call *call, uint64_t model, uint64_t number,
                       struct ml_rest_version *ret_version) ML_MUST_USE;
/* Reads its state again, after something was recorded. */
int ml_rest_version_again(struct ml_rest_call *call, struct ml_rest_version *version) ML_MUST_USE;
/* As the API shows it; in lists MLflow leaves the aliases out. */
int ml_rest_version_show(struct ml_rest_call *call, const struct ml_rest_version *version,
                         Mlflow__ModelVersion **ret_version) ML_MUST_USE;
int ml_rest_version_list(struct ml_rest_call *call, const struct ml_rest_version *version,
                         Mlflow__ModelVersion **ret_version) ML_MUST_USE;

/* Of which stages, and how, versions are asked for. */
struct ml_rest_stages {
    char *const *names;
    size_t count; /* 0: all */
    bool with_aliases;
};
/* The newest version in each of these stages, in the order in which the versions, counted up, lead
 * to them. */
int ml_rest_latest_versions(struct ml_rest_call *call, uint64_t model,
                            const struct ml_rest_stages *wanted,
                            Mlflow__ModelVersion ***ret_versions, size_t *ret_count) ML_MUST_USE;

/* The stage as it is written ("Production" for "production").
 * INVALID_PARAMETER_VALUE: MLflow knows no such stage. */
int ml_rest_stage(const char *stage, const char **ret_stage) ML_MUST_USE;

#endif
