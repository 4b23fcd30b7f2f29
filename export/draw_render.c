/* SPDX-License-Identifier: Apache-2.0 */
/* From a drawing to a picture: fold, date, write DOT, lay out, describe, convert. */
#include "export/draw_axis.h"
#include "export/draw_convert.h"
#include "export/draw_dot.h"
#include "export/draw_fold.h"
#include "export/draw_layout.h"
#include "export/draw_svg.h"
#include "export/drawing.h"
#include "export/mermaid.h"
#include "export/text_clean.h"

/* The SVG is what is laid out, whatever becomes of it: a picture looks the same in each format. */
static int lay_out(const struct ml_drawing *drawing, struct ml_buf *dot,
                   const struct ml_draw_limits *limits, struct ml_buf *svg)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf drawn = {0};
    struct ml_layout_job job = {.node_count = drawing->node_count};
    enum ml_layout_rung rung;
    ML_TRY(ml_text_end(dot, &job.dot));
    ML_TRY(ml_layout_run(&job, limits, &drawn, &rung));
    return ml_svg_finish(drawing, ml_buf_span(&drawn), svg);
}

static int render(const struct ml_drawing *drawing, enum ml_picture_format format,
                  const struct ml_draw_limits *limits, struct ml_buf *picture)
{
    ML_CLEANUP(ml_drawing_release) struct ml_drawing folded = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf dot = {0}, svg = {0};
    uint64_t begun = ml_child_clock_ms();
    if (format == ML_PICTURE_MERMAID)
        return ml_mermaid(drawing, limits->max_nodes, picture);
    ML_TRY(ml_draw_fold(drawing, limits->max_nodes, &folded));
    ml_drawing_settle(&folded);
    if (folded.dated)
        ML_TRY(ml_draw_axis(&folded));
    if (format == ML_PICTURE_DOT)
        return ml_draw_dot(&folded, picture);
    ML_TRY(ml_draw_dot(&folded, &dot));
    ML_TRY(lay_out(&folded, &dot, limits, &svg));
    struct ml_draw_limits left = *limits;
    uint64_t gone = ml_child_clock_ms() - begun;
    left.deadline_ms = gone < left.deadline_ms ? left.deadline_ms - (uint32_t)gone : 0;
    return ml_svg_convert(ml_buf_span(&svg), format, drawing->as_of_time, &left, picture);
}

int ml_drawing_render(const struct ml_drawing *drawing, enum ml_picture_format format,
                      const struct ml_draw_limits *limits, struct ml_buf *picture)
{
    size_t before = picture->len;
    int result = render(drawing, format, limits, picture);
    if (result < 0)
        picture->len = before;
    return result;
}
