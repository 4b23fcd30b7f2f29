/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the verifier share. */
#ifndef VERIFY_VERIFY_PRIVATE_H
#define VERIFY_VERIFY_PRIVATE_H

#include "ledger/core/merkle.h"
#include "ledger/core/parallel.h"
#include "verify/multiset.h"
#include "verify/verify.h"

enum {
    BATCH_RECORDS = 512,
    BATCH_BYTES = 4 << 20, /* of stored records; what they unpack to is a few times that */
    BATCH_GRAIN = 16,      /* records that a thread takes at once; they share an arena */
    BATCH_ARENAS = BATCH_RECORDS / BATCH_GRAIN,
};

/* One record on its way: read in order, checked by any thread, folded in order. */
struct ml_verify_item {
    uint64_t seq;
    struct ml_span bytes;
    struct ml_record record;
    bool opened; /* stored record and header could be read */
    uint8_t link[ML_HASH_SIZE];
    uint8_t leaf[ML_HASH_SIZE];
    uint8_t statement_subject[ML_HASH_SIZE];
    /* What is wrong with it by itself; code 0: nothing. */
    struct ml_error error;
    struct ml_error signature_error;
};

struct ml_verify_batch {
    size_t count;
    enum ml_verify_level level;
    struct ml_verify_item items[BATCH_RECORDS];
    struct ml_arena arenas[BATCH_ARENAS];
    struct ml_job job;
};

/* A span of records that a revoked key signed and that it casts doubt on. */
struct ml_doubt {
    uint8_t key[ML_KEY_SIZE];
    uint64_t from, until; /* seqs, half-open */
};

struct ml_verify {
    struct ml_ledger *ledger;
    const struct ml_verify_options *options;
    struct ml_verify_result result;
    struct ml_kv_txn *txn;
    struct ml_kv_txn *second_txn; /* the same snapshot, for a second thread */
    struct ml_kv_cursor cursor;
    uint64_t total;
    bool at_end;
    uint64_t last_reported;
    struct ml_state *state;       /* derived here */
    struct ml_state *attachments; /* SHA-256 of those that records name → size, 8 bytes */
    struct ml_state *erased;      /* seqs whose details are gone */
    struct ml_state *ordered;     /* seqs whose details a record erased → that record, 8 bytes */
    struct ml_fold fold;
    bool link_known; /* fold.head.link is that of the record before */
    struct ml_merkle_frontier frontier;
    uint64_t tree_nodes; /* that the store should hold */
    struct ml_multiset index;
    struct ml_doubt *doubts;
    size_t n_doubts, cap_doubts;
};

/* Reports; the text follows printf. */
int ml_verify_report(struct ml_verify *verify, enum ml_severity severity, const char *code,
                     uint64_t seq, const char *format, ...) ML_PRINTF(5, 6) ML_MUST_USE;
/* Reports this thread's or another's error as a fault. */
int ml_verify_report_error(struct ml_verify *verify, const char *code, const struct ml_error *error,
                           uint64_t seq) ML_MUST_USE;

/* verify_batch.c: everything about a record that needs no other record. */
void ml_verify_batch_start(struct ml_verify_batch *batch);
int ml_verify_batch_wait(struct ml_verify_batch *batch) ML_MUST_USE;

/* verify_fold.c: what one record after another must be. */
int ml_verify_fold(struct ml_verify *verify, const struct ml_verify_item *item) ML_MUST_USE;

/* verify_erasure.c: details are gone where a record erased them, and nowhere else. */
int ml_verify_note_erasure(struct ml_verify *verify, const struct ml_record *record) ML_MUST_USE;
int ml_verify_erasures(struct ml_verify *verify) ML_MUST_USE;

/* verify_store.c: what the store holds besides records, against what was derived. */
int ml_verify_store(struct ml_verify *verify) ML_MUST_USE;

/* verify_index.c: names what differs when the sums of the index do. */
int ml_verify_index(struct ml_verify *verify) ML_MUST_USE;

#endif
