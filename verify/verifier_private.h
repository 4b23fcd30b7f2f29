/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the verifier's pure part share. */
#ifndef VERIFY_VERIFIER_PRIVATE_H
#define VERIFY_VERIFIER_PRIVATE_H

#include "ledger/core/parallel.h"
#include "verify/verifier.h"

enum {
    BATCH_RECORDS = 512,
    BATCH_BYTES = 4 << 20, /* of stored records; what they unpack to is a few times that */
    BATCH_GRAIN = 16,      /* records that a thread takes at once; they share an arena */
    BATCH_ARENAS = BATCH_RECORDS / BATCH_GRAIN,
};

/* One record on its way: read in order, checked by any thread, folded in order. */
struct ml_verify_item {
    struct ml_verify_input input;
    struct ml_record record;
    bool decoded; /* it is something that claims to be a record; else `error` says what is wrong */
    bool opened;  /* stored record and header could be read */
    uint8_t link[ML_HASH_SIZE];
    uint8_t leaf[ML_HASH_SIZE];
    uint8_t statement_subject[ML_HASH_SIZE];
    bool forged; /* a statement is not signed by the key beside it */
    /* What is wrong with it by itself; code 0: nothing. */
    struct ml_error error;
    struct ml_error signature_error;
    bool withheld; /* it is hidden, and bears the tag of a subject that is shown whole: */
    uint64_t withheld_subject;
};

struct ml_verify_batch {
    size_t count;
    enum ml_verify_level level;
    const struct ml_verify_source *source;
    struct ml_arena inputs; /* what the source gave */
    struct ml_verify_item items[BATCH_RECORDS];
    struct ml_arena arenas[BATCH_ARENAS];
    struct ml_job job;
    const struct ml_verify_partial *partial; /* whose tags are looked for */
};

/* verifier_batch.c: everything about a record that needs no other record. */
void ml_verify_batch_start(struct ml_verify_batch *batch);
int ml_verify_batch_wait(struct ml_verify_batch *batch) ML_MUST_USE;
/* Opens what a source gave, record or entry (ml_record_open()). */
int ml_verify_open(const struct ml_verify_input *input, struct ml_arena *arena,
                   struct ml_record *ret_record) ML_MUST_USE;

/* verifier_fold.c: what one record after another must be. */
int ml_verify_fold(struct ml_verifier *verifier, const struct ml_verify_item *item) ML_MUST_USE;

/* verifier_tree.c: the tree over the leaves. Appends the leaf of the record being folded. */
int ml_verify_tree_append(struct ml_verifier *verifier,
                          const struct ml_verify_item *item) ML_MUST_USE;
/* The root that a checkpoint_noted record gives is that of the tree. */
int ml_verify_checkpoint(struct ml_verifier *verifier, const struct ml_record *record) ML_MUST_USE;
/* An ml_link_at over the log, where the source tells no links. */
int ml_verify_log_link_at(void *verifier, uint64_t seq, uint8_t ret_link[ML_HASH_SIZE]) ML_MUST_USE;

/* verifier_erasure.c: details are gone where a record erased them, and nowhere else. */
int ml_verify_note_erasure(struct ml_verifier *verifier,
                           const struct ml_record *record) ML_MUST_USE;
int ml_verify_erasures(struct ml_verifier *verifier) ML_MUST_USE;

/* anchor.c: what a checkpoint that a record notes is worth, the record having kept the rules. */
int ml_verify_anchor_noted(struct ml_verifier *verifier,
                           const struct ml_record *record) ML_MUST_USE;

/* verifier_witness.c: what witnesses and timestamping authorities say of checkpoints. */
/* Whether the policy believes the checkpoint, which is over the records that are here, because
 * witnesses have cosigned it; notes the newest. `seq` is of the record that notes it,
 * MLEDGER_NO_SEQ where it was given, as `name`. Reports a cosignature that does not hold. */
int ml_verify_meet_policy(struct ml_verifier *verifier, uint64_t seq, const char *name,
                          const struct ml_note *note, const struct ml_checkpoint *checkpoint,
                          bool *ret_met) ML_MUST_USE;
/* The policy for the ledger being read; NULL: there is none, or none that can be read. */
const struct ml_witness_policy *ml_verify_policy_of(const struct ml_verifier *verifier);
/* That a checkpoint has met it, and that it can be read. */
int ml_verify_policy_finish(struct ml_verifier *verifier) ML_MUST_USE;
/* The timestamps that a record holds, once it has kept the rules. */
int ml_verify_timestamps(struct ml_verifier *verifier, const struct ml_record *record) ML_MUST_USE;
int ml_verify_timestamps_finish(struct ml_verifier *verifier) ML_MUST_USE;

/* verifier_doubt.c: notes a revocation that reaches back; names what it casts doubt on, and what
 * rests on that. */
int ml_verify_note_revocation(struct ml_verifier *verifier,
                              const struct ml_record *record) ML_MUST_USE;
int ml_verify_name_doubtful(struct ml_verifier *verifier) ML_MUST_USE;

/* verifier_partial.c: where source->is_whole is there. */
int ml_verify_partial_new(struct ml_verifier *verifier) ML_MUST_USE;
void ml_verify_partial_free(struct ml_verify_partial *partial);
/* Whether the payload of this record, folded before, is hidden. */
bool ml_verify_is_hidden(const struct ml_verifier *verifier, uint64_t seq);
/* Folds a record whose payload is hidden. */
int ml_verify_hide(struct ml_verifier *verifier, const struct ml_verify_item *item) ML_MUST_USE;
/* Names what is withheld among the records of a batch, once all of it was folded. */
int ml_verify_withheld(struct ml_verifier *verifier, struct ml_verify_batch *batch) ML_MUST_USE;
/* Of each open record: the subject that it creates; what could not be judged of it. */
int ml_verify_note_salt(struct ml_verifier *verifier, const struct ml_record *record) ML_MUST_USE;
void ml_verify_note_unproven(struct ml_verifier *verifier, uint64_t seq,
                             const struct ml_fold_result *result);
/* Says what hidden payloads leave unproven. */
int ml_verify_partial_finish(struct ml_verifier *verifier) ML_MUST_USE;

/* Keys of 8 bytes, big-endian, so that they sort as their numbers do. */
struct ml_seq_key {
    uint8_t bytes[8];
};
static inline struct ml_seq_key ml_seq_key(uint64_t seq)
{
    struct ml_seq_key key;
    for (unsigned i = 0; i < sizeof key.bytes; i++)
        key.bytes[i] = (uint8_t)(seq >> (56 - 8 * i));
    return key;
}
static inline uint64_t ml_seq_key_read(struct ml_span key)
{
    uint64_t seq = 0;
    assert(key.len == sizeof seq);
    for (size_t i = 0; i < key.len; i++)
        seq = seq << 8 | key.data[i];
    return seq;
}

#endif
