/* SPDX-License-Identifier: Apache-2.0 */
/* Completion for bash, made from the tables of command.h. The script needs nothing but bash 4. */
#ifndef ML_CLI_COMPLETION_H
#define ML_CLI_COMPLETION_H

#include "cli/command.h"

/* Appends the script. Commands, options, values of choices, files and directories complete.
 * MLEDGER_ESYSTEM: out of memory. */
int ml_completion_bash(const struct ml_program *program, struct ml_buf *script) ML_MUST_USE;

#endif
