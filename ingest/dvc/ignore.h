/* SPDX-License-Identifier: Apache-2.0 */
/*
 * .dvcignore: the patterns of .gitignore (gitignore(5)), of the directories on the way to a path.
 */
#ifndef ML_INGEST_DVC_IGNORE_H
#define ML_INGEST_DVC_IGNORE_H

#include "ingest/pool.h"

#define ML_DVC_IGNORE_BYTES_MAX ((size_t)1 << 20)

struct ml_dvc_pattern;

/* All zero ignores nothing. Patterns live in the pool that ml_dvc_ignore_add() is given. */
struct ml_dvc_ignore {
    struct ml_dvc_pattern *patterns;
    size_t count, cap;
};
void ml_dvc_ignore_release(struct ml_dvc_ignore *ignore);

/* Adds the patterns of `text`, a .dvcignore in the directory `dir` (from the root, "." for it).
 * To leave a directory, set `count` back to what it was. */
int ml_dvc_ignore_add(struct ml_dvc_ignore *ignore, struct ml_pool *pool, const char *dir,
                      const char *text) ML_MUST_USE;

struct ml_dvc_reader;
/* Adds `dir`/.dvcignore of the project where there is one (walk.c). */
int ml_dvc_ignore_load(struct ml_dvc_reader *reader, struct ml_dvc_ignore *ignore,
                       const char *dir) ML_MUST_USE;

/* Whether the last pattern that fits `path` (from the root) says so. That a directory above it
 * is ignored is for the caller to have seen. */
bool ml_dvc_ignore_matches(const struct ml_dvc_ignore *ignore, const char *path, bool is_dir);

#endif
