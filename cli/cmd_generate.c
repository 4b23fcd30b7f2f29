/* SPDX-License-Identifier: Apache-2.0 */
/* For the build: the files that are made from the command tables. */
#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/man.h"
#include "cli/output.h"

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    const struct ml_program *program = invocation->program;
    const char *directory = ml_argument(invocation, "DIR");
    bool man = strcmp(ml_argument(invocation, "WHAT"), "man") == 0;
    ML_TRY(ml_program_check(program));
    if (man != (directory != NULL))
        return ml_fail(MLEDGER_EUSAGE,
                       man ? "man pages need a directory" : "completion goes to standard output");
    if (man)
        return ml_man_write(program, directory);
    ML_CLEANUP(ml_buf_release) struct ml_buf script = {0};
    ML_TRY(ml_completion_bash(program, &script));
    ml_output_raw(out, script.data, script.len);
    return MLEDGER_OK;
}

const struct ml_command ml_command_generate = {
    .name = "--generate",
    .summary = "Write what is made from the command tables",
    .arguments =
        (const struct ml_argument[]){
            {.name = "WHAT",
             .min = 1,
             .max = 1,
             .rule = {.kind = ML_VALUE_CHOICE, .choices = ML_CHOICES("man", "completion")}},
            {.name = "DIR", .min = 0, .max = 1, .rule = {.kind = ML_VALUE_DIR}},
            {.name = NULL}},
    .topic = ML_TOPIC_OTHER,
    .hidden = true,
    .run = run,
};
