/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/crash/syscall_gate.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TIMEOUT_MS = 120000, PAGE = 4096, NONE = -1 };

/* Where a call says what it is about. */
struct kind {
    int number;
    const char *name;
    int fd;   /* the argument that is a descriptor: the file, or the directory of the path */
    int path; /* the argument that is a path */
    bool changes, takes_room, syncs;
};

#define SYSTEM_CALL(call) .number = SYS_##call, .name = #call

static const struct kind kinds[] = {
#ifdef SYS_open /* newer machines have only the *at() of these */
    {SYSTEM_CALL(open), NONE, 0, .changes = true, .takes_room = true},
    {SYSTEM_CALL(rename), NONE, 0, .changes = true, .takes_room = true},
    {SYSTEM_CALL(link), NONE, 0, .changes = true, .takes_room = true},
    {SYSTEM_CALL(unlink), NONE, 0, .changes = true},
    {SYSTEM_CALL(rmdir), NONE, 0, .changes = true},
    {SYSTEM_CALL(mkdir), NONE, 0, .changes = true, .takes_room = true},
#endif
#ifdef SYS_renameat
    {SYSTEM_CALL(renameat), 0, 1, .changes = true, .takes_room = true},
#endif
    {SYSTEM_CALL(openat), 0, 1, .changes = true, .takes_room = true},
    {SYSTEM_CALL(renameat2), 0, 1, .changes = true, .takes_room = true},
    {SYSTEM_CALL(linkat), 0, 1, .changes = true, .takes_room = true},
    {SYSTEM_CALL(unlinkat), 0, 1, .changes = true},
    {SYSTEM_CALL(mkdirat), 0, 1, .changes = true, .takes_room = true},
    {SYSTEM_CALL(read), 0, NONE},
    {SYSTEM_CALL(pread64), 0, NONE},
    {SYSTEM_CALL(readv), 0, NONE},
    {SYSTEM_CALL(preadv), 0, NONE},
    {SYSTEM_CALL(mmap), 4, NONE},
    {SYSTEM_CALL(write), 0, NONE, .changes = true, .takes_room = true},
    {SYSTEM_CALL(pwrite64), 0, NONE, .changes = true, .takes_room = true},
    {SYSTEM_CALL(writev), 0, NONE, .changes = true, .takes_room = true},
    {SYSTEM_CALL(pwritev), 0, NONE, .changes = true, .takes_room = true},
    {SYSTEM_CALL(fallocate), 0, NONE, .changes = true, .takes_room = true},
    {SYSTEM_CALL(ftruncate), 0, NONE, .changes = true, .takes_room = true},
    {SYSTEM_CALL(fsync), 0, NONE, .changes = true, .takes_room = true, .syncs = true},
    {SYSTEM_CALL(fdatasync), 0, NONE, .changes = true, .takes_room = true, .syncs = true},
    {SYSTEM_CALL(msync), NONE, NONE, .changes = true, .syncs = true},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static _Noreturn void broken(const char *what)
{
    fprintf(stderr, "syscall_gate: %s: %s\n", what, strerror(errno));
    exit(99);
}

/* ---- in the program's process, before it begins ---- */

/* Asks about all kinds of calls, but not about maps of no file. */
static int install_filter(void)
{
    struct sock_filter code[KINDS + 7];
    struct sock_filter *next = code;
    const unsigned number = offsetof(struct seccomp_data, nr);
    const unsigned map_fd =
        offsetof(struct seccomp_data, args[4]); /* its lower half: little-endian */
    *next++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, number);
    for (unsigned i = 0; i < KINDS; i++) /* a hit jumps over the rest and the end that allows */
        *next++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)kinds[i].number,
                                               (uint8_t)(KINDS - i), 0);
    *next++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    *next++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, 3);
    *next++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, map_fd);
    *next++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, UINT32_MAX, 0, 1);
    *next++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    *next++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
    const struct sock_fprog program = {(unsigned short)(next - code), code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return -1;
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
                        &program);
}

