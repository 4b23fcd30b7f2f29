/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a file store may hold before reading it is refused. A store is untrusted input: each of
 * these is checked before memory is allocated, and what is beyond one is an error that names it.
 */
#ifndef ML_INGEST_MLFLOW_LIMITS_H
#define ML_INGEST_MLFLOW_LIMITS_H

#include <stddef.h>
#include <stdint.h>

/* A meta.yaml or MLmodel file: dataset profiles and signatures of wide tables are the largest. */
#define ML_MLFLOW_META_MAX ((size_t)16 << 20)
/* Value of a parameter or tag; MLflow itself stops at 8,000 characters or less. */
#define ML_MLFLOW_VALUE_MAX ((size_t)1 << 20)
/* One metric's history as a file, and the lines in it. */
#define ML_MLFLOW_METRIC_FILE_MAX ((size_t)256 << 20)
#define ML_MLFLOW_METRIC_LINES_MAX ((size_t)4 << 20)
/* All that is kept in memory of one run, logged model or registered model, and of the metadata
 * of all runs of one experiment. */
#define ML_MLFLOW_MEMORY_MAX ((size_t)1 << 30)
/* Entries of one folder, and files below one artifacts, params, metrics or tags folder. */
#define ML_MLFLOW_ENTRIES_MAX ((size_t)1 << 20)
/* Folders inside each other below one of these, and below the place a store is looked for. */
#define ML_MLFLOW_DEPTH_MAX ((size_t)32)
#define ML_MLFLOW_FIND_DEPTH_MAX ((size_t)8)
/* A path below the store, in bytes. */
#define ML_MLFLOW_PATH_MAX ((size_t)4000)
/* An artifact, in bytes; it is streamed, never held. */
#define ML_MLFLOW_ARTIFACT_MAX ((uint64_t)16 << 40)
/* One answer of a server, and the time that one may take: a page of a thousand runs. */
#define ML_MLFLOW_ANSWER_MAX ((size_t)256 << 20)
#define ML_MLFLOW_ANSWER_MS ((uint32_t)120000)
/* Entries in the list of what was left out. */
#define ML_MLFLOW_LEFT_OUT_MAX ((size_t)100000)

#endif
