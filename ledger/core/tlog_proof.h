/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proofs that travel (C2SP tlog-proof): that an entry is in the tree of a signed checkpoint, as
 * text of one file, usually called NAME.tlog-proof.
 *
 *     c2sp.org/tlog-proof@v1
 *     extra BASE64                 left out where there is none
 *     index N                      decimal, no leading zeros
 *     BASE64                       hashes of the inclusion proof, from the leaf to the root
 *     (an empty line)
 *     the checkpoint, to the end
 *
 * Extra data is not authenticated by itself. What mledger writes there is the entry: signature ||
 * header of the record, which the proof then authenticates, since the leaf is made from it.
 *
 * Pure; thread-safe.
 */
#ifndef ML_CORE_TLOG_PROOF_H
#define ML_CORE_TLOG_PROOF_H

#include "ledger/core/checkpoint.h"
#include "ledger/core/merkle_proof.h"

enum {
    ML_TLOG_EXTRA_MAX = 65536,                   /* bytes, decoded */
    ML_TLOG_PROOF_MAX = ML_NOTE_MAX + 2 * 65536, /* bytes of the file */
};

/* A proof as read; `note` and the checkpoint borrow what was parsed. */
struct ml_tlog_proof {
    struct ml_buf extra; /* empty: none */
    uint64_t index;
    struct ml_merkle_proof path;
    struct ml_span note_bytes;
    struct ml_note note;
    struct ml_checkpoint checkpoint;
};

/* Reads all of `bytes`, which must outlive the proof; nothing in it is checked yet. Initialises
 * *ret_proof in any case, so that it can be released.
 * MLEDGER_EINVALID: not a proof, by the rules above. MLEDGER_ESYSTEM. */
int ml_tlog_proof_parse(struct ml_span bytes, struct ml_tlog_proof *ret_proof) ML_MUST_USE;
void ml_tlog_proof_release(struct ml_tlog_proof *proof);

/* Appends a proof. `extra` of no bytes is left out. MLEDGER_EUSAGE: extra is too long.
 * MLEDGER_ESYSTEM: out of memory. */
int ml_tlog_proof_write(struct ml_span extra, uint64_t index, const struct ml_merkle_proof *path,
                        struct ml_span note, struct ml_buf *buf) ML_MUST_USE;

/* Checks the path from a leaf hash to the checkpoint's root. That the checkpoint is signed by
 * somebody to be trusted is another question: ml_note_verify().
 * MLEDGER_EINVALID: the entry is not in that tree at that index. */
int ml_tlog_proof_check(const struct ml_tlog_proof *proof,
                        const uint8_t leaf[ML_HASH_SIZE]) ML_MUST_USE;

#endif
