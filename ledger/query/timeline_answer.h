/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The question from when to when versions were in stages, bore aliases and were served, in a
 * person's words, and its answer as JSON, stable:
 *
 *   {"intervals": [INTERVAL, …]}
 *
 * where INTERVAL is that of ledger/query/interval_json.h with its approvals.
 */
#ifndef ML_QUERY_TIMELINE_ANSWER_H
#define ML_QUERY_TIMELINE_ANSWER_H

#include <jansson.h>

#include "ledger/query/basis.h"
#include "ledger/query/interval_choice.h"

struct ml_timeline_question {
    const char *what;      /* as ml_interval_choice_parse(); NULL: everything */
    const char *stage;     /* of what has stages; NULL: any */
    const char *from, *to; /* as ml_as_of_parse(), a record for its time; NULL: no bound */
};

struct ml_timeline_answer {
    struct ml_intervals intervals; /* that have a moment in [from, to) */
    bool has_from, has_to;
    int64_t from_us, to_us;
    int64_t as_of_us; /* when the newest record that counts was recorded */
};
void ml_timeline_answer_release(struct ml_timeline_answer *answer);

/* Initialises *ret_answer in any case, to be released; its texts live in the reader's arena or are
 * the question's. What it rests on is added to `basis`. MLEDGER_EUSAGE: the question is none, or
 * its bounds are in no order. MLEDGER_ENOTFOUND: no such thing, or no such record. */
int ml_timeline_ask(struct ml_reader *reader, const struct ml_timeline_question *question,
                    struct ml_basis *basis, struct ml_timeline_answer *ret_answer) ML_MUST_USE;

/* A new reference. What more it tells is added to `basis`. MLEDGER_EDAMAGED, MLEDGER_ESYSTEM. */
int ml_timeline_to_json(struct ml_reader *reader, const struct ml_timeline_answer *answer,
                        struct ml_basis *basis, json_t **ret_json) ML_MUST_USE;

#endif
