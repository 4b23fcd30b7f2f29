/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections and how fast they must be, so that nobody holds a thread for long by saying little
 * ("slowloris"): a head must be there in time, and so must whatever TLS says before; a body must
 * arrive, and a reply be read, at a least rate after a while of grace. Whoever is too slow is cut
 * off: its socket is shut down, and the server ends the connection as one that was closed.
 *
 * Also how many there are: those beyond a maximum are told so, and must be quick about it.
 *
 * Times are milliseconds of one clock that does not go back, given by the caller. Thread-safe.
 */
#ifndef ML_SERVE_PACE_H
#define ML_SERVE_PACE_H

#include <pthread.h>
#include <stdatomic.h>

#include "ledger/core/base.h"

struct ml_pace_rules {
    int64_t head_ms;     /* from the beginning, or the end of the last request, to a head */
    int64_t surplus_ms;  /* the same for a connection beyond the maximum */
    int64_t grace_ms;    /* what a body or a reply may take at any size, … */
    int64_t bytes_per_s; /* … and at this rate beyond it */
    size_t connections_max;
};

struct ml_pace {
    struct ml_pace_rules rules;
    pthread_mutex_t mutex; /* guards the list, and the sockets in it against being closed */
    struct ml_pace_client *first;
    atomic_size_t count;
};

/* One connection; part of a struct of the caller's. */
struct ml_pace_client {
    struct ml_pace *pace;
    struct ml_pace_client *next, *before;
    int fd;
    _Atomic int64_t deadline_ms; /* INT64_MAX: none */
    /* Of the thread that serves it: */
    int64_t begun_ms; /* the body that is arriving */
    uint64_t bytes;   /* of it */
    bool is_surplus;  /* it was one too many when it came; set once */
};

/* MLEDGER_ESYSTEM. */
int ml_pace_init(struct ml_pace *pace, const struct ml_pace_rules *rules) ML_MUST_USE;
void ml_pace_release(struct ml_pace *pace);

/* A new connection over `fd`, which stays open until ml_pace_leave(). */
void ml_pace_join(struct ml_pace *pace, struct ml_pace_client *client, int fd, int64_t now_ms);
void ml_pace_leave(struct ml_pace_client *client);

/* What a connection does: waits for a head, receives a body, is served, receives a reply of so many
 * bytes. */
void ml_pace_head(struct ml_pace_client *client, int64_t now_ms);
void ml_pace_body(struct ml_pace_client *client, int64_t now_ms);
void ml_pace_piece(struct ml_pace_client *client, size_t len);
void ml_pace_serve(struct ml_pace_client *client);
void ml_pace_reply(struct ml_pace_client *client, uint64_t size, int64_t now_ms);

/* Cuts off those that are too slow; how many. */
size_t ml_pace_cut(struct ml_pace *pace, int64_t now_ms);
/* Whether there are so many connections that none should be kept for another request. */
bool ml_pace_is_crowded(struct ml_pace *pace);

#endif
