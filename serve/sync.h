/* SPDX-License-Identifier: Apache-2.0 */
/* A mutex and what is waited for under it, with times of CLOCK_MONOTONIC. */
#ifndef ML_SERVE_SYNC_H
#define ML_SERVE_SYNC_H

#include <pthread.h>

#include "ledger/core/base.h"

/* MLEDGER_ESYSTEM. */
int ml_sync_init(pthread_mutex_t *mutex, pthread_cond_t *condition) ML_MUST_USE;
/* A lock of many who read, where who writes does not wait for ever. MLEDGER_ESYSTEM. */
int ml_sync_init_rw(pthread_rwlock_t *lock) ML_MUST_USE;
void ml_sync_release(pthread_mutex_t *mutex, pthread_cond_t *condition);

#endif
