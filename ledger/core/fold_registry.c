/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of registered models: versions, stages, aliases. */
#include <inttypes.h>

#include "ledger/core/fold_step.h"

/* What describes it stands in the details, which no rule reads: this leads there. */
static int put_update(struct ml_fold_step *step, uint64_t model, uint64_t version)
{
    static char no_name[] = "";
    static char *const names[] = {no_name};
    return ml_step_put_fields(step, model, version, ML_FIELD_UPDATE, names, 1);
}

/* What is no tag and no alias changed of the model, or of which versions it has and where. */
static void mark_model(struct ml_fold_step *step, uint64_t seq)
{
    Mledger__SubjectState *model = ml_step_subject(step, seq);
    model->has_updated_seq = true;
    model->updated_seq = step->record->seq;
}

static void mark_version(const struct ml_fold_step *step, Mledger__VersionState *version)
{
    version->has_updated_seq = true;
    version->updated_seq = step->record->seq;
}

static int model_created(struct ml_fold_step *step)
{
    const Mledger__ModelCreated *created = step->event->model_created;
    ML_TRY(ml_step_check_name(step, MLEDGER__SUBJECT_KIND__MODEL, created->name,
                              created->has_predecessor ? &created->predecessor : NULL,
                              MLEDGER_NO_SEQ));
    Mledger__SubjectState *model;
    ML_TRY(ml_step_create(step, MLEDGER__SUBJECT_KIND__MODEL, created->name, &model));
    model->has_newest_version = true;
    mark_model(step, step->record->seq);
    ML_TRY(ml_step_put_name(step, MLEDGER__SUBJECT_KIND__MODEL, created->name, step->record->seq));
    ML_TRY(put_update(step, step->record->seq, 0));
    return ml_step_put_fields(step, step->record->seq, 0, ML_FIELD_TAG, created->tags,
                              created->n_tags);
}

static int model_updated(struct ml_fold_step *step)
{
    const uint64_t model = step->event->model_updated->model;
    mark_model(step, model);
    return put_update(step, model, 0);
}

static int model_renamed(struct ml_fold_step *step)
{
    const Mledger__ModelRenamed *renamed = step->event->model_renamed;
    ML_TRY(ml_step_check_name(step, MLEDGER__SUBJECT_KIND__MODEL, renamed->name, NULL,
                              renamed->model));
    Mledger__SubjectState *model = ml_step_subject(step, renamed->model);
    model->name = renamed->name;
    model->has_renamed_seq = true;
    model->renamed_seq = step->record->seq;
    mark_model(step, renamed->model);
    return ml_step_put_name(step, MLEDGER__SUBJECT_KIND__MODEL, renamed->name, renamed->model);
}

static int model_deleted(struct ml_fold_step *step)
{
    Mledger__SubjectState *model = ml_step_subject(step, step->event->model_deleted->model);
    model->has_deleted = true;
    model->deleted = true;
    return MLEDGER_OK;
}

static int put_version(struct ml_fold_step *step, uint64_t model, uint64_t version,
                       Mledger__VersionState *state)
{
    state->last_seq = step->record->seq;
    struct ml_state_key key = ml_key_version(model, version);
    return ml_step_put(step, &key, &state->base);
}

/* The trainer is copied from the run's record, where there is one. */
static int check_trainer(struct ml_fold_step *step, const Mledger__VersionRegistered *registered)
{
    bool has_trainer = registered->has_trained_by_actor_ref;
    if (!registered->has_run_ref) {
        if (has_trainer)
            return ml_refuse("trainer", "a trainer without the run that says so");
        return MLEDGER_OK;
    }
    Mledger__SubjectState *run;
    int result = ml_state_subject(step->fold->state, registered->run_ref, &step->fold->arena, &run);
    if (result == MLEDGER_ENOTFOUND && ml_step_is_hidden(step, registered->run_ref)) {
        ml_step_unproven(step, "run-id");
        ml_step_unproven(step, "trainer");
        return MLEDGER_OK;
    }
    ML_TRY(result);
    /* Id and author are those it was started with: no later record changes them. */
    if (!registered->run_id || strcmp(run->name, registered->run_id) != 0)
        return ml_refuse("run-id", "record %" PRIu64 " is not the run '%s'", registered->run_ref,
                         registered->run_id ? registered->run_id : "");
    if (has_trainer != (bool)run->has_author ||
        (has_trainer && registered->trained_by_actor_ref != run->author))
        return ml_refuse("trainer", "run '%s' names another author", run->name);
    return MLEDGER_OK;
}

static int check_base_models(struct ml_fold_step *step,
                             const Mledger__VersionRegistered *registered)
{
    for (size_t i = 0; i < registered->n_base_models; i++) {
        const Mledger__BaseModel *base = registered->base_models[i];
        if (base->has_model_ref != base->has_version)
            return ml_fail(MLEDGER_EINVALID, "a base model needs a model and a version");
        if (base->has_model_ref)
            ML_TRY(ml_step_check_version_ref(step, base->model_ref, base->version));
    }
    return MLEDGER_OK;
}

