/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/stop.h"

#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

static const int stopping_signals[] = {SIGTERM, SIGINT};
/* Written by the handler, so it is set before handlers are and closed after. */
static volatile sig_atomic_t stop_fd = -1;
static struct sigaction before[ML_COUNT(stopping_signals)];

static void take_signal(int signal_number)
{
    const uint64_t one = 1;
    int error = errno;
    (void)!write(stop_fd, &one, sizeof one);
    signal(signal_number, SIG_DFL); /* the next one does not wait */
    errno = error;
}

int ml_stop_begin(int *ret_fd)
{
    const struct sigaction stopping = {.sa_handler = take_signal, .sa_flags = SA_RESTART};
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0)
        return ml_fail_errno(errno, "cannot make an eventfd");
    stop_fd = fd;
    for (size_t i = 0; i < ML_COUNT(stopping_signals); i++) {
        sigaction(stopping_signals[i], &stopping, &before[i]);
        if (before[i].sa_handler == SIG_IGN) /* by who started it, on purpose */
            sigaction(stopping_signals[i], &before[i], NULL);
    }
    *ret_fd = fd;
    return MLEDGER_OK;
}

void ml_stop_end(void)
{
    int fd = stop_fd;
    if (fd < 0)
        return;
    for (size_t i = 0; i < ML_COUNT(stopping_signals); i++)
        sigaction(stopping_signals[i], &before[i], NULL);
    stop_fd = -1;
    close(fd);
}
