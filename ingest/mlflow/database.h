/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An MLflow tracking database (`mlflow.db`, SQLite, MLflow 1.x to 3.x): what a file store says in
 * folders stands here in tables. They are read into the structs of entities.h, by the names of
 * columns, so that no revision of the schema has to be known.
 *
 * What differs from a file store:
 *
 *   - artifacts lie where `mlflow server` or the client put them. They are looked for beside the
 *     database, in mlruns/EXPERIMENT/RUN/artifacts and mlartifacts/EXPERIMENT/RUN/artifacts; URIs
 *     are not followed. Runs whose artifacts lie elsewhere have none here
 *   - a deleted version has lost its run and its source: MLflow overwrote them
 *   - infinity is kept as the largest double (MLflow's SqlAlchemyStore), and is read as infinity
 *   - names of other workspaces than "default" (MLflow 3.10 and later) are WORKSPACE/NAME
 *
 * Paths handed out are TABLE/ID. Errors and threads as store.h has them.
 */
#ifndef ML_INGEST_MLFLOW_DATABASE_H
#define ML_INGEST_MLFLOW_DATABASE_H

#include "ingest/mlflow/reader.h"
#include "ingest/mlflow/sql.h"

/* Visits all of it, from one snapshot. The reader's root is the folder beside which artifacts lie.
 */
int ml_mlflow_database_visit(struct ml_mlflow_reader *reader, struct ml_sql *sql,
                             const struct ml_mlflow_visitor *visitor) ML_MUST_USE;

#endif
