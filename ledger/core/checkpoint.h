/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checkpoints (C2SP tlog-checkpoint v1.0.0): the text of a signed note that says what a log's
 * Merkle tree was at a size.
 *
 *     origin                       not empty
 *     size                         decimal, no leading zeros, at most 2^63 - 1
 *     root                         base64 of 32 bytes
 *     extension lines              none, or some, none of them empty
 *
 * Pure; thread-safe.
 */
#ifndef ML_CORE_CHECKPOINT_H
#define ML_CORE_CHECKPOINT_H

#include "ledger/core/hash.h"
#include "ledger/core/note.h"

/* Spans borrow the text. */
struct ml_checkpoint {
    struct ml_span origin;
    uint64_t size; /* leaves */
    uint8_t root[ML_HASH_SIZE];
    struct ml_span extensions; /* with their line feeds; empty: none */
};

/* Reads all of a note's text. MLEDGER_EINVALID: not a checkpoint, by the rules above, or of an
 * empty tree with another root than that has. */
int ml_checkpoint_parse(struct ml_span text, struct ml_checkpoint *ret_checkpoint) ML_MUST_USE;
/* The same but for the empty tree's root, about which a witness has an answer of its own. */
int ml_checkpoint_parse_lines(struct ml_span text,
                              struct ml_checkpoint *ret_checkpoint) ML_MUST_USE;
/* Reads a signed checkpoint: the note and its text. Initialises *ret_note in any case.
 * MLEDGER_EINVALID as ml_note_parse() and ml_checkpoint_parse(). */
int ml_checkpoint_open(struct ml_span bytes, struct ml_note *ret_note,
                       struct ml_checkpoint *ret_checkpoint) ML_MUST_USE;
/* Appends the text, without extension lines. MLEDGER_EUSAGE: the origin is empty, has a control
 * character in it or is not UTF-8; or the size is above 2^63 - 1. MLEDGER_ESYSTEM. */
int ml_checkpoint_write(struct ml_span origin, uint64_t size, const uint8_t root[ML_HASH_SIZE],
                        struct ml_buf *buf) ML_MUST_USE;

/* A decimal number as these formats have it: digits, no leading zeros, at most 2^63 - 1.
 * False: it is none. */
bool ml_tlog_number(struct ml_span text, uint64_t *ret_number);
/* Takes the first line off *text, without its line feed; false where there is no whole one. */
bool ml_tlog_line(struct ml_span *text, struct ml_span *ret_line);

#endif