static int check_version_number(struct ml_fold_step *step, uint64_t seq,
                                const Mledger__SubjectState *model, uint64_t version)
{
    if (!ml_step_is_whole(step, seq)) {
        ml_step_unproven(step, "version-number");
        return MLEDGER_OK;
    }
    uint64_t next = model->newest_version + 1;
    if (version == next || (version > next && step->event->has_imported_from))
        return MLEDGER_OK;
    return ml_refuse("version-number", "version %" PRIu64 " of model '%s' where %" PRIu64 " is due",
                     version, model->name, next);
}

static int version_registered(struct ml_fold_step *step)
{
    const Mledger__VersionRegistered *registered = step->event->version_registered;
    Mledger__SubjectState *model = ml_step_subject(step, registered->model);
    ML_TRY(check_version_number(step, registered->model, model, registered->version));
    ML_TRY(check_trainer(step, registered));
    ML_TRY(check_base_models(step, registered));
    model->has_newest_version = true;
    model->newest_version = registered->version;
    Mledger__VersionState *state;
    ML_TRY(ml_step_message(step, &mledger__version_state__descriptor, &state));
    static char no_stage[] = "None";
    state->registered_seq = state->stage_seq = step->record->seq;
    state->stage = no_stage;
    state->has_run_ref = registered->has_run_ref;
    state->run_ref = registered->run_ref;
    state->run_id = registered->run_id;
    state->has_trained_by = registered->has_trained_by_actor_ref;
    state->trained_by = registered->trained_by_actor_ref;
    state->has_registered_by = step->author != MLEDGER_NO_SEQ;
    state->registered_by = step->author;
    mark_model(step, registered->model);
    mark_version(step, state);
    ML_TRY(put_version(step, registered->model, registered->version, state));
    ML_TRY(put_update(step, registered->model, registered->version));
    return ml_step_put_fields(step, registered->model, registered->version, ML_FIELD_TAG,
                              registered->tags, registered->n_tags);
}

static int version_updated(struct ml_fold_step *step)
{
    const Mledger__VersionUpdated *updated = step->event->version_updated;
    Mledger__VersionState *state;
    ML_TRY(ml_step_version(step, updated->model, updated->version, &state));
    ML_TRY(put_update(step, updated->model, updated->version));
    mark_version(step, state);
    return put_version(step, updated->model, updated->version, state);
}

static int version_deleted(struct ml_fold_step *step)
{
    const Mledger__VersionDeleted *deleted = step->event->version_deleted;
    Mledger__VersionState *state;
    ML_TRY(ml_step_version(step, deleted->model, deleted->version, &state));
    for (size_t i = 0; i < state->n_aliases; i++) {
        struct ml_state_key key;
        ML_TRY(ml_key_alias(deleted->model, state->aliases[i], &key));
        ML_TRY(ml_step_delete(step, &key));
    }
    state->n_aliases = 0;
    state->has_deleted = true;
    state->deleted = true;
    mark_model(step, deleted->model);
    mark_version(step, state);
    return put_version(step, deleted->model, deleted->version, state);
}

static int move_to_stage(struct ml_fold_step *step, uint64_t model, uint64_t version,
                         Mledger__VersionState *state, char *stage)
{
    if (stage[0] == '\0')
        return ml_fail(MLEDGER_EINVALID, "a stage without a name");
    state->stage = stage;
    state->stage_seq = step->record->seq;
    mark_model(step, model);
    mark_version(step, state);
    return put_version(step, model, version, state);
}

static int stage_transitioned(struct ml_fold_step *step)
{
    const Mledger__StageTransitioned *transition = step->event->stage_transitioned;
    Mledger__VersionState *state;
    ML_TRY(ml_step_version(step, transition->model, transition->version, &state));
    if (!ml_step_is_whole(step, transition->model))
        ml_step_unproven(step, "stage-left");
    else if (strcmp(state->stage, transition->from_stage) != 0)
        return ml_refuse("stage-left",
                         "version %" PRIu64 " is in stage '%s', not in '%s', which it is to leave",
                         transition->version, state->stage, transition->from_stage);
    ML_TRY(
        ml_fold_policy(step, transition->model, transition->version, state, transition->to_stage));
    return move_to_stage(step, transition->model, transition->version, state, transition->to_stage);
}

/* What another registry says is a fact to be recorded, whatever the policy asks of those who
 * move versions here. */
static int stage_imported(struct ml_fold_step *step)
{
    const Mledger__StageImported *imported = step->event->stage_imported;
    if (!step->event->has_imported_from)
        return ml_refuse("import-only", "stage_imported must say where it was imported from");
    Mledger__VersionState *state;
    ML_TRY(ml_step_version(step, imported->model, imported->version, &state));
    return move_to_stage(step, imported->model, imported->version, state, imported->stage);
}

