/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int set_up(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes, int out)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int error = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!error)
        error = posix_spawn_file_actions_adddup2(actions, out, STDOUT_FILENO);
    if (!error)
        error = posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (!error)
        error =
            posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (!error)
        error = posix_spawnattr_setsigmask(attributes, &none);
    return error ? error : posix_spawnattr_setsigdefault(attributes, &all);
}

static int spawn(const char *const *argv, char *const *envp, int out, pid_t *ret_pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&actions);
    if (error)
        return ml_fail_errno(error, "cannot run '%s'", argv[0]);
    error = posix_spawnattr_init(&attributes);
    if (!error) {
        error = set_up(&actions, &attributes, out);
        if (!error)
            error = posix_spawnp(ret_pid, argv[0], &actions, &attributes,
                                 (char *const *)(uintptr_t)argv, envp);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    if (error == ENOENT)
        return ml_fail(MLEDGER_ENOTFOUND, "there is no program '%s'", argv[0]);
    return error ? ml_fail_errno(error, "cannot run '%s'", argv[0]) : MLEDGER_OK;
}

struct probe {
    const char *name;
    const struct ml_probe_limits *limits;
    int64_t end_ms; /* when it will have taken too long */
};

/* Until the descriptor can be read. */
static int wait_readable(const struct probe *probe, int fd)
{
    for (;;) {
        const int64_t left_ms = probe->end_ms - now_ms();
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        const int ready = left_ms > 0 ? poll(&wait, 1, (int)left_ms) : 0;
        if (ready > 0)
            return MLEDGER_OK;
        if (ready == 0)
            return ml_fail(MLEDGER_ESYSTEM, "'%s' took more than %lld seconds", probe->name,
                           (long long)(probe->limits->ms / 1000));
        if (errno != EINTR)
            return ml_fail_errno(errno, "cannot wait for '%s'", probe->name);
    }
}

/* Up to the end of its output. */
static int take_output(const struct probe *probe, int fd, struct ml_buf *output)
{
    enum { PIECE = 4096 };
    const size_t before = output->len;
    for (;;) {
        ML_TRY(wait_readable(probe, fd));
        ML_TRY(ml_buf_reserve(output, PIECE));
        const ssize_t got = read(fd, output->data + output->len, PIECE);
        if (got < 0 && errno != EINTR)
            return ml_fail_errno(errno, "cannot read what '%s' says", probe->name);
        if (got == 0)
            return MLEDGER_OK;
        output->len += got > 0 ? (size_t)got : 0;
        if (output->len - before > probe->limits->bytes)
            return ml_fail(MLEDGER_ESYSTEM, "'%s' wrote more than %zu bytes", probe->name,
                           probe->limits->bytes);
    }
}

static int judge(const char *name, int status)
{
    if (WIFSIGNALED(status))
        return ml_fail(MLEDGER_ESYSTEM, "'%s' was ended by signal %d", name, WTERMSIG(status));
    if (WEXITSTATUS(status) != 0)
        return ml_fail(MLEDGER_ESYSTEM, "'%s' failed with exit status %d", name,
                       WEXITSTATUS(status));
    return MLEDGER_OK;
}

/* Its output, and its end; one that closes its output may go on. */
static int follow(const struct probe *probe, int out, pid_t pid, struct ml_buf *output)
{
    ML_TRY(take_output(probe, out, output));
    ML_CLEANUP(ml_closep) int end = pidfd_open(pid, 0);
    if (end < 0)
        return ml_fail_errno(errno, "cannot watch '%s'", probe->name);
    return wait_readable(probe, end);
}

int ml_probe_run(const char *const *argv, char *const *envp, const struct ml_probe_limits *limits,
                 struct ml_buf *ret_output)
{
    const struct probe probe = {argv[0], limits, now_ms() + limits->ms};
    int ends[2], status = 0;
    pid_t pid;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return ml_fail_errno(errno, "cannot make a pipe");
    ML_CLEANUP(ml_closep) int out = ends[0];
    int result = spawn(argv, envp, ends[1], &pid);
    close(ends[1]);
    ML_TRY(result);
    result = follow(&probe, out, pid, ret_output);
    if (result < 0)
        kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return result < 0 ? result : judge(probe.name, status);
}
