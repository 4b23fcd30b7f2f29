/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger's own API, below /api/mledger/v1/ (docs/openapi.json): what the command says of a
 * ledger, over HTTP, in the same forms; and appending what people have signed with keys of their
 * own, which never come here.
 *
 * Shared by all threads of a server.
 */
#ifndef ML_SERVE_LEDGER_API_SERVICE_H
#define ML_SERVE_LEDGER_API_SERVICE_H

#include <pthread.h>

#include "ledger/store/key.h"
#include "ledger/store/ledger.h"
#include "serve/server.h"

#define ML_API_PREFIX "/api/mledger/v1/"

enum {
    /* Questions at work at once, and how many of them are drawn; more are answered 503. */
    ML_API_QUESTIONS_MAX = 4,
    ML_API_DRAWINGS_MAX = 2,
    ML_API_RECORDS_MAX = 1000,
    ML_API_RECORDS_DEFAULT = 100,
    ML_API_RECORDS_READ = 20000, /* looked at for one page */
    ML_API_NODES_MAX = 100000,   /* of a lineage that is searched, not shown */
};

/* Memory in bytes that the records may take that one question reads. */
#define ML_API_QUESTION_MEMORY ((size_t)256 << 20)

/* All is borrowed. */
struct ml_api_options {
    struct ml_ledger *ledger;
    const struct ml_signer *signer;    /* numbers and signs what is appended; NULL: nothing is */
    const struct mledger_key *log_key; /* makes checkpoints that are asked for; NULL: none are */
    const char *known_dir;             /* as ml_ledger_options; NULL: nothing is known */
};

struct ml_api {
    struct ml_api_options options;
    pthread_mutex_t counting;     /* guards the next two: */
    unsigned questions, drawings; /* at work */
    pthread_mutex_t making;       /* held while a checkpoint is made */
};

/* MLEDGER_ESYSTEM: a lock cannot be made. */
int ml_api_init(struct ml_api *service, const struct ml_api_options *options) ML_MUST_USE;
void ml_api_release(struct ml_api *service);

/*
 * 1: *reply is the answer; 0: the path is not below ML_API_PREFIX. Negative: memory is out. Of
 * an answer of 500 the error is this thread's.
 *
 * Errors are application/problem+json (RFC 9457). Whatever is answered 200 has an ETag, and
 * If-None-Match is heeded; what can never change says so. HEAD is GET without the body.
 */
int ml_api_answer(struct ml_api *service, const struct ml_server_request *request,
                  struct ml_server_reply *reply) ML_MUST_USE;

#endif
