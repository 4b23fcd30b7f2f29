/* SPDX-License-Identifier: Apache-2.0 */
/* Refusals in the form that the clients of a path read: those of the ledger's API problems (RFC
 * 9457), all others MLflow's errors. */
#ifndef ML_CLI_SERVING_WORDING_H
#define ML_CLI_SERVING_WORDING_H

#include "serve/server.h"

/* This thread's error, the result of looking at a request. MLEDGER_ESYSTEM: memory is out. */
int ml_serving_refuse(const struct ml_server_request *request, int result,
                      struct ml_server_reply *reply) ML_MUST_USE;
/* What the server itself says; a ml_server_speaker. */
int ml_serving_speak(const struct ml_server_request *request, int status, const char *text,
                     struct ml_server_reply *reply) ML_MUST_USE;

#endif
