/* SPDX-License-Identifier: Apache-2.0 */
#include "export/draw_child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define READ_BYTES ((size_t)65536)

/* What comes through the pipe first; `len` bytes of answer follow, or a struct ml_error. Both ends
 * are the same program, so the struct travels as it is. */
struct message {
    int32_t code;
    uint64_t len;
};

uint64_t ml_child_clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- the child ---- */

/* Address space in use, 0 when the kernel does not tell: then the limit is only stricter. */
static uint64_t address_space_in_use(void)
{
    char text[64] = "";
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t got = read(fd, text, sizeof text - 1);
    close(fd);
    return got <= 0 ? 0 : strtoull(text, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void limit(__rlimit_resource_t resource, uint64_t value)
{
    struct rlimit now;
    if (getrlimit(resource, &now) != 0)
        return;
    if (now.rlim_max == RLIM_INFINITY || value < now.rlim_max)
        now.rlim_max = value;
    now.rlim_cur = now.rlim_max;
    setrlimit(resource, &now);
}

/* Sanitizers map terabytes of address space as they go. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ADDRESS_SPACE_LIMITED 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ADDRESS_SPACE_LIMITED 0
#endif
#endif
#ifndef ADDRESS_SPACE_LIMITED
#define ADDRESS_SPACE_LIMITED 1
#endif

static void limit_child(const struct ml_child_limits *limits)
{
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_CPU, (uint64_t)limits->deadline_ms / 1000 + 1);
    if (ADDRESS_SPACE_LIMITED)
        limit(RLIMIT_AS, address_space_in_use() + limits->memory_bytes);
}

static void default_signals(void)
{
    sigset_t none;
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL); /* fails for those that have no handler: nothing to do */
    signal(SIGXFSZ, SIG_IGN);    /* fontconfig would write its cache: EFBIG will do */
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

static bool write_all(int fd, const void *data, size_t len)
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

static _Noreturn void child_main(ml_child_work *work, const void *context,
                                 const struct ml_child_limits *limits, int pipe_end, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    default_signals();
    int fd = getppid() == parent ? only_pipe(pipe_end) : -1;
    if (fd < 0)
        _exit(1);
    limit_child(limits);
    struct ml_buf answer = {0};
    struct ml_error error;
    int code = work(context, &answer);
    ml_error_get(&error);
    error.rule = NULL;
    struct message message = {code, code < 0 ? sizeof error : answer.len};
    bool sent = write_all(fd, &message, sizeof message) &&
                write_all(fd, code < 0 ? (void *)&error : answer.data, message.len);
    _exit(sent ? 0 : 1);
}

/* ---- the parent ---- */

struct child {
    pid_t pid;
    int fd; /* our end of the pipe */
};

static int begin(ml_child_work *work, const void *context, const struct ml_child_limits *limits,
                 struct child *ret_child)
{
    int ends[2];
    sigset_t all, before;
    pid_t parent = getpid();
    if (pipe2(ends, O_CLOEXEC) != 0)
        return ml_fail_errno(errno, "cannot make a pipe for drawing");
    sigfillset(&all); /* no handler of ours may run in the child */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0)
        child_main(work, context, limits, ends[1], parent);
    int error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return ml_fail_errno(error, "cannot start a process for drawing");
    }
    *ret_child = (struct child){pid, ends[0]};
    return MLEDGER_OK;
}

static int wait_readable(int fd, uint64_t deadline)
{
    for (;;) {
        uint64_t now = ml_child_clock_ms();
        uint64_t left = now < deadline ? deadline - now : 0;
        struct pollfd pollfd = {.fd = fd, .events = POLLIN};
        int ready = poll(&pollfd, 1, left > INT32_MAX ? INT32_MAX : (int)left);
        if (ready > 0)
            return 1;
        if (ready == 0 && ml_child_clock_ms() >= deadline)
            return 0;
        if (ready < 0 && errno != EINTR)
            return ml_fail_errno(errno, "cannot wait for the drawing process");
    }
}

