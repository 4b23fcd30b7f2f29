/* SPDX-License-Identifier: Apache-2.0 */
/* The files of tiles.h: below one directory, each whole or not there. */
#ifndef ML_EXPORT_TILES_DIR_H
#define ML_EXPORT_TILES_DIR_H

#include "ledger/core/base.h"

struct ml_tiles_dir {
    const char *name; /* borrowed */
    int fd;           /* locked against other exports; -1: closed */
};

/* Makes the directory (not those above it) where there is none, and locks it.
 * MLEDGER_ESYSTEM: it cannot be, or another export is at work. */
int ml_tiles_dir_open(const char *name, struct ml_tiles_dir *ret_dir) ML_MUST_USE;
void ml_tiles_dir_close(struct ml_tiles_dir *dir);

/* Writes the file `path` below it, with the directories on the way, and renames it into place. It
 * reaches the disk with ml_tiles_dir_sync() or, `durable`, at once. */
int ml_tiles_dir_put(const struct ml_tiles_dir *dir, const char *path, struct ml_span bytes,
                     bool durable) ML_MUST_USE;
/* Everything written below it is on disk when this returns. */
int ml_tiles_dir_sync(const struct ml_tiles_dir *dir) ML_MUST_USE;
/* Appends the first bytes of a file, `limit` at most. MLEDGER_ENOTFOUND: there is none. */
int ml_tiles_dir_get(const struct ml_tiles_dir *dir, const char *path, size_t limit,
                     struct ml_buf *ret_bytes) ML_MUST_USE;
/* Calls `visit` with the names in the directory `path` ("." is itself), but for "." and "..", in
 * no order. A directory that is not there holds none. A result other than 0 ends it. */
typedef int ml_tiles_dir_visitor(const char *name, void *context);
int ml_tiles_dir_each(const struct ml_tiles_dir *dir, const char *path, ml_tiles_dir_visitor *visit,
                      void *context) ML_MUST_USE;
/* Removes the directory `path` and the files in it, as far as that can be done. */
void ml_tiles_dir_drop(const struct ml_tiles_dir *dir, const char *path);

#endif
