/* SPDX-License-Identifier: Apache-2.0 */
/* version transition: into another stage, and the others there out of it. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/parts.h"
#include "cli/registry.h"
#include "ledger/core/codec.h"

/* Where those go that make room, as in MLflow. */
static const char archive[] = "Archived";

static int add_transition(struct ml_recording *recording, uint64_t model, uint64_t version,
                          const char *stage, Mledger__StageTransitioned **ret_transition)
{
    Mledger__StageTransitioned *transition;
    ML_TRY(ml_recording_add(recording, "stage_transitioned", &transition));
    transition->model = model;
    transition->version = version;
    transition->to_stage = ml_draft_text(ml_recording_draft(recording), stage);
    *ret_transition = transition;
    return transition->to_stage ? MLEDGER_OK : ml_fail_memory();
}

/* The versions of a model, of which one moves. */
struct others {
    struct ml_recording *recording;
    const struct ml_named_version *moving;
    const char *stage;
};

static int archive_if_there(const struct others *others, struct ml_view *view, uint64_t number)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    Mledger__VersionState *version;
    Mledger__StageTransitioned *transition;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    const int result =
        ml_state_version(view->state, others->moving->model, number, &arena, &version);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK; /* imports may leave gaps */
    ML_TRY(result);
    if (version->has_deleted || strcmp(version->stage, others->stage) != 0)
        return MLEDGER_OK;
    return add_transition(others->recording, others->moving->model, number, archive, &transition);
}

static int archive_in_view(const struct others *others, struct ml_view *view)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    Mledger__SubjectState *model;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    ML_TRY(ml_state_subject(view->state, others->moving->model, &arena, &model));
    for (uint64_t number = 1; number <= model->newest_version; number++)
        if (number != others->moving->version)
            ML_TRY(archive_if_there(others, view, number));
    return MLEDGER_OK;
}

static int archive_others(const struct others *others)
{
    struct ml_view view;
    ML_TRY(ml_view_begin(others->recording->session.ledger, &view));
    const int result = archive_in_view(others, &view);
    ml_view_end(&view);
    return result;
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_recording_release) struct ml_recording recording = {0};
    struct ml_named_version version;
    Mledger__StageTransitioned *transition;
    const char *stage = ml_argument(invocation, "STAGE");
    ML_TRY(ml_registry_open_version(invocation, out, &recording, &version));
    if (ml_option_given(invocation, "archive-existing") && strcmp(stage, archive) == 0)
        return ml_fail(MLEDGER_EUSAGE, "--archive-existing makes no sense for the stage '%s'",
                       archive);
    ML_TRY(add_transition(&recording, version.model, version.version, stage, &transition));
    const struct others others = {&recording, &version, stage};
    if (ml_option_given(invocation, "archive-existing"))
        ML_TRY(archive_others(&others));
    ML_TRY(ml_recording_commit(&recording));
    ML_TRY(ml_recording_fact(&recording, "from_stage", json_string(transition->from_stage)));
    ML_TRY(ml_recording_fact(&recording, "to_stage", json_string(stage)));
    ML_CLEANUP(ml_buf_release) struct ml_buf rest = {0};
    if (recording.count > 1)
        ML_TRY(ml_buf_printf(&rest, "; archived what was there: %zu", recording.count - 1));
    ML_TRY(ml_buf_append_char(&rest, '\0'));
    return ml_recording_print(&recording, "%s/%" PRIu64 " moved from %s to %s%s",
                              version.model_name, version.version, transition->from_stage, stage,
                              (char *)rest.data);
}

const struct ml_command ml_command_version_transition = {
    .name = "version transition",
    .summary = "Move a version to another stage",
    .description =
        (const char *const[]){
            "The stage it leaves is filled in by the ledger. A policy of the new stage is held "
            "against the version: what is missing is said, with the command for it.",
            NULL},
    .arguments = (const struct ml_argument[]){ML_ARGUMENT_VERSION,
                                              {.name = "STAGE",
                                               .min = 1,
                                               .max = 1,
                                               .help = "None, Staging, Production, Archived, or "
                                                       "any other."},
                                              {.name = NULL}},
    .options = (const struct ml_option[]){{.name = "archive-existing",
                                           .help = "Move the other versions in that stage to "
                                                   "Archived, all in one step."},
                                          ML_OPTIONS_RECORDING,
                                          {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger version transition churn/3 Production --archive-existing",
             "Promote a version and archive the one before."},
            {NULL, NULL}},
    .exit_codes = (const struct ml_exit_code[]){{4, "The policy of the stage asks for something "
                                                    "that is missing. Nothing was written."},
                                                {0, NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = run,
};
