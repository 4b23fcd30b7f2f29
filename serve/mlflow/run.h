/* SPDX-License-Identifier: Apache-2.0 */
/* Runs as MLflow's API shows and finds them. */
#ifndef ML_SERVE_MLFLOW_RUN_H
#define ML_SERVE_MLFLOW_RUN_H

#include "serve/mlflow/call.h"

/* The id of a request: clients send run_id and run_uuid, either will do.
 * INVALID_PARAMETER_VALUE: neither is there. */
int ml_rest_run_id(const char *run_id, const char *run_uuid, const char **ret_id) ML_MUST_USE;
/* The run with this id, deleted or not. RESOURCE_DOES_NOT_EXIST. */
int ml_rest_run_find(struct ml_rest_call *call, const char *id, uint64_t *ret_seq) ML_MUST_USE;
/* The same, refused with INVALID_PARAMETER_VALUE where it is deleted. */
int ml_rest_run_find_active(struct ml_rest_call *call, const char *id,
                            uint64_t *ret_seq) ML_MUST_USE;

/* The tag that bears a run's name. */
#define ML_REST_RUN_NAME "mlflow.runName"
/* Drafts what changes of a run: its name (NULL: it stays), its status (NULL: likewise). */
int ml_rest_run_draft_updated(struct ml_rest_call *call, uint64_t run, const char *name,
                              const Mledger__RunStatus *status) ML_MUST_USE;

/* Whether it is deleted itself, or with its experiment. */
int ml_rest_run_is_deleted(struct ml_rest_call *call, const Mledger__SubjectState *run,
                           bool *ret_is) ML_MUST_USE;

/* As the API shows it: its info alone, or all of it. */
int ml_rest_run_show_info(struct ml_rest_call *call, uint64_t seq,
                          Mlflow__RunInfo **ret_info) ML_MUST_USE;
int ml_rest_run_show(struct ml_rest_call *call, uint64_t seq, Mlflow__Run **ret_run) ML_MUST_USE;

/* A metric's point. Stores of MLflow in databases hold no infinity, so its API says the greatest
 * double in its place; the record holds what was sent. */
int ml_rest_metric_show(struct ml_rest_call *call, const char *key,
                        const Mledger__MetricValue *value, int64_t time_us, int64_t step,
                        Mlflow__Metric **ret_metric) ML_MUST_USE;

#endif
