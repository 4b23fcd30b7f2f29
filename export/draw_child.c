/* SPDX-License-Identifier: Apache-2.0 */
#include "export/draw_child.h"

#include <signal.h>
#include <sys/wait.h>

#include "ledger/store/confine.h"

/* What comes through the pipe first; `len` bytes of answer follow, or a struct ml_error. Both ends
 * are the same program, so the struct travels as it is. */
struct message {
    int32_t code;
    uint64_t len;
};

uint64_t ml_child_clock_ms(void)
{
    return ml_confine_clock_ms();
}

struct work {
    ml_child_work *run;
    const void *context;
};

/* ---- the child ---- */

static int child_main(int fd, const void *context)
{
    const struct work *work = context;
    struct ml_buf answer = {0};
    struct ml_error error;
    int code = work->run(work->context, &answer);
    ml_error_get(&error);
    error.rule = NULL;
    struct message message = {code, code < 0 ? sizeof error : answer.len};
    bool sent = ml_confined_write(fd, &message, sizeof message) &&
                ml_confined_write(fd, code < 0 ? (void *)&error : answer.data, message.len);
    return sent ? 0 : 1;
}

/* ---- the parent ---- */

/* Reads to the end of file; says in *ret_end why it stopped earlier. */
static int collect(const struct ml_confined *child, const struct ml_child_limits *limits,
                   struct ml_buf *buf, enum ml_child_end *ret_end)
{
    uint64_t deadline = ml_confine_clock_ms() + limits->deadline_ms;
    size_t most = sizeof(struct message) + (limits->answer_bytes > sizeof(struct ml_error)
                                                ? limits->answer_bytes
                                                : sizeof(struct ml_error));
    for (;;) {
        int ready = ml_confined_wait(child, deadline);
        ML_TRY(ready);
        if (!ready) {
            *ret_end = ML_CHILD_TIMED_OUT;
            return ml_fail(MLEDGER_ESYSTEM, "drawing took longer than %g s",
                           limits->deadline_ms / 1000.0);
        }
        size_t got = 0;
        ML_TRY(ml_confined_read(child, buf, &got));
        if (!got)
            return MLEDGER_OK;
        if (buf->len > most) {
            *ret_end = ML_CHILD_TOO_LARGE;
            return ml_fail(MLEDGER_ESYSTEM, "the picture is larger than %zu bytes",
                           limits->answer_bytes);
        }
    }
}

static uint32_t cpu_seconds(const struct ml_child_limits *limits)
{
    return limits->cpu_seconds ? limits->cpu_seconds : limits->deadline_ms / 1000 + 1;
}

static int no_answer(int status, const struct ml_child_limits *limits, enum ml_child_end *ret_end)
{
    *ret_end = ML_CHILD_CRASHED;
    if (status == -1 || !WIFSIGNALED(status))
        return ml_fail(MLEDGER_ESYSTEM, "the drawing process ended without an answer");
    if (WTERMSIG(status) == SIGXCPU) {
        *ret_end = ML_CHILD_TIMED_OUT;
        return ml_fail(MLEDGER_ESYSTEM, "drawing took more than %u s of processor time",
                       cpu_seconds(limits));
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

int ml_child_run(ml_child_work *run, const void *context, const struct ml_child_limits *limits,
                 struct ml_buf *answer, enum ml_child_end *ret_end)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf got = {0};
    const struct ml_confine_limits confined = {
        .cpu_seconds = cpu_seconds(limits),
        .address_bytes = limits->memory_bytes,
        .data_bytes = ML_CONFINE_NO_LIMIT,
        .file_bytes = limits->file_bytes,
    };
    const struct work work = {run, context};
    struct ml_confined child;
    *ret_end = ML_CHILD_NOT_BEGUN;
    ML_TRY(ml_confine(child_main, &work, &confined, "drawing", &child));
    int result = collect(&child, limits, &got, ret_end);
    int status = ml_confined_end(&child, result < 0);
    return result < 0 ? result : decode(&got, status, limits, answer, ret_end);
}
