/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One dvc.yaml with its dvc.lock while they are read, shared by the files that each know a part
 * of them: variables, foreach and matrix, stages, top-level lists.
 */
#ifndef ML_INGEST_DVC_PIPELINE_H
#define ML_INGEST_DVC_PIPELINE_H

#include "ingest/dvc/reader.h"
#include "ingest/dvc/template.h"

struct ml_dvc_pipeline {
    struct ml_dvc_reader *reader;
    const char *dir;  /* relative to the project, "." for its root */
    const char *file; /* dir/dvc.yaml */
    const char *lock_file;
    const struct ml_document *yaml, *lock; /* either may be NULL */
    const struct ml_value *locked;         /* map of the lock's stages, or NULL */
    struct ml_document *made;              /* values made by templates */
    struct ml_dvc_scope scope;             /* what every stage sees */
    struct ml_table seen;                  /* names of stages that dvc.yaml has */
};

/* "name" or "sub/dvc.yaml:name"; NULL: memory is out. */
const char *ml_dvc_pipeline_address(struct ml_dvc_pipeline *pipeline, const char *name);

/* vars.c: adds what the list `vars` says, files relative to `dir`; `vars` may be NULL. With
 * `with_default`, params.yaml of `dir` comes first where there is one.
 * MLEDGER_EINVALID: a file is missing or broken, a name is defined twice. */
int ml_dvc_vars_load(struct ml_dvc_pipeline *pipeline, struct ml_dvc_scope *scope, const char *dir,
                     const struct ml_value *vars, bool with_default) ML_MUST_USE;

/* expand.c: what a definition in `stages:` stands for, one call for each stage. `resolve` gets
 * the stage's name, its definition as written and the scope to resolve it in. */
typedef int (*ml_dvc_stage_sink)(struct ml_dvc_pipeline *pipeline, const char *name,
                                 const struct ml_value *definition,
                                 const struct ml_dvc_scope *scope);
int ml_dvc_expand(struct ml_dvc_pipeline *pipeline, const char *name,
                  const struct ml_value *definition, ml_dvc_stage_sink sink) ML_MUST_USE;

/* stage.c: adds the stage `name` as its definition and the lock have it. */
int ml_dvc_stage_read(struct ml_dvc_pipeline *pipeline, const char *name,
                      const struct ml_value *definition,
                      const struct ml_dvc_scope *scope) ML_MUST_USE;
/* Adds the stage `name` as the lock alone has it, in `wdir`. `definition` (NULL: dvc.yaml does
 * not have it) is read for what needs no template. */
int ml_dvc_stage_from_lock(struct ml_dvc_pipeline *pipeline, const char *name,
                           const struct ml_value *entry,
                           const struct ml_value *definition) ML_MUST_USE;

/* listed.c: top-level params, metrics, plots, artifacts, and the datasets of both files. */
int ml_dvc_listed_read(struct ml_dvc_pipeline *pipeline) ML_MUST_USE;

#endif
