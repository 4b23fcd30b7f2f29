/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A graph with nodes of some kinds alone. Where others stood between two of them, one edge stands
 * for the ways through these: it bears the seqs of every record behind these ways, so that no line
 * is drawn that no record backs. Of the ways only the surest count: recorded ones; if there are
 * none, those that content joins somewhere; else those on which something was inferred.
 */
#ifndef ML_QUERY_GRAPH_CONTRACT_H
#define ML_QUERY_GRAPH_CONTRACT_H

#include "ledger/query/graph.h"

/* Keeps nodes of the kinds (1 << enum ml_node_kind, …) and those that were asked about. Before
 * anybody else reads the graph. Who did what joins nothing to anything. What is unknown of nodes
 * that are gone stays said. MLEDGER_ESYSTEM: memory is out. */
int ml_graph_contract(struct ml_graph *graph, unsigned kinds) ML_MUST_USE;

#endif
