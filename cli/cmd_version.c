/* SPDX-License-Identifier: Apache-2.0 */
/* version alias, unalias, tag, untag, update, delete. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/registry.h"

static int print(struct ml_recording *recording, const struct ml_named_version *version,
                 const char *what)
{
    return ml_recording_print(recording, "%s/%" PRIu64 " %s", version->model_name, version->version,
                              what);
}

/* ---- version alias ---- */

static int version_alias(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_recording_release) struct ml_recording recording = {0};
    struct ml_named_version version;
    Mledger__AliasSet *set;
    const char *alias = ml_argument(invocation, "ALIAS");
    ML_TRY(ml_registry_open_version(invocation, out, &recording, &version));
    ML_TRY(ml_recording_add(&recording, "alias_set", &set));
    set->model = version.model;
    set->version = version.version;
    set->alias = ml_draft_text(ml_recording_draft(&recording), alias);
    if (!set->alias)
        return ml_fail_memory();
    ML_TRY(ml_recording_commit(&recording));
    return ml_recording_print(&recording, "%s@%s is version %" PRIu64, version.model_name, alias,
                              version.version);
}

#define ARGUMENT_ALIAS                                                                             \
    {                                                                                              \
        .name = "ALIAS", .min = 1, .max = 1, .help = "Letters, digits, '_' and '-'."               \
    }

const struct ml_command ml_command_version_alias = {
    .name = "version alias",
    .summary = "Point an alias of a model to a version",
    .description = (const char *const[]){"An alias points to one version; it leaves the one that "
                                         "it pointed to before.",
                                         NULL},
    .arguments = (const struct ml_argument[]){ML_ARGUMENT_VERSION, ARGUMENT_ALIAS, {.name = NULL}},
    .options = (const struct ml_option[]){ML_OPTIONS_RECORDING, {.name = NULL}},
    .examples = (const struct ml_example[]){{"mledger version alias churn/3 champion",
                                             "From now on churn@champion is churn/3."},
                                            {NULL, NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = version_alias,
};

/* ---- version unalias ---- */

static int version_unalias(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_recording_release) struct ml_recording recording = {0};
    struct ml_named_subject model;
    Mledger__AliasDeleted *deleted;
    const char *alias = ml_argument(invocation, "ALIAS");
    ML_TRY(ml_registry_open_model(invocation, out, &recording, &model));
    ML_TRY(ml_recording_add(&recording, "alias_deleted", &deleted));
    deleted->model = model.seq;
    deleted->alias = ml_draft_text(ml_recording_draft(&recording), alias);
    if (!deleted->alias)
        return ml_fail_memory();
    ML_TRY(ml_recording_commit(&recording));
    return ml_recording_print(&recording, "%s@%s deleted", model.name, alias);
}

const struct ml_command ml_command_version_unalias = {
    .name = "version unalias",
    .summary = "Delete an alias of a model",
    .arguments = (const struct ml_argument[]){ML_ARGUMENT_MODEL, ARGUMENT_ALIAS, {.name = NULL}},
    .options = (const struct ml_option[]){ML_OPTIONS_RECORDING, {.name = NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = version_unalias,
};

/* ---- version tag, version untag ---- */

static int version_tag(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_recording_release) struct ml_recording recording = {0};
    struct ml_named_version version;
    ML_TRY(ml_registry_open_version(invocation, out, &recording, &version));
    ML_TRY(ml_registry_add_tags(&recording, &version, ML_WORDS_OF_ARGUMENT("KEY=VALUE")));
    ML_TRY(ml_recording_commit(&recording));
    return print(&recording, &version, "tagged");
}

const struct ml_command ml_command_version_tag = {
    .name = "version tag",
    .summary = "Set tags of a version",
    .arguments =
        (const struct ml_argument[]){
            ML_ARGUMENT_VERSION,
            {.name = "KEY=VALUE", .min = 1, .max = ML_ANY_NUMBER, .help = "A tag and its value."},
            {.name = NULL}},
    .options = (const struct ml_option[]){ML_OPTIONS_RECORDING, {.name = NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = version_tag,
};

static int version_untag(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_recording_release) struct ml_recording recording = {0};
    struct ml_named_version version;
    ML_TRY(ml_registry_open_version(invocation, out, &recording, &version));
    ML_TRY(ml_registry_add_untags(&recording, &version, ML_WORDS_OF_ARGUMENT("KEY")));
    ML_TRY(ml_recording_commit(&recording));
    return print(&recording, &version, "untagged");
}

const struct ml_command ml_command_version_untag = {
    .name = "version untag",
    .summary = "Delete tags of a version",
    .arguments = (const struct ml_argument[]){ML_ARGUMENT_VERSION,
                                              {.name = "KEY",
                                               .min = 1,
                                               .max = ML_ANY_NUMBER,
                                               .help = "The key of a tag that it has."},
                                              {.name = NULL}},
    .options = (const struct ml_option[]){ML_OPTIONS_RECORDING, {.name = NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = version_untag,
};

/* ---- version update ---- */

static int version_update(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_recording_release) struct ml_recording recording = {0};
    struct ml_named_version version;
    Mledger__VersionUpdated *updated;
    const char *status = ml_option_text(invocation, "status", NULL);
    ML_TRY(ml_registry_open_version(invocation, out, &recording, &version));
    if (!status && !ml_option_given(invocation, "description"))
        return ml_fail(MLEDGER_EUSAGE, "nothing to update: give --description or --status");
    ML_TRY(ml_recording_add(&recording, "version_updated", &updated));
    struct ml_draft *draft = ml_recording_draft(&recording);
    updated->model = version.model;
    updated->version = version.version;
    draft->details->status_text = ml_draft_text(draft, status);
    if (status && !draft->details->status_text)
        return ml_fail_memory();
    ML_TRY(ml_recording_commit(&recording));
    return print(&recording, &version, "updated");
}

const struct ml_command ml_command_version_update = {
    .name = "version update",
    .summary = "Record a new description or status of a version",
    .arguments = (const struct ml_argument[]){ML_ARGUMENT_VERSION, {.name = NULL}},
    .options =
        (const struct ml_option[]){
            ML_OPTION_DESCRIPTION,
            {.name = "status", .value = "TEXT", .help = "What state its files are in, for people."},
            ML_OPTIONS_RECORDING,
            {.name = NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = version_update,
};

/* ---- version delete ---- */

static int version_delete(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_recording_release) struct ml_recording recording = {0};
    struct ml_named_version version;
    Mledger__VersionDeleted *deleted;
    ML_TRY(ml_registry_open_version(invocation, out, &recording, &version));
    ML_TRY(ml_recording_add(&recording, "version_deleted", &deleted));
    deleted->model = version.model;
    deleted->version = version.version;
    ML_TRY(ml_recording_commit(&recording));
    return print(&recording, &version, "deleted");
}

const struct ml_command ml_command_version_delete = {
    .name = "version delete",
    .summary = "Record that a version was deleted",
    .description = (const char *const[]){"Its records stay and its number is not given again; "
                                         "aliases that pointed to it are gone.",
                                         NULL},
    .arguments = (const struct ml_argument[]){ML_ARGUMENT_VERSION, {.name = NULL}},
    .options = (const struct ml_option[]){ML_OPTIONS_RECORDING, {.name = NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = version_delete,
};
