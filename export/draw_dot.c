/* SPDX-License-Identifier: Apache-2.0 */
#include "export/draw_dot.h"

#include "export/draw_attributes.h"
#include "export/draw_label.h"
#include "export/draw_look.h"
#include "export/text_clean.h"

enum { ALONE_LEAST = 6 }; /* nodes without an edge, to be laid out in rows */

struct writer {
    const struct ml_drawing *drawing;
    const bool *repeated; /* by node: its name stands before already */
    struct ml_buf *dot;
};

/* Nodes by cluster or by tick: those of number n are order[start[n]] … order[start[n + 1] - 1]. */
struct members {
    size_t *start, *order;
};

static void release_members(struct members *members)
{
    free(members->start);
    free(members->order);
}

static size_t number_of(const struct ml_draw_node *node, bool by_tick)
{
    return by_tick ? node->tick : node->cluster;
}

static int sort_members(const struct ml_drawing *drawing, bool by_tick, struct members *members)
{
    size_t numbers = (by_tick ? drawing->tick_count : drawing->cluster_count) + 1;
    members->start = ml_calloc(numbers + 2, sizeof *members->start);
    members->order = ml_calloc(drawing->node_count, sizeof *members->order);
    if (!members->start || !members->order)
        return ml_fail_memory();
    size_t *next = members->start + 1; /* ends as the start of the number after */
    for (size_t i = 0; i < drawing->node_count; i++)
        next[number_of(&drawing->nodes[i], by_tick) + 1]++;
    for (size_t i = 1; i <= numbers; i++)
        next[i] += next[i - 1];
    for (size_t i = 0; i < drawing->node_count; i++)
        members->order[next[number_of(&drawing->nodes[i], by_tick)]++] = i;
    return MLEDGER_OK;
}

/* ---- names ---- */

static int compare_names(const void *a, const void *b, void *context)
{
    const struct ml_draw_node *nodes = context;
    size_t left = *(const size_t *)a, right = *(const size_t *)b;
    int order = strcmp(nodes[left].name, nodes[right].name);
    return order ? order : (left > right) - (left < right);
}

static int find_repeated(const struct ml_drawing *drawing, bool *repeated)
{
    ML_CLEANUP(ml_freep) size_t *order = ml_calloc(drawing->node_count, sizeof *order);
    if (!order)
        return ml_fail_memory();
    for (size_t i = 0; i < drawing->node_count; i++)
        order[i] = i;
    qsort_r(order, drawing->node_count, sizeof *order, compare_names, drawing->nodes);
    for (size_t i = 1; i < drawing->node_count; i++)
        repeated[order[i]] =
            strcmp(drawing->nodes[order[i - 1]].name, drawing->nodes[order[i]].name) == 0;
    return MLEDGER_OK;
}

static int write_name(const struct writer *writer, size_t index)
{
    ML_TRY(ml_text_append_quoted(writer->drawing->nodes[index].name, writer->dot));
    if (!writer->repeated[index])
        return MLEDGER_OK;
    writer->dot->len--; /* the closing quote */
    return ml_buf_printf(writer->dot, "\t(%zu)\"", index);
}

/* ---- clusters and time ---- */

static int write_members(const struct writer *writer, const struct members *members, size_t number)
{
    for (size_t i = members->start[number]; i < members->start[number + 1]; i++) {
        ML_TRY(ml_buf_append_text(writer->dot, "    "));
        ML_TRY(write_name(writer, members->order[i]));
        ML_TRY(ml_buf_append_text(writer->dot, ";\n"));
    }
    return MLEDGER_OK;
}

