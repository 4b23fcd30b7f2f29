/* SPDX-License-Identifier: Apache-2.0 */
#include "export/draw_timeline.h"

#include <inttypes.h>
#include <stdio.h>

#include "export/draw_look.h"
#include "export/text_clean.h"
#include "export/time_axis.h"
#include "export/timeline_private.h"
#include "ledger/core/time.h"

/* A shorter span has no mark on its axis. */
#define SPAN_LEAST_US INT64_C(10000000)

static bool is_same_row(const struct ml_interval *a, const struct ml_interval *b)
{
    return a->model == b->model && a->kind == b->kind &&
           (a->kind == ML_INTERVAL_STAGE || strcmp(a->name, b->name) == 0) &&
           (a->kind == ML_INTERVAL_ALIAS || a->version == b->version);
}

static void note_looks(struct ml_timeline_picture *picture, const struct ml_interval *interval)
{
    picture->seen[ml_timeline_look_of(interval)] = true;
    picture->lasting |= interval->to.seq == MLEDGER_NO_SEQ;
    picture->late |= ml_timeline_is_late(&interval->from) || ml_timeline_is_late(&interval->to);
}

/* Rows that have nothing in the span are left out. */
static int find_rows(struct ml_timeline_picture *picture)
{
    const struct ml_intervals *all = picture->timeline->intervals;
    picture->rows = ml_calloc(all->count + 1, sizeof *picture->rows);
    if (!picture->rows)
        return ml_fail_memory();
    for (size_t i = 0, end; i < all->count; i = end) {
        bool shown = false;
        for (end = i; end < all->count && is_same_row(&all->list[i], &all->list[end]); end++) {
            if (!ml_timeline_shows(picture->timeline, &all->list[end]))
                continue;
            shown = true;
            note_looks(picture, &all->list[end]);
        }
        if (!shown)
            continue;
        struct ml_timeline_row *row = &picture->rows[picture->n_rows++];
        *row = (struct ml_timeline_row){.intervals = &all->list[i], .count = end - i};
        row->first = picture->n_rows == 1 || row[-1].intervals->model != row->intervals->model;
    }
    if (picture->n_rows > ML_TIMELINE_ROWS_MAX)
        return ml_fail(MLEDGER_EINVALID,
                       "a picture of %zu rows would be unreadable; --stage, --from and --to choose",
                       picture->n_rows);
    return MLEDGER_OK;
}

static int row_label(const struct ml_timeline_row *row, struct ml_buf *label)
{
    const struct ml_interval *interval = row->intervals;
    ML_CLEANUP(ml_buf_release) struct ml_buf whole = {0};
    const char *text;
    if (interval->kind == ML_INTERVAL_ALIAS)
        ML_TRY(ml_buf_printf(&whole, "@%s", interval->name));
    else if (interval->kind == ML_INTERVAL_DEPLOYMENT)
        ML_TRY(ml_buf_printf(&whole, "%s: /%" PRIu64, interval->name, interval->version));
    else
        ML_TRY(ml_buf_printf(&whole, "%s/%" PRIu64, interval->model_name, interval->version));
    ML_TRY(ml_text_end(&whole, &text));
    ML_TRY(ml_timeline_fit(text, ML_LOOK_NAME_CHARS, label));
    return ml_text_end(label, &text);
}

/* ---- layout ---- */

static int measure_labels(struct ml_timeline_picture *picture)
{
    picture->label_width = LABEL_LEAST;
    for (size_t i = 0; i < picture->n_rows; i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf label = {0};
        ML_TRY(row_label(&picture->rows[i], &label));
        int width = ml_timeline_pixels((const char *)label.data, NAME_POINTS) + MARGIN;
        picture->label_width = width > picture->label_width ? width : picture->label_width;
    }
    picture->plot_left = MARGIN + picture->label_width;
    picture->width = picture->plot_left + PLOT_WIDTH + 2 * MARGIN;
    return MLEDGER_OK;
}

static void place_rows(struct ml_timeline_picture *picture, size_t n_titles)
{
    int top = MARGIN + (int)n_titles * LINE_HEIGHT + LEGEND_HEIGHT;
    picture->axis_top = top;
    top += AXIS_HEIGHT;
    for (size_t i = 0; i < picture->n_rows; i++) {
        top += picture->rows[i].first ? GROUP_HEIGHT : 0;
        picture->rows[i].top = top;
        top += ROW_HEIGHT;
    }
    picture->height = top + AXIS_HEIGHT + MARGIN;
}

/* ---- SVG ---- */

static int draw_text(struct ml_timeline_picture *picture, int x, int y, const char *attributes,
                     const char *text, size_t max_chars)
{
    ML_TRY(ml_buf_printf(picture->svg, "<text x=\"%d\" y=\"%d\"%s>", x, y, attributes));
    ML_TRY(ml_timeline_escape(picture->svg, text, max_chars));
    return ml_buf_append_text(picture->svg, "</text>\n");
}

