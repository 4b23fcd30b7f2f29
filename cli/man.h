/* SPDX-License-Identifier: Apache-2.0 */
/* Manual pages in mdoc(7), made from the tables of command.h. */
#ifndef ML_CLI_MAN_H
#define ML_CLI_MAN_H

#include "cli/command.h"

/* Append one page each. MLEDGER_ESYSTEM: out of memory. */
int ml_man_program(const struct ml_program *program, struct ml_buf *page) ML_MUST_USE;
int ml_man_command(const struct ml_program *program, const struct ml_command *command,
                   struct ml_buf *page) ML_MUST_USE;

/* Writes PROGRAM.1 and one PROGRAM-COMMAND.1 for each command that is not hidden (spaces become
 * dashes) into `directory`, which is made if it is not there (its parent must be).
 * MLEDGER_ESYSTEM: a file cannot be written. */
int ml_man_write(const struct ml_program *program, const char *directory) ML_MUST_USE;

#endif
