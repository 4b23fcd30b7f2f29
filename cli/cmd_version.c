/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"
#include "cli/output.h"

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    const struct ml_program *program = invocation->program;
    if (!invocation->json) {
        ml_output_line(out, ML_ROLE_PLAIN, "%s %s", program->name, program->version);
        return MLEDGER_OK;
    }
    json_t *answer = json_pack("{s:s}", "version", program->version);
    if (!answer)
        return ml_fail_memory();
    ml_output_json(out, answer);
    json_decref(answer);
    return MLEDGER_OK;
}

const struct ml_command ml_command_version = {
    .name = "version",
    .summary = "Print the version",
    .topic = ML_TOPIC_OTHER,
    .run = run,
};
