/* SPDX-License-Identifier: Apache-2.0 */
/* What the files git*.c share, the only ones that see libgit2. */
#ifndef ML_INGEST_GIT_PRIVATE_H
#define ML_INGEST_GIT_PRIVATE_H

#include <git2.h>

#include "ingest/git.h"

struct ml_git {
    git_repository *repository;
};

/* libgit2's last words, behind ours: "WHAT 'THING': why". */
int ml_git_fail(int code, const char *what, const char *thing);

static inline void ml_git_commit_freep(git_commit **commit)
{
    git_commit_free(*commit);
}
static inline void ml_git_entry_freep(git_tree_entry **entry)
{
    git_tree_entry_free(*entry);
}
static inline void ml_git_raw_tree_freep(git_tree **tree)
{
    git_tree_free(*tree);
}
static inline void ml_git_blob_freep(git_blob **blob)
{
    git_blob_free(*blob);
}

/* A copy in `pool`. Old commits are in any encoding: what is no UTF-8 becomes '?'. NULL is "". NULL
 * comes back when memory is out. */
const char *ml_git_text(struct ml_pool *pool, const char *text);
/* `from` NULL: nobody, with empty texts. */
int ml_git_person_read(struct ml_pool *pool, const git_signature *from,
                       struct ml_git_person *ret_person) ML_MUST_USE;
/* MLEDGER_ENOTFOUND: no such commit here. */
int ml_git_lookup(struct ml_git *git, const char *id, git_commit **ret_commit) ML_MUST_USE;
/* MLEDGER_EINVALID, naming `path`, when the blob has more than `max` bytes. */
int ml_git_check_size(struct ml_git *git, const git_oid *id, const char *path,
                      size_t max) ML_MUST_USE;
/* Appends a blob. */
int ml_git_read_blob(struct ml_git *git, const git_oid *id, const char *path, size_t max,
                     struct ml_buf *content) ML_MUST_USE;

#endif
