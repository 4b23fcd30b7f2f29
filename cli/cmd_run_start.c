/* SPDX-License-Identifier: Apache-2.0 */
/* run start: a run, its experiment where that is new, and the parameters known already. */
#include "cli/commands.h"
#include "cli/run_new.h"
#include "cli/run_values.h"

static int add_values(struct ml_recording *recording, const char *run_id)
{
    static const char *const values[] = {"param", "tag", NULL};
    Mledger__RunLogged *logged;
    if (!ml_run_values_given(recording->session.invocation, values))
        return MLEDGER_OK;
    ML_TRY(ml_recording_add(recording, "run_logged", &logged));
    ML_TRY(ml_draft_name(ml_recording_draft(recording), &logged->run, MLEDGER__SUBJECT_KIND__RUN,
                         "run_logged.run", run_id));
    ML_TRY(ml_run_values_params(recording, logged));
    return ml_run_values_tags(recording, logged);
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_recording_release) struct ml_recording recording = {0};
    Mledger__RunStarted *started;
    ML_TRY(ml_recording_open(invocation, out, &recording));
    ML_TRY(ml_run_new_add(&recording, &started));
    ML_TRY(add_values(&recording, started->run_id));
    ML_TRY(ml_recording_commit(&recording));
    if (invocation->json)
        return ml_recording_print(&recording, NULL);
    ml_output_line(out, ML_ROLE_PLAIN, "%s", started->run_id);
    return MLEDGER_OK;
}

const struct ml_command ml_command_run_start = {
    .name = "run start",
    .summary = "Record that a run started, and print its id",
    .description =
        (const char *const[]){
            "Parameters and tags given here are logged in the same step, all or nothing. The Git "
            "commit checked out in the current directory is recorded unless --commit says "
            "otherwise.",
            NULL},
    .options = (const struct ml_option[]){ML_OPTIONS_RUN_NEW,
                                          ML_OPTION_PARAM,
                                          ML_OPTION_TAG,
                                          ML_OPTIONS_RECORDING,
                                          {.name = NULL}},
    .examples = (const struct ml_example[]){{"mledger run start --experiment churn --param lr=0.1",
                                             "Print the id of a new run."},
                                            {NULL, NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = run,
};
