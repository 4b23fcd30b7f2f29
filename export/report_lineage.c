/* SPDX-License-Identifier: Apache-2.0 */
/* The picture of what it was made from, folded until it can be read; and what no record tells. */
#include <inttypes.h>
#include <stdio.h>

#include "export/draw_lineage.h"
#include "export/report_part.h"
#include "export/svg_inline.h"

/* A page has less room than a screen. */
enum { NODES_MAX = 60 };

/* What people decided about the version has sections of its own, and would crowd the picture. */
static bool is_origin(const struct ml_node *node)
{
    switch (node->kind) {
    case ML_NODE_VALIDATION:
    case ML_NODE_APPROVAL:
    case ML_NODE_TRANSITION:
    case ML_NODE_DEPLOYMENT:
    case ML_NODE_INCIDENT:
        return false;
    default:
        return true;
    }
}

/* The part of the graph that is drawn: it borrows from the whole, its lists are the reader's. */
static int cut(struct report *report, struct ml_graph *ret_part)
{
    const struct ml_graph *whole = report->dossier->graph;
    struct ml_arena *arena = &report->dossier->reader.arena;
    struct ml_graph part = *whole;
    size_t *places = ml_arena_calloc(arena, whole->n_nodes + 1, sizeof *places);
    part.nodes = ml_arena_calloc(arena, whole->n_nodes + 1, sizeof *part.nodes);
    part.edges = ml_arena_calloc(arena, whole->n_edges + 1, sizeof *part.edges);
    if (!places || !part.nodes || !part.edges)
        return ml_arena_fail(arena, "the lineage");
    part.n_nodes = part.n_edges = part.n_unknown = 0;
    for (size_t i = 0; i < whole->n_nodes; i++) {
        places[i] = part.n_nodes;
        if (is_origin(&whole->nodes[i]))
            part.nodes[part.n_nodes++] = whole->nodes[i];
    }
    for (size_t i = 0; i < whole->n_edges; i++) {
        struct ml_edge edge = whole->edges[i];
        if (!is_origin(&whole->nodes[edge.from]) || !is_origin(&whole->nodes[edge.to]))
            continue;
        edge.from = places[edge.from];
        edge.to = places[edge.to];
        part.edges[part.n_edges++] = edge;
    }
    *ret_part = part;
    return MLEDGER_OK;
}

static int draw(struct report *report, struct ml_buf *inlined)
{
    struct ml_graph part;
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf svg = {0};
    struct ml_draw_limits limits = ML_DRAW_LIMITS;
    char query[1200];
    snprintf(query, sizeof query, "lineage of %s", report->reference);
    const struct ml_draw_frame frame = report_frame(report, query);
    ML_TRY(cut(report, &part));
    ML_TRY(ml_draw_lineage(&part, &frame, &drawing));
    limits.max_nodes = NODES_MAX;
    ML_TRY(ml_drawing_render(&drawing, ML_PICTURE_SVG, &limits, &svg));
    return ml_svg_inline(ml_buf_span(&svg), "lineage_", inlined);
}

int report_lineage(struct report *report)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf svg = {0};
    ml_paper_section(report->paper, "lineage", "Lineage");
    ml_paper_note(report->paper, ML_PAPER_PLAIN,
                  "Time runs from left to right. A solid line is what a record says; a dashed "
                  "one joins what bears the same digest; a dotted one is inferred. The numbers "
                  "are those of the records. The tables of data and code above say the same.");
    report_picture(report, draw(report, &svg), "lineage", "What it was made from", &svg);
    return MLEDGER_OK;
}

static void put_unknown(struct report *report, const char *text)
{
    ml_paper_row(report->paper);
    ml_paper_cell(report->paper);
    ml_paper_text(report->paper, text);
}

static bool is_said(const struct ml_graph *graph, const char *text)
{
    for (size_t i = 0; i < graph->n_unknown; i++)
        if (strcmp(graph->unknown[i], text) == 0)
            return true;
    return false;
}

int report_unknown(struct report *report)
{
    static const struct ml_paper_column columns[] = {{"text", "Not known"}};
    const struct ml_graph *graph = report->dossier->graph;
    const struct ml_basis *basis = &report->dossier->basis;
    struct ml_paper *paper = report->paper;
    ml_paper_section(paper, "unknown", "What no record tells");
    REPORT_TABLE(paper, "lineage", "What lineage does not lead to", columns);
    for (size_t i = 0; i < graph->n_unknown; i++)
        put_unknown(report, graph->unknown[i]);
    REPORT_TABLE(paper, "checks", "What the checks and the comparison cannot tell", columns);
    for (size_t i = 0; i < basis->n_unknown; i++)
        if (!is_said(graph, basis->unknown[i]))
            put_unknown(report, basis->unknown[i]);
    return MLEDGER_OK;
}
