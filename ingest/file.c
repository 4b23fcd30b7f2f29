/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/core/utf8.h"

static int open_regular(const char *path, const char *name, size_t max, int *ret_fd)
{
    ML_CLEANUP(ml_closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return ml_fail(MLEDGER_ENOTFOUND, "no file '%s'", name);
    if (fd < 0)
        return ml_fail_errno(errno, "cannot open '%s'", name);
    struct stat status;
    if (fstat(fd, &status) < 0)
        return ml_fail_errno(errno, "cannot read '%s'", name);
    if (!S_ISREG(status.st_mode))
        return ml_fail(MLEDGER_EINVALID, "%s: not a regular file", name);
    if ((uint64_t)status.st_size > max)
        return ml_fail(MLEDGER_EINVALID, "%s: larger than the %zu bytes that are read", name, max);
    *ret_fd = fd;
    fd = -1;
    return 0;
}

int ml_file_slurp(const char *path, const char *name, size_t max, struct ml_buf *buf)
{
    ML_CLEANUP(ml_closep) int fd = -1;
    const size_t start = buf->len;
    name = name ? name : path;
    ML_TRY(open_regular(path, name, max, &fd));
    for (;;) {
        ML_TRY(ml_buf_reserve(buf, (size_t)64 << 10));
        ssize_t got = read(fd, buf->data + buf->len, (size_t)64 << 10);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ml_fail_errno(errno, "cannot read '%s'", name);
        if (got == 0)
            return 0;
        buf->len += (size_t)got;
        /* It may have grown since fstat(). */
        if (buf->len - start > max)
            return ml_fail(MLEDGER_EINVALID, "%s: larger than the %zu bytes that are read", name,
                           max);
    }
}

static unsigned line_of(struct ml_span text, size_t at)
{
    unsigned line = 1;
    for (size_t i = 0; i < at; i++)
        line += text.data[i] == '\n';
    return line;
}

int ml_file_check_utf8(struct ml_span text, const char *name)
{
    const size_t valid = ml_utf8_valid_len(text);
    const uint8_t *nul = valid > 0 ? memchr(text.data, 0, valid) : NULL;
    if (nul)
        return ml_fail(MLEDGER_EINVALID, "%s:%u: a NUL byte", name,
                       line_of(text, (size_t)(nul - text.data)));
    if (valid < text.len)
        return ml_fail(MLEDGER_EINVALID, "%s:%u: invalid UTF-8 (byte 0x%02x)", name,
                       line_of(text, valid), text.data[valid]);
    return 0;
}
