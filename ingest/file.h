/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole files from outside into memory, with a limit. What the bytes mean may not enter here.
 */
#ifndef ML_INGEST_FILE_H
#define ML_INGEST_FILE_H

#include "ledger/core/base.h"

/* Appends the content of the regular file `path`, which errors call `name` (NULL: `path`), to
 * `buf`. MLEDGER_ENOTFOUND when there is none, MLEDGER_EINVALID when it is larger than `max`
 * bytes or no regular file, MLEDGER_ESYSTEM when it cannot be read. */
int ml_file_slurp(const char *path, const char *name, size_t max, struct ml_buf *buf) ML_MUST_USE;

/* MLEDGER_EINVALID "NAME:LINE: …" unless the bytes are UTF-8 (RFC 3629) without NUL. */
int ml_file_check_utf8(struct ml_span text, const char *name) ML_MUST_USE;

#endif
