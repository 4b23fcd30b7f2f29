/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/sync.h"

#include <time.h>

int ml_sync_init(pthread_mutex_t *mutex, pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    if (pthread_condattr_init(&attributes) != 0)
        return ml_fail_memory();
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    int error_number = pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
    if (error_number != 0)
        return ml_fail_errno(error_number, "cannot make a condition variable");
    error_number = pthread_mutex_init(mutex, NULL);
    if (error_number == 0)
        return MLEDGER_OK;
    pthread_cond_destroy(condition);
    return ml_fail_errno(error_number, "cannot make a mutex");
}

int ml_sync_init_rw(pthread_rwlock_t *lock)
{
    pthread_rwlockattr_t attributes;
    if (pthread_rwlockattr_init(&attributes) != 0)
        return ml_fail_memory();
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    const int error_number = pthread_rwlock_init(lock, &attributes);
    pthread_rwlockattr_destroy(&attributes);
    return error_number == 0 ? MLEDGER_OK : ml_fail_errno(error_number, "cannot make a lock");
}

void ml_sync_release(pthread_mutex_t *mutex, pthread_cond_t *condition)
{
    pthread_cond_destroy(condition);
    pthread_mutex_destroy(mutex);
}
