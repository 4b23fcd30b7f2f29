/* SPDX-License-Identifier: Apache-2.0 */
/* run exec: runs a command and records it. How is in exec.h. */
#include <errno.h>

#include "cli/commands.h"
#include "cli/environment.h"
#include "cli/exec.h"
#include "cli/report.h"
#include "cli/run_new.h"
#include "cli/run_values.h"
#include "ledger/core/time.h"

enum { CANNOT_RUN = 126, NOT_FOUND = 127 };

static int make_setting(const char *name, const char *value, char **ret_setting)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(ml_buf_printf(&text, "%s=%s", name, value));
    return ml_buf_take_text(&text, ret_setting);
}

static char *const *words(const struct ml_invocation *invocation)
{
    return (char *const *)(uintptr_t)invocation->words;
}

static int spawn(struct ml_exec *exec, char *const *environment)
{
    const char *program = ml_argument(exec->invocation, "CMD");
    exec->spawn_error = ml_child_start(&exec->child, words(exec->invocation), environment,
                                       exec->invocation->sigpipe_ignored);
    if (!exec->spawn_error)
        return ml_child_wait(&exec->child, &exec->end);
    exec->end.exit_status = exec->spawn_error == ENOENT ? NOT_FOUND : CANNOT_RUN;
    if (!exec->invocation->json)
        ml_output_line(&exec->out, ML_ROLE_BAD, "%s: cannot run '%s': %s",
                       exec->invocation->program->name, program, strerror(exec->spawn_error));
    return MLEDGER_OK;
}

/* So that what it starts can log to the run. */
static int carry_out(struct ml_exec *exec)
{
    ML_CLEANUP(ml_freep) char *run = NULL;
    ML_CLEANUP(ml_freep) char *ledger = NULL;
    ML_CLEANUP(ml_freep) char **environment = NULL;
    ML_TRY(make_setting("MLEDGER_RUN_ID", exec->run_id, &run));
    ML_TRY(make_setting("MLEDGER_DIR", exec->ledger_dir, &ledger));
    const char *const settings[] = {run, ledger, NULL};
    ML_TRY(ml_environment_with(settings, &environment));
    ML_TRY(spawn(exec, environment));
    exec->ended_us = ml_time_now_us();
    return MLEDGER_OK;
}

/* From the record of the start to that of the end signals are the command's. */
static int watch(struct ml_exec *exec)
{
    ML_TRY(ml_exec_record_start(exec));
    ML_TRY(carry_out(exec));
    return ml_exec_record_end(exec);
}

static int answer(const struct ml_exec *exec)
{
    if (exec->end.signal)
        return ML_ANSWER_SIGNAL(exec->end.signal);
    const bool fails =
        exec->incomplete && ml_exec_succeeded(exec) && ml_option_given(exec->invocation, "strict");
    return ML_ANSWER_EXIT(fails ? ML_EXIT_WRAPPER : exec->end.exit_status);
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    (void)out; /* the command's */
    ML_CLEANUP(ml_exec_release) struct ml_exec exec;
    ML_TRY(ml_exec_open(invocation, &exec));
    ML_TRY(ml_exec_prepare(&exec));
    ml_child_begin(&exec.child);
    const int result = watch(&exec);
    ml_child_end(&exec.child);
    ML_TRY(result);
    ML_TRY(ml_exec_record_results(&exec));
    if (ml_exec_tell_all(&exec) < 0)
        ML_TRY(ml_exec_tell_lost(&exec, "the receipt"));
    return answer(&exec);
}

const struct ml_command ml_command_run_exec = {
    .name = "run exec",
    .summary = "Run a command and record it as a run",
    .description =
        (const char *const[]){
            "The start is recorded before the command runs, with the Git commit and what is not "
            "committed, the environment, parameters and the content of dependencies; its end, "
            "outputs and metrics after it. If the start cannot be recorded the command does not "
            "run. The command line is recorded as it stands: put no secret in it.",
            "The command has this terminal, standard input and output as if it was started alone; "
            "what mledger says goes to standard error. Signals sent to mledger are sent on to it, "
            "and a command that was killed is recorded as killed. It finds the run's id in "
            "MLEDGER_RUN_ID and the ledger in MLEDGER_DIR, for 'mledger run log'.",
            "The exit status is the command's own, and where a signal ended it mledger ends by "
            "the same. What could not be recorded afterwards is said, and kept in a file for "
            "'mledger append'; with --strict it also makes a success an exit status of 125.",
            "An output or metrics file that the command did not write (it was there before, and is "
            "untouched) is not taken for its result. A dependency that changed meanwhile is "
            "reported, and recorded as it is then too.",
            NULL},
    .arguments = (const struct ml_argument[]){{.name = "CMD",
                                               .min = 1,
                                               .max = ML_ANY_NUMBER,
                                               .help = "The command and its arguments; what "
                                                       "follows its name is never taken for an "
                                                       "option of mledger."},
                                              {.name = NULL}},
    .options =
        (const struct ml_option[]){
            ML_OPTIONS_RUN_NEW,
            {.name = "dep",
             .letter = 'd',
             .value = "PATH",
             .rule = {.kind = ML_VALUE_FILE},
             .repeated = true,
             .help = "A file or directory that the command reads."},
            {.name = "out",
             .letter = 'o',
             .value = "PATH",
             .rule = {.kind = ML_VALUE_FILE},
             .repeated = true,
             .help = "A file or directory that the command writes."},
            {.name = "params",
             .value = "FILE",
             .rule = {.kind = ML_VALUE_FILE},
             .repeated = true,
             .help = "A YAML, JSON or TOML file of parameters, read before the command runs."},
            {.name = "metrics",
             .value = "FILE",
             .rule = {.kind = ML_VALUE_FILE},
             .repeated = true,
             .help = "A JSON, YAML or TOML file of numbers that the command writes."},
            {.name = "model",
             .value = "NAME",
             .help = "If the command succeeds, register a version of this model with the outputs "
                     "as its files; the model is created if it is new."},
            ML_OPTION_PARAM,
            ML_OPTION_TAG,
            {.name = "no-environment",
             .help = "Do not record the machine, its system, the Python and its packages."},
            {.name = "strict",
             .help = "Exit with 125 where the command succeeded but not all was recorded."},
            {.name = "receipt",
             .value = "FILE",
             .rule = {.kind = ML_VALUE_FILE},
             .help = "Write what was recorded to FILE as JSON; --json writes it to standard "
                     "error."},
            ML_OPTION_REASON,
            ML_OPTIONS_SIGNING,
            {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger run exec --dep data --params params.yaml --out model.pkl --metrics m.json "
             "--model churn -- python train.py",
             "Train, record, and register the result."},
            {NULL, NULL}},
    .exit_codes =
        (const struct ml_exit_code[]){
            {125, "Mledger itself failed, and the command did not run; or --strict."},
            {126, "The command was found and cannot be run. The run is recorded as failed."},
            {127, "The command was not found. The run is recorded as failed."},
            {0, NULL}},
    .topic = ML_TOPIC_RECORD,
    .wraps = true,
    .run = run,
};
