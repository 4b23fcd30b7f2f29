/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A graph as a tree of lines, from what was asked about:
 *
 *   churn/3  #17
 *     registered from run 4f2a  #17 by alice
 *       trained on dataset train sha256:0123456789ab  #15
 *         ~ same content as file data/train.csv md5:…  #9 #15 (both are …)
 *           made by stage prepare  #9
 *       ? perhaps stage train  #9 (at the run's commit …; parameters equal 3 of 4)
 *     None → Staging  #20 by alice
 *
 * "#N" are the records that assert the step, "~" is a step by content alone, "?" an inferred one
 * with its grounds. What stood before is not unfolded again: "see above". Other than that the tree
 * is the graph: what was found up is behind a node, what was found down after it.
 */
#ifndef ML_QUERY_GRAPH_TEXT_H
#define ML_QUERY_GRAPH_TEXT_H

#include "ledger/query/graph.h"

/* One line of the tree. */
struct ml_graph_line {
    size_t depth;     /* 0: a start */
    bool last;        /* no sibling follows */
    const char *text; /* without a line feed */
    size_t len;
    const struct ml_node *node;
    const struct ml_edge *edge; /* by which it hangs there; NULL at a start */
};
/* Stops at the first negative result. The line lives as long as the call. */
typedef int ml_graph_line_visitor(const struct ml_graph_line *line, void *context);

/* Shows the lines in order: all that is up from the starts, then all that is down from them. */
int ml_graph_lines(const struct ml_graph *graph, ml_graph_line_visitor *visit,
                   void *context) ML_MUST_USE;

/* Appends the lines, each with two spaces for each level; then, where something is unknown,
 * "unknown:" and its sentences. Control characters in names are shown as '?'.
 * MLEDGER_ESYSTEM: memory is out. */
int ml_graph_to_text(const struct ml_graph *graph, struct ml_buf *out) ML_MUST_USE;

#endif
