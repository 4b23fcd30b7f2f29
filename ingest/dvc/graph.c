/* SPDX-License-Identifier: Apache-2.0 */
/* The graph between stages and between outputs, as `dvc dag` and `dvc dag --outs` have it: a
 * dependency joins every output that is the same path, contains it or lies inside it. Outputs
 * are sorted by their paths with '/' before all else, so that what lies inside a path is one run
 * of the array, and what contains it is found prefix by prefix. */
#include "ingest/dvc/path.h"
#include "ingest/dvc/reader.h"

struct placed {
    const char *full;
    uint32_t out;   /* index into project->outs */
    uint32_t stage; /* index into project->stages */
};

struct graph {
    struct ml_dvc_reader *reader;
    struct ml_dvc_project *project;
    struct placed *placed; /* sorted by path, then by stage */
    size_t count;
};

static void graph_release(struct graph *graph)
{
    free(graph->placed);
}

static int compare_placed(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    const int order = ml_dvc_path_compare(x->full, y->full);
    if (order != 0)
        return order;
    return x->out < y->out ? -1 : x->out > y->out;
}

static int compare_edges(const void *a, const void *b)
{
    const struct ml_dvc_edge *x = a, *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return x->to < y->to ? -1 : x->to > y->to;
}

static bool is_inside(const char *path, const char *directory)
{
    const size_t len = strlen(directory);
    return strncmp(path, directory, len) == 0 && path[len] == '/';
}

/* ---- outputs ---- */

static int collect_outs(struct graph *graph)
{
    struct ml_dvc_project *project = graph->project;
    size_t count = 0;
    for (size_t s = 0; s < project->stages_count; s++)
        count += project->stages[s].is_stale ? 0 : project->stages[s].outs_count;
    graph->placed = ml_calloc(count + 1, sizeof(*graph->placed));
    project->outs = ml_calloc(count + 1, sizeof(*project->outs));
    project->outs_stage = ml_calloc(count + 1, sizeof(*project->outs_stage));
    if (!graph->placed || !project->outs || !project->outs_stage)
        return ml_fail_memory();
    for (size_t s = 0; s < project->stages_count; s++) {
        const struct ml_dvc_stage *stage = &project->stages[s];
        for (size_t o = 0; o < stage->outs_count && !stage->is_stale; o++) {
            const uint32_t at = (uint32_t)project->outs_count++;
            project->outs[at] = &stage->outs[o];
            project->outs_stage[at] = (uint32_t)s;
            graph->placed[at] = (struct placed){stage->outs[o].full, at, (uint32_t)s};
        }
    }
    graph->count = count;
    qsort(graph->placed, count, sizeof(*graph->placed), compare_placed);
    return 0;
}

static const char *address_of(const struct graph *graph, const struct placed *placed)
{
    return graph->project->stages[placed->stage].address;
}

/* The same path twice, and a path inside another: the one that contains is somewhere on the
 * stack of directories open at this place of the sorted array. */
static int check_overlaps(struct graph *graph)
{
    ML_CLEANUP(ml_freep) size_t *open = ml_calloc(graph->count + 1, sizeof(*open));
    size_t depth = 0;
    if (!open)
        return ml_fail_memory();
    for (size_t i = 0; i < graph->count; i++) {
        const struct placed *placed = &graph->placed[i];
        while (depth > 0 && strcmp(graph->placed[open[depth - 1]].full, placed->full) != 0 &&
               !is_inside(placed->full, graph->placed[open[depth - 1]].full))
            depth--;
        if (depth > 0) {
            const struct placed *other = &graph->placed[open[depth - 1]];
            const bool same = strcmp(other->full, placed->full) == 0;
            ML_TRY(ml_dvc_reader_finding(graph->reader,
                                         same ? ML_DVC_OUTPUT_DUPLICATE : ML_DVC_OUTPUT_OVERLAP,
                                         address_of(graph, placed), placed->full,
                                         address_of(graph, other), address_of(graph, placed)));
            if (same)
                continue;
        }
        open[depth++] = i;
    }
    return 0;
}

/* ---- edges ---- */

