/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An open ledger: records in a store, and the one write path.
 *
 * Whatever enters a ledger enters through ml_ledger_append(): rules, numbering, chain,
 * commitments, tags, signatures, leaves and indexes, in one transaction. Appends of many threads
 * share transactions; an append returns only when it is durable.
 *
 * Threads: every function may be called from any thread at once. Processes: several may have one
 * ledger open; a child made by fork() may not use what its parent opened.
 */
#ifndef ML_STORE_LEDGER_H
#define ML_STORE_LEDGER_H

#include "ledger/core/draft.h"
#include "ledger/core/fold.h"
#include "ledger/core/merkle.h"
#include "ledger/core/record.h"
#include "ledger/store/kv.h"

/* The tables of a ledger's store. All but records and attachments are derived. */
enum ml_ledger_table {
    ML_TABLE_RECORDS,     /* seq → SignedRecord */
    ML_TABLE_ATTACHMENTS, /* SHA-256 → bytes */
    ML_TABLE_STATE,       /* ledger/core/state_key.h */
    ML_TABLE_INDEX,       /* ledger/core/index.h */
    ML_TABLE_TREE,        /* level (1 byte), index → hash; complete nodes from ML_TREE_LEVEL up */
    ML_TABLE_COUNT,
};

/* Lower nodes are made again from the records: 256 leaves at the most. */
enum { ML_TREE_LEVEL = 8 };

struct ml_ledger;

struct ml_ledger_options {
    bool read_only;
    bool records_only;     /* opens though derived data is damaged: to verify, to reindex */
    size_t map_bytes;      /* 0: the store's default */
    const char *known_dir; /* where known heads are noted; NULL: nowhere. Copied. */
    /* Microseconds since 1970 UTC; NULL: the machine's clock. */
    int64_t (*now)(void *context);
    void *now_context;
};

/*
 * Opens the ledger in `dir`.
 * MLEDGER_ENOTFOUND: there is none. MLEDGER_EDAMAGED: it is there and is none.
 * MLEDGER_ESYSTEM: it cannot be opened (see ledger/store/kv.h).
 */
int ml_ledger_open(const char *dir, const struct ml_ledger_options *options,
                   struct ml_ledger **ret_ledger) ML_MUST_USE;
void ml_ledger_close(struct ml_ledger *ledger);
static inline void ml_ledger_closep(struct ml_ledger **ledger)
{
    ml_ledger_close(*ledger);
}

/* Who numbers and signs. `sign` is called from several threads at once. */
struct ml_signer {
    uint8_t key[ML_KEY_SIZE];
    int (*sign)(void *context, struct ml_span message, uint8_t ret_signature[ML_SIGNATURE_SIZE]);
    void *context;
};

/* What the ledger says when a record is in it for good. */
struct ml_receipt {
    uint64_t seq;
    int64_t recorded_at_us;
    uint8_t link[ML_HASH_SIZE];
};

/*
 * Makes a ledger in `dir`, which must hold none, and its record 0. `draft` holds a
 * ledger_created event; salts are filled in.
 */
int ml_ledger_create(const char *dir, const struct ml_ledger_options *options,
                     struct ml_draft *draft, const struct ml_signer *signer,
                     struct ml_ledger **ret_ledger) ML_MUST_USE;

/* 1: making the ledger in `dir` was cut off before its record 0, so that ml_ledger_create() may go
 * on there; 0: it holds records, or says that it did. Errors as ml_ledger_open(). */
int ml_ledger_is_unborn(const char *dir) ML_MUST_USE;

/*
 * Appends the drafts, all or none. Gives `count` receipts in ret_receipts (NULL: not wanted).
 * On failure *ret_failed (NULL: not wanted) is the number of the draft at fault, `count` when
 * none is.
 *
 * MLEDGER_EREFUSED  a rule or a policy forbids one of them
 * MLEDGER_EINVALID  one of them is malformed
 * MLEDGER_ESYSTEM   it could not be written; or the clock went back; or signing failed
 * MLEDGER_EDAMAGED  the ledger is behind, or differs from, the newest head known here
 */
int ml_ledger_append(struct ml_ledger *ledger, const struct ml_signer *signer,
                     struct ml_draft *const *drafts, size_t count, struct ml_receipt *ret_receipts,
                     size_t *ret_failed) ML_MUST_USE;

/* Whether ml_ledger_append() would take them now, with its errors; nothing is recorded, and the
 * drafts, which the ledger completes meanwhile, are of no further use. */
int ml_ledger_rehearse(struct ml_ledger *ledger, const struct ml_signer *signer,
                       struct ml_draft *const *drafts, size_t count) ML_MUST_USE;

/* The end of the ledger as it is now. */
int ml_ledger_head(struct ml_ledger *ledger, struct ml_head *ret_head) ML_MUST_USE;

/* A reader's view: nothing that is appended later is seen. Keep it short. */
struct ml_view {
    struct ml_kv_txn *txn;
    struct ml_state *state; /* over the state as it stands; read-only by convention */
    struct ml_head head;
};
int ml_view_begin(struct ml_ledger *ledger, struct ml_view *ret_view) ML_MUST_USE;
void ml_view_end(struct ml_view *view);

/* The stored bytes of a record, borrowed until the view ends. MLEDGER_ENOTFOUND: past the end. */
int ml_view_bytes(struct ml_view *view, uint64_t seq, struct ml_span *ret_bytes) ML_MUST_USE;
/* Reads and checks it (ml_record_read) into `arena`. */
int ml_view_record(struct ml_view *view, uint64_t seq, struct ml_arena *arena,
                   struct ml_record *ret_record) ML_MUST_USE;
/* Link of a record; an ml_link_at. */
int ml_view_link_at(void *view, uint64_t seq, uint8_t ret_link[ML_HASH_SIZE]) ML_MUST_USE;
/* Calls `visit` with the seqs under an index prefix, ascending from `from`; a positive result
 * of `visit` ends the walk. */
typedef int ml_view_visitor(uint64_t seq, void *context);
int ml_view_index(struct ml_view *view, const struct ml_state_key *prefix, uint64_t from,
                  ml_view_visitor *visit, void *context) ML_MUST_USE;
/* The newest seq under an index prefix that is at most `up_to`. MLEDGER_ENOTFOUND: none. */
int ml_view_index_last(struct ml_view *view, const struct ml_state_key *prefix, uint64_t up_to,
                       uint64_t *ret_seq) ML_MUST_USE;
/* An attachment, borrowed until the view ends. MLEDGER_ENOTFOUND. */
int ml_view_attachment(struct ml_view *view, const uint8_t sha256[ML_HASH_SIZE],
                       struct ml_span *ret_bytes) ML_MUST_USE;

/* Drops everything derived and builds it again from the records, in one transaction.
 * MLEDGER_EDAMAGED: a record is missing, malformed, out of place, not signed or against a rule; the
 * text says which and what. MLEDGER_ESYSTEM: it could not be written, or a record is of a schema
 * that is not known here. Nothing was changed then. */
int ml_ledger_reindex(struct ml_ledger *ledger) ML_MUST_USE;

/* The store, for verify and copies. */
struct ml_kv *ml_ledger_kv(struct ml_ledger *ledger);
const char *ml_ledger_dir(const struct ml_ledger *ledger);

#endif
