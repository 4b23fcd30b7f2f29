/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How things look: a kind is told by shape, colour and word, never by colour alone. Colours are
 * those of Okabe and Ito, which people with any colour vision tell apart; text has a contrast of at
 * least 4.5 : 1 (WCAG 2, AA): black everywhere but on blue.
 */
#ifndef ML_EXPORT_DRAW_LOOK_H
#define ML_EXPORT_DRAW_LOOK_H

#include "export/drawing.h"

#define ML_LOOK_FONT "Helvetica"
#define ML_LOOK_HIGHLIGHT "#D55E00"
#define ML_LOOK_LINE "#555555"

/* Sizes of text in points. */
#define ML_LOOK_TITLE_POINTS 13U
#define ML_LOOK_NAME_POINTS 10U
#define ML_LOOK_LEGEND_POINTS 9U
#define ML_LOOK_SMALL_POINTS 8U

/* Longest texts inside the picture, in code points; the whole text is in the tooltip. */
#define ML_LOOK_NAME_CHARS ((size_t)32)
#define ML_LOOK_EXTENT_CHARS ((size_t)48)
#define ML_LOOK_TITLE_CHARS ((size_t)120)

struct ml_look_kind {
    const char *shape, *style, *fill; /* of Graphviz */
    const char *text;                 /* colour of the font */
    const char *margin;               /* inches; some shapes cut into their corners */
    unsigned lid;                     /* points above the text that the shape needs for itself */
};
const struct ml_look_kind *ml_look_kind(enum ml_draw_kind kind);

struct ml_look_edge {
    const char *style; /* of Graphviz and of a table's border */
    const char *word;
};
const struct ml_look_edge *ml_look_edge(enum ml_draw_edge_style style);

struct ml_look_change {
    const char *sign; /* before the kind: "+" */
    const char *word; /* also the class in SVG */
    const char *line; /* colour of the border */
    bool dashed;
};
const struct ml_look_change *ml_look_change(enum ml_draw_change change);

#define ML_LOOK_START_SIGN "\xe2\x98\x85"     /* U+2605 black star */
#define ML_LOOK_HIGHLIGHT_SIGN "\xe2\x9a\xa0" /* U+26A0 warning sign */

#endif
