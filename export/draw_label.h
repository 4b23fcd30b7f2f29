/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Labels in Graphviz's HTML-like language.
 *
 * All labels are HTML-like, none is plain. Graphviz 2.42 renders a plain label as HTML when an
 * equal HTML string stands anywhere else in the graph, so the two must not be mixed, and the legend
 * needs tables. And cells can be given a width, which Graphviz without fonts does not know for text
 * beyond ASCII.
 */
#ifndef ML_EXPORT_DRAW_LABEL_H
#define ML_EXPORT_DRAW_LABEL_H

#include "export/drawing.h"

struct ml_label_line {
    const char *text; /* clean */
    size_t max_chars; /* shortened in the middle beyond that */
    unsigned points;  /* size of the font */
    bool bold;
    bool left;         /* aligned; else centred */
    const char *color; /* NULL: that of the node or edge */
};

/* Appends "<<TABLE …>>": one row for each line; a label without lines is one space.
 * Above them `lid` points stay free. */
int ml_label_append(const struct ml_label_line *lines, size_t count, unsigned lid,
                    struct ml_buf *buf) ML_MUST_USE;

/* Appends one <TD>; `attributes` are ours, e.g. " BGCOLOR=\"#FFFFFF\"", or "". */
int ml_label_append_cell(const struct ml_label_line *line, const char *attributes,
                         struct ml_buf *buf) ML_MUST_USE;

/* Appends the label of the graph: title lines, what was folded, legend. In export/draw_legend.c. */
int ml_label_append_heading(const struct ml_drawing *drawing, struct ml_buf *buf) ML_MUST_USE;

#endif
