/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What it takes to have code, data and parameters of something again: commits, files with their
 * digests, stages in the order in which they ran, the values of a run. Read from its lineage.
 */
#ifndef ML_QUERY_RECIPE_H
#define ML_QUERY_RECIPE_H

#include "ledger/query/basis.h"
#include "ledger/query/lineage.h"
#include "ledger/query/run_past.h"
#include "ledger/query/snapshot.h"

/* A stage to run again. */
struct ml_recipe_stage {
    const struct ml_snapshot *snapshot;
    size_t stage;
    bool inferred; /* nobody recorded that it belongs here */
};

struct ml_recipe_file {
    const char *path;
    const Mledger__Digest *const *digests;
    size_t n_digests;
    const char *tracked_by; /* the .dvc file; NULL: it is in Git, or nothing tells where it is */
    uint64_t seq;
};

struct ml_recipe {
    const char *name; /* "churn/3" */
    bool has_run;
    struct ml_run_past run;         /* the own run */
    struct ml_recipe_stage *stages; /* each after those whose outputs it reads */
    size_t n_stages;
    struct ml_recipe_file *files; /* that nothing here made, by path */
    size_t n_files;
    struct ml_graph *graph;
    struct ml_snapshots snapshots;
};
void ml_recipe_release(struct ml_recipe *recipe);

/* As of the reader's record; texts live in the graph and in the reader's arena. Initialises
 * *ret_recipe in any case, to be released. What it rests on and what is not known are added to
 * `basis`. Errors as ml_lineage(). */
int ml_recipe_read(struct ml_reader *reader, const struct ml_target *target, struct ml_basis *basis,
                   struct ml_recipe *ret_recipe) ML_MUST_USE;

#endif
