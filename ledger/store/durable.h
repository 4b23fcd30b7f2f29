/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing a small file completely and durably or not at all: into a new file beside it, synced,
 * then renamed to its name, and the directory synced. And reading one whole.
 */
#ifndef ML_STORE_DURABLE_H
#define ML_STORE_DURABLE_H

#include "ledger/core/base.h"

/* Writes `bytes` as the file `path`, readable and writable by this user alone. With `replace` an
 * existing file (or symbolic link, itself) gives way in one step; without, it is left alone.
 * `what` names the thing in errors ("key file").
 * MLEDGER_ESYSTEM: the file exists (without `replace`), or it cannot be written. Only if syncing
 * the directory was what failed may the file be there nevertheless. */
int ml_durable_write(const char *path, const char *what, struct ml_span bytes,
                     bool replace) ML_MUST_USE;

/* What holds secrets may be read by this user and root alone: an open file that is none of a
 * regular file, another user's, or open to others is refused, with the command that helps as hint.
 * MLEDGER_EINVALID: no regular file. MLEDGER_ESYSTEM. */
int ml_private_check(int fd, const char *path, const char *what) ML_MUST_USE;

/* Appends all of a small file, of at most `limit` bytes, to *ret_bytes.
 * MLEDGER_ENOTFOUND: there is none (no text is set). MLEDGER_EINVALID: it is longer.
 * MLEDGER_ESYSTEM: it cannot be read. */
int ml_durable_read(const char *path, const char *what, size_t limit,
                    struct ml_buf *ret_bytes) ML_MUST_USE;
/* The same of a file that is private (ml_private_check). */
int ml_private_read(const char *path, const char *what, size_t limit,
                    struct ml_buf *ret_bytes) ML_MUST_USE;

#endif
