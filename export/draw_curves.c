/* SPDX-License-Identifier: Apache-2.0 */
#include "export/draw_curves.h"

#include <math.h>
#include <stdio.h>

#include "export/text_clean.h"

/* Sizes in pixels. */
enum {
    WIDTH = 760,
    LEFT = 86,
    PLOT_WIDTH = 640,
    PLOT_HEIGHT = 180,
    HEAD = 76,        /* above the first panel */
    PANEL_HEAD = 30,  /* its name */
    PANEL_FOOT = 34,  /* the steps below it */
    LEGEND_LINE = 16, /* each line's */
    TICKS = 5,
    NAME_CHARS = 60,
    TITLE_CHARS = 100,
};

struct look {
    const char *color, *dash;
};
/* Okabe and Ito, without yellow, which is too light on white for a line. */
static const struct look looks[] = {
    {"#0072B2", ""},    {"#D55E00", "6,3"},  {"#009E73", "2,2"}, {"#CC79A7", "8,3,2,3"},
    {"#E69F00", "4,2"}, {"#56B4E9", "10,3"}, {"#000000", "1,3"},
};

/* What a panel shows: the curves from first to before end, all of one metric. */
struct panel {
    const struct ml_curve *curves;
    size_t count;
    double x_min, x_max, y_min, y_max;
    bool empty;    /* nothing in it can be drawn */
    bool one_step; /* all that is drawn is of one: then the curves stand side by side */
    double step;   /* that one */
    size_t gaps;
    size_t top; /* pixels from the top of the picture */
};

/* ---- text ---- */

static int append_text(const char *text, size_t chars, struct ml_buf *svg)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf clean = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf shown = {0};
    const char *lent;
    ML_TRY(ml_text_clean(text, strlen(text), &clean));
    ML_TRY(ml_text_end(&clean, &lent));
    ML_TRY(ml_text_shorten(lent, chars, &shown));
    ML_TRY(ml_text_end(&shown, &lent));
    return ml_text_append_xml(lent, svg);
}

static int text_at(double x, double y, const char *attributes, const char *text, size_t chars,
                   struct ml_buf *svg)
{
    ML_TRY(ml_buf_printf(svg, "<text x=\"%.1f\" y=\"%.1f\"%s>", x, y, attributes));
    ML_TRY(append_text(text, chars, svg));
    return ml_buf_append_text(svg, "</text>\n");
}

/* ---- what can be drawn ---- */

static bool is_drawn(const struct ml_curve_point *point)
{
    return point->known && isfinite(point->value);
}

static void include(struct panel *panel, const struct ml_curve_point *point)
{
    double x = (double)point->step, y = point->value;
    panel->x_min = panel->empty || x < panel->x_min ? x : panel->x_min;
    panel->x_max = panel->empty || x > panel->x_max ? x : panel->x_max;
    panel->y_min = panel->empty || y < panel->y_min ? y : panel->y_min;
    panel->y_max = panel->empty || y > panel->y_max ? y : panel->y_max;
    panel->empty = false;
}

/* One value needs room around it. */
static void widen(double *low, double *high)
{
    if (*low < *high)
        return;
    double room = *low == 0 ? 1 : fabs(*low) / 10;
    *low = *low > -1e300 ? *low - room : *low;
    *high = *high < 1e300 ? *high + room : *high;
}

/* The lowest and the highest point do not lie on the frame. Halves, because the difference of two
 * doubles may be more than a double holds. */
static void pad(double *low, double *high)
{
    double room = (*high / 2 - *low / 2) / 12;
    *low = *low > -1e300 ? *low - room : *low;
    *high = *high < 1e300 ? *high + room : *high;
}

static void measure(struct panel *panel)
{
    panel->empty = true;
    for (size_t i = 0; i < panel->count; i++)
        for (size_t k = 0; k < panel->curves[i].count; k++) {
            if (is_drawn(&panel->curves[i].points[k]))
                include(panel, &panel->curves[i].points[k]);
            else
                panel->gaps++;
        }
    panel->one_step = panel->x_min >= panel->x_max;
    panel->step = panel->x_min;
    widen(&panel->x_min, &panel->x_max);
    widen(&panel->y_min, &panel->y_max);
    pad(&panel->y_min, &panel->y_max);
}

static double part(double value, double low, double high)
{
    double range = high / 2 - low / 2;
    return range > 0 ? (value / 2 - low / 2) / range : 0.5;
}

static double x_of(const struct panel *panel, double step)
{
    return LEFT + PLOT_WIDTH * part(step, panel->x_min, panel->x_max);
}

static double y_of(const struct panel *panel, double value)
{
    return (double)panel->top + PANEL_HEAD +
           PLOT_HEIGHT * (1 - part(value, panel->y_min, panel->y_max));
}

