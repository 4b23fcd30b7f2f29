/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the verifier of a store share. */
#ifndef VERIFY_VERIFY_PRIVATE_H
#define VERIFY_VERIFY_PRIVATE_H

#include "ledger/core/parallel.h"
#include "verify/multiset.h"
#include "verify/verify.h"

/* A verification of a ledger in its store. */
struct ml_verify {
    struct ml_verifier core; /* the records, and what follows from them */
    struct ml_verify_source source;
    struct ml_ledger *ledger;
    struct ml_kv_txn *txn;
    struct ml_kv_txn *second_txn; /* the same snapshot, for a second thread */
    struct ml_kv_cursor cursor;   /* over the records */
    struct ml_key_u64 seek_to;
    bool seeking;             /* the next record is the first from seek_to on */
    struct ml_multiset index; /* what the index should hold */
};

/* verify_source.c: the records of the snapshot as a source; `verify->txn` is there. */
int ml_verify_source_init(struct ml_verify *verify) ML_MUST_USE;

/* verify_store.c: what the store holds besides records, against what was derived. */
int ml_verify_store(struct ml_verify *verify) ML_MUST_USE;

/* verify_index.c: adds the keys that a record has in the index; `kept` of a source, whose
 * context is the struct ml_verify. */
int ml_verify_index_add(void *context, const struct ml_record *record,
                        const struct ml_fold_result *result) ML_MUST_USE;
/* Names what differs when the sums of the index do. */
int ml_verify_index(struct ml_verify *verify) ML_MUST_USE;

#endif
