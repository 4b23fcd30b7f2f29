/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Graphviz's SVG lacks. For people who cannot see it: role, title and description (WAI-ARIA
 * Graphics, SVG 2 section 5.7). For viewers without Helvetica: Graphviz begins each piece of text
 * where it would begin in that font; here it is centred on the same place, so that a wider font
 * spreads to both sides. For lines that run through their own label: a white rim around its
 * letters.
 */
#ifndef ML_EXPORT_DRAW_SVG_H
#define ML_EXPORT_DRAW_SVG_H

#include "export/drawing.h"

/* Appends `svg`, as Graphviz wrote it from this drawing's DOT, with role="img" and aria-labelledby
 * on its root, <title> and <desc> as the root's first children (the first title line; the others
 * with a count of what is drawn) and the text of nodes, edges and ticks centred, that of edges with
 * a rim. MLEDGER_ESYSTEM when `svg` has no root element. */
int ml_svg_finish(const struct ml_drawing *drawing, struct ml_span svg,
                  struct ml_buf *out) ML_MUST_USE;

#endif
