/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/outfile.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

void ml_outfile_release(struct ml_outfile *target)
{
    if (target->stream)
        fclose(target->stream);
    if (target->temporary)
        unlink(target->temporary);
    free(target->temporary);
}

bool ml_outfile_can_be_replaced(const char *path)
{
    struct stat there;
    return lstat(path, &there) < 0 || S_ISREG(there.st_mode);
}

/* A new file beside it, or the thing itself where that cannot be replaced. */
static int open_stream(struct ml_outfile *target)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf temporary = {0};
    if (!ml_outfile_can_be_replaced(target->path)) {
        target->stream = fopen(target->path, "we");
        return target->stream ? MLEDGER_OK
                              : ml_fail_errno(errno, "cannot write '%s'", target->path);
    }
    ML_TRY(ml_buf_printf(&temporary, "%s.%jd.new", target->path, (intmax_t)getpid()));
    ML_TRY(ml_buf_append_char(&temporary, '\0'));
    target->stream = fopen((char *)temporary.data, "wxe");
    if (!target->stream)
        return ml_fail_errno(errno, "cannot make '%s'", (char *)temporary.data);
    temporary.len--;
    return ml_buf_take_text(&temporary, &target->temporary);
}

int ml_outfile_open(struct ml_outfile *target, const char *path, struct ml_output *out)
{
    target->out = out;
    if (!path || strcmp(path, "-") == 0)
        return MLEDGER_OK;
    target->path = path;
    return open_stream(target);
}

int ml_outfile_write(struct ml_outfile *target, struct ml_span bytes)
{
    if (!target->stream) {
        ml_output_raw(target->out, bytes.data, bytes.len);
        return ml_output_check(target->out);
    }
    if (fwrite(bytes.data, 1, bytes.len, target->stream) != bytes.len)
        return ml_fail_errno(errno, "cannot write '%s'", target->path);
    return MLEDGER_OK;
}

int ml_outfile_finish(struct ml_outfile *target)
{
    if (!target->stream)
        return MLEDGER_OK;
    bool bad =
        fflush(target->stream) != 0 || (target->temporary && fsync(fileno(target->stream)) != 0);
    int error = errno;
    bad |= fclose(ML_TAKE(target->stream)) != 0;
    if (bad)
        return ml_fail_errno(error, "cannot write '%s'", target->path);
    if (target->temporary && rename(target->temporary, target->path) < 0)
        return ml_fail_errno(errno, "cannot put '%s' in its place", target->path);
    free(ML_TAKE(target->temporary));
    return MLEDGER_OK;
}

int ml_outfile_put(const char *path, struct ml_span bytes, struct ml_output *out)
{
    ML_CLEANUP(ml_outfile_release) struct ml_outfile target = {0};
    ML_TRY(ml_outfile_open(&target, path, out));
    ML_TRY(ml_outfile_write(&target, bytes));
    return ml_outfile_finish(&target);
}
