/* SPDX-License-Identifier: Apache-2.0 */
/* run finish, delete, restore: what happens to a run that was started. */
#include "cli/commands.h"
#include "cli/named.h"
#include "cli/parts.h"
#include "cli/recording.h"

#define ARGUMENT_RUN                                                                               \
    {                                                                                              \
        .name = "RUN", .min = 1, .max = 1, .rule = {.kind = ML_VALUE_RUN},                         \
        .help = "The run: its id, or runs:/ID."                                                    \
    }

/* Opens the recording and finds the argument RUN. */
static int open_run(const struct ml_invocation *invocation, struct ml_output *out,
                    struct ml_recording *recording, struct ml_named_subject *run)
{
    ML_TRY(ml_recording_open(invocation, out, recording));
    ML_TRY(ml_named_run(&recording->session, ml_argument(invocation, "RUN"), run));
    return ml_recording_fact(recording, "run_id", json_string(run->name));
}

/* ---- run finish ---- */

static const Mledger__RunStatus end_statuses[] = {
    MLEDGER__RUN_STATUS__FINISHED, MLEDGER__RUN_STATUS__FAILED, MLEDGER__RUN_STATUS__KILLED};
static const char *const end_names[] = {"finished", "failed", "killed", NULL};

static int run_finish(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_recording_release) struct ml_recording recording = {0};
    struct ml_named_subject run;
    Mledger__RunEnded *ended;
    const char *exit_status = ml_option_text(invocation, "exit-status", NULL);
    int64_t number = 0;
    if (exit_status)
        ML_TRY(ml_values_integer("--exit-status", exit_status, INT32_MIN, INT32_MAX, &number));
    /* A program that failed did not finish, unless the caller says otherwise. */
    const size_t status = ml_option_choice(invocation, "status", number == 0 ? 0 : 1);
    ML_TRY(open_run(invocation, out, &recording, &run));
    ML_TRY(ml_recording_add(&recording, "run_ended", &ended));
    ended->run = run.seq;
    ended->status = end_statuses[status];
    ended->has_exit_status = exit_status != NULL;
    ended->exit_status = (int32_t)number;
    ML_TRY(ml_recording_commit(&recording));
    return ml_recording_print(&recording, "run %s %s", run.name, end_names[status]);
}

const struct ml_command ml_command_run_finish = {
    .name = "run finish",
    .summary = "Record that a run ended",
    .arguments = (const struct ml_argument[]){ARGUMENT_RUN, {.name = NULL}},
    .options =
        (const struct ml_option[]){
            {.name = "status",
             .value = "STATUS",
             .rule = {.kind = ML_VALUE_CHOICE, .choices = end_names},
             .help = "How it ended. Without it: finished, or failed if --exit-status is not 0."},
            {.name = "exit-status",
             .value = "N",
             .help = "The exit status of the program that ran."},
            ML_OPTIONS_RECORDING,
            {.name = NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = run_finish,
};

/* ---- run delete, run restore ---- */

static int run_delete(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_recording_release) struct ml_recording recording = {0};
    struct ml_named_subject run;
    Mledger__RunDeleted *deleted;
    ML_TRY(open_run(invocation, out, &recording, &run));
    ML_TRY(ml_recording_add(&recording, "run_deleted", &deleted));
    deleted->run = run.seq;
    ML_TRY(ml_recording_commit(&recording));
    return ml_recording_print(&recording, "run %s deleted", run.name);
}

const struct ml_command ml_command_run_delete = {
    .name = "run delete",
    .summary = "Record that a run was deleted",
    .description = (const char *const[]){"Its records stay: a ledger forgets nothing. It takes "
                                         "nothing more until it is restored.",
                                         NULL},
    .arguments = (const struct ml_argument[]){ARGUMENT_RUN, {.name = NULL}},
    .options = (const struct ml_option[]){ML_OPTIONS_RECORDING, {.name = NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = run_delete,
};

static int run_restore(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_recording_release) struct ml_recording recording = {0};
    struct ml_named_subject run;
    Mledger__RunRestored *restored;
    ML_TRY(open_run(invocation, out, &recording, &run));
    ML_TRY(ml_recording_add(&recording, "run_restored", &restored));
    restored->run = run.seq;
    ML_TRY(ml_recording_commit(&recording));
    return ml_recording_print(&recording, "run %s restored", run.name);
}

const struct ml_command ml_command_run_restore = {
    .name = "run restore",
    .summary = "Record that a deleted run was restored",
    .arguments = (const struct ml_argument[]){ARGUMENT_RUN, {.name = NULL}},
    .options = (const struct ml_option[]){ML_OPTIONS_RECORDING, {.name = NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = run_restore,
};
