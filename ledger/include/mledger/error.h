/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Results and errors.
 *
 * Every function of mledger that can fail returns `int`: MLEDGER_OK (0, or a documented
 * non-negative answer) when it worked and one of the negative codes below when it did not. A
 * code says what state the failure leaves; the sentence that explains it to a person was set
 * where the fault was found and is read with mledger_error_text().
 *
 * Outputs are named `ret_…`: on failure they are not touched, on success they are always set.
 *
 * Threads: the last error belongs to the calling thread. The library never prints, never exits
 * and never reads the environment.
 */
#ifndef MLEDGER_ERROR_H
#define MLEDGER_ERROR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MLEDGER_API __attribute__((visibility("default")))
#define MLEDGER_MUST_USE __attribute__((warn_unused_result))

enum mledger_result {
    MLEDGER_OK = 0,
    /* What was asked for is not there. Expected; nothing is wrong. */
    MLEDGER_ENOTFOUND = -1,
    /* Bytes or text from outside are malformed; the text names file, line or record. */
    MLEDGER_EINVALID = -2,
    /* A rule or a policy forbids it; mledger_error_rule() names which. Nothing was written. */
    MLEDGER_EREFUSED = -3,
    /* I/O, lock, key, memory or peer: it could not be done now. Nothing half-visible remains. */
    MLEDGER_ESYSTEM = -4,
    /* What the ledger's files hold is not what was written: damage or tampering. */
    MLEDGER_EDAMAGED = -5,
    /* The caller asked for something that makes no sense (an option, a reference). */
    MLEDGER_EUSAGE = -6,
};

/* No record: the error does not concern one. */
#define MLEDGER_NO_SEQ UINT64_MAX

/* The sentence of this thread's last error; "" when there was none. Valid until the thread's
 * next call into mledger. */
MLEDGER_API const char *mledger_error_text(void);

/* The code of this thread's last error, MLEDGER_OK when there was none. */
MLEDGER_API int mledger_error_code(void);

/* The record that the last error concerns, or MLEDGER_NO_SEQ. */
MLEDGER_API uint64_t mledger_error_seq(void);

/* Name of the rule that refused ("version-gap", …), "" unless the code is MLEDGER_EREFUSED. */
MLEDGER_API const char *mledger_error_rule(void);

/* A command that would help, "" if there is none to give. */
MLEDGER_API const char *mledger_error_hint(void);

/* Frees what the library returned as `char **` or `uint8_t **`. Accepts NULL. */
MLEDGER_API void mledger_free(void *memory);

#ifdef __cplusplus
}
#endif
#endif
