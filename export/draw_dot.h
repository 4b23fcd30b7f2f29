/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A drawing in the DOT language (https://graphviz.org/doc/info/lang.html), canonical: every string
 * quoted, nodes and edges in the drawing's order, attributes in a fixed order; the same drawing
 * gives the same bytes. It is both the answer to --format dot and what Graphviz is fed for all
 * other pictures, so there is one rendition.
 *
 * Nodes have the drawing's readable names. One that occurs twice (two names may become one when
 * they are cleaned) is told apart by a tab and its number: clean text holds no tab.
 */
#ifndef ML_EXPORT_DRAW_DOT_H
#define ML_EXPORT_DRAW_DOT_H

#include "export/drawing.h"

/* Appends the text. Fails when memory is out only. */
int ml_draw_dot(const struct ml_drawing *drawing, struct ml_buf *dot) ML_MUST_USE;

#endif
