/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Page tokens of a search for logged models, as MLflow makes them
 * (mlflow.utils.search_utils.SearchLoggedModelsPaginationToken): JSON in base64 that says how many
 * came before, and of which search it is, so that none is gone on with by another.
 */
#ifndef ML_SERVE_MLFLOW_MODEL_TOKEN_H
#define ML_SERVE_MLFLOW_MODEL_TOKEN_H

#include "serve/mlflow/search.h"

/* Where the request's token says that its page begins; 0 without one. INVALID_PARAMETER_VALUE: it
 * is none, or one of another search. */
int ml_rest_model_token_read(const Mlflow__SearchLoggedModels *request,
                             size_t *ret_begin) ML_MUST_USE;
/* The token of the page that begins there; it lives in the call's arena. */
int ml_rest_model_token_make(struct ml_rest_call *call, const Mlflow__SearchLoggedModels *request,
                             size_t begin, char **ret_token) ML_MUST_USE;

#endif
