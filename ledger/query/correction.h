/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was recorded after a moment and bears on what was known by then: corrections. An answer as
 * of the past leaves them out, and lists them apart.
 *
 *   claim        the record claims that what it tells happened by then
 *   link         a person confirmed which stage of a pipeline a run had been
 *   incident     something went wrong with what the answer tells of
 *   erasure      details of a record that the answer rests on were removed
 *   revocation   a key is not trusted any more from before such a record on
 *   clock        the clock was wrong when such a record was made
 *
 * A change that was made since then and claims nothing else is no correction.
 *
 * Cost: a seek for each index prefix and record of the question, and the later records found there;
 * the later incidents and corrections of the clock, which are few in any ledger.
 */
#ifndef ML_QUERY_CORRECTION_H
#define ML_QUERY_CORRECTION_H

#include "ledger/query/interval_choice.h"

enum ml_correction_kind {
    ML_CORRECTION_CLAIM,
    ML_CORRECTION_LINK,
    ML_CORRECTION_INCIDENT,
    ML_CORRECTION_ERASURE,
    ML_CORRECTION_REVOCATION,
    ML_CORRECTION_CLOCK,
};
/* "claim", … */
const char *ml_correction_kind_name(enum ml_correction_kind kind);

struct ml_correction {
    enum ml_correction_kind kind;
    struct ml_change change;
    const char *subject; /* "churn/3" */
    const char *summary; /* "Staging to Production" */
    const uint64_t *of;  /* the records of the answer that it casts doubt on or takes from, … */
    size_t n_of;         /* … ascending; none of a claim, a link or an incident */
    bool counts;         /* recorded by the reader's as_of */
};

struct ml_corrections {
    struct ml_correction *list; /* by seq; in the reader's arena, as all that they point to */
    size_t count;
};

/* What an answer tells of: a beginning of index keys (ledger/core/index.h). */
enum ml_about_reach {
    ML_ABOUT_ALL,       /* whatever names it */
    ML_ABOUT_OWN,       /* what is said of a version itself, not of what names it as its base */
    ML_ABOUT_INCIDENTS, /* incidents alone */
    ML_ABOUT_ERASURE,   /* that the record which is referred to was erased */
};
struct ml_about {
    struct ml_state_key prefix;
    enum ml_about_reach reach;
    bool chosen; /* only what changes the question's choice */
};

/* All is borrowed. */
struct ml_correction_question {
    struct ml_instant instant; /* what was recorded after its seq and claims its time or before */
    const struct ml_interval_choice *choice; /* NULL: none, and no about is chosen */
    const struct ml_about *abouts;
    size_t n_abouts;
    const uint64_t *records; /* that the answer rests on, ascending; they are no corrections */
    size_t n_records;
};

/* MLEDGER_EDAMAGED, MLEDGER_ESYSTEM as of reading. */
int ml_corrections_find(struct ml_reader *reader, const struct ml_correction_question *question,
                        struct ml_corrections *ret_corrections) ML_MUST_USE;

#endif
