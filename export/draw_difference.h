/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What two versions were made from, laid over each other, as a drawing of lineage
 * (export/draw_lineage.h): what the later one alone has is marked "+", what the earlier one alone
 * has "−" and dashed, what plays the same part and is another thing "~", with old and new in the
 * tooltip.
 */
#ifndef ML_EXPORT_DRAW_DIFFERENCE_H
#define ML_EXPORT_DRAW_DIFFERENCE_H

#include "export/draw_frame.h"
#include "ledger/query/graph.h"

/* Initialises *ret_drawing in any case, to be released. Limits and errors as export/drawing.h. */
int ml_draw_difference(const struct ml_graph *before, const struct ml_graph *after,
                       const struct ml_draw_frame *frame,
                       struct ml_drawing *ret_drawing) ML_MUST_USE;

#endif
