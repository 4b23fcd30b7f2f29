/* SPDX-License-Identifier: Apache-2.0 */
#include "export/draw_fold.h"

#include "export/draw_collapse.h"
#include "export/draw_group.h"
#include "export/draw_level.h"

#define SIBLINGS_LEAST ((size_t)5)
#define DIRECTORY_DEPTH_MAX ((size_t)16)
#define EDGES_PER_NODE ((size_t)3) /* more is a tangle, and takes Graphviz minutes */
#define NODES_LEAST ((size_t)16)   /* not folded further for the sake of edges or columns */
/* A column of more is taller than any page; who allows more nodes than usual allows as many more in
 * one column. */
#define COLUMN_READABLE ((size_t)40)
#define NODES_PER_COLUMN_NODE ((size_t)4)

static bool fits(const struct ml_groups *groups, size_t most)
{
    return groups->count <= most;
}

/* The part of a node's text that says where it belongs. */
static const char *title_of(const struct ml_groups *groups, size_t group)
{
    const struct ml_draw_node *node = ml_groups_node(groups, group);
    if (node->path && *node->path)
        return node->path;
    return node->lines[0] && *node->lines[0] ? node->lines[0] : node->name;
}

/* Orders by kind, then by the first `left` and `right` bytes of the titles. */
static int compare_prefixes(const struct ml_groups *groups, size_t a, size_t left, size_t b,
                            size_t right)
{
    int kinds = (int)ml_groups_node(groups, a)->kind - (int)ml_groups_node(groups, b)->kind;
    if (kinds)
        return kinds;
    size_t both = left < right ? left : right;
    int order = memcmp(title_of(groups, a), title_of(groups, b), both);
    return order ? order : (left > right) - (left < right);
}

/* ---- foreach and matrix ---- */

static bool is_generated(const struct ml_groups *groups, size_t group, void *context)
{
    (void)context;
    const char *at = strchr(title_of(groups, group), '@');
    return ml_groups_node(groups, group)->kind == ML_DRAW_PIPELINE_STAGE && at && at[1];
}

static int compare_generators(const struct ml_groups *groups, size_t a, size_t b, void *context)
{
    (void)context;
    return compare_prefixes(groups, a, strcspn(title_of(groups, a), "@"), b,
                            strcspn(title_of(groups, b), "@"));
}

static int fold_generated(struct ml_groups *groups, size_t most)
{
    ML_TRY(ml_groups_merge(groups, is_generated, compare_generators, NULL, 2));
    return ml_groups_merge_siblings(groups, SIBLINGS_LEAST, most);
}

/* ---- directories ---- */

/* Length of the first `depth` directories of `path` with their slashes; 0 when it has fewer. */
static size_t directory_len(const char *path, size_t depth)
{
    const char *rest = path;
    for (; depth; depth--) {
        const char *slash = strchr(rest, '/');
        if (!slash)
            return 0;
        rest = slash + 1;
    }
    return (size_t)(rest - path);
}

static bool is_that_deep(const struct ml_groups *groups, size_t group, void *context)
{
    const size_t *depth = context;
    return directory_len(title_of(groups, group), *depth) > 0;
}

static int compare_directories(const struct ml_groups *groups, size_t a, size_t b, void *context)
{
    const size_t *depth = context;
    return compare_prefixes(groups, a, directory_len(title_of(groups, a), *depth), b,
                            directory_len(title_of(groups, b), *depth));
}

static int fold_directories(struct ml_groups *groups, size_t most)
{
    for (size_t depth = DIRECTORY_DEPTH_MAX; depth && !fits(groups, most); depth--) {
        size_t before = groups->count;
        ML_TRY(ml_groups_merge(groups, is_that_deep, compare_directories, &depth, 2));
        if (groups->count < before)
            ML_TRY(ml_groups_merge_siblings(groups, SIBLINGS_LEAST, most));
    }
    return MLEDGER_OK;
}

/* ---- distance ---- */

struct bands {
    const size_t *level;
    size_t keep;   /* levels up to this one stay as they are */
    size_t height; /* levels in a band */
};

