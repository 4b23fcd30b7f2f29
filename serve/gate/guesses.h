/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often somebody guessed wrong: whoever did so too often within a minute waits, without costing
 * a hash. Counted are names (of tokens and of users) and addresses; what was verified before is not
 * asked here, so that nobody who works is locked out by another's guesses.
 *
 * Bounded: when it is full the oldest give way. Thread-safe.
 */
#ifndef ML_SERVE_GATE_GUESSES_H
#define ML_SERVE_GATE_GUESSES_H

#include <pthread.h>

#include "ledger/core/base.h"

enum {
    ML_GUESSES_MAX = 1024, /* who is counted at once */
    ML_GUESSES_WINDOW_MS = 60 * 1000,
    ML_GUESSES_ALLOWED = 10, /* wrong ones in a window */
};

struct ml_guesses {
    pthread_mutex_t mutex; /* guards `list` */
    uint8_t key[16];
    struct ml_guesses_entry {
        uint64_t who; /* keyed hash */
        int64_t since_ms;
        unsigned wrong; /* 0: the entry is free */
    } list[ML_GUESSES_MAX];
};

/* MLEDGER_ESYSTEM. */
int ml_guesses_init(struct ml_guesses *guesses) ML_MUST_USE;
void ml_guesses_release(struct ml_guesses *guesses);

/* Seconds that `who` must wait before another guess; 0: none. Times are of one clock that does not
 * go back. */
unsigned ml_guesses_wait_s(struct ml_guesses *guesses, struct ml_span who, int64_t now_ms);
/* It guessed wrong. */
void ml_guesses_add(struct ml_guesses *guesses, struct ml_span who, int64_t now_ms);

#endif
