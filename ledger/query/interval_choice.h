/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which intervals a question is about:
 *
 *   churn  model:churn  models:/churn        the model: stages, aliases and deployments of it
 *   churn/3  models:/churn/3                 one version of it
 *   models:/churn/Production                 who was in that stage (any case)
 *   churn@champion  models:/churn@champion   whom the alias pointed to
 *   scoring  endpoint:scoring                what the endpoint served
 *   environment:production                   what all endpoints of the environment served
 *
 * A bare word that is both a model and an endpoint is an error that names both.
 */
#ifndef ML_QUERY_INTERVAL_CHOICE_H
#define ML_QUERY_INTERVAL_CHOICE_H

#include "ledger/query/interval.h"

/* All zero but `model` chooses everything. Texts live in the reader's arena or in what was given.
 */
struct ml_interval_choice {
    uint64_t model;       /* MLEDGER_NO_SEQ: any */
    const char *name;     /* of the model, endpoint or environment */
    uint64_t version;     /* 0: any */
    const char *stage;    /* NULL: any; compared without case */
    const char *alias;    /* NULL: any */
    const char *endpoint; /* NULL: any */
    const char *environment;
};

/* MLEDGER_EUSAGE: the text is none of these, or is two of them. MLEDGER_ENOTFOUND: there was no
 * such thing at the reader's as_of, or no such version. */
int ml_interval_choice_parse(struct ml_reader *reader, const char *text,
                             struct ml_interval_choice *ret_choice) ML_MUST_USE;
/* Appends the chosen intervals, sorted. Costs the records of the models and endpoints chosen. */
int ml_intervals_collect(struct ml_reader *reader, const struct ml_interval_choice *choice,
                         enum ml_reading reading, struct ml_intervals *intervals) ML_MUST_USE;
/* Whether what the event tells changes what is chosen, or what is said of it: stages, aliases, what
 * endpoints serve, who approved. */
bool ml_interval_choice_changes(const struct ml_interval_choice *choice,
                                const Mledger__Event *event);
bool ml_interval_is_chosen(const struct ml_interval *interval,
                           const struct ml_interval_choice *choice);

#endif
