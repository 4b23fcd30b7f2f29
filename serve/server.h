/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An HTTP server over libmicrohttpd: whole requests in, whole replies out. What requests mean may
 * not enter here.
 *
 * Requests are bounded: their bodies by the caller (larger ones are answered 413), their heads by
 * libmicrohttpd, the time that one may take to arrive, and how many connections there are.
 */
#ifndef ML_SERVE_SERVER_H
#define ML_SERVE_SERVER_H

#include "ledger/core/base.h"

enum {
    ML_SERVER_CONNECTIONS_MAX = 256,
    ML_SERVER_ARRIVAL_S = 30, /* seconds in which a request must have arrived */
    ML_SERVER_IDLE_S = 15,    /* seconds that a connection may say nothing */
    ML_SERVER_DRAIN_S = 10,   /* seconds that requests in progress get when the server stops */
};

/* Lives as long as the call. */
struct ml_server_request {
    const char *method; /* "GET", … */
    const char *path;   /* decoded, without the query */
    struct ml_span body;
};

struct ml_server_reply {
    int status;
    const char *content_type; /* a string constant, or NULL */
    struct ml_buf body;       /* taken over */
};

/* Answers a request; called from several threads at once. *reply is all zero before. A failure is
 * answered 500 without a word, and its error told to `failed`. */
typedef int ml_server_handler(const struct ml_server_request *request, void *context,
                              struct ml_server_reply *reply);

struct ml_server_options {
    const char *address; /* as ml_listen() */
    size_t body_max;     /* bytes */
    ml_server_handler *handle;
    /* Is told each failure, from the thread where it arose; the error is this thread's. */
    void (*failed)(void *context);
    void *context; /* of both */
};

struct ml_server;

/* Starts serving, in threads of its own. The options are copied.
 * MLEDGER_EUSAGE, MLEDGER_ESYSTEM: as ml_listen(); or it cannot start. */
int ml_server_start(const struct ml_server_options *options,
                    struct ml_server **ret_server) ML_MUST_USE;
/* The address that it listens on, as numbers; the server's. */
const char *ml_server_address(const struct ml_server *server);
/* Takes no new connections, lets requests in progress finish, ends its threads. Accepts NULL. */
void ml_server_stop(struct ml_server *server);
static inline void ml_server_stopp(struct ml_server **server)
{
    ml_server_stop(*server);
}

#endif
