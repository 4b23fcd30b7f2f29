/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/anchor.h"

#include <inttypes.h>

#include "ledger/core/codec.h"
#include "verify/verifier_private.h"

/* One checkpoint, being held against the records. */
struct anchor {
    struct ml_verifier *verifier;
    const struct ml_verify_anchors *given;
    const char *name;
    const struct ml_note *note;
    const struct ml_checkpoint *checkpoint;
    bool log_key_signed; /* one that the records authorise */
    bool trusted_signed; /* one that is trusted */
};

static const struct ml_verify_anchors nothing_given;

static const struct ml_verify_anchors *given_to(const struct ml_verifier *verifier)
{
    const struct ml_verify_anchors *given = verifier->options->anchors;
    return given ? given : &nothing_given;
}

/* Whether all trust records are open: a bundle hides none of them. */
static bool knows_keys(const struct ml_verifier *verifier)
{
    return verifier->result.hidden == 0 || verifier->partial;
}

/* ---- whose it is ---- */

/* An ml_state_visitor: whether this is a log key that may speak for the first `size` records, and
 * has signed. */
static int try_log_key(struct ml_span key, struct ml_span value, void *context)
{
    struct anchor *anchor = context;
    const char *origin = anchor->verifier->fold.head.origin;
    uint64_t size = anchor->checkpoint->size;
    struct ml_vkey vkey;
    (void)value;
    if (key.len != 1 + ML_KEY_SIZE || key.data[0] != 'K' || anchor->log_key_signed)
        return MLEDGER_OK;
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    Mledger__KeyState *state;
    ML_TRY(ml_state_key_entry(anchor->verifier->state, key.data + 1, &arena, &state));
    if (state->purpose != MLEDGER__KEY_PURPOSE__LOG_KEY || state->since_seq >= size ||
        (state->has_until_seq && state->until_seq < size))
        return MLEDGER_OK;
    ML_TRY(ml_vkey_make(ML_VKEY_ED25519, ML_SPAN(origin, strlen(origin)), key.data + 1, &vkey));
    int result = ml_note_verify(anchor->note, &vkey, 1, NULL);
    anchor->log_key_signed = result == MLEDGER_OK;
    return result == MLEDGER_EINVALID ? MLEDGER_OK : result;
}

int ml_verify_log_signed(struct ml_verifier *verifier, const struct ml_note *note,
                         const struct ml_checkpoint *checkpoint, bool *ret_signed)
{
    struct anchor anchor = {.verifier = verifier, .note = note, .checkpoint = checkpoint};
    ML_TRY(ml_state_each_unordered(verifier->state, try_log_key, &anchor));
    *ret_signed = anchor.log_key_signed;
    return MLEDGER_OK;
}

/* A signature in the name of a trusted key that does not hold is none. */
static int try_trusted(struct anchor *anchor)
{
    for (size_t i = 0; i < anchor->given->n_vkeys; i++) {
        int result = ml_note_verify(anchor->note, &anchor->given->vkeys[i], 1, NULL);
        anchor->trusted_signed |= result == MLEDGER_OK;
        if (result < 0 && result != MLEDGER_EINVALID)
            return result;
    }
    return MLEDGER_OK;
}

static int report_key(struct anchor *anchor, const char *text)
{
    return ml_verify_report(anchor->verifier, ML_SEVERITY_FAULT, "anchor-key", MLEDGER_NO_SEQ,
                            "%s is not signed by %s", anchor->name, text);
}

/* 1: the right keys have signed. */
static int check_keys(struct anchor *anchor)
{
    bool open = knows_keys(anchor->verifier);
    ML_TRY(try_trusted(anchor));
    if (open)
        ML_TRY(ml_state_each_unordered(anchor->verifier->state, try_log_key, anchor));
    if (open && !anchor->log_key_signed)
        ML_TRY(report_key(anchor, "a log key that the records under it authorise"));
    else if (anchor->given->n_vkeys > 0 && !anchor->trusted_signed)
        ML_TRY(report_key(anchor, "a key that was given as trusted"));
    else
        return 1;
    return MLEDGER_OK;
}

