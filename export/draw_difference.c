/* SPDX-License-Identifier: Apache-2.0 */
#include "export/draw_difference.h"

#include "export/draw_lineage.h"
#include "ledger/query/graph_merge.h"

static enum ml_draw_change *drawn_changes(const enum ml_merged_change *changes, size_t count)
{
    static const enum ml_draw_change words[] = {[ML_MERGED_SAME] = ML_DRAW_UNCHANGED,
                                                [ML_MERGED_ADDED] = ML_DRAW_ADDED,
                                                [ML_MERGED_REMOVED] = ML_DRAW_REMOVED,
                                                [ML_MERGED_CHANGED] = ML_DRAW_CHANGED};
    enum ml_draw_change *drawn = ml_calloc(count + 1, sizeof *drawn);
    for (size_t i = 0; drawn && i < count; i++)
        drawn[i] = words[changes[i]];
    return drawn;
}

int ml_draw_difference(const struct ml_graph *before, const struct ml_graph *after,
                       const struct ml_draw_frame *frame, struct ml_drawing *ret_drawing)
{
    ML_CLEANUP(ml_merged_release) struct ml_merged merged;
    ml_drawing_init(ret_drawing);
    ML_TRY(ml_graph_merge(before, after, &merged));
    ML_CLEANUP(ml_freep)
    enum ml_draw_change *nodes = drawn_changes(merged.nodes, merged.graph->n_nodes);
    ML_CLEANUP(ml_freep)
    enum ml_draw_change *edges = drawn_changes(merged.edges, merged.graph->n_edges);
    ML_CLEANUP(ml_freep) bool *same = ml_calloc(merged.graph->n_nodes + 1, sizeof *same);
    if (!nodes || !edges || !same)
        return ml_fail_memory();
    for (size_t i = 0; i < merged.graph->n_nodes; i++)
        same[i] = nodes[i] == ML_DRAW_UNCHANGED;
    const struct ml_draw_marks marks = {
        .changes = nodes, .edge_changes = edges, .dimmed = same, .tooltips = merged.tooltips};
    return ml_draw_lineage_marked(merged.graph, frame, &marks, ret_drawing);
}
