/* SPDX-License-Identifier: Apache-2.0 */
/* This thread's error, told to a person or a program, and the exit code it means. */
#ifndef ML_CLI_REPORT_H
#define ML_CLI_REPORT_H

#include <stdio.h>

#include "cli/invocation.h"

enum ml_exit {
    ML_EXIT_GOOD = 0,
    ML_EXIT_NO = 1,      /* the answer is no: not found, damaged, findings */
    ML_EXIT_USAGE = 2,   /* the command line makes no sense */
    ML_EXIT_FAILED = 3,  /* it could not be done */
    ML_EXIT_REFUSED = 4, /* a rule or policy forbids it */
    /* A command that wraps another failed itself: the code that env(1) and timeout(1) have. */
    ML_EXIT_WRAPPER = 125,
};

/* 0 and negative results by mledger/error.h; positive ones are answers of no, or codes of another
 * program's. */
int ml_report_exit_code(int result);
/* The same of this command (NULL: none was named), which may wrap another. */
int ml_report_exit_code_of(const struct ml_command *command, int result);

/* Writes this thread's error to `stream`, escaped:
 *
 *     mledger: record 12: version 5 follows 3 (rule version-gap)
 *       try: mledger log --model churn
 *
 * or, if `json`, as one line:
 *
 *     {"error":{"code":"refused","exit":4,"text":"…","seq":12,"rule":"…","hint":"…"}}
 *
 * where code is not-found, invalid, refused, system, damaged or usage, and seq, rule and hint
 * are left out where there is none. `command` is the one that failed, or NULL. */
void ml_report_error(FILE *stream, const struct ml_program *program,
                     const struct ml_command *command, bool json);

#endif
