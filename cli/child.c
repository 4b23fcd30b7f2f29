/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/child.h"

#include <errno.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static const int sent_on[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};

static bool asks_to_end(int signal_number)
{
    return signal_number == SIGHUP || signal_number == SIGINT || signal_number == SIGQUIT ||
           signal_number == SIGTERM;
}

/* By who started us, on purpose: nohup does it. */
static bool is_ignored(int signal_number)
{
    struct sigaction action;
    return sigaction(signal_number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

void ml_child_begin(struct ml_child *child)
{
    *child = (struct ml_child){.pid = -1};
    sigemptyset(&child->taken);
    sigaddset(&child->taken, SIGCHLD);
    for (size_t i = 0; i < ML_COUNT(sent_on); i++)
        if (!is_ignored(sent_on[i]))
            sigaddset(&child->taken, sent_on[i]);
    pthread_sigmask(SIG_BLOCK, &child->taken, &child->before);
}

int ml_child_start(struct ml_child *child, char *const *argv, char *const *envp,
                   bool sigpipe_ignored)
{
    posix_spawnattr_t attributes;
    sigset_t defaults;
    int error = posix_spawnattr_init(&attributes);
    if (error)
        return error;
    sigemptyset(&defaults);
    if (!sigpipe_ignored)
        sigaddset(&defaults, SIGPIPE);
    error = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (!error)
        error = posix_spawnattr_setsigmask(&attributes, &child->before);
    if (!error)
        error = posix_spawnattr_setsigdefault(&attributes, &defaults);
    if (!error)
        error = posix_spawnp(&child->pid, argv[0], NULL, &attributes, argv, envp);
    posix_spawnattr_destroy(&attributes);
    return error;
}

/* Whether a process sent it, and not the kernel to the whole group. */
static bool is_for_us_alone(const siginfo_t *info)
{
    return info->si_code <= 0;
}

static void take_signal(struct ml_child *child, const siginfo_t *info)
{
    if (asks_to_end(info->si_signo))
        child->told = info->si_signo;
    if (is_for_us_alone(info))
        kill(child->pid, info->si_signo);
}

/* SIGCHLD tells of others' ends, too: of a probe's child that was left behind. */
static bool has_ended(struct ml_child *child, int *ret_status)
{
    return waitpid(child->pid, ret_status, WNOHANG) == child->pid;
}

int ml_child_wait(struct ml_child *child, struct ml_child_end *ret_end)
{
    int status = 0;
    while (!has_ended(child, &status)) {
        siginfo_t info;
        if (sigwaitinfo(&child->taken, &info) < 0) {
            if (errno != EINTR)
                return ml_fail_errno(errno, "cannot wait for the command");
        } else if (info.si_signo != SIGCHLD) {
            take_signal(child, &info);
        }
    }
    *ret_end = (struct ml_child_end){
        .exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
        .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
    };
    return MLEDGER_OK;
}

void ml_child_end(struct ml_child *child)
{
    pthread_sigmask(SIG_SETMASK, &child->before, NULL);
}

void ml_child_die_as(int signal_number)
{
    sigset_t set;
    prctl(PR_SET_DUMPABLE, 0);
    signal(signal_number, SIG_DFL);
    sigemptyset(&set);
    sigaddset(&set, signal_number);
    kill(getpid(), signal_number);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}
