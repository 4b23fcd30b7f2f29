/* SPDX-License-Identifier: Apache-2.0 */
/* What the ledger assigns: seqs of subjects that were named, salts, numbers, the stage left. */
#include <inttypes.h>

#include "ledger/core/event.h"
#include "ledger/store/ledger_private.h"

/* A model may be written as a URI, a run too. */
static const char *bare_name(Mledger__SubjectKind kind, const char *name)
{
    const bool is_model =
        kind == MLEDGER__SUBJECT_KIND__MODEL || kind == MLEDGER__SUBJECT_KIND__LOGGED_MODEL;
    const char *scheme = is_model                             ? "models:/"
                         : kind == MLEDGER__SUBJECT_KIND__RUN ? "runs:/"
                                                              : NULL;
    if (scheme && strncmp(name, scheme, strlen(scheme)) == 0)
        return name + strlen(scheme);
    return name;
}

static int resolve_names(struct ml_draft *draft, struct ml_state *state)
{
    for (size_t i = 0; i < draft->n_names; i++) {
        const struct ml_draft_name *name = &draft->names[i];
        uint64_t seq;
        int result = ml_state_find(state, name->kind, bare_name(name->kind, name->name), &seq);
        if (result == MLEDGER_ENOTFOUND)
            return ml_refuse("reference-missing", "there is no %s '%s'",
                             ml_subject_kind_name(name->kind), name->name);
        ML_TRY(result);
        ML_TRY(ml_draft_fill(draft, name->seq, &seq, sizeof seq));
    }
    return MLEDGER_OK;
}

static int fill_flag(struct ml_draft *draft, protobuf_c_boolean *flag)
{
    const protobuf_c_boolean yes = 1;
    return ml_draft_fill(draft, flag, &yes, sizeof yes);
}

static int fill_number(struct ml_draft *draft, uint64_t *place, uint64_t number)
{
    return ml_draft_fill(draft, place, &number, sizeof number);
}

static int fill_salt(struct ml_draft *draft, ProtobufCBinaryData *salt, struct ml_random *random)
{
    if (salt->len)
        return MLEDGER_OK;
    ProtobufCBinaryData filled = {ML_SALT_SIZE, ml_arena_alloc(&draft->arena, ML_SALT_SIZE)};
    if (!filled.data)
        return ml_fail_memory();
    ml_random_fill(random, filled.data, ML_SALT_SIZE);
    return ml_draft_fill(draft, salt, &filled, sizeof filled);
}

/* The deleted or renamed subject that bore the name before. */
static int fill_predecessor(struct ml_draft *draft, struct ml_state *state,
                            Mledger__SubjectKind kind, const char *name, protobuf_c_boolean *has,
                            uint64_t *predecessor)
{
    if (*has)
        return MLEDGER_OK;
    struct ml_state_key key;
    ML_TRY(ml_key_name(kind, name, &key));
    uint64_t seq;
    int result = ml_state_pointer(state, &key, &seq);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    ML_TRY(fill_flag(draft, has));
    return fill_number(draft, predecessor, seq);
}

/* A dataset or pipeline of that name is gone on with; without one it begins. */
struct snapshot_fields {
    Mledger__SubjectKind kind;
    const char *name;
    protobuf_c_boolean *has_seq, *has_salt;
    uint64_t *seq;
    ProtobufCBinaryData *salt;
};

static int fill_snapshot(struct ml_draft *draft, struct ml_state *state, struct ml_random *random,
                         const struct snapshot_fields *fields)
{
    if (*fields->has_seq || *fields->has_salt)
        return MLEDGER_OK;
    uint64_t known;
    int result = ml_state_find(state, fields->kind, fields->name, &known);
    if (result == MLEDGER_OK) {
        ML_TRY(fill_flag(draft, fields->has_seq));
        return fill_number(draft, fields->seq, known);
    }
    if (result != MLEDGER_ENOTFOUND)
        return result;
    ML_TRY(fill_flag(draft, fields->has_salt));
    return fill_salt(draft, fields->salt, random);
}

static int fill_trainer(struct ml_draft *draft, struct ml_state *state,
                        Mledger__VersionRegistered *registered)
{
    if (registered->has_trained_by_actor_ref)
        return MLEDGER_OK;
    Mledger__SubjectState *run;
    int result = ml_state_subject(state, registered->run_ref, &draft->arena, &run);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK; /* the rule on references says so better */
    ML_TRY(result);
    if (!registered->run_id)
        ML_TRY(ml_draft_fill(draft, &registered->run_id, &run->name, sizeof run->name));
    if (!run->has_author)
        return MLEDGER_OK;
    ML_TRY(fill_flag(draft, &registered->has_trained_by_actor_ref));
    return fill_number(draft, &registered->trained_by_actor_ref, run->author);
}

