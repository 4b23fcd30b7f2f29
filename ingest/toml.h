/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TOML 1.0.0 files (toml.io/en/v1.0.0) into values (value.h): tables and inline tables are maps,
 * arrays of tables are lists of maps, all four kinds of date and time are timestamps; integers
 * may have any size, since they stay as written. Whatever
 * the specification calls invalid is refused with "FILE:LINE:COLUMN: what".
 * Threads: any number may read different inputs.
 */
#ifndef ML_INGEST_TOML_H
#define ML_INGEST_TOML_H

#include "ingest/value.h"

/* MLEDGER_EINVALID when it is malformed or beyond a limit; `limits` may be NULL. */
int ml_toml_parse(struct ml_span span, const char *name, const struct ml_value_limits *limits,
                  struct ml_document **ret_document) ML_MUST_USE;
/* The same for the file at `path`, which errors call `name` (NULL: `path`).
 * MLEDGER_ENOTFOUND when there is none, MLEDGER_ESYSTEM when it cannot be read. */
int ml_toml_read_file(const char *path, const char *name, const struct ml_value_limits *limits,
                      struct ml_document **ret_document) ML_MUST_USE;

#endif
