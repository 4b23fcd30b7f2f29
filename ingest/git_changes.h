/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a work tree holds beyond the commit that is checked out: the files that differ from it and
 * those that it lacks. Enough to tell whether two runs had the same uncommitted code, and to find
 * it again by content; it is no patch.
 *
 * The list is text. Its first line is "mledger changes 1"; then comes a line for each file:
 *
 *     STATE SP MODE SP SHA256 SP PATH
 *
 *   1. Every line ends in one line feed; SP is one space.
 *   2. STATE is what became of the file since the commit: "modified" (in content, mode or kind),
 *      "deleted", or "added" (in the work tree, and not in the commit, whether Git was told of it
 *      or not). The index does not count: what is staged and what is not are the same. What Git
 *      ignores is left out, and so is, at any depth, what is named .mledger.
 *   3. MODE is Git's: 100644, 100755, 120000 for a symbolic link, 160000 for another repository,
 *      000000 for what is deleted.
 *   4. SHA256 is of the file's bytes as they are in the work tree, hexadecimal; of a symbolic link
 *      of the path that it holds. It is "-" for what is deleted, for a repository, and for an
 *      added file of more than ML_GIT_CHANGES_BYTES_MAX bytes, which is no source: after its "-"
 *      comes ":" and the size in bytes.
 *   5. PATH leads from the root of the work tree; bytes in it are written as ingest/manifest.h
 *      says. Lines are in the order of the paths, compared byte by byte.
 *
 * So the digest of the list changes when a file does, and not when a file was only touched.
 */
#ifndef ML_INGEST_GIT_CHANGES_H
#define ML_INGEST_GIT_CHANGES_H

#include "ledger/core/hash.h"

#define ML_GIT_CHANGES_BYTES_MAX ((uint64_t)16 << 20)
#define ML_GIT_CHANGES_FILES_MAX ((size_t)100000)

struct ml_git_changes {
    uint64_t count; /* files */
    uint8_t
        sha256[ML_HASH_SIZE]; /* of the list; set also where it is empty but for its first line */
    struct ml_buf text;       /* the list */
    char *prefix;             /* where `dir` lies below the root: "", or "a/b" */
};
void ml_git_changes_release(struct ml_git_changes *changes);

/*
 * Of the repository around the directory `dir`. `except` are paths of files and directories, as
 * the process would open them from `dir`, that do not count: they are recorded by themselves.
 * MLEDGER_ENOTFOUND: there is no repository, it is bare, or it has no commit yet.
 * MLEDGER_EINVALID: more than ML_GIT_CHANGES_FILES_MAX files; a path in it is too long.
 * MLEDGER_ESYSTEM: something cannot be read.
 */
int ml_git_changes_read(const char *dir, const char *const *except, size_t except_count,
                        struct ml_git_changes *ret_changes) ML_MUST_USE;

#endif
