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
#include "ledger/store/ledger.h"

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
    struct ml_mlflow_credentials credentials; /* for an MLflow server */
    /* Called now and then with how much was read and, where known (else 0), of how much. */
    void (*progress)(void *context, uint64_t done, uint64_t total);
    void *progress_context;
};

/* Where lock, dvc.yaml, files and commit disagree. Texts may be NULL but for `kind`. */
struct ml_import_disagreement {
    const char *kind; /* stable: ml_dvc_finding_name() */
    const char *stage, *path, *recorded, *found;
};

/* What is not in the ledger, and the sentence that says why. */
struct ml_import_left_out {
    const char *what, *reason;
};

enum { ML_IMPORT_KINDS = 100 }; /* above the number of every kind of event */

/* What an import did. All zero is an empty report; everything in it is the report's. */
struct ml_import_report {
    struct ml_pool pool;
    uint64_t appended;               /* records */
    uint64_t first_seq, last_seq;    /* of them, when there is one; others' may lie between */
    uint64_t kinds[ML_IMPORT_KINDS]; /* of them, by the number of the event's field */
    /* What was read, new or not. */
    uint64_t stages, datasets, experiments, runs, models, versions;
    struct ml_import_disagreement *disagreements;
    size_t n_disagreements, cap_disagreements;
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
