/* SPDX-License-Identifier: Apache-2.0 */
#include "export/draw_dot.h"

#include <inttypes.h>

#include "export/draw_label.h"
#include "export/draw_look.h"
#include "export/text_clean.h"

#define SEQS_IN_LABEL ((size_t)2)
#define SEQS_IN_TOOLTIP ((size_t)50)

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

/* ---- nodes ---- */

static int write_tooltip(struct ml_buf *text, struct ml_buf *dot)
{
    const char *shown;
    ML_TRY(ml_text_end(text, &shown));
    ML_TRY(ml_buf_append_text(dot, ", tooltip="));
    return ml_text_append_quoted(shown, dot);
}

/* "★ ⚠ + dataset" */
static int append_caption(const struct ml_draw_node *node, struct ml_buf *buf)
{
    if (node->start)
        ML_TRY(ml_buf_append_text(buf, ML_LOOK_START_SIGN " "));
    if (node->highlighted)
        ML_TRY(ml_buf_append_text(buf, ML_LOOK_HIGHLIGHT_SIGN " "));
    if (node->change != ML_DRAW_UNCHANGED)
        ML_TRY(ml_buf_printf(buf, "%s ", ml_look_change(node->change)->sign));
    return ml_buf_append_text(buf, ml_draw_kind_word(node->kind));
}

static int write_node_label(const struct ml_draw_node *node, struct ml_buf *dot)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf caption = {0};
    struct ml_label_line lines[1 + ML_DRAW_LINES];
    const char *shown;
    size_t count = 1;
    ML_TRY(append_caption(node, &caption));
    ML_TRY(ml_text_end(&caption, &shown));
    lines[0] = (struct ml_label_line){
        .text = shown, .max_chars = ML_LOOK_NAME_CHARS, .points = ML_LOOK_SMALL_POINTS};
    for (size_t i = 0; i < ML_DRAW_LINES; i++) {
        if (!node->lines[i] || !*node->lines[i])
            continue;
        bool first = count == 1;
        bool extent = node->kind == ML_DRAW_GROUP; /* what all have in common may be long */
        lines[count++] =
            (struct ml_label_line){.text = node->lines[i],
                                   .max_chars = extent ? ML_LOOK_EXTENT_CHARS : ML_LOOK_NAME_CHARS,
                                   .points = first ? ML_LOOK_NAME_POINTS : ML_LOOK_LEGEND_POINTS,
                                   .bold = first};
    }
    ML_TRY(ml_buf_append_text(dot, ", label="));
    return ml_label_append(lines, count, ml_look_kind(node->kind)->lid, dot);
}

/* "dataset: credit-apps, 2026-02; sha256:a2e9…" with everything in full. */
static int write_node_tooltip(const struct ml_draw_node *node, struct ml_buf *dot)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    const char *before = ": ";
    ML_TRY(ml_buf_append_text(&text, ml_draw_kind_word(node->kind)));
    for (size_t i = 0; i < ML_DRAW_LINES; i++) {
        if (!node->lines[i] || !*node->lines[i])
            continue;
        ML_TRY(ml_buf_append_text(&text, before));
        ML_TRY(ml_buf_append_text(&text, node->lines[i]));
        before = ", ";
    }
    if (node->tooltip) {
        ML_TRY(ml_buf_append_text(&text, "; "));
        ML_TRY(ml_buf_append_text(&text, node->tooltip));
    }
    return write_tooltip(&text, dot);
}

static const char *border_of(const struct ml_draw_node *node)
{
    if (node->highlighted)
        return ML_LOOK_HIGHLIGHT;
    return node->dimmed ? "#AAAAAA" : ml_look_change(node->change)->line;
}

static int write_node_look(const struct ml_draw_node *node, struct ml_buf *dot)
{
    const struct ml_look_kind *look = ml_look_kind(node->kind);
    bool dashed = ml_look_change(node->change)->dashed && node->kind != ML_DRAW_GROUP;
    const char *width = "1";
    if (node->highlighted || node->start)
        width = "3";
    else if (node->change != ML_DRAW_UNCHANGED)
        width = "2";
    return ml_buf_printf(
        dot,
        "shape=\"%s\", style=\"%s%s\", fillcolor=\"%s\", fontcolor=\"%s\", "
        "color=\"%s\", penwidth=\"%s\", margin=\"%s\"",
        look->shape, look->style, dashed ? ",dashed" : "", node->dimmed ? "#FFFFFF" : look->fill,
        node->dimmed ? "#444444" : look->text, border_of(node), width, look->margin);
}

static int write_node_class(const struct ml_draw_node *node, struct ml_buf *dot)
{
    ML_TRY(ml_buf_append_text(dot, ", class=\""));
    for (const char *c = ml_draw_kind_word(node->kind); *c; c++)
        ML_TRY(ml_buf_append_char(dot, *c == ' ' ? '_' : *c));
    return ml_buf_printf(dot, "%s%s%s%s%s\"", node->start ? " start" : "",
                         node->highlighted ? " highlighted" : "", node->dimmed ? " dimmed" : "",
                         node->change ? " " : "", ml_look_change(node->change)->word);
}

