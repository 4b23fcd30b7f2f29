/* SPDX-License-Identifier: Apache-2.0 */
/* model create, update, rename, delete. */
#include "cli/commands.h"
#include "cli/parts.h"
#include "cli/registry.h"

/* ---- model create ---- */

static int model_create(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_recording_release) struct ml_recording recording = {0};
    Mledger__ModelCreated *created;
    const char *name = ml_argument(invocation, "NAME");
    ML_TRY(ml_recording_open(invocation, out, &recording));
    if (strpbrk(name, "/:@"))
        return ml_fail(MLEDGER_EUSAGE, "a model's name holds no '/', ':' or '@', as '%s' does",
                       name);
    ML_TRY(ml_recording_add(&recording, "model_created", &created));
    struct ml_draft *draft = ml_recording_draft(&recording);
    created->name = ml_draft_text(draft, name);
    if (!created->name)
        return ml_fail_memory();
    ML_TRY(ml_parts_add_tags(draft, invocation, "tag", &created->tags, &created->n_tags));
    ML_TRY(ml_registry_facts(&recording, name, 0));
    ML_TRY(ml_recording_commit(&recording));
    return ml_recording_print(&recording, "model %s created", name);
}

const struct ml_command ml_command_model_create = {
    .name = "model create",
    .summary = "Record a new registered model",
    .arguments = (const struct ml_argument[]){{.name = "NAME",
                                               .min = 1,
                                               .max = 1,
                                               .help = "Its name, which no living model bears. "
                                                       "Without '/', ':' and '@'."},
                                              {.name = NULL}},
    .options =
        (const struct ml_option[]){
            ML_OPTION_DESCRIPTION, ML_OPTION_TAG, ML_OPTIONS_RECORDING, {.name = NULL}},
    .examples = (const struct ml_example[]){{"mledger model create churn --tag team=crm",
                                             "Create a model with a tag."},
                                            {NULL, NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = model_create,
};

/* ---- model update ---- */

static int model_update(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_recording_release) struct ml_recording recording = {0};
    struct ml_named_subject model;
    Mledger__ModelUpdated *updated;
    ML_TRY(ml_registry_open_model(invocation, out, &recording, &model));
    const struct ml_named_version whole = {.model = model.seq};
    if (ml_option_given(invocation, "description")) {
        ML_TRY(ml_recording_add(&recording, "model_updated", &updated));
        updated->model = model.seq;
    }
    ML_TRY(ml_registry_add_tags(&recording, &whole, ML_WORDS_OF_OPTION("tag")));
    ML_TRY(ml_registry_add_untags(&recording, &whole, ML_WORDS_OF_OPTION("untag")));
    if (recording.count == 0)
        return ml_fail(MLEDGER_EUSAGE, "nothing to update: give --description, --tag or --untag");
    ML_TRY(ml_recording_commit(&recording));
    return ml_recording_print(&recording, "model %s updated", model.name);
}

const struct ml_command ml_command_model_update = {
    .name = "model update",
    .summary = "Record a new description or tags of a model",
    .arguments = (const struct ml_argument[]){ML_ARGUMENT_MODEL, {.name = NULL}},
    .options = (const struct ml_option[]){ML_OPTION_DESCRIPTION,
                                          ML_OPTION_TAG,
                                          {.name = "untag",
                                           .value = "KEY",
                                           .repeated = true,
                                           .help = "Delete the tag with this key."},
                                          ML_OPTIONS_RECORDING,
                                          {.name = NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = model_update,
};

/* ---- model rename ---- */

static int model_rename(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_recording_release) struct ml_recording recording = {0};
    struct ml_named_subject model;
    Mledger__ModelRenamed *renamed;
    const char *name = ml_argument(invocation, "NAME");
    ML_TRY(ml_registry_open_model(invocation, out, &recording, &model));
    if (strpbrk(name, "/:@"))
        return ml_fail(MLEDGER_EUSAGE, "a model's name holds no '/', ':' or '@', as '%s' does",
                       name);
    ML_TRY(ml_recording_add(&recording, "model_renamed", &renamed));
    renamed->model = model.seq;
    renamed->name = ml_draft_text(ml_recording_draft(&recording), name);
    if (!renamed->name)
        return ml_fail_memory();
    ML_TRY(ml_registry_facts(&recording, name, 0));
    ML_TRY(ml_recording_commit(&recording));
    return ml_recording_print(&recording, "model %s is called %s now", model.name, name);
}

const struct ml_command ml_command_model_rename = {
    .name = "model rename",
    .summary = "Record that a model has a new name",
    .description = (const char *const[]){"Everything recorded about it stays its own: records "
                                         "name a model by the record that created it.",
                                         NULL},
    .arguments =
        (const struct ml_argument[]){ML_ARGUMENT_MODEL,
                                     {.name = "NAME", .min = 1, .max = 1, .help = "The new name."},
                                     {.name = NULL}},
    .options = (const struct ml_option[]){ML_OPTIONS_RECORDING, {.name = NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = model_rename,
};

/* ---- model delete ---- */

static int model_delete(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_recording_release) struct ml_recording recording = {0};
    struct ml_named_subject model;
    Mledger__ModelDeleted *deleted;
    ML_TRY(ml_registry_open_model(invocation, out, &recording, &model));
    ML_TRY(ml_recording_add(&recording, "model_deleted", &deleted));
    deleted->model = model.seq;
    ML_TRY(ml_recording_commit(&recording));
    return ml_recording_print(&recording, "model %s deleted", model.name);
}

const struct ml_command ml_command_model_delete = {
    .name = "model delete",
    .summary = "Record that a model was deleted",
    .description = (const char *const[]){"Its records stay: a ledger forgets nothing. A new model "
                                         "may take the name and cites the old one.",
                                         NULL},
    .arguments = (const struct ml_argument[]){ML_ARGUMENT_MODEL, {.name = NULL}},
    .options = (const struct ml_option[]){ML_OPTIONS_RECORDING, {.name = NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = model_delete,
};
