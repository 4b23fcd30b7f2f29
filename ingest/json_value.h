/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON files (RFC 8259) into values (value.h), as Python's json module writes them: NaN, Infinity
 * and -Infinity are floats, escaped surrogate pairs are one character. A key that stands twice,
 * a lone surrogate, \u0000, invalid UTF-8 and anything after the value are refused with
 * "FILE:LINE:COLUMN: what". A byte order mark is skipped.
 * Threads: any number may read different inputs.
 */
#ifndef ML_INGEST_JSON_VALUE_H
#define ML_INGEST_JSON_VALUE_H

#include "ingest/value.h"

/* MLEDGER_EINVALID when it is malformed or beyond a limit; `limits` may be NULL. */
int ml_json_value_parse(struct ml_span span, const char *name, const struct ml_value_limits *limits,
                        struct ml_document **ret_document) ML_MUST_USE;
/* The same for the file at `path`, which errors call `name` (NULL: `path`).
 * MLEDGER_ENOTFOUND when there is none, MLEDGER_ESYSTEM when it cannot be read. */
int ml_json_value_read_file(const char *path, const char *name,
                            const struct ml_value_limits *limits,
                            struct ml_document **ret_document) ML_MUST_USE;

#endif
