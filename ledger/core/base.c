/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/base.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static _Thread_local struct ml_error last_error = {.seq = MLEDGER_NO_SEQ};

ML_PRINTF(4, 0)
static void set_text(int code, uint64_t seq, const char *rule, const char *format, va_list args)
{
    char text[sizeof last_error.text]; /* the arguments may quote the old text */
    vsnprintf(text, sizeof text, format, args);
    last_error.code = code;
    last_error.seq = seq;
    last_error.rule = rule;
    last_error.hint[0] = '\0';
    memcpy(last_error.text, text, sizeof text);
}

void ml_set_error(int code, uint64_t seq, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set_text(code, seq, NULL, format, args);
    va_end(args);
}

void ml_set_errno(int error_number, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set_text(MLEDGER_ESYSTEM, MLEDGER_NO_SEQ, NULL, format, args);
    va_end(args);
    size_t len = strlen(last_error.text);
    char reason[128];
    snprintf(last_error.text + len, sizeof last_error.text - len, ": %s",
             strerror_r(error_number, reason, sizeof reason));
}

void ml_set_refusal(const char *rule, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set_text(MLEDGER_EREFUSED, MLEDGER_NO_SEQ, rule, format, args);
    va_end(args);
}

void ml_add_hint(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(last_error.hint, sizeof last_error.hint, format, args);
    va_end(args);
}

void ml_add_prefix(const char *format, ...)
{
    char old[sizeof last_error.text], text[sizeof last_error.text];
    memcpy(old, last_error.text, sizeof old);
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args); /* the arguments may quote the old text */
    va_end(args);
    memcpy(last_error.text, text, sizeof text);
    size_t len = strlen(last_error.text);
    snprintf(last_error.text + len, sizeof last_error.text - len, ": %s", old);
}

void ml_add_rule(const char *rule)
{
    if (!last_error.rule)
        last_error.rule = rule;
}

void ml_add_seq(uint64_t seq)
{
    if (last_error.seq == MLEDGER_NO_SEQ)
        last_error.seq = seq;
}

void ml_error_get(struct ml_error *ret_error)
{
    *ret_error = last_error;
}

void ml_error_put(const struct ml_error *error)
{
    last_error = *error;
}

void ml_error_clear(void)
{
    last_error = (struct ml_error){.seq = MLEDGER_NO_SEQ};
}

const char *mledger_error_text(void)
{
    return last_error.text;
}

int mledger_error_code(void)
{
    return last_error.code;
}

uint64_t mledger_error_seq(void)
{
    return last_error.seq;
}

const char *mledger_error_rule(void)
{
    return last_error.rule ? last_error.rule : "";
}

const char *mledger_error_hint(void)
{
    return last_error.hint;
}

void mledger_free(void *memory)
{
    free(memory);
}

bool ml_span_equal(struct ml_span a, struct ml_span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

void ml_buf_release(struct ml_buf *buf)
{
    if (!buf)
        return;
    free(buf->data);
    *buf = (struct ml_buf){0};
}

void ml_buf_clear(struct ml_buf *buf)
{
    buf->len = 0;
}

int ml_buf_reserve(struct ml_buf *buf, size_t extra)
{
    if (extra <= buf->cap - buf->len)
        return MLEDGER_OK;
    if (extra > SIZE_MAX / 2 - buf->len)
        return ml_fail_memory();
    size_t cap = buf->cap ? buf->cap : 64;
    while (cap - buf->len < extra)
        cap *= 2;
    uint8_t *data = realloc(buf->data, cap);
    if (!data)
        return ml_fail_memory();
    buf->data = data;
    buf->cap = cap;
    return MLEDGER_OK;
}

int ml_buf_append(struct ml_buf *buf, const void *data, size_t len)
{
    ML_TRY(ml_buf_reserve(buf, len));
    if (len)
        memcpy(buf->data + buf->len, data, len);
    buf->len += len;
    return MLEDGER_OK;
}

int ml_buf_append_text(struct ml_buf *buf, const char *text)
{
    return ml_buf_append(buf, text, strlen(text));
}

int ml_buf_append_char(struct ml_buf *buf, char c)
{
    return ml_buf_append(buf, &c, 1);
}

int ml_buf_printf(struct ml_buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int need = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(need >= 0);
    ML_TRY(ml_buf_reserve(buf, (size_t)need + 1));
    va_start(args, format);
    vsnprintf((char *)buf->data + buf->len, (size_t)need + 1, format, args);
    va_end(args);
    buf->len += (size_t)need;
    return MLEDGER_OK;
}

int ml_buf_take_text(struct ml_buf *buf, char **ret_text)
{
    ML_TRY(ml_buf_append_char(buf, '\0'));
    *ret_text = (char *)buf->data;
    *buf = (struct ml_buf){0};
    return MLEDGER_OK;
}

void ml_closep(int *fd)
{
    if (*fd >= 0) {
        int saved = errno;
        close(*fd);
        errno = saved;
    }
}

void *ml_calloc(size_t count, size_t size)
{
    return calloc(count ? count : 1, size ? size : 1);
}

int ml_grow(void *array, size_t *cap, size_t need, size_t size)
{
    if (need <= *cap)
        return MLEDGER_OK;
    size_t grown = *cap ? *cap : 8;
    while (grown < need)
        grown = grown > SIZE_MAX / 2 ? need : grown * 2;
    void *memory = reallocarray(*(void **)array, grown, size);
    if (!memory)
        return ml_fail_memory();
    *(void **)array = memory;
    *cap = grown;
    return MLEDGER_OK;
}
