/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lineage: what stands behind something (up) and what came of it (down), from the records alone.
 *
 * How it is walked. Up from a version: to the run it was registered from, to what that run read
 * (datasets, base models), to its commit and parameters; and by content, where digests of the whole
 * content are equal, to the pipeline stages, runs and versions that made it; from a stage to its
 * dependencies and, by their producers in the same snapshot, to the stages before it, down to files
 * that nothing made. Down is the other way: from content to all that read it, to runs, versions,
 * transitions and deployments. The validations, approvals, transitions, deployments and incidents
 * of a version hang on it whichever way it was reached.
 *
 * What joins. Whole-content digests, ids, references; never labels, and never the digest of empty
 * content. Where content alone joins two things the edge says so. Of content that the snapshots of
 * one pipeline name again and again, up shows where the first of them says it was made. A stage
 * that later snapshots repeat, with the same dependencies and outputs, is one node, and its edges
 * name all those snapshots that were read.
 *
 * Cost follows the size of the answer: everything is found through the indexes. Snapshots are
 * decoded at most once.
 *
 * Down from data, whatever a run made counts as made from all it read; "may be affected" is meant.
 */
#ifndef ML_QUERY_LINEAGE_H
#define ML_QUERY_LINEAGE_H

#include "ledger/query/graph.h"
#include "ledger/query/reference.h"
#include "ledger/store/ledger.h"

#define ML_LINEAGE_NODES_DEFAULT ((size_t)10000)
#define ML_LINEAGE_NODES_MAX ((size_t)1000000)

struct ml_lineage_options {
    bool up, down;     /* neither: up */
    uint32_t depth;    /* steps from the start; 0: all the way */
    uint64_t as_of;    /* the newest record to look at; MLEDGER_NO_SEQ: all */
    bool same_content; /* join by content */
    bool inferred;     /* infer which stage a run was */
    size_t max_nodes;  /* 0: ML_LINEAGE_NODES_DEFAULT; at most ML_LINEAGE_NODES_MAX */
    /* Where to stop, unless it was asked about: what is behind is neither looked at nor shown. */
    unsigned stop_kinds;                /* 1 << enum ml_node_kind, … */
    const struct ml_node *const *stops; /* nodes of another graph; of data, also others of the
                                           same content. Borrowed. */
    size_t n_stops;
};
/* Up, all the way, now, with everything. */
struct ml_lineage_options ml_lineage_defaults(void);

/*
 * The lineage of what `reference` names (ledger/query/reference.h): a version, a model (all its
 * versions), a run, an experiment (its runs), content, a commit, a dataset (its newest version), a
 * pipeline (the stages of its newest snapshot), or a record (what it is about).
 *
 * The view must last as long as the call, the graph outlives it; ml_graph_free().
 *
 * MLEDGER_EUSAGE      it is no reference, is ambiguous, or names what has no lineage (an actor)
 * MLEDGER_ENOTFOUND   there is no such thing, or was none at as_of
 * MLEDGER_EDAMAGED    a record or an attachment cannot be read
 * MLEDGER_EINVALID    an attachment holds no snapshot
 * MLEDGER_ESYSTEM     memory is out
 * A limit on nodes or depth that is reached is no error: the graph says so among what is unknown.
 */
int ml_lineage(struct ml_view *view, const char *reference,
               const struct ml_lineage_options *options, struct ml_graph **ret_graph) ML_MUST_USE;
/* The same of several references together. Of none: of everything, each dataset, pipeline, run and
 * version of the ledger, which reads all its records; nothing then bears ML_NODE_START. */
int ml_lineage_many(struct ml_view *view, const char *const *references, size_t count,
                    const struct ml_lineage_options *options,
                    struct ml_graph **ret_graph) ML_MUST_USE;
/* Several things that are asked about at once. All is borrowed. */
struct ml_lineage_starts {
    const struct ml_target *targets;
    size_t n_targets;
    /* What these records bring in, change or decide about: a run, a dataset, a pipeline's stages, a
     * version, what is deployed. A record of anything else (a model or an experiment that was made,
     * a key) is passed over. */
    const uint64_t *records;
    size_t n_records;
};
/* Their lineage in one graph; without any start it is empty. */
int ml_lineage_of_all(struct ml_view *view, const struct ml_lineage_starts *starts,
                      const struct ml_lineage_options *options,
                      struct ml_graph **ret_graph) ML_MUST_USE;
/* The same of something resolved already. */
int ml_lineage_of(struct ml_view *view, const struct ml_target *target,
                  const struct ml_lineage_options *options,
                  struct ml_graph **ret_graph) ML_MUST_USE;

#endif
