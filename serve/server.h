/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An HTTP server over libmicrohttpd (RFC 9110, RFC 9112): requests in, replies out. What requests
 * mean may not enter here.
 *
 * A body is kept in memory, or given piece by piece to an intake that the caller chose when the
 * head had arrived; a reply is bytes or a file.
 *
 * All is bounded: bodies by the caller (larger ones are answered 413), heads, how long either may
 * take to arrive, and how long an answer to be read (serve/pace.h), and how many connections there
 * are: beyond that many a request is answered 503 at once, with Retry-After, and its connection
 * closed. When three in four are there none is kept open for another request.
 */
#ifndef ML_SERVE_SERVER_H
#define ML_SERVE_SERVER_H

#include "ledger/core/hash.h"
#include "serve/caller.h"
#include "serve/pace.h"

enum {
    /* Connections that are served; more are answered 503 if they are quick about it, … */
    ML_SERVER_CONNECTIONS_MAX = 256,
    ML_SERVER_SURPLUS_MAX = 32,   /* … so many of them at once. The rest is closed. */
    ML_SERVER_SURPLUS_S = 2,      /* how quick */
    ML_SERVER_RETRY_S = 1,        /* when they may come again */
    ML_SERVER_HEAD_MAX = 32768,   /* bytes of a head; more are answered 431 (or 414) */
    ML_SERVER_HEAD_S = 30,        /* seconds in which TLS and a head must be there */
    ML_SERVER_GRACE_S = 30,       /* seconds that a body or a reply may take at any size, … */
    ML_SERVER_BYTES_PER_S = 4096, /* … and at this rate beyond */
    ML_SERVER_IDLE_S = 15,        /* seconds that a connection may say nothing */
    ML_SERVER_DRAIN_S = 10,       /* seconds that requests in progress get when the server stops */
    ML_SERVER_HEADERS = 8,        /* of a reply, besides the content type */
    ML_SERVER_HEADER_SIZE = 256,
};

/* Where a body goes that is not to be kept in memory. It begins another struct of the caller's. */
struct ml_server_intake {
    /* A piece of the body. Negative: enough; the rest is read and dropped, and the handler asked.
     */
    int (*take)(struct ml_server_intake *intake, struct ml_span piece);
    /* The request is over, whatever became of it. */
    void (*release)(struct ml_server_intake *intake);
    bool is_broken; /* take() failed; set by the server */
};

/* Lives as long as the call. */
struct ml_server_request {
    const char *method; /* "GET", … */
    const char *path;   /* decoded, without the query */
    struct ml_span body;
    struct ml_server_intake *intake; /* as options.begin chose; NULL: the body is in memory */
    const struct ml_caller *caller;  /* as options.admit found; never NULL */
    struct MHD_Connection *connection;
};

enum { ML_SERVER_PEER_SIZE = 64 };
/* The address that it came from, as numbers, without the port; "" where there is none. */
void ml_server_peer(const struct ml_server_request *request, char ret_peer[ML_SERVER_PEER_SIZE]);
/* Of the certificate that the client has shown in TLS, the SHA-256 of its DER form: 1; 0: it has
 * shown none. MLEDGER_EINVALID: it is not trusted, and the text says why. */
int ml_server_certificate(const struct ml_server_request *request,
                          uint8_t ret_sha256[ML_HASH_SIZE]) ML_MUST_USE;
/* The value of a header (in any case of letters), the first of several; NULL: there is none. */
const char *ml_server_header(const struct ml_server_request *request, const char *name);
/* Calls `visit` with each argument of the query, decoded, in their order ("" for one without a
 * value), until it returns something negative, which is returned. */
typedef int ml_server_argument_visitor(const char *name, const char *value, void *context);
int ml_server_arguments(const struct ml_server_request *request, ml_server_argument_visitor *visit,
                        void *context) ML_MUST_USE;

struct ml_server_reply {
    int status;
    const char *content_type; /* a string constant, or NULL */
    struct ml_buf body;       /* taken over */
    int file;                 /* with has_file: sent in place of the body, and closed */
    bool has_file;
    uint64_t file_size;
    struct {
        const char *name; /* a string constant */
        char value[ML_SERVER_HEADER_SIZE];
    } headers[ML_SERVER_HEADERS];
    size_t n_headers;
    /* For logs and metrics: what was asked for, one of few string constants, or NULL; the records
     * that it made, and the last of them. */
    const char *route;
    size_t n_recorded;
    uint64_t seq;
};

