/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The records that one question reads, each decoded once; and what the state says of subjects.
 *
 * Nothing newer than `as_of` is ever shown. Whatever is returned lives as long as the reader, or in
 * the view. Belongs to one thread.
 */
#ifndef ML_QUERY_READER_H
#define ML_QUERY_READER_H

#include "ledger/core/index.h"
#include "ledger/store/ledger.h"

/* Memory that one question may take, in bytes. */
#define ML_QUERY_MEMORY_MAX ((size_t)2 << 30)

struct ml_reader {
    struct ml_view *view; /* borrowed */
    uint64_t as_of;
    struct ml_arena arena;
    struct ml_reader_slot *slots; /* by seq; open addressing */
    size_t n_slots, n_used;
};

void ml_reader_init(struct ml_reader *reader, struct ml_view *view, uint64_t as_of);
void ml_reader_release(struct ml_reader *reader);

/* MLEDGER_ENOTFOUND: newer than as_of, or there is none. MLEDGER_EDAMAGED: it cannot be read.
 * A record of an unknown schema has no event; that is an empty one here. */
int ml_reader_record(struct ml_reader *reader, uint64_t seq,
                     const struct ml_record **ret_record) ML_MUST_USE;

/* The state of a subject today; NULL for one that is not there or was created after as_of. */
int ml_reader_subject(struct ml_reader *reader, uint64_t seq,
                      const Mledger__SubjectState **ret_subject) ML_MUST_USE;
/* The subject called so at as_of: of several that bore the name the newest created by then, found
 * through their predecessors. MLEDGER_ENOTFOUND sets no text. */
int ml_reader_find(struct ml_reader *reader, Mledger__SubjectKind kind, const char *name,
                   uint64_t *ret_seq) ML_MUST_USE;
/* Whether the subject was deleted at as_of. */
int ml_reader_deleted(struct ml_reader *reader, uint64_t subject, bool *ret_deleted) ML_MUST_USE;
/* The record that erased this one's details, MLEDGER_NO_SEQ if none did. */
int ml_reader_erased_by(struct ml_reader *reader, uint64_t seq, uint64_t *ret_by) ML_MUST_USE;
/* The actor who stands behind a record as its author (as the rules judge it: a person's statement,
 * else on whose behalf, else the signer if a person); MLEDGER_NO_SEQ: unknown. */
int ml_reader_author(struct ml_reader *reader, const struct ml_record *record,
                     uint64_t *ret_actor) ML_MUST_USE;

/* The seqs under an index prefix, up to as_of, ascending. *ret_seqs lives in the arena. `limit`:
 * no more than so many are given; *ret_more says whether there are. */
int ml_reader_seqs(struct ml_reader *reader, const struct ml_state_key *prefix, size_t limit,
                   uint64_t **ret_seqs, size_t *ret_count, bool *ret_more) ML_MUST_USE;

/* All records under an index prefix, up to as_of, ascending. *ret_records lives in the arena. */
int ml_reader_records(struct ml_reader *reader, const struct ml_state_key *prefix,
                      const struct ml_record ***ret_records, size_t *ret_count) ML_MUST_USE;

/* Values that stand in Details: of record's own, or of the attachment they were put into. NULL:
 * none, or erased. */
int ml_reader_details(struct ml_reader *reader, const struct ml_record *record,
                      const Mledger__Details **ret_details) ML_MUST_USE;

/* What `describe` (one of ledger/query/record_text.h) says of a record, in the arena. */
int ml_reader_describe(struct ml_reader *reader, const struct ml_record *record,
                       int (*describe)(struct ml_view *view, const struct ml_record *record,
                                       struct ml_buf *text),
                       const char **ret_text) ML_MUST_USE;

/* Formatted text in the arena. NULL: memory is out. */
char *ml_arena_printf(struct ml_arena *arena, const char *format, ...) ML_PRINTF(2, 3);

#endif
