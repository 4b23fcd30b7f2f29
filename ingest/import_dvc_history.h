/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An import of a repository's past under way, shared by the files import_dvc_history*.c: the
 * commits, and of each project that was met below the directory what the ledger knows of it.
 */
#ifndef ML_INGEST_IMPORT_DVC_HISTORY_H
#define ML_INGEST_IMPORT_DVC_HISTORY_H

#include "ingest/dvc/project.h"
#include "ingest/git_history.h"
#include "ingest/import_dvc_state.h"

/* Files beside those named as DVC names them that say what a project is: parameters, variables;
 * also those that were looked for in vain. Paths in the repository, sorted. */
struct ml_import_files {
    const char **paths;
    size_t count;
};

/* One project: a root of its own in some commit. */
struct ml_import_past {
    const char *path; /* from the directory that is imported; "." for itself */
    const char *root; /* from the repository's root */
    const char *name; /* of its pipeline */
    /* By id, of commits that there is a record of, or one on its way: struct ml_import_files. */
    struct ml_table recorded;
    /* Of each commit that was visited, what its state is read from; NULL: none yet. */
    const struct ml_import_files **files;
    const char *newest_commit; /* of the newest record, or that on its way; NULL: none, or dirty */
    uint32_t newest_change;    /* index of the last commit that changed it; ML_GIT_NO_COMMIT */
    uint64_t stages;           /* of the snapshot that was read last */
    bool is_affected;          /* by the commit that is looked at */
    /* Lock files that training is told from (paths in the repository), and what is known of each
     * commit: ml_import_training_find(). */
    const char **locks;
    size_t locks_count;
    uint32_t *lock_changes;
};

struct ml_import_history {
    struct ml_import_batch batch;
    struct ml_pool pool;
    struct ml_git *git;
    struct ml_git_history commits;
    bool *is_out;       /* of commits: before `since` */
    const char *dir;    /* as it was given, without '/' at its end */
    const char *prefix; /* its place in the repository, "." for its root */
    const char *name;   /* of its pipeline */
    struct ml_dvc_blobs blobs;
    struct ml_table datasets; /* by name: SHA-256 of what was newest */
    struct ml_table pasts;    /* struct ml_import_past, by root */
    struct ml_import_past **all;
    size_t all_count, all_cap;
};

/* ---- import_dvc_past.c ---- */

/* The project with that root in the repository, with what the ledger knows of it when it is met
 * first. */
int ml_import_past_find(struct ml_import_history *history, const char *root,
                        struct ml_import_past **ret_past) ML_MUST_USE;
void ml_import_past_release(struct ml_import_past *past);
/* Notes that `commit` (which must live as long as `past`) is recorded from now on, as the newest,
 * and what its state was read from (borrowed). */
int ml_import_past_note(struct ml_import_past *past, const char *commit,
                        const struct ml_import_files *files) ML_MUST_USE;
/* What a project of `root` was read from. `before` (may be NULL) is given back when it says the
 * same. `more` are further paths, from the project's root as well. */
int ml_import_files_make(struct ml_import_history *history, const char *root,
                         const struct ml_import_files *before, const char *const *files,
                         size_t count, const char *const *more, size_t more_count,
                         const struct ml_import_files **ret_files) ML_MUST_USE;
/* `files` may be NULL: nothing. */
bool ml_import_files_has(const struct ml_import_files *files, const char *path);

/* ---- import_dvc_changes.c ---- */

/* Whether a path is one by which DVC's files are known. */
bool ml_import_is_dvc_file(const char *path);
/* Finds the projects that commit `index` changed, by is_affected. */
int ml_import_changes_find(struct ml_import_history *history, uint32_t index,
                           const struct ml_git_tree *tree) ML_MUST_USE;

/* ---- import_dvc_training.c ---- */

/* Fills in project->trained_at as ml_git_before_change() does, seen from commit `index`. */
int ml_import_training_find(struct ml_import_history *history, struct ml_import_past *past,
                            uint32_t index, struct ml_dvc_project *project) ML_MUST_USE;

#endif
