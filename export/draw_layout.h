/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A graph in the DOT language in, laid out as SVG: Graphviz in a child process.
 *
 * How much work the layout may put in is a ladder: what takes too long or crashes on one rung is
 * tried on the next, which is cheaper and a little less pretty (measured: total edge length
 * +20 % and +40 %, never an overlap).
 */
#ifndef ML_EXPORT_DRAW_LAYOUT_H
#define ML_EXPORT_DRAW_LAYOUT_H

#include "export/draw_child.h"
#include "export/drawing.h"

enum ml_layout_rung {
    ML_LAYOUT_BEST,   /* Graphviz's defaults: up to 1000 nodes, 5 s of CPU time */
    ML_LAYOUT_GOOD,   /* nslimit=nslimit1=1: up to 3000 nodes, 15 s */
    ML_LAYOUT_COARSE, /* nslimit=nslimit1=mclimit=0.1, straight lines: up to 10000, 60 s */
    ML_LAYOUT_RUNGS
};
/* More nodes than that are not laid out: it takes minutes, and nobody can read it. */
#define ML_LAYOUT_NODES_MAX ((size_t)10000)

struct ml_layout_job {
    const char *dot;   /* a digraph as export/draw_dot.h writes it */
    size_t node_count; /* decides on which rung to begin */
};

/* Appends the SVG to `picture`. Errors as for ml_drawing_render(). Of `limits`, max_nodes is not
 * looked at. *ret_rung says which one it took, and is set on success only. */
int ml_layout_run(const struct ml_layout_job *job, const struct ml_draw_limits *limits,
                  struct ml_buf *picture, enum ml_layout_rung *ret_rung) ML_MUST_USE;

#endif
