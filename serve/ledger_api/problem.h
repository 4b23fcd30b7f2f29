/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors as problems (RFC 9457), with one sentence in `detail`, the rule that was broken, and the
 * command that would help. What went wrong in the server is for its log, not for the client.
 */
#ifndef ML_SERVE_LEDGER_API_PROBLEM_H
#define ML_SERVE_LEDGER_API_PROBLEM_H

#include "serve/ledger_api/call.h"

/* What the API refuses by itself, beside the rules of the ledger (docs/FINDINGS.md). */
#define ML_API_BUSY "busy"               /* 503: too many such calls are at work */
#define ML_API_READ_ONLY "read-only"     /* 403: caller or server may not append */
#define ML_API_METHOD "method"           /* 405 */
#define ML_API_FORMAT "not-acceptable"   /* 406 */
#define ML_API_UNSIGNED "no-statement"   /* 403: nobody has stated anything */
#define ML_API_ON_BEHALF "on-behalf-of"  /* 403: of somebody else than the caller */
#define ML_API_SIGNER "server-authority" /* 403: the server's own key would count */

/* What the door refuses before the API is asked; the words are those that it has for MLflow's. */
#define ML_API_UNAUTHENTICATED "UNAUTHENTICATED"     /* 401 */
#define ML_API_TOO_MANY "REQUEST_LIMIT_EXCEEDED"     /* 429 */
#define ML_API_UNAVAILABLE "TEMPORARILY_UNAVAILABLE" /* 503 */

/* Refuses a call with one of these. */
#define ml_api_refuse(code, ...) ml_refuse((code), __VA_ARGS__)

/* The status of HTTP for `result`, this thread's error. */
int ml_api_status(int result);
/* Makes the reply of it. MLEDGER_ESYSTEM: memory is out. The error stays this thread's. */
int ml_api_problem(struct ml_api_call *call, int result) ML_MUST_USE;
/* The same of a request that did not come to a call; headers stand. */
int ml_api_problem_reply(struct ml_server_reply *reply, int result) ML_MUST_USE;
/* A problem of this status with this sentence; headers stand. MLEDGER_ESYSTEM as above. */
int ml_api_problem_words(struct ml_server_reply *reply, int status, const char *text) ML_MUST_USE;

#endif
