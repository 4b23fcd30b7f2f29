/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A gate: many threads are inside at once, or one has it closed and is alone. Whoever wants it
 * closed goes before newcomers, so that a stream of readers cannot keep it waiting; every wait has
 * an end, so that a thread that waits for itself gets an error and not a deadlock.
 */
#ifndef ML_STORE_GATE_H
#define ML_STORE_GATE_H

#include <pthread.h>

#include "ledger/core/base.h"

struct ml_gate {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* waits by the monotonic clock */
    unsigned inside;
    bool closed;
};

/* Each returns 0 or an errno value; entering and closing give ETIMEDOUT after `wait_ms`. They set
 * no error text: only the caller knows what was wanted. */
int ml_gate_init(struct ml_gate *gate) ML_MUST_USE;
void ml_gate_release(struct ml_gate *gate);
int ml_gate_enter(struct ml_gate *gate, unsigned wait_ms) ML_MUST_USE;
void ml_gate_leave(struct ml_gate *gate);
/* Waits until nobody is inside; on success nobody enters before ml_gate_open(). */
int ml_gate_close(struct ml_gate *gate, unsigned wait_ms) ML_MUST_USE;
void ml_gate_open(struct ml_gate *gate);

#endif
