/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the ledger says of actors who ask, kept as long as the ledger is the same: any record makes
 * it be read again, so that an actor who has retired is seen at once. Thread-safe.
 */
#ifndef ML_SERVE_GATE_STANDINGS_H
#define ML_SERVE_GATE_STANDINGS_H

#include <pthread.h>

#include "ledger/store/ledger.h"
#include "serve/gate/users.h"

enum {
    ML_STANDINGS_SLOTS = 64,      /* an actor has one, and may have to leave it to another */
    ML_STANDINGS_HEAD_MAX = 1024, /* bytes of the ledger's state; a longer one is not kept */
};

struct ml_actor_standing {
    bool is_registered; /* else all of the rest is zero */
    bool has_retired;   /* it has no role */
    bool may_record;    /* it is recorder or admin */
    uint64_t seq;       /* of its creating record */
};

struct ml_standings {
    struct ml_ledger *ledger;            /* borrowed */
    pthread_rwlock_t lock;               /* of what follows */
    uint8_t head[ML_STANDINGS_HEAD_MAX]; /* the ledger's state that the slots are of */
    size_t head_len;
    struct ml_standings_slot {
        char actor[ML_USER_NAME_MAX + 1]; /* "": nobody's */
        struct ml_actor_standing standing;
    } slots[ML_STANDINGS_SLOTS];
};

/* MLEDGER_ESYSTEM. */
int ml_standings_init(struct ml_standings *standings, struct ml_ledger *ledger) ML_MUST_USE;
void ml_standings_release(struct ml_standings *standings);

/* The actor as the ledger has it now. Errors of reading the ledger. */
int ml_standings_read(struct ml_standings *standings, const char *actor,
                      struct ml_actor_standing *ret_standing) ML_MUST_USE;

#endif
