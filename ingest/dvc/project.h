/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A DVC project as its files say it: stages with commands, dependencies, outputs and parameters,
 * the graph between them, and where the files disagree with each other, with the work tree or
 * with the Git commit. It is read into memory and judged by nobody here: turning it into events
 * is another room's work. No network, no cache, no Python: only files below the root are read.
 *
 * Read are dvc.yaml (with its templates, foreach and matrix), dvc.lock of schema 1.0 and 2.0,
 * .dvc files including those of DVC 0.x, parameter files (YAML, JSON, TOML), .dvc/config,
 * .dvc/config.local and .dvcignore. Behaviour follows DVC 3.67; what that refuses only because it
 * is old (schema 1.0, `live:`, `cmd` in .dvc files) is read all the same.
 *
 * Ownership: everything hangs on the project and dies with ml_dvc_project_free(). Text is UTF-8.
 * Threads: reading a project belongs to one thread; a project that was read is constant.
 */
#ifndef ML_INGEST_DVC_PROJECT_H
#define ML_INGEST_DVC_PROJECT_H

#include "ingest/git_tree.h"
#include "ingest/pool.h"
#include "ingest/table.h"
#include "ingest/value.h"

/* Limits of one project; beyond them reading fails with MLEDGER_EINVALID and says which. */
#define ML_DVC_STAGES_MAX ((size_t)100000)
#define ML_DVC_STAGE_PARAMS_MAX ((size_t)10000) /* parameters of one stage */
#define ML_DVC_FILES_MAX ((size_t)2000000)      /* directory entries looked at */
#define ML_DVC_DEPTH_MAX ((size_t)64)           /* directories inside each other */
#define ML_DVC_EDGES_MAX ((size_t)20000000)

/* A member of a directory that is recorded file by file (`files:`, cloud versioning). */
struct ml_dvc_file {
    const char *relpath;
    const char *hash_name; /* or NULL */
    const char *hash;      /* or NULL */
    const char *version_id;
    int64_t size; /* bytes; -1: not said */
    bool is_exec;
};

struct ml_dvc_digest; /* ingest/dvc/digest.h */

/* A dependency or an output of a stage. */
struct ml_dvc_item {
    const char *path; /* as written, relative to the stage's wdir unless absolute or a URL */
    const char *full; /* relative to the project, without "." and ".."; outside: "../…", "/…" or
                         the URL as written */
    /* What the lock or .dvc file claims; hash is NULL when it claims nothing. */
    const char *hash_name; /* "md5", "md5-dos2unix" (no `hash:` key), "etag", "checksum" */
    const char *hash;      /* as written; hex digests in lower case; may end in ".dir" */
    int64_t size;          /* bytes; -1: not said */
    int64_t nfiles;        /* -1: not said */
    const char *version_id;
    const char *cloud_remote; /* the one remote under `cloud:`, or NULL */
    const struct ml_dvc_file *files;
    size_t files_count;
    /* What the work tree holds, where that was hashed (options.check_files) and is what is claimed;
     * else NULL. */
    const struct ml_dvc_digest *seen;
    bool is_dir; /* the hash is that of a directory manifest */
    bool is_exec;
    bool is_outside; /* not below the project's root, or a URL */
    /* Dependencies on another repository (`repo:`), or NULL. */
    const char *repo_url, *repo_rev, *repo_rev_lock;
    /* `ds://name` dependencies: the lock's entry about that dataset, or NULL. */
    const struct ml_value *dataset;
    bool is_db; /* a database import (`db:`) */
    /* Outputs. */
    bool cache, persist, metric, plot, checkpoint, live;
    const char *remote, *desc, *type;
    uint32_t line;
};

/* One parameter that a stage names. */
struct ml_dvc_param {
    const char *file;              /* as written */
    const char *full;              /* as in struct ml_dvc_item */
    const char *key;               /* dotted, as in dvc.yaml; NULL: the whole file */
    const struct ml_value *locked; /* value in the lock; NULL: none */
    bool is_tracked;               /* named by dvc.yaml (else only the lock has it) */
};

/* `cmd`: a command or a list of them. */
struct ml_dvc_command {
    const char *const *lines;
    size_t count; /* 0: none */
    bool is_list;
};

