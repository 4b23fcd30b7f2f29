/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of experiments and runs. */
#include <inttypes.h>
#include <stdio.h>

#include "ledger/core/fold_step.h"

int ml_step_check_new_id(struct ml_fold_step *step, const struct ml_state_key *key,
                         const char *rule, const char *noun, const char *id)
{
    uint64_t bearer;
    int result = ml_state_pointer(step->fold->state, key, &bearer);
    if (result == MLEDGER_OK)
        return ml_refuse(rule, "there is %s '%s' already, record %" PRIu64, noun, id, bearer);
    if (result == MLEDGER_ENOTFOUND && !ml_step_sees_all(step))
        ml_step_unproven(step, rule);
    return result == MLEDGER_ENOTFOUND ? MLEDGER_OK : result;
}

static int experiment_created(struct ml_fold_step *step)
{
    const Mledger__ExperimentCreated *created = step->event->experiment_created;
    struct ml_state_key id;
    ML_TRY(ml_key_experiment_id(created->experiment_id, &id));
    ML_TRY(
        ml_step_check_new_id(step, &id, "experiment-id", "an experiment", created->experiment_id));
    ML_TRY(ml_step_check_name(step, MLEDGER__SUBJECT_KIND__EXPERIMENT, created->name,
                              created->has_predecessor ? &created->predecessor : NULL,
                              MLEDGER_NO_SEQ));
    Mledger__SubjectState *experiment;
    ML_TRY(ml_step_create(step, MLEDGER__SUBJECT_KIND__EXPERIMENT, created->name, &experiment));
    experiment->label = created->experiment_id;
    ML_TRY(ml_step_put_pointer(step, &id, step->record->seq));
    ML_TRY(ml_step_put_name(step, MLEDGER__SUBJECT_KIND__EXPERIMENT, created->name,
                            step->record->seq));
    return ml_step_put_fields(step, step->record->seq, 0, ML_FIELD_TAG, created->tags,
                              created->n_tags);
}

static int experiment_updated(struct ml_fold_step *step)
{
    const Mledger__ExperimentUpdated *updated = step->event->experiment_updated;
    if (!updated->name)
        return MLEDGER_OK;
    ML_TRY(ml_step_check_name(step, MLEDGER__SUBJECT_KIND__EXPERIMENT, updated->name, NULL,
                              updated->experiment));
    ml_step_subject(step, updated->experiment)->name = updated->name;
    return ml_step_put_name(step, MLEDGER__SUBJECT_KIND__EXPERIMENT, updated->name,
                            updated->experiment);
}

static int delete_subject(struct ml_fold_step *step, uint64_t seq)
{
    Mledger__SubjectState *state = ml_step_subject(step, seq);
    state->has_deleted = true;
    state->deleted = true;
    return MLEDGER_OK;
}

static int restore_subject(struct ml_fold_step *step, uint64_t seq)
{
    Mledger__SubjectState *state = ml_step_subject(step, seq);
    if (!ml_step_is_whole(step, seq))
        ml_step_unproven(step, "not-deleted");
    else if (!state->has_deleted)
        return ml_refuse("not-deleted", "'%s' is not deleted", state->name);
    state->has_deleted = false;
    state->deleted = false;
    return MLEDGER_OK;
}

static int experiment_restored(struct ml_fold_step *step)
{
    uint64_t seq = step->event->experiment_restored->experiment;
    Mledger__SubjectState *state = ml_step_subject(step, seq);
    if (!ml_step_is_whole(step, seq)) { /* what it is called is not known */
        ml_step_unproven(step, "name-taken");
        return restore_subject(step, seq);
    }
    ML_TRY(ml_step_check_name(step, MLEDGER__SUBJECT_KIND__EXPERIMENT, state->name, NULL, seq));
    ML_TRY(restore_subject(step, seq));
    return ml_step_put_name(step, MLEDGER__SUBJECT_KIND__EXPERIMENT, state->name, seq);
}

static int set_commit(Mledger__SubjectState *run, const Mledger__Digest *commit)
{
    if (!commit)
        return MLEDGER_OK;
    if (commit->algorithm != MLEDGER__ALGORITHM__GIT)
        return ml_fail(MLEDGER_EINVALID, "a commit that is no Git object");
    run->has_commit = true;
    run->commit = commit->value;
    return MLEDGER_OK;
}

