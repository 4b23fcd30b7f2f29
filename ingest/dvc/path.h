/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths as text, with '/' between names: nothing here looks at a file system.
 */
#ifndef ML_INGEST_DVC_PATH_H
#define ML_INGEST_DVC_PATH_H

#include "ingest/pool.h"

/* "scheme://…" */
bool ml_dvc_path_is_url(const char *path);
/* `path` seen from the directory `base`, both relative to one root: without ".", doubled or
 * trailing slashes, with ".." resolved as far as there is something to resolve ("../x" remains
 * outside). An absolute path or URL stays what it is. "." is the root. NULL: memory is out. */
const char *ml_dvc_path_join(struct ml_pool *pool, const char *base, const char *path);
/* The directory part of a joined path, "." for a name alone. NULL: memory is out. */
const char *ml_dvc_path_parent(struct ml_pool *pool, const char *path);
/* Whether a joined path leaves the root. */
bool ml_dvc_path_is_outside(const char *path);
/* Whether it is a dvc.lock of the project's. */
bool ml_dvc_path_is_lock(const char *path);
bool ml_dvc_path_ends_in(const char *path, const char *suffix);
/* The last name of a joined path. */
const char *ml_dvc_path_name(const char *path);
/* Below 0, 0 or above: the order of joined paths in which a directory stands right before all that
 * is inside it. */
int ml_dvc_path_compare(const char *a, const char *b);

#endif
