/* SPDX-License-Identifier: Apache-2.0 */
/* One bar of a timeline: how it looks, what it says. */
#include <inttypes.h>
#include <strings.h>

#include "export/draw_look.h"
#include "export/text_clean.h"
#include "export/timeline_private.h"
#include "ledger/core/time.h"

#define LATE_US (INT64_C(60) * 1000000)

/* ---- looks ---- */

/* Black on all of these has a contrast above 5 : 1, white on the blue 5.2 : 1. */
const struct ml_timeline_style ml_timeline_looks[LOOKS] = {
    [LOOK_PRODUCTION] = {"production", "Production", "#009E73", "#000000", false, false, false, 20},
    [LOOK_STAGING] = {"staging", "Staging", "#E69F00", "#000000", false, false, false, 10},
    [LOOK_OTHER] = {"other", "another stage", "#CC79A7", "#000000", false, false, false, 10},
    [LOOK_ARCHIVED] = {"archived", "Archived", "#BBBBBB", "#000000", true, false, false, 10},
    [LOOK_NONE] = {"none", "None", "#FFFFFF", "#000000", true, true, false, 10},
    [LOOK_ALIAS] = {"alias", "alias: where it points", "#F0E442", "#000000", false, false, true,
                    10},
    [LOOK_DEPLOYMENT] = {"deployment", "endpoint: share of its traffic", "#0072B2", "#FFFFFF",
                         false, false, false, 10},
};

enum ml_timeline_look ml_timeline_look_of(const struct ml_interval *interval)
{
    if (interval->kind == ML_INTERVAL_ALIAS)
        return LOOK_ALIAS;
    if (interval->kind == ML_INTERVAL_DEPLOYMENT)
        return LOOK_DEPLOYMENT;
    for (enum ml_timeline_look look = LOOK_PRODUCTION; look <= LOOK_NONE; look++)
        if (look != LOOK_OTHER && strcasecmp(interval->name, ml_timeline_looks[look].word) == 0)
            return look;
    return LOOK_OTHER;
}

bool ml_timeline_is_late(const struct ml_change *change)
{
    int64_t gap = change->recorded_us - change->claimed_us;
    return change->seq != MLEDGER_NO_SEQ && (gap > LATE_US || gap < -LATE_US);
}

bool ml_timeline_shows(const struct ml_timeline *timeline, const struct ml_interval *interval)
{
    return interval->from.recorded_us <= timeline->to_us &&
           (interval->to.seq == MLEDGER_NO_SEQ || interval->to.recorded_us > timeline->from_us);
}

/* ---- text ---- */

/* Cleaned and, unless `max_chars` is 0, shortened. */
int ml_timeline_fit(const char *text, size_t max_chars, struct ml_buf *out)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf clean = {0};
    const char *whole;
    ML_TRY(ml_text_clean(text, strlen(text), &clean));
    ML_TRY(ml_text_end(&clean, &whole));
    return max_chars ? ml_text_shorten(whole, max_chars, out) : ml_buf_append_text(out, whole);
}

int ml_timeline_escape(struct ml_buf *svg, const char *text, size_t max_chars)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf fit = {0};
    const char *shown;
    ML_TRY(ml_timeline_fit(text, max_chars, &fit));
    ML_TRY(ml_text_end(&fit, &shown));
    return ml_text_append_xml(shown, svg);
}

int ml_timeline_pixels(const char *text, int points)
{
    /* A quarter more: where there is no Helvetica, what stands in for it is wider. */
    return (int)((uint64_t)ml_text_width(text) * (uint64_t)points / 800) + 1;
}

int ml_timeline_x(const struct ml_timeline_picture *picture, int64_t time_us)
{
    const struct ml_timeline *timeline = picture->timeline;
    int64_t span = timeline->to_us - timeline->from_us;
    int64_t at = time_us < timeline->from_us ? timeline->from_us : time_us;
    at = at > timeline->to_us ? timeline->to_us : at;
    /* A share of the span first: times in microseconds leave no room for a product. */
    return picture->plot_left * TENTHS +
           (int)((double)(at - timeline->from_us) / (double)span * PLOT_WIDTH * TENTHS + 0.5);
}

