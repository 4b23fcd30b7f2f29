/* SPDX-License-Identifier: Apache-2.0 */
#include "export/drawing.h"

#include "export/text_clean.h"

/* A piece of the drawing's memory; all are freed together. */
struct ml_draw_block {
    struct ml_draw_block *next;
    max_align_t data[];
};

void ml_drawing_init(struct ml_drawing *drawing)
{
    *drawing = (struct ml_drawing){.legend = true};
}

void ml_drawing_release(struct ml_drawing *drawing)
{
    if (!drawing)
        return;
    while (drawing->memory) {
        struct ml_draw_block *next = drawing->memory->next;
        free(drawing->memory);
        drawing->memory = next;
    }
    free(drawing->nodes);
    free(drawing->edges);
    free(drawing->clusters);
    free((void *)drawing->ticks);
    *drawing = (struct ml_drawing){0};
}

static int keep(struct ml_drawing *drawing, const void *data, size_t len, const void **ret_copy)
{
    struct ml_draw_block *block = malloc(sizeof *block + len);
    if (!block)
        return ml_fail_memory();
    memcpy(block->data, data, len);
    block->next = drawing->memory;
    drawing->memory = block;
    *ret_copy = block->data;
    return MLEDGER_OK;
}

/* Replaces *text, which is somebody else's, by the drawing's own clean copy. */
static int own_text(struct ml_drawing *drawing, const char **text)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf clean = {0};
    const void *copy = NULL;
    if (!*text)
        return MLEDGER_OK;
    ML_TRY(ml_text_clean(*text, strlen(*text), &clean));
    ML_TRY(ml_buf_append_char(&clean, '\0'));
    ML_TRY(keep(drawing, clean.data, clean.len, &copy));
    *text = copy;
    return MLEDGER_OK;
}

static int check_room(size_t count, size_t max, const char *what)
{
    if (count < max)
        return MLEDGER_OK;
    return ml_fail(MLEDGER_EINVALID, "a drawing holds at most %zu %s", max, what);
}

static int check_number(size_t number, size_t end, const char *what)
{
    if (number < end)
        return MLEDGER_OK;
    return ml_fail(MLEDGER_EINVALID, "the drawing has no %s %zu", what, number);
}

int ml_drawing_add_title(struct ml_drawing *drawing, const char *line)
{
    ML_TRY(check_room(drawing->title_count, ML_DRAW_TITLES_MAX, "title lines"));
    ML_TRY(own_text(drawing, &line));
    drawing->titles[drawing->title_count++] = line;
    return MLEDGER_OK;
}

int ml_drawing_add_cluster(struct ml_drawing *drawing, const char *label, bool dashed,
                           size_t *ret_number)
{
    size_t number = drawing->cluster_count + 1;
    ML_TRY(check_room(drawing->cluster_count, ML_DRAW_NODES_MAX, "clusters"));
    ML_TRY(own_text(drawing, &label));
    ML_TRY(ml_grow(&drawing->clusters, &drawing->cluster_cap, number, sizeof *drawing->clusters));
    drawing->clusters[drawing->cluster_count++] =
        (struct ml_draw_cluster){.label = label, .dashed = dashed};
    *ret_number = number;
    return MLEDGER_OK;
}

int ml_drawing_add_tick(struct ml_drawing *drawing, const char *label, size_t *ret_number)
{
    size_t number = drawing->tick_count + 1;
    ML_TRY(check_room(drawing->tick_count, ML_DRAW_TICKS_MAX, "ticks"));
    ML_TRY(own_text(drawing, &label));
    ML_TRY(ml_grow(&drawing->ticks, &drawing->tick_cap, number, sizeof *drawing->ticks));
    drawing->ticks[drawing->tick_count++] = label;
    *ret_number = number;
    return MLEDGER_OK;
}

static int own_node(struct ml_drawing *drawing, struct ml_draw_node *node)
{
    ML_TRY(own_text(drawing, &node->name));
    for (size_t i = 0; i < ML_DRAW_LINES; i++)
        ML_TRY(own_text(drawing, &node->lines[i]));
    ML_TRY(own_text(drawing, &node->path));
    ML_TRY(own_text(drawing, &node->tooltip));
    return own_text(drawing, &node->anchor);
}

