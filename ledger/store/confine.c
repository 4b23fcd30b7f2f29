/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/store/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define READ_BYTES ((size_t)65536)

uint64_t ml_confine_clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- the child ---- */

/* Address space, and writable private memory, in use; 0 when the kernel does not tell: then the
 * limit is only stricter. */
static void memory_in_use(uint64_t *ret_address, uint64_t *ret_data)
{
    enum { SIZE, RESIDENT, SHARED, CODE, LIBRARY, DATA, COUNT }; /* pages, by proc(5) */
    uint64_t pages[COUNT] = {0};
    char text[128] = "";
    char *at = text;
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && read(fd, text, sizeof text - 1) > 0)
        for (int i = 0; i < COUNT; i++)
            pages[i] = strtoull(at, &at, 10);
    if (fd >= 0)
        close(fd);
    *ret_address = pages[SIZE] * (uint64_t)sysconf(_SC_PAGESIZE);
    *ret_data = pages[DATA] * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* The hard limit is `grace` above the one that counts. */
static void limit(__rlimit_resource_t resource, uint64_t value, uint64_t grace)
{
    struct rlimit now;
    if (value == ML_CONFINE_NO_LIMIT || getrlimit(resource, &now) != 0)
        return;
    if (now.rlim_max == RLIM_INFINITY || value + grace < now.rlim_max)
        now.rlim_max = value + grace;
    now.rlim_cur = value < now.rlim_max ? value : now.rlim_max;
    setrlimit(resource, &now);
}

/* Sanitizers map terabytes of address space as they go. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MEMORY_LIMITED 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define MEMORY_LIMITED 0
#endif
#endif
#ifndef MEMORY_LIMITED
#define MEMORY_LIMITED 1
#endif

static uint64_t beyond(uint64_t used, uint64_t more)
{
    return more > ML_CONFINE_NO_LIMIT - used ? ML_CONFINE_NO_LIMIT : used + more;
}

static void limit_child(const struct ml_confine_limits *limits)
{
    uint64_t address, data;
    limit(RLIMIT_CORE, 0, 0);
    limit(RLIMIT_FSIZE, limits->file_bytes, 0);
    limit(RLIMIT_CPU, limits->cpu_seconds, 1); /* SIGXCPU says why; at the hard one it is SIGKILL */
    if (!MEMORY_LIMITED)
        return;
    memory_in_use(&address, &data);
    limit(RLIMIT_AS, beyond(address, limits->address_bytes), 0);
    limit(RLIMIT_DATA, beyond(data, limits->data_bytes), 0);
}

static void default_signals(void)
{
    sigset_t none;
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL); /* fails for those that have no handler: nothing to do */
    signal(SIGXFSZ, SIG_IGN);    /* a write beyond the limit fails with EFBIG, which will do */
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
}

/* Leaves 0, 1 and 2 on /dev/null and the pipe on 3. A pipe of a sibling child, inherited
 * unawares, must not stay open here: its reader waits for the end of file. */
static int only_pipe(int pipe_end)
{
    int null = open("/dev/null", O_RDWR);
    if (null < 0 || (pipe_end = fcntl(pipe_end, F_DUPFD, 4)) < 0)
        return -1;
    for (int fd = 0; fd <= 2; fd++) {
        if (dup2(null, fd) < 0)
            return -1;
    }
    if (dup2(pipe_end, 3) < 0 || close_range(4, ~0U, 0) != 0)
        return -1;
    return 3;
}

bool ml_confined_write(int fd, const void *data, size_t len)
{
    const uint8_t *bytes = data;
    while (len) {
        ssize_t done = write(fd, bytes, len);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        bytes += done;
        len -= (size_t)done;
    }
    return true;
}

static _Noreturn void child_main(ml_confined_main *run, const void *context,
                                 const struct ml_confine_limits *limits, int pipe_end, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    default_signals();
    int fd = getppid() == parent ? only_pipe(pipe_end) : -1;
    if (fd < 0)
        _exit(1);
    limit_child(limits);
    _exit(run(fd, context));
}

/* ---- the parent ---- */

int ml_confine(ml_confined_main *run, const void *context, const struct ml_confine_limits *limits,
               const char *purpose, struct ml_confined *ret_child)
{
    int ends[2];
    sigset_t all, before;
    pid_t parent = getpid();
    if (pipe2(ends, O_CLOEXEC) != 0)
        return ml_fail_errno(errno, "cannot make a pipe for %s", purpose);
    sigfillset(&all); /* no handler of ours may run in the child */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0)
        child_main(run, context, limits, ends[1], parent);
    int error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return ml_fail_errno(error, "cannot start a process for %s", purpose);
    }
    *ret_child = (struct ml_confined){pid, ends[0]};
    return MLEDGER_OK;
}

int ml_confined_wait(const struct ml_confined *child, uint64_t deadline_ms)
{
    for (;;) {
        uint64_t now = ml_confine_clock_ms();
        uint64_t left = now < deadline_ms ? deadline_ms - now : 0;
        struct pollfd pollfd = {.fd = child->fd, .events = POLLIN};
        int ready = poll(&pollfd, 1, left > INT32_MAX ? INT32_MAX : (int)left);
        if (ready > 0)
            return 1;
        if (ready == 0 && ml_confine_clock_ms() >= deadline_ms)
            return 0;
        if (ready < 0 && errno != EINTR)
            return ml_fail_errno(errno, "cannot wait for a child process");
    }
}

int ml_confined_read(const struct ml_confined *child, struct ml_buf *buf, size_t *ret_got)
{
    ML_TRY(ml_buf_reserve(buf, READ_BYTES));
    ssize_t got;
    do {
        got = read(child->fd, buf->data + buf->len, READ_BYTES);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return ml_fail_errno(errno, "cannot read from a child process");
    buf->len += (size_t)got;
    *ret_got = (size_t)got;
    return MLEDGER_OK;
}

int ml_confined_end(struct ml_confined *child, bool kill_it)
{
    int status;
    pid_t got;
    close(child->fd);
    if (kill_it)
        kill(child->pid, SIGKILL);
    do {
        got = waitpid(child->pid, &status, 0);
    } while (got < 0 && errno == EINTR);
    return got == child->pid ? status : -1;
}
