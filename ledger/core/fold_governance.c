/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of validations, approvals, deployments and incidents. */
#include <inttypes.h>

#include "ledger/core/fold_step.h"

static int validation_recorded(struct ml_fold_step *step)
{
    const Mledger__ValidationRecorded *validation = step->event->validation_recorded;
    Mledger__VersionState *state;
    ML_TRY(ml_step_version(step, validation->model, validation->version, &state));
    state->has_validation = state->has_validation_seq = true;
    state->validation = validation->outcome;
    state->validation_seq = step->record->seq;
    state->last_seq = step->record->seq;
    struct ml_state_key key = ml_key_version(validation->model, validation->version);
    return ml_step_put(step, &key, &state->base);
}

/* The approvals of this version for this stage so far, with room for those of this record. */
static int load_approvals(struct ml_fold_step *step, const struct ml_state_key *key,
                          Mledger__ApprovalsState **ret_approvals)
{
    int result = ml_step_load(step, key, &mledger__approvals_state__descriptor, ret_approvals);
    if (result == MLEDGER_ENOTFOUND)
        ML_TRY(ml_step_message(step, &mledger__approvals_state__descriptor, ret_approvals));
    else
        ML_TRY(result);
    Mledger__ApprovalsState *approvals = *ret_approvals;
    size_t room = approvals->n_approvals + step->record->signed_statements->n_statements;
    Mledger__ApprovalState **list = ml_arena_calloc(&step->fold->arena, room, sizeof *list);
    if (!list)
        return ml_fail_memory();
    if (approvals->n_approvals)
        memcpy(list, approvals->approvals, approvals->n_approvals * sizeof *list);
    approvals->approvals = list;
    return MLEDGER_OK;
}

static int put_decision(struct ml_fold_step *step, Mledger__ApprovalsState *approvals,
                        uint64_t actor, Mledger__Decision decision)
{
    Mledger__ApprovalState *approval = NULL;
    for (size_t i = 0; i < approvals->n_approvals && !approval; i++)
        if (approvals->approvals[i]->actor == actor)
            approval = approvals->approvals[i];
    if (!approval) {
        ML_TRY(ml_step_message(step, &mledger__approval_state__descriptor, &approval));
        approvals->approvals[approvals->n_approvals++] = approval;
    }
    approval->actor = actor;
    approval->decision = decision;
    approval->seq = step->record->seq;
    return MLEDGER_OK;
}

/* A grant needs the meaning approved; a refusal or a withdrawal may also be a review. */
static bool judges(const Mledger__Statement *statement, Mledger__Decision decision)
{
    if (statement->meaning == MLEDGER__MEANING__APPROVED)
        return decision == MLEDGER__DECISION__GRANTED;
    return statement->meaning == MLEDGER__MEANING__REVIEWED &&
           decision != MLEDGER__DECISION__GRANTED;
}

static int approval_recorded(struct ml_fold_step *step)
{
    const Mledger__ApprovalRecorded *approval = step->event->approval_recorded;
    const Mledger__Statements *statements = step->record->signed_statements;
    Mledger__VersionState *version;
    ML_TRY(ml_step_version(step, approval->model, approval->version, &version));
    size_t counted = 0;
    if (statements) {
        struct ml_state_key key;
        ML_TRY(ml_key_approvals(approval->model, approval->version, approval->stage, &key));
        Mledger__ApprovalsState *approvals;
        ML_TRY(load_approvals(step, &key, &approvals));
        for (size_t i = 0; i < statements->n_statements; i++) {
            if (!judges(step->record->statements[i], approval->decision))
                continue;
            uint64_t actor;
            unsigned roles;
            ML_TRY(ml_fold_key(step, statements->statements[i]->key.data, &actor, &roles));
            bool person;
            ML_TRY(ml_fold_is_person(step, actor, &person));
            if (!person || !(roles & ML_ROLE_BIT(MLEDGER__ROLE__APPROVER)))
                continue;
            ML_TRY(put_decision(step, approvals, actor, approval->decision));
            counted++;
        }
        ML_TRY(ml_step_put(step, &key, &approvals->base));
    }
    if (counted == 0)
        return ml_refuse("approval-statement",
                         "an approval needs a statement by an approver's own key");
    return MLEDGER_OK;
}

static int deployment_recorded(struct ml_fold_step *step)
{
    const Mledger__DeploymentRecorded *deployment = step->event->deployment_recorded;
    if (deployment->endpoint[0] == '\0')
        return ml_fail(MLEDGER_EINVALID, "a deployment without an endpoint");
    for (size_t i = 0; i < deployment->n_targets; i++) {
        Mledger__VersionState *state;
        ML_TRY(ml_step_version(step, deployment->targets[i]->model, deployment->targets[i]->version,
                               &state));
    }
    struct ml_state_key key;
    ML_TRY(ml_key_endpoint(deployment->endpoint, &key));
    return ml_step_put_pointer(step, &key, step->record->seq);
}

static int incident_recorded(struct ml_fold_step *step)
{
    const Mledger__IncidentRecorded *incident = step->event->incident_recorded;
    if (incident->incident_id[0] == '\0')
        return ml_fail(MLEDGER_EINVALID, "an incident without an id");
    if (incident->has_version && !incident->has_model)
        return ml_fail(MLEDGER_EINVALID, "a version without its model");
    if (incident->has_version)
        ML_TRY(ml_step_check_version_ref(step, incident->model, incident->version));
    struct ml_state_key key;
    ML_TRY(ml_key_incident(incident->incident_id, &key));
    uint64_t known;
    int result = ml_state_pointer(step->fold->state, &key, &known);
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    bool opens = incident->status == MLEDGER__INCIDENT_STATUS__OPENED;
    if (opens && result == MLEDGER_OK)
        return ml_refuse("incident-id", "incident '%s' was opened before, record %" PRIu64,
                         incident->incident_id, known);
    if (result == MLEDGER_ENOTFOUND && !ml_step_sees_all(step))
        ml_step_unproven(step, opens ? "incident-id" : "incident-missing");
    else if (!opens && result == MLEDGER_ENOTFOUND)
        return ml_refuse("incident-missing", "there is no incident '%s'", incident->incident_id);
    return ml_step_put_pointer(step, &key, step->record->seq);
}

int ml_fold_governance(struct ml_fold_step *step)
{
    switch (step->event->kind_case) {
    case MLEDGER__EVENT__KIND_VALIDATION_RECORDED:
        return validation_recorded(step);
    case MLEDGER__EVENT__KIND_APPROVAL_RECORDED:
        return approval_recorded(step);
    case MLEDGER__EVENT__KIND_DEPLOYMENT_RECORDED:
        return deployment_recorded(step);
    case MLEDGER__EVENT__KIND_INCIDENT_RECORDED:
        return incident_recorded(step);
    case MLEDGER__EVENT__KIND_WEBHOOK_SET:
        return ml_fold_webhook_set(step);
    case MLEDGER__EVENT__KIND_WEBHOOK_DELETED:
        return ml_fold_webhook_deleted(step);
    default:
        return ml_fail(MLEDGER_EINVALID, "an event that has no rules");
    }
}
