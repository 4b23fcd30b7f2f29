/* SPDX-License-Identifier: Apache-2.0 */
/* What every command that serves does around its server: says where it listens, and waits for
 * SIGTERM or SIGINT. */
#ifndef ML_CLI_SERVING_H
#define ML_CLI_SERVING_H

#include <signal.h>

#include "cli/session.h"
#include "serve/server.h"

/* Blocks the signals that end it, before there are threads, so that ml_serving_wait() alone gets
 * them. */
void ml_serving_begin(sigset_t *ret_signals);
/* "listening on http://…", or {"listening": …}. MLEDGER_ESYSTEM: it cannot be written. */
int ml_serving_print(const struct ml_session *session, const struct ml_server *server) ML_MUST_USE;
void ml_serving_wait(const sigset_t *signals);

#endif
