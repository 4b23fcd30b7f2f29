/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two signed checkpoints that cannot both be true, in one file: proof that whoever holds the log
 * key has shown different histories. The notes stand in it as they were signed:
 *
 *     mledger conflict v1
 *     first BYTES
 *     second BYTES
 *     (an empty line)
 *     the first note, BYTES long, and the second
 *
 * Kept beside the known head as IDENTITY-IN-HEX.conflict-N, N from 1.
 */
#ifndef ML_STORE_CONFLICT_H
#define ML_STORE_CONFLICT_H

#include "ledger/core/hash.h"

enum { ML_CONFLICTS_MAX = 1000 }; /* files of one ledger */

/* Appends the file of two notes. */
int ml_conflict_write(struct ml_span first, struct ml_span second, struct ml_buf *buf) ML_MUST_USE;
/* Takes it apart; the notes borrow `bytes`. That they are notes is not looked at.
 * MLEDGER_EINVALID: it is no such file. */
int ml_conflict_read(struct ml_span bytes, struct ml_span *ret_first,
                     struct ml_span *ret_second) ML_MUST_USE;

/* Keeps them in `known_dir`, durably, unless that was done; the file's path is the caller's.
 * MLEDGER_ESYSTEM: it cannot be written, or there are 1000 of them. */
int ml_conflict_keep(const char *known_dir, const uint8_t identity[ML_HASH_SIZE],
                     struct ml_span first, struct ml_span second, char **ret_path) ML_MUST_USE;

/* Which there are: ret_kept[N] for each N from 1 to ML_CONFLICTS_MAX. No such directory: none.
 * MLEDGER_ESYSTEM. */
int ml_conflict_list(const char *known_dir, const uint8_t identity[ML_HASH_SIZE],
                     bool ret_kept[ML_CONFLICTS_MAX + 1]) ML_MUST_USE;

/* Appends the file number `n`, from 1 to ML_CONFLICTS_MAX, and its path, with its NUL.
 * MLEDGER_ENOTFOUND: there is none of that number. MLEDGER_ESYSTEM. */
int ml_conflict_load(const char *known_dir, const uint8_t identity[ML_HASH_SIZE], unsigned n,
                     struct ml_buf *ret_path, struct ml_buf *ret_text) ML_MUST_USE;

#endif
