/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of logged models. That one is not deleted is asked of every subject (fold.c). */
#include <inttypes.h>

#include "ledger/core/fold_step.h"

static void set_status(const struct ml_fold_step *step, Mledger__SubjectState *model,
                       Mledger__LoggedModelStatus status)
{
    model->has_model_status = model->has_status_seq = true;
    model->model_status = status;
    model->status_seq = step->record->seq;
}

static int created(struct ml_fold_step *step)
{
    const Mledger__LoggedModelCreated *created = step->event->logged_model_created;
    const uint64_t seq = step->record->seq;
    struct ml_state_key id;
    Mledger__SubjectState *model;
    if (created->model_id[0] == '\0')
        return ml_fail(MLEDGER_EINVALID, "a logged model without an id");
    ML_TRY(ml_key_name(MLEDGER__SUBJECT_KIND__LOGGED_MODEL, created->model_id, &id));
    ML_TRY(ml_step_check_new_id(step, &id, "logged-model-id", "a logged model", created->model_id));
    ML_TRY(ml_step_create(step, MLEDGER__SUBJECT_KIND__LOGGED_MODEL, created->model_id, &model));
    model->has_experiment = created->has_experiment;
    model->experiment = created->experiment;
    model->label = created->name;
    set_status(step, model, MLEDGER__LOGGED_MODEL_STATUS__PENDING);
    ML_TRY(ml_step_put_fields(step, seq, 0, ML_FIELD_PARAM, created->params, created->n_params));
    ML_TRY(ml_step_put_fields(step, seq, 0, ML_FIELD_TAG, created->tags, created->n_tags));
    return ml_step_put_pointer(step, &id, seq);
}

/* What a model was made with is a fact: it is told once. */
static int check_param(struct ml_fold_step *step, uint64_t model, const char *param)
{
    struct ml_state_key key;
    struct ml_span value;
    ML_TRY(ml_key_field(model, 0, ML_FIELD_PARAM, param, &key));
    const int result = ml_state_get(step->fold->state, ml_state_key_span(&key), &value);
    if (result == MLEDGER_OK)
        return ml_refuse("param-set", "parameter '%s' is set already", param);
    if (result == MLEDGER_ENOTFOUND && !ml_step_is_whole(step, model))
        ml_step_unproven(step, "param-set");
    return result == MLEDGER_ENOTFOUND ? MLEDGER_OK : result;
}

static int updated(struct ml_fold_step *step)
{
    const Mledger__LoggedModelUpdated *updated = step->event->logged_model_updated;
    const uint64_t seq = updated->logged_model;
    if (updated->has_status)
        set_status(step, ml_step_subject(step, seq), updated->status);
    for (size_t i = 0; i < updated->n_params; i++)
        ML_TRY(check_param(step, seq, updated->params[i]));
    return ml_step_put_fields(step, seq, 0, ML_FIELD_PARAM, updated->params, updated->n_params);
}

int ml_fold_logged_model(struct ml_fold_step *step)
{
    return step->event->kind_case == MLEDGER__EVENT__KIND_LOGGED_MODEL_CREATED ? created(step)
                                                                               : updated(step);
}
