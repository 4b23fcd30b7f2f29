/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Intervals for a person.
 *
 *     churn/3 was in Production at 2026-03-01T14:32:00Z
 *       since     2026-02-10T09:00:00Z  #41  dana: passed the review
 *       until     2026-03-12T08:10:00Z  #57  to Archived; erik
 *       approved  2026-02-09T16:00:00Z  #40  olga: looks good
 *                 olga neither trained, registered, requested nor moved it
 *
 * Where a record claims a time that is more than a minute from when it was recorded, that time is
 * said too: a program that records by itself needs a moment, and is not late.
 */
#ifndef ML_CLI_INTERVAL_TEXT_H
#define ML_CLI_INTERVAL_TEXT_H

#include "cli/question.h"
#include "ledger/query/approvals.h"

/* "churn/3 was in Production", "champion of churn was churn/3", "scoring served churn/3 90%". */
int ml_interval_sentence(const struct ml_interval *interval, struct ml_buf *text) ML_MUST_USE;
/* The lines below it. Adds the records to the basis, and what is not known. */
int ml_interval_print(struct ml_question *question, const struct ml_interval *interval) ML_MUST_USE;
/* Who approved it: of stages other than None and Archived, which nobody approves. */
int ml_interval_print_approvals(struct ml_question *question,
                                const struct ml_interval *interval) ML_MUST_USE;

/* "* #101 claims to have happened at …", if it is late; nothing for one that is none. */
int ml_change_print_claim(const struct ml_change *change, struct ml_output *out) ML_MUST_USE;
/* Whether the record claims another time than it was recorded at, by more than a minute. */
bool ml_change_is_late(const struct ml_change *change);

#endif
