/* SPDX-License-Identifier: Apache-2.0 */
/* Back to an earlier version: stage and aliases, all in one step or not at all. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/commands.h"
#include "cli/registry.h"
#include "ledger/core/codec.h"

/* Where those go that make room, as in MLflow. */
static const char archive[] = "Archived";

/* One rollback: to `to`, out of the stage what is there. */
struct rollback {
    struct ml_recording recording;
    struct ml_named_subject model;
    uint64_t to;
    const char *stage;
    size_t moved, pointed;    /* versions that left the stage; aliases that went along */
    char from[ML_NAMED_SIZE]; /* the stage that `to` comes from */
    bool is_there;            /* `to` is in the stage already */
};

static void release_rollback(struct rollback *rollback)
{
    ml_recording_release(&rollback->recording);
}

static int add_transition(struct rollback *rollback, uint64_t version, const char *stage)
{
    Mledger__StageTransitioned *transition;
    ML_TRY(ml_recording_add(&rollback->recording, "stage_transitioned", &transition));
    transition->model = rollback->model.seq;
    transition->version = version;
    transition->to_stage = ml_draft_text(ml_recording_draft(&rollback->recording), stage);
    return transition->to_stage ? MLEDGER_OK : ml_fail_memory();
}

static int add_alias(struct rollback *rollback, const char *alias)
{
    Mledger__AliasSet *set;
    ML_TRY(ml_recording_add(&rollback->recording, "alias_set", &set));
    set->model = rollback->model.seq;
    set->version = rollback->to;
    set->alias = ml_draft_text(ml_recording_draft(&rollback->recording), alias);
    rollback->pointed++;
    return set->alias ? MLEDGER_OK : ml_fail_memory();
}

/* All aliases go along, unless some are named: then those. */
static bool goes_along(const struct rollback *rollback, const char *alias)
{
    const struct ml_invocation *invocation = rollback->recording.session.invocation;
    size_t count = ml_option_count(invocation, "alias");
    for (size_t i = 0; i < count; i++)
        if (strcmp(ml_option_at(invocation, "alias", i), alias) == 0)
            return true;
    return count == 0;
}

/* A version that is in the stage leaves it, and its aliases go to the one that takes its place. */
static int replace(struct rollback *rollback, uint64_t version, const Mledger__VersionState *state)
{
    ML_TRY(add_transition(rollback, version, archive));
    rollback->moved++;
    for (size_t i = 0; i < state->n_aliases; i++)
        if (goes_along(rollback, state->aliases[i]))
            ML_TRY(add_alias(rollback, state->aliases[i]));
    return MLEDGER_OK;
}

static int look_at(struct rollback *rollback, struct ml_view *view, uint64_t version)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    Mledger__VersionState *state;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    int result = ml_state_version(view->state, rollback->model.seq, version, &arena, &state);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK; /* imports may leave gaps */
    ML_TRY(result);
    bool in_stage = !state->has_deleted && strcmp(state->stage, rollback->stage) == 0;
    if (version == rollback->to) {
        rollback->is_there = in_stage;
        snprintf(rollback->from, sizeof rollback->from, "%s", state->stage);
        return MLEDGER_OK;
    }
    return in_stage ? replace(rollback, version, state) : MLEDGER_OK;
}

static int plan_in_view(struct rollback *rollback, struct ml_view *view)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    Mledger__SubjectState *model;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    ML_TRY(ml_state_subject(view->state, rollback->model.seq, &arena, &model));
    if (rollback->to > model->newest_version)
        return ml_fail(MLEDGER_ENOTFOUND,
                       "there is no version %" PRIu64 " of model '%s'; the newest is %" PRIu64,
                       rollback->to, rollback->model.name, model->newest_version);
    for (uint64_t version = 1; version <= model->newest_version; version++)
        ML_TRY(look_at(rollback, view, version));
    if (!rollback->is_there)
        ML_TRY(add_transition(rollback, rollback->to, rollback->stage));
    return MLEDGER_OK;
}

static int plan(struct rollback *rollback)
{
    struct ml_view view;
    ML_TRY(ml_view_begin(rollback->recording.session.ledger, &view));
    int result = plan_in_view(rollback, &view);
    ml_view_end(&view);
    ML_TRY(result);
    if (rollback->recording.count > 0)
        return MLEDGER_OK;
    return ml_fail(MLEDGER_EUSAGE, "%s/%" PRIu64 " alone is in %s already", rollback->model.name,
                   rollback->to, rollback->stage);
}

