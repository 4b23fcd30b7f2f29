/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A timeline as SVG: a row for each version's stages, each alias, each share of what an endpoint
 * served; a bar for each interval, half-open. What an interval is, is told by shape, colour and
 * word; a bar that lasts still has a point. Where a record claims another time than it was recorded
 * at, by more than a minute, a hollow diamond stands at the claimed time.
 *
 * SVG is written here and not laid out by Graphviz, because a time axis is no graph: there is
 * nothing to lay out. Same input, same bytes. Text may come from anywhere (export/text_clean.h).
 */
#ifndef ML_EXPORT_DRAW_TIMELINE_H
#define ML_EXPORT_DRAW_TIMELINE_H

#include "export/draw_frame.h"
#include "ledger/query/interval.h"

/* Rows of one picture; more are MLEDGER_EINVALID, which names --from and --stage. */
#define ML_TIMELINE_ROWS_MAX ((size_t)2000)

struct ml_timeline {
    const struct ml_intervals *intervals; /* sorted by ml_intervals_sort(); borrowed */
    int64_t from_us, to_us;               /* what is shown; from before to */
    int64_t as_of_us;                     /* until when there are records */
};

/* The span of the intervals with what they claim, up to as_of_us: for who has not asked for
 * another. */
struct ml_timeline ml_timeline_of(const struct ml_intervals *intervals, int64_t as_of_us);

/* Appends one <svg> element, without an XML declaration, so that it can also stand in HTML; `id`,
 * a word, keeps its ids apart from those of other pictures on the page. */
int ml_draw_timeline(const struct ml_timeline *timeline, const struct ml_draw_frame *frame,
                     const char *id, struct ml_buf *svg) ML_MUST_USE;

#endif
