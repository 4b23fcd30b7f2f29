/* SPDX-License-Identifier: Apache-2.0 */
/* A log with two keys, a fork of it, another log, and witnesses: for tests of what they say. */
#ifndef ML_TEST_WITNESS_FIXTURE_H
#define ML_TEST_WITNESS_FIXTURE_H

#include "ledger/core/witness.h"

enum { WITNESS_LEAVES = 20, WITNESS_LEVELS = 6, WITNESS_FORK = 5 };

/* All complete nodes, and the root at each size. */
struct witness_tree {
    uint8_t nodes[WITNESS_LEVELS][WITNESS_LEAVES][ML_HASH_SIZE];
    uint8_t roots[WITNESS_LEAVES + 1][ML_HASH_SIZE];
};
extern struct witness_tree tree, fork_tree; /* the latter differs from leaf WITNESS_FORK on */

struct party {
    struct ml_vkey vkey;
    uint8_t secret[ML_ED25519_SECRET_SIZE];
};
/* the_log and second_key are named "mledger/test", stranger "mledger/stranger", the witnesses
 * "witness.example/w1" and "/w2". */
extern struct party the_log, second_key, stranger, witness, other_witness;

/* A cmocka group setup. */
int make_witness_world(void **state);

/* Each appends one line; not `well`: one that does not hold. */
void append_signature(const struct party *party, struct ml_span text, bool well,
                      struct ml_buf *note);
void append_cosignature(const struct party *party, struct ml_span text, uint8_t time,
                        struct ml_buf *note);
/* A checkpoint of `origin` with this root, signed by `signer`. */
void write_note(const char *origin, uint64_t size, const uint8_t *root, const struct party *signer,
                bool well, struct ml_buf *note);
/* A whole request of the_log, with the proof that belongs to `from`. */
void write_request(struct witness_tree *from, uint64_t old, uint64_t size, struct ml_buf *request);

#endif
