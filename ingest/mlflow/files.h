/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store's folders and files: sorted listings and whole files into a pool. Only regular
 * files are opened and no symbolic link is followed, so a reading neither leaves the store nor
 * waits on a pipe. What is in the files may not enter here.
 *
 * All fail as reader.h says; errors begin with the path.
 */
#ifndef ML_INGEST_MLFLOW_FILES_H
#define ML_INGEST_MLFLOW_FILES_H

#include "ingest/mlflow/reader.h"

enum ml_mlflow_kind {
    ML_MLFLOW_FILE,
    ML_MLFLOW_FOLDER,
    ML_MLFLOW_LINK,
    ML_MLFLOW_SPECIAL, /* pipe, socket, device */
};

struct ml_mlflow_entry {
    const char *name; /* in a listing the name, in a walk the path below where it began */
    enum ml_mlflow_kind kind;
};
struct ml_mlflow_entries {
    struct ml_mlflow_entry *items; /* owned by the pool */
    size_t count;
};

/* What is directly inside `path`, sorted bytewise; empty when there is no such folder. An entry
 * whose name is no UTF-8 is left out. */
int ml_mlflow_list(struct ml_mlflow_reader *reader, struct ml_pool *pool, const char *path,
                   struct ml_mlflow_entries *ret_entries) ML_MUST_USE;

/* Only the folders of that listing, without hidden ones. Links and special files are left out,
 * regular files passed over. */
int ml_mlflow_list_folders(struct ml_mlflow_reader *reader, struct ml_pool *pool, const char *path,
                           struct ml_mlflow_entries *ret_folders) ML_MUST_USE;

/* All files and links below `path`, sorted by path. Special files are left out, links to folders
 * are not told from others; folders deeper than ML_MLFLOW_DEPTH_MAX are left out. */
int ml_mlflow_walk(struct ml_mlflow_reader *reader, struct ml_pool *pool, const char *path,
                   struct ml_mlflow_entries *ret_files) ML_MUST_USE;

/* Whether anything but folders is below `path`. Returns 1, 0 or an error. */
int ml_mlflow_has_files(struct ml_mlflow_reader *reader, const char *path) ML_MUST_USE;

/* Opens the regular file at the full path; its size is *ret_size. */
int ml_mlflow_open(const char *full, int *ret_fd, uint64_t *ret_size) ML_MUST_USE;

/* The file's content, owned by the pool, with a NUL behind it. MLEDGER_ENOTFOUND when there is
 * none; MLEDGER_EINVALID when it has more than `max` bytes or is no UTF-8 text without NUL. */
int ml_mlflow_text(struct ml_mlflow_reader *reader, struct ml_pool *pool, const char *path,
                   size_t max, char **ret_text, size_t *ret_len) ML_MUST_USE;

#endif
