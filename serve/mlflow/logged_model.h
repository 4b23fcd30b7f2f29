/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logged models of MLflow 3 as its API shows and finds them (service.proto: LoggedModel; behaviour
 * of mlflow.store.tracking.sqlalchemy_store 3.11).
 */
#ifndef ML_SERVE_MLFLOW_LOGGED_MODEL_H
#define ML_SERVE_MLFLOW_LOGGED_MODEL_H

#include "serve/mlflow/call.h"

/* Where an experiment keeps the files of its logged models: EXPERIMENT/models/ID/artifacts. */
#define ML_REST_MODELS_FOLDER "models"

/* Logged models that one record about a run may tell of: it has no room for more subjects. */
enum { ML_REST_MODELS_MAX = ML_FOLD_SUBJECTS - 1 };

/* The logged model with this id that is not deleted. RESOURCE_DOES_NOT_EXIST. */
int ml_rest_logged_model_find(struct ml_rest_call *call, const char *id,
                              uint64_t *ret_seq) ML_MUST_USE;
/* The same, deleted or not. */
int ml_rest_logged_model_find_any(struct ml_rest_call *call, const char *id,
                                  uint64_t *ret_seq) ML_MUST_USE;
/* The record that created it. */
int ml_rest_logged_model_created(struct ml_rest_call *call, uint64_t seq,
                                 const struct ml_record **ret_record,
                                 const Mledger__LoggedModelCreated **ret_created) ML_MUST_USE;
/* Where its files go, for an answer. */
int ml_rest_logged_model_uri(struct ml_rest_call *call, uint64_t seq, char **ret_uri) ML_MUST_USE;
/* The id of the run that made it; NULL: none is known. */
int ml_rest_logged_model_run(struct ml_rest_call *call, const Mledger__LoggedModelCreated *created,
                             const char **ret_run_id) ML_MUST_USE;
/* As the API shows it: parameters, tags and metrics by their keys. */
int ml_rest_logged_model_show(struct ml_rest_call *call, uint64_t seq,
                              Mlflow__LoggedModel **ret_model) ML_MUST_USE;

/* "models:/ID" of a logged model: its id; NULL: the URI is of something else. */
const char *ml_rest_logged_model_id(const char *uri);
/* Puts a version that was registered from the model into its tag mlflow.modelVersions, as MLflow's
 * servers do, and commits. */
int ml_rest_logged_model_registered(struct ml_rest_call *call, const char *id, const char *name,
                                    uint64_t version) ML_MUST_USE;

#endif