/* ---- axes ---- */

/* The round number (1, 2 or 5 times a power of ten) that parts the range into about TICKS. */
static double tick_width(double low, double high)
{
    double rough = (high / 2 - low / 2) / TICKS * 2;
    double power = pow(10, floor(log10(rough))), times = rough / power;
    return (times < 1.5 ? 1 : times < 3.5 ? 2 : times < 7.5 ? 5 : 10) * power;
}

static int append_ticks(const struct panel *panel, bool across, struct ml_buf *svg)
{
    double low = across ? panel->x_min : panel->y_min, high = across ? panel->x_max : panel->y_max;
    double width = tick_width(low, high), bottom = (double)panel->top + PANEL_HEAD + PLOT_HEIGHT;
    double first = ceil(low / width);
    if (!isfinite(width) || !(width > 0) || !isfinite(first))
        return MLEDGER_OK;
    for (int i = 0; i <= 2 * TICKS; i++) {
        double value = (first + i) * width;
        char text[32];
        if (value > high)
            break;
        if (across && (value != floor(value) || (panel->one_step && value != panel->step)))
            continue; /* there is no half of a step */
        snprintf(text, sizeof text, "%.6g", value == 0 ? 0 : value);
        double x = across ? x_of(panel, value) : LEFT, y = across ? bottom : y_of(panel, value);
        ML_TRY(ml_buf_printf(svg, "<path class=\"grid\" d=\"M%.1f,%.1f%s%.1f\"/>\n", x,
                             across ? bottom - PLOT_HEIGHT : y, across ? "V" : "H",
                             across ? bottom : (double)LEFT + PLOT_WIDTH));
        ML_TRY(text_at(across ? x : x - 6, across ? y + 14 : y + 3.5,
                       across ? " class=\"tick\" text-anchor=\"middle\""
                              : " class=\"tick\" text-anchor=\"end\"",
                       text, NAME_CHARS, svg));
    }
    return MLEDGER_OK;
}

static int append_axes(const struct panel *panel, struct ml_buf *svg)
{
    ML_TRY(append_ticks(panel, false, svg));
    ML_TRY(append_ticks(panel, true, svg));
    ML_TRY(ml_buf_printf(svg, "<path class=\"axis\" d=\"M%d,%zuV%zuH%d\"/>\n", LEFT,
                         panel->top + PANEL_HEAD, panel->top + PANEL_HEAD + PLOT_HEIGHT,
                         LEFT + PLOT_WIDTH));
    return text_at(LEFT + PLOT_WIDTH, (double)panel->top + PANEL_HEAD + PLOT_HEIGHT + 28,
                   " class=\"tick\" text-anchor=\"end\"", "step", NAME_CHARS, svg);
}

/* ---- lines ---- */

/* A line on its way: where it is interrupted it begins anew. */
struct pen {
    const struct panel *panel;
    struct ml_buf *svg;
    bool down;
    size_t drawn;
};

static int draw_to(struct pen *pen, const struct ml_curve_point *point)
{
    const char *command = pen->down ? "L" : "M";
    pen->drawn++;
    pen->down = true;
    return ml_buf_printf(pen->svg, "%s%.1f,%.1f", command, x_of(pen->panel, (double)point->step),
                         y_of(pen->panel, point->value));
}

static size_t column_of(const struct panel *panel, const struct ml_curve_point *point)
{
    double at = part((double)point->step, panel->x_min, panel->x_max) * ML_CURVES_COLUMNS;
    return at >= ML_CURVES_COLUMNS ? ML_CURVES_COLUMNS - 1 : (size_t)at;
}

/* The points from `from` to before `to` lie in one column and have no gap between them: the first,
 * lowest, highest and last, in their order. */
static int draw_column(struct pen *pen, const struct ml_curve *curve, size_t from, size_t to)
{
    size_t low = from, high = from;
    for (size_t i = from; i < to; i++) {
        low = curve->points[i].value < curve->points[low].value ? i : low;
        high = curve->points[i].value > curve->points[high].value ? i : high;
    }
    size_t chosen[] = {from, low < high ? low : high, low < high ? high : low, to - 1};
    for (size_t i = 0; i < ML_COUNT(chosen); i++)
        if (i == 0 || chosen[i] != chosen[i - 1])
            ML_TRY(draw_to(pen, &curve->points[chosen[i]]));
    return MLEDGER_OK;
}

static int draw_thinned(struct pen *pen, const struct ml_curve *curve)
{
    for (size_t i = 0, end; i < curve->count; i = end) {
        end = i + 1;
        if (!is_drawn(&curve->points[i])) {
            pen->down = false;
            continue;
        }
        size_t column = column_of(pen->panel, &curve->points[i]);
        while (end < curve->count && is_drawn(&curve->points[end]) &&
               column_of(pen->panel, &curve->points[end]) == column)
            end++;
        ML_TRY(draw_column(pen, curve, i, end));
    }
    return MLEDGER_OK;
}

