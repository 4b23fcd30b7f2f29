/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which records of a range are meant: about something, of a kind, by somebody. What names a
 * subject, a version, a run or a signer is an index to walk; the rest is asked of each record.
 *
 * All zero but `to` is every record up to that one. Belongs to one thread.
 */
#ifndef ML_QUERY_RECORD_FILTER_H
#define ML_QUERY_RECORD_FILTER_H

#include "ledger/core/index.h"
#include "ledger/query/reference.h"

struct ml_record_filter {
    uint64_t from, to; /* both in it; from > to: nothing */
    bool indexed;
    struct ml_state_key prefix; /* of the index, if indexed */
    const char *kind;           /* of event; NULL: any */
    const char *text;           /* that stands somewhere in it, in capitals or not; NULL: any */
    bool by_signer, by_actor;
    uint8_t signer[ML_KEY_SIZE];
    uint64_t actor;
};

/* Records about what a reference names: a model, a version, a run, a dataset, a pipeline, an
 * experiment, an actor. MLEDGER_EUSAGE: `text` names a record or content. Errors of reading. */
int ml_record_filter_about(struct ml_reader *reader, const char *text,
                           const struct ml_target *target,
                           struct ml_record_filter *filter) ML_MUST_USE;
/* Records by the actor of this id. MLEDGER_ENOTFOUND: there is none. */
int ml_record_filter_by(struct ml_view *view, const char *actor,
                        struct ml_record_filter *filter) ML_MUST_USE;
/* MLEDGER_EUSAGE: it is no kind of event. Borrows `kind`. */
int ml_record_filter_kind(const char *kind, struct ml_record_filter *filter) ML_MUST_USE;

/* Narrows the range to records from that moment on, or up to it (ledger/query/as_of.h); there may
 * be none. MLEDGER_EUSAGE: it is no moment. MLEDGER_ENOTFOUND: there is no such record. */
int ml_record_filter_since(struct ml_view *view, const char *moment,
                           struct ml_record_filter *filter) ML_MUST_USE;
int ml_record_filter_until(struct ml_view *view, const char *moment,
                           struct ml_record_filter *filter) ML_MUST_USE;

/* 1: a record of its range and index fits; 0: it does not. Errors of reading. */
int ml_record_filter_fits(struct ml_view *view, const struct ml_record_filter *filter,
                          const struct ml_record *record) ML_MUST_USE;

/* The first record of range and index from `from` on, the last one up to `up_to`; whether it fits
 * is not looked at. MLEDGER_ENOTFOUND: there is none (no text is set). */
int ml_record_filter_next(struct ml_view *view, const struct ml_record_filter *filter,
                          uint64_t from, uint64_t *ret_seq) ML_MUST_USE;
int ml_record_filter_last(struct ml_view *view, const struct ml_record_filter *filter,
                          uint64_t up_to, uint64_t *ret_seq) ML_MUST_USE;

#endif
