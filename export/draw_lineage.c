/* SPDX-License-Identifier: Apache-2.0 */
#include "export/draw_lineage.h"

#include <inttypes.h>
#include <stdio.h>

#include "export/draw_lineage_frame.h"
#include "export/draw_lineage_text.h"
#include "export/text_clean.h"

/* Sentences about what is not known that stand above the picture. */
enum { UNKNOWN_SHOWN = 3 };

#define NOBODY SIZE_MAX

struct plan {
    const struct ml_graph *graph;
    struct ml_drawing *drawing;
    size_t *makers; /* by node: what made it, or NOBODY */
    bool *hidden;   /* by node: said otherwise, by a line in a node or the label of a frame */
    char **actors;  /* by node: who did it, "alice, bob", or NULL; owned */
    size_t *frames; /* by node: its cluster in the drawing, or 0 */
    size_t *places; /* by node: its index in the drawing; hidden ones have none */
    const struct ml_draw_marks *marks;
};

static void plan_release(struct plan *plan)
{
    for (size_t i = 0; plan->actors && i < plan->graph->n_nodes; i++)
        free(plan->actors[i]);
    free((void *)plan->actors);
    free(plan->makers);
    free(plan->hidden);
    free(plan->frames);
    free(plan->places);
}

static bool is_agent(const struct ml_graph *graph, size_t node)
{
    return graph->nodes[node].kind == ML_NODE_AGENT;
}

/* ---- who did it ---- */

static int add_actor(char **list, const char *name)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    char *joined;
    if (*list)
        ML_TRY(ml_buf_printf(&text, "%s, ", *list));
    ML_TRY(ml_buf_append_text(&text, name));
    ML_TRY(ml_buf_take_text(&text, &joined));
    free(*list);
    *list = joined;
    return MLEDGER_OK;
}

static int find_actors(struct plan *plan)
{
    const struct ml_graph *graph = plan->graph;
    for (size_t i = 0; i < graph->n_edges; i++) {
        const struct ml_edge *edge = &graph->edges[i];
        if (is_agent(graph, edge->from))
            ML_TRY(add_actor(&plan->actors[edge->to], graph->nodes[edge->from].label));
    }
    return MLEDGER_OK;
}

/* ---- what is drawn ---- */

static void find_makers(struct plan *plan)
{
    for (size_t i = 0; i < plan->graph->n_nodes; i++)
        plan->makers[i] = NOBODY;
    for (size_t i = 0; i < plan->graph->n_edges; i++) {
        const struct ml_edge *edge = &plan->graph->edges[i];
        if (edge->role == ML_ROLE_GENERATED && plan->makers[edge->to] == NOBODY)
            plan->makers[edge->to] = edge->from;
    }
}

/* A snapshot has one commit, which its frame names: a line to each of its stages would say it again
 * and again. What was asked for keeps its lines. */
static bool is_said_by_frame(const struct plan *plan, const struct ml_edge *edge)
{
    const struct ml_node *from = &plan->graph->nodes[edge->from];
    return edge->role == ML_ROLE_CODE && plan->graph->nodes[edge->to].kind == ML_NODE_STAGE &&
           plan->frames[edge->to] && !(from->flags & ML_NODE_START);
}

static bool is_drawn(const struct plan *plan, const struct ml_edge *edge)
{
    return !is_agent(plan->graph, edge->from) && !is_agent(plan->graph, edge->to) &&
           !is_said_by_frame(plan, edge);
}

/* Agents, and commits of which no line is left. */
static void find_hidden(struct plan *plan)
{
    const struct ml_graph *graph = plan->graph;
    for (size_t i = 0; i < graph->n_edges; i++)
        if (is_said_by_frame(plan, &graph->edges[i]))
            plan->hidden[graph->edges[i].from] = true;
    for (size_t i = 0; i < graph->n_edges; i++)
        if (is_drawn(plan, &graph->edges[i]))
            plan->hidden[graph->edges[i].from] = plan->hidden[graph->edges[i].to] = false;
    for (size_t i = 0; i < graph->n_nodes; i++)
        plan->hidden[i] |= is_agent(graph, i);
}

/* ---- nodes ---- */

/* What a .dvc file tracks is data; what nothing made is a file and no more. */
static enum ml_draw_kind file_kind(const struct plan *plan, size_t node)
{
    size_t maker = plan->makers[node];
    if (maker == NOBODY)
        return ML_DRAW_FILE;
    const struct ml_node *by = &plan->graph->nodes[maker];
    const char *end = strrchr(by->label, '.');
    bool tracked = by->kind == ML_NODE_STAGE && end && strcmp(end, ".dvc") == 0;
    return tracked ? ML_DRAW_DATASET : ML_DRAW_ARTIFACT;
}

