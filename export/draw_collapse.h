/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From groups of nodes back to a drawing: each group of several becomes one node that says what it
 * stands for, and edges between the same two are one.
 */
#ifndef ML_EXPORT_DRAW_COLLAPSE_H
#define ML_EXPORT_DRAW_COLLAPSE_H

#include "export/draw_group.h"

/* *ret_drawing is to be released; nothing of it is borrowed. Group nodes are "+37 more runs" where
 * other runs are still shown, else "37 runs". What went on inside a group is not drawn.
 * MLEDGER_ESYSTEM when memory is out. */
int ml_draw_collapse(const struct ml_groups *groups, struct ml_drawing *ret_drawing) ML_MUST_USE;

#endif
