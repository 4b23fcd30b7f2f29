/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pipeline's graph as `dvc dag` writes it, for tools that read that: DOT as `dvc dag --dot`
 * (networkx' pydot) and Mermaid as `dvc dag --mermaid`, of DVC 3.67. Unlike there, the order does
 * not change from run to run: nodes and edges are sorted, and so are components, by their first
 * node.
 *
 * Names may come from anywhere. In DOT a name is a quoted string, with '"' and '\' escaped as the
 * DOT language has it; in Mermaid what would end its label is written as the entity codes of
 * Mermaid. Control characters and malformed UTF-8 become U+FFFD (export/text_clean.h).
 */
#ifndef ML_EXPORT_DAG_TEXT_H
#define ML_EXPORT_DAG_TEXT_H

#include "export/pipeline_edges.h"

/* Each appends. MLEDGER_ESYSTEM: memory is out. */
int ml_dag_dot(const struct ml_pipeline_graph *graph, struct ml_buf *out) ML_MUST_USE;
int ml_dag_mermaid(const struct ml_pipeline_graph *graph, struct ml_buf *out) ML_MUST_USE;

#endif
