/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/hook_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HOOK_BYTES_MAX = 1 << 20 };

static const char head[] = "#!/bin/sh\n"
                           "# mledger hook 1: made by 'mledger hook install', removed by "
                           "'mledger hook remove'\n";
/* What every call has in it. */
static const char mark[] = " hook run ";

static int read_text(const char *path, struct ml_buf *text)
{
    ML_CLEANUP(ml_closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? MLEDGER_ENOTFOUND : ml_fail_errno(errno, "cannot read '%s'", path);
    ML_TRY(ml_buf_reserve(text, HOOK_BYTES_MAX));
    ssize_t got;
    while ((got = read(fd, text->data + text->len, HOOK_BYTES_MAX - 1 - text->len)) > 0)
        text->len += (size_t)got;
    if (got < 0)
        return ml_fail_errno(errno, "cannot read '%s'", path);
    return ml_buf_append_char(text, '\0');
}

int ml_hook_read(const char *path, const char *call, enum ml_hook_state *ret_state)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    const int result = read_text(path, &text);
    if (result == MLEDGER_ENOTFOUND) {
        *ret_state = ML_HOOK_NONE;
        return MLEDGER_OK;
    }
    ML_TRY(result);
    const char *content = (const char *)text.data;
    const bool is_ours = strncmp(content, head, sizeof head - 1) == 0;
    const bool has_call = strstr(content, call ? call : mark) != NULL;
    if (is_ours)
        *ret_state = has_call ? ML_HOOK_SAME : ML_HOOK_OTHER;
    else
        *ret_state = has_call ? ML_HOOK_CHAINED : ML_HOOK_FOREIGN;
    return MLEDGER_OK;
}

static int write_text(const char *path, const char *call)
{
    FILE *file = fopen(path, "wxe");
    if (!file)
        return ml_fail_errno(errno, "cannot make '%s'", path);
    bool bad = fprintf(file, "%s%s\n", head, call) < 0 || fchmod(fileno(file), 0755) < 0;
    int error = errno;
    if (fclose(file) != 0 && !bad) {
        bad = true;
        error = errno;
    }
    if (!bad)
        return MLEDGER_OK;
    unlink(path);
    return ml_fail_errno(error, "cannot write '%s'", path);
}

int ml_hook_write(const char *path, const char *call)
{
    ML_CLEANUP(ml_freep) char *temporary = NULL;
    if (asprintf(&temporary, "%s.%jd.new", path, (intmax_t)getpid()) < 0) {
        temporary = NULL;
        return ml_fail_memory();
    }
    ML_TRY(write_text(temporary, call));
    if (rename(temporary, path) == 0)
        return MLEDGER_OK;
    const int error = errno;
    unlink(temporary);
    return ml_fail_errno(error, "cannot put '%s' in its place", path);
}

int ml_hook_quote(struct ml_buf *text, const char *word)
{
    ML_TRY(ml_buf_append_char(text, '\''));
    for (; *word; word++)
        if (*word == '\'')
            ML_TRY(ml_buf_append_text(text, "'\\''"));
        else
            ML_TRY(ml_buf_append_char(text, *word));
    return ml_buf_append_char(text, '\'');
}