static int read_some(int fd, struct ml_buf *buf, size_t *ret_got)
{
    ML_TRY(ml_buf_reserve(buf, READ_BYTES));
    ssize_t got;
    do {
        got = read(fd, buf->data + buf->len, READ_BYTES);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return ml_fail_errno(errno, "cannot read from the drawing process");
    buf->len += (size_t)got;
    *ret_got = (size_t)got;
    return MLEDGER_OK;
}

/* Reads to the end of file; says in *ret_end why it stopped earlier. */
static int collect(int fd, const struct ml_child_limits *limits, struct ml_buf *buf,
                   enum ml_child_end *ret_end)
{
    uint64_t deadline = ml_child_clock_ms() + limits->deadline_ms;
    size_t most = sizeof(struct message) + (limits->answer_bytes > sizeof(struct ml_error)
                                                ? limits->answer_bytes
                                                : sizeof(struct ml_error));
    for (;;) {
        int ready = wait_readable(fd, deadline);
        ML_TRY(ready);
        if (!ready) {
            *ret_end = ML_CHILD_TIMED_OUT;
            return ml_fail(MLEDGER_ESYSTEM, "drawing took longer than %g s",
                           limits->deadline_ms / 1000.0);
        }
        size_t got = 0;
        ML_TRY(read_some(fd, buf, &got));
        if (!got)
            return MLEDGER_OK;
        if (buf->len > most) {
            *ret_end = ML_CHILD_TOO_LARGE;
            return ml_fail(MLEDGER_ESYSTEM, "the picture is larger than %zu bytes",
                           limits->answer_bytes);
        }
    }
}

/* The child's wait status; -1 when somebody else has reaped it. */
static int reap(pid_t pid)
{
    int status;
    pid_t got;
    do {
        got = waitpid(pid, &status, 0);
    } while (got < 0 && errno == EINTR);
    return got == pid ? status : -1;
}

static int no_answer(int status, const struct ml_child_limits *limits, enum ml_child_end *ret_end)
{
    *ret_end = ML_CHILD_CRASHED;
    if (status == -1 || !WIFSIGNALED(status))
        return ml_fail(MLEDGER_ESYSTEM, "the drawing process ended without an answer");
    if (WTERMSIG(status) == SIGXCPU) {
        *ret_end = ML_CHILD_TIMED_OUT;
        return ml_fail(MLEDGER_ESYSTEM, "drawing took more than %u s of processor time",
                       limits->deadline_ms / 1000 + 1);
    }
    return ml_fail(MLEDGER_ESYSTEM, "the drawing process died of signal %d", WTERMSIG(status));
}

/* What the whole message says. Without a whole message, how the child ended. */
static int decode(const struct ml_buf *got, int status, const struct ml_child_limits *limits,
                  struct ml_buf *answer, enum ml_child_end *ret_end)
{
    struct message message;
    struct ml_error error;
    if (got->len < sizeof message)
        return no_answer(status, limits, ret_end);
    memcpy(&message, got->data, sizeof message);
    if (message.len != got->len - sizeof message)
        return no_answer(status, limits, ret_end);
    *ret_end = ML_CHILD_ANSWERED;
    if (message.code >= 0)
        return ml_buf_append(answer, got->data + sizeof message, message.len);
    if (message.len != sizeof error)
        return no_answer(status, limits, ret_end);
    memcpy(&error, got->data + sizeof message, sizeof error);
    return ml_error_set(&error);
}

int ml_child_run(ml_child_work *work, const void *context, const struct ml_child_limits *limits,
                 struct ml_buf *answer, enum ml_child_end *ret_end)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf got = {0};
    struct child child = {-1, -1};
    *ret_end = ML_CHILD_NOT_BEGUN;
    ML_TRY(begin(work, context, limits, &child));
    int result = collect(child.fd, limits, &got, ret_end);
    close(child.fd);
    if (result < 0)
        kill(child.pid, SIGKILL);
    int status = reap(child.pid);
    return result < 0 ? result : decode(&got, status, limits, answer, ret_end);
}