static bool is_digits(const char *text)
{
    return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* As MLflow has it: no 'latest', no 'v1', letters, digits, '_' and '-'. */
static int check_alias(const char *alias)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    size_t len = strlen(alias);
    bool version = (alias[0] == 'v' || alias[0] == 'V') && is_digits(alias + 1);
    if (len == 0 || len > 255 || alias[strspn(alias, allowed)] != '\0' || version ||
        strcasecmp(alias, "latest") == 0)
        return ml_refuse("alias-name", "'%s' cannot be an alias", alias);
    return MLEDGER_OK;
}

static void remove_alias(Mledger__VersionState *state, const char *alias)
{
    size_t kept = 0;
    for (size_t i = 0; i < state->n_aliases; i++)
        if (strcmp(state->aliases[i], alias) != 0)
            state->aliases[kept++] = state->aliases[i];
    state->n_aliases = kept;
}

/* Takes the alias from the version that it points to, if that is another one than `version`. */
static int leave_alias(struct ml_fold_step *step, uint64_t model, const char *alias,
                       const struct ml_state_key *key, uint64_t version)
{
    uint64_t old;
    int result = ml_state_pointer(step->fold->state, key, &old);
    if (result == MLEDGER_ENOTFOUND || (result == MLEDGER_OK && old == version))
        return result;
    ML_TRY(result);
    Mledger__VersionState *state;
    ML_TRY(ml_state_version(step->fold->state, model, old, &step->fold->arena, &state));
    remove_alias(state, alias);
    ML_TRY(put_version(step, model, old, state));
    return MLEDGER_OK;
}

static int add_alias(struct ml_fold_step *step, Mledger__VersionState *state, char *alias)
{
    remove_alias(state, alias);
    char **aliases = ml_arena_calloc(&step->fold->arena, state->n_aliases + 1, sizeof *aliases);
    if (!aliases)
        return ml_fail_memory();
    if (state->n_aliases)
        memcpy(aliases, state->aliases, state->n_aliases * sizeof *aliases);
    aliases[state->n_aliases++] = alias;
    state->aliases = aliases;
    return MLEDGER_OK;
}

static int alias_set(struct ml_fold_step *step)
{
    const Mledger__AliasSet *set = step->event->alias_set;
    Mledger__VersionState *state;
    ML_TRY(check_alias(set->alias));
    ML_TRY(ml_step_version(step, set->model, set->version, &state));
    struct ml_state_key key;
    ML_TRY(ml_key_alias(set->model, set->alias, &key));
    int result = leave_alias(step, set->model, set->alias, &key, set->version);
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    ML_TRY(add_alias(step, state, set->alias));
    ML_TRY(put_version(step, set->model, set->version, state));
    return ml_step_put_pointer(step, &key, set->version);
}

static int alias_deleted(struct ml_fold_step *step)
{
    const Mledger__AliasDeleted *deleted = step->event->alias_deleted;
    struct ml_state_key key;
    ML_TRY(ml_key_alias(deleted->model, deleted->alias, &key));
    int result = leave_alias(step, deleted->model, deleted->alias, &key, 0);
    if (result == MLEDGER_ENOTFOUND && !ml_step_is_whole(step, deleted->model)) {
        ml_step_unproven(step, "alias-missing");
        return MLEDGER_OK;
    }
    if (result == MLEDGER_ENOTFOUND)
        return ml_refuse("alias-missing", "model '%s' has no alias '%s'",
                         ml_step_subject(step, deleted->model)->name, deleted->alias);
    ML_TRY(result);
    return ml_step_delete(step, &key);
}

int ml_fold_registry(struct ml_fold_step *step)
{
    switch (step->event->kind_case) {
    case MLEDGER__EVENT__KIND_MODEL_CREATED:
        return model_created(step);
    case MLEDGER__EVENT__KIND_MODEL_UPDATED:
        return model_updated(step);
    case MLEDGER__EVENT__KIND_MODEL_RENAMED:
        return model_renamed(step);
    case MLEDGER__EVENT__KIND_MODEL_DELETED:
        return model_deleted(step);
    case MLEDGER__EVENT__KIND_VERSION_REGISTERED:
        return version_registered(step);
    case MLEDGER__EVENT__KIND_VERSION_UPDATED:
        return version_updated(step);
    case MLEDGER__EVENT__KIND_VERSION_DELETED:
        return version_deleted(step);
    case MLEDGER__EVENT__KIND_STAGE_TRANSITIONED:
        return stage_transitioned(step);
    case MLEDGER__EVENT__KIND_STAGE_IMPORTED:
        return stage_imported(step);
    case MLEDGER__EVENT__KIND_ALIAS_SET:
        return alias_set(step);
    case MLEDGER__EVENT__KIND_ALIAS_DELETED:
        return alias_deleted(step);
    default:
        return ml_fail(MLEDGER_EINVALID, "an event that has no rules");
    }
}
