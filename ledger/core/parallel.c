/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/parallel.h"

#include <sched.h>
#include <signal.h>

/* One lock guards the pool and every job's fields; it is held for a few instructions at a time,
 * once per chunk. */
static struct pool {
    pthread_mutex_t lock;
    pthread_cond_t work;  /* a job was queued, or stopping */
    struct ml_job *first; /* jobs with chunks left, in the order of their start */
    struct ml_job *last;
    pthread_t threads[ML_PARALLEL_WIDTH_MAX];
    unsigned count; /* of threads */
    unsigned width; /* wanted, with the thread that waits; 0 is unset */
    bool started;
    bool stopping;
} pool = {
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .work = PTHREAD_COND_INITIALIZER,
};

static pthread_once_t fork_once = PTHREAD_ONCE_INIT;

static void lock(void)
{
    pthread_mutex_lock(&pool.lock);
}

static void unlock(void)
{
    pthread_mutex_unlock(&pool.lock);
}

/* Only the thread that forked lives on in the child: no threads of the pool, and nobody who waits
 * for the jobs that were queued. */
static void begin_anew(void)
{
    unsigned width = pool.width;
    pool = (struct pool){
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .work = PTHREAD_COND_INITIALIZER,
        .width = width,
    };
}

/* The lock is held over a fork, so that the child never sees the pool half changed. */
static void watch_forks(void)
{
    pthread_atfork(lock, unlock, begin_anew);
}

static unsigned core_count(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1; /* more cores than the set can hold: only then can it fail */
    int count = CPU_COUNT(&set);
    return count < ML_PARALLEL_WIDTH_MAX ? (unsigned)count : ML_PARALLEL_WIDTH_MAX;
}

static unsigned wanted_width(void)
{
    return pool.width ? pool.width : core_count();
}

static void enqueue(struct ml_job *job)
{
    job->earlier = pool.last;
    job->later = NULL;
    *(pool.last ? &pool.last->later : &pool.first) = job;
    pool.last = job;
}

static void dequeue(struct ml_job *job)
{
    *(job->earlier ? &job->earlier->later : &pool.first) = job->later;
    *(job->later ? &job->later->earlier : &pool.last) = job->earlier;
}

static bool has_chunks(const struct ml_job *job)
{
    return job->next < job->count;
}

/* Takes the next chunk; the last one takes the job off the queue. */
static void take(struct ml_job *job, size_t *ret_begin, size_t *ret_end)
{
    *ret_begin = job->next;
    size_t left = job->count - job->next;
    *ret_end = job->next + (left < job->grain ? left : job->grain);
    job->next = *ret_end;
    job->running++;
    if (!has_chunks(job))
        dequeue(job);
}

static void note_failure(struct ml_job *job, size_t begin)
{
    if (begin < job->failed_at) {
        job->failed_at = begin;
        ml_error_get(&job->error);
    }
    if (has_chunks(job)) { /* all that are left are higher: they cannot matter any more */
        job->next = job->count;
        dequeue(job);
    }
}

/* Called and returns with the lock held. When the job is done it may be gone on return. */
static void run_chunk(struct ml_job *job)
{
    size_t begin;
    size_t end;
    take(job, &begin, &end);
    unlock();
    int result = job->fn(begin, end, job->ctx);
    lock();
    if (result < 0)
        note_failure(job, begin);
    if (--job->running == 0 && !has_chunks(job))
        pthread_cond_signal(&job->done);
}

static void *work(void *unused)
{
    lock();
    while (!pool.stopping) {
        if (pool.first)
            run_chunk(pool.first);
        else
            pthread_cond_wait(&pool.work, &pool.lock);
    }
    unlock();
    return unused;
}

/* The program's signal handlers must not run on threads that it does not know of, so these
 * threads are born with all signals blocked. Fewer threads than wanted are good enough. */
static void start_threads(void)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    unsigned want = wanted_width() - 1;
    while (pool.count < want && pthread_create(&pool.threads[pool.count], NULL, work, NULL) == 0)
        pool.count++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pool.started = true;
}

static void queue_job(struct ml_job *job)
{
    pthread_once(&fork_once, watch_forks);
    lock();
    if (!pool.started)
        start_threads();
    enqueue(job);
    if (job->count > job->grain)
        pthread_cond_broadcast(&pool.work);
    else
        pthread_cond_signal(&pool.work);
    unlock();
}

void ml_job_start(struct ml_job *job, size_t count, size_t grain, ml_parallel_fn fn, void *ctx)
{
    assert(grain > 0);
    *job = (struct ml_job){
        .fn = fn,
        .ctx = ctx,
        .count = count,
        .grain = grain,
        .failed_at = SIZE_MAX,
        .done = PTHREAD_COND_INITIALIZER,
    };
    if (count > 0)
        queue_job(job);
}

int ml_job_wait(struct ml_job *job)
{
    lock();
    while (has_chunks(job))
        run_chunk(job);
    while (job->running > 0)
        pthread_cond_wait(&job->done, &pool.lock);
    unlock();
    pthread_cond_destroy(&job->done);
    return job->failed_at == SIZE_MAX ? MLEDGER_OK : ml_error_set(&job->error);
}

int ml_parallel_for(size_t count, size_t grain, ml_parallel_fn fn, void *ctx)
{
    assert(grain > 0);
    if (count == 0)
        return MLEDGER_OK;
    if (count <= grain) {
        int result = fn(0, count, ctx);
        return result < 0 ? result : MLEDGER_OK;
    }
    struct ml_job job;
    ml_job_start(&job, count, grain, fn, ctx);
    return ml_job_wait(&job);
}

unsigned ml_parallel_width(void)
{
    lock();
    unsigned width = pool.started ? pool.count + 1 : wanted_width();
    unlock();
    return width;
}

void ml_parallel_set_width(unsigned width)
{
    assert(width <= ML_PARALLEL_WIDTH_MAX);
    lock();
    assert(!pool.first);
    pool.stopping = true;
    pthread_cond_broadcast(&pool.work);
    unlock();
    for (unsigned i = 0; i < pool.count; i++)
        pthread_join(pool.threads[i], NULL);
    lock();
    pool.count = 0;
    pool.started = false;
    pool.stopping = false;
    pool.width = width;
    unlock();
}
