/* SPDX-License-Identifier: Apache-2.0 */
#include "export/draw_lineage_frame.h"

#include <inttypes.h>

#include "export/text_clean.h"

#define NOBODY SIZE_MAX
#define SEVERAL (SIZE_MAX - 1)

/* A frame is named by the node that stands for it: the version, or the first stage of a snapshot.
 */
struct frames {
    const struct ml_graph *graph;
    size_t *owner; /* by node: such a node, NOBODY or SEVERAL */
    size_t *size;  /* by such a node: how many it owns */
};

static void claim(struct frames *frames, size_t node, size_t owner)
{
    if (owner == NOBODY || owner == SEVERAL || frames->owner[node] == owner)
        return;
    frames->owner[node] = frames->owner[node] == NOBODY ? owner : SEVERAL;
}

/* Nodes come in the order of their records, so the stages of one are side by side. */
static void claim_themselves(struct frames *frames)
{
    const struct ml_graph *graph = frames->graph;
    size_t stage = NOBODY;
    for (size_t i = 0; i < graph->n_nodes; i++) {
        frames->owner[i] = graph->nodes[i].kind == ML_NODE_VERSION ? i : NOBODY;
        if (graph->nodes[i].kind != ML_NODE_STAGE)
            continue;
        if (stage == NOBODY || graph->nodes[stage].seq != graph->nodes[i].seq)
            stage = i;
        frames->owner[i] = stage;
    }
}

static bool is_about_version(enum ml_edge_role role)
{
    return role == ML_ROLE_VALIDATED_BY || role == ML_ROLE_APPROVED_BY ||
           role == ML_ROLE_TRANSITIONED_BY || role == ML_ROLE_DEPLOYED ||
           role == ML_ROLE_CONCERNED_BY;
}

/* What hangs on a version itself. */
static void claim_by_versions(struct frames *frames)
{
    const struct ml_graph *graph = frames->graph;
    for (size_t i = 0; i < graph->n_edges; i++) {
        const struct ml_edge *edge = &graph->edges[i];
        if (edge->role == ML_ROLE_REGISTERED_FROM)
            claim(frames, edge->from, edge->to);
        else if (is_about_version(edge->role) && graph->nodes[edge->from].kind == ML_NODE_VERSION)
            claim(frames, edge->to, edge->from);
    }
}

/* Parameters and outputs of runs and stages go with these. Whoever else made the same content
 * has a claim on it, too. */
static void claim_by_activities(struct frames *frames)
{
    const struct ml_graph *graph = frames->graph;
    for (size_t i = 0; i < graph->n_edges; i++) {
        const struct ml_edge *edge = &graph->edges[i];
        if (edge->role == ML_ROLE_PARAMETERS)
            claim(frames, edge->from, frames->owner[edge->to]);
        else if (edge->role == ML_ROLE_GENERATED && graph->nodes[edge->to].kind != ML_NODE_VERSION)
            claim(frames, edge->to, frames->owner[edge->from]);
    }
}

static const char *pipeline_of(const struct ml_node *stage)
{
    for (size_t i = 0; i < stage->n_attributes; i++)
        if (strcmp(stage->attributes[i].name, "pipeline") == 0)
            return stage->attributes[i].value;
    return "";
}

/* NULL: none is recorded. */
static const char *commit_of(const struct ml_graph *graph, const struct ml_node *stage)
{
    for (size_t i = 0; i < graph->n_edges; i++)
        if (graph->edges[i].role == ML_ROLE_CODE && &graph->nodes[graph->edges[i].to] == stage)
            return graph->nodes[graph->edges[i].from].label;
    return NULL;
}

static int append_pipeline(const struct ml_graph *graph, const struct ml_node *stage,
                           struct ml_buf *label)
{
    const char *commit = commit_of(graph, stage);
    ML_TRY(ml_buf_printf(label, "pipeline %s, #%" PRIu64, pipeline_of(stage), stage->seq));
    return commit ? ml_buf_printf(label, ", at %s", commit) : MLEDGER_OK;
}

static int add_cluster(const struct ml_graph *graph, const struct ml_node *owner,
                       struct ml_drawing *drawing, size_t *ret_number)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf label = {0};
    const char *text;
    bool version = owner->kind == ML_NODE_VERSION;
    if (version)
        ML_TRY(ml_buf_printf(&label, "model version %s", owner->label));
    else
        ML_TRY(append_pipeline(graph, owner, &label));
    ML_TRY(ml_text_end(&label, &text));
    return ml_drawing_add_cluster(drawing, text, version && (owner->flags & ML_NODE_DELETED),
                                  ret_number);
}

static int number_frames(struct frames *frames, struct ml_drawing *drawing, size_t *ret_frames)
{
    const struct ml_graph *graph = frames->graph;
    for (size_t i = 0; i < graph->n_nodes; i++)
        if (frames->owner[i] < graph->n_nodes)
            frames->size[frames->owner[i]]++;
    for (size_t i = 0; i < graph->n_nodes; i++)
        if (frames->size[i] > 1)
            ML_TRY(add_cluster(graph, &graph->nodes[i], drawing, &ret_frames[i]));
    for (size_t i = 0; i < graph->n_nodes; i++) {
        size_t owner = frames->owner[i];
        ret_frames[i] = owner < graph->n_nodes ? ret_frames[owner] : 0;
    }
    return MLEDGER_OK;
}

int ml_lineage_frames(const struct ml_graph *graph, struct ml_drawing *drawing, size_t *ret_frames)
{
    ML_CLEANUP(ml_freep) size_t *owner = ml_calloc(graph->n_nodes + 1, sizeof *owner);
    ML_CLEANUP(ml_freep) size_t *size = ml_calloc(graph->n_nodes + 1, sizeof *size);
    if (!owner || !size)
        return ml_fail_memory();
    struct frames frames = {.graph = graph, .owner = owner, .size = size};
    claim_themselves(&frames);
    claim_by_versions(&frames);
    claim_by_activities(&frames);
    return number_frames(&frames, drawing, ret_frames);
}
