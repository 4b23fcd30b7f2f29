/* SPDX-License-Identifier: Apache-2.0 */
/* The checkpoints in a bundle: they are of these records. Whether they count is anchor.h's to say.
 */
#include <inttypes.h>

#include "ledger/core/checkpoint.h"
#include "verify/bundle_private.h"

/* The log keys of the ledger, each good from one size on, maybe to another. */
struct log_key {
    struct ml_vkey vkey;
    uint64_t since, until; /* seqs: authorised by, ended by; MLEDGER_NO_SEQ: it has not */
};

struct log_keys {
    struct ml_bundle_check *check;
    struct log_key *list;
    size_t count, cap;
};

static int take_key(struct ml_span key, struct ml_span value, void *context)
{
    struct log_keys *keys = context;
    struct ml_bundle_check *check = keys->check;
    const char *origin = check->verifier.fold.head.origin;
    (void)value;
    if (key.len != 1 + ML_KEY_SIZE || key.data[0] != 'K')
        return MLEDGER_OK;
    Mledger__KeyState *state;
    ML_TRY(ml_state_key_entry(check->verifier.state, key.data + 1, &check->verdict->arena, &state));
    if (state->purpose != MLEDGER__KEY_PURPOSE__LOG_KEY)
        return MLEDGER_OK;
    ML_TRY(ml_grow(&keys->list, &keys->cap, keys->count + 1, sizeof *keys->list));
    struct log_key *kept = &keys->list[keys->count];
    ML_TRY(
        ml_vkey_make(ML_VKEY_ED25519, ML_SPAN(origin, strlen(origin)), key.data + 1, &kept->vkey));
    kept->since = state->since_seq;
    kept->until = state->has_until_seq ? state->until_seq : MLEDGER_NO_SEQ;
    keys->count++;
    return MLEDGER_OK;
}

/* ---- one checkpoint ---- */

/* Whether one of the log keys that the first `size` records authorise, and none of them ends, has
 * signed. MLEDGER_EINVALID says why not. */
static int check_log_key(const struct log_keys *keys, const struct ml_note *note, uint64_t size)
{
    for (size_t i = 0; i < keys->count; i++) {
        const struct log_key *key = &keys->list[i];
        if (key->since < size && key->until >= size && ml_note_names(note, &key->vkey))
            return ml_note_verify(note, &key->vkey, 1, NULL);
    }
    return ml_fail(MLEDGER_EINVALID, "no log key that its records authorise has signed it");
}

static int check_tree(struct ml_bundle_check *check, const struct ml_checkpoint *checkpoint)
{
    uint8_t root[ML_HASH_SIZE];
    int result = checkpoint->size == 0
                     ? MLEDGER_ENOTFOUND
                     : ml_verifier_root_at(&check->verifier, checkpoint->size, root);
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail(MLEDGER_EINVALID, "it is over %" PRIu64 " records, which are not all here",
                       checkpoint->size);
    ML_TRY(result);
    if (memcmp(root, checkpoint->root, ML_HASH_SIZE) != 0)
        return ml_fail(MLEDGER_EINVALID,
                       "it has another root than the first %" PRIu64 " records here",
                       checkpoint->size);
    return MLEDGER_OK;
}

static int check_note(const struct log_keys *keys, const struct ml_bundle_note *given,
                      struct ml_note *note, struct ml_bundle_anchor *ret_anchor)
{
    struct ml_bundle_check *check = keys->check;
    const char *origin = check->verifier.fold.head.origin;
    struct ml_checkpoint checkpoint;
    bool trusted;
    ML_TRY(ml_checkpoint_open(given->bytes, note, &checkpoint));
    if (!ml_span_equal(checkpoint.origin, ML_SPAN(origin, strlen(origin))))
        return ml_fail(MLEDGER_EINVALID, "it is of another ledger, by its origin");
    ML_TRY(check_tree(check, &checkpoint));
    ML_TRY(check_log_key(keys, note, checkpoint.size));
    ML_TRY(ml_verify_anchor_inside(&check->verifier, MLEDGER_NO_SEQ, note, &checkpoint, &trusted));
    *ret_anchor = (struct ml_bundle_anchor){.size = checkpoint.size,
                                            .cosignatures = note->count - 1,
                                            .timestamps = given->timestamps,
                                            .trusted = trusted};
    return MLEDGER_OK;
}

