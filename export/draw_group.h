/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes of a drawing taken together into groups: a partition that only gets coarser. At first each
 * node is a group of its own. Nodes that were asked for (start) always stay alone.
 *
 * Groups are numbered by their first node, so the result depends on the drawing alone.
 */
#ifndef ML_EXPORT_DRAW_GROUP_H
#define ML_EXPORT_DRAW_GROUP_H

#include "export/drawing.h"

struct ml_groups {
    const struct ml_drawing *drawing; /* borrowed */
    size_t *of;                       /* by node: its group */
    size_t *first;                    /* by group: its first node */
    size_t count;
};

int ml_groups_init(struct ml_groups *groups, const struct ml_drawing *drawing) ML_MUST_USE;
void ml_groups_release(struct ml_groups *groups);

/* The node that stands for a group: its first. */
const struct ml_draw_node *ml_groups_node(const struct ml_groups *groups, size_t group);

/* Orders two groups by what they must share to be merged; 0: they share it. Both are mergeable. */
typedef int ml_group_compare(const struct ml_groups *groups, size_t a, size_t b, void *context);

/* Whether a group takes part at all. */
typedef bool ml_group_filter(const struct ml_groups *groups, size_t group, void *context);

/* Merges those that share it, where they are at least `least`. */
int ml_groups_merge(struct ml_groups *groups, ml_group_filter *filter, ml_group_compare *compare,
                    void *context, size_t least) ML_MUST_USE;

/* Merges groups of the same kind, cluster and marks with the same neighbours, where they are at
 * least `least`; again and again, as long as that finds any and there are more than `most` groups.
 */
int ml_groups_merge_siblings(struct ml_groups *groups, size_t least, size_t most) ML_MUST_USE;

/* Merges such groups once, where they are runs, datasets, files, artifacts or parameters that some
 * edge joins to others. */
int ml_groups_merge_fans(struct ml_groups *groups, size_t least) ML_MUST_USE;

/* How many pairs of different groups have an edge from the one to the other. */
int ml_groups_count_edges(const struct ml_groups *groups, size_t *ret_count) ML_MUST_USE;

#endif
