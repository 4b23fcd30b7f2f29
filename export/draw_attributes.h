/* SPDX-License-Identifier: Apache-2.0 */
/* The attributes of nodes and edges in the DOT language: what export/draw_dot.c writes between
 * brackets. All fail when memory is out only. */
#ifndef ML_EXPORT_DRAW_ATTRIBUTES_H
#define ML_EXPORT_DRAW_ATTRIBUTES_H

#include "export/drawing.h"

/* Appends look, label, tooltip, URL, id "node_INDEX" and class. */
int ml_dot_node(const struct ml_draw_node *node, size_t index, struct ml_buf *dot) ML_MUST_USE;

/* Appends the same of an edge of `drawing`, with id "edge_INDEX" and without URL. */
int ml_dot_edge(const struct ml_drawing *drawing, size_t index, struct ml_buf *dot) ML_MUST_USE;

#endif
