/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An answer about impact as a drawing: what came of what was asked about, as a drawing of lineage
 * (export/draw_lineage.h). What was reached, and what was done with the versions among it, is
 * highlighted; the rest is dimmed. Of each model the versions that were not reached, the best to go
 * back to first, stand there dashed, up to ML_DRAW_UNREACHED.
 */
#ifndef ML_EXPORT_DRAW_IMPACT_H
#define ML_EXPORT_DRAW_IMPACT_H

#include "export/draw_frame.h"
#include "ledger/query/impact.h"

#define ML_DRAW_UNREACHED ((size_t)3)

/* `times_us`: when each node of the impact's graph was recorded, for a time axis above the picture;
 * NULL: none. Initialises *ret_drawing in any case, to be released. Limits and errors as
 * export/drawing.h. */
int ml_draw_impact(const struct ml_impact *impact, const int64_t *times_us,
                   const struct ml_draw_frame *frame, struct ml_drawing *ret_drawing) ML_MUST_USE;

#endif
