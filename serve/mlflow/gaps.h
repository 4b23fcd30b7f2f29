/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that another server has carried out and the ledger could not record. That they are missing
 * must not be lost: each is a line of JSON in a file beside the artifacts, durable before its call
 * is answered, and as soon as the ledger records again all of them become one record (an incident
 * of severity "unrecorded"), and the file goes.
 *
 * Threads: may be used by all at once.
 */
#ifndef ML_SERVE_MLFLOW_GAPS_H
#define ML_SERVE_MLFLOW_GAPS_H

#include "serve/mlflow/call.h"
#include "serve/server.h"

#define ML_GAPS_FILE "unrecorded.jsonl"

struct ml_gaps {
    const char *url; /* of the other server, borrowed */
    int dir;         /* borrowed */
    bool is_pending; /* there is a file; under the mutex */
    pthread_mutex_t mutex;
};

/* `dir` is where the file is. MLEDGER_ESYSTEM. */
int ml_gaps_init(struct ml_gaps *gaps, const char *url, int dir) ML_MUST_USE;
void ml_gaps_release(struct ml_gaps *gaps);

/* Puts down that the request was not recorded, because of this thread's error, which stays.
 * MLEDGER_ESYSTEM: it cannot be put down either. */
int ml_gaps_note(struct ml_gaps *gaps, const struct ml_server_request *request) ML_MUST_USE;
/* Records what was put down. Nothing when there is nothing. Errors as ml_rest_commit(); the file
 * stays then. */
int ml_gaps_settle(struct ml_gaps *gaps, struct ml_rest *service) ML_MUST_USE;

#endif
