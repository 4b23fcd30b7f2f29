/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was so at a moment: which version was in which stage, where aliases pointed, what endpoints
 * served. Both readings are given (ledger/query/interval.h): what the ledger held at that moment,
 * and what is claimed of it by the records that count, of which some may have been recorded later.
 *
 * The reader's as_of says which records count. What was recorded after the moment and claims to
 * have happened by then is a correction, and listed apart, also where it came after as_of.
 *
 * Cost: the records that say where the model's versions are, or what the endpoint serves, from the
 * first one on, not those of the ledger nor what else is recorded of the model: what is claimed of
 * a moment any later one of them may say. Claims stand in details, which may be erased, so no index
 * can follow from them.
 */
#ifndef ML_QUERY_AT_H
#define ML_QUERY_AT_H

#include "ledger/query/correction.h"

struct ml_at {
    struct ml_instant instant;
    bool beyond;                       /* the moment lies after the newest record that counts */
    struct ml_intervals chosen;        /* all that were chosen, as recorded */
    struct ml_intervals recorded;      /* of them, those that held */
    struct ml_intervals claimed;       /* the same in the claimed reading */
    bool differ;                       /* the two do not name the same */
    struct ml_corrections corrections; /* that change what was chosen; in the reader's arena */
};
void ml_at_release(struct ml_at *at);

/* Initialises *ret_at in any case, to be released.
 * MLEDGER_ENOTFOUND: the moment is before the first record, or no such record. */
int ml_at(struct ml_reader *reader, const struct ml_interval_choice *choice,
          const struct ml_as_of *moment, struct ml_at *ret_at) ML_MUST_USE;

#endif
