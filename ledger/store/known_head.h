/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Known heads: what this user has seen of each ledger, kept outside of it, so that a rollback to
 * an old copy, a rewritten history or a second one shown to somebody else does not go unseen. One
 * file per ledger, KNOWN_DIR/IDENTITY-IN-HEX, whose form docs/FORMAT.md has: the newest head, what
 * a full verification found last, the newest signed checkpoint.
 *
 * Replaced by rename, never in place. It is a memory aid against accidents and a hostile store,
 * not evidence: who can write to it can make mledger forget, not accept a forged record. The
 * checkpoints in it are evidence: the log key has signed them.
 *
 * Threads and processes: any number may call at once.
 */
#ifndef ML_STORE_KNOWN_HEAD_H
#define ML_STORE_KNOWN_HEAD_H

#include "ledger/core/fold.h"
#include "ledger/store/ledger.h"

/* What a full verification found in order. */
struct ml_known_verified {
    uint64_t size;               /* records */
    uint8_t link[ML_HASH_SIZE];  /* of record size - 1 */
    uint8_t root[ML_HASH_SIZE];  /* of the tree over them */
    uint8_t state[ML_HASH_SIZE]; /* digest of the state folded from them */
};

struct ml_known_head {
    uint64_t size;              /* records */
    uint8_t link[ML_HASH_SIZE]; /* of record size - 1 */
    bool has_verified;
    struct ml_known_verified verified; /* of at most `size` records */
    uint64_t checkpoint_size;          /* records under the newest signed checkpoint; 0: none */
};

/* MLEDGER_ENOTFOUND: nothing is known of it (also where the file is empty, as a loss of power may
 * leave it). MLEDGER_EINVALID names the file that is malformed. */
int ml_known_head_read(const char *known_dir, const uint8_t identity[ML_HASH_SIZE],
                       struct ml_known_head *ret_known) ML_MUST_USE;
/* The same of an open ledger, which is found by its record 0. Whoever compares a snapshot with what
 * is known asks before it is taken: others append meanwhile, and what they note is newer than it.
 * MLEDGER_ENOTFOUND: nothing is known of it, or record 0 cannot be read. */
int ml_known_head_of(struct ml_ledger *ledger, const char *known_dir,
                     uint8_t ret_identity[ML_HASH_SIZE],
                     struct ml_known_head *ret_known) ML_MUST_USE;
/* Notes size and link of a head, unless a greater one is known. Makes the directory. */
int ml_known_head_write(const char *known_dir, const uint8_t identity[ML_HASH_SIZE],
                        const struct ml_known_head *known) ML_MUST_USE;
/* Notes what was verified, and so seen, unless more was verified before. */
int ml_known_verified_write(const char *known_dir, const uint8_t identity[ML_HASH_SIZE],
                            const struct ml_known_verified *verified) ML_MUST_USE;

/* Appends the newest signed checkpoint seen, a note. MLEDGER_ENOTFOUND: none was. */
int ml_known_checkpoint_read(const char *known_dir, const uint8_t identity[ML_HASH_SIZE],
                             struct ml_buf *ret_note) ML_MUST_USE;
/*
 * Notes a signed checkpoint, which the caller has found to be signed by a log key of the ledger,
 * unless one over more records, or over as many with more signatures, is known. A head must be
 * known (MLEDGER_EUSAGE).
 * MLEDGER_EINVALID: it is no signed checkpoint.
 * MLEDGER_EDAMAGED, rule "checkpoint-conflict": another root has been signed for as many records.
 * Both are kept as evidence (conflict.h), and the error names that file.
 */
int ml_known_checkpoint_write(const char *known_dir, const uint8_t identity[ML_HASH_SIZE],
                              struct ml_span note) ML_MUST_USE;

/* The same for an open ledger; nothing to do where it keeps no known heads. The check gives
 * MLEDGER_EDAMAGED when the ledger is behind the known head or checkpoint, or differs from the
 * head. */
int ml_known_head_check(const struct ml_ledger *ledger, struct ml_kv_txn *txn,
                        const struct ml_head *head) ML_MUST_USE;
/* Holds a ledger against what was known of it before `txn` began; MLEDGER_EDAMAGED likewise. */
int ml_known_head_compare(const struct ml_known_head *known, struct ml_kv_txn *txn,
                          const struct ml_head *head) ML_MUST_USE;
int ml_known_head_note(const struct ml_ledger *ledger, const uint8_t identity[ML_HASH_SIZE],
                       uint64_t size, const uint8_t link[ML_HASH_SIZE]) ML_MUST_USE;

#endif
