/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a ledger; callers that append at once share transactions. */
#include "ledger/store/ledger.h"

#include <inttypes.h>
#include <time.h>

#include "ledger/store/known_head.h"
#include "ledger/store/ledger_private.h"

enum {
    GATHER_PART = 4, /* of the time that writing took */
    GATHER_MOST_US = 1000,
};

static const char *const table_names[ML_TABLE_COUNT] = {
    [ML_TABLE_RECORDS] = "records", [ML_TABLE_ATTACHMENTS] = "attachments",
    [ML_TABLE_STATE] = "state",     [ML_TABLE_INDEX] = "index",
    [ML_TABLE_TREE] = "tree",
};

static int new_ledger(const char *dir, const struct ml_ledger_options *options, bool create,
                      struct ml_ledger **ret_ledger)
{
    ML_CLEANUP(ml_ledger_closep) struct ml_ledger *ledger = ml_calloc(1, sizeof *ledger);
    if (!ledger)
        return ml_fail_memory();
    pthread_mutex_init(&ledger->mutex, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&ledger->arrived, &monotonic);
    pthread_condattr_destroy(&monotonic);
    ledger->queue_end = &ledger->queue;
    ledger->options = *options;
    ledger->dir = strdup(dir);
    if (!ledger->dir)
        return ml_fail_memory();
    if (options->known_dir && !(ledger->known_dir = strdup(options->known_dir)))
        return ml_fail_memory();
    const struct ml_kv_options kv_options = {
        .tables = table_names,
        .table_count = ML_TABLE_COUNT,
        .create = create,
        .read_only = options->read_only,
        .map_bytes = options->map_bytes,
    };
    ML_TRY(ml_kv_open(dir, &kv_options, &ledger->kv));
    *ret_ledger = ML_TAKE(ledger);
    return MLEDGER_OK;
}

static int check_begun(struct ml_ledger *ledger)
{
    struct ml_head head;
    ML_TRY(ml_ledger_head(ledger, &head));
    if (head.size == 0)
        return ml_fail(MLEDGER_EDAMAGED, "'%s' holds no ledger: it has no record 0", ledger->dir);
    return MLEDGER_OK;
}

int ml_ledger_open(const char *dir, const struct ml_ledger_options *options,
                   struct ml_ledger **ret_ledger)
{
    ML_CLEANUP(ml_ledger_closep) struct ml_ledger *ledger = NULL;
    ML_TRY(new_ledger(dir, options, false, &ledger));
    if (!options->records_only)
        ML_TRY(check_begun(ledger));
    *ret_ledger = ML_TAKE(ledger);
    return MLEDGER_OK;
}

void ml_ledger_close(struct ml_ledger *ledger)
{
    if (!ledger)
        return;
    ml_kv_close(ledger->kv);
    pthread_cond_destroy(&ledger->arrived);
    pthread_mutex_destroy(&ledger->mutex);
    free(ledger->known_dir);
    free(ledger->dir);
    free(ledger);
}

int ml_ledger_create(const char *dir, const struct ml_ledger_options *options,
                     struct ml_draft *draft, const struct ml_signer *signer,
                     struct ml_ledger **ret_ledger)
{
    assert(draft->event->kind_case == MLEDGER__EVENT__KIND_LEDGER_CREATED);
    ML_CLEANUP(ml_ledger_closep) struct ml_ledger *ledger = NULL;
    ML_TRY(new_ledger(dir, options, true, &ledger));
    struct ml_head head;
    ML_TRY(ml_ledger_head(ledger, &head));
    if (head.size > 0)
        return ml_fail(MLEDGER_EUSAGE, "'%s' holds a ledger already, '%s' of %" PRIu64 " records",
                       dir, head.name, head.size);
    ML_TRY(ml_ledger_append(ledger, signer, &draft, 1, NULL, NULL));
    *ret_ledger = ML_TAKE(ledger);
    return MLEDGER_OK;
}

int ml_ledger_is_unborn(const char *dir)
{
    ML_CLEANUP(ml_ledger_closep) struct ml_ledger *ledger = NULL;
    const struct ml_ledger_options options = {.read_only = true};
    struct ml_view view;
    uint64_t records;
    int result = ml_kv_is_unborn(dir);
    if (result != 0)
        return result;
    ML_TRY(new_ledger(dir, &options, false, &ledger));
    ML_TRY(ml_view_begin(ledger, &view));
    result = ml_kv_count(view.txn, ML_TABLE_RECORDS, &records);
    bool unborn = result >= 0 && records == 0 && view.head.size == 0;
    ml_view_end(&view);
    return result < 0 ? result : unborn;
}

int ml_ledger_head(struct ml_ledger *ledger, struct ml_head *ret_head)
{
    struct ml_view view;
    ML_TRY(ml_view_begin(ledger, &view));
    *ret_head = view.head;
    ml_view_end(&view);
    return MLEDGER_OK;
}

struct ml_kv *ml_ledger_kv(struct ml_ledger *ledger)
{
    return ledger->kv;
}

