/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/gate/shares.h"

int ml_shares_init(struct ml_shares *shares, unsigned each_max)
{
    *shares = (struct ml_shares){.each_max = each_max};
    const int error_number = pthread_mutex_init(&shares->mutex, NULL);
    return error_number == 0 ? MLEDGER_OK : ml_fail_errno(error_number, "cannot make a mutex");
}

void ml_shares_release(struct ml_shares *shares)
{
    pthread_mutex_destroy(&shares->mutex);
    free(shares->list);
}

/* The actor's place, else a free one; NULL: neither is there. */
static struct ml_share *find(struct ml_shares *shares, uint64_t actor)
{
    struct ml_share *unused = NULL;
    for (size_t i = 0; i < shares->count; i++) {
        struct ml_share *share = &shares->list[i];
        if (share->count > 0 && share->actor == actor)
            return share;
        if (share->count == 0 && !unused)
            unused = share;
    }
    return unused;
}

static int take(struct ml_shares *shares, uint64_t actor)
{
    struct ml_share *share = find(shares, actor);
    if (!share) {
        ML_TRY(ml_grow(&shares->list, &shares->cap, shares->count + 1, sizeof *shares->list));
        share = &shares->list[shares->count++];
        share->count = 0;
    }
    if (share->count == shares->each_max)
        return 0;
    share->actor = actor;
    share->count++;
    return 1;
}

int ml_shares_take(struct ml_shares *shares, uint64_t actor)
{
    pthread_mutex_lock(&shares->mutex);
    const int result = take(shares, actor);
    pthread_mutex_unlock(&shares->mutex);
    return result;
}

void ml_shares_give_back(struct ml_shares *shares, uint64_t actor)
{
    pthread_mutex_lock(&shares->mutex);
    struct ml_share *share = find(shares, actor);
    assert(share && share->count > 0);
    share->count--;
    pthread_mutex_unlock(&shares->mutex);
}
