/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A child process for work that may hang, crash, leak or eat all memory, with nothing but a pipe
 * and limits. What travels through the pipe is its user's affair: drawing sends one answer, reading
 * a stranger's ledger a stream of findings.
 *
 * The child has: default signal handlers, no core dump (the parent's memory may hold keys), no
 * file descriptor but the pipe on 3 and /dev/null on 0, 1 and 2, and the limits. It dies with
 * the thread that started it.
 *
 * Threads: may be used on many threads at once. After fork() in a process with threads only what is
 * async-signal-safe is promised to work; glibc makes malloc, stdio and dlopen usable there
 * too, and a lock that another thread held elsewhere (setlocale) at worst makes the child wait
 * until its user kills it.
 */
#ifndef ML_STORE_CONFINE_H
#define ML_STORE_CONFINE_H

#include <sys/types.h>

#include "ledger/core/base.h"

#define ML_CONFINE_NO_LIMIT UINT64_MAX

struct ml_confine_limits {
    uint64_t cpu_seconds;
    uint64_t address_bytes; /* of address space beyond what the process uses already */
    uint64_t data_bytes;    /* of writable private memory beyond that; a map of a file is none */
    uint64_t file_bytes;    /* largest file that it may write; 0: none */
};

struct ml_confined {
    pid_t pid;
    int fd; /* our end of the pipe */
};

/* Runs in the child; what it returns is the exit code. */
typedef int ml_confined_main(int fd, const void *context);

/* Starts the child. `purpose` is for sentences: "cannot start a process for PURPOSE: …".
 * MLEDGER_ESYSTEM: no process, no pipe. */
int ml_confine(ml_confined_main *run, const void *context, const struct ml_confine_limits *limits,
               const char *purpose, struct ml_confined *ret_child) ML_MUST_USE;
/* Waits until there is something to read, or the end of file: 1; 0 at the deadline
 * (ml_confine_clock_ms()). MLEDGER_ESYSTEM. */
int ml_confined_wait(const struct ml_confined *child, uint64_t deadline_ms) ML_MUST_USE;
/* Appends what can be read now to `buf`; *ret_got is 0 at the end of file. MLEDGER_ESYSTEM. */
int ml_confined_read(const struct ml_confined *child, struct ml_buf *buf,
                     size_t *ret_got) ML_MUST_USE;
/* Closes the pipe, kills the child if `kill_it`, and reaps it: its wait status, or -1 when
 * somebody else has reaped it. */
int ml_confined_end(struct ml_confined *child, bool kill_it);

/* For the child: writes all of it, false when the parent is gone. */
bool ml_confined_write(int fd, const void *data, size_t len) ML_MUST_USE;
/* Milliseconds of the monotonic clock. */
uint64_t ml_confine_clock_ms(void);

#endif
