/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A time axis above a drawing: for each column of the layout the days on which what stands in it
 * was recorded, but for context. Columns follow causes, not the clock, so their days may overlap;
 * nothing is moved for the sake of the axis.
 */
#ifndef ML_EXPORT_DRAW_AXIS_H
#define ML_EXPORT_DRAW_AXIS_H

#include "export/drawing.h"

/* Adds the ticks to a drawing that is dated and has been folded, and puts its nodes under them:
 * none where all stand in one column, and none for what no edge joins or what is on a cycle.
 * MLEDGER_ESYSTEM when memory is out. */
int ml_draw_axis(struct ml_drawing *drawing) ML_MUST_USE;

#endif
