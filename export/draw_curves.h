/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Metrics as line charts in SVG, one below the other: a panel for each metric, in it a line for
 * each run, over its steps. Lines are told apart by colour (Okabe and Ito), by dashes, and by the
 * legend. What is no number, or not known, is a gap. A single point is a dot; where a panel
 * has one step alone its curves stand side by side, so that equal values do not hide each other.
 *
 * Of more points than ML_CURVES_COLUMNS * 4 in a line the first, the lowest, the highest and the
 * last in each of ML_CURVES_COLUMNS columns are drawn, so that no peak is lost; the picture says
 * so.
 *
 * SVG is written here: there is nothing for Graphviz to lay out. Same input, same bytes. Text may
 * come from anywhere.
 */
#ifndef ML_EXPORT_DRAW_CURVES_H
#define ML_EXPORT_DRAW_CURVES_H

#include "export/draw_frame.h"
#include "ledger/query/curves.h"

#define ML_CURVES_COLUMNS ((size_t)640)
#define ML_CURVES_PANELS_MAX ((size_t)30)

/* Appends the picture. MLEDGER_EINVALID: more than ML_CURVES_PANELS_MAX metrics. MLEDGER_ESYSTEM:
 * memory is out. */
int ml_draw_curves(const struct ml_curves *curves, const struct ml_draw_frame *frame,
                   struct ml_buf *svg) ML_MUST_USE;

#endif
