/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/standing.h"

#include <stdio.h>

static unsigned role_set(const Mledger__Role *roles, size_t count)
{
    unsigned set = 0;
    for (size_t i = 0; i < count; i++)
        set |= ML_STANDING_ROLE(roles[i]);
    return set;
}

static int read_standing(struct ml_view *view, const uint8_t *key, struct ml_arena *arena,
                         struct ml_standing *standing)
{
    Mledger__KeyState *state;
    int result = ml_state_key_entry(view->state, key, arena, &state);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    standing->known = true;
    standing->living = !state->has_until_seq;
    standing->purpose = state->purpose;
    standing->actor = state->actor;
    standing->since_seq = state->since_seq;
    standing->until_seq = state->has_until_seq ? state->until_seq : MLEDGER_NO_SEQ;
    standing->has_cause = state->has_cause;
    standing->cause = state->cause;
    if (state->purpose == MLEDGER__KEY_PURPOSE__LOG_KEY)
        return MLEDGER_OK;
    Mledger__SubjectState *actor;
    ML_TRY(ml_state_subject(view->state, state->actor, arena, &actor));
    standing->roles =
        role_set(state->roles, state->n_roles) & role_set(actor->roles, actor->n_roles);
    snprintf(standing->actor_id, sizeof standing->actor_id, "%s", actor->name);
    return MLEDGER_OK;
}

int ml_standing_read(struct ml_view *view, const uint8_t key[ML_KEY_SIZE],
                     struct ml_standing *ret_standing)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, (size_t)1 << 20);
    struct ml_standing standing = {.until_seq = MLEDGER_NO_SEQ};
    ML_TRY(read_standing(view, key, &arena, &standing));
    *ret_standing = standing;
    return MLEDGER_OK;
}

static const char *const role_names[] = {
    [MLEDGER__ROLE__ADMIN] = "admin",
    [MLEDGER__ROLE__RECORDER] = "recorder",
    [MLEDGER__ROLE__APPROVER] = "approver",
};

const char *ml_role_name(Mledger__Role role)
{
    return (size_t)role < ML_COUNT(role_names) && role_names[role] ? role_names[role] : "unknown";
}
