/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exceptions as JSON, stable:
 *
 *   {"exceptions": [{"check": "approval-late", "what": "churn/3", "model_seq": 4, "version": 3,
 *                    "text": "…", "seqs": [17, 20]}],
 *    "checks": [{"name": "approval-late", "sentence": "…", "found": 1}]}
 *
 * model_seq and version are there where it is of a version; checks are those that were made.
 */
#ifndef ML_QUERY_EXCEPTIONS_JSON_H
#define ML_QUERY_EXCEPTIONS_JSON_H

#include <jansson.h>

#include "ledger/query/exceptions.h"

/* A new reference. MLEDGER_ESYSTEM: memory is out. */
int ml_exceptions_to_json(const struct ml_exceptions *found, const bool *wanted,
                          json_t **ret_json) ML_MUST_USE;
/* The checks that there are: {"checks": [{"name", "sentence", "decided", "asked": true}]}. */
int ml_exception_checks_to_json(json_t **ret_json) ML_MUST_USE;

#endif