/* ---- bars ---- */

static int bar_label(const struct ml_interval *interval, struct ml_buf *label)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf whole = {0};
    const char *text;
    if (interval->kind == ML_INTERVAL_STAGE)
        ML_TRY(ml_buf_append_text(&whole, interval->name));
    else if (interval->kind == ML_INTERVAL_ALIAS)
        ML_TRY(ml_buf_printf(&whole, "%s/%" PRIu64, interval->model_name, interval->version));
    else
        ML_TRY(ml_buf_printf(&whole, "%.4g%%", interval->share_ppm / 10000.0));
    ML_TRY(ml_text_end(&whole, &text));
    ML_TRY(ml_timeline_fit(text, ML_LOOK_NAME_CHARS, label));
    return ml_text_end(label, &text);
}

/* A time of the ledger as the tooltip has it. */
static int append_change(struct ml_buf *text, const char *word, const struct ml_change *change)
{
    char time[ML_TIME_TEXT_SIZE];
    ML_TRY(ml_time_format(change->recorded_us, time));
    ML_TRY(ml_buf_printf(text, "; %s %s (#%" PRIu64 "%s%s%s%s%s%s)", word, time, change->seq,
                         change->what ? ", " : "", change->what ? change->what : "",
                         *change->who ? ", " : "", change->who, change->reason ? ": " : "",
                         change->reason ? change->reason : ""));
    if (!ml_timeline_is_late(change))
        return MLEDGER_OK;
    ML_TRY(ml_time_format(change->claimed_us, time));
    return ml_buf_printf(text, ", claimed to have been %s", time);
}

static int append_tooltip(struct ml_timeline_picture *picture, const struct ml_interval *interval)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    const char *whole;
    ML_TRY(ml_buf_printf(&text, "%s/%" PRIu64, interval->model_name, interval->version));
    if (interval->kind == ML_INTERVAL_STAGE)
        ML_TRY(ml_buf_printf(&text, " in %s", interval->name));
    else if (interval->kind == ML_INTERVAL_ALIAS)
        ML_TRY(ml_buf_printf(&text, " is %s", interval->name));
    else
        ML_TRY(ml_buf_printf(
            &text, " served by %s%s%s, %.4g%%", interval->name, interval->environment ? ", " : "",
            interval->environment ? interval->environment : "", interval->share_ppm / 10000.0));
    ML_TRY(append_change(&text, interval->imported ? "found" : "since", &interval->from));
    if (interval->to.seq == MLEDGER_NO_SEQ)
        ML_TRY(ml_buf_append_text(&text, "; it lasts still"));
    else
        ML_TRY(append_change(&text, "until", &interval->to));
    ML_TRY(ml_text_end(&text, &whole));
    ML_TRY(ml_buf_append_text(picture->svg, "<title>"));
    ML_TRY(ml_timeline_escape(picture->svg, whole, 0));
    return ml_buf_append_text(picture->svg, "</title>");
}

int ml_timeline_shape(struct ml_timeline_picture *picture, enum ml_timeline_look look, int x,
                      int end, int top, int height, bool lasts)
{
    struct ml_buf *svg = picture->svg;
    int right = lasts ? end + POINT * TENTHS : end, middle = top + height / 2;
    const char *dash = ml_timeline_looks[look].dashed ? " stroke-dasharray=\"3 2\"" : "";
    int round = ml_timeline_looks[look].round ? height / 2 : 0;
    if (lasts)
        return ml_buf_printf(svg,
                             "<path d=\"M%d.%d %dH%d.%dL%d.%d %dL%d.%d %dH%d.%dz\" fill=\"%s\" "
                             "stroke=\"#000000\" stroke-width=\"%d.%d\"%s/>",
                             X(x), top, X(end), X(right), middle, X(end), top + height, X(x),
                             ml_timeline_looks[look].fill, X(ml_timeline_looks[look].border), dash);
    return ml_buf_printf(svg,
                         "<rect x=\"%d.%d\" y=\"%d\" width=\"%d.%d\" height=\"%d\" rx=\"%d\" "
                         "fill=\"%s\" stroke=\"#000000\" stroke-width=\"%d.%d\"%s/>",
                         X(x), top, X(end > x ? end - x : 1), height, round,
                         ml_timeline_looks[look].fill, X(ml_timeline_looks[look].border), dash);
}

