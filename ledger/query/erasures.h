/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which records lost their details, when, by whose order and why. Everything else of them stays:
 * the event, the signatures, the hash of what was erased. Cost: the erasures there are.
 */
#ifndef ML_QUERY_ERASURES_H
#define ML_QUERY_ERASURES_H

#include "ledger/query/basis.h"
#include "ledger/query/reader.h"

struct ml_erasure {
    uint64_t seq; /* whose details were erased */
    int64_t recorded_us;
    const char *kind;            /* "validation_recorded" */
    const char *subject;         /* what it is about: "churn/5"; may be empty */
    const uint8_t *details_hash; /* C(details), 32 bytes; NULL: the details are still here */
    uint64_t by;                 /* the record that ordered it */
    int64_t erased_us;
    const char *who;    /* who ordered it: ids of actors */
    const char *reason; /* NULL: none is recorded, or that was erased too */
    size_t attachments; /* removed with them */
};

struct ml_erasures {
    struct ml_erasure *list; /* by seq; lives in the reader's arena */
    size_t count, cap;
};

/* Those ordered up to the reader's record, of records `first` to `last`. What it rests on goes into
 * `basis`. MLEDGER_EDAMAGED, MLEDGER_ESYSTEM. */
int ml_erasures(struct ml_reader *reader, uint64_t first, uint64_t last, struct ml_basis *basis,
                struct ml_erasures *ret_erasures) ML_MUST_USE;

#endif