static int write_cluster(const struct writer *writer, const struct members *members, size_t number)
{
    const struct ml_draw_cluster *cluster = &writer->drawing->clusters[number - 1];
    struct ml_label_line line = {
        .text = cluster->label, .max_chars = ML_LOOK_NAME_CHARS * 2, .points = ML_LOOK_NAME_POINTS};
    ML_TRY(ml_buf_printf(
        writer->dot,
        "  subgraph \"cluster_%zu\" {\n    graph [style=\"rounded%s\", "
        "color=\"%s\", penwidth=\"1\", labeljust=\"l\", id=\"cluster_%zu\", label=",
        number, cluster->dashed ? ",dashed" : "", cluster->dashed ? "#AAAAAA" : "#777777", number));
    ML_TRY(ml_label_append(&line, 1, 0, writer->dot));
    ML_TRY(ml_buf_append_text(writer->dot, ", tooltip="));
    ML_TRY(ml_text_append_quoted(cluster->label, writer->dot));
    ML_TRY(ml_buf_append_text(writer->dot, "];\n"));
    ML_TRY(write_members(writer, members, number));
    return ml_buf_append_text(writer->dot, "  }\n");
}

static int write_tick(const struct writer *writer, const struct members *members, size_t number)
{
    struct ml_label_line line = {.text = writer->drawing->ticks[number - 1],
                                 .max_chars = ML_LOOK_NAME_CHARS,
                                 .points = ML_LOOK_LEGEND_POINTS};
    ML_TRY(ml_buf_printf(writer->dot,
                         "  \"tick\t%zu\" [shape=\"plaintext\", style=\"\", class=\"tick\", "
                         "id=\"tick_%zu\", label=",
                         number, number));
    ML_TRY(ml_label_append(&line, 1, 0, writer->dot));
    ML_TRY(ml_buf_append_text(writer->dot, "];\n"));
    if (number > 1)
        ML_TRY(ml_buf_printf(writer->dot,
                             "  \"tick\t%zu\" -> \"tick\t%zu\" [style=\"dotted\", "
                             "color=\"#999999\", arrowhead=\"none\", weight=\"100\"];\n",
                             number - 1, number));
    ML_TRY(ml_buf_printf(writer->dot, "  { rank=\"same\";\n    \"tick\t%zu\";\n", number));
    ML_TRY(write_members(writer, members, number));
    return ml_buf_append_text(writer->dot, "  }\n");
}

/* ---- all of it ---- */

static int write_node(const struct writer *writer, size_t index)
{
    ML_TRY(ml_buf_append_text(writer->dot, "  "));
    ML_TRY(write_name(writer, index));
    ML_TRY(ml_buf_append_text(writer->dot, " ["));
    ML_TRY(ml_dot_node(&writer->drawing->nodes[index], index, writer->dot));
    return ml_buf_append_text(writer->dot, "];\n");
}

static int write_edge(const struct writer *writer, size_t index)
{
    const struct ml_draw_edge *edge = &writer->drawing->edges[index];
    ML_TRY(ml_buf_append_text(writer->dot, "  "));
    ML_TRY(write_name(writer, edge->from));
    ML_TRY(ml_buf_append_text(writer->dot, " -> "));
    ML_TRY(write_name(writer, edge->to));
    ML_TRY(ml_buf_append_text(writer->dot, " ["));
    ML_TRY(ml_dot_edge(writer->drawing, index, writer->dot));
    return ml_buf_append_text(writer->dot, "];\n");
}

static int write_defaults(const struct writer *writer)
{
    const struct ml_drawing *drawing = writer->drawing;
    bool ranks = drawing->tick_count && drawing->cluster_count;
    ML_TRY(ml_buf_printf(writer->dot,
                         "digraph \"mledger\" {\n"
                         "  graph [rankdir=\"LR\"%s, nodesep=\"0.25\", ranksep=\"0.45\", "
                         "ordering=\"out\", outputorder=\"edgesfirst\", bgcolor=\"#FFFFFF\", "
                         "pad=\"0.3\", charset=\"UTF-8\", fontname=\"" ML_LOOK_FONT "\", "
                         "labelloc=\"t\", labeljust=\"l\", label=",
                         ranks ? ", newrank=\"true\"" : ""));
    ML_TRY(ml_label_append_heading(drawing, writer->dot));
    return ml_buf_append_text(writer->dot,
                              "];\n"
                              "  node [fontname=\"" ML_LOOK_FONT "\"];\n"
                              "  edge [fontname=\"" ML_LOOK_FONT "\", arrowsize=\"0.7\"];\n");
}

