/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two lineages laid over each other, to see what changed. What plays the same part in both is one
 * node: what was asked about, the run it was registered from, data of one name, a stage of one
 * address, the parameters and the code of these, a decision of one kind. Such a node has changed
 * unless it is the same thing in both.
 */
#ifndef ML_QUERY_GRAPH_MERGE_H
#define ML_QUERY_GRAPH_MERGE_H

#include "ledger/query/graph.h"

enum ml_merged_change { ML_MERGED_SAME, ML_MERGED_ADDED, ML_MERGED_REMOVED, ML_MERGED_CHANGED };

struct ml_merged {
    struct ml_graph *graph; /* of the later one where both have the node; ml_graph_free() */
    enum ml_merged_change *nodes, *edges; /* by node and edge; edges never change */
    const char **tooltips; /* by node: "before: …; after: …", NULL where nothing changed */
};
void ml_merged_release(struct ml_merged *merged);

/* Borrows nothing of both, which may be freed. Initialises *ret_merged in any case, to be released.
 * MLEDGER_ESYSTEM: memory is out. */
int ml_graph_merge(const struct ml_graph *before, const struct ml_graph *after,
                   struct ml_merged *ret_merged) ML_MUST_USE;

#endif
