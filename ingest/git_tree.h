/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of a commit, and in which files two commits differ. Paths are relative to the
 * repository's root, which is ".".
 *
 * Threads: as its repository.
 */
#ifndef ML_INGEST_GIT_TREE_H
#define ML_INGEST_GIT_TREE_H

#include "ingest/git.h"

#define ML_GIT_LINK_MAX ((size_t)4096) /* bytes of a link's target */
#define ML_GIT_TREE_DEPTH_MAX 128      /* folders inside each other */

struct ml_git_tree;

enum ml_git_kind { ML_GIT_ABSENT, ML_GIT_FILE, ML_GIT_LINK, ML_GIT_DIRECTORY, ML_GIT_SUBMODULE };

struct ml_git_entry {
    const char *name;
    enum ml_git_kind kind;
};

/* The tree of `commit` (40 hex digits); `git` is borrowed. MLEDGER_ENOTFOUND: no such commit. */
int ml_git_tree_open(struct ml_git *git, const char *commit,
                     struct ml_git_tree **ret_tree) ML_MUST_USE;
void ml_git_tree_free(struct ml_git_tree *tree);
void ml_git_tree_freep(struct ml_git_tree **tree); /* for ML_CLEANUP */

int ml_git_tree_kind(const struct ml_git_tree *tree, const char *path,
                     enum ml_git_kind *ret_kind) ML_MUST_USE;
/* The id (40 hex digits) of what is there, by which content is known again. MLEDGER_ENOTFOUND:
 * nothing is. */
int ml_git_tree_id(const struct ml_git_tree *tree, const char *path,
                   char ret_id[ML_GIT_ID_SIZE]) ML_MUST_USE;
/* Do both hold the same under `path`, or both nothing? */
int ml_git_tree_same(const struct ml_git_tree *a, const struct ml_git_tree *b, const char *path,
                     bool *ret_same) ML_MUST_USE;
/* The entries of a folder, in `pool`, in Git's order. MLEDGER_ENOTFOUND: it is none. */
int ml_git_tree_list(const struct ml_git_tree *tree, struct ml_pool *pool, const char *path,
                     struct ml_git_entry **ret_entries, size_t *ret_count) ML_MUST_USE;
/* Appends the content of a file, or the target of a link. MLEDGER_ENOTFOUND: it is neither.
 * MLEDGER_EINVALID: it has more than `max` bytes. */
int ml_git_tree_read(const struct ml_git_tree *tree, const char *path, size_t max,
                     struct ml_buf *content) ML_MUST_USE;

/*
 * Calls `visit` with the path of each file or link that is not the same in both trees, in order of
 * Git's; `old` may be NULL: a tree without files. What both have in common is not looked into, so
 * the cost follows the difference. A negative result of `visit` ends the walk and is returned.
 * MLEDGER_EINVALID: folders nested deeper than ML_GIT_TREE_DEPTH_MAX.
 */
typedef int ml_git_change_visitor(const char *path, bool is_in_new, void *context);
int ml_git_tree_changes(const struct ml_git_tree *old, const struct ml_git_tree *new_tree,
                        ml_git_change_visitor *visit, void *context) ML_MUST_USE;

#endif
