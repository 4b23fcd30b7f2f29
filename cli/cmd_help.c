/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"
#include "cli/help.h"

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    const struct ml_program *program = invocation->program;
    const char *first = ml_argument_at(invocation, "COMMAND", 0);
    const char *second = ml_argument_at(invocation, "COMMAND", 1);
    if (!first) {
        ml_help_program(program, out);
        return MLEDGER_OK;
    }
    /* The parser knows the names, and what to say of one that is none. */
    ML_CLEANUP(ml_invocation_release) struct ml_invocation asked;
    const char *line[] = {program->name, "--help", "--", first, second};
    ML_TRY(ml_invocation_parse(program, second ? 5 : 4, line, &asked));
    if (asked.word_count)
        return ml_fail(MLEDGER_EUSAGE, "there is no command '%s %s'", first, second);
    if (asked.command)
        ml_help_command(program, asked.command, out);
    else
        ml_help_group(program, asked.group, out);
    return MLEDGER_OK;
}

const struct ml_command ml_command_help = {
    .name = "help",
    .summary = "Explain a command",
    .description = (const char *const[]){"Without an argument: all commands and the options that "
                                         "every command takes.",
                                         NULL},
    .arguments = (const struct ml_argument[]){{.name = "COMMAND",
                                               .min = 0,
                                               .max = 2,
                                               .rule = {.kind = ML_VALUE_COMMAND},
                                               .help = "One command, of one or two words, or the "
                                                       "first word of several."},
                                              {.name = NULL}},
    .examples = (const struct ml_example[]){{"mledger help help", "Print this text."}, {0}},
    .topic = ML_TOPIC_OTHER,
    .run = run,
};
