/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An answer of lineage as a drawing.
 *
 *  - Time runs from left to right, as edges of the graph do; each bears the seqs of its records.
 *  - Recorded edges are solid, and so are confirmed ones, which a record asserts too and whose
 * label says "confirmed"; same content is dashed; inferred is dotted, its grounds in the tooltip.
 *  - A model version stands in a frame with what belongs to it alone: its run with parameters and
 *    outputs, and what was decided and done about it. The stages of one snapshot of a pipeline
 *    stand in a frame with what only they made; its label names their commit.
 *  - Who did something is a line in its node, not a node: few actors do nearly everything, and a
 *    picture with them would show little else.
 *  - What is not known is said above the picture, as far as a few lines hold it.
 */
#ifndef ML_EXPORT_DRAW_LINEAGE_H
#define ML_EXPORT_DRAW_LINEAGE_H

#include "export/draw_frame.h"
#include "ledger/query/graph.h"

/* More nodes than this that were asked for are not marked as such, so that they can be folded. */
#define ML_DRAW_STARTS_MAX ((size_t)32)

/* Initialises *ret_drawing in any case, to be released. Limits and errors as export/drawing.h. */
int ml_draw_lineage(const struct ml_graph *graph, const struct ml_draw_frame *frame,
                    struct ml_drawing *ret_drawing) ML_MUST_USE;

/* What is said of some of it. Each is an array over the graph's nodes or edges, or NULL. */
struct ml_draw_marks {
    const bool *highlighted, *dimmed;   /* nodes */
    const enum ml_draw_change *changes; /* nodes */
    const char *const *tooltips;        /* nodes: said besides what they say of themselves */
    const int64_t *times_us;            /* nodes: when they were recorded, for a time axis */
    const bool *edges;                  /* highlighted */
    const enum ml_draw_change *edge_changes;
    const char *meaning; /* of being highlighted, for the legend */
};
/* The same with marks; NULL: none. */
int ml_draw_lineage_marked(const struct ml_graph *graph, const struct ml_draw_frame *frame,
                           const struct ml_draw_marks *marks,
                           struct ml_drawing *ret_drawing) ML_MUST_USE;

#endif