/* One descriptor over a socket; the byte that goes with it says that there is one. */
static void pass(int socket, int fd)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    char byte = '+';
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    if (sendmsg(socket, &message, 0) != 1)
        broken("sendmsg");
}

/* -1 where the other end closed without passing one. */
static int receive(int socket)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    char byte;
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    int fd = -1;
    if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) == 1 && CMSG_FIRSTHDR(&message))
        memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
    return fd;
}

static void put_stream(const char *path, int flags, int fd)
{
    int opened = open(path, flags, 0600);
    if (opened < 0 || dup2(opened, fd) != fd)
        broken(path);
    close(opened);
}

static _Noreturn void become_program(const struct gate_run *run, int socket)
{
    put_stream(run->in, O_RDONLY, 0);
    put_stream(run->out, O_WRONLY | O_CREAT | O_TRUNC, 1);
    put_stream(run->err, O_WRONLY | O_CREAT | O_TRUNC, 2);
    if (setpgid(0, 0) != 0 || chdir(run->cwd) != 0)
        broken(run->cwd);
    int listener = install_filter();
    if (listener < 0)
        _exit(98); /* the parent sees that nothing came */
    pass(socket, listener);
    close(listener);
    close(socket);
    execv(run->argv[0], (char *const *)(uintptr_t)run->argv);
    _exit(97);
}

/* ---- what a call is about ---- */

static const struct kind *kind_of(const struct seccomp_notif *asked)
{
    for (unsigned i = 0; i < KINDS; i++)
        if (kinds[i].number == asked->data.nr)
            return &kinds[i];
    broken("a call that nobody asked about");
}

static bool read_link(const char *name, char path[PATH_MAX])
{
    ssize_t len = readlink(name, path, PATH_MAX - 1);
    path[len < 0 ? 0 : len] = '\0';
    return len > 0;
}

/* The path of an open descriptor of the program, or of its directory. */
static bool path_of_fd(unsigned pid, int fd, char path[PATH_MAX])
{
    char name[64];
    if (fd == AT_FDCWD)
        snprintf(name, sizeof name, "/proc/%u/cwd", pid);
    else
        snprintf(name, sizeof name, "/proc/%u/fd/%d", pid, fd);
    return read_link(name, path);
}

/* A text in the program's memory; page by page, since the next page may not be there. */
static bool text_at(unsigned pid, uint64_t address, char text[PATH_MAX])
{
    size_t len = 0;
    while (len < PATH_MAX) {
        size_t part = PAGE - (size_t)((address + len) % PAGE);
        if (part > PATH_MAX - len)
            part = PATH_MAX - len;
        struct iovec to = {text + len, part};
        struct iovec from = {(void *)(uintptr_t)(address + len), part};
        if (process_vm_readv((pid_t)pid, &to, 1, &from, 1, 0) != (ssize_t)part)
            return false;
        if (memchr(text + len, '\0', part))
            return true;
        len += part;
    }
    return false;
}

static bool path_of_call(const struct kind *kind, const struct seccomp_notif *asked,
                         char path[2 * PATH_MAX])
{
    char text[PATH_MAX], base[PATH_MAX];
    int fd = kind->fd == NONE ? AT_FDCWD : (int)asked->data.args[kind->fd];
    if (kind->path == NONE)
        return path_of_fd(asked->pid, fd, path);
    if (!text_at(asked->pid, asked->data.args[kind->path], text))
        return false;
    if (text[0] == '/') {
        snprintf(path, (size_t)2 * PATH_MAX, "%s", text);
        return true;
    }
    if (!path_of_fd(asked->pid, fd, base))
        return false;
    snprintf(path, (size_t)2 * PATH_MAX, "%s/%s", base, text);
    return true;
}

