/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A drawing that fits on a page made from one that does not. What is folded into a group keeps
 * its edges, counted ("training ×37"), and the picture says what was folded.
 *
 * Fans are folded however few nodes there are: 5 or more runs, datasets, files, artifacts or
 * parameters with the same marks and the same neighbours; who allows more than 150 nodes sees them
 * one by one. The rest in this order, until it fits:
 *
 *  1. siblings: 5 or more of any one kind with the same marks and the same neighbours;
 *  2. stages that foreach or matrix made of one: "train@a", "train@b" (DVC);
 *  3. what lies in one directory, the deepest first;
 *  4. what is far away, by kind: farther from what was asked for than some number of steps; where
 *     nothing was asked for, bands of equally deep nodes.
 *
 * Where more than 40 nodes (a quarter of those allowed, if that is more) would stand in one column
 * of the layout, siblings are folded, and then what is in that column and one directory. Where more
 * than three edges for each node allowed are left, it begins again for half the nodes. After 2 and
 * 3 siblings are folded again. Nodes that were asked for are never folded, so with very many of
 * those, or fewer than two dozen nodes allowed, more may remain than were allowed.
 */
#ifndef ML_EXPORT_DRAW_FOLD_H
#define ML_EXPORT_DRAW_FOLD_H

#include "export/drawing.h"

/* *ret_folded is a drawing of its own, to be released. It has at most `max_nodes` nodes, as far as
 * said above (0: nothing is folded). Parallel edges of one style are one in any case: roles joined,
 * seqs united. MLEDGER_ESYSTEM when memory is out. */
int ml_draw_fold(const struct ml_drawing *drawing, size_t max_nodes,
                 struct ml_drawing *ret_folded) ML_MUST_USE;

#endif
