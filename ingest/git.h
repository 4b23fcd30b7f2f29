/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an importer asks a Git repository, through libgit2: which commit is checked out, what a
 * path held at a commit, whether the work tree differs. Only reads; no network, no hooks, no
 * filters beyond what the repository's own attributes say.
 *
 * Threads: a repository belongs to one thread at a time.
 */
#ifndef ML_INGEST_GIT_H
#define ML_INGEST_GIT_H

#include "ingest/pool.h"
#include "ledger/core/base.h"

#define ML_GIT_ID_SIZE 41 /* 40 hex digits and a NUL */
/* Larger blobs are not read. */
#define ML_GIT_BLOB_MAX ((size_t)1 << 30)

struct ml_git;

struct ml_git_person {
    const char *name, *email;
    int64_t time_us; /* since 1970-01-01 UTC; Git keeps whatever it is told, also year 10^9 */
    int zone_minutes;
};

struct ml_git_commit {
    char id[ML_GIT_ID_SIZE];
    struct ml_git_person author, committer;
    const char *summary; /* first line of its message */
    bool is_signed;      /* carries a signature, which nobody has checked */
};

enum ml_git_state {
    ML_GIT_UNTRACKED,
    ML_GIT_CLEAN,
    ML_GIT_CHANGED, /* the work tree or the index differs from HEAD; also when the file is gone */
};

/* Opens the repository that contains the directory `path`.
 * MLEDGER_ENOTFOUND: there is none. MLEDGER_ESYSTEM: it cannot be read. */
int ml_git_open(const char *path, struct ml_git **ret_git) ML_MUST_USE;
void ml_git_free(struct ml_git *git);
void ml_git_freep(struct ml_git **git); /* for ML_CLEANUP */

/* The work tree's root, ending in '/'; NULL for a bare repository. Valid as long as `git`. */
const char *ml_git_workdir(const struct ml_git *git);

/* Where the directory `dir` lies in the repository's work tree, "." for its root; a bare repository
 * is one whole ("."). The caller frees *ret_place. MLEDGER_ENOTFOUND: in no work tree. */
int ml_git_place(const struct ml_git *git, const char *dir, char **ret_place) ML_MUST_USE;

/* The address of the remote called origin, in `pool`. MLEDGER_ENOTFOUND: there is none. */
int ml_git_remote(struct ml_git *git, struct ml_pool *pool, const char **ret_url) ML_MUST_USE;

/* A commit by its id (40 hex digits), as ml_git_head(). MLEDGER_ENOTFOUND: it is not there. */
int ml_git_commit_read(struct ml_git *git, const char *id, struct ml_pool *pool,
                       struct ml_git_commit *ret_commit) ML_MUST_USE;

/* The commit that HEAD names. MLEDGER_ENOTFOUND: there is no commit yet. Texts go to `pool`,
 * with bytes that are no UTF-8 replaced by '?'. */
int ml_git_head(struct ml_git *git, struct ml_pool *pool,
                struct ml_git_commit *ret_commit) ML_MUST_USE;

/* Appends what the file `path` (relative to the repository's root) held at `commit` (40 hex
 * digits). MLEDGER_ENOTFOUND: no such commit, path, or no file there. MLEDGER_EINVALID: larger than
 * ML_GIT_BLOB_MAX. */
int ml_git_blob(struct ml_git *git, const char *commit, const char *path,
                struct ml_buf *content) ML_MUST_USE;

/*
 * Which commits may be those that the newest contents of `paths` (relative to the repository's
 * root) were made at: those before the last commit that changed any of them, back to and with the
 * one that changed any of them before that; newest first, along first parents, at most
 * ML_GIT_BEFORE_MAX. The ids go to `pool`. None: no commit has them, or the first one does.
 */
#define ML_GIT_BEFORE_MAX 256
int ml_git_before_change(struct ml_git *git, struct ml_pool *pool, const char *const *paths,
                         size_t paths_count, const char (**ret_ids)[ML_GIT_ID_SIZE],
                         size_t *ret_count) ML_MUST_USE;

/* How the file `path` (relative to the repository's root) stands in the work tree. */
int ml_git_file_state(struct ml_git *git, const char *path,
                      enum ml_git_state *ret_state) ML_MUST_USE;

#endif
