/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Graphviz: a graph in the DOT language in, a picture out. The only room where its headers may
 * enter. What is called here is called in a child process (export/draw_child.h) of one graph: it
 * leaks, has state of its own for the whole process, and frees nothing at the end.
 */
#ifndef ML_EXPORT_DRAW_GRAPHVIZ_H
#define ML_EXPORT_DRAW_GRAPHVIZ_H

#include "ledger/core/base.h"

struct ml_graphviz_setting {
    const char *name, *value;
};

struct ml_graphviz_job {
    const char *dot;
    const struct ml_graphviz_setting *settings; /* of the graph, over what `dot` says */
    size_t setting_count;
    const char *format; /* "svg"; with images: "png", "pdf" */
    bool images;        /* the graph holds an SVG image: fonts and Cairo are taken in, too */
};

/* Lays out with `dot` and appends the picture. Graphviz's return codes say nothing, so what it
 * reported decides: an error that it only mentions fails here, and with images a warning as well,
 * because that is all it says of an image that it leaves out. MLEDGER_ESYSTEM, with its words. */
int ml_graphviz_draw(const struct ml_graphviz_job *job, struct ml_buf *picture) ML_MUST_USE;

#endif
