/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/webhook/deliverer.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "ledger/core/index.h"
#include "ledger/core/time.h"
#include "serve/webhook/cursor.h"

enum { POLL_MS = 500 };
#define SECOND_NS INT64_C(1000000000)

struct worker {
    struct ml_deliverer *deliverer;
    struct ml_lane *lane; /* its thread's */
    char *id;
    pthread_t thread;
    bool is_over; /* its thread has nothing more to do */
};

struct ml_deliverer {
    struct ml_deliverer_options options;
    char *secrets_dir, *cursors_dir, *ca_file;
    struct ml_lane_options lane_options;
    struct ml_lane_counts counts;
    atomic_bool is_stopping;
    atomic_uint_fast64_t looked; /* the follower has looked at the records before this one */
    pthread_t follower;
    /* The follower's alone. */
    int lock; /* of cursors_dir; -1: another process delivers */
    uint64_t seen;
    char told[sizeof((struct ml_error *)0)->text]; /* the failure that was told last */
    pthread_mutex_t mutex;                         /* of what follows */
    pthread_cond_t changed;
    uint64_t news; /* counts what lanes should look for */
    bool is_nudged;
    struct worker *workers[ML_WEBHOOKS_ACTIVE_MAX];
    size_t n_workers;
};

/* ---- waiting ---- */

static struct timespec after_ns(int64_t ns)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    const int64_t sum = at.tv_nsec + ns % SECOND_NS;
    at.tv_sec += (time_t)(ns / SECOND_NS + sum / SECOND_NS);
    at.tv_nsec = (long)(sum % SECOND_NS);
    return at;
}

/* A clock that the time of day does not move. */
static int init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    int error_number = pthread_condattr_init(&attributes);
    if (error_number == 0) {
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        error_number = pthread_cond_init(condition, &attributes);
        pthread_condattr_destroy(&attributes);
    }
    return error_number == 0 ? MLEDGER_OK : ml_fail_errno(error_number, "cannot make a condition");
}

/* ---- a lane and its thread ---- */

static void report(struct ml_deliverer *deliverer)
{
    if (deliverer->options.failed)
        deliverer->options.failed(deliverer->options.context);
}

/* What stands in the way is said when it begins to, and not every minute. */
static void report_once(struct ml_deliverer *deliverer, char *told, size_t size)
{
    struct ml_error error;
    ml_error_get(&error);
    if (strcmp(told, error.text) != 0)
        report(deliverer);
    snprintf(told, size, "%s", error.text);
}

/* Until there is news, or the time has come; returns what news there was. */
static uint64_t wait_for_news(struct ml_deliverer *deliverer, uint64_t known, int64_t due_us)
{
    const int64_t left_us = due_us == INT64_MAX ? INT64_MAX : due_us - ml_time_now_us();
    const struct timespec until = after_ns(left_us < 0            ? 0
                                           : left_us == INT64_MAX ? 0
                                                                  : left_us * 1000);
    int result = 0;
    pthread_mutex_lock(&deliverer->mutex);
    while (result == 0 && deliverer->news == known && !atomic_load(&deliverer->is_stopping))
        result = due_us == INT64_MAX
                     ? pthread_cond_wait(&deliverer->changed, &deliverer->mutex)
                     : pthread_cond_timedwait(&deliverer->changed, &deliverer->mutex, &until);
    known = deliverer->news;
    pthread_mutex_unlock(&deliverer->mutex);
    return known;
}

static uint64_t news_of(struct ml_deliverer *deliverer)
{
    pthread_mutex_lock(&deliverer->mutex);
    const uint64_t news = deliverer->news;
    pthread_mutex_unlock(&deliverer->mutex);
    return news;
}

static void run_lane(struct worker *worker)
{
    struct ml_deliverer *deliverer = worker->deliverer;
    char told[sizeof((struct ml_error *)0)->text] = "";
    while (!atomic_load(&deliverer->is_stopping)) {
        int64_t due_us;
        const uint64_t known = news_of(deliverer);
        const int next = ml_lane_step(worker->lane, ml_time_now_us(), &due_us);
        if (next == ML_LANE_OVER)
            return;
        if (next < 0)
            report_once(deliverer, told, sizeof told);
        else
            told[0] = '\0';
        if (next != ML_LANE_AGAIN)
            (void)wait_for_news(deliverer, known, next == ML_LANE_IDLE ? INT64_MAX : due_us);
    }
}

static void *worker_main(void *context)
{
    struct worker *worker = context;
    run_lane(worker);
    pthread_mutex_lock(&worker->deliverer->mutex);
    worker->is_over = true;
    pthread_mutex_unlock(&worker->deliverer->mutex);
    return NULL;
}

static void worker_free(struct worker *worker)
{
    if (!worker)
        return;
    ml_lane_free(worker->lane);
    free(worker->id);
    free(worker);
}

static void worker_freep(struct worker **worker)
{
    worker_free(*worker);
}

