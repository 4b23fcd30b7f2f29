/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Intervals as JSON:
 *
 *   {"kind": "stage", "name": "Production", "model": "churn", "version": 3,
 *    "from": {"seq": 41, "recorded_at": "…", "claimed_at": "…", "who": "dana", "reason": "…"},
 *    "to": {"seq": 57, …, "what": "to Archived"},
 *    "approvals": {"trainer": "ada", "registrar": "ada", "requester": null, "mover": "dana",
 *                  "decisions": [{"seq": 40, "recorded_at": "…", "claimed_at": "…",
 *                                 "decision": "granted", "approver": "olga", "comment": "…",
 *                                 "same_as": ["trainer"], "after": true}]}}
 *
 * "to" is null while it lasts. A deployment has "environment" (if it was said) and "share_ppm"; a
 * stage found in another registry "imported": true. claimed_at is there where the record claims
 * another time than it was recorded at; who, reason, comment, what where there is one; same_as
 * always, empty for somebody else; after where it is so. trainer is null too where the run was
 * imported. Approvals are given to stages by
 * ml_interval_json_approvals().
 */
#ifndef ML_QUERY_INTERVAL_JSON_H
#define ML_QUERY_INTERVAL_JSON_H

#include <jansson.h>

#include "ledger/query/approvals.h"

/* New references. MLEDGER_ESYSTEM: memory is out. MLEDGER_EINVALID: a time is out of range. */
int ml_interval_to_json(const struct ml_interval *interval, json_t **ret_json) ML_MUST_USE;
/* The same with who approved it, where somebody decides about that; what that rests on is added to
 * the basis. Errors also as ml_approvals_of(). */
int ml_interval_told_to_json(struct ml_reader *reader, const struct ml_interval *interval,
                             struct ml_basis *basis, json_t **ret_json) ML_MUST_USE;
/* Sets "approvals" in `json`, an interval's. Actors are named as the reader's view knows them. */
int ml_interval_json_approvals(struct ml_reader *reader, const struct ml_approvals *approvals,
                               json_t *json) ML_MUST_USE;

#endif
