/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every source file of mledger starts from: setting errors, cleanup attributes, spans and
 * growable buffers. Nothing about records, files or the store may enter here.
 */
#ifndef ML_CORE_BASE_H
#define ML_CORE_BASE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mledger/error.h"

#define ML_MUST_USE __attribute__((warn_unused_result))
#define ML_PRINTF(at, first) __attribute__((format(printf, at, first)))
/* Being released is use enough of a variable: nothing else needs to read it. */
#define ML_CLEANUP(function) __attribute__((cleanup(function), unused))
#define ML_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Hands the pointer on and leaves NULL behind, so that its cleanup attribute does nothing. */
#define ML_TAKE(pointer)                                                                           \
    __extension__({                                                                                \
        __typeof__(pointer) ml_taken_ = (pointer);                                                 \
        (pointer) = NULL;                                                                          \
        ml_taken_;                                                                                 \
    })

/* Returns from the calling function when `call` failed; its error is already set. */
#define ML_TRY(call)                                                                               \
    do {                                                                                           \
        int ml_result_ = (call);                                                                   \
        if (ml_result_ < 0)                                                                        \
            return ml_result_;                                                                     \
    } while (0)

/* Each sets this thread's error and returns `code`. The text says the fault first and quotes
 * the thing: "cannot open ledger 'x': No space left on device". They are macros so that the
 * compiler sees the negative result and can follow which outputs are set. */
#define ml_fail(code, ...) ML_FAIL_((code), ml_set_error((code), MLEDGER_NO_SEQ, __VA_ARGS__))
/* The same about record `seq`. */
#define ml_fail_seq(code, seq, ...) ML_FAIL_((code), ml_set_error((code), (seq), __VA_ARGS__))
/* MLEDGER_ESYSTEM; ": " and the meaning of `error_number` (an errno value) are appended. */
#define ml_fail_errno(error_number, ...)                                                           \
    ML_FAIL_(MLEDGER_ESYSTEM, ml_set_errno((error_number), __VA_ARGS__))
/* MLEDGER_EREFUSED by the rule named `rule`, a string constant. */
#define ml_refuse(rule, ...) ML_FAIL_(MLEDGER_EREFUSED, ml_set_refusal((rule), __VA_ARGS__))
/* MLEDGER_ESYSTEM: out of memory. */
#define ml_fail_memory() ml_fail(MLEDGER_ESYSTEM, "out of memory")

#define ML_FAIL_(code, set)                                                                        \
    __extension__({                                                                                \
        set;                                                                                       \
        (int)(code);                                                                               \
    })
void ml_set_error(int code, uint64_t seq, const char *format, ...) ML_PRINTF(3, 4);
void ml_set_errno(int error_number, const char *format, ...) ML_PRINTF(2, 3);
void ml_set_refusal(const char *rule, const char *format, ...) ML_PRINTF(2, 3);

/* What follows adds to this thread's error, and returns its code.
 * The command that would help. */
#define ml_hint(...) (ml_add_hint(__VA_ARGS__), ml_failed())
/* "PREFIX: " before the text. */
#define ml_prefix(...) (ml_add_prefix(__VA_ARGS__), ml_failed())
/* The rule or the kind of fault (a string constant), unless there is one already. */
#define ml_blame(rule) (ml_add_rule(rule), ml_failed())
/* The record concerned, unless one is named already. */
#define ml_about_seq(seq) (ml_add_seq(seq), ml_failed())

void ml_add_hint(const char *format, ...) ML_PRINTF(1, 2);
void ml_add_prefix(const char *format, ...) ML_PRINTF(1, 2);
void ml_add_rule(const char *rule);
void ml_add_seq(uint64_t seq);
/* The code of this thread's error. Whoever asks has failed: if no error was set, the failure is
 * still one (MLEDGER_ESYSTEM), and the compiler sees that the result is negative. */
static inline int ml_failed(void)
{
    int code = mledger_error_code();
    return code < 0 ? code : MLEDGER_ESYSTEM;
}

/* This thread's error as a value, so that it can be handed to another thread. */
struct ml_error {
    int code;
    uint64_t seq;
    const char *rule; /* string constant or NULL */
    char text[1024];
    char hint[512];
};
void ml_error_get(struct ml_error *ret_error);
/* Makes it this thread's error, also when it is none; returns as ml_failed(). */
#define ml_error_set(error) (ml_error_put(error), ml_failed())
void ml_error_put(const struct ml_error *error);
void ml_error_clear(void);

/* Borrowed bytes. */
struct ml_span {
    const uint8_t *data;
    size_t len;
};
#define ML_SPAN(pointer, length) ((struct ml_span){(const uint8_t *)(pointer), (length)})
bool ml_span_equal(struct ml_span a, struct ml_span b);

/* Growable bytes, owned. All zero is an empty buffer. */
struct ml_buf {
    uint8_t *data;
    size_t len;
    size_t cap;
};
void ml_buf_release(struct ml_buf *buf);
void ml_buf_clear(struct ml_buf *buf); /* len = 0, memory kept */
int ml_buf_reserve(struct ml_buf *buf, size_t extra) ML_MUST_USE;
int ml_buf_append(struct ml_buf *buf, const void *data, size_t len) ML_MUST_USE;
int ml_buf_append_text(struct ml_buf *buf, const char *text) ML_MUST_USE;
int ml_buf_append_char(struct ml_buf *buf, char c) ML_MUST_USE;
int ml_buf_printf(struct ml_buf *buf, const char *format, ...) ML_PRINTF(2, 3) ML_MUST_USE;
/* Ends the text with NUL (not counted in len) and hands the memory over; the buffer is empty. */
int ml_buf_take_text(struct ml_buf *buf, char **ret_text) ML_MUST_USE;
static inline struct ml_span ml_buf_span(const struct ml_buf *buf)
{
    return ML_SPAN(buf->data, buf->len);
}

/* For ML_CLEANUP on pointers from malloc(). */
static inline void ml_freep(void *pointer)
{
    free(*(void **)pointer);
}
/* For ML_CLEANUP on file descriptors; -1 is none. */
void ml_closep(int *fd);

/* size * count bytes, zeroed; NULL on overflow or when memory is out. */
void *ml_calloc(size_t count, size_t size);
/* Grows *array (of elements of `size` bytes) to hold at least `need` elements; *cap is updated. */
int ml_grow(void *array, size_t *cap, size_t need, size_t size) ML_MUST_USE;

#include "ledger/core/banned.h"
#endif
