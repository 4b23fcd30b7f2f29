/* SPDX-License-Identifier: Apache-2.0 */
#include "export/draw_group.h"

int ml_groups_init(struct ml_groups *groups, const struct ml_drawing *drawing)
{
    size_t count = drawing->node_count;
    *groups = (struct ml_groups){.drawing = drawing, .count = count};
    groups->of = ml_calloc(count, sizeof *groups->of);
    groups->first = ml_calloc(count, sizeof *groups->first);
    if (!groups->of || !groups->first)
        return ml_fail_memory();
    for (size_t i = 0; i < count; i++)
        groups->of[i] = groups->first[i] = i;
    return MLEDGER_OK;
}

void ml_groups_release(struct ml_groups *groups)
{
    if (!groups)
        return;
    free(groups->of);
    free(groups->first);
    *groups = (struct ml_groups){0};
}

const struct ml_draw_node *ml_groups_node(const struct ml_groups *groups, size_t group)
{
    return &groups->drawing->nodes[groups->first[group]];
}

/* ---- merging ---- */

struct sorting {
    const struct ml_groups *groups;
    ml_group_compare *compare;
    void *context;
};

static int compare_groups(const void *a, const void *b, void *pointer)
{
    const struct sorting *sorting = pointer;
    size_t left = *(const size_t *)a, right = *(const size_t *)b;
    int order = sorting->compare(sorting->groups, left, right, sorting->context);
    return order ? order : (left > right) - (left < right);
}

/* Makes `into` (by group: the group it goes into) the new partition. */
static void apply(struct ml_groups *groups, size_t *into)
{
    size_t count = 0;
    for (size_t i = 0; i < groups->count; i++) { /* into[i] <= i, so it is renumbered already */
        bool stays = into[i] == i;
        if (stays)
            groups->first[count] = groups->first[i];
        into[i] = stays ? count++ : into[into[i]];
    }
    for (size_t i = 0; i < groups->drawing->node_count; i++)
        groups->of[i] = into[groups->of[i]];
    groups->count = count;
}

/* Sends runs of equal groups in `order` to their first. */
static void mark_equal(const struct sorting *sorting, const size_t *order, size_t count,
                       size_t least, size_t *into)
{
    size_t end;
    for (size_t at = 0; at < count; at = end) {
        for (end = at + 1; end < count; end++) {
            if (sorting->compare(sorting->groups, order[at], order[end], sorting->context) != 0)
                break;
        }
        for (size_t i = at; end - at >= least && i < end; i++)
            into[order[i]] = order[at];
    }
}

int ml_groups_merge(struct ml_groups *groups, ml_group_filter *filter, ml_group_compare *compare,
                    void *context, size_t least)
{
    ML_CLEANUP(ml_freep) size_t *order = ml_calloc(groups->count, sizeof *order);
    ML_CLEANUP(ml_freep) size_t *into = ml_calloc(groups->count, sizeof *into);
    struct sorting sorting = {groups, compare, context};
    size_t count = 0;
    if (!order || !into)
        return ml_fail_memory();
    for (size_t i = 0; i < groups->count; i++) {
        into[i] = i;
        if (!ml_groups_node(groups, i)->start && (!filter || filter(groups, i, context)))
            order[count++] = i;
    }
    qsort_r(order, count, sizeof *order, compare_groups, &sorting);
    mark_equal(&sorting, order, count, least, into);
    apply(groups, into);
    return MLEDGER_OK;
}

/* ---- siblings ---- */

/* Where an edge leads, seen from one of its ends. */
struct end {
    size_t group;
    size_t neighbour; /* other group * 2 + direction */
};

/* Those of group g are ends[start[g]] … ends[start[g + 1] - 1], sorted, without repeats. */
struct neighbours {
    struct end *ends;
    size_t *start;
};

static void release_neighbours(struct neighbours *neighbours)
{
    free(neighbours->ends);
    free(neighbours->start);
}

static int compare_ends(const void *a, const void *b)
{
    const struct end *left = a, *right = b;
    if (left->group != right->group)
        return left->group < right->group ? -1 : 1;
    return (left->neighbour > right->neighbour) - (left->neighbour < right->neighbour);
}