static int draw_all(struct pen *pen, const struct ml_curve *curve)
{
    for (size_t i = 0; i < curve->count; i++) {
        if (is_drawn(&curve->points[i]))
            ML_TRY(draw_to(pen, &curve->points[i]));
        else
            pen->down = false;
    }
    return MLEDGER_OK;
}

static bool is_thinned(const struct ml_curve *curve)
{
    return curve->count > 4 * ML_CURVES_COLUMNS;
}

/* What stands alone between gaps has no length: it is a dot. */
static int append_dots(const struct panel *panel, const struct ml_curve *curve,
                       const struct look *look, struct ml_buf *svg)
{
    for (size_t i = 0; i < curve->count; i++) {
        bool alone = is_drawn(&curve->points[i]) && (i == 0 || !is_drawn(&curve->points[i - 1])) &&
                     (i + 1 == curve->count || !is_drawn(&curve->points[i + 1]));
        if (alone)
            ML_TRY(ml_buf_printf(svg, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n",
                                 x_of(panel, (double)curve->points[i].step),
                                 y_of(panel, curve->points[i].value), look->color));
    }
    return MLEDGER_OK;
}

/* Final values of several runs would lie upon each other where they are equal. */
static struct panel place_beside(const struct panel *panel, size_t index)
{
    struct panel own = *panel;
    if (!panel->one_step)
        return own;
    own.x_min = panel->step - ((double)index + 0.5) / (double)panel->count;
    own.x_max = own.x_min + 1;
    return own;
}

static int append_line(const struct panel *panel, size_t index, const struct look *look,
                       struct ml_buf *svg)
{
    const struct ml_curve *curve = &panel->curves[index];
    const struct panel own = place_beside(panel, index);
    struct pen pen = {.panel = &own, .svg = svg};
    ML_TRY(ml_buf_printf(svg, "<path class=\"line\" stroke=\"%s\" stroke-dasharray=\"%s\" d=\"",
                         look->color, *look->dash ? look->dash : "none"));
    ML_TRY(is_thinned(curve) ? draw_thinned(&pen, curve) : draw_all(&pen, curve));
    ML_TRY(ml_buf_append_text(svg, pen.drawn ? "\"><title>" : "M0,0\"><title>"));
    ML_TRY(append_text(curve->of, NAME_CHARS, svg));
    ML_TRY(ml_buf_printf(svg, ", %zu point%s", curve->count, curve->count == 1 ? "" : "s"));
    if (is_thinned(curve))
        ML_TRY(ml_buf_printf(svg, ", %zu drawn", pen.drawn));
    ML_TRY(ml_buf_append_text(svg, "</title></path>\n"));
    return append_dots(&own, curve, look, svg);
}

static int append_legend(const struct panel *panel, size_t index, const struct look *look,
                         struct ml_buf *svg)
{
    const struct ml_curve *curve = &panel->curves[index];
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    double y = (double)panel->top + PANEL_HEAD + PLOT_HEIGHT + PANEL_FOOT +
               (double)(LEGEND_LINE * index) + 8;
    if (curve->count == 1)
        ML_TRY(ml_buf_printf(svg, "<circle cx=\"%d\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n",
                             LEFT + 15, y - 4, look->color));
    else
        ML_TRY(ml_buf_printf(svg,
                             "<path class=\"line\" stroke=\"%s\" stroke-dasharray=\"%s\" "
                             "d=\"M%d,%.1fh30\"/>\n",
                             look->color, *look->dash ? look->dash : "none", LEFT, y - 4));
    ML_TRY(ml_buf_printf(&text, "%s, %zu point%s%s", curve->of, curve->count,
                         curve->count == 1 ? "" : "s", is_thinned(curve) ? ", thinned" : ""));
    ML_TRY(ml_buf_append_char(&text, '\0'));
    return text_at(LEFT + 38, y, " class=\"tick\"", (char *)text.data, NAME_CHARS, svg);
}

/* ---- panels ---- */

static size_t height_of(const struct panel *panel)
{
    return PANEL_HEAD + PLOT_HEIGHT + PANEL_FOOT + (size_t)LEGEND_LINE * panel->count + 20;
}

