/* SPDX-License-Identifier: Apache-2.0 */
/* What a fold does where payloads are hidden from it; ledger/core/fold.h says what that means. */
#include "ledger/core/event.h"
#include "ledger/core/fold_step.h"

bool ml_step_sees_all(const struct ml_fold_step *step)
{
    return !step->fold->hidden || step->fold->n_hidden == 0;
}

bool ml_step_is_whole(const struct ml_fold_step *step, uint64_t subject)
{
    if (ml_step_sees_all(step))
        return true;
    for (size_t i = 0; i < step->n_subjects; i++)
        if (step->subjects[i].seq == subject &&
            (step->subjects[i].hidden ||
             step->subjects[i].state->kind == MLEDGER__SUBJECT_KIND__ACTOR))
            return !step->subjects[i].hidden;
    const struct ml_fold_hidden *hidden = step->fold->hidden;
    return hidden->is_whole(hidden->context, subject);
}

bool ml_step_is_hidden(const struct ml_fold_step *step, uint64_t seq)
{
    const struct ml_fold_hidden *hidden = step->fold->hidden;
    return !ml_step_sees_all(step) && hidden->is_hidden(hidden->context, seq);
}

void ml_step_unproven(struct ml_fold_step *step, const char *rule)
{
    assert(!ml_step_sees_all(step));
    for (size_t i = 0; i < step->n_unproven; i++)
        if (strcmp(step->unproven[i], rule) == 0)
            return;
    assert(step->n_unproven < ML_FOLD_UNPROVEN);
    step->unproven[step->n_unproven++] = rule;
}

const char *ml_step_deleted_rule(Mledger__SubjectKind kind)
{
    switch (kind) {
    case MLEDGER__SUBJECT_KIND__EXPERIMENT:
        return "experiment-deleted";
    case MLEDGER__SUBJECT_KIND__RUN:
        return "run-deleted";
    case MLEDGER__SUBJECT_KIND__MODEL:
        return "model-deleted";
    case MLEDGER__SUBJECT_KIND__LOGGED_MODEL:
        return "logged-model-deleted";
    default:
        return NULL;
    }
}

int ml_step_hidden_subject(struct ml_fold_step *step, Mledger__SubjectKind kind,
                           Mledger__SubjectState **ret_subject)
{
    static char no_name[] = "";
    Mledger__SubjectState *state;
    ML_TRY(ml_step_message(step, &mledger__subject_state__descriptor, &state));
    state->kind = kind;
    state->name = no_name;
    *ret_subject = state;
    return MLEDGER_OK;
}

int ml_step_hidden_version(struct ml_fold_step *step, Mledger__VersionState **ret_version)
{
    static char no_stage[] = "None";
    Mledger__VersionState *state;
    ML_TRY(ml_step_message(step, &mledger__version_state__descriptor, &state));
    state->stage = no_stage;
    *ret_version = state;
    return MLEDGER_OK;
}

bool ml_step_keeps(const struct ml_fold_step *step, const struct ml_state_key *key)
{
    if (ml_step_sees_all(step) || !ml_key_is_of_version(key))
        return true;
    uint64_t model = 0;
    for (size_t i = 1; i <= sizeof model; i++)
        model = model << 8 | key->bytes[i];
    return ml_step_is_whole(step, model);
}

/* What a header alone decides: where it stands, and whether its signer may number records. */
static int check_header(struct ml_fold_step *step)
{
    const struct ml_fold_record *record = step->record;
    ML_TRY(ml_fold_place(step));
    uint64_t signer;
    unsigned roles;
    ML_TRY(ml_fold_key(step, record->signer, &signer, &roles));
    return ml_fold_check_signer(roles);
}

int ml_fold_hide(struct ml_fold *fold, const Mledger__Header *header)
{
    assert(fold->hidden);
    ml_arena_clear(&fold->arena);
    const struct ml_fold_record record = {.seq = header->seq,
                                          .format = header->format,
                                          .schema = header->schema,
                                          .recorded_at_us = header->recorded_at,
                                          .signer = header->signer.data};
    struct ml_fold_step step = {.fold = fold, .record = &record, .head = fold->head};
    fold->n_hidden++;
    return check_header(&step) < 0 ? ml_about_seq(header->seq) : MLEDGER_OK;
}
