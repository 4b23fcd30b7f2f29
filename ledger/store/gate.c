/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/store/gate.h"

#include <errno.h>
#include <time.h>

int ml_gate_init(struct ml_gate *gate)
{
    *gate = (struct ml_gate){.inside = 0};
    pthread_condattr_t attributes;
    int rc = pthread_condattr_init(&attributes);
    if (rc != 0)
        return rc;
    rc = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    if (rc == 0)
        rc = pthread_cond_init(&gate->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    if (rc != 0)
        return rc;
    rc = pthread_mutex_init(&gate->lock, NULL);
    if (rc != 0)
        pthread_cond_destroy(&gate->changed);
    return rc;
}

void ml_gate_release(struct ml_gate *gate)
{
    assert(gate->inside == 0 && !gate->closed);
    pthread_mutex_destroy(&gate->lock);
    pthread_cond_destroy(&gate->changed);
}

static struct timespec moment_after(unsigned wait_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)(wait_ms / 1000);
    until.tv_nsec += (long)(wait_ms % 1000) * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    return until;
}

/* Waits, lock held, for the gate to be open. */
static int wait_open(struct ml_gate *gate, const struct timespec *until)
{
    int rc = 0;
    while (rc == 0 && gate->closed)
        rc = pthread_cond_timedwait(&gate->changed, &gate->lock, until);
    return rc;
}

/* Waits, lock held and gate closed, for all to have left. */
static int wait_empty(struct ml_gate *gate, const struct timespec *until)
{
    int rc = 0;
    while (rc == 0 && gate->inside > 0)
        rc = pthread_cond_timedwait(&gate->changed, &gate->lock, until);
    return rc;
}

int ml_gate_enter(struct ml_gate *gate, unsigned wait_ms)
{
    int rc = 0;
    pthread_mutex_lock(&gate->lock);
    if (gate->closed) {
        struct timespec until = moment_after(wait_ms);
        rc = wait_open(gate, &until);
    }
    if (rc == 0)
        gate->inside++;
    pthread_mutex_unlock(&gate->lock);
    return rc;
}

void ml_gate_leave(struct ml_gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    assert(gate->inside > 0);
    if (--gate->inside == 0)
        pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->lock);
}

int ml_gate_close(struct ml_gate *gate, unsigned wait_ms)
{
    struct timespec until = moment_after(wait_ms);
    pthread_mutex_lock(&gate->lock);
    int rc = wait_open(gate, &until);
    if (rc == 0) {
        gate->closed = true; /* newcomers wait from here on */
        rc = wait_empty(gate, &until);
        if (rc != 0) {
            gate->closed = false;
            pthread_cond_broadcast(&gate->changed);
        }
    }
    pthread_mutex_unlock(&gate->lock);
    return rc;
}

void ml_gate_open(struct ml_gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->closed = false;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->lock);
}