const char *ml_ledger_dir(const struct ml_ledger *ledger)
{
    return ledger->dir;
}

/* A waiter is gone as soon as its turn is posted. */
static void tell(struct ml_waiter *waiters, const struct ml_waiter *mine, int result)
{
    struct ml_error error;
    ml_error_get(&error);
    while (waiters) {
        struct ml_waiter *waiter = waiters;
        waiters = waiters->next;
        if (result < 0) {
            waiter->result = result;
            waiter->error = error;
            waiter->failed = waiter->count;
        }
        waiter->done = true;
        if (waiter != mine)
            sem_post(&waiter->turn);
    }
}

static int64_t monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Mutex held. */
static void gather(struct ml_ledger *ledger)
{
    int64_t wait_us = ledger->written_us / GATHER_PART;
    int64_t until_us = monotonic_us() + (wait_us < GATHER_MOST_US ? wait_us : GATHER_MOST_US);
    const struct timespec until = {.tv_sec = (time_t)(until_us / 1000000),
                                   .tv_nsec = (long)(until_us % 1000000) * 1000};
    int rc = 0;
    ledger->gathering = true;
    while (rc == 0 && ledger->queued < ledger->expected)
        rc = pthread_cond_timedwait(&ledger->arrived, &ledger->mutex, &until);
    ledger->gathering = false;
}

static struct ml_waiter *take_queue(struct ml_ledger *ledger, size_t *ret_count)
{
    pthread_mutex_lock(&ledger->mutex);
    if (ledger->queued < ledger->expected)
        gather(ledger);
    struct ml_waiter *waiters = ledger->queue;
    *ret_count = ledger->queued;
    ledger->queue = NULL;
    ledger->queue_end = &ledger->queue;
    ledger->queued = 0;
    pthread_mutex_unlock(&ledger->mutex);
    return waiters;
}

/* Those written for have not been told yet, so nobody is counted twice. */
static void note_written(struct ml_ledger *ledger, size_t count, int64_t began_us)
{
    pthread_mutex_lock(&ledger->mutex);
    ledger->written_us = monotonic_us() - began_us;
    ledger->expected = count + ledger->queued;
    pthread_mutex_unlock(&ledger->mutex);
}

/* Writes for everybody in the queue, `mine` among them, and hands on what has queued since. */
static void write_for_all(struct ml_ledger *ledger, const struct ml_waiter *mine)
{
    size_t count;
    struct ml_waiter *waiters = take_queue(ledger, &count);
    const int64_t began_us = monotonic_us();
    int result = ml_append_group(ledger, waiters);
    note_written(ledger, count, began_us);
    tell(waiters, mine, result);
    pthread_mutex_lock(&ledger->mutex);
    if (ledger->queue)
        sem_post(&ledger->queue->turn);
    else
        ledger->writing = false;
    pthread_mutex_unlock(&ledger->mutex);
}

static void wait_for_turn(struct ml_waiter *waiter)
{
    while (sem_wait(&waiter->turn) < 0)
        continue; /* a signal came */
}

static void append_or_wait(struct ml_ledger *ledger, struct ml_waiter *waiter)
{
    pthread_mutex_lock(&ledger->mutex);
    bool waits = ledger->writing;
    *ledger->queue_end = waiter;
    ledger->queue_end = &waiter->next;
    ledger->queued++;
    if (ledger->gathering && ledger->queued >= ledger->expected)
        pthread_cond_signal(&ledger->arrived);
    ledger->writing = true;
    pthread_mutex_unlock(&ledger->mutex);
    if (waits)
        wait_for_turn(waiter);
    if (!waiter->done)
        write_for_all(ledger, waiter);
}

static int take_turn(struct ml_ledger *ledger, struct ml_waiter *waiter)
{
    if (waiter->count == 0)
        return MLEDGER_OK;
    sem_init(&waiter->turn, 0, 0);
    append_or_wait(ledger, waiter);
    sem_destroy(&waiter->turn);
    return waiter->result < 0 ? ml_error_set(&waiter->error) : MLEDGER_OK;
}

int ml_ledger_append(struct ml_ledger *ledger, const struct ml_signer *signer,
                     struct ml_draft *const *drafts, size_t count, struct ml_receipt *ret_receipts,
                     size_t *ret_failed)
{
    struct ml_waiter waiter = {.signer = signer,
                               .drafts = drafts,
                               .count = count,
                               .receipts = ret_receipts,
                               .failed = count};
    const int result = take_turn(ledger, &waiter);
    if (ret_failed && count > 0)
        *ret_failed = waiter.failed;
    return result;
}

int ml_ledger_rehearse(struct ml_ledger *ledger, const struct ml_signer *signer,
                       struct ml_draft *const *drafts, size_t count)
{
    struct ml_waiter waiter = {
        .signer = signer, .drafts = drafts, .count = count, .rehearses = true};
    return take_turn(ledger, &waiter);
}