struct ml_dvc_stage {
    const char *address; /* "name", "sub/dvc.yaml:name", "data/raw.dvc" */
    const char *file;    /* dvc.yaml or .dvc file, relative to the project */
    const char *name;    /* NULL for .dvc files */
    const char *wdir;    /* relative to the project, "." for its root */
    const char *desc;    /* or NULL */
    /* What the lock ran, and what dvc.yaml says now with its templates resolved. For .dvc files
     * of DVC 0.x both are the file's `cmd`. Either may be empty. */
    struct ml_dvc_command locked_command, command;
    struct ml_dvc_item *deps, *outs;
    size_t deps_count, outs_count;
    struct ml_dvc_param *params;
    size_t params_count;
    const struct ml_value *meta; /* or NULL */
    const char *recorded_md5;    /* of a .dvc file with dependencies, or NULL */
    bool is_frozen;
    bool always_changed; /* says so, or has a command but neither dependencies nor outputs */
    bool is_locked;      /* the lock (or .dvc file) has it */
    bool is_stale;       /* only the lock has it; not part of the graph */
    bool command_changed;
    uint32_t line;
};

struct ml_dvc_remote {
    const char *name, *url;
    bool is_default, version_aware, worktree;
};

struct ml_dvc_artifact {
    const char *file, *id, *path, *full, *type, *desc; /* type, desc: or NULL */
    const struct ml_value *labels;                     /* or NULL */
};

/* A top-level entry of dvc.yaml's params, metrics, plots: a file. */
struct ml_dvc_listed {
    enum ml_dvc_listing { ML_DVC_LISTED_PARAMS, ML_DVC_LISTED_METRICS, ML_DVC_LISTED_PLOTS } what;
    const char *file, *path, *full;
};

struct ml_dvc_dataset {
    const char *file, *name, *url, *type;        /* type: "dvc", "dc" or "url" */
    const char *path, *rev, *rev_lock, *version; /* or NULL */
};

/* `from` made what `to` uses; indexes into stages, or into the outputs of all stages in order
 * (ml_dvc_project.outs). */
struct ml_dvc_edge {
    uint32_t from, to;
};

/* Where two sources disagree. `kind` names are stable (ml_dvc_finding_name()). */
enum ml_dvc_finding_kind {
    ML_DVC_STAGE_NOT_IN_YAML,   /* the lock has a stage that dvc.yaml lacks */
    ML_DVC_STAGE_NOT_LOCKED,    /* never run */
    ML_DVC_COMMAND_CHANGED,     /* recorded: the lock's; found: dvc.yaml's */
    ML_DVC_ITEM_NOT_LOCKED,     /* dvc.yaml names a path that the locked stage lacks */
    ML_DVC_ITEM_NOT_IN_YAML,    /* and the other way round */
    ML_DVC_PARAM_CHANGED,       /* recorded: the lock's value; found: the file's, or nothing */
    ML_DVC_PARAM_NOT_LOCKED,    /* dvc.yaml names a key that the locked stage lacks */
    ML_DVC_HASH_CHANGED,        /* the file or directory in the work tree is another */
    ML_DVC_COMMIT_HASH_CHANGED, /* so is the blob at the Git commit */
    ML_DVC_LINES_CHANGED,       /* either differs only in the ends of its lines */
    ML_DVC_TEMPLATE_UNRESOLVED, /* dvc.yaml's `${…}` cannot be resolved; found: why */
    ML_DVC_OUTPUT_DUPLICATE,    /* two stages claim one path; recorded, found: their addresses */
    ML_DVC_OUTPUT_OVERLAP,      /* one output lies inside another */
    ML_DVC_HASH_INCONSISTENT,   /* a dependency is locked with another hash than its producer has */
    ML_DVC_CYCLE,               /* the stage depends on itself, through others or directly */
    ML_DVC_FILE_BROKEN,         /* it is left out; found: why */
    ML_DVC_FINDINGS,            /* number of kinds */
};

struct ml_dvc_finding {
    enum ml_dvc_finding_kind kind;
    const char *stage;    /* address */
    const char *path;     /* file or parameter concerned, or NULL */
    const char *recorded; /* or NULL */
    const char *found;    /* or NULL */
};

/* A file that could not be read, with the sentence that says why. */
struct ml_dvc_left_out {
    const char *file, *reason;
};