static int write_clusters(const struct writer *writer)
{
    ML_CLEANUP(release_members) struct members members = {0};
    ML_TRY(sort_members(writer->drawing, false, &members));
    for (size_t i = 1; i <= writer->drawing->cluster_count; i++) {
        if (members.start[i] < members.start[i + 1]) /* an empty one would be drawn somewhere */
            ML_TRY(write_cluster(writer, &members, i));
    }
    return MLEDGER_OK;
}

static int write_time(const struct writer *writer)
{
    ML_CLEANUP(release_members) struct members members = {0};
    ML_TRY(sort_members(writer->drawing, true, &members));
    for (size_t i = 1; i <= writer->drawing->tick_count; i++)
        ML_TRY(write_tick(writer, &members, i));
    return MLEDGER_OK;
}

/* Nodes that no edge joins would all stand in one column. They are laid out in rows, by edges that
 * are not drawn: about one and a half times as wide as high, with nodes four times as wide as high.
 */
static size_t row_length(size_t count)
{
    size_t length = 1;
    while (length * length * 8 < count * 3)
        length++;
    return length;
}

static size_t find_alone(const struct ml_drawing *drawing, bool *alone)
{
    size_t count = 0;
    for (size_t i = 0; i < drawing->node_count; i++)
        alone[i] = !drawing->nodes[i].cluster && !drawing->nodes[i].tick;
    for (size_t i = 0; i < drawing->edge_count; i++)
        alone[drawing->edges[i].from] = alone[drawing->edges[i].to] = false;
    for (size_t i = 0; i < drawing->node_count; i++)
        count += alone[i];
    return count;
}

static int write_rows(const struct writer *writer)
{
    const struct ml_drawing *drawing = writer->drawing;
    ML_CLEANUP(ml_freep) bool *alone = ml_calloc(drawing->node_count + 1, sizeof *alone);
    size_t place = 0, before = 0;
    if (!alone)
        return ml_fail_memory();
    const size_t count = find_alone(drawing, alone), length = row_length(count);
    for (size_t i = 0; count >= ALONE_LEAST && i < drawing->node_count; i++) {
        if (!alone[i])
            continue;
        if (place++ % length) {
            ML_TRY(ml_buf_append_text(writer->dot, "  "));
            ML_TRY(write_name(writer, before));
            ML_TRY(ml_buf_append_text(writer->dot, " -> "));
            ML_TRY(write_name(writer, i));
            ML_TRY(ml_buf_append_text(writer->dot, " [style=\"invis\"];\n"));
        }
        before = i;
    }
    return MLEDGER_OK;
}

static int write_all(const struct writer *writer)
{
    ML_TRY(write_defaults(writer));
    for (size_t i = 0; i < writer->drawing->node_count; i++)
        ML_TRY(write_node(writer, i));
    ML_TRY(write_clusters(writer));
    ML_TRY(write_time(writer));
    for (size_t i = 0; i < writer->drawing->edge_count; i++)
        ML_TRY(write_edge(writer, i));
    ML_TRY(write_rows(writer));
    return ml_buf_append_text(writer->dot, "}\n");
}

int ml_draw_dot(const struct ml_drawing *drawing, struct ml_buf *dot)
{
    size_t before = dot->len;
    ML_CLEANUP(ml_freep) bool *repeated = ml_calloc(drawing->node_count, sizeof *repeated);
    if (!repeated)
        return ml_fail_memory();
    ML_TRY(find_repeated(drawing, repeated));
    struct writer writer = {drawing, repeated, dot};
    int result = write_all(&writer);
    if (result < 0)
        dot->len = before;
    return result;
}
