/* SPDX-License-Identifier: Apache-2.0 */
#include "export/draw_level.h"

/* Edges by group, out of one array: to[start[g]] … to[start[g + 1] - 1]. */
struct adjacency {
    size_t *start, *to;
};

static void release_adjacency(struct adjacency *adjacency)
{
    free(adjacency->start);
    free(adjacency->to);
}

/* Both ways, or only from cause to effect. */
static int list_adjacent(const struct ml_groups *groups, bool both_ways,
                         struct adjacency *adjacency)
{
    const struct ml_drawing *drawing = groups->drawing;
    adjacency->start = ml_calloc(groups->count + 2, sizeof *adjacency->start);
    adjacency->to = ml_calloc(drawing->edge_count * 2, sizeof *adjacency->to);
    if (!adjacency->start || !adjacency->to)
        return ml_fail_memory();
    size_t *next = adjacency->start + 1; /* ends as the start of the group after */
    for (size_t i = 0; i < drawing->edge_count; i++) {
        next[groups->of[drawing->edges[i].from] + 1]++;
        next[groups->of[drawing->edges[i].to] + 1] += both_ways;
    }
    for (size_t i = 1; i <= groups->count; i++)
        next[i] += next[i - 1];
    for (size_t i = 0; i < drawing->edge_count; i++) {
        size_t from = groups->of[drawing->edges[i].from], to = groups->of[drawing->edges[i].to];
        adjacency->to[next[from]++] = to;
        if (both_ways)
            adjacency->to[next[to]++] = from;
    }
    return MLEDGER_OK;
}

/* `queue` has room for all groups. */
static void measure_distance(const struct ml_groups *groups, const struct adjacency *adjacency,
                             size_t *level, size_t *queue)
{
    size_t head = 0, tail = 0;
    for (size_t i = 0; i < groups->count; i++) {
        level[i] = ml_groups_node(groups, i)->start ? 0 : SIZE_MAX;
        if (level[i] == 0)
            queue[tail++] = i;
    }
    for (; head < tail; head++) {
        size_t at = queue[head];
        for (size_t i = adjacency->start[at]; i < adjacency->start[at + 1]; i++) {
            size_t to = adjacency->to[i];
            if (level[to] != SIZE_MAX)
                continue;
            level[to] = level[at] + 1;
            queue[tail++] = to;
        }
    }
}

/* `queue` and `waiting` have room for all groups. */
static void measure_depth(const struct ml_groups *groups, const struct adjacency *adjacency,
                          size_t *level, size_t *queue, size_t *waiting)
{
    size_t head = 0, tail = 0;
    for (size_t i = 0; i < groups->count; i++)
        level[i] = waiting[i] = 0;
    for (size_t i = 0; i < adjacency->start[groups->count]; i++)
        waiting[adjacency->to[i]]++;
    for (size_t i = 0; i < groups->count; i++) {
        if (!waiting[i])
            queue[tail++] = i;
    }
    for (; head < tail; head++) {
        size_t at = queue[head];
        for (size_t i = adjacency->start[at]; i < adjacency->start[at + 1]; i++) {
            size_t to = adjacency->to[i];
            if (level[to] < level[at] + 1)
                level[to] = level[at] + 1;
            if (--waiting[to] == 0)
                queue[tail++] = to;
        }
    }
}

int ml_level_distance(const struct ml_groups *groups, size_t *level)
{
    ML_CLEANUP(release_adjacency) struct adjacency adjacency = {0};
    ML_CLEANUP(ml_freep) size_t *queue = ml_calloc(groups->count, sizeof *queue);
    if (!queue)
        return ml_fail_memory();
    ML_TRY(list_adjacent(groups, true, &adjacency));
    measure_distance(groups, &adjacency, level, queue);
    return MLEDGER_OK;
}

/* waiting[g]: so many ways to it come from a cycle, or through one. */
static int find_depth(const struct ml_groups *groups, size_t *level, size_t *waiting)
{
    ML_CLEANUP(release_adjacency) struct adjacency adjacency = {0};
    ML_CLEANUP(ml_freep) size_t *queue = ml_calloc(groups->count, sizeof *queue);
    if (!queue)
        return ml_fail_memory();
    ML_TRY(list_adjacent(groups, false, &adjacency));
    measure_depth(groups, &adjacency, level, queue, waiting);
    return MLEDGER_OK;
}

int ml_level_depth(const struct ml_groups *groups, size_t *level)
{
    ML_CLEANUP(ml_freep) size_t *waiting = ml_calloc(groups->count, sizeof *waiting);
    return waiting ? find_depth(groups, level, waiting) : ml_fail_memory();
}

int ml_level_column(const struct ml_groups *groups, size_t *level, bool *placed)
{
    const struct ml_drawing *drawing = groups->drawing;
    ML_CLEANUP(ml_freep) size_t *nearest = ml_calloc(groups->count, sizeof *nearest);
    ML_CLEANUP(ml_freep) size_t *waiting = ml_calloc(groups->count, sizeof *waiting);
    if (!nearest || !waiting)
        return ml_fail_memory();
    ML_TRY(find_depth(groups, level, waiting));
    for (size_t i = 0; i < groups->count; i++) {
        nearest[i] = SIZE_MAX;
        placed[i] = false;
    }
    for (size_t i = 0; i < drawing->edge_count; i++) {
        size_t from = groups->of[drawing->edges[i].from], to = groups->of[drawing->edges[i].to];
        if (from == to)
            continue;
        placed[from] = !waiting[from];
        placed[to] = !waiting[to];
        nearest[from] = level[to] < nearest[from] ? level[to] : nearest[from];
    }
    for (size_t i = 0; i < groups->count; i++)
        if (level[i] == 0 && nearest[i] != SIZE_MAX && nearest[i] > 0)
            level[i] = nearest[i] - 1;
    return MLEDGER_OK;
}