static int draw_row(struct ml_timeline_picture *picture, const struct ml_timeline_row *row)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf label = {0};
    if (row->first)
        ML_TRY(draw_text(picture, MARGIN, row->top - 8, " font-weight=\"bold\"",
                         row->intervals->model_name, ML_LOOK_NAME_CHARS));
    ML_TRY(row_label(row, &label));
    ML_TRY(ml_buf_printf(picture->svg, "<text x=\"%d\" y=\"%d\">", MARGIN + 8, row->top + 16));
    ML_TRY(ml_text_append_xml((const char *)label.data, picture->svg));
    ML_TRY(ml_buf_append_text(picture->svg, "</text>\n"));
    for (size_t i = 0; i < row->count; i++)
        if (ml_timeline_shows(picture->timeline, &row->intervals[i]))
            ML_TRY(ml_timeline_bar(picture, row, &row->intervals[i]));
    return MLEDGER_OK;
}

static int draw_axis(struct ml_timeline_picture *picture)
{
    struct ml_time_mark marks[ML_TIME_AXIS_MARKS_MAX];
    const struct ml_timeline *timeline = picture->timeline;
    size_t count = ml_time_axis(timeline->from_us, timeline->to_us, PLOT_WIDTH / MARK_ROOM, marks);
    int top = picture->axis_top + AXIS_HEIGHT, bottom = picture->height - AXIS_HEIGHT - MARGIN;
    for (size_t i = 0; i < count; i++) {
        int x = ml_timeline_x(picture, marks[i].time_us);
        ML_TRY(ml_buf_printf(picture->svg,
                             "<path d=\"M%d.%d %dV%d\" stroke=\"#DDDDDD\"/>\n"
                             "<text x=\"%d.%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n"
                             "<text x=\"%d.%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
                             X(x), top - 4, bottom + 4, X(x), top - 8, marks[i].text, X(x),
                             bottom + 17, marks[i].text));
    }
    return MLEDGER_OK;
}

/* The end of what is known. */
static int draw_as_of(struct ml_timeline_picture *picture)
{
    const struct ml_timeline *timeline = picture->timeline;
    int top = picture->axis_top + AXIS_HEIGHT, bottom = picture->height - AXIS_HEIGHT - MARGIN;
    if (timeline->as_of_us < timeline->from_us || timeline->as_of_us > timeline->to_us)
        return MLEDGER_OK;
    int x = ml_timeline_x(picture, timeline->as_of_us);
    return ml_buf_printf(picture->svg,
                         "<path d=\"M%d.%d %dV%d\" stroke=\"#000000\" stroke-dasharray=\"1 3\"/>\n",
                         X(x), top - 4, bottom + 4);
}

/* ---- legend ---- */

static int draw_legend_entry(struct ml_timeline_picture *picture, enum ml_timeline_look look, int y,
                             int *x)
{
    int height = ml_timeline_looks[look].thin ? THIN_HEIGHT : 14;
    ML_TRY(ml_timeline_shape(picture, look, *x * TENTHS, (*x + 22) * TENTHS, y - height / 2, height,
                             false));
    ML_TRY(draw_text(picture, *x + 28, y + 4, "", ml_timeline_looks[look].word, 0));
    *x += 28 + ml_timeline_pixels(ml_timeline_looks[look].word, NAME_POINTS) + 18;
    return MLEDGER_OK;
}

static int draw_legend(struct ml_timeline_picture *picture)
{
    int y = picture->axis_top - LEGEND_HEIGHT / 2, x = MARGIN;
    static const char lasting[] = "it lasts";
    for (enum ml_timeline_look look = 0; look < LOOKS; look++)
        if (picture->seen[look])
            ML_TRY(draw_legend_entry(picture, look, y, &x));
    if (picture->lasting) {
        ML_TRY(ml_buf_printf(picture->svg,
                             "<path d=\"M%d %dh15l7 7l-7 7h-15z\" fill=\"#FFFFFF\" "
                             "stroke=\"#000000\"/>\n",
                             x, y - 7));
        ML_TRY(draw_text(picture, x + 28, y + 4, "", lasting, 0));
        x += 28 + ml_timeline_pixels(lasting, NAME_POINTS) + 18;
    }
    if (!picture->late)
        return MLEDGER_OK;
    ML_TRY(ml_buf_printf(picture->svg,
                         "<path d=\"M%d %dl5 5l-5 5l-5 -5z\" fill=\"#FFFFFF\" "
                         "stroke=\"" ML_LOOK_HIGHLIGHT "\" stroke-width=\"1.5\"/>\n",
                         x + 5, y - 5));
    return draw_text(picture, x + 16, y + 4, "", "claimed time of a record", 0);
}

/* ---- all of it ---- */

