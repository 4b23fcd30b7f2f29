/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of MLflow's search language, quotes taken off: "metrics.auc", "tags.a.b", "name". Pure;
 * thread-safe. */
#ifndef ML_SERVE_MLFLOW_FILTER_KEY_H
#define ML_SERVE_MLFLOW_FILTER_KEY_H

#include "serve/mlflow/filter.h"

/* Entity, attribute and key of what stands before an operator, or is ordered by; *ret_key is a part
 * of `word`, *ret_attribute is left alone where it names none. INVALID_PARAMETER_VALUE: there is no
 * such entity, attribute or part of a dataset, or the attribute is not for this use. */
int ml_rest_key_read(const struct ml_rest_searchable *what, enum ml_rest_use use, const char *word,
                     enum ml_rest_entity *ret_entity,
                     const struct ml_rest_attribute **ret_attribute,
                     const char **ret_key) ML_MUST_USE;

#endif