/* The first output whose path is not before `path`. */
static size_t lower_bound(const struct graph *graph, const char *path)
{
    size_t low = 0, high = graph->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (ml_dvc_path_compare(graph->placed[middle].full, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int add_edge(struct ml_dvc_edge **edges, size_t *count, size_t *cap, uint32_t from,
                    uint32_t to)
{
    if (*count >= ML_DVC_EDGES_MAX)
        return ml_fail(MLEDGER_EINVALID, "more than %zu edges between stages", ML_DVC_EDGES_MAX);
    ML_TRY(ml_grow(edges, cap, *count + 1, sizeof(**edges)));
    (*edges)[(*count)++] = (struct ml_dvc_edge){from, to};
    return 0;
}

/* A dependency locked with another hash than the very path has in its producer's lock: the
 * stages were run on different content. */
static int check_hash(struct graph *graph, const struct placed *placed,
                      const struct ml_dvc_stage *user, const struct ml_dvc_item *dep)
{
    const struct ml_dvc_item *out = graph->project->outs[placed->out];
    if (!dep->hash || !out->hash || strcmp(dep->full, out->full) != 0 ||
        strcmp(dep->hash_name, out->hash_name) != 0 || strcmp(dep->hash, out->hash) == 0)
        return 0;
    return ml_dvc_reader_finding(graph->reader, ML_DVC_HASH_INCONSISTENT, user->address, dep->full,
                                 dep->hash, out->hash);
}

/* `dep` is NULL for a file of parameters. */
static int join_one(struct graph *graph, uint32_t user, const struct placed *placed,
                    const struct ml_dvc_item *dep, uint32_t first_out)
{
    struct ml_dvc_project *project = graph->project;
    const struct ml_dvc_stage *stage = &project->stages[user];
    if (dep)
        ML_TRY(check_hash(graph, placed, stage, dep));
    ML_TRY(
        add_edge(&project->edges, &project->edges_count, &project->edges_cap, placed->stage, user));
    for (uint32_t o = 0; o < stage->outs_count; o++)
        ML_TRY(add_edge(&project->out_edges, &project->out_edges_count, &project->out_edges_cap,
                        placed->out, first_out + o));
    return 0;
}

/* All outputs at exactly the path `path`. */
static int join_exact(struct graph *graph, uint32_t user, const char *path,
                      const struct ml_dvc_item *dep, uint32_t first_out)
{
    for (size_t i = lower_bound(graph, path);
         i < graph->count && strcmp(graph->placed[i].full, path) == 0; i++)
        ML_TRY(join_one(graph, user, &graph->placed[i], dep, first_out));
    return 0;
}

static int join(struct graph *graph, uint32_t user, const char *full, const struct ml_dvc_item *dep,
                uint32_t first_out)
{
    ML_CLEANUP(ml_freep) char *path = strdup(full);
    if (!path)
        return ml_fail_memory();
    ML_TRY(join_exact(graph, user, path, dep, first_out));
    size_t i = lower_bound(graph, path);
    while (i < graph->count && strcmp(graph->placed[i].full, path) == 0)
        i++;
    for (; i < graph->count && is_inside(graph->placed[i].full, path); i++)
        ML_TRY(join_one(graph, user, &graph->placed[i], dep, first_out));
    for (char *slash = strrchr(path, '/'); slash && slash > path; slash = strrchr(path, '/')) {
        *slash = '\0';
        ML_TRY(join_exact(graph, user, path, dep, first_out));
    }
    return 0;
}

static bool joins(const struct ml_dvc_item *dep)
{
    return !dep->repo_url && !dep->is_db && strncmp(dep->path, "ds://", 5) != 0;
}

static int join_stage(struct graph *graph, uint32_t user, uint32_t first_out)
{
    const struct ml_dvc_stage *stage = &graph->project->stages[user];
    const char *last = NULL;
    for (size_t d = 0; d < stage->deps_count; d++)
        if (joins(&stage->deps[d]))
            ML_TRY(join(graph, user, stage->deps[d].full, &stage->deps[d], first_out));
    for (size_t p = 0; p < stage->params_count; p++) {
        if (!last || strcmp(last, stage->params[p].full) != 0)
            ML_TRY(join(graph, user, stage->params[p].full, NULL, first_out));
        last = stage->params[p].full;
    }
    return 0;
}

static size_t sort_unique(struct ml_dvc_edge *edges, size_t count)
{
    size_t kept = 0;
    if (count == 0)
        return 0;
    qsort(edges, count, sizeof(*edges), compare_edges);
    for (size_t i = 1; i < count; i++)
        if (compare_edges(&edges[kept], &edges[i]) != 0)
            edges[++kept] = edges[i];
    return kept + 1;
}

static int join_all(struct graph *graph)
{
    struct ml_dvc_project *project = graph->project;
    uint32_t first_out = 0;
    for (size_t s = 0; s < project->stages_count; s++) {
        if (project->stages[s].is_stale)
            continue;
        ML_TRY(join_stage(graph, (uint32_t)s, first_out));
        first_out += (uint32_t)project->stages[s].outs_count;
    }
    project->edges_count = sort_unique(project->edges, project->edges_count);
    project->out_edges_count = sort_unique(project->out_edges, project->out_edges_count);
    return 0;
}

int ml_dvc_graph_build(struct ml_dvc_reader *reader)
{
    ML_CLEANUP(graph_release) struct graph graph = {.reader = reader, .project = reader->project};
    ML_TRY(collect_outs(&graph));
    ML_TRY(check_overlaps(&graph));
    ML_TRY(join_all(&graph));
    return ml_dvc_cycles_find(reader);
}