static int draw_description(struct ml_timeline_picture *picture, const struct ml_drawing *titles)
{
    struct ml_buf *svg = picture->svg;
    ML_TRY(ml_buf_printf(svg, "<title id=\"%s_title\">", picture->id));
    ML_TRY(ml_timeline_escape(svg, titles->titles[0], 0));
    ML_TRY(ml_buf_printf(svg, "</title>\n<desc id=\"%s_desc\">", picture->id));
    for (size_t i = 1; i < titles->title_count; i++) {
        ML_TRY(ml_timeline_escape(svg, titles->titles[i], 0));
        ML_TRY(ml_buf_append_text(svg, ". "));
    }
    for (size_t i = 0; i < picture->n_rows; i++)
        for (size_t k = 0; k < picture->rows[i].count; k++) {
            const struct ml_interval *interval = &picture->rows[i].intervals[k];
            char from[ML_TIME_TEXT_SIZE];
            if (!ml_timeline_shows(picture->timeline, interval) || i > 20)
                continue;
            ML_TRY(ml_time_format(interval->from.recorded_us, from));
            ML_TRY(ml_timeline_escape(svg, interval->model_name, ML_LOOK_NAME_CHARS));
            ML_TRY(ml_buf_printf(svg, "/%" PRIu64 " %s ", interval->version,
                                 ml_interval_kind_name(interval->kind)));
            ML_TRY(ml_timeline_escape(svg, interval->name, ML_LOOK_NAME_CHARS));
            ML_TRY(ml_buf_printf(svg, " since %.10s. ", from));
        }
    return ml_buf_append_text(svg, "</desc>\n");
}

static int draw_head(struct ml_timeline_picture *picture, const struct ml_drawing *titles)
{
    ML_TRY(ml_buf_printf(picture->svg,
                         "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
                         "viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"%s_title %s_desc\" "
                         "font-family=\"" ML_LOOK_FONT
                         ",Arial,sans-serif\" font-size=\"%d\" fill=\"#000000\">\n",
                         picture->width, picture->height, picture->width, picture->height,
                         picture->id, picture->id, NAME_POINTS));
    ML_TRY(draw_description(picture, titles));
    ML_TRY(ml_buf_printf(picture->svg, "<rect width=\"%d\" height=\"%d\" fill=\"#FFFFFF\"/>\n",
                         picture->width, picture->height));
    for (size_t i = 0; i < titles->title_count; i++) {
        char attributes[64];
        snprintf(attributes, sizeof attributes, " font-size=\"%d\"%s",
                 i ? NAME_POINTS : TITLE_POINTS, i ? "" : " font-weight=\"bold\"");
        ML_TRY(draw_text(picture, MARGIN, MARGIN + ((int)i + 1) * LINE_HEIGHT - 4, attributes,
                         titles->titles[i], ML_LOOK_TITLE_CHARS));
    }
    return MLEDGER_OK;
}

static int draw(struct ml_timeline_picture *picture, const struct ml_drawing *titles)
{
    ML_TRY(find_rows(picture));
    ML_TRY(measure_labels(picture));
    place_rows(picture, titles->title_count);
    ML_TRY(draw_head(picture, titles));
    ML_TRY(draw_legend(picture));
    ML_TRY(draw_axis(picture));
    ML_TRY(draw_as_of(picture));
    for (size_t i = 0; i < picture->n_rows; i++)
        ML_TRY(draw_row(picture, &picture->rows[i]));
    return ml_buf_append_text(picture->svg, "</svg>\n");
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* What was imported was found all at once, and long after it claims to have been. */
struct ml_timeline ml_timeline_of(const struct ml_intervals *intervals, int64_t as_of_us)
{
    struct ml_timeline timeline = {
        .intervals = intervals, .from_us = as_of_us, .to_us = as_of_us, .as_of_us = as_of_us};
    for (size_t i = 0; i < intervals->count; i++) {
        const struct ml_change *from = &intervals->list[i].from;
        timeline.from_us = earlier(timeline.from_us, from->recorded_us);
        if (ml_timeline_is_late(from))
            timeline.from_us = earlier(timeline.from_us, from->claimed_us);
    }
    if (timeline.to_us - timeline.from_us < SPAN_LEAST_US)
        timeline.from_us = timeline.to_us > SPAN_LEAST_US ? timeline.to_us - SPAN_LEAST_US : 0;
    if (timeline.from_us == timeline.to_us)
        timeline.to_us++;
    return timeline;
}

int ml_draw_timeline(const struct ml_timeline *timeline, const struct ml_draw_frame *frame,
                     const char *id, struct ml_buf *svg)
{
    ML_CLEANUP(ml_drawing_release) struct ml_drawing titles;
    struct ml_timeline_picture picture = {
        .timeline = timeline, .frame = frame, .id = id, .svg = svg};
    ml_drawing_init(&titles);
    ML_TRY(ml_draw_frame(frame, &titles));
    int result = draw(&picture, &titles);
    free(picture.rows);
    return result;
}
