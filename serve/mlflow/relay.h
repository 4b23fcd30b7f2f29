/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For a team that keeps its MLflow server: every request is passed on to it, and what it has
 * carried out is recorded.
 *
 * A call that would record something goes three ways:
 *
 *   1. its handler is rehearsed: what the ledger would refuse (a rule, a policy, a run that it does
 *      not know) is refused here, and the other server hears nothing of it;
 *   2. it is passed on; what the other server refuses is answered as that says it;
 *   3. its handler records it, with the ids that the other server has given. The answer is the
 * other server's, with the ledger's receipt.
 *
 * Whatever only reads is passed on and answered by the other server, and so is what is none of the
 * API that is recorded, as its webhooks are. An artifact that comes back is held against the digest
 * that was recorded, and is refused if it is another.
 *
 * What fails in step 3 is done there and missing here: it is put down (serve/mlflow/gaps.h), and
 * the client hears that the call failed, unless the relay fails open. One that fails open also
 * passes on what the ledger could not record in step 1, but never what a rule or policy denies.
 *
 * Threads: may be used by all at once. Calls on registered models go one by one, so that their
 * versions are recorded in the order of their numbers.
 */
#ifndef ML_SERVE_MLFLOW_RELAY_H
#define ML_SERVE_MLFLOW_RELAY_H

#include "serve/mlflow/front.h"
#include "serve/mlflow/gaps.h"
#include "serve/mlflow/upstream.h"

struct ml_relay {
    struct ml_rest *service; /* borrowed, like the next */
    struct ml_upstream *upstream;
    bool fails_open;
    pthread_mutex_t registry; /* held for calls on registered models */
    struct ml_gaps gaps;
};

/* Records what an earlier one has put down as missing. `service` has objects. MLEDGER_ESYSTEM, or
 * as ml_gaps_settle(). */
int ml_relay_init(struct ml_relay *relay, struct ml_rest *service, struct ml_upstream *upstream,
                  bool fails_open) ML_MUST_USE;
void ml_relay_release(struct ml_relay *relay);

/* As ml_rest_answer(), of whatever request: always 1 unless it fails. */
int ml_relay_answer(struct ml_relay *relay, const struct ml_server_request *request,
                    struct ml_server_reply *reply) ML_MUST_USE;

#endif
