/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A drawing as a Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html), for pages that
 * render it themselves: GitHub, GitLab, wikis.
 *
 * Nodes are n0, n1, …, so that no name is ever read as syntax; names stand in quoted labels, with
 * everything that Mermaid would read more into as "#NN;". Same content and inferred edges are
 * dotted alike and say in words which they are. What the drawing's titles say stands in comments
 * and in accTitle and accDescr, for screen readers.
 */
#ifndef ML_EXPORT_MERMAID_H
#define ML_EXPORT_MERMAID_H

#include "export/drawing.h"

/* Mermaid draws no more by default (maxEdges, maxTextSize), and no page may raise it. */
enum { ML_MERMAID_EDGES_MAX = 500, ML_MERMAID_CHARS_MAX = 50000 };

/*
 * Appends the flowchart, folded to at most `max_nodes` (0: as many as there are), and further until
 * it is within Mermaid's limits; it then says so. Nothing is appended after a failure.
 * MLEDGER_EUSAGE: it is over the limits however far it is folded. MLEDGER_ESYSTEM: memory is out.
 */
int ml_mermaid(const struct ml_drawing *drawing, size_t max_nodes, struct ml_buf *out) ML_MUST_USE;

#endif
