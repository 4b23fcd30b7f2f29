/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server on 127.0.0.1 that says what a test wants it to say, byte by byte, and keeps what it was
 * asked. One connection a request, one after the other.
 */
#ifndef ML_TEST_HTTP_SERVER_H
#define ML_TEST_HTTP_SERVER_H

#include "ledger/core/base.h"

enum http_manner {
    HTTP_ANSWER,  /* says it and closes */
    HTTP_HANG,    /* says it, then nothing more, until the client or the test gives up */
    HTTP_ENDLESS, /* says it, then the letter x for ever */
};

struct http_exchange {
    enum http_manner manner;
    const char *answer; /* bytes of status line, headers and body */
};

struct http_server;

/* Starts a thread that serves `count` exchanges, which must outlive it. */
struct http_server *http_server_start(const struct http_exchange *exchanges, size_t count);
/* "http://127.0.0.1:PORT", the server's. */
const char *http_server_url(const struct http_server *server);
/* Ends the thread, also in the middle of an exchange, and gives the requests as they came, one
 * after the other, for the caller to free. */
char *http_server_stop(struct http_server *server);

/* "http://127.0.0.1:PORT" of a port where nobody listens, for the caller to free. */
char *http_nobody(void);

#endif
