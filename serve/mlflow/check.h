/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What MLflow's servers refuse of names and values (mlflow.utils.validation), with their words.
 * Lengths are in characters. Values of parameters and of runs' tags have no limit of MLflow's here:
 * its servers cut them, and the ledger keeps what was sent. All refuse with
 * INVALID_PARAMETER_VALUE. Pure; thread-safe.
 */
#ifndef ML_SERVE_MLFLOW_CHECK_H
#define ML_SERVE_MLFLOW_CHECK_H

#include "serve/mlflow/error.h"
#include "serve/mlflow/mlflow_tracking.pb-c.h"

/* The longest that may be. */
enum {
    ML_REST_KEY_MAX = 250,
    ML_REST_EXPERIMENT_TAG_MAX = 5000,
    ML_REST_REGISTRY_TAG_MAX = 100000,
    ML_REST_EXPERIMENT_NAME_MAX = 500,
    ML_REST_ALIAS_MAX = 255,
    ML_REST_DATASET_NAME_MAX = 500,
    ML_REST_DATASET_DIGEST_MAX = 36,
    ML_REST_DATASET_SOURCE_MAX = 65535,
    ML_REST_INPUT_TAG_KEY_MAX = 255,
    ML_REST_INPUT_TAG_VALUE_MAX = 500,
};

/* It is at most `most` long; `what` names it. NULL is short. */
int ml_rest_check_length(const char *what, const char *text, size_t most) ML_MUST_USE;

/* A key of a metric, parameter or tag, of which stores of MLflow make names of files: letters,
 * digits and some marks, and no path that leads elsewhere. */
bool ml_rest_is_key(const char *key) ML_MUST_USE;
/* The same, and says why it is none. `path` is where the request has it, as "metrics[3].name". */
int ml_rest_check_key(const char *path, const char *key) ML_MUST_USE;
/* `path` is "" or where the request has it, as "tags[3]". */
int ml_rest_check_tag(const char *path, const Mlflow__KeyValue *tag, size_t value_max) ML_MUST_USE;
/* Those of an experiment. */
int ml_rest_check_experiment_tags(Mlflow__KeyValue *const *tags, size_t count) ML_MUST_USE;

/* A dataset that a run read, and the tags of the input. */
int ml_rest_check_input(const Mlflow__DatasetInput *input) ML_MUST_USE;

int ml_rest_check_experiment_name(const char *name) ML_MUST_USE;
int ml_rest_check_model_name(const char *name) ML_MUST_USE;
/* As one is set; "latest" and "v3" are taken by versions themselves. */
int ml_rest_check_alias(const char *alias) ML_MUST_USE;
/* Whether it says the newest version, whatever the case of letters. */
bool ml_rest_alias_is_latest(const char *alias);

#endif
