/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verifier's own snapshot of the state that it folded: what lets a later verification begin
 * where this one ended, without believing the store. One file for each ledger, beside what is known
 * of it: KNOWN_DIR/IDENTITY-IN-HEX.state, mode 0600, replaced by rename:
 *
 *     mledger state v1 LF
 *     entries: key length (1 byte), value length (4 bytes, big-endian), key, value
 *
 * The first entry has the key "F" alone and the frontier of the tree (merkle.h), the others are
 * those of the state, ascending by key. Its digest, the SHA-256 of the whole file, stands in the
 * line `verified` of the known file (known_head.h); a snapshot of another digest is none.
 *
 * Threads: as the verifier.
 */
#ifndef VERIFY_SNAPSHOT_H
#define VERIFY_SNAPSHOT_H

#include "verify/verifier.h"

/* Writes what `verifier` has folded, its head included, and gives the digest. MLEDGER_ESYSTEM: it
 * cannot be written; what was there before stays. */
int ml_snapshot_write(const char *known_dir, struct ml_verifier *verifier,
                      uint8_t ret_digest[ML_HASH_SIZE]) ML_MUST_USE;
/* Puts what it holds into `state`, which is empty, and gives the frontier.
 * MLEDGER_ENOTFOUND: there is none, or it is another than that of `digest`, or damaged; `state` may
 * hold part of it then. MLEDGER_ESYSTEM. */
int ml_snapshot_read(const char *known_dir, const uint8_t identity[ML_HASH_SIZE],
                     const uint8_t digest[ML_HASH_SIZE], struct ml_state *state,
                     struct ml_merkle_frontier *ret_frontier) ML_MUST_USE;

#endif
