/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the files of a project are: in a work tree, or in a commit of Git's. The reader asks for
 * names and contents through this alone and cannot tell which it is. Paths are relative to the
 * project's root, which is "."; a path that leaves it ("../params.yaml") is looked for beside it.
 */
#ifndef ML_INGEST_DVC_FILES_H
#define ML_INGEST_DVC_FILES_H

#include "ingest/git_tree.h"
#include "ingest/pool.h"

/* Of one directory, sorted by name, without "." and "..". */
struct ml_dvc_folder {
    const struct ml_dvc_name {
        const char *name;
        bool is_dir; /* itself, not through a link */
    } * names;
    size_t count;
};

struct ml_dvc_files {
    /* Names live in `pool`. MLEDGER_ENOTFOUND: no such directory. */
    int (*list)(const struct ml_dvc_files *files, struct ml_pool *pool, const char *dir,
                struct ml_dvc_folder *ret_folder);
    /* Appends the content. MLEDGER_ENOTFOUND: no such file; MLEDGER_EINVALID: larger than `max`,
     * or no file; errors call it by its path. */
    int (*read)(const struct ml_dvc_files *files, const char *path, size_t max, struct ml_buf *buf);
    bool (*is_directory)(const struct ml_dvc_files *files, const char *path);
    const char *root;               /* of the work tree, or the prefix in the commit */
    const struct ml_git_tree *tree; /* NULL: the work tree */
};

/* What lies below the directory `root`; the text is borrowed. */
struct ml_dvc_files ml_dvc_files_disk(const char *root);
/* What `tree` has below `prefix` ("." for all of it); both are borrowed. Links are followed as
 * far as they lead to something in the commit. */
struct ml_dvc_files ml_dvc_files_commit(const struct ml_git_tree *tree, const char *prefix);

#endif