static int add_worker(struct ml_deliverer *deliverer, const char *id)
{
    ML_CLEANUP(worker_freep) struct worker *worker = ml_calloc(1, sizeof *worker);
    if (!worker || !(worker->id = strdup(id)))
        return ml_fail_memory();
    worker->deliverer = deliverer;
    ML_TRY(ml_lane_new(&deliverer->lane_options, id, &worker->lane));
    const int error_number = pthread_create(&worker->thread, NULL, worker_main, worker);
    if (error_number != 0)
        return ml_fail_errno(error_number, "cannot start a thread for webhook '%s'", id);
    pthread_mutex_lock(&deliverer->mutex);
    deliverer->workers[deliverer->n_workers++] = ML_TAKE(worker);
    pthread_mutex_unlock(&deliverer->mutex);
    return MLEDGER_OK;
}

/* Takes a worker whose thread is over, or any if `all`, out of the list; NULL: there is none. */
static struct worker *take_worker(struct ml_deliverer *deliverer, bool all)
{
    struct worker *worker = NULL;
    pthread_mutex_lock(&deliverer->mutex);
    for (size_t i = 0; i < deliverer->n_workers && !worker; i++) {
        if (!all && !deliverer->workers[i]->is_over)
            continue;
        worker = deliverer->workers[i];
        deliverer->workers[i] = deliverer->workers[--deliverer->n_workers];
    }
    pthread_mutex_unlock(&deliverer->mutex);
    return worker;
}

/* How many there were. */
static size_t end_workers(struct ml_deliverer *deliverer, bool all)
{
    struct worker *worker;
    size_t count = 0;
    while ((worker = take_worker(deliverer, all))) {
        pthread_join(worker->thread, NULL);
        worker_free(worker);
        count++;
    }
    return count;
}

/* Only the follower changes the list. */
static bool has_worker(const struct ml_deliverer *deliverer, const char *id)
{
    for (size_t i = 0; i < deliverer->n_workers; i++)
        if (strcmp(deliverer->workers[i]->id, id) == 0)
            return true;
    return false;
}

/* ---- following the ledger ---- */

static int start_missing(struct ml_deliverer *deliverer, struct ml_view *view)
{
    ML_CLEANUP(ml_reader_release) struct ml_reader reader;
    struct ml_webhook *list;
    size_t count;
    int result = MLEDGER_OK;
    ml_reader_init(&reader, view, view->head.size - 1);
    ML_TRY(ml_webhooks_read(&reader, &list, &count));
    for (size_t i = count; i-- > 0;) {
        if (list[i].active_since == MLEDGER_NO_SEQ || has_worker(deliverer, list[i].id) ||
            deliverer->n_workers == ML_WEBHOOKS_ACTIVE_MAX)
            continue;
        const int added = add_worker(deliverer, list[i].id);
        result = added < 0 ? added : result; /* one that fails holds up no other */
    }
    return result;
}

/* Whether something of the registry was recorded since; the first time, whether anything ever was.
 */
static int see_news(struct ml_deliverer *deliverer, struct ml_view *view, bool *ret_news)
{
    const struct ml_state_key prefix = ml_index_registry_prefix();
    uint64_t last;
    const int result = ml_view_index_last(view, &prefix, view->head.size - 1, &last);
    *ret_news = false;
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    *ret_news = last != deliverer->seen;
    deliverer->seen = last;
    return MLEDGER_OK;
}

static int look(struct ml_deliverer *deliverer)
{
    ML_CLEANUP(ml_view_end) struct ml_view view = {0};
    bool is_news;
    if (deliverer->lock < 0)
        ML_TRY(ml_cursor_lock(deliverer->cursors_dir, &deliverer->lock));
    if (deliverer->lock < 0)
        return MLEDGER_OK;
    /* A webhook may have been made active again just when its thread saw that it was not. */
    if (end_workers(deliverer, false) > 0)
        deliverer->seen = MLEDGER_NO_SEQ;
    ML_TRY(ml_view_begin(deliverer->options.ledger, &view));
    atomic_store(&deliverer->looked, view.head.size);
    ML_TRY(see_news(deliverer, &view, &is_news));
    if (!is_news)
        return MLEDGER_OK;
    pthread_mutex_lock(&deliverer->mutex);
    deliverer->news++;
    pthread_cond_broadcast(&deliverer->changed);
    pthread_mutex_unlock(&deliverer->mutex);
    const int result = start_missing(deliverer, &view);
    if (result < 0)
        deliverer->seen = MLEDGER_NO_SEQ; /* again next time */
    return result;
}

static void wait_for_nudge(struct ml_deliverer *deliverer)
{
    const struct timespec until = after_ns((int64_t)deliverer->options.poll_ms * 1000000);
    int result = 0;
    pthread_mutex_lock(&deliverer->mutex);
    while (result == 0 && !deliverer->is_nudged && !atomic_load(&deliverer->is_stopping))
        result = pthread_cond_timedwait(&deliverer->changed, &deliverer->mutex, &until);
    deliverer->is_nudged = false;
    pthread_mutex_unlock(&deliverer->mutex);
}