/* Adds a header. What is longer than ML_SERVER_HEADER_SIZE is cut. */
void ml_server_reply_header(struct ml_server_reply *reply, const char *name, const char *format,
                            ...) ML_PRINTF(3, 4);

/* Answers a request; called from several threads at once. *reply is all zero before. A failure is
 * answered 500, and its error told to `failed`. */
typedef int ml_server_handler(const struct ml_server_request *request, void *context,
                              struct ml_server_reply *reply);
/*
 * The head has arrived: finds out who asks, before all else (*ret_caller is nobody before, and is
 * released by the server). 1: *reply is the answer, nothing else is asked. A failure is answered
 * 500, as above.
 */
typedef int ml_server_doorkeeper(const struct ml_server_request *request, void *context,
                                 struct ml_caller *ret_caller, struct ml_server_reply *reply);
/*
 * Then: chooses where the body goes (*ret_intake stays NULL: into memory).
 * 1: *reply is the answer and the body is not wanted. A failure is answered 500, as above.
 */
typedef int ml_server_beginner(const struct ml_server_request *request, void *context,
                               struct ml_server_intake **ret_intake, struct ml_server_reply *reply);

/* Words what the server itself has to say to a request, in place of a line of plain text: fills in
 * type and body of *reply. A failure leaves it to the plain text. */
typedef int ml_server_speaker(const struct ml_server_request *request, int status, const char *text,
                              struct ml_server_reply *reply);

/* What became of a request. */
struct ml_server_account {
    int status;        /* 0: it was given up before there was a reply */
    bool is_whole;     /* all of the reply has been sent */
    const char *route; /* as the reply's, like the next two */
    size_t n_recorded;
    uint64_t seq;
    uint64_t bytes_in, bytes_out; /* of the bodies */
    int64_t duration_us;          /* from its head to the end of its reply */
};
/* Is told of a request that is over, in the thread that served it. The request has no body. */
typedef void ml_server_accountant(const struct ml_server_request *request,
                                  const struct ml_server_account *account, void *context);

struct ml_server_options {
    const char *address;          /* as ml_listen() */
    const char *loopback_because; /* likewise */
    size_t body_max;              /* bytes of a body in memory */
    struct ml_tls *tls;           /* borrowed; NULL: plain HTTP */
    struct ml_pace_rules pace;    /* what is 0 in it is as above */
    /* A thread for each connection: for handlers that wait for the disk. Else a few for all. */
    bool thread_each;
    ml_server_doorkeeper *admit; /* or NULL: nobody is asked */
    /* Is told that a request is over that `admit` had let in or not, whoever asked; or NULL. */
    void (*leave)(void *context, const struct ml_caller *caller);
    ml_server_beginner *begin; /* or NULL */
    ml_server_handler *handle;
    ml_server_speaker *speak; /* or NULL */
    /* Is told each failure, from the thread where it arose; the error is this thread's. */
    void (*failed)(void *context);
    ml_server_accountant *ended; /* or NULL */
    void *context;               /* of all of them */
};

struct ml_server;

/* Starts serving, in threads of its own. The options are copied.
 * MLEDGER_EUSAGE, MLEDGER_ESYSTEM: as ml_listen(); or it cannot start. */
int ml_server_start(const struct ml_server_options *options,
                    struct ml_server **ret_server) ML_MUST_USE;
/* The address that it listens on, as numbers; the server's. */
const char *ml_server_address(const struct ml_server *server);
bool ml_server_is_tls(const struct ml_server *server);
/* How much it does at this moment. */
struct ml_server_load {
    size_t connections, requests; /* open; in progress */
    size_t connections_max;
};
void ml_server_load(struct ml_server *server, struct ml_server_load *ret_load);
/* Takes no new connections, lets requests in progress finish, ends its threads. Accepts NULL. */
void ml_server_stop(struct ml_server *server);
static inline void ml_server_stopp(struct ml_server **server)
{
    ml_server_stop(*server);
}

#endif