static enum ml_draw_kind draw_kind(const struct plan *plan, size_t node)
{
    static const enum ml_draw_kind kinds[ML_NODE_KINDS] = {
        [ML_NODE_DATASET] = ML_DRAW_DATASET,
        [ML_NODE_FILE] = ML_DRAW_FILE,
        [ML_NODE_SOURCE] = ML_DRAW_SOURCE,
        [ML_NODE_COMMIT] = ML_DRAW_CODE,
        [ML_NODE_PARAMS] = ML_DRAW_PARAMS,
        [ML_NODE_VERSION] = ML_DRAW_MODEL_VERSION,
        [ML_NODE_LOGGED_MODEL] = ML_DRAW_LOGGED_MODEL,
        [ML_NODE_RUN] = ML_DRAW_RUN,
        [ML_NODE_STAGE] = ML_DRAW_PIPELINE_STAGE,
        [ML_NODE_VALIDATION] = ML_DRAW_VALIDATION,
        [ML_NODE_APPROVAL] = ML_DRAW_APPROVAL,
        [ML_NODE_TRANSITION] = ML_DRAW_MODEL_STAGE,
        [ML_NODE_DEPLOYMENT] = ML_DRAW_DEPLOYMENT,
        [ML_NODE_INCIDENT] = ML_DRAW_INCIDENT,
        [ML_NODE_AGENT] = ML_DRAW_ACTOR,
    };
    enum ml_node_kind kind = plan->graph->nodes[node].kind;
    return kind == ML_NODE_FILE ? file_kind(plan, node) : kinds[kind];
}

/* What the node says of itself, and what is said of it besides. */
static int join_tooltip(const char *own, const char *besides, struct ml_buf *joined,
                        const char **ret_tooltip)
{
    *ret_tooltip = own;
    if (!besides)
        return MLEDGER_OK;
    ML_TRY(ml_buf_printf(joined, "%s\n%s", besides, own ? own : ""));
    return ml_text_end(joined, ret_tooltip);
}

static int add_node(struct plan *plan, size_t index, bool mark_starts)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf joined = {0};
    const struct ml_draw_marks *marks = plan->marks;
    const char *tooltip;
    ML_CLEANUP(ml_lineage_text_release) struct ml_lineage_text text = {0};
    const struct ml_node *node = &plan->graph->nodes[index];
    ML_TRY(ml_lineage_text(node, plan->actors[index], &text));
    ML_TRY(join_tooltip(text.tooltip, marks->tooltips ? marks->tooltips[index] : NULL, &joined,
                        &tooltip));
    const struct ml_draw_node drawn = {
        .name = node->id,
        .lines = {text.lines[0], text.lines[1], text.lines[2]},
        .path = node->kind == ML_NODE_STAGE ? node->label : NULL,
        .tooltip = tooltip,
        .kind = draw_kind(plan, index),
        .start = mark_starts && (node->flags & ML_NODE_START),
        .change = marks->changes ? marks->changes[index] : ML_DRAW_UNCHANGED,
        .highlighted = marks->highlighted && marks->highlighted[index],
        .dimmed = (node->flags & (ML_NODE_UNSEEN | ML_NODE_DELETED)) != 0 ||
                  (marks->dimmed && marks->dimmed[index]),
        .cluster = plan->frames[index],
        .first_us = marks->times_us ? marks->times_us[index] : 0,
        .last_us = marks->times_us ? marks->times_us[index] : 0,
    };
    return ml_drawing_add_node(plan->drawing, &drawn, &plan->places[index]);
}

static int add_nodes(struct plan *plan)
{
    size_t starts = 0;
    for (size_t i = 0; i < plan->graph->n_nodes; i++)
        starts += (plan->graph->nodes[i].flags & ML_NODE_START) != 0;
    for (size_t i = 0; i < plan->graph->n_nodes; i++)
        if (!plan->hidden[i])
            ML_TRY(add_node(plan, i, starts <= ML_DRAW_STARTS_MAX));
    return MLEDGER_OK;
}

/* ---- edges ---- */