int ml_drawing_add_node(struct ml_drawing *drawing, const struct ml_draw_node *node,
                        size_t *ret_index)
{
    struct ml_draw_node own = *node;
    size_t index = drawing->node_count;
    assert(node->name && node->kind < ML_DRAW_KINDS && node->change < ML_DRAW_CHANGES);
    ML_TRY(check_room(index, ML_DRAW_NODES_MAX, "nodes"));
    ML_TRY(check_number(node->cluster, drawing->cluster_count + 1, "cluster"));
    ML_TRY(check_number(node->tick, drawing->tick_count + 1, "tick"));
    ML_TRY(own_node(drawing, &own));
    ML_TRY(ml_grow(&drawing->nodes, &drawing->node_cap, index + 1, sizeof *drawing->nodes));
    drawing->nodes[drawing->node_count++] = own;
    *ret_index = index;
    return MLEDGER_OK;
}

int ml_drawing_add_edge(struct ml_drawing *drawing, const struct ml_draw_edge *edge)
{
    struct ml_draw_edge own = *edge;
    assert(edge->style < ML_DRAW_EDGE_STYLES && edge->change < ML_DRAW_CHANGES);
    ML_TRY(check_room(drawing->edge_count, ML_DRAW_EDGES_MAX, "edges"));
    ML_TRY(check_number(edge->from, drawing->node_count, "node"));
    ML_TRY(check_number(edge->to, drawing->node_count, "node"));
    ML_TRY(own_text(drawing, &own.label));
    ML_TRY(own_text(drawing, &own.tooltip));
    if (edge->seq_count) {
        const void *seqs = NULL;
        ML_TRY(keep(drawing, edge->seqs, edge->seq_count * sizeof *edge->seqs, &seqs));
        own.seqs = seqs;
    }
    ML_TRY(ml_grow(&drawing->edges, &drawing->edge_cap, drawing->edge_count + 1,
                   sizeof *drawing->edges));
    drawing->edges[drawing->edge_count++] = own;
    return MLEDGER_OK;
}

int ml_drawing_set_highlighted(struct ml_drawing *drawing, const char *text)
{
    ML_TRY(own_text(drawing, &text));
    drawing->highlighted = text;
    return MLEDGER_OK;
}

int ml_drawing_set_folded(struct ml_drawing *drawing, const char *text)
{
    ML_TRY(own_text(drawing, &text));
    drawing->folded = text;
    return MLEDGER_OK;
}

int ml_drawing_set_time(struct ml_drawing *drawing, const char *as_of_time)
{
    ML_TRY(own_text(drawing, &as_of_time));
    drawing->as_of_time = as_of_time;
    return MLEDGER_OK;
}

static const char *const words[ML_DRAW_KINDS][2] = {
    [ML_DRAW_DATASET] = {"dataset", "datasets"},
    [ML_DRAW_CODE] = {"code", "code commits"},
    [ML_DRAW_PARAMS] = {"params", "parameter sets"},
    [ML_DRAW_PIPELINE_STAGE] = {"pipeline stage", "pipeline stages"},
    [ML_DRAW_RUN] = {"run", "runs"},
    [ML_DRAW_FILE] = {"file", "files"},
    [ML_DRAW_ARTIFACT] = {"artifact", "artifacts"},
    [ML_DRAW_LOGGED_MODEL] = {"logged model", "logged models"},
    [ML_DRAW_MODEL_VERSION] = {"model version", "model versions"},
    [ML_DRAW_VALIDATION] = {"validation", "validations"},
    [ML_DRAW_APPROVAL] = {"approval", "approvals"},
    [ML_DRAW_MODEL_STAGE] = {"stage", "stages"},
    [ML_DRAW_DEPLOYMENT] = {"deployment", "deployments"},
    [ML_DRAW_INCIDENT] = {"incident", "incidents"},
    [ML_DRAW_ACTOR] = {"actor", "actors"},
    [ML_DRAW_SOURCE] = {"outside source", "outside sources"},
    [ML_DRAW_GROUP] = {"folded group", "folded groups"},
};

const char *ml_draw_kind_word(enum ml_draw_kind kind)
{
    return words[kind][0];
}

const char *ml_draw_kind_words(enum ml_draw_kind kind)
{
    return words[kind][1];
}

void ml_drawing_settle(struct ml_drawing *drawing)
{
    enum { LINES_LEAST = 8 };
    drawing->has_record = false;
    if (drawing->edge_count < LINES_LEAST)
        return;
    for (size_t i = 0; i < drawing->edge_count; i++) {
        const struct ml_draw_edge *edge = &drawing->edges[i];
        if (edge->seq_count != 1 || edge->seqs[0] != drawing->edges[0].seqs[0])
            return;
    }
    drawing->has_record = true;
    drawing->record = drawing->edges[0].seqs[0];
}