/* ---- what it says ---- */

static int report_mismatch(struct anchor *anchor, uint64_t seq, const char *text)
{
    return ml_verify_report(anchor->verifier, ML_SEVERITY_FAULT, "anchor-mismatch", seq, "%s %s",
                            anchor->name, text);
}

/* 1: it is over the records that are here. */
static int check_tree(struct anchor *anchor)
{
    struct ml_verifier *verifier = anchor->verifier;
    const struct ml_checkpoint *checkpoint = anchor->checkpoint;
    const char *origin = verifier->fold.head.origin;
    uint8_t root[ML_HASH_SIZE];
    if (knows_keys(verifier) && !ml_span_equal(checkpoint->origin, ML_SPAN(origin, strlen(origin))))
        return report_mismatch(anchor, MLEDGER_NO_SEQ, "is of another ledger, by its origin");
    if (checkpoint->size > verifier->fold.head.size)
        return ml_verify_report(verifier, ML_SEVERITY_FAULT, "anchor-beyond",
                                verifier->fold.head.size,
                                "%s is over %" PRIu64 " records, and there are %" PRIu64
                                ": the others were cut from the end",
                                anchor->name, checkpoint->size, verifier->fold.head.size);
    int result = ml_verifier_root_at(verifier, checkpoint->size, root);
    if (result == MLEDGER_ENOTFOUND)
        return report_mismatch(anchor, MLEDGER_NO_SEQ, "is over records that are not all here");
    ML_TRY(result);
    if (memcmp(root, checkpoint->root, ML_HASH_SIZE) == 0)
        return 1;
    return report_mismatch(anchor, checkpoint->size > 0 ? checkpoint->size - 1 : MLEDGER_NO_SEQ,
                           "has another root than the records up to this one: history was "
                           "rewritten, or one of the two is of another ledger");
}

/* ---- all of it ---- */

static void anchored(struct ml_verifier *verifier, uint64_t size)
{
    if (size > verifier->result.anchored)
        verifier->result.anchored = size;
}

static int check_opened(struct ml_verifier *verifier, struct anchor *anchor)
{
    bool met = false;
    ML_TRY(check_keys(anchor));
    bool signed_right = anchor->log_key_signed || !knows_keys(verifier);
    signed_right &= anchor->trusted_signed || anchor->given->n_vkeys == 0;
    int result = check_tree(anchor);
    if (result <= 0 || !signed_right)
        return result < 0 ? result : MLEDGER_OK;
    ML_TRY(ml_verify_meet_policy(verifier, MLEDGER_NO_SEQ, anchor->name, anchor->note,
                                 anchor->checkpoint, &met));
    verifier->policy_met |= met;
    anchored(verifier, anchor->checkpoint->size);
    return MLEDGER_OK;
}

static int check_note(struct ml_verifier *verifier, const struct ml_verify_note *given)
{
    ML_CLEANUP(ml_note_release) struct ml_note note = {0};
    struct ml_checkpoint checkpoint;
    if (ml_checkpoint_open(given->bytes, &note, &checkpoint) < 0)
        return ml_prefix("%s", given->name);
    struct anchor anchor = {.verifier = verifier,
                            .given = given_to(verifier),
                            .name = given->name,
                            .note = &note,
                            .checkpoint = &checkpoint};
    return check_opened(verifier, &anchor);
}

int ml_verify_anchor_inside(struct ml_verifier *verifier, uint64_t seq, const struct ml_note *note,
                            const struct ml_checkpoint *checkpoint, bool *ret_counts)
{
    const char *name =
        seq == MLEDGER_NO_SEQ ? "a checkpoint that came along" : "the checkpoint that it notes";
    struct anchor anchor = {.verifier = verifier, .given = given_to(verifier), .note = note};
    bool met = false;
    ML_TRY(try_trusted(&anchor));
    ML_TRY(ml_verify_meet_policy(verifier, seq, name, note, checkpoint, &met));
    verifier->policy_met |= met;
    if (anchor.trusted_signed || met)
        anchored(verifier, checkpoint->size);
    if (ret_counts)
        *ret_counts = anchor.trusted_signed || met;
    return MLEDGER_OK;
}

