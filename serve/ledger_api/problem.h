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

/* Refuses a call with one of these. */
#define ml_api_refuse(code, ...) ml_refuse((code), __VA_ARGS__)

/* The status of HTTP for `result`, this thread's error. */
int ml_api_status(int result);
/* Makes the reply of it. MLEDGER_ESYSTEM: memory is out. The error stays this thread's. */
int ml_api_problem(struct ml_api_call *call, int result) ML_MUST_USE;

#endif
