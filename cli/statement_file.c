/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/statement_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "ledger/core/json.h"

enum { FILE_MAX = ML_LIMIT_JSON_LINE };

static int read_all(const char *path, struct ml_buf *text)
{
    ML_CLEANUP(ml_closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
    char chunk[16384];
    ssize_t got;
    if (fd < 0)
        return ml_fail_errno(errno, "cannot open '%s'", path);
    while ((got = read(fd, chunk, sizeof chunk)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ml_fail_errno(errno, "cannot read '%s'", path);
        if (text->len + (size_t)got > FILE_MAX)
            return ml_fail(MLEDGER_EINVALID, "more than %d bytes", FILE_MAX);
        ML_TRY(ml_buf_append(text, chunk, (size_t)got));
    }
    return MLEDGER_OK;
}

int ml_statement_file_read(const char *path, struct ml_sealed *ret_sealed)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    int result = read_all(path, &text);
    if (result >= 0)
        result = ml_sealed_parse((const char *)text.data, text.len, ret_sealed);
    return result == MLEDGER_EINVALID ? ml_prefix("%s", path) : result;
}

static int write_text(int fd, const char *name, const struct ml_buf *text)
{
    for (size_t done = 0; done < text->len;) {
        ssize_t written = write(fd, text->data + done, text->len - done);
        if (written < 0 && errno != EINTR)
            return ml_fail_errno(errno, "cannot write '%s'", name);
        done += written > 0 ? (size_t)written : 0;
    }
    return fsync(fd) == 0 ? MLEDGER_OK : ml_fail_errno(errno, "cannot write '%s'", name);
}

/* link() does not replace, rename() does. */
static int put_in_place(const char *temporary, const char *path, bool replace)
{
    if (replace ? rename(temporary, path) == 0 : link(temporary, path) == 0)
        return MLEDGER_OK;
    return ml_fail_errno(errno, "cannot write '%s'", path);
}

static int write_file(const char *path, const struct ml_buf *text, bool replace)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf temporary = {0};
    ML_TRY(ml_buf_printf(&temporary, "%s.%jd.new", path, (intmax_t)getpid()));
    ML_TRY(ml_buf_append_char(&temporary, '\0'));
    const char *name = (char *)temporary.data;
    ML_CLEANUP(ml_closep) int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return ml_fail_errno(errno, "cannot write '%s'", name);
    int result = write_text(fd, name, text);
    if (result >= 0)
        result = put_in_place(name, path, replace);
    if (result < 0 || !replace)
        unlink(name);
    return result;
}

int ml_statement_file_write(const char *path, const struct ml_sealed *sealed, bool replace)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(ml_sealed_write(sealed, &text));
    return write_file(path, &text, replace);
}
