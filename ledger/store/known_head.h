/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Known heads: what this user has seen of each ledger, kept outside of it, so that a rollback to
 * an old copy or a rewritten history does not go unseen. One file per ledger,
 * KNOWN_DIR/IDENTITY-IN-HEX:
 *
 *     mledger known head v1
 *     size N
 *     link HEX
 *
 * Replaced by rename, never in place. It is a memory aid against accidents and a hostile store,
 * not evidence: who can write to it can make mledger forget, not accept a forged record.
 */
#ifndef ML_STORE_KNOWN_HEAD_H
#define ML_STORE_KNOWN_HEAD_H

#include "ledger/core/fold.h"
#include "ledger/store/ledger.h"

struct ml_known_head {
    uint64_t size;              /* records */
    uint8_t link[ML_HASH_SIZE]; /* of record size - 1 */
};

/* MLEDGER_ENOTFOUND: nothing is known of it. MLEDGER_EINVALID names the file that is malformed. */
int ml_known_head_read(const char *known_dir, const uint8_t identity[ML_HASH_SIZE],
                       struct ml_known_head *ret_known) ML_MUST_USE;
/* Notes a head, unless a greater one is known. Makes the directory. */
int ml_known_head_write(const char *known_dir, const uint8_t identity[ML_HASH_SIZE],
                        const struct ml_known_head *known) ML_MUST_USE;

/* The same for an open ledger; nothing to do where it keeps no known heads. The check gives
 * MLEDGER_EDAMAGED when the ledger is behind the known head or differs from it. */
int ml_known_head_check(const struct ml_ledger *ledger, struct ml_kv_txn *txn,
                        const struct ml_head *head) ML_MUST_USE;
int ml_known_head_note(const struct ml_ledger *ledger, const uint8_t identity[ML_HASH_SIZE],
                       uint64_t size, const uint8_t link[ML_HASH_SIZE]) ML_MUST_USE;

#endif
