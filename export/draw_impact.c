/* SPDX-License-Identifier: Apache-2.0 */
#include "export/draw_impact.h"

#include <inttypes.h>
#include <stdio.h>

#include "export/draw_lineage.h"
#include "export/text_clean.h"
#include "ledger/query/graph_links.h"

/* By node and by edge of the graph. */
struct marks {
    bool *reached, *other, *edges;
};

static void release_marks(struct marks *marks)
{
    free(marks->reached);
    free(marks->other);
    free(marks->edges);
}

/* Versions are reached by learning, not by being measured; what governs such a version is shown
 * with it. */
static void mark_nodes(const struct ml_impact *impact, struct marks *marks)
{
    const struct ml_graph *graph = impact->graph;
    for (size_t i = 0; i < graph->n_nodes; i++)
        marks->reached[i] = impact->steps[i].verdict < ML_IMPACT_MEASURED;
    for (size_t i = 0; i < graph->n_edges; i++) {
        const struct ml_edge *edge = &graph->edges[i];
        if (ml_node_is_governance(graph->nodes[edge->to].kind) && marks->reached[edge->from] &&
            graph->nodes[edge->from].kind == ML_NODE_VERSION)
            marks->reached[edge->to] = true;
    }
    for (size_t i = 0; i < graph->n_nodes; i++)
        marks->other[i] = !marks->reached[i];
}

static void mark_edges(const struct ml_graph *graph, struct marks *marks)
{
    for (size_t i = 0; i < graph->n_edges; i++)
        marks->edges[i] =
            marks->reached[graph->edges[i].from] && marks->reached[graph->edges[i].to];
}

static int add_unreached(const struct ml_impact_version *version, struct ml_drawing *drawing)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf label = {0};
    const char *text;
    size_t cluster, node;
    char approved[48] = "";
    ML_TRY(ml_buf_printf(&label, "%s (not reached)", version->name));
    ML_TRY(ml_text_end(&label, &text));
    ML_TRY(ml_drawing_add_cluster(drawing, text, true, &cluster));
    if (version->approved_seq != MLEDGER_NO_SEQ)
        snprintf(approved, sizeof approved, "approved by #%" PRIu64, version->approved_seq);
    ML_CLEANUP(ml_buf_release) struct ml_buf name = {0};
    ML_TRY(ml_buf_printf(&name, "version:%s", version->name));
    ML_TRY(ml_text_end(&name, &text));
    const struct ml_draw_node drawn = {
        .name = text,
        .lines = {version->name, version->past.stage, approved[0] ? approved : NULL},
        .kind = ML_DRAW_MODEL_VERSION,
        .dimmed = true,
        .cluster = cluster,
    };
    return ml_drawing_add_node(drawing, &drawn, &node);
}

static int add_all_unreached(const struct ml_impact *impact, struct ml_drawing *drawing)
{
    size_t of_model = 0;
    for (size_t i = 0; i < impact->n_unaffected; i++) {
        if (i > 0 && impact->unaffected[i].model != impact->unaffected[i - 1].model)
            of_model = 0;
        if (of_model++ < ML_DRAW_UNREACHED)
            ML_TRY(add_unreached(&impact->unaffected[i], drawing));
    }
    return MLEDGER_OK;
}

int ml_draw_impact(const struct ml_impact *impact, const int64_t *times_us,
                   const struct ml_draw_frame *frame, struct ml_drawing *ret_drawing)
{
    const struct ml_graph *graph = impact->graph;
    ml_drawing_init(ret_drawing);
    ML_CLEANUP(release_marks)
    struct marks marks = {
        .reached = ml_calloc(graph->n_nodes + 1, sizeof(bool)),
        .other = ml_calloc(graph->n_nodes + 1, sizeof(bool)),
        .edges = ml_calloc(graph->n_edges + 1, sizeof(bool)),
    };
    if (!marks.reached || !marks.other || !marks.edges)
        return ml_fail_memory();
    mark_nodes(impact, &marks);
    mark_edges(graph, &marks);
    const struct ml_draw_marks drawn = {.highlighted = marks.reached,
                                        .dimmed = marks.other,
                                        .edges = marks.edges,
                                        .times_us = times_us,
                                        .meaning = "reached by what was asked for"};
    ML_TRY(ml_draw_lineage_marked(graph, frame, &drawn, ret_drawing));
    return add_all_unreached(impact, ret_drawing);
}
