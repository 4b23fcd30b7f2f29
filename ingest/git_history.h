/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All commits that a branch came from, parents before children and, where that leaves a choice, in
 * the order of their committers' times. So what came in through a merged branch is among them, at
 * its own place.
 *
 * Memory: some 200 bytes a commit. Threads: as its repository.
 */
#ifndef ML_INGEST_GIT_HISTORY_H
#define ML_INGEST_GIT_HISTORY_H

#include "ingest/git.h"
#include "ingest/table.h"

#define ML_GIT_COMMITS_MAX ((size_t)10000000)
#define ML_GIT_NO_COMMIT UINT32_MAX

struct ml_git_node {
    char id[ML_GIT_ID_SIZE];
    int64_t time_s; /* the committer's */
    /* Indexes of the parents that are there. */
    const uint32_t *parents;
    uint32_t parents_count;
    uint32_t first_parent; /* or ML_GIT_NO_COMMIT */
    bool is_cut;           /* a parent is not there: the clone is shallow */
};

/* All zero is an empty one. */
struct ml_git_history {
    struct ml_pool pool;
    struct ml_git_node *nodes; /* oldest first */
    size_t count;
    struct ml_table by_id; /* struct ml_git_node */
    size_t cuts;           /* nodes with is_cut */
};
void ml_git_history_release(struct ml_git_history *history);

/*
 * Reads what `branch` came from: a local branch, or one of a remote ("origin/main", or "main" where
 * there is only that); NULL: HEAD. `history` is all zero, and is to be released also after a
 * failure. MLEDGER_ENOTFOUND: no such branch, or no commit yet. MLEDGER_EINVALID: more than
 * ML_GIT_COMMITS_MAX. MLEDGER_ESYSTEM: a commit cannot be read, or is missing from a clone that is
 * not shallow.
 */
int ml_git_history_read(struct ml_git *git, const char *branch,
                        struct ml_git_history *history) ML_MUST_USE;

/* The commit that `text` means as Git understands it (an id or its beginning, a tag, a branch,
 * HEAD~3). MLEDGER_ENOTFOUND: none, or it means several. */
int ml_git_resolve(struct ml_git *git, const char *text, char ret_id[ML_GIT_ID_SIZE]) ML_MUST_USE;

/* Marks in `ret_marks`, one for each node, all that `id` came from and itself, as far as they are
 * in `history`; the rest of ret_marks is left as it is. */
int ml_git_history_mark(const struct ml_git_history *history, const char *id,
                        bool *ret_marks) ML_MUST_USE;

#endif
