/* SPDX-License-Identifier: Apache-2.0 */
/* Which nodes of lineage stand in one frame. Private to draw_lineage.c. */
#ifndef ML_EXPORT_DRAW_LINEAGE_FRAME_H
#define ML_EXPORT_DRAW_LINEAGE_FRAME_H

#include "export/drawing.h"
#include "ledger/query/graph.h"

/* Adds a cluster to the drawing for each model version and each snapshot of a pipeline that has
 * more than itself to show. ret_frames[node] (one for each node of the graph) becomes the number of
 * the node's cluster, or 0 where it belongs to none or to several. Errors as
 * ml_drawing_add_cluster(). */
int ml_lineage_frames(const struct ml_graph *graph, struct ml_drawing *drawing,
                      size_t *ret_frames) ML_MUST_USE;

#endif