static int add_anchor(const struct log_keys *keys, size_t i)
{
    struct ml_bundle_check *check = keys->check;
    struct ml_bundle_verdict *verdict = check->verdict;
    struct ml_verifier *verifier = &check->verifier;
    ML_CLEANUP(ml_note_release) struct ml_note note = {0};
    struct ml_bundle_anchor *anchor = &verdict->anchors[verdict->n_anchors];
    int result = check_note(keys, &check->notes[i], &note, anchor);
    if (result == MLEDGER_EINVALID) {
        struct ml_error error;
        ml_prefix("checkpoint %zu of the bundle", i + 1);
        ml_error_get(&error);
        return ml_verify_report_error(verifier, "bundle-checkpoint", &error, MLEDGER_NO_SEQ);
    }
    ML_TRY(result);
    verdict->n_anchors++;
    return MLEDGER_OK;
}

/* ---- all of them ---- */

/* The keys that the manifest lists for the reader's convenience are those of the records. */
static int check_listed_keys(const struct log_keys *keys)
{
    struct ml_bundle_check *check = keys->check;
    const Mledger__BundleManifest *manifest = check->verdict->manifest;
    size_t good = 0, listed = 0;
    for (size_t i = 0; i < keys->count; i++) {
        if (keys->list[i].until != MLEDGER_NO_SEQ)
            continue;
        good++;
        ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
        ML_TRY(ml_vkey_write(&keys->list[i].vkey, &text));
        for (size_t k = 0; k < manifest->n_log_vkeys; k++)
            listed += ml_span_equal(ml_buf_span(&text), ML_SPAN(manifest->log_vkeys[k],
                                                                strlen(manifest->log_vkeys[k])));
    }
    if (good == listed && good == manifest->n_log_vkeys)
        return MLEDGER_OK;
    return ml_verify_report(&check->verifier, ML_SEVERITY_FAULT, "bundle-manifest", MLEDGER_NO_SEQ,
                            "it lists other log keys than the records authorise");
}

static int check_identity(struct ml_bundle_check *check)
{
    const struct ml_head *head = &check->verifier.fold.head;
    const Mledger__BundleManifest *manifest = check->verdict->manifest;
    if (memcmp(manifest->identity.data, head->identity, ML_HASH_SIZE) == 0 &&
        strcmp(manifest->origin, head->origin) == 0)
        return MLEDGER_OK;
    return ml_verify_report(&check->verifier, ML_SEVERITY_FAULT, "bundle-manifest", MLEDGER_NO_SEQ,
                            "it names another ledger than its records are of");
}

static int check_all(struct log_keys *keys)
{
    struct ml_bundle_check *check = keys->check;
    struct ml_bundle_verdict *verdict = check->verdict;
    verdict->anchors =
        ml_arena_calloc(&verdict->arena, check->n_notes + 1, sizeof *verdict->anchors);
    if (!verdict->anchors)
        return ml_fail_memory();
    ML_TRY(ml_state_each(check->verifier.state, take_key, keys));
    ML_TRY(check_identity(check));
    ML_TRY(check_listed_keys(keys));
    for (size_t i = 0; i < check->n_notes; i++)
        ML_TRY(add_anchor(keys, i));
    return MLEDGER_OK;
}

int ml_bundle_anchors(struct ml_bundle_check *check)
{
    struct log_keys keys = {.check = check};
    int result = check_all(&keys);
    free(keys.list);
    return result;
}
