/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Work that may hang, crash, leak or eat all memory, done in a child process that may not.
 *
 * Graphviz is such work: it can neither be cancelled nor told to stop, it is not thread-safe even
 * with one context per thread, and what it is fed is a stranger's graph. The parent forks, reads
 * the answer from a pipe and kills the child at the deadline. Nothing of the child survives
 * but its answer.
 *
 * The child is confined (ledger/store/confine.h): it cannot write a file unless it is let, and has
 * a limit on CPU time and on memory. It dies with the thread that waits for it.
 *
 * Threads: may be called on many threads at once; the caller's thread waits. A lock that another
 * thread held when the child was made at worst makes the child wait until the deadline. The call is
 * then reported as timed out and can be repeated. A host that ignores SIGCHLD or reaps children
 * itself is fine: the answer tells by itself whether it is whole.
 */
#ifndef ML_EXPORT_DRAW_CHILD_H
#define ML_EXPORT_DRAW_CHILD_H

#include "ledger/core/base.h"

struct ml_child_limits {
    uint32_t deadline_ms;  /* wall clock */
    uint32_t cpu_seconds;  /* processor time; 0: none but the deadline's, rounded up */
    uint64_t memory_bytes; /* address space beyond what the process uses already */
    size_t answer_bytes;   /* largest answer */
    size_t file_bytes;     /* largest file that it may write, for memfd_create(); 0: none */
};

/* Runs in the child: appends the answer, or fails with its error set. */
typedef int ml_child_work(const void *context, struct ml_buf *ret_answer);

enum ml_child_end {
    ML_CHILD_ANSWERED,  /* the work ended: with its answer or with its own error */
    ML_CHILD_TIMED_OUT, /* wall clock or CPU time */
    ML_CHILD_CRASHED,   /* died of a signal, or without an answer */
    ML_CHILD_TOO_LARGE, /* the answer */
    ML_CHILD_NOT_BEGUN, /* no process, no pipe, no memory */
};

/* Runs `run` and appends its answer to `answer`. On failure nothing is appended and the error is
 * set: the work's own (ML_CHILD_ANSWERED) or MLEDGER_ESYSTEM that says how the child ended.
 * *ret_end is set in every case. */
int ml_child_run(ml_child_work *run, const void *context, const struct ml_child_limits *limits,
                 struct ml_buf *answer, enum ml_child_end *ret_end) ML_MUST_USE;

/* Milliseconds of the monotonic clock, for deadlines. */
uint64_t ml_child_clock_ms(void);

#endif
