/* SPDX-License-Identifier: Apache-2.0 */
/* What --help and `help` print, made from the tables of command.h. */
#ifndef ML_CLI_HELP_H
#define ML_CLI_HELP_H

#include "cli/output.h"

/* All commands by topic and the global options. */
void ml_help_program(const struct ml_program *program, struct ml_output *out);
/* The commands of one group. */
void ml_help_group(const struct ml_program *program, const struct ml_command_group *group,
                   struct ml_output *out);
/* All that there is to say about one command. */
void ml_help_command(const struct ml_program *program, const struct ml_command *command,
                     struct ml_output *out);

#endif
