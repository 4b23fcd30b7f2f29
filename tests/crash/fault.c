/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/crash/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* Declares a function of ours under a name of the C library. Offsets of 64 bits give two of them a
 * second name in some programs and libraries. */
#define INTERPOSE(name) __asm__(name) __attribute__((visibility("default"), used))

enum { LOG_MAX = 4096 };

/* What stood where something was written since the last sync. */
struct undo {
    int fd;
    off_t offset;
    size_t len; /* of `old`; beyond was the end of the file */
    size_t written;
    void *old;
};

static struct {
    enum fault_kind kind;
    unsigned left;
    bool met;
    bool lands; /* the call that strikes is done all the same */
    struct undo log[LOG_MAX];
    unsigned logged;
} fault;

static void forget_log(void)
{
    for (unsigned i = 0; i < fault.logged; i++)
        free(fault.log[i].old);
    fault.logged = 0;
}

void fault_arm(enum fault_kind kind, unsigned at)
{
    forget_log();
    fault.met = false;
    fault.left = at;
    fault.kind = kind;
}

void fault_clear(void)
{
    fault.kind = FAULT_NONE;
    forget_log();
}

bool fault_met(void)
{
    return fault.met;
}

static bool is_data(int fd)
{
    char link[64];
    char name[512];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, name, sizeof name);
    return len >= 9 && memcmp(name + len - 9, "/data.mdb", 9) == 0;
}

static bool is_power(void)
{
    return fault.kind >= FAULT_POWER_ALL;
}

/* Takes back the newest first, so that what overlaps ends as it was. */
static void lose_power(void)
{
    for (unsigned i = fault.logged; i-- > 0;) {
        const struct undo *undo = &fault.log[i];
        if (fault.kind == FAULT_POWER_ALL || (i % 2 == 1) == (fault.kind == FAULT_POWER_ODD)) {
            syscall(SYS_pwrite64, undo->fd, undo->old, undo->len, undo->offset);
            if (undo->len < undo->written) { /* the file was longer, but of zeros */
                void *zeros = calloc(1, undo->written - undo->len);
                syscall(SYS_pwrite64, undo->fd, zeros, undo->written - undo->len,
                        undo->offset + (off_t)undo->len);
            }
        }
    }
}

/* Is this the call that meets the fault? Does not return where the process is to end. */
static bool strikes(int fd)
{
    if (fault.kind == FAULT_NONE || !is_data(fd))
        return false;
    if (fault.left > 0)
        fault.left--;
    if (fault.left > 0)
        return false;
    bool again = fault.met;
    if (again && fault.kind != FAULT_EIO_FOREVER && fault.kind != FAULT_LANDED)
        return false;
    fault.met = true;
    fault.lands = fault.kind == FAULT_LANDED && !again;
    if (fault.kind < FAULT_KILL)
        return true;
    if (is_power())
        lose_power();
    kill(getpid(), SIGKILL);
    return true;
}

static int error_of(enum fault_kind kind)
{
    return kind == FAULT_ENOSPC ? ENOSPC : EIO;
}

static void remember(int fd, off_t offset, size_t len)
{
    /* what goes through a descriptor opened with O_DSYNC is on the disk when the call returns */
    if (!is_power() || !is_data(fd) || (fcntl(fd, F_GETFL) & O_DSYNC) != 0)
        return;
    if (fault.logged == LOG_MAX)
        abort();
    struct undo *undo = &fault.log[fault.logged++];
    *undo = (struct undo){.fd = fd, .offset = offset, .written = len, .old = malloc(len + 1)};
    if (undo->old == NULL)
        abort();
    ssize_t got = pread(fd, undo->old, len, offset);
    undo->len = got > 0 ? (size_t)got : 0;
}

static ssize_t pwrite_at(int fd, const void *data, size_t len, off_t offset)
{
    if (strikes(fd)) {
        if (fault.kind == FAULT_SHORT)
            return syscall(SYS_pwrite64, fd, data, len / 2, offset);
        if (fault.lands)
            syscall(SYS_pwrite64, fd, data, len, offset);
        errno = error_of(fault.kind);
        return -1;
    }
    remember(fd, offset, len);
    return syscall(SYS_pwrite64, fd, data, len, offset);
}

ssize_t fault_pwrite(int fd, const void *data, size_t len, off_t offset) INTERPOSE("pwrite");
ssize_t fault_pwrite(int fd, const void *data, size_t len, off_t offset)
{
    return pwrite_at(fd, data, len, offset);
}

ssize_t fault_pwrite64(int fd, const void *data, size_t len, off_t offset) INTERPOSE("pwrite64");
ssize_t fault_pwrite64(int fd, const void *data, size_t len, off_t offset)
{
    return pwrite_at(fd, data, len, offset);
}

ssize_t fault_write(int fd, const void *data, size_t len) INTERPOSE("write");
ssize_t fault_write(int fd, const void *data, size_t len)
{
    if (strikes(fd)) {
        if (fault.kind == FAULT_SHORT)
            return syscall(SYS_write, fd, data, len / 2);
        errno = error_of(fault.kind);
        return -1;
    }
    remember(fd, lseek(fd, 0, SEEK_CUR), len);
    return syscall(SYS_write, fd, data, len);
}

ssize_t fault_writev(int fd, const struct iovec *parts, int count) INTERPOSE("writev");
ssize_t fault_writev(int fd, const struct iovec *parts, int count)
{
    size_t len = 0;
    for (int i = 0; i < count; i++)
        len += parts[i].iov_len;
    if (strikes(fd)) {
        if (fault.kind == FAULT_SHORT)
            return syscall(SYS_write, fd, parts[0].iov_base, parts[0].iov_len / 2);
        if (fault.lands)
            syscall(SYS_writev, fd, parts, count);
        errno = error_of(fault.kind);
        return -1;
    }
    remember(fd, lseek(fd, 0, SEEK_CUR), len);
    return syscall(SYS_writev, fd, parts, count);
}

static int sync_fd(int fd)
{
    if (strikes(fd)) {
        errno = error_of(fault.kind);
        return -1;
    }
    if (is_data(fd))
        forget_log();
    return 0;
}

int fault_fdatasync(int fd) INTERPOSE("fdatasync");
int fault_fdatasync(int fd)
{
    return sync_fd(fd);
}

int fault_fsync(int fd) INTERPOSE("fsync");
int fault_fsync(int fd)
{
    return sync_fd(fd);
}

static int truncate_fd(int fd, off_t len)
{
    if (strikes(fd)) {
        errno = error_of(fault.kind);
        return -1;
    }
    return (int)syscall(SYS_ftruncate, fd, len);
}

int fault_ftruncate(int fd, off_t len) INTERPOSE("ftruncate");
int fault_ftruncate(int fd, off_t len)
{
    return truncate_fd(fd, len);
}

int fault_ftruncate64(int fd, off_t len) INTERPOSE("ftruncate64");
int fault_ftruncate64(int fd, off_t len)
{
    return truncate_fd(fd, len);
}
