/* SPDX-License-Identifier: Apache-2.0 */
#include "export/tiles_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 128 };

static int failed(const struct ml_tiles_dir *dir, const char *action, const char *path)
{
    return ml_fail_errno(errno, "cannot %s '%s/%s'", action, dir->name, path);
}

int ml_tiles_dir_open(const char *name, struct ml_tiles_dir *ret_dir)
{
    *ret_dir = (struct ml_tiles_dir){.name = name, .fd = -1};
    if (mkdir(name, 0777) < 0 && errno != EEXIST)
        return ml_fail_errno(errno, "cannot make directory '%s'", name);
    ML_CLEANUP(ml_closep) int fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return ml_fail_errno(errno, "cannot open directory '%s'", name);
    if (flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
        return ml_fail(MLEDGER_ESYSTEM, "another export is at work in '%s'", name);
    ret_dir->fd = fd;
    fd = -1;
    return MLEDGER_OK;
}

void ml_tiles_dir_close(struct ml_tiles_dir *dir)
{
    ml_closep(&dir->fd);
}

static int make_parents(const struct ml_tiles_dir *dir, const char *path)
{
    char parent[PATH_SIZE];
    snprintf(parent, sizeof parent, "%s", path);
    for (char *slash = parent; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        if (mkdirat(dir->fd, parent, 0777) < 0 && errno != EEXIST)
            return failed(dir, "make directory", parent);
        *slash = '/';
    }
    return MLEDGER_OK;
}

static int write_all(const struct ml_tiles_dir *dir, int fd, const char *path, struct ml_span bytes)
{
    while (bytes.len > 0) {
        ssize_t done = write(fd, bytes.data, bytes.len);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return failed(dir, "write", path);
        bytes = ML_SPAN(bytes.data + done, bytes.len - (size_t)done);
    }
    return MLEDGER_OK;
}

static int write_beside(const struct ml_tiles_dir *dir, const char *beside, const char *path,
                        struct ml_span bytes, bool durable)
{
    ML_CLEANUP(ml_closep)
    int fd = openat(dir->fd, beside, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0 && errno == ENOENT) {
        ML_TRY(make_parents(dir, path));
        fd = openat(dir->fd, beside, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    }
    if (fd < 0)
        return failed(dir, "write", path);
    ML_TRY(write_all(dir, fd, path, bytes));
    if (durable && fsync(fd) < 0)
        return failed(dir, "sync", path);
    return MLEDGER_OK;
}

int ml_tiles_dir_put(const struct ml_tiles_dir *dir, const char *path, struct ml_span bytes,
                     bool durable)
{
    char beside[PATH_SIZE];
    int len = snprintf(beside, sizeof beside, "%s.new", path);
    assert(len > 0 && (size_t)len < sizeof beside);
    (void)len;
    int result = write_beside(dir, beside, path, bytes, durable);
    if (result >= 0 && renameat(dir->fd, beside, dir->fd, path) < 0)
        result = failed(dir, "write", path);
    if (result < 0)
        unlinkat(dir->fd, beside, 0);
    else if (durable && fsync(dir->fd) < 0)
        result = failed(dir, "sync the directory of", path);
    return result;
}

int ml_tiles_dir_sync(const struct ml_tiles_dir *dir)
{
    if (syncfs(dir->fd) < 0)
        return ml_fail_errno(errno, "cannot sync '%s'", dir->name);
    return MLEDGER_OK;
}

int ml_tiles_dir_get(const struct ml_tiles_dir *dir, const char *path, size_t limit,
                     struct ml_buf *ret_bytes)
{
    ML_CLEANUP(ml_closep) int fd = openat(dir->fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return MLEDGER_ENOTFOUND;
    if (fd < 0)
        return failed(dir, "read", path);
    ML_TRY(ml_buf_reserve(ret_bytes, limit));
    while (limit > 0) {
        ssize_t len = read(fd, ret_bytes->data + ret_bytes->len, limit);
        if (len < 0 && errno == EINTR)
            continue;
        if (len < 0)
            return failed(dir, "read", path);
        if (len == 0)
            break;
        ret_bytes->len += (size_t)len;
        limit -= (size_t)len;
    }
    return MLEDGER_OK;
}

static int each(DIR *stream, ml_tiles_dir_visitor *visit, void *context)
{
    const struct dirent *entry;
    while ((entry = readdir(stream))) { /* NOLINT(concurrency-mt-unsafe): a stream of our own */
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        int result = visit(entry->d_name, context);
        if (result != 0)
            return result;
    }
    return 0;
}

int ml_tiles_dir_each(const struct ml_tiles_dir *dir, const char *path, ml_tiles_dir_visitor *visit,
                      void *context)
{
    int fd = openat(dir->fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return 0;
    if (fd < 0)
        return failed(dir, "read directory", path);
    DIR *stream = fdopendir(fd);
    if (!stream) {
        close(fd);
        return failed(dir, "read directory", path);
    }
    int result = each(stream, visit, context);
    closedir(stream);
    return result;
}

struct drop {
    const struct ml_tiles_dir *dir;
    const char *path;
};

static int drop_file(const char *name, void *context)
{
    const struct drop *drop = context;
    char path[PATH_SIZE + 256];
    snprintf(path, sizeof path, "%s/%s", drop->path, name);
    unlinkat(drop->dir->fd, path, 0);
    return 0;
}

void ml_tiles_dir_drop(const struct ml_tiles_dir *dir, const char *path)
{
    struct drop drop = {.dir = dir, .path = path};
    if (ml_tiles_dir_each(dir, path, drop_file, &drop) < 0)
        ml_error_clear();
    unlinkat(dir->fd, path, AT_REMOVEDIR);
}
