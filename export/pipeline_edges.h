/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The graph of a pipeline's snapshot as `dvc dag` sees it: of stages by what they depend on, or of
 * outputs by what they were made from. Pure; edges run from producer to consumer.
 *
 * Sorted by the texts of their ends, each edge once: the same snapshot gives the same list, which
 * DVC's own output does not.
 */
#ifndef ML_EXPORT_PIPELINE_EDGES_H
#define ML_EXPORT_PIPELINE_EDGES_H

#include "ledger/core/base.h"
#include "proto/data.pb-c.h"

/* Edges of one graph; beyond it MLEDGER_EINVALID. */
#define ML_PIPELINE_EDGES_MAX ((size_t)16 << 20)

/* A snapshot's stages, borrowed. Producers are indexes into them, checked when it was recorded. */
struct ml_pipeline_stages {
    Mledger__PipelineStage *const *list;
    size_t count;
};

struct ml_pipeline_edge {
    size_t from, to; /* nodes */
};

struct ml_pipeline_graph {
    const char **names; /* sorted by text: addresses of stages, or paths of outputs; borrowed */
    size_t *stages;     /* by node: the stage it is, or the one that makes it */
    size_t n_nodes;
    struct ml_pipeline_edge *edges;
    size_t n_edges, cap_edges;
};

/* `outs`: of outputs. *ret_graph is initialised in any case, to be released.
 * MLEDGER_EINVALID: too many edges. MLEDGER_ESYSTEM: memory is out. */
int ml_pipeline_graph(const struct ml_pipeline_stages *stages, bool outs,
                      struct ml_pipeline_graph *ret_graph) ML_MUST_USE;
void ml_pipeline_graph_release(struct ml_pipeline_graph *graph);

/* Whether one path is the other, or lies in it. */
bool ml_pipeline_paths_overlap(const char *a, const char *b);

#endif