static int run_started(struct ml_fold_step *step)
{
    const Mledger__RunStarted *started = step->event->run_started;
    if (started->run_id[0] == '\0')
        return ml_fail(MLEDGER_EINVALID, "a run without an id");
    struct ml_state_key id;
    ML_TRY(ml_key_name(MLEDGER__SUBJECT_KIND__RUN, started->run_id, &id));
    ML_TRY(ml_step_check_new_id(step, &id, "run-id", "a run", started->run_id));
    Mledger__SubjectState *run;
    ML_TRY(ml_step_create(step, MLEDGER__SUBJECT_KIND__RUN, started->run_id, &run));
    run->has_experiment = started->has_experiment;
    run->experiment = started->experiment;
    run->has_status = true;
    run->status = MLEDGER__RUN_STATUS__RUNNING;
    run->has_author = step->author != MLEDGER_NO_SEQ;
    run->author = step->author;
    run->label = started->name;
    ML_TRY(set_commit(run, started->commit));
    return ml_step_put_pointer(step, &id, step->record->seq);
}

static bool is_as_new(const Mledger__FieldState *field, const Mledger__MetricPoint *point)
{
    return field->step == point->step && field->time == point->time;
}

/* Newest is the point with the greatest step, then time, then the one recorded last: what was
 * measured stands in the details, which no rule reads. Since when there are others as new is kept,
 * for those who can compare values. */
static int put_metric(struct ml_fold_step *step, uint64_t run, const Mledger__MetricPoint *point,
                      uint32_t index, bool tied)
{
    struct ml_state_key key;
    ML_TRY(ml_key_field(run, 0, ML_FIELD_METRIC, point->key, &key));
    Mledger__FieldState *newest;
    int result = ml_step_load(step, &key, &mledger__field_state__descriptor, &newest);
    if (result == MLEDGER_OK &&
        (newest->step > point->step || (newest->step == point->step && newest->time > point->time)))
        return MLEDGER_OK;
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    uint64_t since = step->record->seq;
    if (result == MLEDGER_OK && is_as_new(newest, point)) {
        tied = true;
        since = newest->has_tied_since ? newest->tied_since : newest->seq;
    }
    ML_TRY(ml_step_message(step, &mledger__field_state__descriptor, &newest));
    newest->seq = step->record->seq;
    newest->index = index;
    newest->has_tied_since = tied;
    newest->tied_since = since;
    newest->has_step = newest->has_time = true;
    newest->step = point->step;
    newest->time = point->time;
    return ml_step_put(step, &key, &newest->base);
}

/* Metrics of one record by their keys: slots hold the number of a point and one, or 0. */
struct metric_table {
    uint32_t *slots;
    size_t n_slots; /* power of two, at least twice as many as points */
};

static uint32_t *metric_slot(const struct metric_table *table, const Mledger__RunLogged *logged,
                             const char *key)
{
    uint32_t hash = 2166136261U; /* FNV-1a, 32 bits */
    for (const char *c = key; *c; c++)
        hash = (hash ^ (uint8_t)*c) * 16777619U;
    size_t i = hash & (table->n_slots - 1);
    while (table->slots[i] && strcmp(logged->metrics[table->slots[i] - 1]->key, key) != 0)
        i = (i + 1) & (table->n_slots - 1);
    return &table->slots[i];
}

static bool is_newer(const Mledger__MetricPoint *point, const Mledger__MetricPoint *than)
{
    return point->step > than->step || (point->step == than->step && point->time >= than->time);
}

static bool is_tied(const Mledger__MetricPoint *point, const Mledger__MetricPoint *with)
{
    return point->step == with->step && point->time == with->time;
}

/* Changes are seen when the record has passed, so of several points of one metric in it only the
 * newest may be among them. */
static int put_metrics(struct ml_fold_step *step, const Mledger__RunLogged *logged)
{
    struct metric_table table = {.n_slots = 2};
    while (table.n_slots < 2 * logged->n_metrics)
        table.n_slots *= 2;
    table.slots = ml_arena_calloc(&step->fold->arena, table.n_slots, sizeof *table.slots);
    bool *tied = ml_arena_calloc(&step->fold->arena, logged->n_metrics + 1, sizeof *tied);
    if (!table.slots || !tied)
        return ml_arena_fail(&step->fold->arena, "the record");
    for (size_t i = 0; i < logged->n_metrics; i++) {
        uint32_t *slot = metric_slot(&table, logged, logged->metrics[i]->key);
        tied[i] = *slot && is_tied(logged->metrics[i], logged->metrics[*slot - 1]);
        if (!*slot || is_newer(logged->metrics[i], logged->metrics[*slot - 1]))
            *slot = (uint32_t)i + 1;
    }
    for (size_t i = 0; i < logged->n_metrics; i++)
        if (*metric_slot(&table, logged, logged->metrics[i]->key) == i + 1)
            ML_TRY(put_metric(step, logged->run, logged->metrics[i], (uint32_t)i, tied[i]));
    return MLEDGER_OK;
}

