/* SPDX-License-Identifier: Apache-2.0 */
#include "export/draw_attributes.h"

#include <inttypes.h>

#include "export/draw_label.h"
#include "export/draw_look.h"
#include "export/text_clean.h"

#define SEQS_IN_LABEL ((size_t)2)
#define SEQS_IN_TOOLTIP ((size_t)50)

static int write_tooltip(struct ml_buf *text, struct ml_buf *dot)
{
    const char *shown;
    ML_TRY(ml_text_end(text, &shown));
    ML_TRY(ml_buf_append_text(dot, ", tooltip="));
    return ml_text_append_quoted(shown, dot);
}

/* ---- nodes ---- */

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

int ml_dot_node(const struct ml_draw_node *node, size_t index, struct ml_buf *dot)
{
    ML_TRY(write_node_look(node, dot));
    ML_TRY(write_node_label(node, dot));
    ML_TRY(write_node_tooltip(node, dot));
    if (node->anchor) {
        ML_TRY(ml_buf_append_text(dot, ", URL=\""));
        ML_TRY(ml_text_append_fragment(node->anchor, dot));
        ML_TRY(ml_buf_append_char(dot, '"'));
    }
    ML_TRY(ml_buf_printf(dot, ", id=\"node_%zu\"", index));
    return write_node_class(node, dot);
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

/* "training ×37", and below it "#1230 #1231 +35"; but not what the legend says of every line. */
static int write_edge_label(const struct ml_drawing *drawing, const struct ml_draw_edge *edge,
                            struct ml_buf *dot)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf role = {0}, seqs = {0};
    struct ml_label_line lines[2];
    size_t count = 0;
    ML_TRY(append_role(edge, &role));
    if (!drawing->has_record)
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
    if (edge->tooltip)
        ML_TRY(ml_buf_printf(&text, "; %s", edge->tooltip));
    return write_tooltip(&text, dot);
}

int ml_dot_edge(const struct ml_drawing *drawing, size_t index, struct ml_buf *dot)
{
    static const char *const classes[] = {"recorded", "same_content", "inferred"};
    const struct ml_draw_edge *edge = &drawing->edges[index];
    const struct ml_look_change *change = ml_look_change(edge->change);
    const char *color = edge->change ? change->line : ML_LOOK_LINE;
    ML_TRY(ml_buf_printf(
        dot, "style=\"%s\", color=\"%s\", penwidth=\"%s\"", ml_look_edge(edge->style)->style,
        edge->highlighted ? ML_LOOK_HIGHLIGHT : color, edge->highlighted ? "2.5" : "1.2"));
    ML_TRY(write_edge_label(drawing, edge, dot));
    ML_TRY(write_edge_tooltip(drawing, edge, dot));
    return ml_buf_printf(dot, ", id=\"edge_%zu\", class=\"%s%s%s%s\"", index, classes[edge->style],
                         edge->highlighted ? " highlighted" : "", edge->change ? " " : "",
                         change->word);
}
