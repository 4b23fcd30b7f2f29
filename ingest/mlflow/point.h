/* SPDX-License-Identifier: Apache-2.0 */
/* A metric's value where it comes as a number: from SQL or JSON, not from a file of text. */
#ifndef ML_INGEST_MLFLOW_POINT_H
#define ML_INGEST_MLFLOW_POINT_H

#include "ingest/mlflow/entities.h"
#include "ingest/pool.h"

/* Puts value and text, as a file store would have written it. MLflow keeps infinity in SQL as the
 * largest double (SqlAlchemyStore); that is infinity again here. MLEDGER_ESYSTEM: memory. */
int ml_mlflow_point_put(struct ml_pool *pool, double value,
                        struct ml_mlflow_point *point) ML_MUST_USE;

#endif