/* What the shapes at both ends do not say already. */
static const char *role_word(const struct ml_edge *edge)
{
    static const char *const words[ML_ROLES] = {
        [ML_ROLE_USED] = "read",
        [ML_ROLE_GENERATED] = "made",
        [ML_ROLE_DERIVED_FROM] = "led to",
        [ML_ROLE_TRAINED_ON] = "trained",
        [ML_ROLE_REGISTERED_FROM] = "registered",
        [ML_ROLE_CONFIRMED] = "confirmed",
        [ML_ROLE_INFERRED] = "inferred",
    };
    return words[edge->role];
}

static enum ml_draw_edge_style draw_style(enum ml_edge_kind kind)
{
    static const enum ml_draw_edge_style styles[ML_EDGE_KINDS] = {
        [ML_EDGE_RECORDED] = ML_DRAW_RECORDED,
        [ML_EDGE_SAME_CONTENT] = ML_DRAW_SAME_CONTENT,
        [ML_EDGE_INFERRED] = ML_DRAW_INFERRED,
        [ML_EDGE_CONFIRMED] = ML_DRAW_RECORDED,
    };
    return styles[kind];
}

static int add_edges(struct plan *plan)
{
    const struct ml_draw_marks *marks = plan->marks;
    for (size_t i = 0; i < plan->graph->n_edges; i++) {
        const struct ml_edge *edge = &plan->graph->edges[i];
        if (!is_drawn(plan, edge))
            continue;
        const struct ml_draw_edge drawn = {
            .from = plan->places[edge->from],
            .to = plan->places[edge->to],
            .label = role_word(edge),
            .tooltip = edge->grounds,
            .seqs = edge->seqs,
            .seq_count = edge->n_seqs,
            .style = draw_style(edge->kind),
            .change = marks->edge_changes ? marks->edge_changes[i] : ML_DRAW_UNCHANGED,
            .highlighted = marks->edges && marks->edges[i],
        };
        ML_TRY(ml_drawing_add_edge(plan->drawing, &drawn));
    }
    return MLEDGER_OK;
}

/* ---- all of it ---- */

static int add_unknown(struct plan *plan)
{
    const struct ml_graph *graph = plan->graph;
    size_t shown = graph->n_unknown > UNKNOWN_SHOWN ? UNKNOWN_SHOWN - 1 : graph->n_unknown;
    for (size_t i = 0; i < shown; i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf line = {0};
        const char *text;
        ML_TRY(ml_buf_printf(&line, "not known: %s", graph->unknown[i]));
        ML_TRY(ml_text_end(&line, &text));
        ML_TRY(ml_drawing_add_title(plan->drawing, text));
    }
    if (shown == graph->n_unknown)
        return MLEDGER_OK;
    char more[64];
    snprintf(more, sizeof more, "not known: %zu more; the text says them all",
             graph->n_unknown - shown);
    return ml_drawing_add_title(plan->drawing, more);
}

int ml_draw_lineage(const struct ml_graph *graph, const struct ml_draw_frame *frame,
                    struct ml_drawing *ret_drawing)
{
    return ml_draw_lineage_marked(graph, frame, NULL, ret_drawing);
}

int ml_draw_lineage_marked(const struct ml_graph *graph, const struct ml_draw_frame *frame,
                           const struct ml_draw_marks *marks, struct ml_drawing *ret_drawing)
{
    static const struct ml_draw_marks none = {0};
    ml_drawing_init(ret_drawing);
    ML_CLEANUP(plan_release)
    struct plan plan = {
        .graph = graph,
        .drawing = ret_drawing,
        .marks = marks ? marks : &none,
        .actors = ml_calloc(graph->n_nodes + 1, sizeof(char *)),
        .makers = ml_calloc(graph->n_nodes + 1, sizeof(size_t)),
        .hidden = ml_calloc(graph->n_nodes + 1, sizeof(bool)),
        .frames = ml_calloc(graph->n_nodes + 1, sizeof(size_t)),
        .places = ml_calloc(graph->n_nodes + 1, sizeof(size_t)),
    };
    if (!plan.actors || !plan.makers || !plan.hidden || !plan.frames || !plan.places)
        return ml_fail_memory();
    ML_TRY(ml_draw_frame(frame, ret_drawing));
    ret_drawing->dated = plan.marks->times_us != NULL;
    if (plan.marks->meaning)
        ML_TRY(ml_drawing_set_highlighted(ret_drawing, plan.marks->meaning));
    ML_TRY(add_unknown(&plan));
    ML_TRY(find_actors(&plan));
    find_makers(&plan);
    ML_TRY(ml_lineage_frames(graph, ret_drawing, plan.frames));
    find_hidden(&plan);
    ML_TRY(add_nodes(&plan));
    return add_edges(&plan);
}
