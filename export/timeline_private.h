/* SPDX-License-Identifier: Apache-2.0 */
/* A timeline on its way to SVG: what draw_timeline.c places and draw_timeline_bar.c draws. */
#ifndef ML_EXPORT_TIMELINE_PRIVATE_H
#define ML_EXPORT_TIMELINE_PRIVATE_H

#include "export/draw_timeline.h"

/* Sizes in pixels; places along the axis are in tenths of one. */
enum {
    MARGIN = 16,
    PLOT_WIDTH = 960,
    ROW_HEIGHT = 24,
    BAR_HEIGHT = 18,
    THIN_HEIGHT = 8, /* of a stage in which a version waits or rests */
    GROUP_HEIGHT = 26,
    AXIS_HEIGHT = 22,
    LINE_HEIGHT = 18,
    LEGEND_HEIGHT = 34,
    POINT = 7, /* of a bar that lasts */
    NAME_POINTS = 11,
    TITLE_POINTS = 14,
    LABEL_LEAST = 60,
    MARK_ROOM = 80,    /* for the text of a mark */
    LEAST_HEIGHT = 5,  /* of a share next to nothing */
    LABEL_HEIGHT = 14, /* of a bar, for text in it */
    TENTHS = 10,
    WHOLE_PPM = 1000000,
};
/* Quotient and rest, for "%d.%d". */
#define X(tenths) (tenths) / TENTHS, (tenths) % TENTHS

enum ml_timeline_look {
    LOOK_PRODUCTION,
    LOOK_STAGING,
    LOOK_OTHER,
    LOOK_ARCHIVED,
    LOOK_NONE,
    LOOK_ALIAS,
    LOOK_DEPLOYMENT,
    LOOKS
};

struct ml_timeline_style {
    const char *class, *word, *fill, *text;
    bool thin, dashed, round;
    int border; /* tenths of a pixel */
};
extern const struct ml_timeline_style ml_timeline_looks[LOOKS];
enum ml_timeline_look ml_timeline_look_of(const struct ml_interval *interval);

struct ml_timeline_row {
    const struct ml_interval *intervals;
    size_t count;
    bool first; /* of its model: a heading stands above */
    int top;
};

struct ml_timeline_picture {
    const struct ml_timeline *timeline;
    const struct ml_draw_frame *frame;
    const char *id;
    struct ml_buf *svg;
    struct ml_timeline_row *rows;
    size_t n_rows;
    int label_width, plot_left, width, height, axis_top;
    bool seen[LOOKS], lasting, late;
};

/* Whether the claimed time is another one, by more than a minute. */
bool ml_timeline_is_late(const struct ml_change *change);
/* Whether some of it lies in the span. */
bool ml_timeline_shows(const struct ml_timeline *timeline, const struct ml_interval *interval);

/* The text, cleaned and, unless `max_chars` is 0, shortened. */
int ml_timeline_fit(const char *text, size_t max_chars, struct ml_buf *out) ML_MUST_USE;
/* The same, escaped for XML. */
int ml_timeline_escape(struct ml_buf *svg, const char *text, size_t max_chars) ML_MUST_USE;
int ml_timeline_pixels(const char *text, int points);
/* Tenths of a pixel from the left, inside the plot. */
int ml_timeline_x(const struct ml_timeline_picture *picture, int64_t time_us);

/* A bar from x to end in tenths; one that lasts is pointed on the right. */
int ml_timeline_shape(struct ml_timeline_picture *picture, enum ml_timeline_look look, int x,
                      int end, int top, int height, bool lasts) ML_MUST_USE;
/* With its tooltip and its label. */
int ml_timeline_bar(struct ml_timeline_picture *picture, const struct ml_timeline_row *row,
                    const struct ml_interval *interval) ML_MUST_USE;

#endif
