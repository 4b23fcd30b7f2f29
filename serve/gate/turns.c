/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/gate/turns.h"

int ml_turns_init(struct ml_turns *turns, unsigned running_max, unsigned waiting_max)
{
    *turns = (struct ml_turns){.running_max = running_max, .waiting_max = waiting_max};
    int error_number = pthread_cond_init(&turns->freed, NULL);
    if (error_number != 0)
        return ml_fail_errno(error_number, "cannot make a condition variable");
    error_number = pthread_mutex_init(&turns->mutex, NULL);
    if (error_number == 0)
        return MLEDGER_OK;
    pthread_cond_destroy(&turns->freed);
    return ml_fail_errno(error_number, "cannot make a mutex");
}

void ml_turns_release(struct ml_turns *turns)
{
    pthread_cond_destroy(&turns->freed);
    pthread_mutex_destroy(&turns->mutex);
}

bool ml_turns_take(struct ml_turns *turns)
{
    pthread_mutex_lock(&turns->mutex);
    const bool may = turns->running < turns->running_max || turns->waiting < turns->waiting_max;
    if (may) {
        turns->waiting++;
        while (turns->running == turns->running_max)
            pthread_cond_wait(&turns->freed, &turns->mutex);
        turns->waiting--;
        turns->running++;
    }
    pthread_mutex_unlock(&turns->mutex);
    return may;
}

void ml_turns_end(struct ml_turns *turns)
{
    pthread_mutex_lock(&turns->mutex);
    turns->running--;
    pthread_cond_signal(&turns->freed);
    pthread_mutex_unlock(&turns->mutex);
}
