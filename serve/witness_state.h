/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a witness remembers: for each log the checkpoint that it cosigned last, in a directory of
 * its own.
 *
 *     HEX          the checkpoint, a signed note, with the log's signatures and the witness's
 *     HEX.lock     empty: flock(2) by whoever compares and replaces
 *
 * where HEX is SHA-256 of the origin (as C2SP tlog-witness names it for monitors). A checkpoint is
 * replaced by rename, and durable before ml_witness_state_put() returns. A file that cannot be read
 * is an error, never "nothing was cosigned": whoever puts back an old copy of this directory, or
 * clears it, makes the witness forget what it must remember.
 *
 * Threads and processes: an entry is held by one at a time.
 */
#ifndef ML_SERVE_WITNESS_STATE_H
#define ML_SERVE_WITNESS_STATE_H

#include "ledger/core/witness.h"

/* The entry of one log, held until it is released. */
struct ml_witness_entry {
    char *path;
    int lock;
    struct ml_witness_known known;
};

/* Waits for the entry of `origin` in the directory `dir`, which must exist, and reads it.
 * Initialises *ret_entry in any case, so that it can be released. MLEDGER_EDAMAGED: the file is no
 * checkpoint of that origin. MLEDGER_ESYSTEM: it cannot be read or locked. */
int ml_witness_state_hold(const char *dir, struct ml_span origin,
                          struct ml_witness_entry *ret_entry) ML_MUST_USE;
/* Replaces what is remembered by this note. MLEDGER_ESYSTEM: it could not be written for good; what
 * was remembered is so still, or the new one is. */
int ml_witness_state_put(const struct ml_witness_entry *entry, struct ml_span note) ML_MUST_USE;
void ml_witness_state_release(struct ml_witness_entry *entry);

#endif
