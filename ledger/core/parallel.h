/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Work on all cores: a loop over [0, count) is cut into chunks of `grain` indexes, which the
 * threads of one process-wide pool and whoever waits take from the front, one after the other.
 *
 * The pool starts with the first job that needs it. Whoever waits works along, so loops may be
 * nested and started from many threads at once, and everything gets done (more slowly) where no
 * thread can be started.
 *
 * The error of a job is that of the lowest index that fails, whatever the threads' order: chunks
 * are begun in order, and after a failure none is begun any more.
 *
 * fork(): the child begins without a pool and makes its own when it needs one. A job that was
 * started and not yet waited for belongs to the parent; the child must not touch it.
 */
#ifndef ML_CORE_PARALLEL_H
#define ML_CORE_PARALLEL_H

#include <pthread.h>

#include "ledger/core/base.h"

#define ML_PARALLEL_WIDTH_MAX 256

/* Does the indexes begin <= i < end; a negative result, whose error it has set in its thread, is
 * that of the index at which it stopped. Called on several threads at once. */
typedef int (*ml_parallel_fn)(size_t begin, size_t end, void *ctx);

/* A loop under way. The caller's memory, which must stay where it is from start to wait; its
 * fields are parallel.c's. */
struct ml_job {
    ml_parallel_fn fn;
    void *ctx;
    size_t count;
    size_t grain;
    size_t next;            /* first index that nobody has taken */
    size_t running;         /* chunks taken and not finished */
    size_t failed_at;       /* begin of the lowest chunk that failed, SIZE_MAX if none */
    struct ml_error error;  /* its error */
    struct ml_job *earlier; /* in the pool's queue, while chunks are left */
    struct ml_job *later;
    pthread_cond_t done; /* running fell to 0 with nothing left */
};

/* Starts a loop and returns at once; the caller does something else and then must wait for it.
 * `grain` > 0: so many indexes that a chunk takes some 100 µs or more. */
void ml_job_start(struct ml_job *job, size_t count, size_t grain, ml_parallel_fn fn, void *ctx);
/* Works along until all is done. The job's error is then this thread's error.
 * 0, or the negative result of the lowest index that failed. */
int ml_job_wait(struct ml_job *job) ML_MUST_USE;

/* Both at once. A loop of a single chunk runs in the calling thread and never touches the pool. */
int ml_parallel_for(size_t count, size_t grain, ml_parallel_fn fn, void *ctx) ML_MUST_USE;

/* How many threads work, with the one that waits: the cores this process may use, unless set. */
unsigned ml_parallel_width(void);
/* Joins the pool's threads and sets their number for the next job: 1 to ML_PARALLEL_WIDTH_MAX
 * with the one that waits, or 0 for as many as there are cores. No job may be under way. */
void ml_parallel_set_width(unsigned width);

#endif