static int append_panel(const struct panel *panel, struct ml_buf *svg)
{
    ML_TRY(text_at(LEFT, (double)panel->top + 18, " class=\"name\"", panel->curves[0].key,
                   NAME_CHARS, svg));
    if (panel->gaps) {
        char text[64];
        snprintf(text, sizeof text, "%zu not known or no finite number: gaps", panel->gaps);
        ML_TRY(text_at(LEFT + PLOT_WIDTH, (double)panel->top + 18,
                       " class=\"tick\" text-anchor=\"end\"", text, NAME_CHARS, svg));
    }
    if (!panel->empty)
        ML_TRY(append_axes(panel, svg));
    for (size_t i = 0; i < panel->count; i++) {
        const struct look *look = &looks[i % ML_COUNT(looks)];
        if (!panel->empty)
            ML_TRY(append_line(panel, i, look, svg));
        ML_TRY(append_legend(panel, i, look, svg));
    }
    return MLEDGER_OK;
}

static int find_panels(const struct ml_curves *curves, struct panel *ret_panels, size_t *ret_count)
{
    size_t count = 0, top = HEAD;
    for (size_t i = 0, end; i < curves->count; i = end) {
        for (end = i + 1;
             end < curves->count && strcmp(curves->list[end].key, curves->list[i].key) == 0;)
            end++;
        if (count == ML_CURVES_PANELS_MAX)
            return ml_fail(MLEDGER_EINVALID, "more than %zu metrics for one picture",
                           ML_CURVES_PANELS_MAX);
        struct panel panel = {.curves = &curves->list[i], .count = end - i, .top = top};
        measure(&panel);
        top += height_of(&panel);
        ret_panels[count++] = panel;
    }
    *ret_count = count;
    return MLEDGER_OK;
}

/* ---- all of it ---- */

static bool any_thinned(const struct ml_curves *curves)
{
    for (size_t i = 0; i < curves->count; i++)
        if (is_thinned(&curves->list[i]))
            return true;
    return false;
}

static int append_head(const struct ml_curves *curves, const struct ml_draw_frame *frame,
                       struct ml_buf *svg)
{
    ML_CLEANUP(ml_drawing_release) struct ml_drawing titles;
    char thinned[128];
    ml_drawing_init(&titles);
    ML_TRY(ml_draw_frame(frame, &titles));
    snprintf(thinned, sizeof thinned,
             "thinned lines: the first, lowest, highest and last point in each of %zu columns",
             ML_CURVES_COLUMNS);
    if (any_thinned(curves))
        ML_TRY(ml_drawing_add_title(&titles, thinned));
    for (size_t i = 0; i < titles.title_count; i++)
        ML_TRY(i == 0 ? text_at(16, 24, " class=\"title\"", titles.titles[0], NAME_CHARS, svg)
                      : text_at(16, 27 + 14 * (double)i, " class=\"tick\"", titles.titles[i],
                                TITLE_CHARS, svg));
    return MLEDGER_OK;
}

static int append_begin(const struct ml_curves *curves, const struct ml_draw_frame *frame,
                        size_t height, struct ml_buf *svg)
{
    ML_TRY(ml_buf_printf(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%zu\" viewBox=\"0 0 %d "
        "%zu\" role=\"img\" aria-labelledby=\"curves-title curves-desc\" "
        "font-family=\"Helvetica,Arial,sans-serif\">\n<title id=\"curves-title\">",
        WIDTH, height, WIDTH, height));
    ML_TRY(append_text(frame->query, ML_TEXT_BYTES_MAX, svg));
    ML_TRY(ml_buf_printf(svg,
                         "</title>\n<desc id=\"curves-desc\">%zu curve%s of metrics over steps, "
                         "%zu point%s in all</desc>\n",
                         curves->count, curves->count == 1 ? "" : "s", curves->n_points,
                         curves->n_points == 1 ? "" : "s"));
    return ml_buf_append_text(
        svg, "<style>.line{fill:none;stroke-width:1.6;stroke-linejoin:round}"
             ".grid{stroke:#DDDDDD;fill:none}.axis{stroke:#555555;fill:none}"
             ".tick{font-size:11px;fill:#333333}.name{font-size:13px;font-weight:bold}"
             ".title{font-size:16px;font-weight:bold}</style>\n"
             "<rect width=\"100%\" height=\"100%\" fill=\"#FFFFFF\"/>\n");
}

int ml_draw_curves(const struct ml_curves *curves, const struct ml_draw_frame *frame,
                   struct ml_buf *svg)
{
    struct panel panels[ML_CURVES_PANELS_MAX];
    size_t count, height = HEAD + 30;
    ML_TRY(find_panels(curves, panels, &count));
    for (size_t i = 0; i < count; i++)
        height += height_of(&panels[i]);
    ML_TRY(append_begin(curves, frame, height, svg));
    ML_TRY(append_head(curves, frame, svg));
    for (size_t i = 0; i < count; i++)
        ML_TRY(append_panel(&panels[i], svg));
    if (count == 0)
        ML_TRY(text_at(16, HEAD + 16, " class=\"name\"", "no metric is recorded", NAME_CHARS, svg));
    return ml_buf_append_text(svg, "</svg>\n");
}
