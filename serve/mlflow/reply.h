/* SPDX-License-Identifier: Apache-2.0 */
/* Replies as clients of MLflow's API read them: JSON, and errors in MLflow's form. */
#ifndef ML_SERVE_MLFLOW_REPLY_H
#define ML_SERVE_MLFLOW_REPLY_H

#include <jansson.h>

#include "serve/mlflow/error.h"
#include "serve/server.h"

/* Replaces the body; takes no reference. MLEDGER_ESYSTEM: memory is out. */
int ml_rest_reply_json(struct ml_server_reply *reply, int status, const json_t *json) ML_MUST_USE;

/* Whether the client says that it is MLflow 3; those before do not say what they are. */
bool ml_rest_is_version_3(const struct ml_server_request *request);

/* Appends what a client hears of this thread's error, which is of this kind, and a NUL. */
int ml_rest_error_text(const struct ml_rest_error *kind, struct ml_buf *text) ML_MUST_USE;

/* This thread's error, the result of a call, with its status. What went wrong in the server itself
 * is for its log, and the client hears only that. MLEDGER_ESYSTEM as above. */
int ml_rest_reply_error(struct ml_server_reply *reply, int result, bool is_version_3) ML_MUST_USE;
/* What is no handler's error but HTTP's own (404: no such endpoint, 405, 413, 503, else 500), with
 * a sentence for the client. MLEDGER_ESYSTEM as above. */
int ml_rest_reply_status(struct ml_server_reply *reply, int status, const char *text) ML_MUST_USE;

#endif
