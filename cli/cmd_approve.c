/* SPDX-License-Identifier: Apache-2.0 */
/* approve: an approver's own signature on a version for a stage. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/registry.h"

struct decision {
    Mledger__Decision decision;
    Mledger__Meaning meaning; /* of the statement */
    const char *verb;
};

static int choose(const struct ml_invocation *invocation, struct decision *ret_decision)
{
    const bool rejects = ml_option_given(invocation, "reject");
    const bool withdraws = ml_option_given(invocation, "withdraw");
    if (rejects && withdraws)
        return ml_fail(MLEDGER_EUSAGE, "--reject and --withdraw exclude each other");
    if (rejects)
        *ret_decision =
            (struct decision){MLEDGER__DECISION__REJECTED, MLEDGER__MEANING__REVIEWED, "rejected"};
    else if (withdraws)
        *ret_decision = (struct decision){MLEDGER__DECISION__WITHDRAWN, MLEDGER__MEANING__REVIEWED,
                                          "approval withdrawn"};
    else
        *ret_decision =
            (struct decision){MLEDGER__DECISION__GRANTED, MLEDGER__MEANING__APPROVED, "approved"};
    return MLEDGER_OK;
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_recording_release) struct ml_recording recording = {0};
    struct ml_named_version version;
    struct decision decision;
    Mledger__ApprovalRecorded *approval;
    const char *stage = ml_option_text(invocation, "stage", NULL);
    ML_TRY(ml_recording_open(invocation, out, &recording));
    ML_TRY(choose(invocation, &decision));
    ML_TRY(ml_named_version(&recording.session, ml_argument(invocation, "VERSION"), &version));
    ML_TRY(ml_recording_add(&recording, "approval_recorded", &approval));
    struct ml_draft *draft = ml_recording_draft(&recording);
    approval->model = version.model;
    approval->version = version.version;
    approval->decision = decision.decision;
    approval->stage = ml_draft_text(draft, stage);
    if (!approval->stage)
        return ml_fail_memory();
    const int result = ml_session_append_stated(&recording.session, draft, decision.meaning,
                                                MLEDGER__ROLE__APPROVER);
    if (result < 0)
        return ml_recording_failed(&recording, result);
    if (!invocation->json)
        ml_output_line(out, ML_ROLE_PLAIN, "%s/%" PRIu64 " %s for %s", version.model_name,
                       version.version, decision.verb, stage);
    return MLEDGER_OK;
}

const struct ml_command ml_command_approve = {
    .name = "approve",
    .summary = "Approve a version for a stage, by your own key",
    .description =
        (const char *const[]){
            "The approval is a statement signed by the approver's key; whoever numbers the record "
            "signs that separately. A policy may ask that the approver neither trained nor "
            "registered nor moves the version. The newest decision of each approver counts.",
            NULL},
    .arguments = (const struct ml_argument[]){ML_ARGUMENT_VERSION, {.name = NULL}},
    .options = (const struct ml_option[]){{.name = "stage",
                                           .value = "STAGE",
                                           .required = true,
                                           .help = "The stage that it is approved for."},
                                          {.name = "reject", .help = "Say no instead."},
                                          {.name = "withdraw", .help = "Take an approval back."},
                                          ML_OPTIONS_RECORDING,
                                          {.name = NULL}},
    .examples = (const struct ml_example[]){{"mledger approve churn/3 --stage Production --key bob",
                                             "Approve with bob's key."},
                                            {NULL, NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = run,
};
