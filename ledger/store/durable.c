/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/store/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/core/ed25519.h"
#include "ledger/core/hex.h"

/* The file under way. */
struct writing {
    const char *path; /* as the caller says it */
    const char *what;
    const char *name;                               /* last part of path */
    int directory;                                  /* that it is in */
    char temporary[sizeof ".new-0123456789abcdef"]; /* beside it, "" when there is none */
};

static int failed(const struct writing *writing, const char *action)
{
    return ml_fail_errno(errno, "cannot %s %s '%s'", action, writing->what, writing->path);
}

static void end_writing(struct writing *writing)
{
    if (writing->temporary[0])
        unlinkat(writing->directory, writing->temporary, 0);
    ml_closep(&writing->directory);
}

static int open_directory(struct writing *writing)
{
    const char *slash = strrchr(writing->path, '/');
    writing->name = slash ? slash + 1 : writing->path;
    size_t len = slash ? (size_t)(slash - writing->path) : 0;
    char directory[PATH_MAX];
    if (len >= sizeof directory || writing->name[0] == '\0') {
        errno = len >= sizeof directory ? ENAMETOOLONG : EISDIR;
        return failed(writing, "write");
    }
    memcpy(directory, writing->path, len);
    snprintf(directory + len, sizeof directory - len, "%s", slash ? (len ? "" : "/") : ".");
    writing->directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return writing->directory >= 0 ? MLEDGER_OK : failed(writing, "write");
}

/* A new file that nobody else has a name for. */
static int create(struct writing *writing, int *ret_fd)
{
    ML_TRY(ml_sodium_ready());
    uint8_t random[8];
    char text[ML_HEX_SIZE(sizeof random)];
    char name[sizeof writing->temporary];
    randombytes_buf(random, sizeof random);
    ml_hex_encode(text, random, sizeof random);
    snprintf(name, sizeof name, ".new-%s", text);
    int fd = openat(writing->directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                    S_IRUSR | S_IWUSR);
    if (fd < 0)
        return failed(writing, "write");
    memcpy(writing->temporary, name, sizeof name);
    *ret_fd = fd;
    return MLEDGER_OK;
}

static int write_all(const struct writing *writing, int fd, struct ml_span bytes)
{
    while (bytes.len > 0) {
        ssize_t done = write(fd, bytes.data, bytes.len);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return failed(writing, "write");
        bytes.data += done;
        bytes.len -= (size_t)done;
    }
    return MLEDGER_OK;
}

static int fill(struct writing *writing, struct ml_span bytes)
{
    ML_CLEANUP(ml_closep) int fd = -1;
    ML_TRY(create(writing, &fd));
    if (fchmod(fd, S_IRUSR | S_IWUSR) != 0) /* whatever the umask took away */
        return failed(writing, "write");
    ML_TRY(write_all(writing, fd, bytes));
    if (fsync(fd) != 0)
        return failed(writing, "sync");
    return MLEDGER_OK;
}

/* Gives the new file its name; fails with EEXIST where `replace` is false and there is one.
 * File systems that cannot rename so can link so. */
static int rename_file(const struct writing *writing, bool replace)
{
    int directory = writing->directory;
    if (replace)
        return renameat(directory, writing->temporary, directory, writing->name);
    int result =
        renameat2(directory, writing->temporary, directory, writing->name, RENAME_NOREPLACE);
    if (result == 0 || (errno != EINVAL && errno != ENOSYS))
        return result;
    if (linkat(directory, writing->temporary, directory, writing->name, 0) != 0)
        return -1;
    return unlinkat(directory, writing->temporary, 0);
}

static int publish(struct writing *writing, bool replace)
{
    if (rename_file(writing, replace) != 0)
        return errno == EEXIST ? ml_fail(MLEDGER_ESYSTEM, "%s '%s' exists already", writing->what,
                                         writing->path)
                               : failed(writing, "write");
    writing->temporary[0] = '\0';
    if (fsync(writing->directory) != 0)
        return failed(writing, "sync the directory of");
    return MLEDGER_OK;
}

int ml_durable_write(const char *path, const char *what, struct ml_span bytes, bool replace)
{
    ML_CLEANUP(end_writing)
    struct writing writing = {.path = path, .what = what, .directory = -1};
    ML_TRY(open_directory(&writing));
    ML_TRY(fill(&writing, bytes));
    return publish(&writing, replace);
}

int ml_private_check(int fd, const char *path, const char *what)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return ml_fail_errno(errno, "cannot open %s '%s'", what, path);
    if (!S_ISREG(status.st_mode))
        return ml_fail(MLEDGER_EINVALID, "%s '%s' is no regular file", what, path);
    if (status.st_uid != geteuid() && status.st_uid != 0)
        return ml_fail(MLEDGER_ESYSTEM, "%s '%s' belongs to another user, who could read it", what,
                       path);
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) == 0)
        return MLEDGER_OK;
    ml_fail(MLEDGER_ESYSTEM, "%s '%s' is open to other users (mode %04o)", what, path,
            (unsigned)status.st_mode & 07777);
    return ml_hint("chmod 600 '%s'", path);
}

static int open_to_read(const char *path, const char *what, int *ret_fd)
{
    /* A FIFO or a terminal must not hold us up before we see that it is one. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 && errno == ENOENT)
        return MLEDGER_ENOTFOUND;
    if (fd < 0)
        return ml_fail_errno(errno, "cannot read %s '%s'", what, path);
    *ret_fd = fd;
    return MLEDGER_OK;
}

static int read_all(int fd, const char *path, const char *what, size_t limit,
                    struct ml_buf *ret_bytes)
{
    const size_t before = ret_bytes->len;
    for (;;) {
        ML_TRY(ml_buf_reserve(ret_bytes, 4096));
        ssize_t len = read(fd, ret_bytes->data + ret_bytes->len, 4096);
        if (len < 0 && errno == EINTR)
            continue;
        if (len < 0)
            return ml_fail_errno(errno, "cannot read %s '%s'", what, path);
        if (len == 0)
            return MLEDGER_OK;
        ret_bytes->len += (size_t)len;
        if (ret_bytes->len - before > limit)
            return ml_fail(MLEDGER_EINVALID, "%s '%s' is longer than %zu bytes", what, path, limit);
    }
}

int ml_durable_read(const char *path, const char *what, size_t limit, struct ml_buf *ret_bytes)
{
    ML_CLEANUP(ml_closep) int fd = -1;
    ML_TRY(open_to_read(path, what, &fd));
    return read_all(fd, path, what, limit, ret_bytes);
}

int ml_private_read(const char *path, const char *what, size_t limit, struct ml_buf *ret_bytes)
{
    ML_CLEANUP(ml_closep) int fd = -1;
    ML_TRY(open_to_read(path, what, &fd));
    ML_TRY(ml_private_check(fd, path, what));
    return read_all(fd, path, what, limit, ret_bytes);
}
