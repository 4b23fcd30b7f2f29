/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether Git ignores a path, which it does only with files that it does not track: by the
 * .gitignore files (gitignore(5)) of a work tree or of a commit. Rules of one clone or one user
 * (.git/info/exclude, core.excludesFile) are not looked at, so that everybody gets the same answer.
 * Paths are relative to the repository's root.
 *
 * MLEDGER_EINVALID: a .gitignore has more than ML_GIT_IGNORE_MAX bytes. Threads: as the repository.
 */
#ifndef ML_INGEST_GIT_IGNORE_H
#define ML_INGEST_GIT_IGNORE_H

#include "ingest/git_tree.h"

#define ML_GIT_IGNORE_MAX ((size_t)1 << 20)

/* `git` has a work tree. */
int ml_git_ignores(struct ml_git *git, const char *path, bool *ret_ignored) ML_MUST_USE;
int ml_git_tree_ignores(const struct ml_git_tree *tree, const char *path,
                        bool *ret_ignored) ML_MUST_USE;

#endif
