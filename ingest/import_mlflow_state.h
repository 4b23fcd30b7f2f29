/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An import of an MLflow file store under way, shared by the files import_mlflow_*.c. The store is
 * visited twice: first everything is read, hashed and held against the limits of records, so that
 * a broken store leaves nothing behind; then what is new becomes drafts.
 */
#ifndef ML_INGEST_IMPORT_MLFLOW_STATE_H
#define ML_INGEST_IMPORT_MLFLOW_STATE_H

#include "ingest/import_batch.h"
#include "ingest/import_known.h"
#include "ingest/mlflow/memory.h"
#include "ingest/mlflow/store.h"

/* A subject that events are to name: by its seq when the ledger had it before this batch, else by
 * its name. */
struct ml_import_ref {
    Mledger__SubjectKind kind;
    bool in_ledger;
    uint64_t seq;
    const char *name;
};

/* An artifact as it was when the first visit hashed it. */
struct ml_import_content {
    const char *path;
    uint64_t size;
    bool is_hashed;
    uint8_t sha256[ML_HASH_SIZE];
    uint8_t md5[ML_MD5_SIZE];
};
struct ml_import_contents {
    struct ml_import_content *items; /* sorted by path */
    size_t count;
};

/* A run or logged model that is to be deleted once all that belongs to its experiment is in. */
struct ml_import_deletion {
    const char *id, *path;
    int64_t deleted_ms;
};
struct ml_import_deletions {
    struct ml_import_deletion *list;
    size_t count, cap;
};

/* What outlives an import, if the caller keeps it. */
struct ml_import_memory {
    struct ml_mlflow_memory seen;
    struct ml_pool pool;                          /* what the contents are made of */
    struct ml_table run_contents, model_contents; /* by id: struct ml_import_contents */
};

struct ml_import_mlflow {
    struct ml_import_batch batch;
    struct ml_mlflow_store *store;
    uint64_t done, total; /* runs and models */
    struct ml_import_memory *memory;
    bool owns_memory;
    /* The experiment whose runs are being read. */
    struct ml_pool experiment_pool;
    struct ml_import_ref experiment; /* name NULL: it has none */
    const char *experiment_path;
    bool in_experiment, experiment_deleted, experiment_deletion_due;
    int64_t experiment_deleted_ms;
    struct ml_import_deletions runs, models_to_delete;
    /* Ids of logged models that were read; all that belongs to this import. */
    struct ml_pool models_pool;
    struct ml_table models;
};

/* ---- import_mlflow_scan.c ---- */

/* The first visit: contents and limits. */
int ml_import_mlflow_scan(struct ml_import_mlflow *import) ML_MUST_USE;
/* Whether a record can hold the text; NULL fits. */
bool ml_import_mlflow_fits(const char *text);
/* Microseconds of MLflow's milliseconds; false when there is no time or it is beyond them. */
bool ml_import_mlflow_time(int64_t ms, int64_t *ret_us);

/* ---- import_mlflow_parts.c ---- */

/* `text` with the store's name before it, where there is one; from the pool. NULL: memory. */
const char *ml_import_mlflow_name(const struct ml_import_mlflow *import, struct ml_pool *pool,
                                  const char *text);
/* Names the subject in a required or optional (`has`, else NULL) field of the draft's event. */
int ml_import_ref_put(struct ml_draft *draft, const struct ml_import_ref *ref, const char *field,
                      uint64_t *seq, protobuf_c_boolean *has) ML_MUST_USE;
/* A draft about something of the store; its path becomes origin and source. */
int ml_import_mlflow_draft(struct ml_import_mlflow *import, const char *kind, const char *path,
                           int64_t occurred_ms, struct ml_draft **ret_draft,
                           void *ret_body) ML_MUST_USE;
/* Tags into a draft's event and details. */
int ml_import_mlflow_tags(struct ml_draft *draft, const struct ml_mlflow_pairs *pairs,
                          char ***ret_tags, size_t *ret_count) ML_MUST_USE;
/* tags_set and tags_deleted for what differs from what is known. `version` 0: of the subject. */
struct ml_import_tagged {
    const struct ml_import_ref *ref;
    uint64_t version;
    const char *path;
    const struct ml_mlflow_pairs *tags;
};
int ml_import_mlflow_retag(struct ml_import_mlflow *import, struct ml_import_known *known,
                           const struct ml_import_tagged *tagged) ML_MUST_USE;
/* The digests of a content, SHA-256 and MD5, as seen. */
int ml_import_mlflow_digests(struct ml_draft *draft, const struct ml_import_content *content,
                             Mledger__Artifact *artifact) ML_MUST_USE;
/* Puts the deletion off to the experiment's end; the texts are copied. */
int ml_import_mlflow_delete_later(struct ml_import_mlflow *import,
                                  struct ml_import_deletions *deletions,
                                  const struct ml_import_deletion *deletion) ML_MUST_USE;
/* 1 when the deletion of the subject was imported, so that an import may take it back; else 0. */
int ml_import_mlflow_may_restore(struct ml_import_known *known) ML_MUST_USE;

/* ---- the visitors; `context` is the import ---- */

/* import_mlflow_experiment.c */
int ml_import_mlflow_experiment(void *context, const struct ml_mlflow_experiment *experiment);
/* Deletes what was deleted in the experiment read last, and it itself. */
int ml_import_mlflow_experiment_end(struct ml_import_mlflow *import) ML_MUST_USE;
/* import_mlflow_run.c */
int ml_import_mlflow_run(void *context, const struct ml_mlflow_experiment *experiment,
                         const struct ml_mlflow_run *run);
/* import_mlflow_log.c: what a run logged and is not known yet. */
int ml_import_mlflow_log(struct ml_import_mlflow *import, struct ml_import_known *known,
                         const struct ml_import_ref *ref,
                         const struct ml_mlflow_run *run) ML_MUST_USE;
/* import_mlflow_logged_model.c */
int ml_import_mlflow_logged_model(void *context, const struct ml_mlflow_experiment *experiment,
                                  const struct ml_mlflow_logged_model *model);
/* Deletes those of the experiment that the store has as deleted. */
int ml_import_mlflow_delete_models(struct ml_import_mlflow *import) ML_MUST_USE;
/* import_mlflow_artifact.c */
int ml_import_mlflow_artifacts(struct ml_import_mlflow *import, struct ml_import_known *known,
                               const struct ml_import_ref *ref,
                               const struct ml_mlflow_run *run) ML_MUST_USE;
/* Those of a logged model likewise. */
int ml_import_mlflow_model_artifacts(struct ml_import_mlflow *import, struct ml_import_known *known,
                                     const struct ml_import_ref *ref,
                                     const struct ml_mlflow_logged_model *model) ML_MUST_USE;
/* The logged model that a version was registered from, where the ledger has it or will. */
int ml_import_mlflow_version_model(struct ml_import_mlflow *import,
                                   const struct ml_mlflow_version *version, struct ml_draft *draft,
                                   Mledger__VersionRegistered *registered) ML_MUST_USE;
/* The files that a version was made of, as far as its source names some of a run or logged model
 * of this store. */
int ml_import_mlflow_version_files(const struct ml_import_mlflow *import,
                                   const struct ml_mlflow_version *version, struct ml_draft *draft,
                                   Mledger__VersionRegistered *registered) ML_MUST_USE;
/* import_mlflow_model.c */
int ml_import_mlflow_model(void *context, const struct ml_mlflow_registered_model *from);

#endif
