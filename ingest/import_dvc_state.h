/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An import of a DVC project under way, shared by the files import_dvc_*.c: the project as it was
 * read, becoming one snapshot of its pipeline and a version of each of its sources.
 */
#ifndef ML_INGEST_IMPORT_DVC_STATE_H
#define ML_INGEST_IMPORT_DVC_STATE_H

#include "ingest/dvc/project.h"
#include "ingest/import_batch.h"
#include "ingest/manifest.h"
#include "ingest/table.h"

/* Stages that only the lock has are no part of the graph and of no snapshot. */
#define ML_IMPORT_NO_STAGE UINT32_MAX

struct ml_import_dvc {
    struct ml_import_batch *batch; /* borrowed: a directory may hold several projects */
    struct ml_dvc_project *project;
    const char *dir;  /* its root, beginning as it was given */
    const char *name; /* of the pipeline */
    struct ml_pool pool;
    uint32_t *indexes;         /* of the project's stages in the snapshot, or ML_IMPORT_NO_STAGE */
    struct ml_table manifests; /* of directories, by full path: struct ml_manifest */
    struct ml_table recorded;  /* names of datasets that were dealt with */
    /* Of a history: what is on its way into the ledger; NULL: what the ledger holds is newest. */
    struct ml_import_history *history;
};

/* Releases all of it but what is borrowed. */
void ml_import_dvc_release(struct ml_import_dvc *import);
/* `import` has a project: numbers its stages and reports what was left out. */
int ml_import_dvc_begin(struct ml_import_dvc *import) ML_MUST_USE;

/* ---- import_dvc_roots.c ---- */

/* Roots of projects below a directory: paths from it, sorted; "." for itself. */
struct ml_import_roots {
    struct ml_pool pool;
    const char **paths;
    size_t count, cap;
};
void ml_import_roots_release(struct ml_import_roots *roots);
/* `dir` is always one of them; those below it have a .dvc folder. Hidden folders and links are
 * passed over. MLEDGER_EINVALID: it holds too much; MLEDGER_ESYSTEM: it cannot be read. */
int ml_import_roots_find(const char *dir, struct ml_import_roots *roots) ML_MUST_USE;
/* What the pipeline of `dir` is called, in `pool`: `name` if it is given, else after the Git
 * remote and the place in its repository, else after the folder. */
int ml_import_dvc_name(const char *dir, const char *name, struct ml_pool *pool,
                       const char **ret_name) ML_MUST_USE;

/* ---- import_dvc_item.c ---- */

/* Digests and labels of what an item claims, and of what was seen of it. Labels' schemes get
 * `prefix` before them. */
int ml_import_dvc_contents(struct ml_import_dvc *import, struct ml_draft *draft,
                           const struct ml_dvc_item *item, const char *prefix,
                           struct ml_import_list *digests,
                           struct ml_import_list *labels) ML_MUST_USE;
/* The manifest of a directory, when the work tree holds what the item claims; else NULL. */
int ml_import_dvc_manifest(struct ml_import_dvc *import, const struct ml_dvc_item *item,
                           const struct ml_manifest **ret_manifest) ML_MUST_USE;
/* The digest that a hash of DVC's is, NULL in *ret_digest when it is none of content. */
int ml_import_dvc_digest(struct ml_draft *draft, const char *hash_name, const char *hash,
                         Mledger__Standing standing, Mledger__Digest **ret_digest) ML_MUST_USE;
/* A Git commit of 40 or 64 hexadecimal digits, else NULL. */
int ml_import_dvc_commit(struct ml_draft *draft, const char *id, Mledger__Standing standing,
                         Mledger__Digest **ret_digest) ML_MUST_USE;

/* ---- import_dvc_producers.c ---- */

/* Outputs of the project, to be found by path. */
struct ml_import_producers {
    const struct ml_import_dvc *import;
    struct ml_import_producer {
        const char *full;
        uint32_t stage; /* of the snapshot */
    } * outs;           /* a directory stands right before what is inside it */
    size_t count;
    uint32_t *found; /* of the last question */
    size_t n_found, cap_found;
};
void ml_import_producers_release(struct ml_import_producers *producers);
int ml_import_producers_init(struct ml_import_producers *producers,
                             const struct ml_import_dvc *import) ML_MUST_USE;
/* Stages that make the path, something inside it, or a directory that it lies in: ascending,
 * without repeats, in `found`. */
int ml_import_producers_find(struct ml_import_producers *producers, const char *full) ML_MUST_USE;

/* ---- import_dvc_snapshot.c ---- */

/* The snapshot, in the draft's arena; in `values` the parameters' values as texts in it. */
int ml_import_dvc_snapshot(struct ml_import_dvc *import, struct ml_draft *draft,
                           struct ml_import_list *values,
                           Mledger__PipelineSnapshot **ret_snapshot) ML_MUST_USE;

/* ---- import_dvc_finding.c ---- */

/* The reader's findings, in the snapshot and in the report. */
int ml_import_dvc_findings(struct ml_import_dvc *import, struct ml_draft *draft,
                           Mledger__PipelineSnapshot *snapshot) ML_MUST_USE;

/* ---- import_dvc_report.c ---- */

/* Adds a disagreement to the report, which copies it. Of a history (`one` names a commit), one that
 * an earlier commit had already is counted there. */
int ml_import_report_disagreement(struct ml_import_report *report,
                                  const struct ml_import_disagreement *one) ML_MUST_USE;

/* ---- import_dvc_pipeline.c ---- */

/* Adds pipeline_recorded, unless the newest record of the pipeline says the same. */
int ml_import_dvc_pipeline(struct ml_import_dvc *import) ML_MUST_USE;

/* ---- import_dvc_dataset.c ---- */

/* Adds dataset_recorded for each source whose newest record says something else. */
int ml_import_dvc_datasets(struct ml_import_dvc *import) ML_MUST_USE;

/* ---- import_dvc_dataset_known.c ---- */

/* Whether the newest record of a dataset says the same: 1 or 0, or an error. Of a history, what
 * `recorded` says is noted as the newest. */
int ml_import_dvc_dataset_known(struct ml_import_dvc *import,
                                const Mledger__DatasetRecorded *recorded) ML_MUST_USE;

/* ---- import_dvc_newest.c ---- */

/* The newest record of the dataset or pipeline called `name`; MLEDGER_ENOTFOUND: there is none.
 * Messages live in `arena`. */
int ml_import_dvc_newest(struct ml_import_dvc *import, Mledger__SubjectKind kind, const char *name,
                         struct ml_arena *arena, struct ml_record *ret_record) ML_MUST_USE;
/* Whether two messages have the same encoding: 1 or 0, or an error. */
int ml_import_dvc_same(const ProtobufCMessage *a, const ProtobufCMessage *b) ML_MUST_USE;

#endif