int ml_verify_anchor_noted(struct ml_verifier *verifier, const struct ml_record *record)
{
    const struct ml_verify_anchors *given = given_to(verifier);
    if (record->event->kind_case != MLEDGER__EVENT__KIND_CHECKPOINT_NOTED ||
        (given->n_vkeys == 0 && !ml_verify_policy_of(verifier)))
        return MLEDGER_OK;
    const Mledger__CheckpointNoted *noted = record->event->checkpoint_noted;
    ML_CLEANUP(ml_note_release) struct ml_note note = {0};
    struct ml_checkpoint checkpoint;
    uint8_t root[ML_HASH_SIZE];
    ML_TRY(ml_checkpoint_open(ML_SPAN(noted->note.data, noted->note.len), &note, &checkpoint));
    int result = ml_verifier_root_at(verifier, checkpoint.size, root);
    if (result == MLEDGER_ENOTFOUND ||
        (result == MLEDGER_OK && memcmp(root, checkpoint.root, ML_HASH_SIZE) != 0))
        return MLEDGER_OK; /* reported as that */
    ML_TRY(result);
    return ml_verify_anchor_inside(verifier, record->header->seq, &note, &checkpoint, NULL);
}

static int check_identity(struct ml_verifier *verifier)
{
    const uint8_t *identity = given_to(verifier)->identity;
    if (!identity || memcmp(identity, verifier->fold.head.identity, ML_HASH_SIZE) == 0)
        return MLEDGER_OK;
    return ml_verify_report(verifier, ML_SEVERITY_FAULT, "identity", 0,
                            "the ledger is another than the one whose identity was given");
}

static int say_what_is_not_anchored(struct ml_verifier *verifier)
{
    uint64_t size = verifier->fold.head.size, held = verifier->result.anchored;
    if (held == 0)
        return ml_verify_report(verifier, ML_SEVERITY_NOT_PROVEN, "anchor", MLEDGER_NO_SEQ,
                                "no checkpoint from outside was given: records cut from the end "
                                "since it was last seen here would go unseen");
    if (held >= size)
        return MLEDGER_OK;
    return ml_verify_report(verifier, ML_SEVERITY_NOT_PROVEN, "anchor", held,
                            "anchored up to size %" PRIu64
                            ": the records from this one on are under no checkpoint from outside",
                            held);
}

int ml_verify_anchors(struct ml_verifier *verifier)
{
    const struct ml_verify_anchors *given = given_to(verifier);
    ML_TRY(check_identity(verifier));
    for (size_t i = 0; i < given->n_notes; i++)
        ML_TRY(check_note(verifier, &given->notes[i]));
    if (given->n_vkeys > 0 && given->n_notes == 0 && verifier->result.anchored == 0)
        ML_TRY(ml_verify_report(verifier, ML_SEVERITY_FAULT, "anchor-key", MLEDGER_NO_SEQ,
                                "no checkpoint that was noted or given is signed by a key that was "
                                "given as trusted"));
    ML_TRY(ml_verify_policy_finish(verifier));
    return say_what_is_not_anchored(verifier);
}

int ml_verify_origin(struct ml_verifier *verifier)
{
    const struct ml_verify_anchors *given = given_to(verifier);
    if (given->n_vkeys > 0 || given->n_notes > 0 || given->identity)
        return MLEDGER_OK;
    return ml_verify_report(verifier, ML_SEVERITY_NOT_PROVEN, "origin", MLEDGER_NO_SEQ,
                            "no key, identity or checkpoint was given to trust: whose ledger this "
                            "is, and that it is not one made up for the occasion");
}