/* By its number, or as the version that a reference names. */
static int find_version(struct rollback *rollback, const char *text)
{
    struct ml_named_version version;
    uint64_t number;
    const struct ml_value_rule rule = {.kind = ML_VALUE_NUMBER, .least = 1, .most = UINT32_MAX};
    if (*text && strspn(text, "0123456789") == strlen(text)) {
        ML_TRY(ml_value_check(&rule, "--to", text, &number));
        rollback->to = number;
        return MLEDGER_OK;
    }
    ML_TRY(ml_named_version(&rollback->recording.session, text, &version));
    if (version.model != rollback->model.seq)
        return ml_fail(MLEDGER_EUSAGE, "'%s' is no version of model '%s'", text,
                       rollback->model.name);
    rollback->to = version.version;
    return MLEDGER_OK;
}

static int print(struct rollback *rollback)
{
    struct ml_recording *recording = &rollback->recording;
    recording->main = rollback->is_there ? 0 : recording->count - 1;
    ML_TRY(ml_registry_facts(recording, rollback->model.name, rollback->to));
    ML_TRY(ml_recording_fact(recording, "from_stage", json_string(rollback->from)));
    ML_TRY(ml_recording_fact(recording, "to_stage", json_string(rollback->stage)));
    ML_TRY(ml_recording_fact(recording, "archived", json_integer((json_int_t)rollback->moved)));
    ML_TRY(ml_recording_fact(recording, "aliases", json_integer((json_int_t)rollback->pointed)));
    return ml_recording_print(recording,
                              "%s is back at version %" PRIu64 " in %s; archived: %zu, aliases "
                              "that went along: %zu",
                              rollback->model.name, rollback->to, rollback->stage, rollback->moved,
                              rollback->pointed);
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(release_rollback) struct rollback rollback = {0};
    rollback.stage = ml_option_text(invocation, "stage", "Production");
    if (strcmp(rollback.stage, archive) == 0 || strcmp(rollback.stage, "None") == 0)
        return ml_fail(MLEDGER_EUSAGE, "nothing is rolled back into the stage '%s'",
                       rollback.stage);
    ML_TRY(ml_registry_open_model(invocation, out, &rollback.recording, &rollback.model));
    ML_TRY(find_version(&rollback, ml_option_text(invocation, "to", "")));
    ML_TRY(plan(&rollback));
    ML_TRY(ml_recording_commit(&rollback.recording));
    return print(&rollback);
}

const struct ml_command ml_command_rollback = {
    .name = "rollback",
    .summary = "Put an earlier version back in its place",
    .description =
        (const char *const[]){
            "Moves the version into the stage, those that are there to Archived, and their aliases "
            "to the version, in one step: all of it is recorded or nothing is. The stage's policy "
            "holds as for any transition; what is missing is said, with the command for it.",
            "What an endpoint serves is for mledger deploy to say.", NULL},
    .arguments = (const struct ml_argument[]){ML_ARGUMENT_MODEL, {.name = NULL}},
    .options =
        (const struct ml_option[]){
            {.name = "to",
             .value = "VERSION",
             .required = true,
             .rule = {.kind = ML_VALUE_TEXT},
             .help = "The version to go back to: its number, or churn/2, churn@previous."},
            {.name = "stage",
             .value = "STAGE",
             .help = "The stage it goes to; Production, unless given."},
            {.name = "alias",
             .value = "NAME",
             .repeated = true,
             .help = "Only this alias goes along; unless given, all of them do."},
            {.name = "reason",
             .value = "TEXT",
             .required = true,
             .help = "Say why. It stands in the records' details, which can be erased one day."},
            ML_OPTION_OCCURRED_AT,
            ML_OPTIONS_SIGNING,
            {.name = NULL}},
    .examples = (const struct ml_example[]){{"mledger rollback churn --to 2 --reason 'incident 17'",
                                             "Version 2 takes the place of what is in Production."},
                                            {NULL, NULL}},
    .exit_codes = (const struct ml_exit_code[]){{4, "The policy of the stage asks for something "
                                                    "that is missing. Nothing was written."},
                                                {0, NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = run,
};
