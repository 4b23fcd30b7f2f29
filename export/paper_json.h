/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A paper as JSON, with all that its page says:
 *
 *   {"report": "model", "title": "…", "subtitle": "…", "sections": [
 *     {"id": "identity", "title": "What it is",
 *      "notes": [{"text": "…", "tone": "warn", "records": [12]}],
 *      "facts": {"name": {"value": "churn/3", "records": [30]}},
 *      "artifacts": [{"path": "model.bin", "size": 12, "digests": ["sha256:… seen"],
 *                     "records": [30]}],
 *      "pictures": [{"key": "lineage", "title": "…"}]}]}
 *
 * A value is null where nothing is recorded, a string or a number, or, of several lines, an array
 * of these; times are RFC 3339. Tables stand under their keys; a row names the records of all its
 * cells. "left_out" counts rows of a table beyond ML_PAPER_ROWS_MAX.
 */
#ifndef ML_EXPORT_PAPER_JSON_H
#define ML_EXPORT_PAPER_JSON_H

#include <jansson.h>

#include "export/paper.h"

/* A new reference. MLEDGER_ESYSTEM: memory is out. */
int ml_paper_to_json(const struct ml_paper *paper, json_t **ret_json) ML_MUST_USE;

#endif
