/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The heading of a picture: its title, what was folded, and a legend of what occurs in it. All of
 * it is the graph's label, so that it takes no part in the layout.
 */
#include "export/draw_label.h"

#include <inttypes.h>
#include <stdio.h>

#include "export/draw_look.h"
#include "export/text_clean.h"

#define TABLE(spacing, padding)                                                                    \
    "<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"" #spacing "\" CELLPADDING=\"" #padding    \
    "\">"

/* A row of the legend is a table of its own. What a long title leaves over is shared out evenly
 * among the columns: these take nearly all of it, so that the legend stays together. */
#define AIR4 "<TD></TD><TD></TD><TD></TD><TD></TD>"
#define ROW_BEGIN "<TR><TD>" TABLE(0, 0) "<TR><TD>" TABLE(4, 2) "<TR>"
#define ROW_END "</TR></TABLE></TD>" AIR4 AIR4 AIR4 AIR4 AIR4 AIR4 "</TR></TABLE></TD></TR>"

/* What the drawing shows, and so the legend explains. */
struct seen {
    bool kinds[ML_DRAW_KINDS], styles[ML_DRAW_EDGE_STYLES], changes[ML_DRAW_CHANGES];
    bool start, highlighted, dimmed, seqs;
};

static void look_around(const struct ml_drawing *drawing, struct seen *ret_seen)
{
    struct seen seen = {0};
    for (size_t i = 0; i < drawing->node_count; i++) {
        const struct ml_draw_node *node = &drawing->nodes[i];
        seen.kinds[node->kind] = seen.changes[node->change] = true;
        seen.start |= node->start;
        seen.highlighted |= node->highlighted;
        seen.dimmed |= node->dimmed;
    }
    for (size_t i = 0; i < drawing->edge_count; i++) {
        const struct ml_draw_edge *edge = &drawing->edges[i];
        seen.styles[edge->style] = seen.changes[edge->change] = true;
        seen.seqs |= edge->seq_count > 0;
    }
    *ret_seen = seen;
}

static struct ml_label_line legend_line(const char *text)
{
    return (struct ml_label_line){
        .text = text, .max_chars = ML_LOOK_TITLE_CHARS, .points = ML_LOOK_LEGEND_POINTS};
}

static int append_text_cell(const char *text, struct ml_buf *buf)
{
    struct ml_label_line line = legend_line(text);
    return ml_label_append_cell(&line, "", buf);
}

static int append_kind(enum ml_draw_kind kind, struct ml_buf *buf)
{
    const struct ml_look_kind *look = ml_look_kind(kind);
    char attributes[64];
    snprintf(attributes, sizeof attributes, " BGCOLOR=\"%s\" BORDER=\"1\" COLOR=\"#888888\"",
             look->fill);
    struct ml_label_line line = legend_line(ml_draw_kind_word(kind));
    line.color = look->text;
    return ml_label_append_cell(&line, attributes, buf);
}

static int append_kinds(const struct seen *seen, struct ml_buf *buf)
{
    ML_TRY(ml_buf_append_text(buf, ROW_BEGIN));
    for (enum ml_draw_kind kind = 0; kind < ML_DRAW_KINDS; kind++) {
        if (seen->kinds[kind])
            ML_TRY(append_kind(kind, buf));
    }
    return ml_buf_append_text(buf, ROW_END);
}

/* A short line of that style, drawn as the lower border of an empty cell, and its word. */
static int append_style(enum ml_draw_edge_style style, struct ml_buf *buf)
{
    const struct ml_look_edge *look = ml_look_edge(style);
    ML_TRY(ml_buf_printf(
        buf,
        "<TD>" TABLE(0, 0) "<TR><TD WIDTH=\"30\" HEIGHT=\"5\" FIXEDSIZE=\"TRUE\" BORDER=\"1\" "
                           "SIDES=\"B\" STYLE=\"%s\" COLOR=\"%s\"></TD></TR><TR><TD WIDTH=\"30\" "
                           "HEIGHT=\"4\" FIXEDSIZE=\"TRUE\"></TD></TR></TABLE></TD>",
        look->style, ML_LOOK_LINE));
    return append_text_cell(look->word, buf);
}

