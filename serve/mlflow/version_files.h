/* SPDX-License-Identifier: Apache-2.0 */
/* The files that a version is registered with: those that were put where its source says. */
#ifndef ML_SERVE_MLFLOW_VERSION_FILES_H
#define ML_SERVE_MLFLOW_VERSION_FILES_H

#include "serve/mlflow/call.h"

/*
 * Names in the event, by path and digests, the files of the version's logged model, or those of its
 * run at the source: "runs:/ID/PATH", or a URI with ".../ID/artifacts/PATH". None where the source
 * is of something else, or where they are more than a record holds. To be called once run and
 * logged model are filled in.
 */
int ml_rest_version_files(struct ml_rest_call *call, struct ml_draft *draft,
                          Mledger__VersionRegistered *registered) ML_MUST_USE;

#endif
