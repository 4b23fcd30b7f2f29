/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/gate/turns.h"

#include "serve/sync.h"

int ml_turns_init(struct ml_turns *turns, unsigned running_max, unsigned waiting_max)
{
    *turns = (struct ml_turns){.running_max = running_max, .waiting_max = waiting_max};
    return ml_sync_init(&turns->mutex, &turns->freed);
}

void ml_turns_release(struct ml_turns *turns)
{
    ml_sync_release(&turns->mutex, &turns->freed);
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
