/* SPDX-License-Identifier: Apache-2.0 */
/* deploy: which versions an endpoint serves from here on. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/parts.h"
#include "cli/registry.h"

enum { WHOLE_PPM = 1000000 };

static int add_target(struct ml_recording *recording, const struct ml_share *share,
                      Mledger__DeploymentRecorded *deployment)
{
    struct ml_draft *draft = ml_recording_draft(recording);
    struct ml_named_version version;
    Mledger__DeploymentTarget *target =
        ml_draft_message(draft, &mledger__deployment_target__descriptor);
    const char *text = ml_parts_text(draft, share->ref);
    if (!target || !text)
        return ml_fail_memory();
    ML_TRY(ml_named_version(&recording->session, text, &version));
    for (size_t i = 0; i < deployment->n_targets; i++)
        if (deployment->targets[i]->model == version.model &&
            deployment->targets[i]->version == version.version)
            return ml_fail(MLEDGER_EUSAGE, "%s/%" PRIu64 " is given twice", version.model_name,
                           version.version);
    target->model = version.model;
    target->version = version.version;
    target->share_ppm = share->ppm;
    return ml_parts_append(draft, &deployment->targets, &deployment->n_targets, target);
}

/* The shares must be the whole; one target may leave its share out and gets the rest. */
static int settle_shares(Mledger__DeploymentRecorded *deployment)
{
    Mledger__DeploymentTarget *open = NULL;
    uint64_t sum = 0;
    for (size_t i = 0; i < deployment->n_targets; i++) {
        sum += deployment->targets[i]->share_ppm;
        if (deployment->targets[i]->share_ppm > 0)
            continue;
        if (open)
            return ml_fail(MLEDGER_EUSAGE, "give all versions but one a share: VERSION=SHARE%%");
        open = deployment->targets[i];
    }
    if (open && sum < WHOLE_PPM)
        open->share_ppm = (uint32_t)(WHOLE_PPM - sum);
    else if (open || sum != WHOLE_PPM)
        return ml_fail(MLEDGER_EUSAGE, "the shares add up to %g%%, %s", (double)sum / 10000,
                       open ? "which leaves nothing for the one without" : "not to 100%");
    return MLEDGER_OK;
}

static int add_targets(struct ml_recording *recording, Mledger__DeploymentRecorded *deployment)
{
    const struct ml_invocation *invocation = recording->session.invocation;
    const size_t count = ml_argument_count(invocation, "VERSION");
    for (size_t i = 0; i < count; i++) {
        struct ml_share share;
        ML_TRY(ml_values_share("VERSION", ml_argument_at(invocation, "VERSION", i), &share));
        ML_TRY(add_target(recording, &share, deployment));
    }
    return count ? settle_shares(deployment) : MLEDGER_OK;
}

/* Whether the endpoint serves something that could be taken down. */
static int check_up(struct ml_recording *recording, const char *endpoint)
{
    struct ml_view view;
    struct ml_state_key key;
    uint64_t seq;
    ML_TRY(ml_key_endpoint(endpoint, &key));
    ML_TRY(ml_view_begin(recording->session.ledger, &view));
    const int result = ml_state_pointer(view.state, &key, &seq);
    ml_view_end(&view);
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail(MLEDGER_ENOTFOUND, "nothing was ever deployed to '%s'", endpoint);
    return result;
}

/* "api serves churn/3 90%, churn/4 10%" */
static int print(struct ml_recording *recording, const Mledger__DeploymentRecorded *deployment)
{
    const struct ml_invocation *invocation = recording->session.invocation;
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    for (size_t i = 0; i < deployment->n_targets; i++) {
        struct ml_share share;
        ML_TRY(ml_values_share("VERSION", ml_argument_at(invocation, "VERSION", i), &share));
        ML_TRY(ml_buf_printf(&text, "%s%.*s %g%%", i ? ", " : "", (int)share.ref.len,
                             (const char *)share.ref.data,
                             (double)deployment->targets[i]->share_ppm / 10000));
    }
    ML_TRY(ml_buf_append_char(&text, '\0'));
    return ml_recording_print(recording, "%s %s%s", deployment->endpoint,
                              deployment->n_targets ? "serves " : "serves nothing any more",
                              (char *)text.data);
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_recording_release) struct ml_recording recording = {0};
    Mledger__DeploymentRecorded *deployment;
    const bool down = ml_option_given(invocation, "down");
    const char *endpoint = ml_argument(invocation, "ENDPOINT");
    const char *environment = ml_option_text(invocation, "environment", NULL);
    ML_TRY(ml_recording_open(invocation, out, &recording));
    if (down == (ml_argument_count(invocation, "VERSION") > 0))
        return ml_fail(MLEDGER_EUSAGE, "say what '%s' serves: versions, or --down", endpoint);
    if (down)
        ML_TRY(check_up(&recording, endpoint));
    ML_TRY(ml_recording_add(&recording, "deployment_recorded", &deployment));
    struct ml_draft *draft = ml_recording_draft(&recording);
    deployment->endpoint = ml_draft_text(draft, endpoint);
    deployment->environment = ml_draft_text(draft, environment);
    if (!deployment->endpoint || (environment && !deployment->environment))
        return ml_fail_memory();
    ML_TRY(add_targets(&recording, deployment));
    ML_TRY(ml_recording_fact(&recording, "endpoint", json_string(endpoint)));
    ML_TRY(ml_recording_commit(&recording));
    return print(&recording, deployment);
}

const struct ml_command ml_command_deploy = {
    .name = "deploy",
    .summary = "Record which versions an endpoint serves",
    .description =
        (const char *const[]){
            "The record holds all that the endpoint serves from here on, so that what it served "
            "at any moment is its newest record then. Shares of the traffic add up to 100%; one "
            "version may leave its share out and gets the rest.",
            NULL},
    .arguments =
        (const struct ml_argument[]){
            {.name = "ENDPOINT", .min = 1, .max = 1, .help = "The name of what serves it."},
            {.name = "VERSION",
             .min = 0,
             .max = ML_ANY_NUMBER,
             .rule = {.kind = ML_VALUE_MODEL},
             .help = "A version, with =SHARE% where there are several: churn/3=90%."},
            {.name = NULL}},
    .options = (const struct ml_option[]){{.name = "down",
                                           .help = "The endpoint serves nothing any more."},
                                          {.name = "environment",
                                           .value = "NAME",
                                           .help = "Where that is: production, eu-west, ..."},
                                          ML_OPTIONS_RECORDING,
                                          {.name = NULL}},
    .examples = (const struct ml_example[]){{"mledger deploy churn-api churn/3=90% churn/4=10%",
                                             "Split the traffic."},
                                            {"mledger deploy churn-api --down", "Take it down."},
                                            {NULL, NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = run,
};