static int fill_run(struct ml_draft *draft, struct ml_state *state,
                    Mledger__VersionRegistered *registered)
{
    if (!registered->has_run_ref && registered->run_id) {
        uint64_t seq;
        int result = ml_state_find(state, MLEDGER__SUBJECT_KIND__RUN, registered->run_id, &seq);
        if (result == MLEDGER_ENOTFOUND)
            return MLEDGER_OK; /* a run that the ledger never saw stays an id */
        ML_TRY(result);
        ML_TRY(fill_flag(draft, &registered->has_run_ref));
        ML_TRY(fill_number(draft, &registered->run_ref, seq));
    }
    return registered->has_run_ref ? fill_trainer(draft, state, registered) : MLEDGER_OK;
}

static int complete_version(struct ml_draft *draft, struct ml_state *state)
{
    Mledger__VersionRegistered *registered = draft->event->version_registered;
    ML_TRY(fill_run(draft, state, registered));
    if (registered->version)
        return MLEDGER_OK;
    Mledger__SubjectState *model;
    int result = ml_state_subject(state, registered->model, &draft->arena, &model);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    return fill_number(draft, &registered->version, model->newest_version + 1);
}

static int complete_transition(struct ml_draft *draft, struct ml_state *state)
{
    Mledger__StageTransitioned *transition = draft->event->stage_transitioned;
    if (transition->from_stage)
        return MLEDGER_OK;
    Mledger__VersionState *version;
    int result =
        ml_state_version(state, transition->model, transition->version, &draft->arena, &version);
    static char none[] = "None";
    char *stage = none;
    if (result == MLEDGER_OK)
        stage = version->stage;
    else if (result != MLEDGER_ENOTFOUND)
        return result;
    return ml_draft_fill(draft, &transition->from_stage, &stage, sizeof stage);
}

static int complete_body(struct ml_draft *draft, struct ml_state *state, struct ml_random *random)
{
    Mledger__Event *event = draft->event;
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_LEDGER_CREATED:
        return fill_salt(draft, &event->ledger_created->subject_salt, random);
    case MLEDGER__EVENT__KIND_ACTOR_REGISTERED:
        return fill_salt(draft, &event->actor_registered->subject_salt, random);
    case MLEDGER__EVENT__KIND_RUN_STARTED:
        return fill_salt(draft, &event->run_started->subject_salt, random);
    case MLEDGER__EVENT__KIND_LOGGED_MODEL_CREATED:
        return fill_salt(draft, &event->logged_model_created->subject_salt, random);
    case MLEDGER__EVENT__KIND_EXPERIMENT_CREATED:
        ML_TRY(fill_salt(draft, &event->experiment_created->subject_salt, random));
        return fill_predecessor(
            draft, state, MLEDGER__SUBJECT_KIND__EXPERIMENT, event->experiment_created->name,
            &event->experiment_created->has_predecessor, &event->experiment_created->predecessor);
    case MLEDGER__EVENT__KIND_MODEL_CREATED:
        ML_TRY(fill_salt(draft, &event->model_created->subject_salt, random));
        return fill_predecessor(draft, state, MLEDGER__SUBJECT_KIND__MODEL,
                                event->model_created->name, &event->model_created->has_predecessor,
                                &event->model_created->predecessor);
    case MLEDGER__EVENT__KIND_DATASET_RECORDED: {
        Mledger__DatasetRecorded *dataset = event->dataset_recorded;
        const struct snapshot_fields fields = {
            .kind = MLEDGER__SUBJECT_KIND__DATASET,
            .name = dataset->name,
            .has_seq = &dataset->has_dataset,
            .seq = &dataset->dataset,
            .has_salt = &dataset->has_subject_salt,
            .salt = &dataset->subject_salt,
        };
        return fill_snapshot(draft, state, random, &fields);
    }
    case MLEDGER__EVENT__KIND_PIPELINE_RECORDED: {
        Mledger__PipelineRecorded *pipeline = event->pipeline_recorded;
        const struct snapshot_fields fields = {
            .kind = MLEDGER__SUBJECT_KIND__PIPELINE,
            .name = pipeline->name,
            .has_seq = &pipeline->has_pipeline,
            .seq = &pipeline->pipeline,
            .has_salt = &pipeline->has_subject_salt,
            .salt = &pipeline->subject_salt,
        };
        return fill_snapshot(draft, state, random, &fields);
    }
    case MLEDGER__EVENT__KIND_VERSION_REGISTERED:
        return complete_version(draft, state);
    case MLEDGER__EVENT__KIND_STAGE_TRANSITIONED:
        return complete_transition(draft, state);
    default:
        return MLEDGER_OK;
    }
}

int ml_draft_complete(struct ml_draft *draft, struct ml_state *state, uint64_t size,
                      struct ml_random *random)
{
    ml_draft_unfill(draft);
    ML_TRY(resolve_names(draft, state));
    Mledger__Event *event = draft->event;
    if (event->kind_case == MLEDGER__EVENT__KIND_HEARTBEAT && event->heartbeat->size == 0)
        return fill_number(draft, &event->heartbeat->size, size);
    return complete_body(draft, state, random);
}