static void *follower_main(void *context)
{
    struct ml_deliverer *deliverer = context;
    while (!atomic_load(&deliverer->is_stopping)) {
        if (look(deliverer) < 0) {
            atomic_store(&deliverer->looked, 0); /* it will have to look again */
            report_once(deliverer, deliverer->told, sizeof deliverer->told);
        } else {
            deliverer->told[0] = '\0';
        }
        wait_for_nudge(deliverer);
    }
    return NULL;
}

/* ---- the whole ---- */

static void deliverer_free(struct ml_deliverer *deliverer)
{
    if (deliverer->lock >= 0)
        close(deliverer->lock);
    free(deliverer->secrets_dir);
    free(deliverer->cursors_dir);
    free(deliverer->ca_file);
    free(deliverer);
}

static void deliverer_freep(struct ml_deliverer **deliverer)
{
    if (*deliverer)
        deliverer_free(*deliverer);
}

static int copy_options(struct ml_deliverer *deliverer, const struct ml_deliverer_options *options)
{
    deliverer->options = *options;
    deliverer->secrets_dir = strdup(options->secrets_dir);
    deliverer->ca_file = options->ca_file ? strdup(options->ca_file) : NULL;
    if (!deliverer->secrets_dir || (options->ca_file && !deliverer->ca_file))
        return ml_fail_memory();
    if (deliverer->options.poll_ms == 0)
        deliverer->options.poll_ms = POLL_MS;
    ML_TRY(ml_cursor_dir(ml_ledger_dir(options->ledger), &deliverer->cursors_dir));
    deliverer->lane_options = (struct ml_lane_options){.ledger = options->ledger,
                                                       .secrets_dir = deliverer->secrets_dir,
                                                       .cursors_dir = deliverer->cursors_dir,
                                                       .reach = options->reach,
                                                       .ca_file = deliverer->ca_file,
                                                       .cancel = &deliverer->is_stopping,
                                                       .counts = &deliverer->counts,
                                                       .failed = options->failed,
                                                       .context = options->context};
    return MLEDGER_OK;
}

int ml_deliverer_start(const struct ml_deliverer_options *options,
                       struct ml_deliverer **ret_deliverer)
{
    ML_CLEANUP(deliverer_freep) struct ml_deliverer *deliverer = ml_calloc(1, sizeof *deliverer);
    if (!deliverer)
        return ml_fail_memory();
    deliverer->lock = -1;
    deliverer->seen = MLEDGER_NO_SEQ;
    ML_TRY(copy_options(deliverer, options));
    ML_TRY(init_condition(&deliverer->changed));
    int error_number = pthread_mutex_init(&deliverer->mutex, NULL);
    if (error_number == 0) {
        error_number = pthread_create(&deliverer->follower, NULL, follower_main, deliverer);
        if (error_number == 0) {
            *ret_deliverer = ML_TAKE(deliverer);
            return MLEDGER_OK;
        }
        pthread_mutex_destroy(&deliverer->mutex);
    }
    pthread_cond_destroy(&deliverer->changed);
    return ml_fail_errno(error_number, "cannot start a thread for webhooks");
}

void ml_deliverer_stop(struct ml_deliverer *deliverer)
{
    if (!deliverer)
        return;
    pthread_mutex_lock(&deliverer->mutex);
    atomic_store(&deliverer->is_stopping, true);
    pthread_cond_broadcast(&deliverer->changed);
    pthread_mutex_unlock(&deliverer->mutex);
    pthread_join(deliverer->follower, NULL);
    (void)end_workers(deliverer, true);
    pthread_mutex_destroy(&deliverer->mutex);
    pthread_cond_destroy(&deliverer->changed);
    deliverer_free(deliverer);
}

void ml_deliverer_nudge(struct ml_deliverer *deliverer, uint64_t seq)
{
    if (seq < atomic_load(&deliverer->looked))
        return;
    pthread_mutex_lock(&deliverer->mutex);
    if (!deliverer->is_nudged)
        pthread_cond_broadcast(&deliverer->changed);
    deliverer->is_nudged = true;
    pthread_mutex_unlock(&deliverer->mutex);
}

void ml_deliverer_counts(struct ml_deliverer *deliverer, struct ml_deliverer_counts *ret_counts)
{
    *ret_counts =
        (struct ml_deliverer_counts){.delivered = atomic_load(&deliverer->counts.delivered),
                                     .retried = atomic_load(&deliverer->counts.retried),
                                     .given_up = atomic_load(&deliverer->counts.given_up)};
    pthread_mutex_lock(&deliverer->mutex);
    for (size_t i = 0; i < deliverer->n_workers; i++)
        ret_counts->webhooks += !deliverer->workers[i]->is_over;
    pthread_mutex_unlock(&deliverer->mutex);
}
