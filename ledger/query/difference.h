/* SPDX-License-Identifier: Apache-2.0 */
/* What two versions (or runs) differ in, fact by fact; and several laid side by side. */
#ifndef ML_QUERY_DIFFERENCE_H
#define ML_QUERY_DIFFERENCE_H

#include <jansson.h>

#include "ledger/query/basis.h"
#include "ledger/query/makeup.h"

/* Untold: it is there in both, but of one the value is not known. */
enum ml_difference_change { ML_SAME, ML_ADDED, ML_REMOVED, ML_CHANGED, ML_UNTOLD };
/* "same", "added", "removed", "changed", "untold". */
const char *ml_difference_change_name(enum ml_difference_change change);

struct ml_difference_line {
    enum ml_fact_kind kind;
    const char *key;
    enum ml_difference_change change;
    const struct ml_fact *before, *after; /* NULL: it is not there */
};

struct ml_difference {
    struct ml_makeup before, after;
    struct ml_difference_line *lines; /* by kind, then by key */
    size_t count, cap;
};
void ml_difference_release(struct ml_difference *difference);

/* Initialises *ret_difference in any case, to be released; its facts live in the reader's arena.
 * The records and what is not known are added to `basis`. Errors as ml_makeup_read(). */
int ml_difference_read(struct ml_reader *reader, const struct ml_target *before,
                       const struct ml_target *after, struct ml_basis *basis,
                       struct ml_difference *ret_difference) ML_MUST_USE;

/* The same of what two references name. MLEDGER_EUSAGE: one is neither a version nor a run, or both
 * are the same. Errors also as ml_reference_resolve(). */
int ml_difference_ask(struct ml_reader *reader, const char *before, const char *after,
                      struct ml_basis *basis, struct ml_difference *ret_difference) ML_MUST_USE;

/*
 * {"before": "churn/2", "after": "churn/3",
 *  "lines": [{"kind": "parameters", "key": "lr", "change": "changed",
 *             "before": {"value": "0.1", "seqs": [12], "on": "…"}, "after": {…}}, …]}
 *
 * before and after of a line are there where the fact is; "value" is null where it is not known;
 * "on" (what a metric was measured on) where a record says.  A new reference. MLEDGER_ESYSTEM.
 */
int ml_difference_to_json(const struct ml_difference *difference, json_t **ret_json) ML_MUST_USE;
/* {"value", "seqs", "on"} as above. */
int ml_fact_to_json(const struct ml_fact *fact, json_t **ret_json) ML_MUST_USE;

#endif
