/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SVG that was drawn here as PNG and PDF.
 *
 * The work is done by what Graphviz brings along: a graph of one node that holds the SVG as its
 * image goes through its plugins for librsvg and Cairo, in a child process. So pictures that
 * Graphviz has not laid out (charts, timelines) can be had in the same formats, all formats show
 * the same picture to the point, and no library is linked for it.
 */
#ifndef ML_EXPORT_DRAW_CONVERT_H
#define ML_EXPORT_DRAW_CONVERT_H

#include "export/drawing.h"

/* Appends `svg` as `format`: ML_PICTURE_SVG (as it is), ML_PICTURE_PNG or ML_PICTURE_PDF. Its root
 * has width and height in pixels or in points. What is larger than 66 inches (PNG) or 200 (PDF) is
 * scaled down to that. A PDF bears `as_of_time` (RFC 3339; NULL: the beginning of 1970) as the time
 * it was made, so that the same input gives the same bytes. Of `limits`, max_nodes is not looked
 * at. Errors as for ml_drawing_render(). */
int ml_svg_convert(struct ml_span svg, enum ml_picture_format format, const char *as_of_time,
                   const struct ml_draw_limits *limits, struct ml_buf *picture) ML_MUST_USE;

#endif
