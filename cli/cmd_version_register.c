/* SPDX-License-Identifier: Apache-2.0 */
/* version register: the next version of a model, and where it comes from. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/parts.h"
#include "cli/registry.h"

static int set_text(struct ml_draft *draft, char **place, const char *text)
{
    *place = ml_draft_text(draft, text);
    return text && !*place ? ml_fail_memory() : MLEDGER_OK;
}

static int add_artifacts(const struct ml_invocation *invocation, struct ml_draft *draft,
                         Mledger__VersionRegistered *registered)
{
    for (size_t i = 0; i < ml_option_count(invocation, "artifact"); i++) {
        Mledger__Artifact *artifact;
        ML_TRY(ml_parts_artifact(draft, invocation, ml_option_at(invocation, "artifact", i),
                                 &artifact));
        ML_TRY(ml_parts_append(draft, &registered->artifacts, &registered->n_artifacts, artifact));
    }
    return MLEDGER_OK;
}

static int add_base(struct ml_recording *recording, const char *text,
                    Mledger__VersionRegistered *registered)
{
    struct ml_draft *draft = ml_recording_draft(recording);
    struct ml_named_version version;
    Mledger__BaseModel *base = ml_draft_message(draft, &mledger__base_model__descriptor);
    if (!base)
        return ml_fail_memory();
    if (strstr(text, "://")) {
        ML_TRY(set_text(draft, &base->uri, text));
    } else {
        ML_TRY(ml_named_version(&recording->session, text, &version));
        base->has_model_ref = base->has_version = true;
        base->model_ref = version.model;
        base->version = version.version;
    }
    return ml_parts_append(draft, &registered->base_models, &registered->n_base_models, base);
}

static int fill(struct ml_recording *recording, Mledger__VersionRegistered *registered)
{
    const struct ml_invocation *invocation = recording->session.invocation;
    struct ml_draft *draft = ml_recording_draft(recording);
    const char *run = ml_option_text(invocation, "run", NULL);
    ML_TRY(set_text(draft, &registered->source, ml_option_text(invocation, "source", NULL)));
    ML_TRY(set_text(draft, &registered->run_id, run ? ml_named_run_id(run) : NULL));
    ML_TRY(add_artifacts(invocation, draft, registered));
    for (size_t i = 0; i < ml_option_count(invocation, "base"); i++)
        ML_TRY(add_base(recording, ml_option_at(invocation, "base", i), registered));
    return ml_parts_add_tags(draft, invocation, "tag", &registered->tags, &registered->n_tags);
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_recording_release) struct ml_recording recording = {0};
    struct ml_named_subject model;
    Mledger__VersionRegistered *registered;
    ML_TRY(ml_registry_open_model(invocation, out, &recording, &model));
    ML_TRY(ml_recording_add(&recording, "version_registered", &registered));
    registered->model = model.seq;
    ML_TRY(fill(&recording, registered));
    ML_TRY(ml_recording_commit(&recording));
    ML_TRY(ml_registry_facts(&recording, model.name, registered->version));
    const bool unseen = registered->run_id && !registered->has_run_ref;
    if (registered->run_id)
        ML_TRY(ml_recording_fact(&recording, "run_known", json_boolean(!unseen)));
    return ml_recording_print(&recording, "%s/%" PRIu64 " registered%s", model.name,
                              registered->version,
                              unseen ? "; this ledger has never seen the run that it names" : "");
}

const struct ml_command ml_command_version_register = {
    .name = "version register",
    .summary = "Record a new version of a model",
    .description =
        (const char *const[]){
            "It gets the next number. With --run the ledger copies from the run's record who "
            "trained it, which four-eyes policies need; a run that the ledger never saw is "
            "accepted and kept by its id.",
            NULL},
    .arguments = (const struct ml_argument[]){ML_ARGUMENT_MODEL, {.name = NULL}},
    .options =
        (const struct ml_option[]){
            {.name = "run",
             .value = "RUN",
             .rule = {.kind = ML_VALUE_RUN},
             .help = "The run that trained it."},
            {.name = "source", .value = "URI", .help = "Where its files are."},
            {.name = "artifact",
             .value = "PATH",
             .rule = {.kind = ML_VALUE_FILE},
             .repeated = true,
             .help = "A file or directory of it; it is hashed here."},
            {.name = "base",
             .value = "VERSION|URI",
             .repeated = true,
             .help = "A model that it was made from: a version in this ledger, or a URI."},
            ML_OPTION_DESCRIPTION,
            ML_OPTION_TAG,
            ML_OPTIONS_RECORDING,
            {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger version register churn --run 4f2a --artifact model.pkl",
             "Register what a run made."},
            {NULL, NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = run,
};
