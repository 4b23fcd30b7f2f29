/* SPDX-License-Identifier: Apache-2.0 */
/* What the policy of a stage demands of a version that is to enter it. */
#include <inttypes.h>

#include "ledger/core/fold_step.h"

struct candidate {
    struct ml_fold_step *step;
    uint64_t model, version;
    const Mledger__VersionState *state;
    const char *stage;
};

static const char *model_name(const struct candidate *candidate)
{
    return ml_step_subject(candidate->step, candidate->model)->name;
}

static int check_validation(const struct candidate *candidate)
{
    const Mledger__VersionState *state = candidate->state;
    if (state->has_validation && state->validation == MLEDGER__OUTCOME__PASSED)
        return MLEDGER_OK;
    if (state->has_validation)
        ml_refuse("policy-validation",
                  "stage '%s' needs a passed validation; the newest of '%s' version %" PRIu64
                  ", record %" PRIu64 ", did not pass",
                  candidate->stage, model_name(candidate), candidate->version,
                  state->validation_seq);
    else
        ml_refuse("policy-validation",
                  "stage '%s' needs a passed validation; '%s' version %" PRIu64 " has none",
                  candidate->stage, model_name(candidate), candidate->version);
    return ml_hint("mledger validation add %s/%" PRIu64 " --passed", model_name(candidate),
                   candidate->version);
}

/* Who may not be an approver where another person is asked for. */
static bool is_involved(const struct candidate *candidate, uint64_t actor)
{
    const Mledger__VersionState *state = candidate->state;
    return actor == candidate->step->author ||
           (state->has_trained_by && actor == state->trained_by) ||
           (state->has_registered_by && actor == state->registered_by);
}

/* Four eyes can be told only where it is known whose the first two were. */
static int check_authors_known(const struct candidate *candidate)
{
    const Mledger__VersionState *state = candidate->state;
    const char *unknown = NULL;
    if (candidate->step->author == MLEDGER_NO_SEQ)
        unknown = "moves";
    else if (!state->has_registered_by)
        unknown = "registered";
    else if (state->run_id && !state->has_trained_by)
        unknown = "trained";
    if (!unknown)
        return MLEDGER_OK;
    return ml_refuse("policy-four-eyes",
                     "stage '%s' needs an approval by another person, and it is not known who "
                     "%s '%s' version %" PRIu64,
                     candidate->stage, unknown, model_name(candidate), candidate->version);
}

static int count_approvals(const struct candidate *candidate, bool other, size_t *ret_count,
                           size_t *ret_involved)
{
    struct ml_fold_step *step = candidate->step;
    struct ml_state_key key;
    ML_TRY(ml_key_approvals(candidate->model, candidate->version, candidate->stage, &key));
    Mledger__ApprovalsState *approvals;
    *ret_count = *ret_involved = 0;
    int result = ml_step_load(step, &key, &mledger__approvals_state__descriptor, &approvals);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    for (size_t i = 0; i < approvals->n_approvals; i++) {
        const Mledger__ApprovalState *approval = approvals->approvals[i];
        if (approval->decision != MLEDGER__DECISION__GRANTED)
            continue;
        bool involved = other && is_involved(candidate, approval->actor);
        *ret_involved += involved;
        *ret_count += !involved;
    }
    return MLEDGER_OK;
}

static int check_approval(const struct candidate *candidate, uint32_t need, bool other)
{
    if (other)
        ML_TRY(check_authors_known(candidate));
    size_t count, involved;
    ML_TRY(count_approvals(candidate, other, &count, &involved));
    if (count >= need)
        return MLEDGER_OK;
    ml_refuse(involved ? "policy-four-eyes" : "policy-approval",
              "stage '%s' needs %" PRIu32 " approval%s%s; '%s' version %" PRIu64 " has %zu%s",
              candidate->stage, need, need == 1 ? "" : "s",
              other ? " by someone who neither trained nor registered nor moves the version" : "",
              model_name(candidate), candidate->version, count,
              involved ? ", and one by a person involved does not count" : "");
    return ml_hint("mledger approve %s/%" PRIu64 " --stage %s --key KEY-OF-AN-APPROVER",
                   model_name(candidate), candidate->version, candidate->stage);
}

/* What the policy asks of a version of whose records some are hidden. */
static void name_unproven(struct ml_fold_step *step, const Mledger__PolicyState *policy)
{
    for (size_t i = 0; i < policy->n_requirements; i++) {
        Mledger__RequirementKind kind = policy->requirements[i]->kind;
        if (kind == MLEDGER__REQUIREMENT_KIND__APPROVAL_OTHER)
            ml_step_unproven(step, "policy-four-eyes");
        ml_step_unproven(step, kind == MLEDGER__REQUIREMENT_KIND__VALIDATION ? "policy-validation"
                                                                             : "policy-approval");
    }
}

int ml_fold_policy(struct ml_fold_step *step, uint64_t model, uint64_t version,
                   const Mledger__VersionState *state, const char *stage)
{
    struct ml_state_key key;
    ML_TRY(ml_key_policy(stage, &key));
    Mledger__PolicyState *policy;
    int result = ml_step_load(step, &key, &mledger__policy_state__descriptor, &policy);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    if (!ml_step_is_whole(step, model)) {
        name_unproven(step, policy);
        return MLEDGER_OK;
    }
    const struct candidate candidate = {step, model, version, state, stage};
    for (size_t i = 0; i < policy->n_requirements; i++) {
        const Mledger__Requirement *requirement = policy->requirements[i];
        if (requirement->kind == MLEDGER__REQUIREMENT_KIND__VALIDATION)
            ML_TRY(check_validation(&candidate));
        else
            ML_TRY(check_approval(&candidate, requirement->count,
                                  requirement->kind == MLEDGER__REQUIREMENT_KIND__APPROVAL_OTHER));
    }
    return MLEDGER_OK;
}
