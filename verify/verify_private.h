/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the verifier of a store share. */
#ifndef VERIFY_VERIFY_PRIVATE_H
#define VERIFY_VERIFY_PRIVATE_H

#include "ledger/core/parallel.h"
#include "ledger/store/known_head.h"
#include "verify/multiset.h"
#include "verify/verify.h"

/* verify_walk.c: one table of a store that may be hostile, key by key. All zero is closed. */
struct ml_verify_walk {
    const struct ml_verify *verify;
    struct ml_kv_cursor cursor;
    size_t last_len; /* of the key before; 0: there is none */
    uint8_t last[ML_KV_KEY_MAX];
};
int ml_verify_walk_open(struct ml_verify_walk *walk, const struct ml_verify *verify,
                        struct ml_kv_txn *txn, unsigned table) ML_MUST_USE;
void ml_verify_walk_close(struct ml_verify_walk *walk);
/* MLEDGER_ENOTFOUND at the end. MLEDGER_EDAMAGED: the keys do not ascend. */
int ml_verify_walk_next(struct ml_verify_walk *walk, struct ml_span *ret_key,
                        struct ml_span *ret_value) ML_MUST_USE;
int ml_verify_walk_seek(struct ml_verify_walk *walk, struct ml_span from, struct ml_span *ret_key,
                        struct ml_span *ret_value) ML_MUST_USE;
/* Tells who asked for it (ml_verify_options) that there is progress. Any thread. */
void ml_verify_pulse(const struct ml_verify *verify, uint64_t seq);

/* A verification of a ledger in its store. */
struct ml_verify {
    struct ml_verifier core; /* the records, and what follows from them */
    struct ml_verify_source source;
    struct ml_ledger *ledger;
    struct ml_kv_txn *txn;
    struct ml_kv_txn *second_txn; /* the same snapshot, for a second thread */
    struct ml_verify_walk walk;   /* over the records */
    struct ml_key_u64 seek_to;
    bool seeking;             /* the next record is the first from seek_to on */
    struct ml_multiset index; /* what the index should hold */
    bool has_known;           /* something was known of the ledger before the snapshot was taken: */
    uint8_t known_identity[ML_HASH_SIZE];
    struct ml_known_head known;
};

/* verify_source.c: the records of the snapshot as a source; `verify->txn` is there. */
int ml_verify_source_init(struct ml_verify *verify) ML_MUST_USE;

/* verify_since.c: goes on from an earlier verification, or says that it cannot; the core is there.
 */
int ml_verify_since_begin(struct ml_verify *verify) ML_MUST_USE;
/* In place of the comparisons whose cost grows with the whole ledger. */
int ml_verify_since_store(struct ml_verify *verify) ML_MUST_USE;
/* Link of a record before, held against the root that was verified. */
int ml_verify_since_link_at(struct ml_verify *verify, uint64_t seq,
                            uint8_t ret_link[ML_HASH_SIZE]) ML_MUST_USE;

/* verify_store.c: what the store holds besides records, against what was derived. */
int ml_verify_store(struct ml_verify *verify) ML_MUST_USE;

/* verify_conflict.c: signed checkpoints kept beside the known head that cannot both be true. At the
 * full level, after ml_verifier_finish(). */
int ml_verify_conflicts(struct ml_verify *verify) ML_MUST_USE;

/* verify_index.c: adds the keys that a record has in the index; `kept` of a source, whose
 * context is the struct ml_verify. */
int ml_verify_index_add(void *context, const struct ml_record *record,
                        const struct ml_fold_result *result) ML_MUST_USE;
/* Names what differs when the sums of the index do. */
int ml_verify_index(struct ml_verify *verify) ML_MUST_USE;

#endif
