/* SPDX-License-Identifier: Apache-2.0 */
/* How far into a graph of groups each group lies. */
#ifndef ML_EXPORT_DRAW_LEVEL_H
#define ML_EXPORT_DRAW_LEVEL_H

#include "export/draw_group.h"

/* level[g]: steps along edges, in either direction, from the nearest group that was asked for;
 * SIZE_MAX when none leads there. MLEDGER_ESYSTEM when memory is out. */
int ml_level_distance(const struct ml_groups *groups, size_t *level) ML_MUST_USE;

/* level[g]: length of the longest way to it, from cause to effect. A cycle has no longest way: what
 * is on one, or behind one, keeps what was found from before it. Errors as above. */
int ml_level_depth(const struct ml_groups *groups, size_t *level) ML_MUST_USE;

/* level[g]: the column that a layout from left to right gives it: as above, but what nothing leads
 * to stands right before the nearest that it leads to. placed[g]: whether it has one; what no edge
 * joins, and what is on a cycle or behind one, has none. Errors as above. */
int ml_level_column(const struct ml_groups *groups, size_t *level, bool *placed) ML_MUST_USE;

#endif
