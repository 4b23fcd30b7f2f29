/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The door that every request passes when its head has arrived: is it of a page that may ask
 * (origin.h), who asks (roster.h, login.h), is that an actor of the ledger, may it do this, and has
 * it not too many requests in progress.
 *
 *     401 UNAUTHENTICATED          nobody is shown, or wrongly; with WWW-Authenticate
 *     403 PERMISSION_DENIED        the actor is not registered, or has retired, or may only read
 *     429 REQUEST_LIMIT_EXCEEDED   too many wrong guesses, or too much at once; with Retry-After
 *     503 TEMPORARILY_UNAVAILABLE  too many logins at once; the list of users cannot be read
 *
 * Where there is no list of users nobody is asked: whoever serves then must listen on the loopback
 * alone. /health and /version are answered without asking. Thread-safe.
 */
#ifndef ML_SERVE_GATE_DOOR_H
#define ML_SERVE_GATE_DOOR_H

#include "ledger/store/ledger.h"
#include "serve/gate/origin.h"

struct ml_door;

struct ml_door_options {
    struct ml_ledger *ledger; /* borrowed */
    uint8_t identity[ML_HASH_SIZE];
    const char *users_path;  /* copied */
    struct ml_origin origin; /* what it points to is borrowed */
    unsigned each_max;       /* requests in progress of one actor */
    bool is_proxied;         /* addresses are those of a proxy, and tell nothing */
    /* Words a refusal, this thread's error, in *reply; NULL: as MLflow's clients read it. */
    int (*word)(const struct ml_server_request *request, int result, struct ml_server_reply *reply);
    /* Is told when the list of users cannot be read; the error is this thread's. Or NULL. */
    void (*failed)(void *context);
    void *context;
    /* Clocks of tests: microseconds since 1970, and milliseconds that never go back. NULL: the
     * machine's. */
    int64_t (*wall_us)(void *clocks);
    int64_t (*steady_ms)(void *clocks);
    void *clocks;
};

/* MLEDGER_ESYSTEM; errors of reading the list of users, so that a server does not start with one
 * that is damaged. */
int ml_door_new(const struct ml_door_options *options, struct ml_door **ret_door) ML_MUST_USE;
void ml_door_free(struct ml_door *door);

/* Whether there is a list of users, so that everybody is asked who they are. */
bool ml_door_asks(struct ml_door *door);

/* As ml_server_doorkeeper. */
int ml_door_admit(struct ml_door *door, const struct ml_server_request *request,
                  struct ml_caller *ret_caller, struct ml_server_reply *reply) ML_MUST_USE;
/* The request is over. */
void ml_door_leave(struct ml_door *door, const struct ml_caller *caller);

#endif