static int append_meaning(const char *sign, const char *meaning, struct ml_buf *buf)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    const char *shown;
    ML_TRY(ml_buf_printf(&text, "%s %s", sign, meaning));
    ML_TRY(ml_text_end(&text, &shown));
    return append_text_cell(shown, buf);
}

static int append_record(const struct ml_drawing *drawing, const struct seen *seen,
                         struct ml_buf *buf)
{
    char sign[32];
    if (!drawing->has_record)
        return seen->seqs ? append_meaning("#12", "record that says so", buf) : MLEDGER_OK;
    snprintf(sign, sizeof sign, "#%" PRIu64, drawing->record);
    return append_meaning(sign, "says so of every line", buf);
}

static int append_signs(const struct ml_drawing *drawing, const struct seen *seen,
                        struct ml_buf *buf)
{
    if (seen->start)
        ML_TRY(append_meaning(ML_LOOK_START_SIGN, "asked for", buf));
    if (seen->highlighted) {
        const char *meaning = drawing->highlighted ? drawing->highlighted : "highlighted";
        ML_TRY(append_meaning(ML_LOOK_HIGHLIGHT_SIGN " thick orange:", meaning, buf));
    }
    if (seen->dimmed)
        ML_TRY(append_meaning("grey:", "for context", buf));
    for (enum ml_draw_change change = ML_DRAW_ADDED; change < ML_DRAW_CHANGES; change++) {
        const struct ml_look_change *look = ml_look_change(change);
        if (seen->changes[change])
            ML_TRY(append_meaning(look->sign, look->word, buf));
    }
    return append_record(drawing, seen, buf);
}

static int append_lines(const struct ml_drawing *drawing, const struct seen *seen,
                        struct ml_buf *buf)
{
    size_t before = buf->len;
    ML_TRY(ml_buf_append_text(buf, ROW_BEGIN));
    size_t empty = buf->len;
    for (enum ml_draw_edge_style style = 0; style < ML_DRAW_EDGE_STYLES; style++) {
        if (seen->styles[style])
            ML_TRY(append_style(style, buf));
    }
    ML_TRY(append_signs(drawing, seen, buf));
    if (buf->len == empty) { /* a row without cells is a syntax error */
        buf->len = before;
        return MLEDGER_OK;
    }
    return ml_buf_append_text(buf, ROW_END);
}

static int append_titles(const struct ml_drawing *drawing, struct ml_buf *buf)
{
    const char *texts[ML_DRAW_TITLES_MAX + 1];
    size_t count = drawing->title_count;
    memcpy(texts, drawing->titles, sizeof drawing->titles);
    if (drawing->folded)
        texts[count++] = drawing->folded;
    for (size_t i = 0; i < count; i++) {
        struct ml_label_line line = {.text = texts[i],
                                     .max_chars = ML_LOOK_TITLE_CHARS,
                                     .points = i ? ML_LOOK_NAME_POINTS : ML_LOOK_TITLE_POINTS,
                                     .bold = i == 0,
                                     .left = true};
        ML_TRY(ml_buf_append_text(buf, "<TR>"));
        ML_TRY(ml_label_append_cell(&line, "", buf));
        ML_TRY(ml_buf_append_text(buf, "</TR>"));
    }
    return MLEDGER_OK;
}

int ml_label_append_heading(const struct ml_drawing *drawing, struct ml_buf *buf)
{
    struct seen seen;
    look_around(drawing, &seen);
    ML_TRY(ml_buf_append_text(buf, "<" TABLE(0, 2)));
    size_t empty = buf->len;
    ML_TRY(append_titles(drawing, buf));
    if (drawing->legend && drawing->node_count) {
        ML_TRY(append_kinds(&seen, buf));
        ML_TRY(append_lines(drawing, &seen, buf));
    }
    if (buf->len == empty)
        ML_TRY(ml_buf_append_text(buf, "<TR><TD></TD></TR>"));
    return ml_buf_append_text(buf, "</TABLE>>");
}
