/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checkpoints of a ledger: the head of its tree, signed by its log key (C2SP tlog-checkpoint), and
 * the records that note them.
 *
 * A log key never signs a tree that the records do not give. Before it signs, the leaves are made
 * again from the records as the store gives them back: all of them, or all since the newest noted
 * checkpoint that this same key has signed, whose root the stored tree must give. Numbers, links,
 * encoding and commitments are checked on the way, and every node of the stored tree that these
 * leaves complete. Nothing is signed that goes against what was seen of the ledger here
 * (known_head.h). That signatures hold and rules were kept is verify's to say.
 *
 * Threads: as ledger.h.
 */
#ifndef ML_STORE_CHECKPOINT_H
#define ML_STORE_CHECKPOINT_H

#include "ledger/core/checkpoint.h"
#include "ledger/store/key.h"
#include "ledger/store/ledger.h"

struct ml_checkpoint_options {
    bool all_leaves; /* make every leaf again, whatever was noted */
    /* Called now and then with the leaves done so far; a negative result ends it. NULL: none. */
    int (*progress)(uint64_t done, uint64_t total, void *context);
    void *progress_context;
};

struct ml_made_checkpoint {
    uint64_t size;
    uint8_t root[ML_HASH_SIZE];
    uint8_t link[ML_HASH_SIZE]; /* of record size - 1 */
    uint64_t from;              /* leaves made again: those from here on */
    struct ml_buf note;         /* signed */
};
void ml_made_checkpoint_release(struct ml_made_checkpoint *made);

/*
 * Makes a checkpoint of the ledger as it stands. Initialises *ret_made in any case. Nothing is
 * recorded by it.
 * MLEDGER_EREFUSED: `key` is no log key ("key-purpose"), is not authorised here ("key-unknown") or
 * has ended ("key-revoked"). MLEDGER_EDAMAGED: records or stored tree are not what they must be, or
 * not what was seen before; the text names the record. MLEDGER_ESYSTEM. `options` NULL: the
 * defaults.
 */
int ml_checkpoint_make(struct ml_ledger *ledger, const struct mledger_key *key,
                       const struct ml_checkpoint_options *options,
                       struct ml_made_checkpoint *ret_made) ML_MUST_USE;

/* A draft that notes a signed checkpoint, with DER timestamps over the SHA-256 of its text.
 * MLEDGER_EINVALID: `note` is no signed checkpoint. */
int ml_checkpoint_draft(struct ml_span note, const struct ml_span *timestamps, size_t n_timestamps,
                        struct ml_draft **ret_draft) ML_MUST_USE;

/* A checkpoint that a record notes; the event lives in the arena that it was read into. */
struct ml_noted_checkpoint {
    uint64_t seq; /* of that record */
    const Mledger__CheckpointNoted *event;
};
/* The newest that a record up to `up_to` notes (MLEDGER_NO_SEQ: of all). To walk on, ask for what
 * comes before its seq. MLEDGER_ENOTFOUND: none (no text is set). MLEDGER_EDAMAGED: the index leads
 * to a record that is none or notes no checkpoint. */
int ml_checkpoint_noted(struct ml_view *view, uint64_t up_to, struct ml_arena *arena,
                        struct ml_noted_checkpoint *ret_noted) ML_MUST_USE;
/* The newest one over more than `seq` records: one that covers record `seq`. Clears the arena.
 * Errors as above. */
int ml_checkpoint_covering(struct ml_view *view, uint64_t seq, struct ml_arena *arena,
                           struct ml_noted_checkpoint *ret_noted) ML_MUST_USE;

/* The log keys of the ledger that are good now, as verifiers of its notes, for the caller to
 * free. MLEDGER_ENOTFOUND: none is. */
int ml_checkpoint_vkeys(struct ml_view *view, struct ml_vkey **ret_vkeys,
                        size_t *ret_count) ML_MUST_USE;

#endif
