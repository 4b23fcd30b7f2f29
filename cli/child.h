/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running somebody's command in our place: it has our standard streams, directory, limits and
 * process group, and whoever would stop or end it by us does.
 *
 * Signals while it runs. SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1 and SIGUSR2 that a process sends
 * us are sent on to the command; they do not end us, for we have to see how it ends. What the
 * terminal sends (Ctrl-C, Ctrl-\, a hangup) reaches the command by itself, as it is in the same
 * foreground group, and is not sent a second time. A signal that a process sends to the whole
 * group therefore reaches the command twice, as it does under any program that passes signals on:
 * nothing tells that from one that was sent to us alone. Signals that were ignored when we were
 * started stay so for both. Ctrl-Z stops us both, and fg continues us both.
 *
 * One at a time in a process, by its main thread; other threads that run meanwhile must block
 * these signals.
 */
#ifndef ML_CLI_CHILD_H
#define ML_CLI_CHILD_H

#include <signal.h>
#include <sys/types.h>

#include "ledger/core/base.h"

struct ml_child {
    sigset_t before; /* the mask to come back to */
    sigset_t taken;  /* signals that are ours while it runs */
    pid_t pid;
    int told; /* the last signal that asks to end, from wherever; 0: none */
};

/* How it ended. */
struct ml_child_end {
    int exit_status; /* -1: a signal ended it */
    int signal;      /* that ended it; 0: none */
};

/* Holds signals back from here on, so that one that comes before the command runs is not lost but
 * sent on to it. End it with ml_child_end() in any case. */
void ml_child_begin(struct ml_child *child);
/* Starts the command `argv`, ended by NULL, found through PATH, in the environment `envp`.
 * `sigpipe_ignored`: it is to find SIGPIPE ignored, as we did. Returns 0 or the errno value that
 * tells why it cannot be run. */
int ml_child_start(struct ml_child *child, char *const *argv, char *const *envp,
                   bool sigpipe_ignored);
/* Waits for its end, sending signals on. MLEDGER_ESYSTEM: it cannot be waited for. */
int ml_child_wait(struct ml_child *child, struct ml_child_end *ret_end) ML_MUST_USE;
/* Signals do again what they did; one that was held back and not sent on comes now. */
void ml_child_end(struct ml_child *child);

/* Ends this process by the signal, so that whoever waits for it sees what the command did; without
 * a core file of its own. Returns only where that cannot be. */
void ml_child_die_as(int signal_number);

#endif
