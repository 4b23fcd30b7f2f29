/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading an MLflow store: `mlruns/` as MLflow 0.x to 3.x writes it, a tracking database, or a
 * tracking server through its REST API (database.h and server.h say what differs there).
 *
 * A store may hold tens of thousands of runs, so it is visited: one run, one logged model, one
 * registered model is in memory at a time. The order does not depend on the file system:
 *
 *     experiments by id (numbers by value), those in .trash among them
 *         the experiment, its runs by start time then id, its logged models by id
 *     registered models by name, each with all its versions
 *
 * Nothing outside the store is read: URIs in it name another machine's paths, so artifacts are
 * taken from the run's own folder; symbolic links are not followed, except from one artifact to
 * a file of the same run or logged model. Traces are not read.
 *
 * What is broken is an error "FILE:LINE: what" (FILE alone where there is no line) that ends the
 * visit, or, with options.keep_going, an entry of the list of what was left out. What is left out
 * is the smallest thing that stands alone: one parameter, tag, metric (whole history), input,
 * alias, artifact, version; a run, logged or registered model whose own meta.yaml is broken. Of an
 * experiment with a broken meta.yaml the runs are read. Folders without any file are passed over.
 *
 * Threads: a store belongs to one thread at a time. Nothing is ever written.
 */
#ifndef ML_INGEST_MLFLOW_STORE_H
#define ML_INGEST_MLFLOW_STORE_H

#include "ingest/mlflow/entities.h"
#include "ingest/mlflow/limits.h"
#include "ledger/core/base.h"

struct ml_mlflow_store;
struct ml_mlflow_memory;

/* Who asks a server. All may be NULL; borrowed until the store is open. */
struct ml_mlflow_credentials {
    const char *token; /* else user and password */
    const char *user, *password;
    const char *ca_file; /* PEM file of the roots to trust, instead of the system's */
};

struct ml_mlflow_options {
    bool keep_going;                 /* leave out what is broken and go on */
    bool skip_hashing;               /* list artifacts without reading them */
    bool visited_twice;              /* keep what ml_mlflow_store_visit_again() needs */
    struct ml_mlflow_memory *memory; /* of earlier visits (memory.h); NULL: all is read. Borrowed */
    struct ml_mlflow_credentials credentials;
};

/* Opens the store `place`: an mlruns folder, or a folder with one of that name directly inside; or
 * an SQLite database, as a path or as sqlite:///PATH. `options` may be NULL. MLEDGER_ENOTFOUND when
 * it is neither (the hint names a store further below, if there is one), MLEDGER_EINVALID when it
 * is a file and no database, MLEDGER_ESYSTEM when it cannot be read. */
int ml_mlflow_store_open(const char *place, const struct ml_mlflow_options *options,
                         struct ml_mlflow_store **ret_store) ML_MUST_USE;
void ml_mlflow_store_free(struct ml_mlflow_store *store);
void ml_mlflow_store_freep(struct ml_mlflow_store **store); /* for ML_CLEANUP */

enum ml_mlflow_store_kind {
    ML_MLFLOW_STORE_FILES,
    ML_MLFLOW_STORE_DATABASE,
    ML_MLFLOW_STORE_SERVER,
};
enum ml_mlflow_store_kind ml_mlflow_store_kind(const struct ml_mlflow_store *store);
/* The mlruns folder, the database or the server, beginning with `place` as it was given. Lives as
 * long as the store. */
const char *ml_mlflow_store_root(const struct ml_mlflow_store *store);

/* Each may be NULL. A callback that returns a negative code ends the visit with that code. The
 * structs live until the callback returns. */
struct ml_mlflow_visitor {
    void *context;
    int (*experiment)(void *context, const struct ml_mlflow_experiment *experiment);
    int (*run)(void *context, const struct ml_mlflow_experiment *experiment,
               const struct ml_mlflow_run *run);
    int (*logged_model)(void *context, const struct ml_mlflow_experiment *experiment,
                        const struct ml_mlflow_logged_model *model);
    int (*registered_model)(void *context, const struct ml_mlflow_registered_model *model);
};

/* Reads the whole store. MLEDGER_EINVALID: something in it is malformed, misplaced, missing, too
 * large or unreadable (never with keep_going, unless more than ML_MLFLOW_LEFT_OUT_MAX things are);
 * MLEDGER_ESYSTEM: memory or file descriptors are out. A caller that must write nothing unless all
 * is well visits twice: the first time with options.visited_twice, then again as below. */
int ml_mlflow_store_visit(struct ml_mlflow_store *store,
                          const struct ml_mlflow_visitor *visitor) ML_MUST_USE;
/* The same once more, without hashing artifacts. Of a server nothing is asked again: it says what
 * it said. MLEDGER_ESYSTEM also where that cannot be read. */
int ml_mlflow_store_visit_again(struct ml_mlflow_store *store,
                                const struct ml_mlflow_visitor *visitor) ML_MUST_USE;

/* What the last visit left out, in the order found; valid until the next visit or free. */
const struct ml_mlflow_left_out *ml_mlflow_store_left_out(const struct ml_mlflow_store *store,
                                                          size_t *ret_count);

/* Paths of all mlruns folders at or below `dir` (hidden folders and links are passed over), sorted
 * bytewise; projects keep several, such as `week-02/mlruns`. None is an empty list. */
struct ml_mlflow_found {
    char **paths;
    size_t count;
    size_t cap;
};
void ml_mlflow_found_release(struct ml_mlflow_found *found);
/* MLEDGER_ENOTFOUND when there is no folder `dir`, MLEDGER_ESYSTEM when it cannot be read, also
 * when something below it cannot. `found` must be all zero. */
int ml_mlflow_store_find(const char *dir, struct ml_mlflow_found *found) ML_MUST_USE;

/* The value of tag or parameter `key`, NULL when there is none. */
const char *ml_mlflow_pairs_get(const struct ml_mlflow_pairs *pairs, const char *key);

/* The Git commit a run was started from: of the first of the tags mlflow.source.git.commit,
 * git_sha, code_version that holds nothing but 7 to 64 hexadecimal digits (and white space around
 * them). False when none does. *ret_commit is in lower case; *ret_tag, unless NULL, a constant. */
#define ML_MLFLOW_COMMIT_SIZE 65
bool ml_mlflow_run_commit(const struct ml_mlflow_run *run, char ret_commit[ML_MLFLOW_COMMIT_SIZE],
                          const char **ret_tag);

/* "FINISHED" for ML_MLFLOW_RUN_FINISHED, and so on. */
const char *ml_mlflow_run_status_name(enum ml_mlflow_run_status status);
const char *ml_mlflow_logged_model_status_name(enum ml_mlflow_logged_model_status status);

#endif
