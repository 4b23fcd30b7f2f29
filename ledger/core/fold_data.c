/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of datasets, pipelines and tags. */
#include <inttypes.h>

#include "ledger/core/event.h"
#include "ledger/core/fold_step.h"

/* What dataset_recorded and pipeline_recorded have in common. */
struct snapshot {
    Mledger__SubjectKind kind;
    const uint64_t *subject;     /* NULL: it creates one */
    const uint64_t *predecessor; /* NULL: none */
    const char *name;
};

static int put_snapshot(struct ml_fold_step *step, const struct snapshot *snapshot,
                        uint64_t *ret_subject)
{
    uint64_t seq = snapshot->subject ? *snapshot->subject : step->record->seq;
    Mledger__SubjectState *state;
    if (snapshot->subject) {
        if (snapshot->predecessor)
            return ml_refuse("predecessor", "%s %" PRIu64 " goes on, so it has no predecessor",
                             ml_subject_kind_name(snapshot->kind), seq);
        state = ml_step_subject(step, seq);
        /* It keeps the name that it was created with; where that is hidden it has none here. */
        if (ml_step_is_hidden(step, seq) && state->name[0] == '\0')
            ml_step_unproven(step, "name");
        else if (strcmp(state->name, snapshot->name) != 0)
            return ml_refuse("name", "%s %" PRIu64 " is called '%s'",
                             ml_subject_kind_name(snapshot->kind), seq, state->name);
    } else {
        ML_TRY(ml_step_check_name(step, snapshot->kind, snapshot->name, snapshot->predecessor,
                                  MLEDGER_NO_SEQ));
        ML_TRY(ml_step_create(step, snapshot->kind, snapshot->name, &state));
        ML_TRY(ml_step_put_name(step, snapshot->kind, snapshot->name, seq));
    }
    state->has_newest_record = true;
    state->newest_record = step->record->seq;
    struct ml_state_key key = ml_key_recorded(step->record->seq);
    *ret_subject = seq;
    return ml_step_put_pointer(step, &key, seq);
}

static int dataset_recorded(struct ml_fold_step *step)
{
    const Mledger__DatasetRecorded *dataset = step->event->dataset_recorded;
    const struct snapshot snapshot = {
        .kind = MLEDGER__SUBJECT_KIND__DATASET,
        .subject = dataset->has_dataset ? &dataset->dataset : NULL,
        .predecessor = dataset->has_predecessor ? &dataset->predecessor : NULL,
        .name = dataset->name,
    };
    uint64_t subject;
    ML_TRY(put_snapshot(step, &snapshot, &subject));
    return ml_step_put_fields(step, subject, 0, ML_FIELD_TAG, dataset->tags, dataset->n_tags);
}

static int pipeline_recorded(struct ml_fold_step *step)
{
    const Mledger__PipelineRecorded *pipeline = step->event->pipeline_recorded;
    const struct snapshot snapshot = {
        .kind = MLEDGER__SUBJECT_KIND__PIPELINE,
        .subject = pipeline->has_pipeline ? &pipeline->pipeline : NULL,
        .predecessor = pipeline->has_predecessor ? &pipeline->predecessor : NULL,
        .name = pipeline->name,
    };
    uint64_t subject;
    return put_snapshot(step, &snapshot, &subject);
}

/* Whose tags; the version counts as changed. */
struct tag_target {
    uint64_t subject;
    uint64_t version; /* 0: the subject itself */
};

static int touch_version(struct ml_fold_step *step, const struct tag_target *target)
{
    if (target->version == 0)
        return MLEDGER_OK;
    Mledger__VersionState *state;
    ML_TRY(ml_step_version(step, target->subject, target->version, &state));
    state->last_seq = step->record->seq;
    struct ml_state_key key = ml_key_version(target->subject, target->version);
    return ml_step_put(step, &key, &state->base);
}

static int tags_set(struct ml_fold_step *step)
{
    const Mledger__TagsSet *set = step->event->tags_set;
    const struct tag_target target = {.subject = step->subjects[0].seq, .version = set->version};
    if (set->has_version && set->version == 0)
        return ml_fail(MLEDGER_EINVALID, "versions count from 1");
    ML_TRY(touch_version(step, &target));
    return ml_step_put_fields(step, target.subject, target.version, ML_FIELD_TAG, set->tags,
                              set->n_tags);
}

static int delete_tag(struct ml_fold_step *step, const struct tag_target *target, const char *tag)
{
    struct ml_state_key key;
    ML_TRY(ml_key_field(target->subject, target->version, ML_FIELD_TAG, tag, &key));
    struct ml_span value;
    int result = ml_state_get(step->fold->state, ml_state_key_span(&key), &value);
    bool whole = ml_step_is_whole(step, target->subject);
    if (result == MLEDGER_ENOTFOUND && whole)
        return ml_refuse("tag-missing", "there is no tag '%s'", tag);
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    if (!whole)
        ml_step_unproven(step, "tag-missing");
    return ml_step_delete(step, &key);
}

static int tags_deleted(struct ml_fold_step *step)
{
    const Mledger__TagsDeleted *deleted = step->event->tags_deleted;
    const struct tag_target target = {.subject = step->subjects[0].seq,
                                      .version = deleted->version};
    if (deleted->has_version && deleted->version == 0)
        return ml_fail(MLEDGER_EINVALID, "versions count from 1");
    ML_TRY(touch_version(step, &target));
    for (size_t i = 0; i < deleted->n_tags; i++)
        ML_TRY(delete_tag(step, &target, deleted->tags[i]));
    return MLEDGER_OK;
}

int ml_fold_data(struct ml_fold_step *step)
{
    switch (step->event->kind_case) {
    case MLEDGER__EVENT__KIND_DATASET_RECORDED:
        return dataset_recorded(step);
    case MLEDGER__EVENT__KIND_PIPELINE_RECORDED:
        return pipeline_recorded(step);
    case MLEDGER__EVENT__KIND_TAGS_SET:
        return tags_set(step);
    case MLEDGER__EVENT__KIND_TAGS_DELETED:
        return tags_deleted(step);
    default:
        return ml_fail(MLEDGER_EINVALID, "an event that has no rules");
    }
}