static int check_inputs(struct ml_fold_step *step, const Mledger__RunLogged *logged)
{
    for (size_t i = 0; i < logged->n_inputs; i++) {
        const Mledger__Input *input = logged->inputs[i];
        if (input->has_model_ref != input->has_version)
            return ml_fail(MLEDGER_EINVALID, "input '%s' names a model or a version, not both",
                           input->name);
        if (input->has_model_ref)
            ML_TRY(ml_step_check_version_ref(step, input->model_ref, input->version));
    }
    return MLEDGER_OK;
}

static int put_place(struct ml_fold_step *step, uint64_t subject, enum ml_field_kind kind,
                     size_t index)
{
    char place[2 * sizeof "18446744073709551615"];
    struct ml_state_key key;
    Mledger__FieldState *field;
    snprintf(place, sizeof place, "%" PRIu64 "/%zu", step->record->seq, index);
    ML_TRY(ml_key_field(subject, 0, kind, place, &key));
    ML_TRY(ml_step_message(step, &mledger__field_state__descriptor, &field));
    field->seq = step->record->seq;
    field->index = (uint32_t)index;
    return ml_step_put(step, &key, &field->base);
}

/* So that what a run read and wrote is found without reading all that it logged. */
static int put_places(struct ml_fold_step *step, uint64_t run, enum ml_field_kind kind,
                      size_t count)
{
    for (size_t i = 0; i < count; i++)
        ML_TRY(put_place(step, run, kind, i));
    return MLEDGER_OK;
}

/* Of a logged model every point is kept: they differ by run and dataset too. */
static int put_model_metrics(struct ml_fold_step *step, const Mledger__RunLogged *logged)
{
    for (size_t i = 0; i < logged->n_metrics; i++)
        if (logged->metrics[i]->has_logged_model)
            ML_TRY(put_place(step, logged->metrics[i]->logged_model, ML_FIELD_METRIC, i));
    return MLEDGER_OK;
}

static int run_logged(struct ml_fold_step *step)
{
    const Mledger__RunLogged *logged = step->event->run_logged;
    ML_TRY(set_commit(ml_step_subject(step, logged->run), logged->commit));
    ML_TRY(check_inputs(step, logged));
    ML_TRY(
        ml_step_put_fields(step, logged->run, 0, ML_FIELD_PARAM, logged->params, logged->n_params));
    ML_TRY(ml_step_put_fields(step, logged->run, 0, ML_FIELD_TAG, logged->tags, logged->n_tags));
    ML_TRY(put_places(step, logged->run, ML_FIELD_INPUT, logged->n_inputs));
    ML_TRY(put_places(step, logged->run, ML_FIELD_OUTPUT, logged->n_outputs));
    ML_TRY(put_places(step, logged->run, ML_FIELD_MODEL, logged->n_models));
    ML_TRY(put_model_metrics(step, logged));
    return put_metrics(step, logged);
}

/* The newest record of each path. */
static int artifact_recorded(struct ml_fold_step *step)
{
    const Mledger__ArtifactRecorded *recorded = step->event->artifact_recorded;
    const uint64_t owner = recorded->has_run ? recorded->run : recorded->logged_model;
    for (size_t i = 0; i < recorded->n_artifacts; i++) {
        struct ml_state_key key;
        Mledger__FieldState *field;
        ML_TRY(ml_key_field(owner, 0, ML_FIELD_ARTIFACT, recorded->artifacts[i]->path, &key));
        ML_TRY(ml_step_message(step, &mledger__field_state__descriptor, &field));
        field->seq = step->record->seq;
        field->index = (uint32_t)i;
        ML_TRY(ml_step_put(step, &key, &field->base));
    }
    return MLEDGER_OK;
}

static int remove_artifact(struct ml_fold_step *step, uint64_t owner, const char *path)
{
    struct ml_state_key key;
    struct ml_span value;
    ML_TRY(ml_key_field(owner, 0, ML_FIELD_ARTIFACT, path, &key));
    const int result = ml_state_get(step->fold->state, ml_state_key_span(&key), &value);
    const bool whole = ml_step_is_whole(step, owner);
    if (result == MLEDGER_ENOTFOUND && whole)
        return ml_refuse("artifact-missing", "there is no artifact '%s'", path);
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    if (!whole)
        ml_step_unproven(step, "artifact-missing");
    return ml_step_delete(step, &key);
}

