/* SPDX-License-Identifier: Apache-2.0 */
/* A moment of the ledger, as `--as-of SEQ|TIME` names it. */
#ifndef ML_QUERY_AS_OF_H
#define ML_QUERY_AS_OF_H

#include "ledger/store/ledger.h"

struct ml_as_of {
    enum ml_as_of_kind { ML_AS_OF_NOW, ML_AS_OF_SEQ, ML_AS_OF_TIME } kind;
    uint64_t seq;
    int64_t time_us;
};

/* A number of digits, with '#' before it or not, is a record's seq (so "2026" is record 2026);
 * anything else is a time as ml_time_parse_user() takes it. Pure.
 * MLEDGER_EUSAGE: it is neither. */
int ml_as_of_parse(const char *text, struct ml_as_of *ret_as_of) ML_MUST_USE;

/*
 * The newest record of that moment. A time T means the last record whose recorded_at is at most T.
 * recorded_at falls at clock_corrected records; where it did, "last" counts, so records that a
 * wrong clock had put after T are in if a later record is not after T.
 *
 * A time costs a search among the records between two corrections of the clock.
 *
 * MLEDGER_ENOTFOUND: there is no record with that seq, or none that old.
 */
int ml_as_of_resolve(struct ml_view *view, const struct ml_as_of *as_of,
                     uint64_t *ret_seq) ML_MUST_USE;

/* A moment by both clocks: a time, and the newest record that was there then. */
struct ml_instant {
    uint64_t seq;
    int64_t time_us;
};
/* A record's time is that of which it was recorded, and now is that of the newest record. Errors as
 * above. */
int ml_as_of_instant(struct ml_view *view, const struct ml_as_of *as_of,
                     struct ml_instant *ret_instant) ML_MUST_USE;

/* The first record of that moment or after it: a time T means the one after the last that is older
 * than T. Past the newest if there is none. MLEDGER_ENOTFOUND: the ledger is empty. */
int ml_as_of_since(struct ml_view *view, const struct ml_as_of *as_of,
                   uint64_t *ret_first) ML_MUST_USE;

#endif
