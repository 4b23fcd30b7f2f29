/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/mlflow/tape.h"

#include <errno.h>

/* Before each pair: how long the two are, and the status between them. */
struct mark {
    uint64_t request_len, body_len;
    int64_t status;
};

static int fail(const char *what)
{
    return ml_fail_errno(errno ? errno : EIO, "cannot %s what the server answered", what);
}

int ml_mlflow_tape_begin(struct ml_mlflow_tape *tape)
{
    ml_mlflow_tape_release(tape);
    tape->file = tmpfile();
    return tape->file ? MLEDGER_OK : fail("keep");
}

int ml_mlflow_tape_play(struct ml_mlflow_tape *tape)
{
    errno = 0;
    if (!tape->file)
        return MLEDGER_OK;
    if (fseeko(tape->file, 0, SEEK_SET) != 0)
        return fail("read again");
    tape->is_playing = true;
    return MLEDGER_OK;
}

void ml_mlflow_tape_release(struct ml_mlflow_tape *tape)
{
    if (tape->file)
        fclose(tape->file);
    *tape = (struct ml_mlflow_tape){0};
}

static bool put(FILE *file, const void *bytes, size_t len)
{
    return len == 0 || fwrite(bytes, 1, len, file) == len;
}

int ml_mlflow_tape_keep(struct ml_mlflow_tape *tape, struct ml_span request, int status,
                        struct ml_span body)
{
    const struct mark mark = {request.len, body.len, status};
    errno = 0;
    if (!tape->file || tape->is_playing)
        return MLEDGER_OK;
    return put(tape->file, &mark, sizeof mark) && put(tape->file, request.data, request.len) &&
                   put(tape->file, body.data, body.len)
               ? MLEDGER_OK
               : fail("keep");
}

static int take(FILE *file, size_t len, struct ml_buf *bytes)
{
    ML_TRY(ml_buf_reserve(bytes, len + 1));
    if (len && fread(bytes->data + bytes->len, 1, len, file) != len)
        return fail("read again");
    bytes->len += len;
    return MLEDGER_OK;
}

int ml_mlflow_tape_next(struct ml_mlflow_tape *tape, struct ml_span request, int *ret_status,
                        struct ml_buf *body)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf kept = {0};
    struct mark mark;
    errno = 0;
    if (!tape->is_playing)
        return 0;
    const off_t here = ftello(tape->file);
    if (fread(&mark, sizeof mark, 1, tape->file) != 1)
        return ferror(tape->file) ? fail("read again") : 0;
    ML_TRY(take(tape->file, (size_t)mark.request_len, &kept));
    if (!ml_span_equal(ml_buf_span(&kept), request))
        return fseeko(tape->file, here, SEEK_SET) == 0 ? 0 : fail("read again");
    ML_TRY(take(tape->file, (size_t)mark.body_len, body));
    *ret_status = (int)mark.status;
    return 1;
}