struct ml_dvc_project {
    struct ml_pool pool;
    const char *root;
    struct ml_document **documents; /* what values point into */
    size_t documents_count, documents_cap;
    const char **files; /* that were read, relative to the root */
    size_t files_count, files_cap;
    /* Files that are named but were not read: they are not there, are broken, or Python. */
    const char **unread;
    size_t unread_count, unread_cap;
    struct ml_dvc_stage *stages; /* in order of files, then of each file */
    size_t stages_count, stages_cap;
    struct ml_dvc_artifact *artifacts;
    size_t artifacts_count, artifacts_cap;
    struct ml_dvc_listed *listed;
    size_t listed_count, listed_cap;
    struct ml_dvc_dataset *datasets;
    size_t datasets_count, datasets_cap;
    struct ml_dvc_remote *remotes;
    size_t remotes_count, remotes_cap;
    bool has_config; /* there is a .dvc/config, so remotes that it lacks are none */
    struct ml_dvc_finding *findings;
    size_t findings_count, findings_cap;
    struct ml_dvc_left_out *left_out;
    size_t left_out_count, left_out_cap;
    /* Outputs of all stages in the graph, in order, and whose they are. */
    const struct ml_dvc_item **outs;
    uint32_t *outs_stage;
    size_t outs_count;
    struct ml_dvc_edge *edges; /* between stages; sorted, without repeats */
    size_t edges_count, edges_cap;
    struct ml_dvc_edge *out_edges; /* between outputs; sorted, without repeats */
    size_t out_edges_count, out_edges_cap;
    struct ml_git_commit commit; /* HEAD, when has_commit */
    /* Commits at which what the locks tell of may have run (ml_git_before_change()). */
    const char (*trained_at)[ML_GIT_ID_SIZE];
    size_t trained_at_count;
    bool has_commit;
    bool is_dirty; /* a file that was read differs from it, or is not in it */
    /* Whether Git ignores a dvc.lock; known where there is a repository and a dvc.yaml. */
    bool knows_ignored, lock_ignored;
};

/* Digests of Git's blobs, so that a history hashes each but once. All zero is an empty one. It is
 * emptied when it holds ML_DVC_BLOBS_MAX. */
#define ML_DVC_BLOBS_MAX ((size_t)100000)
struct ml_dvc_blobs {
    struct ml_pool pool;
    struct ml_table digests; /* struct ml_dvc_digest, by id */
};
void ml_dvc_blobs_release(struct ml_dvc_blobs *blobs);

struct ml_dvc_options {
    bool keep_going;   /* leave broken files out instead of failing */
    bool check_files;  /* hash what is in the work tree and compare */
    bool check_git;    /* compare with the blobs of HEAD, when the root is in a repository */
    bool keep_broken;  /* as keep_going, but what is left out is a finding */
    bool may_be_empty; /* a root that holds no project, or is none, is one without stages */
    struct ml_dvc_blobs *blobs; /* of the repository; NULL: each is hashed */
    /* Larger files are not hashed, 0: no limit. */
    uint64_t hash_bytes_max;
};

/*
 * Reads the project whose root (the directory with .dvc/) is `root`; `options` may be NULL (fail
 * at the first broken file, check nothing beyond the files themselves). Disagreements are no
 * errors. The caller frees *ret_project.
 * MLEDGER_ENOTFOUND: `root` is no directory, or has neither .dvc/ nor any file of DVC below it.
 * MLEDGER_EINVALID: a file is broken or a limit is passed; "FILE:LINE: what". MLEDGER_ESYSTEM: I/O
 * or memory.
 */
int ml_dvc_project_read(const char *root, const struct ml_dvc_options *options,
                        struct ml_dvc_project **ret_project) ML_MUST_USE;
/* The same of a commit: `root` is relative to the repository's ("."), and nothing outside of `tree`
 * is read. Of the options, check_git compares with the blobs of the commit itself and check_files
 * must not be set. The project's commit is left for the caller to fill in. */
int ml_dvc_project_read_commit(const struct ml_git_tree *tree, const char *root,
                               const struct ml_dvc_options *options,
                               struct ml_dvc_project **ret_project) ML_MUST_USE;
void ml_dvc_project_free(struct ml_dvc_project *project);
void ml_dvc_project_freep(struct ml_dvc_project **project); /* for ML_CLEANUP */

/* The output at a full path, of the stages in the graph; NULL: none. */
const struct ml_dvc_item *ml_dvc_project_out(const struct ml_dvc_project *project,
                                             const char *full);

/* "command-changed", … */
const char *ml_dvc_finding_name(enum ml_dvc_finding_kind kind);

#endif
