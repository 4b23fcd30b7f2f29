/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths between two things: how one led to the other, along the edges of lineage, in whichever
 * direction one is recorded. Content that is the same is passed both ways.
 */
#ifndef ML_QUERY_GRAPH_PATH_H
#define ML_QUERY_GRAPH_PATH_H

#include "ledger/query/basis.h"
#include "ledger/query/lineage.h"

/* Steps that the search for all paths may take. */
#define ML_PATH_STEPS_MAX ((size_t)2000000)

/* In the order of time: from what led to the other. */
struct ml_path {
    size_t *nodes; /* count + 1 of the graph */
    size_t *edges; /* between them */
    size_t count;
};

struct ml_paths {
    struct ml_graph *graph; /* around the first thing */
    bool *is_end;           /* by node: it is the second thing */
    bool turned;            /* the second thing led to the first */
    struct ml_path *list;   /* the shortest first; of one length by their records */
    size_t count, cap;
    bool more; /* there are more than were asked for, or than could be looked for */
    /* Where none leads from one to the other: what both came from, the nearest first; nodes of the
     * graph. */
    size_t *common;
    size_t n_common;
};
void ml_paths_release(struct ml_paths *paths);

/* What is asked. */
struct ml_path_question {
    const struct ml_target *from, *to;
    size_t most;                 /* paths; 1: the shortest */
    bool same_content, inferred; /* as struct ml_lineage_options */
    size_t max_nodes;            /* looked at around `from`; 0: ML_LINEAGE_NODES_MAX */
};

/*
 * As of the reader's record. Initialises *ret_paths in any case, to be released. That there is no
 * path is no error: count is 0. A simple path passes no node twice.
 * MLEDGER_EUSAGE: both are the same thing; or as ml_lineage(), whose other errors these are.
 */
int ml_paths_find(struct ml_reader *reader, const struct ml_path_question *question,
                  struct ml_basis *basis, struct ml_paths *ret_paths) ML_MUST_USE;

#endif