static int write_node(const struct writer *writer, size_t index)
{
    const struct ml_draw_node *node = &writer->drawing->nodes[index];
    struct ml_buf *dot = writer->dot;
    ML_TRY(ml_buf_append_text(dot, "  "));
    ML_TRY(write_name(writer, index));
    ML_TRY(ml_buf_append_text(dot, " ["));
    ML_TRY(write_node_look(node, dot));
    ML_TRY(write_node_label(node, dot));
    ML_TRY(write_node_tooltip(node, dot));
    if (node->anchor) {
        ML_TRY(ml_buf_append_text(dot, ", URL=\""));
        ML_TRY(ml_text_append_fragment(node->anchor, dot));
        ML_TRY(ml_buf_append_char(dot, '"'));
    }
    ML_TRY(ml_buf_printf(dot, ", id=\"node_%zu\"", index));
    ML_TRY(write_node_class(node, dot));
    return ml_buf_append_text(dot, "];\n");
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

/* ---- edges ---- */

static int append_seqs(const struct ml_draw_edge *edge, size_t most, const char *separator,
                       struct ml_buf *buf)
{
    for (size_t i = 0; i < edge->seq_count && i < most; i++)
        ML_TRY(ml_buf_printf(buf, "%s#%" PRIu64, i ? separator : "", edge->seqs[i]));
    if (edge->seq_count > most)
        ML_TRY(ml_buf_printf(buf, " +%zu", edge->seq_count - most));
    return MLEDGER_OK;
}

static int append_role(const struct ml_draw_edge *edge, struct ml_buf *buf)
{
    const char *label = edge->label ? edge->label : "";
    if (edge->change != ML_DRAW_UNCHANGED)
        ML_TRY(ml_buf_printf(buf, "%s ", ml_look_change(edge->change)->sign));
    ML_TRY(ml_text_shorten(label, ML_LOOK_NAME_CHARS, buf));
    if (edge->times <= 1)
        return MLEDGER_OK;
    return ml_buf_printf(buf, "%s\xc3\x97%zu", *label ? " " : "", edge->times); /* U+00D7 */
}

/* "training ×37", and below it "#1230 #1231 +35". */
static int write_edge_label(const struct ml_draw_edge *edge, struct ml_buf *dot)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf role = {0}, seqs = {0};
    struct ml_label_line lines[2];
    size_t count = 0;
    ML_TRY(append_role(edge, &role));
    ML_TRY(append_seqs(edge, SEQS_IN_LABEL, " ", &seqs));
    struct ml_buf *texts[] = {&role, &seqs};
    for (size_t i = 0; i < ML_COUNT(texts); i++) {
        if (!texts[i]->len)
            continue;
        lines[count] = (struct ml_label_line){.max_chars = ML_LOOK_NAME_CHARS * 2,
                                              .points = ML_LOOK_SMALL_POINTS};
        ML_TRY(ml_text_end(texts[i], &lines[count++].text));
    }
    if (!count)
        return MLEDGER_OK;
    ML_TRY(ml_buf_append_text(dot, ", label="));
    return ml_label_append(lines, count, 0, dot);
}

static int write_edge_tooltip(const struct ml_drawing *drawing, const struct ml_draw_edge *edge,
                              struct ml_buf *dot)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(ml_buf_printf(&text, "%s: %s%s%s \xe2\x86\x92 %s", ml_look_edge(edge->style)->word,
                         edge->label ? edge->label : "", edge->label ? ", " : "",
                         drawing->nodes[edge->from].name, drawing->nodes[edge->to].name));
    if (edge->seq_count)
        ML_TRY(ml_buf_printf(&text, "; record%s ", edge->seq_count > 1 ? "s" : ""));
    ML_TRY(append_seqs(edge, SEQS_IN_TOOLTIP, ", ", &text));
    return write_tooltip(&text, dot);
}

static int write_edge(const struct writer *writer, size_t index)
{
    const struct ml_draw_edge *edge = &writer->drawing->edges[index];
    const struct ml_look_change *change = ml_look_change(edge->change);
    struct ml_buf *dot = writer->dot;
    const char *color = edge->change ? change->line : ML_LOOK_LINE;
    ML_TRY(ml_buf_append_text(dot, "  "));
    ML_TRY(write_name(writer, edge->from));
    ML_TRY(ml_buf_append_text(dot, " -> "));
    ML_TRY(write_name(writer, edge->to));
    ML_TRY(ml_buf_printf(
        dot, " [style=\"%s\", color=\"%s\", penwidth=\"%s\"", ml_look_edge(edge->style)->style,
        edge->highlighted ? ML_LOOK_HIGHLIGHT : color, edge->highlighted ? "2.5" : "1.2"));
    ML_TRY(write_edge_label(edge, dot));
    ML_TRY(write_edge_tooltip(writer->drawing, edge, dot));
    static const char *const classes[] = {"recorded", "same_content", "inferred"};
    return ml_buf_printf(dot, ", id=\"edge_%zu\", class=\"%s%s%s%s\"];\n", index,
                         classes[edge->style], edge->highlighted ? " highlighted" : "",
                         edge->change ? " " : "", change->word);
}

/* ---- all of it ---- */

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

static int write_all(const struct writer *writer)
{
    ML_TRY(write_defaults(writer));
    for (size_t i = 0; i < writer->drawing->node_count; i++)
        ML_TRY(write_node(writer, i));
    ML_TRY(write_clusters(writer));
    ML_TRY(write_time(writer));
    for (size_t i = 0; i < writer->drawing->edge_count; i++)
        ML_TRY(write_edge(writer, i));
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
