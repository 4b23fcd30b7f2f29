/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns at what is expensive: a few at once, a few more wait, and whoever comes then is sent away,
 * so that nobody can have us spend all memory and time on hashing. Thread-safe.
 */
#ifndef ML_SERVE_GATE_TURNS_H
#define ML_SERVE_GATE_TURNS_H

#include <pthread.h>

#include "ledger/core/base.h"

struct ml_turns {
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t freed;
    unsigned running, waiting;
    unsigned running_max, waiting_max;
};

/* MLEDGER_ESYSTEM. */
int ml_turns_init(struct ml_turns *turns, unsigned running_max, unsigned waiting_max) ML_MUST_USE;
void ml_turns_release(struct ml_turns *turns);

/* True: it is the caller's turn, to be ended; perhaps after waiting. False: too many wait. */
bool ml_turns_take(struct ml_turns *turns) ML_MUST_USE;
void ml_turns_end(struct ml_turns *turns);

#endif
