/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MLflow's REST API as an answer to HTTP requests: finds the route, reads body or query as the
 * route's message, calls the handler, writes its answer or its error as MLflow does.
 *
 * A response to a call that recorded something names the last record in the headers Mledger-Seq and
 * Mledger-Record-Hash (its link): the client's receipt.
 */
#ifndef ML_SERVE_MLFLOW_FRONT_H
#define ML_SERVE_MLFLOW_FRONT_H

#include "serve/mlflow/call.h"
#include "serve/server.h"

/* Bytes of a body: MLflow's log-batch takes 1 MB; some more for its JSON. */
enum { ML_REST_BODY_MAX = 4 << 20 };

/* The head of a request has arrived: a file that is put gets an intake. As ml_server_beginner. */
int ml_rest_begin(struct ml_rest *service, const struct ml_server_request *request,
                  struct ml_server_intake **ret_intake) ML_MUST_USE;
/* 1: *reply is the answer; 0: the path is none of MLflow's API. Negative: the answer could not be
 * made. *ret_result (NULL: not wanted) tells the handler's result, its error this thread's. */
int ml_rest_answer(struct ml_rest *service, const struct ml_server_request *request,
                   struct ml_server_reply *reply, int *ret_result) ML_MUST_USE;

/* The handler's part of it alone: what is recorded is told by call->receipt. `match` is that of
 * ml_rest_route(). */
struct ml_rest_match;
int ml_rest_perform(struct ml_rest_call *call, const struct ml_server_request *request,
                    const struct ml_rest_match *match, struct ml_server_reply *reply) ML_MUST_USE;
/* What it knows of the client from the request's head. */
void ml_rest_call_begin(struct ml_rest_call *call, struct ml_rest *service,
                        const struct ml_server_request *request);
/* Names what was recorded in the reply's headers. */
void ml_rest_receipt(const struct ml_rest_call *call, struct ml_server_reply *reply);

/* Initialises a service; ledger, signer (NULL: it only reads) and objects are borrowed.
 * MLEDGER_ESYSTEM. */
int ml_rest_init(struct ml_rest *service, struct ml_ledger *ledger, const struct ml_signer *signer,
                 struct ml_object_store *objects) ML_MUST_USE;
void ml_rest_release(struct ml_rest *service);

#endif
