/* SPDX-License-Identifier: Apache-2.0 */
/* validation add: how a version did when it was examined. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/content.h"
#include "cli/registry.h"

static int add_check(struct ml_draft *draft, const struct ml_check *check,
                     Mledger__ValidationRecorded *validation)
{
    Mledger__Check *message = ml_draft_message(draft, &mledger__check__descriptor);
    if (!message)
        return ml_fail_memory();
    message->name = ml_parts_text(draft, check->name);
    message->outcome = check->passed ? MLEDGER__OUTCOME__PASSED : MLEDGER__OUTCOME__NOT_PASSED;
    if (!message->name)
        return ml_fail_memory();
    ML_TRY(ml_parts_append(draft, &validation->checks, &validation->n_checks, message));
    return ml_parts_append(draft, &draft->details->check_values, &draft->details->n_check_values,
                           ml_parts_text(draft, check->value));
}

/* A validation that passes in spite of a check is possible, but has to say why. */
static int add_checks(const struct ml_invocation *invocation, struct ml_draft *draft,
                      Mledger__ValidationRecorded *validation)
{
    for (size_t i = 0; i < ml_option_count(invocation, "check"); i++) {
        struct ml_check check;
        ML_TRY(ml_values_check("--check", ml_option_at(invocation, "check", i), &check));
        if (!check.passed && ml_option_given(invocation, "passed") &&
            !ml_option_given(invocation, "reason"))
            return ml_fail(MLEDGER_EUSAGE,
                           "--passed although the check '%.*s' failed needs a --reason",
                           (int)check.name.len, (const char *)check.name.data);
        ML_TRY(add_check(draft, &check, validation));
    }
    return MLEDGER_OK;
}

/* "dataset:NAME" alone goes by the dataset's name. */
static int read_input(struct ml_recording *recording, const char *text,
                      struct ml_content *ret_content)
{
    struct ml_draft *draft = ml_recording_draft(recording);
    struct ml_pair pair;
    if (!strchr(text, '='))
        return ml_content_read(&recording->session, draft, "--dataset", text, ret_content);
    ML_TRY(ml_values_pair("--dataset", text, &pair));
    ML_TRY(ml_content_read(&recording->session, draft, "--dataset", pair.value, ret_content));
    ret_content->name = ml_parts_text(draft, pair.key);
    return ret_content->name ? MLEDGER_OK : ml_fail_memory();
}

static int add_input(struct ml_recording *recording, const char *text,
                     Mledger__ValidationRecorded *validation)
{
    struct ml_draft *draft = ml_recording_draft(recording);
    struct ml_content content;
    Mledger__ValidationRecorded__Input *input =
        ml_draft_message(draft, &mledger__validation_recorded__input__descriptor);
    if (!input)
        return ml_fail_memory();
    ML_TRY(read_input(recording, text, &content));
    if (content.has_version)
        return ml_fail(MLEDGER_EUSAGE, "--dataset must be data, not a version, as '%s' is", text);
    if (!content.name)
        return ml_fail(MLEDGER_EUSAGE,
                       "--dataset must say a name for content known by its digest: "
                       "NAME=%s",
                       text);
    input->name = ml_draft_text(draft, content.name);
    if (!input->name)
        return ml_fail_memory();
    input->has_dataset_ref = content.has_dataset;
    input->dataset_ref = content.dataset;
    input->digests = content.digests;
    input->n_digests = content.n_digests;
    return ml_parts_append(draft, &validation->inputs, &validation->n_inputs, input);
}

static int fill(struct ml_recording *recording, Mledger__ValidationRecorded *validation)
{
    const struct ml_invocation *invocation = recording->session.invocation;
    struct ml_draft *draft = ml_recording_draft(recording);
    const char *name = ml_option_text(invocation, "name", NULL);
    const char *report = ml_option_text(invocation, "report", NULL);
    validation->outcome = ml_option_given(invocation, "passed") ? MLEDGER__OUTCOME__PASSED
                                                                : MLEDGER__OUTCOME__NOT_PASSED;
    validation->name = ml_draft_text(draft, name);
    if (name && !validation->name)
        return ml_fail_memory();
    ML_TRY(add_checks(invocation, draft, validation));
    for (size_t i = 0; i < ml_option_count(invocation, "dataset"); i++)
        ML_TRY(add_input(recording, ml_option_at(invocation, "dataset", i), validation));
    return report ? ml_parts_artifact(draft, invocation, report, &validation->report) : MLEDGER_OK;
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_recording_release) struct ml_recording recording = {0};
    struct ml_named_version version;
    Mledger__ValidationRecorded *validation;
    const bool passed = ml_option_given(invocation, "passed");
    ML_TRY(ml_recording_open(invocation, out, &recording));
    if (passed == ml_option_given(invocation, "failed"))
        return ml_fail(MLEDGER_EUSAGE, "say whether it passed: one of --passed and --failed");
    ML_TRY(ml_named_version(&recording.session, ml_argument(invocation, "VERSION"), &version));
    ML_TRY(ml_recording_add(&recording, "validation_recorded", &validation));
    validation->model = version.model;
    validation->version = version.version;
    ML_TRY(fill(&recording, validation));
    ML_TRY(ml_registry_facts(&recording, version.model_name, version.version));
    ML_TRY(ml_recording_commit(&recording));
    return ml_recording_print(&recording, "%s/%" PRIu64 " %s%s%s", version.model_name,
                              version.version, passed ? "passed" : "did not pass",
                              validation->name ? " validation " : " a validation",
                              validation->name ? validation->name : "");
}

const struct ml_command ml_command_validation_add = {
    .name = "validation add",
    .summary = "Record that a version was validated",
    .description =
        (const char *const[]){
            "Policies ask for the newest validation of a version. Checks say what was measured; "
            "their values stand in the record's details.",
            "CONTENT of a dataset is a path (hashed here), a digest (sha256:HEX, md5:HEX, ...: "
            "claimed) or dataset:NAME (the newest version that the ledger holds).",
            NULL},
    .arguments = (const struct ml_argument[]){ML_ARGUMENT_VERSION, {.name = NULL}},
    .options =
        (const struct ml_option[]){{.name = "passed", .help = "It passed."},
                                   {.name = "failed", .help = "It did not pass."},
                                   {.name = "name",
                                    .value = "NAME",
                                    .help = "Which validation: holdout, bias, load test, ..."},
                                   {.name = "check",
                                    .value = "NAME=VALUE:passed|failed",
                                    .repeated = true,
                                    .help = "One thing that was measured, and its verdict."},
                                   {.name = "report",
                                    .value = "FILE",
                                    .rule = {.kind = ML_VALUE_FILE},
                                    .help = "A report; it is hashed here."},
                                   {.name = "dataset",
                                    .value = "[NAME=]CONTENT",
                                    .repeated = true,
                                    .help = "What it was measured on."},
                                   ML_OPTIONS_RECORDING,
                                   {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger validation add churn/3 --passed --check auc=0.93:passed --dataset "
             "dataset:holdout",
             "Record a passed validation."},
            {NULL, NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = run,
};
