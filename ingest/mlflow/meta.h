/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What MLflow's YAML files say: the meta.yaml of each kind of thing, as FileStore writes it
 * with PyYAML's safe_dump, and MLmodel. Bytes in, struct out; no files.
 *
 * Each reads the text `span` of the file that errors call `name` into `*entity`, whose texts are
 * copied into the pool. Members that the file does not speak of keep what they hold, except that
 * times become ML_MLFLOW_NO_TIME and texts NULL when missing or null. All fail with
 * MLEDGER_EINVALID and "FILE:LINE: what" when the YAML is malformed, a needed key is missing or a
 * value makes no sense. Keys not known here are passed over.
 */
#ifndef ML_INGEST_MLFLOW_META_H
#define ML_INGEST_MLFLOW_META_H

#include "ingest/mlflow/reader.h"

/* Tags of meta.yaml too: MLflow keeps them there as well as in files. Needs experiment_id, name. */
int ml_mlflow_meta_experiment(struct ml_pool *pool, struct ml_span span, const char *name,
                              struct ml_mlflow_experiment *experiment) ML_MUST_USE;
/* Needs run_id or run_uuid (equal if both), status. */
int ml_mlflow_meta_run(struct ml_pool *pool, struct ml_span span, const char *name,
                       struct ml_mlflow_run *run) ML_MUST_USE;
/* Needs name, digest. */
int ml_mlflow_meta_dataset(struct ml_pool *pool, struct ml_span span, const char *name,
                           struct ml_mlflow_dataset *dataset) ML_MUST_USE;
/* Needs model_id. */
int ml_mlflow_meta_logged_model(struct ml_pool *pool, struct ml_span span, const char *name,
                                struct ml_mlflow_logged_model *model) ML_MUST_USE;
/* Needs name. */
int ml_mlflow_meta_registered_model(struct ml_pool *pool, struct ml_span span, const char *name,
                                    struct ml_mlflow_registered_model *model) ML_MUST_USE;
/* Needs version. The model's name is *ret_model_name, which is needed too. */
int ml_mlflow_meta_version(struct ml_pool *pool, struct ml_span span, const char *name,
                           struct ml_mlflow_version *version,
                           const char **ret_model_name) ML_MUST_USE;
/* Needs flavors. */
int ml_mlflow_meta_mlmodel(struct ml_pool *pool, struct ml_span span, const char *name,
                           struct ml_mlflow_mlmodel *mlmodel) ML_MUST_USE;

/* The meta.yaml of a folder below a run's inputs or outputs. MLflow names a dataset as source and
 * again as destination; the run is known from the path only. */
struct ml_mlflow_link {
    const char *source_type; /* "DATASET", "RUN_OUTPUT", "MODEL_INPUT", … */
    const char *source_id;
    const char *destination_type; /* "RUN", "MODEL_OUTPUT", … */
    const char *destination_id;
    int64_t step; /* 0 if there is none */
    struct ml_mlflow_pairs tags;
};
/* Needs source_type, source_id. */
int ml_mlflow_meta_link(struct ml_pool *pool, struct ml_span span, const char *name,
                        struct ml_mlflow_link *link) ML_MUST_USE;

#endif