/* Inside the bar if it is wide enough; what it says is in the tooltip in any case. */
static int draw_bar_label(struct ml_timeline_picture *picture, const struct ml_interval *interval,
                          int x, int end, int top, int height)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf label = {0};
    enum ml_timeline_look look = ml_timeline_look_of(interval);
    ML_TRY(bar_label(interval, &label));
    int width = ml_timeline_pixels((const char *)label.data, NAME_POINTS);
    if (height < LABEL_HEIGHT || (width + 8) * TENTHS > end - x)
        return MLEDGER_OK;
    ML_TRY(ml_buf_printf(picture->svg, "<text x=\"%d.%d\" y=\"%d\" fill=\"%s\">", X(x + 4 * TENTHS),
                         top + height / 2 + 4, ml_timeline_looks[look].text));
    ML_TRY(ml_text_append_xml((const char *)label.data, picture->svg));
    return ml_buf_append_text(picture->svg, "</text>");
}

static int draw_claim(struct ml_timeline_picture *picture, const struct ml_change *change,
                      int middle)
{
    const struct ml_timeline *timeline = picture->timeline;
    if (!ml_timeline_is_late(change) || change->claimed_us < timeline->from_us ||
        change->claimed_us > timeline->to_us)
        return MLEDGER_OK;
    int x = ml_timeline_x(picture, change->claimed_us),
        recorded = ml_timeline_x(picture, change->recorded_us);
    return ml_buf_printf(
        picture->svg,
        "<path class=\"claimed\" d=\"M%d.%d %dH%d.%d\" stroke=\"" ML_LOOK_HIGHLIGHT
        "\" stroke-dasharray=\"2 2\"/><path class=\"claimed\" d=\"M%d.%d %dl5 5l-5 5l-5 -5z\" "
        "fill=\"#FFFFFF\" stroke=\"" ML_LOOK_HIGHLIGHT "\" stroke-width=\"1.5\"/>",
        X(x), middle, X(recorded), X(x), middle - 5);
}

/* A share of an endpoint's traffic is as high as it is great. */
static int height_of(const struct ml_interval *interval, enum ml_timeline_look look)
{
    if (ml_timeline_looks[look].thin)
        return THIN_HEIGHT;
    if (interval->kind != ML_INTERVAL_DEPLOYMENT)
        return BAR_HEIGHT;
    return LEAST_HEIGHT +
           (int)((uint64_t)(BAR_HEIGHT - LEAST_HEIGHT) * interval->share_ppm / WHOLE_PPM);
}

int ml_timeline_bar(struct ml_timeline_picture *picture, const struct ml_timeline_row *row,
                    const struct ml_interval *interval)
{
    const struct ml_timeline *timeline = picture->timeline;
    enum ml_timeline_look look = ml_timeline_look_of(interval);
    bool open = interval->to.seq == MLEDGER_NO_SEQ;
    int64_t to_us = open ? timeline->as_of_us : interval->to.recorded_us;
    int x = ml_timeline_x(picture, interval->from.recorded_us), end = ml_timeline_x(picture, to_us);
    int height = height_of(interval, look);
    int top = row->top + (ROW_HEIGHT - height) / 2;
    ML_TRY(ml_buf_printf(picture->svg, "<g class=\"bar %s %s\">",
                         ml_interval_kind_name(interval->kind), ml_timeline_looks[look].class));
    ML_TRY(append_tooltip(picture, interval));
    ML_TRY(ml_timeline_shape(picture, look, x, end, top, height, open || to_us > timeline->to_us));
    ML_TRY(draw_bar_label(picture, interval, x, end, top, height));
    ML_TRY(draw_claim(picture, &interval->from, row->top + ROW_HEIGHT / 2));
    ML_TRY(draw_claim(picture, &interval->to, row->top + ROW_HEIGHT / 2));
    return ml_buf_append_text(picture->svg, "</g>\n");
}
