/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The question which version was where at a moment (ledger/query/at.h), in a person's words, and
 * its answer as JSON, stable:
 *
 *   {"at": {"time": "2026-03-01T14:32:00Z", "seq": 41}, "any": true,
 *    "recorded": [INTERVAL, …], "differ": false, "claimed": [INTERVAL, …],
 *    "corrections": [CORRECTION, …]}
 *
 * CORRECTION is that of ledger/query/basis_json.h without its link, here also of what counts: of
 * what was recorded after TIME. INTERVAL is that of ledger/query/interval_json.h with its
 * approvals; a deployment has an "origin" (ledger/query/version_origin.h). "any" is whether there
 * is an answer: versions that only waited (stage None) or rest (Archived) are listed all the same,
 * and are one only if a stage or a version was asked about.
 */
#ifndef ML_QUERY_AT_ANSWER_H
#define ML_QUERY_AT_ANSWER_H

#include <jansson.h>

#include "ledger/core/time.h"
#include "ledger/query/at.h"
#include "ledger/query/basis.h"

struct ml_at_question {
    const char *what;  /* as ml_interval_choice_parse() */
    const char *stage; /* of a model; NULL: any */
    const char *time;  /* as ml_as_of_parse() */
};

struct ml_at_answer {
    struct ml_interval_choice choice;
    struct ml_at at;
    char time[ML_TIME_TEXT_SIZE];
    bool all; /* None and Archived are told too */
};
void ml_at_answer_release(struct ml_at_answer *answer);

/* Initialises *ret_answer in any case, to be released; its texts live in the reader's arena or are
 * the question's. What it rests on is added to `basis`. MLEDGER_EUSAGE: the question is none, or a
 * stage is asked for of what has none. MLEDGER_ENOTFOUND: no such thing, or nothing of it was ever
 * in that stage; the hint names those that it was in. */
int ml_at_ask(struct ml_reader *reader, const struct ml_at_question *question,
              struct ml_basis *basis, struct ml_at_answer *ret_answer) ML_MUST_USE;

/* Where versions wait or rest is told only if asked for: they may be many. */
bool ml_at_tells(const struct ml_at_answer *answer, const struct ml_interval *interval);
size_t ml_at_count(const struct ml_at_answer *answer, const struct ml_intervals *intervals);
bool ml_at_any(const struct ml_at_answer *answer);

/* A new reference. What more it tells is added to `basis`. MLEDGER_EDAMAGED, MLEDGER_ESYSTEM. */
int ml_at_to_json(struct ml_reader *reader, const struct ml_at_answer *answer,
                  struct ml_basis *basis, json_t **ret_json) ML_MUST_USE;

#endif