/* Whether the call counts; then also what it is. */
static bool counts(const struct gate_run *run, const struct seccomp_notif *asked,
                   struct gate_call *ret_call)
{
    const struct kind *kind = kind_of(asked);
    const size_t root = strlen(run->root);
    char path[2 * PATH_MAX];
    if (!path_of_call(kind, asked, path) || strncmp(path, run->root, root) != 0 ||
        path[root] != '/' || strcmp(path, run->err) == 0)
        return false;
    *ret_call = (struct gate_call){.changes = kind->changes, .takes_room = kind->takes_room};
    if (strncmp(kind->name, "open", 4) == 0)
        ret_call->changes = ret_call->takes_room =
            (asked->data.args[kind->path + 1] & O_CREAT) != 0;
    snprintf(ret_call->what, sizeof ret_call->what, "%s %.100s", kind->name, path + root + 1);
    return true;
}

/* ---- the run ---- */

static bool strikes(struct gate_run *run)
{
    if (run->kind == GATE_COUNT || run->count < run->at ||
        (run->count > run->at && run->kind != GATE_EIO_FOREVER))
        return false;
    run->met = true;
    return true;
}

static void answer(struct gate_run *run, int listener, pid_t child,
                   const struct seccomp_notif *asked)
{
    struct seccomp_notif_resp response = {.id = asked->id};
    struct gate_call call;
    bool counted = counts(run, asked, &call);
    bool struck = counted && strikes(run);
    if (counted) {
        if (run->count == GATE_CALLS_MAX)
            broken("too many calls");
        run->calls[run->count++] = call;
    }
    if (struck && run->kind == GATE_KILL)
        kill(-child, SIGKILL);
    if (struck)
        response.error = run->kind == GATE_ENOSPC ? -ENOSPC : -EIO;
    else if (!kind_of(asked)->syncs)
        response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    /* ENOENT: whoever asked is gone */
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response) != 0 && errno != ENOENT)
        broken("cannot answer");
}

static void serve(struct gate_run *run, int listener, pid_t child)
{
    for (;;) {
        struct pollfd wait = {.fd = listener, .events = POLLIN};
        int ready = poll(&wait, 1, TIMEOUT_MS);
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0) {
            kill(-child, SIGKILL);
            errno = ETIMEDOUT;
            broken(run->argv[1]);
        }
        if ((wait.revents & POLLIN) == 0)
            return; /* all that the filter is on have ended */
        struct seccomp_notif asked = {0};
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) == 0)
            answer(run, listener, child, &asked);
        else if (errno != ENOENT && errno != EINTR)
            broken("cannot ask");
    }
}

/* Starts the program; the listener is -1 where the kernel gives none. */
static pid_t start(const struct gate_run *run, int *ret_listener)
{
    int sockets[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0)
        broken("socketpair");
    pid_t child = fork();
    if (child < 0)
        broken("fork");
    if (child == 0)
        become_program(run, sockets[1]);
    close(sockets[1]);
    *ret_listener = receive(sockets[0]);
    close(sockets[0]);
    return child;
}

void gate_run(struct gate_run *run)
{
    int listener;
    pid_t child = start(run, &listener);
    run->count = 0;
    run->met = false;
    if (listener >= 0)
        serve(run, listener, child);
    if (waitpid(child, &run->status, 0) != child)
        broken("waitpid");
    if (listener < 0)
        broken("no listener");
    close(listener);
}

const char *gate_refusal(void)
{
    static struct gate_call calls[GATE_CALLS_MAX];
    static const char *const argv[] = {"/bin/cat", "/dev/null", NULL};
    struct gate_run run = {.argv = argv,
                           .root = "/dev",
                           .cwd = "/",
                           .in = "/dev/null",
                           .out = "/dev/null",
                           .err = "/dev/zero",
                           .calls = calls};
    int listener;
    int status;
    pid_t child = start(&run, &listener);
    if (listener < 0) {
        (void)waitpid(child, &status, 0);
        return "the kernel gives no notice of system calls (seccomp)";
    }
    serve(&run, listener, child);
    close(listener);
    (void)waitpid(child, &status, 0);
    /* that it was seen proves that the program's memory may be read */
    return run.count > 0 ? NULL : "the memory of a child may not be read";
}
