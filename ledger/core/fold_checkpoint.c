/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the rules ask of a checkpoint that is noted: that it is one of this ledger's, signed by a
 * log key that its own records authorise. That its root is the tree's takes the tree, which the
 * rules do not have: append and verify check it beside them.
 */
#include <inttypes.h>

#include "ledger/core/checkpoint.h"
#include "ledger/core/fold_step.h"

/* None are good where the state holds nothing. */
static int load_log_keys(struct ml_fold_step *step, Mledger__LogKeysState **ret_keys)
{
    struct ml_state_key key = ml_key_log_keys();
    int result = ml_step_load(step, &key, &mledger__log_keys_state__descriptor, ret_keys);
    return result == MLEDGER_ENOTFOUND
               ? ml_step_message(step, &mledger__log_keys_state__descriptor, ret_keys)
               : result;
}

static int put_log_keys(struct ml_fold_step *step, const Mledger__LogKeysState *keys)
{
    struct ml_state_key key = ml_key_log_keys();
    return ml_step_put(step, &key, &keys->base);
}

int ml_fold_log_key_begins(struct ml_fold_step *step, const uint8_t *key)
{
    Mledger__LogKeysState *keys;
    ML_TRY(load_log_keys(step, &keys));
    ProtobufCBinaryData *list = ml_arena_calloc(&step->fold->arena, keys->n_keys + 1, sizeof *list);
    uint8_t *copy = ml_arena_alloc(&step->fold->arena, ML_KEY_SIZE);
    if (!list || !copy)
        return ml_fail_memory();
    memcpy(copy, key, ML_KEY_SIZE);
    for (size_t i = 0; i < keys->n_keys; i++)
        list[i] = keys->keys[i];
    list[keys->n_keys++] = (ProtobufCBinaryData){.len = ML_KEY_SIZE, .data = copy};
    keys->keys = list;
    return put_log_keys(step, keys);
}

int ml_fold_log_key_ends(struct ml_fold_step *step, const uint8_t *key)
{
    Mledger__LogKeysState *keys;
    ML_TRY(load_log_keys(step, &keys));
    size_t kept = 0;
    for (size_t i = 0; i < keys->n_keys; i++)
        if (keys->keys[i].len != ML_KEY_SIZE || memcmp(keys->keys[i].data, key, ML_KEY_SIZE) != 0)
            keys->keys[kept++] = keys->keys[i];
    keys->n_keys = kept;
    return put_log_keys(step, keys);
}

/* The good log keys that the first `size` records authorise, as verifiers of notes. */
static int find_log_keys(struct ml_fold_step *step, uint64_t size, struct ml_vkey **ret_keys,
                         size_t *ret_count)
{
    Mledger__LogKeysState *keys;
    size_t count = 0;
    const char *origin = step->head.origin;
    ML_TRY(load_log_keys(step, &keys));
    struct ml_vkey *vkeys = ml_arena_calloc(&step->fold->arena, keys->n_keys + 1, sizeof *vkeys);
    if (!vkeys)
        return ml_fail_memory();
    for (size_t i = 0; i < keys->n_keys; i++) {
        Mledger__KeyState *state;
        if (keys->keys[i].len != ML_KEY_SIZE)
            return ml_fail(MLEDGER_EDAMAGED, "the derived list of log keys is damaged");
        ML_TRY(
            ml_state_key_entry(step->fold->state, keys->keys[i].data, &step->fold->arena, &state));
        if (state->since_seq < size)
            ML_TRY(ml_vkey_make(ML_VKEY_ED25519, ML_SPAN(origin, strlen(origin)),
                                keys->keys[i].data, &vkeys[count++]));
    }
    *ret_keys = vkeys;
    *ret_count = count;
    return MLEDGER_OK;
}

/* Whether the error at hand is the note's; a refusal can quote it. */
static bool is_the_notes(struct ml_error *ret_error)
{
    ml_error_get(ret_error);
    return ret_error->code == MLEDGER_EINVALID;
}

static int check_text(const struct ml_fold_step *step, const struct ml_checkpoint *checkpoint)
{
    const Mledger__CheckpointNoted *noted = step->event->checkpoint_noted;
    const char *origin = step->head.origin;
    if (!ml_span_equal(checkpoint->origin, ML_SPAN(origin, strlen(origin))))
        return ml_refuse("checkpoint-note", "the checkpoint is of '%.*s', and not of '%s'",
                         (int)(checkpoint->origin.len < 255 ? checkpoint->origin.len : 255),
                         (const char *)checkpoint->origin.data, origin);
    if (checkpoint->size != noted->size)
        return ml_refuse("checkpoint-note",
                         "the checkpoint is over %" PRIu64 " records, and noted as over %" PRIu64,
                         checkpoint->size, noted->size);
    if (memcmp(checkpoint->root, noted->root.data, ML_HASH_SIZE) != 0)
        return ml_refuse("checkpoint-note", "the checkpoint has another root than is noted");
    return MLEDGER_OK;
}

static int check_note(struct ml_fold_step *step, struct ml_note *note)
{
    const Mledger__CheckpointNoted *noted = step->event->checkpoint_noted;
    struct ml_checkpoint checkpoint;
    struct ml_vkey *keys;
    size_t n_keys;
    struct ml_error error;
    if (ml_checkpoint_open(ML_SPAN(noted->note.data, noted->note.len), note, &checkpoint) < 0)
        return is_the_notes(&error) ? ml_refuse("checkpoint-note", "%s", error.text) : ml_failed();
    ML_TRY(check_text(step, &checkpoint));
    ML_TRY(find_log_keys(step, noted->size, &keys, &n_keys));
    if (ml_note_verify(note, keys, n_keys, NULL) < 0)
        return is_the_notes(&error) ? ml_refuse("checkpoint-key", "%s", error.text) : ml_failed();
    return MLEDGER_OK;
}

int ml_fold_checkpoint(struct ml_fold_step *step)
{
    ML_CLEANUP(ml_note_release) struct ml_note note = {0};
    return check_note(step, &note);
}
