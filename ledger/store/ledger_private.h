/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the ledger's store share. */
#ifndef ML_STORE_LEDGER_PRIVATE_H
#define ML_STORE_LEDGER_PRIVATE_H

#include <pthread.h>
#include <semaphore.h>

#include "ledger/store/ledger.h"

struct ml_waiter;

struct ml_ledger {
    struct ml_kv *kv;
    char *dir;
    char *known_dir; /* NULL: known heads are not noted */
    struct ml_ledger_options options;
    /* Group commit, under `mutex`: while somebody writes, others queue. Who has written hands
     * the queue to the first in it, who then writes for all of them. */
    pthread_mutex_t mutex;
    struct ml_waiter *queue;
    struct ml_waiter **queue_end;
    size_t queued; /* waiters in the queue */
    bool writing;
    /* Before it writes, a group waits for those who took part a moment ago, but only for a small
     * part of what writing took: else two halves of the callers would take turns, and there would
     * be twice as many commits. */
    size_t expected;        /* callers that were there at once when last was written */
    int64_t written_us;     /* how long that took */
    bool gathering;         /* somebody waits for `arrived` */
    pthread_cond_t arrived; /* as many are in the queue as are expected; by the monotonic clock */
};

/* One caller's drafts and what becomes of them. */
struct ml_waiter {
    struct ml_waiter *next;
    const struct ml_signer *signer;
    struct ml_draft *const *drafts;
    size_t count;
    struct ml_receipt *receipts; /* NULL: not wanted */
    bool rehearses;              /* what was built is taken back, whatever its result */
    size_t failed;
    sem_t
        turn; /* posted once: `result` is there, or, if not done, it is this one's turn to write */
    bool done;
    int result;
    struct ml_error error;
};

/* append.c: writes what all of them want in one transaction. Each waiter's result is set; a
 * negative return means that nothing of anybody was written. */
int ml_append_group(struct ml_ledger *ledger, struct ml_waiter *waiters) ML_MUST_USE;

/* complete.c: fills in what the ledger assigns (ledger/core/draft.h), after `size` records. */
struct ml_random;
int ml_draft_complete(struct ml_draft *draft, struct ml_state *state, uint64_t size,
                      struct ml_random *random) ML_MUST_USE;

/* random.c: random bytes in bulk, wiped when released. */
struct ml_random {
    size_t left;
    uint8_t bytes[8192];
};
void ml_random_fill(struct ml_random *random, uint8_t *ret_bytes, size_t len);
void ml_random_release(struct ml_random *random);

/* view.c: the overlay over the store's state table. */
int ml_state_over(struct ml_kv_txn *txn, struct ml_state **ret_state) ML_MUST_USE;
int ml_txn_link_at(void *txn, uint64_t seq, uint8_t ret_link[ML_HASH_SIZE]) ML_MUST_USE;

#endif