static int compare_kinds(const struct ml_groups *groups, size_t a, size_t b, void *context)
{
    (void)context;
    return (int)ml_groups_node(groups, a)->kind - (int)ml_groups_node(groups, b)->kind;
}

static bool is_far(const struct ml_groups *groups, size_t group, void *context)
{
    (void)groups;
    const struct bands *bands = context;
    return bands->level[group] > bands->keep;
}

static int compare_bands(const struct ml_groups *groups, size_t a, size_t b, void *context)
{
    const struct bands *bands = context;
    int kinds = compare_kinds(groups, a, b, NULL);
    size_t left = bands->level[a] / bands->height, right = bands->level[b] / bands->height;
    return kinds ? kinds : (left > right) - (left < right);
}

static size_t count_kinds(const struct ml_groups *groups)
{
    bool seen[ML_DRAW_KINDS] = {false};
    size_t count = 0;
    for (size_t i = 0; i < groups->count; i++) {
        enum ml_draw_kind kind = ml_groups_node(groups, i)->kind;
        count += !seen[kind];
        seen[kind] = true;
    }
    return count;
}

/* The farthest level up to which all groups fit beside one more group of each kind. */
static int find_keep(const struct ml_groups *groups, const size_t *level, size_t most,
                     size_t *ret_keep)
{
    ML_CLEANUP(ml_freep) size_t *at = ml_calloc(groups->count + 1, sizeof *at);
    if (!at)
        return ml_fail_memory();
    for (size_t i = 0; i < groups->count; i++)
        at[level[i] < groups->count ? level[i] : groups->count]++;
    size_t keep = 0, sum = at[0] + count_kinds(groups);
    while (keep + 1 < groups->count && sum + at[keep + 1] <= most)
        sum += at[++keep];
    *ret_keep = keep;
    return MLEDGER_OK;
}

static int fold_far(struct ml_groups *groups, size_t most)
{
    ML_CLEANUP(ml_freep) size_t *level = ml_calloc(groups->count, sizeof *level);
    if (!level)
        return ml_fail_memory();
    struct bands bands = {.level = level};
    ML_TRY(ml_level_distance(groups, level));
    ML_TRY(find_keep(groups, level, most, &bands.keep));
    return ml_groups_merge(groups, is_far, compare_kinds, &bands, 2);
}

/* By group: how deep its first node lies in the drawing itself. Among groups there may be cycles
 * where there were none. */
static int measure_depth(const struct ml_groups *groups, size_t *level)
{
    ML_CLEANUP(ml_groups_release) struct ml_groups nodes = {0};
    ML_TRY(ml_groups_init(&nodes, groups->drawing));
    ML_CLEANUP(ml_freep) size_t *node_level = ml_calloc(nodes.count, sizeof *node_level);
    if (!node_level)
        return ml_fail_memory();
    ML_TRY(ml_level_depth(&nodes, node_level));
    for (size_t i = 0; i < groups->count; i++)
        level[i] = node_level[groups->first[i]];
    return MLEDGER_OK;
}

static int fold_bands(struct ml_groups *groups, size_t most)
{
    ML_CLEANUP(ml_freep) size_t *level = ml_calloc(groups->count, sizeof *level);
    size_t levels = 1, count = most / count_kinds(groups);
    if (!level)
        return ml_fail_memory();
    ML_TRY(measure_depth(groups, level));
    for (size_t i = 0; i < groups->count; i++)
        levels = level[i] >= levels ? level[i] + 1 : levels;
    count = count ? count : 1;
    struct bands bands = {.level = level, .height = (levels + count - 1) / count};
    return ml_groups_merge(groups, NULL, compare_bands, &bands, 2);
}

/* ---- all of it ---- */

static bool any_start(const struct ml_drawing *drawing)
{
    for (size_t i = 0; i < drawing->node_count; i++) {
        if (drawing->nodes[i].start)
            return true;
    }
    return false;
}

static int fold(struct ml_groups *groups, size_t most)
{
    if (most <= ML_DRAW_NODES_READABLE)
        ML_TRY(ml_groups_merge_fans(groups, SIBLINGS_LEAST));
    if (!fits(groups, most))
        ML_TRY(ml_groups_merge_siblings(groups, SIBLINGS_LEAST, most));
    if (!fits(groups, most))
        ML_TRY(fold_generated(groups, most));
    if (!fits(groups, most))
        ML_TRY(fold_directories(groups, most));
    if (fits(groups, most))
        return MLEDGER_OK;
    return any_start(groups->drawing) ? fold_far(groups, most) : fold_bands(groups, most);
}

