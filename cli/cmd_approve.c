/* SPDX-License-Identifier: Apache-2.0 */
/* approve: an approver's own signature on a version for a stage. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/registry.h"
#include "cli/remote_named.h"

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

/* The draft's event; `stage` is the command line's. */
static int fill(struct ml_draft *draft, Mledger__ApprovalRecorded *approval,
                const struct ml_named_version *version, Mledger__Decision decision,
                const char *stage)
{
    approval->model = version->model;
    approval->version = version->version;
    approval->decision = decision;
    approval->stage = ml_draft_text(draft, stage);
    return approval->stage ? MLEDGER_OK : ml_fail_memory();
}

static void print_decision(const struct ml_session *session, const struct ml_named_version *version,
                           const struct decision *decision, const char *stage)
{
    if (!session->invocation->json)
        ml_output_line(session->out, ML_ROLE_PLAIN, "%s/%" PRIu64 " %s for %s", version->model_name,
                       version->version, decision->verb, stage);
}

/* The statement is made here, with a key that stays here; the server appends it. */
static int run_remote(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_remote_release) struct ml_remote remote = {0};
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    const char *stage = ml_option_text(invocation, "stage", NULL);
    const char *key = ml_option_text(invocation, "key", NULL);
    struct ml_named_version version;
    struct decision decision;
    Mledger__ApprovalRecorded *approval;
    const struct ml_signer *signer;
    ML_TRY(choose(invocation, &decision));
    if (!key)
        return ml_fail(MLEDGER_EUSAGE, "which of your keys approves: --key NAME");
    ML_TRY(ml_remote_open_covered(invocation, out, &remote));
    ML_TRY(ml_remote_version(&remote, ml_argument(invocation, "VERSION"), &version));
    ML_TRY(ml_session_signer_named(&remote.session, key, &signer));
    ML_TRY(ml_recording_draft_alone(&remote.session, "approval_recorded", &draft, &approval));
    ML_TRY(fill(draft, approval, &version, decision.decision, stage));
    const struct ml_head head = ml_remote_head(&remote);
    ML_TRY(ml_draft_seal_whole(draft));
    ML_TRY(ml_draft_state(draft, &head, signer, decision.meaning, NULL));
    ML_TRY(ml_remote_append(&remote, draft));
    print_decision(&remote.session, &version, &decision, stage);
    return MLEDGER_OK;
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_recording_release) struct ml_recording recording = {0};
    struct ml_named_version version;
    struct decision decision;
    Mledger__ApprovalRecorded *approval;
    const char *stage = ml_option_text(invocation, "stage", NULL);
    if (ml_remote_is(invocation))
        return run_remote(invocation, out);
    ML_TRY(ml_recording_open(invocation, out, &recording));
    ML_TRY(choose(invocation, &decision));
    ML_TRY(ml_named_version(&recording.session, ml_argument(invocation, "VERSION"), &version));
    ML_TRY(ml_recording_add(&recording, "approval_recorded", &approval));
    struct ml_draft *draft = ml_recording_draft(&recording);
    ML_TRY(fill(draft, approval, &version, decision.decision, stage));
    const int result = ml_session_append_stated(&recording.session, draft, decision.meaning,
                                                MLEDGER__ROLE__APPROVER);
    if (result < 0)
        return ml_recording_failed(&recording, result);
    print_decision(&recording.session, &version, &decision, stage);
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
            "With --ledger URL the statement is made here, with a key that stays here, and sent to "
            "the server (mledger serve). What is approved must be proven by the server's records: "
            "VERSION is a name and a number, and --key says which key. The proof that it was "
            "recorded is kept with the known heads.",
            NULL},
    .arguments = (const struct ml_argument[]){ML_ARGUMENT_VERSION, {.name = NULL}},
    .options = (const struct ml_option[]){{.name = "stage",
                                           .value = "STAGE",
                                           .required = true,
                                           .help = "The stage that it is approved for."},
                                          {.name = "reject", .help = "Say no instead."},
                                          {.name = "withdraw", .help = "Take an approval back."},
                                          ML_OPTIONS_RECORDING,
                                          ML_OPTIONS_REMOTE,
                                          {.name = NULL}},
    .examples = (const struct ml_example[]){{"mledger approve churn/3 --stage Production --key bob",
                                             "Approve with bob's key."},
                                            {"mledger --ledger https://ledger.example approve "
                                             "churn/3 --stage Production --key bob",
                                             "The same in the ledger of a server."},
                                            {NULL, NULL}},
    .topic = ML_TOPIC_RECORD,
    .remote = true,
    .run = run,
};