static int artifact_removed(struct ml_fold_step *step)
{
    const Mledger__ArtifactRemoved *removed = step->event->artifact_removed;
    const uint64_t owner = removed->has_run ? removed->run : removed->logged_model;
    for (size_t i = 0; i < removed->n_paths; i++)
        ML_TRY(remove_artifact(step, owner, removed->paths[i]));
    return MLEDGER_OK;
}

static void set_status(Mledger__SubjectState *run, Mledger__RunStatus status)
{
    run->has_status = true;
    run->status = status;
}

static int run_updated(struct ml_fold_step *step)
{
    const Mledger__RunUpdated *updated = step->event->run_updated;
    Mledger__SubjectState *run = ml_step_subject(step, updated->run);
    if (updated->has_status && updated->status != MLEDGER__RUN_STATUS__RUNNING &&
        updated->status != MLEDGER__RUN_STATUS__SCHEDULED)
        return ml_fail(MLEDGER_EINVALID, "a run ends by run_ended");
    if (updated->has_status)
        set_status(run, updated->status);
    if (updated->name)
        run->label = updated->name;
    return MLEDGER_OK;
}

static int link_confirmed(struct ml_fold_step *step)
{
    const Mledger__LinkConfirmed *link = step->event->link_confirmed;
    struct ml_state_key key = ml_key_recorded(link->record_ref);
    uint64_t subject;
    int result = ml_state_pointer(step->fold->state, &key, &subject);
    bool pointed = result == MLEDGER_OK;
    Mledger__SubjectState *state = NULL;
    if (result == MLEDGER_OK)
        result = ml_state_subject(step->fold->state, subject, &step->fold->arena, &state);
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    /* Either the record is hidden, or the one that created what it is of. */
    if (!state && (ml_step_is_hidden(step, link->record_ref) ||
                   (pointed && ml_step_is_hidden(step, subject)))) {
        ml_step_unproven(step, "reference-missing");
        return MLEDGER_OK;
    }
    if (!state || state->kind != MLEDGER__SUBJECT_KIND__PIPELINE)
        return ml_refuse("reference-missing", "record %" PRIu64 " holds no pipeline",
                         link->record_ref);
    return MLEDGER_OK;
}

int ml_fold_tracking(struct ml_fold_step *step)
{
    const Mledger__Event *event = step->event;
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_EXPERIMENT_CREATED:
        return experiment_created(step);
    case MLEDGER__EVENT__KIND_EXPERIMENT_UPDATED:
        return experiment_updated(step);
    case MLEDGER__EVENT__KIND_EXPERIMENT_DELETED:
        return delete_subject(step, event->experiment_deleted->experiment);
    case MLEDGER__EVENT__KIND_EXPERIMENT_RESTORED:
        return experiment_restored(step);
    case MLEDGER__EVENT__KIND_RUN_STARTED:
        return run_started(step);
    case MLEDGER__EVENT__KIND_RUN_LOGGED:
        return run_logged(step);
    case MLEDGER__EVENT__KIND_RUN_UPDATED:
        return run_updated(step);
    case MLEDGER__EVENT__KIND_RUN_ENDED:
        set_status(ml_step_subject(step, event->run_ended->run), event->run_ended->status);
        return MLEDGER_OK;
    case MLEDGER__EVENT__KIND_RUN_DELETED:
        return delete_subject(step, event->run_deleted->run);
    case MLEDGER__EVENT__KIND_RUN_RESTORED:
        return restore_subject(step, event->run_restored->run);
    case MLEDGER__EVENT__KIND_ARTIFACT_RECORDED:
        return artifact_recorded(step);
    case MLEDGER__EVENT__KIND_ARTIFACT_REMOVED:
        return artifact_removed(step);
    case MLEDGER__EVENT__KIND_LINK_CONFIRMED:
        return link_confirmed(step);
    case MLEDGER__EVENT__KIND_LOGGED_MODEL_CREATED:
    case MLEDGER__EVENT__KIND_LOGGED_MODEL_UPDATED:
        return ml_fold_logged_model(step);
    case MLEDGER__EVENT__KIND_LOGGED_MODEL_DELETED:
        return delete_subject(step, event->logged_model_deleted->logged_model);
    default: /* tags_set and tags_deleted concern every kind of subject */
        return ml_fold_data(step);
    }
}
