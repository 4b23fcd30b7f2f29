/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a program with one of its system calls failing, or the program killed there.
 *
 * The kernel asks us about each call of the kinds below (seccomp_unotify(2)) and waits for the
 * answer: go on, fail with this error, or nothing, because the program was killed meanwhile. So
 * every call is met, whichever library makes it, from threads and children too, in any build, and
 * no right to trace is needed. What counts is a call on a file below the directory of the run; its
 * standard output should lie there. Syncs are answered without waiting for the disk.
 */
#ifndef TESTS_CRASH_SYSCALL_GATE_H
#define TESTS_CRASH_SYSCALL_GATE_H

#include <stdbool.h>
#include <stddef.h>

enum gate_kind {
    GATE_COUNT,       /* every call is let through */
    GATE_EIO,         /* this call fails with EIO and does nothing */
    GATE_EIO_FOREVER, /* the same, and all after it */
    GATE_ENOSPC,      /* this call fails with ENOSPC and does nothing */
    GATE_KILL,        /* the program and its children end before the call */
    GATE_KINDS,
};

enum { GATE_WHAT_MAX = 128, GATE_CALLS_MAX = 4096 };

/* A call that counted. */
struct gate_call {
    char what[GATE_WHAT_MAX]; /* "pwrite64 work/.mledger/data.mdb" */
    bool changes;             /* it may change something outside of the program */
    bool takes_room;          /* it may find the disk full */
};

struct gate_run {
    /* what to do */
    const char *const *argv; /* argv[0] is the program's path */
    const char *root;        /* calls on files below this directory count; no symbolic link in it */
    const char *cwd;
    const char *in, *out, *err; /* files for the standard streams; calls on `err` do not count */
    enum gate_kind kind;
    unsigned at; /* the call that meets the fault, counted from 0 */
    /* what came of it */
    unsigned count;          /* of calls; those past GATE_CALLS_MAX end the test */
    bool met;                /* the fault */
    int status;              /* as waitpid() gives it */
    struct gate_call *calls; /* the caller's room for GATE_CALLS_MAX */
};

/* NULL, or why programs cannot be run so here. */
const char *gate_refusal(void);
/* Ends the test where the machinery itself fails. */
void gate_run(struct gate_run *run);

#endif
