/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far something spreads in a graph, and by what: along what was read, made, registered and
 * derived, from the nodes that were asked about. Private to the impact_*.c files.
 *
 * A node is reached in the surest way there is. Surest is a way on which every output names the
 * inputs it was made from; on others an output does not, and all that its run or stage read counts,
 * perhaps. Within each, a way of recorded steps goes before one that content alone joins somewhere,
 * and that before one on which something was inferred; where two ways lead to a node of which
 * neither is surer in both, what comes after it is judged by the first. Last comes what was only
 * measured on it: data that a run read in no other role than testing, or that a validation read.
 */
#ifndef ML_QUERY_IMPACT_SPREAD_H
#define ML_QUERY_IMPACT_SPREAD_H

#include "ledger/query/graph.h"
#include "ledger/query/reader.h"

/* In this order, the surest first. */
enum ml_spread_level {
    ML_SPREAD_SURE, /* and recorded; */
    ML_SPREAD_SURE_CONTENT,
    ML_SPREAD_SURE_INFERRED,
    ML_SPREAD_PERHAPS,
    ML_SPREAD_PERHAPS_CONTENT,
    ML_SPREAD_PERHAPS_INFERRED,
    ML_SPREAD_MEASURED,
    ML_SPREAD_LEVELS, /* not reached */
};

struct ml_spread_node {
    enum ml_spread_level level;
    size_t by;      /* the edge it was reached by; SIZE_MAX: a start, or not reached */
    size_t from;    /* the node at the other end */
    uint32_t steps; /* edges from a start */
};

/* One for each node of the graph; the caller's, free(). Reads the records that tell in which role
 * something was read and from what it was made; errors are those of reading them. */
int ml_spread(const struct ml_graph *graph, struct ml_reader *reader,
              struct ml_spread_node **ret_nodes) ML_MUST_USE;

#endif
