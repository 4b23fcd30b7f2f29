/* SPDX-License-Identifier: Apache-2.0 */
/* What a run read and wrote: datasets, and the logged models of MLflow 3. */
#ifndef ML_SERVE_MLFLOW_INPUTS_H
#define ML_SERVE_MLFLOW_INPUTS_H

#include "ledger/query/fields.h"
#include "serve/mlflow/call.h"

/* Sets the run's inputs, and its outputs, of which MLflow 2 knows nothing. */
int ml_rest_inputs_show(struct ml_rest_call *call, const struct ml_fields *fields,
                        Mlflow__Run *run) ML_MUST_USE;

#endif
