/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files below an artifacts folder: listed, hashed, and the MLmodel files among them read.
 */
#ifndef ML_INGEST_MLFLOW_ARTIFACT_H
#define ML_INGEST_MLFLOW_ARTIFACT_H

#include "ingest/mlflow/reader.h"

/*
 * All files below `owner`/artifacts, where `owner` is the folder of a run or logged model. Content
 * is streamed: SHA-256 and, because DVC names content by it, MD5, in one pass. A link counts as the
 * file it leads to if that is inside `owner`. Left out: other links, what cannot be read, what
 * changed while it was read; an MLmodel file that is malformed stays as an artifact.
 */
int ml_mlflow_artifacts_read(struct ml_mlflow_reader *reader, struct ml_pool *pool,
                             const char *owner,
                             struct ml_mlflow_artifacts *ret_artifacts) ML_MUST_USE;

#endif
