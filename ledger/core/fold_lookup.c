/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the state by what is asked for. */
#include "ledger/core/fold.h"
#include "ledger/core/state_key.h"

int ml_state_subject(struct ml_state *state, uint64_t seq, struct ml_arena *arena,
                     Mledger__SubjectState **ret_subject)
{
    struct ml_state_key key = ml_key_subject(seq);
    return ml_state_load(state, ml_state_key_span(&key), &mledger__subject_state__descriptor, arena,
                         ret_subject);
}

int ml_state_version(struct ml_state *state, uint64_t model, uint64_t version,
                     struct ml_arena *arena, Mledger__VersionState **ret_version)
{
    struct ml_state_key key = ml_key_version(model, version);
    return ml_state_load(state, ml_state_key_span(&key), &mledger__version_state__descriptor, arena,
                         ret_version);
}

int ml_state_key_entry(struct ml_state *state, const uint8_t key_bytes[ML_KEY_SIZE],
                       struct ml_arena *arena, Mledger__KeyState **ret_key)
{
    struct ml_state_key key = ml_key_key(key_bytes);
    return ml_state_load(state, ml_state_key_span(&key), &mledger__key_state__descriptor, arena,
                         ret_key);
}

int ml_state_pointer(struct ml_state *state, const struct ml_state_key *key, uint64_t *ret_target)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, 4096);
    Mledger__PointerState *pointer;
    ML_TRY(ml_state_load(state, ml_state_key_span(key), &mledger__pointer_state__descriptor, &arena,
                         &pointer));
    *ret_target = pointer->target;
    return MLEDGER_OK;
}

int ml_state_find(struct ml_state *state, Mledger__SubjectKind kind, const char *name,
                  uint64_t *ret_seq)
{
    struct ml_state_key key;
    ML_TRY(ml_key_name(kind, name, &key));
    int result = ml_state_pointer(state, &key, ret_seq);
    if (result != MLEDGER_ENOTFOUND || kind != MLEDGER__SUBJECT_KIND__EXPERIMENT)
        return result;
    ML_TRY(ml_key_experiment_id(name, &key));
    return ml_state_pointer(state, &key, ret_seq);
}