/* ---- columns ---- */

/* Where the layout will put each group. What no edge joins is laid out in rows. */
struct columns {
    size_t *level, *heights; /* by group; by level */
    bool *placed;
    size_t most; /* that may stand in one */
    bool any_tall;
};

static void columns_release(struct columns *columns)
{
    free(columns->level);
    free(columns->heights);
    free(columns->placed);
}

static int columns_measure(const struct ml_groups *groups, size_t max_nodes,
                           struct columns *columns)
{
    size_t share = max_nodes / NODES_PER_COLUMN_NODE;
    *columns = (struct columns){
        .level = ml_calloc(groups->count, sizeof *columns->level),
        .heights = ml_calloc(groups->count + 1, sizeof *columns->heights),
        .placed = ml_calloc(groups->count, sizeof *columns->placed),
        .most = share > COLUMN_READABLE ? share : COLUMN_READABLE,
    };
    if (!columns->level || !columns->heights || !columns->placed)
        return ml_fail_memory();
    ML_TRY(ml_level_column(groups, columns->level, columns->placed));
    for (size_t i = 0; i < groups->count; i++)
        if (columns->placed[i])
            columns->any_tall |= ++columns->heights[columns->level[i]] > columns->most;
    return MLEDGER_OK;
}

static bool is_in_tall_column(const struct ml_groups *groups, size_t group, void *context)
{
    const struct columns *columns = context;
    (void)groups;
    return columns->placed[group] && columns->heights[columns->level[group]] > columns->most;
}

/* Of one kind, in one column and one directory. */
static int compare_places(const struct ml_groups *groups, size_t a, size_t b, void *context)
{
    const struct columns *columns = context;
    if (columns->level[a] != columns->level[b])
        return columns->level[a] < columns->level[b] ? -1 : 1;
    const char *left = strrchr(title_of(groups, a), '/'),
               *right = strrchr(title_of(groups, b), '/');
    return compare_prefixes(groups, a, left ? (size_t)(left - title_of(groups, a)) : 0, b,
                            right ? (size_t)(right - title_of(groups, b)) : 0);
}

/* 1: no column is too tall; 0: one still is. */
static int fold_columns(struct ml_groups *groups, size_t max_nodes)
{
    for (int attempt = 0;; attempt++) {
        ML_CLEANUP(columns_release) struct columns columns = {0};
        ML_TRY(columns_measure(groups, max_nodes, &columns));
        if (!columns.any_tall || attempt == 2)
            return !columns.any_tall;
        if (attempt == 0)
            ML_TRY(ml_groups_merge_siblings(groups, SIBLINGS_LEAST, 1));
        else
            ML_TRY(ml_groups_merge(groups, is_in_tall_column, compare_places, &columns, 2));
    }
}

static int fold_until_readable(struct ml_groups *groups, size_t most, size_t max_nodes)
{
    size_t edges;
    ML_TRY(fold(groups, most));
    int is_low = fold_columns(groups, max_nodes);
    ML_TRY(is_low);
    ML_TRY(ml_groups_count_edges(groups, &edges));
    return is_low && edges <= EDGES_PER_NODE * max_nodes;
}

/* Few groups may still have very many edges, or all stand in one column: then it begins again, for
 * half the groups. */
int ml_draw_fold(const struct ml_drawing *drawing, size_t max_nodes, struct ml_drawing *ret_folded)
{
    for (size_t most = max_nodes;; most /= 2) {
        ML_CLEANUP(ml_groups_release) struct ml_groups groups = {0};
        int readable = 1;
        ML_TRY(ml_groups_init(&groups, drawing));
        if (max_nodes)
            readable = fold_until_readable(&groups, most, max_nodes);
        ML_TRY(readable);
        if (readable || most / 2 < NODES_LEAST)
            return ml_draw_collapse(&groups, ret_folded);
    }
}
