/* SPDX-License-Identifier: Apache-2.0 */
/* How many requests of each actor are in progress, so that none takes the whole server. Bounded by
 * how many requests there are. Thread-safe. */
#ifndef ML_SERVE_GATE_SHARES_H
#define ML_SERVE_GATE_SHARES_H

#include <pthread.h>

#include "ledger/core/base.h"

struct ml_shares {
    pthread_mutex_t mutex; /* guards `list` */
    struct ml_share {
        uint64_t actor;
        unsigned count; /* 0: the place is free */
    } * list;
    size_t count, cap;
    unsigned each_max;
};

/* MLEDGER_ESYSTEM. */
int ml_shares_init(struct ml_shares *shares, unsigned each_max) ML_MUST_USE;
void ml_shares_release(struct ml_shares *shares);

/* 1: one more of this actor, to be given back; 0: it has as many as it may.
 * MLEDGER_ESYSTEM: memory is out. */
int ml_shares_take(struct ml_shares *shares, uint64_t actor) ML_MUST_USE;
void ml_shares_give_back(struct ml_shares *shares, uint64_t actor);

#endif
