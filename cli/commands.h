/* SPDX-License-Identifier: Apache-2.0 */
/* The table of all commands of mledger. */
#ifndef ML_CLI_COMMANDS_H
#define ML_CLI_COMMANDS_H

#include "cli/command.h"

#define COMMAND(name) extern const struct ml_command ml_command_##name;
#include "cli/commands.def"
#undef COMMAND

extern const struct ml_program ml_program_mledger;

#endif
