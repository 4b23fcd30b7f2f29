/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What holds a ledger from outside: checkpoints that somebody kept, keys that somebody trusts, the
 * identity, a policy of witnesses. Without any of it records cut from the end, or a history written
 * anew by whoever has all the keys, go unseen.
 *
 * A checkpoint counts if it is over records that are here, has their root, names their origin, and
 * is signed by a log key that the first `size` records authorise and none of them ends
 * (docs/FORMAT.md section 9); and, where keys are trusted, by one of those as well. Where payloads
 * are hidden (but for a bundle, which opens the trust records) the origin and the log keys are not
 * known here, and the trusted keys alone decide.
 *
 * Checkpoints that records note, or a bundle brings along, come from inside: they count only by a
 * trusted key or by the policy.
 */
#ifndef VERIFY_ANCHOR_H
#define VERIFY_ANCHOR_H

#include "ledger/core/checkpoint.h"
#include "ledger/core/witness_policy.h"
#include "verify/verifier.h"

/* A signed checkpoint that was kept elsewhere; `name` is for findings. */
struct ml_verify_note {
    const char *name;
    struct ml_span bytes;
};

/* A policy of witnesses that a user has for one ledger. */
struct ml_verify_policy {
    uint8_t identity[ML_HASH_SIZE];
    struct ml_witness_policy *policy; /* NULL: it cannot be read */
    char *error;                      /* why, then */
};

/* All borrowed. All zero: nothing is known from outside. */
struct ml_verify_anchors {
    const struct ml_verify_note *notes;
    size_t n_notes;
    const struct ml_vkey *vkeys; /* trusted: logs' or witnesses' */
    size_t n_vkeys;
    const uint8_t *identity;                /* 32 bytes; NULL: not known */
    const struct ml_witness_policy *policy; /* that a checkpoint must meet; NULL: none */
    const struct ml_verify_policy
        *policies; /* where `policy` is NULL: that of this ledger, if any */
    size_t n_policies;
};

/*
 * Between ml_verifier_finish() and the end: holds what was read against options->anchors, sets
 * result.anchored, and says what is not anchored.
 * MLEDGER_EINVALID: a note is no signed checkpoint; the text names it.
 */
int ml_verify_anchors(struct ml_verifier *verifier) ML_MUST_USE;

/* A checkpoint that came with the records, and is known to be over them: it counts by a trusted key
 * or by the policy. `seq` is of the record that notes it, MLEDGER_NO_SEQ for none. *ret_counts
 * (NULL: not wanted) says whether it does. */
int ml_verify_anchor_inside(struct ml_verifier *verifier, uint64_t seq, const struct ml_note *note,
                            const struct ml_checkpoint *checkpoint, bool *ret_counts) ML_MUST_USE;

/* Whether a log key has signed that the records authorise and that may speak for so many of them.
 */
int ml_verify_log_signed(struct ml_verifier *verifier, const struct ml_note *note,
                         const struct ml_checkpoint *checkpoint, bool *ret_signed) ML_MUST_USE;

/* For what came from elsewhere: says that nothing was given that tells whose ledger it is, if so.
 */
int ml_verify_origin(struct ml_verifier *verifier) ML_MUST_USE;

#endif