static size_t list_ends(const struct ml_groups *groups, struct end *ends)
{
    size_t count = 0;
    for (size_t i = 0; i < groups->drawing->edge_count; i++) {
        const struct ml_draw_edge *edge = &groups->drawing->edges[i];
        size_t from = groups->of[edge->from], to = groups->of[edge->to];
        if (from == to)
            continue;
        ends[count++] = (struct end){from, to * 2};
        ends[count++] = (struct end){to, from * 2 + 1};
    }
    return count;
}

static int list_neighbours(const struct ml_groups *groups, struct neighbours *neighbours)
{
    struct end *ends = ml_calloc(groups->drawing->edge_count * 2, sizeof *ends);
    size_t *start = ml_calloc(groups->count + 1, sizeof *start);
    *neighbours = (struct neighbours){ends, start};
    if (!ends || !start)
        return ml_fail_memory();
    size_t all = list_ends(groups, ends), count = 0;
    qsort(ends, all, sizeof *ends, compare_ends);
    for (size_t i = 0; i < all; i++) {
        if (count && compare_ends(&ends[count - 1], &ends[i]) == 0)
            continue;
        ends[count++] = ends[i];
        start[ends[count - 1].group + 1] = count;
    }
    for (size_t i = 1; i <= groups->count; i++) { /* groups without edges */
        if (start[i] < start[i - 1])
            start[i] = start[i - 1];
    }
    return MLEDGER_OK;
}

static unsigned marks(const struct ml_draw_node *node)
{
    return (unsigned)node->change << 2 | (unsigned)node->highlighted << 1 | node->dimmed;
}

static int compare_numbers(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

static int compare_siblings(const struct ml_groups *groups, size_t a, size_t b, void *context)
{
    const struct neighbours *neighbours = context;
    const struct ml_draw_node *left = ml_groups_node(groups, a), *right = ml_groups_node(groups, b);
    const size_t *start = neighbours->start;
    size_t degree = start[a + 1] - start[a];
    int order = compare_numbers(left->kind, right->kind);
    if (!order)
        order = compare_numbers(left->cluster, right->cluster);
    if (!order)
        order = compare_numbers(marks(left), marks(right));
    if (!order)
        order = compare_numbers(degree, start[b + 1] - start[b]);
    for (size_t i = 0; !order && i < degree; i++)
        order = compare_numbers(neighbours->ends[start[a] + i].neighbour,
                                neighbours->ends[start[b] + i].neighbour);
    return order;
}

int ml_groups_merge_siblings(struct ml_groups *groups, size_t least, size_t most)
{
    size_t before = groups->count + 1;
    while (groups->count < before && groups->count > most) {
        ML_CLEANUP(release_neighbours) struct neighbours neighbours = {0};
        before = groups->count;
        ML_TRY(list_neighbours(groups, &neighbours));
        ML_TRY(ml_groups_merge(groups, NULL, compare_siblings, &neighbours, least));
    }
    return MLEDGER_OK;
}

/* What is often there by the dozen, and seldom what a person looks for one by one: decisions are
 * not. */
static bool is_in_fan(const struct ml_groups *groups, size_t group, void *context)
{
    static const bool folded[ML_DRAW_KINDS] = {
        [ML_DRAW_DATASET] = true, [ML_DRAW_PARAMS] = true,   [ML_DRAW_RUN] = true,
        [ML_DRAW_FILE] = true,    [ML_DRAW_ARTIFACT] = true, [ML_DRAW_LOGGED_MODEL] = true};
    const struct neighbours *neighbours = context;
    return folded[ml_groups_node(groups, group)->kind] &&
           neighbours->start[group] < neighbours->start[group + 1];
}

int ml_groups_merge_fans(struct ml_groups *groups, size_t least)
{
    ML_CLEANUP(release_neighbours) struct neighbours neighbours = {0};
    ML_TRY(list_neighbours(groups, &neighbours));
    return ml_groups_merge(groups, is_in_fan, compare_siblings, &neighbours, least);
}

int ml_groups_count_edges(const struct ml_groups *groups, size_t *ret_count)
{
    ML_CLEANUP(release_neighbours) struct neighbours neighbours = {0};
    ML_TRY(list_neighbours(groups, &neighbours));
    *ret_count = neighbours.start[groups->count] / 2; /* each is listed at both ends */
    return MLEDGER_OK;
}
