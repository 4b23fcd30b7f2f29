/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From other tools' files into the ledger: DVC projects and MLflow file stores become records.
 *
 * An import says what it read and nothing else: no event is invented for what a source does not
 * tell (who moved a version to its stage, and when). Times of the source stand in the details'
 * occurred_at; every event names its source in imported_from.
 *
 * Importing again appends only what is new since. What is new is judged by the records that the
 * ledger holds, so an import that was broken off is finished by the next one.
 *
 * Unless options.keep_going is set, a source with anything broken in it is found out before the
 * first record is written. Records enter in batches; should the ledger refuse one, the batches
 * before it stand.
 *
 * Threads: one import at a time with one report; the ledger may be used by others meanwhile.
 */
#ifndef ML_INGEST_IMPORT_H
#define ML_INGEST_IMPORT_H

#include "ingest/mlflow/store.h"
#include "ingest/pool.h"
#include "ingest/table.h"
#include "ledger/store/ledger.h"

/* What imports of one MLflow store saw, so that the next one reads only what is new (see
 * ingest/mlflow/memory.h). For one import at a time. */
struct ml_import_memory;
int ml_import_memory_new(struct ml_import_memory **ret_memory) ML_MUST_USE;
void ml_import_memory_free(struct ml_import_memory *memory); /* accepts NULL */

struct ml_import_options {
    /* DVC: what the pipeline is called; NULL: after its Git remote or else its folder. MLflow: put,
     * with a dot, before names and ids of experiments and models, so that several stores may enter
     * one ledger; NULL: as they are. */
    const char *name;
    const char *client; /* the program that records, for the details; or NULL */
    /* Absolute: where a relative place to import from begins, for the details; or NULL. */
    const char *directory;
    bool keep_going;   /* leave out what is broken or refused, and say so */
    bool skip_hashing; /* take no digest of files that lie beside the metadata */
    /* DVC with its history: the branch (NULL: the current one), and where to begin: at a time, and
     * behind a commit as Git understands the text (NULL: at the first one). */
    const char *branch;
    int64_t since_us; /* 0: at the first one */
    const char *since_commit;
    struct ml_mlflow_credentials credentials; /* for an MLflow server */
    struct ml_import_memory *memory;          /* MLflow: of earlier imports; or NULL. Borrowed */
    /* Called now and then with how much was read and, where known (else 0), of how much. */
    void (*progress)(void *context, uint64_t done, uint64_t total);
    void *progress_context;
};

/* Where lock, dvc.yaml, files and commit disagree. Texts may be NULL but for `kind`. */
struct ml_import_disagreement {
    const char *kind; /* stable: ml_dvc_finding_name() */
    const char *stage, *path, *recorded, *found;
    /* Of a history: the first and the last commit that had it, and how many; else NULL and 0. */
    const char *commit;
    char *last_commit;
    uint64_t commits;
};

/* What is not in the ledger, and the sentence that says why. */
struct ml_import_left_out {
    const char *what, *reason;
};

enum { ML_IMPORT_DISAGREEMENTS_MAX = 200000 }; /* that are kept one by one */

enum { ML_IMPORT_KINDS = 100 }; /* above the number of every kind of event */

/* What an import did. All zero is an empty report; everything in it is the report's. */
struct ml_import_report {
    struct ml_pool pool;
    uint64_t appended;               /* records */
    uint64_t first_seq, last_seq;    /* of them, when there is one; others' may lie between */
    uint64_t kinds[ML_IMPORT_KINDS]; /* of them, by the number of the event's field */
    /* What was read, new or not. */
    uint64_t stages, datasets, experiments, runs, models, versions;
    uint64_t commits, changes; /* of a history: all, and those that changed a DVC file */
    struct ml_import_disagreement *disagreements;
    size_t n_disagreements, cap_disagreements;
    uint64_t more_disagreements;         /* beyond ML_IMPORT_DISAGREEMENTS_MAX, only counted */
    struct ml_table disagreement_places; /* size_t, by all that they say */
    struct ml_import_left_out *left_out;
    size_t n_left_out, cap_left_out;
};
void ml_import_report_release(struct ml_import_report *report);
/* The kind of event whose field has this number ("run_started"), NULL when there is none. */
const char *ml_import_kind_name(unsigned number);

/*
 * The DVC project below `dir` as one pipeline_recorded, its sources as dataset_recorded each.
 * `report` must be all zero, and is to be released also after a failure; what it says then is how
 * far the import came. `options` may be NULL.
 * MLEDGER_ENOTFOUND: no DVC project. MLEDGER_EINVALID: a file is broken ("FILE:LINE: what").
 * Else as ml_ledger_append().
 */
int ml_import_dvc(struct ml_ledger *ledger, const struct ml_signer *signer, const char *dir,
                  const struct ml_import_options *options,
                  struct ml_import_report *report) ML_MUST_USE;

/*
 * The same for every commit that `options->branch` came from and that touched a file of DVC's (a
 * dvc.yaml, dvc.lock, .dvc file, .dvcignore, .dvc/config, or another file that was read for
 * them: parameters, variables), oldest first: each becomes a pipeline_recorded that says what the
 * commit holds, with its id, people, time and whether it carries a signature. Nothing is read
 * from the work tree; `dir` may be one of a bare repository.
 *
 * Commits count that differ from any of their parents: what came in through a merged branch is
 * seen where it was made, and once more in the merge that brought it in. Of a shallow clone the
 * commits that are there count; where it ends is noted as left out. A file that cannot be read
 * in some commit is a disagreement of that commit (file-broken) and stops nothing.
 *
 * A commit of which there is a record is not read again, so that importing again appends what is
 * new and an import that was broken off goes on. Should the newest commit be recorded already,
 * but before older ones, it is recorded once more: the newest record is always of the newest state.
 * MLEDGER_ENOTFOUND also: `dir` is in no Git repository, or there is no such branch or commit.
 */
int ml_import_dvc_history(struct ml_ledger *ledger, const struct ml_signer *signer, const char *dir,
                          const struct ml_import_options *options,
                          struct ml_import_report *report) ML_MUST_USE;

/*
 * The MLflow store at `place` (mlruns, or the folder around it; or a tracking database, a path or
 * sqlite:///PATH; or the URL of a tracking server): experiments, runs with parameters, metric
 * histories, tags, inputs and artifacts, registered models with versions, tags, aliases and the
 * stage each is in. Errors as above; MLEDGER_EREFUSED also when an experiment or version of the
 * same id is in the ledger already and another one (give the store a name then).
 */
int ml_import_mlflow(struct ml_ledger *ledger, const struct ml_signer *signer, const char *place,
                     const struct ml_import_options *options,
                     struct ml_import_report *report) ML_MUST_USE;

#endif
