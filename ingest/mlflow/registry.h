/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The model registry of a file store: `models/<name>` with its versions, tags and aliases.
 */
#ifndef ML_INGEST_MLFLOW_REGISTRY_H
#define ML_INGEST_MLFLOW_REGISTRY_H

#include "ingest/mlflow/reader.h"

/* All of `models/NAME`. MLEDGER_ENOTFOUND when it has no meta.yaml; MLEDGER_EINVALID also when that
 * names another model. Versions, tags and aliases that cannot be read are left out. */
int ml_mlflow_registered_model_read(struct ml_mlflow_reader *reader, struct ml_pool *pool,
                                    const char *name,
                                    struct ml_mlflow_registered_model *ret_model) ML_MUST_USE;

#endif
