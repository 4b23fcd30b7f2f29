/* SPDX-License-Identifier: Apache-2.0 */
/* The connections of a server (serve/server.h): each with its pace and what it showed in TLS, and a
 * thread that cuts off those that are too slow. For server.c alone. */
#ifndef ML_SERVE_SERVER_LINK_H
#define ML_SERVE_SERVER_LINK_H

#include <microhttpd.h>

#include "serve/pace.h"
#include "serve/server.h"

struct ml_server_links {
    struct ml_pace pace;
    struct ml_tls *tls; /* borrowed; NULL: none */
    void (*failed)(void *context);
    void *context;
    pthread_mutex_t mutex; /* guards is_over */
    pthread_cond_t over;
    pthread_t watcher;
    bool is_over;
};

struct ml_server_link {
    struct ml_pace_client pace;
    void *session; /* of TLS; NULL: none */
    int shown;     /* of its certificate: LINK_UNSEEN, or as ml_tls_peer() */
    uint8_t sha256[ML_HASH_SIZE];
    char why[256]; /* it is not trusted */
};

/* MLEDGER_ESYSTEM. The struct must not move until the end. */
int ml_server_links_begin(struct ml_server_links *links,
                          const struct ml_server_options *options) ML_MUST_USE;
/* After the last connection was closed. */
void ml_server_links_end(struct ml_server_links *links);

/* A MHD_NotifyConnectionCallback, whose context is the links. */
void ml_server_links_notify(void *context, struct MHD_Connection *connection, void **socket_context,
                            enum MHD_ConnectionNotificationCode code);
/* NULL: memory was out when it began, or TLS could not. */
struct ml_server_link *ml_server_link_of(struct MHD_Connection *connection);

/* Milliseconds of a clock that does not go back. */
int64_t ml_server_now_ms(void);

#endif
