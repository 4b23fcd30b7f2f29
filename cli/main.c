/* SPDX-License-Identifier: Apache-2.0 */
/* The mledger command: finds the command that was named, runs it, and reports how it ended. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "cli/child.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/report.h"

/* Someone may start us with one of the standard streams closed. The next file opened, perhaps
 * the ledger, would take its number and be written into by the next message. */
static bool secure_streams(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            /* Of the other direction, so that using it is an error that is noticed. */
            if (open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
                return false;
    return true;
}

static int answer_help(const struct ml_invocation *invocation, struct ml_output *out)
{
    if (invocation->command)
        ml_help_command(invocation->program, invocation->command, out);
    else if (invocation->group)
        ml_help_group(invocation->program, invocation->group, out);
    else
        ml_help_program(invocation->program, out);
    return MLEDGER_OK;
}

static int answer_version(const struct ml_invocation *invocation, struct ml_output *out)
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

static int answer(const struct ml_invocation *invocation, struct ml_output *out)
{
    if (invocation->help)
        return answer_help(invocation, out);
    if (invocation->version)
        return answer_version(invocation, out);
    return invocation->command->run(invocation, out);
}

/* Whoever closed the pipe we write to wants no more, and no complaint either. */
static bool is_reader_gone(const struct ml_output *out)
{
    return out->error_number == EPIPE;
}

static int run(const struct ml_invocation *invocation)
{
    struct ml_output out;
    ml_output_init(&out, stdout, invocation->color);
    int result = answer(invocation, &out);
    struct ml_error error;
    ml_error_get(&error);
    int written = ml_output_finish(&out);
    if (result >= 0 && written < 0)
        result = written;
    else if (result < 0)
        ml_error_set(&error);
    if (result < 0 && !is_reader_gone(&out))
        ml_report_error(stderr, invocation->program, invocation->command, invocation->json);
    return result;
}

int main(int argc, char **argv)
{
    if (!secure_streams())
        return ML_EXIT_FAILED;
    /* A reader that goes away must not kill us in the middle of writing to the ledger; it shows
     * as EPIPE when the answer is written. */
    const bool sigpipe_ignored = signal(SIGPIPE, SIG_IGN) == SIG_IGN;
    ML_CLEANUP(ml_invocation_release) struct ml_invocation invocation;
    int result =
        ml_invocation_parse(&ml_program_mledger, argc, (const char *const *)argv, &invocation);
    invocation.sigpipe_ignored = sigpipe_ignored;
    if (result < 0)
        ml_report_error(stderr, &ml_program_mledger, invocation.command, invocation.json);
    else
        result = run(&invocation);
    if (result >= ML_ANSWER_SIGNAL(0))
        ml_child_die_as(result - ML_ANSWER_SIGNAL(0));
    return ml_report_exit_code_of(invocation.command, result);
}
