/* SPDX-License-Identifier: Apache-2.0 */
#include "export/pipeline_edges.h"

struct build {
    const struct ml_pipeline_stages *stages;
    struct ml_pipeline_graph *graph;
    size_t *first; /* by stage: its first node before sorting */
    size_t *place; /* by node before sorting: its node after it */
};

static void build_release(struct build *build)
{
    free(build->first);
    free(build->place);
}

void ml_pipeline_graph_release(struct ml_pipeline_graph *graph)
{
    free((void *)graph->names);
    free(graph->stages);
    free(graph->edges);
    *graph = (struct ml_pipeline_graph){0};
}

static bool is_within(const char *path, const char *directory, size_t len)
{
    return strncmp(path, directory, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

bool ml_pipeline_paths_overlap(const char *a, const char *b)
{
    size_t a_len = strlen(a), b_len = strlen(b);
    if (a_len && a[a_len - 1] == '/')
        a_len--;
    if (b_len && b[b_len - 1] == '/')
        b_len--;
    return a_len <= b_len ? is_within(b, a, a_len) : is_within(a, b, b_len);
}

/* ---- nodes ---- */

struct named {
    const char *name;
    size_t stage, before;
};

static int compare_named(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : (x->before > y->before) - (x->before < y->before);
}

static void name_nodes(const struct build *build, bool outs, struct named *named)
{
    size_t count = 0;
    for (size_t i = 0; i < build->stages->count; i++) {
        const Mledger__PipelineStage *stage = build->stages->list[i];
        build->first[i] = count;
        for (size_t k = 0; k < (outs ? stage->n_outs : 1); k++, count++)
            named[count] = (struct named){outs ? stage->outs[k]->path : stage->address, i, count};
    }
    build->first[build->stages->count] = count;
}

static int make_nodes(struct build *build, bool outs)
{
    const struct ml_pipeline_stages *stages = build->stages;
    struct ml_pipeline_graph *graph = build->graph;
    size_t count = 0;
    for (size_t i = 0; i < stages->count; i++)
        count += outs ? stages->list[i]->n_outs : 1;
    ML_CLEANUP(ml_freep) struct named *named = ml_calloc(count + 1, sizeof *named);
    build->first = ml_calloc(stages->count + 1, sizeof *build->first);
    build->place = ml_calloc(count + 1, sizeof *build->place);
    graph->names = ml_calloc(count + 1, sizeof *graph->names);
    graph->stages = ml_calloc(count + 1, sizeof *graph->stages);
    if (!named || !build->first || !build->place || !graph->names || !graph->stages)
        return ml_fail_memory();
    name_nodes(build, outs, named);
    qsort(named, count, sizeof *named, compare_named);
    for (size_t i = 0; i < count; i++) {
        graph->names[i] = named[i].name;
        graph->stages[i] = named[i].stage;
        build->place[named[i].before] = i;
    }
    graph->n_nodes = count;
    return MLEDGER_OK;
}

/* ---- edges ---- */

static int add_edge(struct build *build, size_t from, size_t to)
{
    struct ml_pipeline_graph *graph = build->graph;
    if (graph->n_edges >= ML_PIPELINE_EDGES_MAX)
        return ml_fail(MLEDGER_EINVALID, "a pipeline's graph has more than %zu edges",
                       ML_PIPELINE_EDGES_MAX);
    ML_TRY(ml_grow(&graph->edges, &graph->cap_edges, graph->n_edges + 1, sizeof *graph->edges));
    graph->edges[graph->n_edges++] =
        (struct ml_pipeline_edge){build->place[from], build->place[to]};
    return MLEDGER_OK;
}

/* From an output to all that its consumer makes. */
static int add_outputs(struct build *build, size_t from, size_t stage)
{
    for (size_t to = build->first[stage]; to < build->first[stage + 1]; to++)
        ML_TRY(add_edge(build, from, to));
    return MLEDGER_OK;
}

static int join_outputs(struct build *build, size_t stage, const Mledger__PipelineFile *dep,
                        size_t producer)
{
    const Mledger__PipelineStage *made_by = build->stages->list[producer];
    for (size_t i = 0; i < made_by->n_outs; i++)
        if (ml_pipeline_paths_overlap(made_by->outs[i]->path, dep->path))
            ML_TRY(add_outputs(build, build->first[producer] + i, stage));
    return MLEDGER_OK;
}

static int join_dependency(struct build *build, size_t stage, const Mledger__PipelineFile *dep,
                           bool outs)
{
    for (size_t i = 0; i < dep->n_producers; i++) {
        size_t producer = dep->producers[i];
        if (producer >= build->stages->count)
            return ml_fail(MLEDGER_EINVALID, "stage '%s' names stage %zu of %zu",
                           build->stages->list[stage]->address, producer, build->stages->count);
        ML_TRY(outs ? join_outputs(build, stage, dep, producer) : add_edge(build, producer, stage));
    }
    return MLEDGER_OK;
}

static int compare_edges(const void *a, const void *b)
{
    const struct ml_pipeline_edge *x = a, *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return (x->to > y->to) - (x->to < y->to);
}

static void sort_edges(struct ml_pipeline_graph *graph)
{
    size_t kept = 0;
    if (graph->n_edges)
        qsort(graph->edges, graph->n_edges, sizeof *graph->edges, compare_edges);
    for (size_t i = 0; i < graph->n_edges; i++)
        if (kept == 0 || compare_edges(&graph->edges[kept - 1], &graph->edges[i]) != 0)
            graph->edges[kept++] = graph->edges[i];
    graph->n_edges = kept;
}

int ml_pipeline_graph(const struct ml_pipeline_stages *stages, bool outs,
                      struct ml_pipeline_graph *ret_graph)
{
    ML_CLEANUP(build_release) struct build build = {.stages = stages, .graph = ret_graph};
    *ret_graph = (struct ml_pipeline_graph){0};
    ML_TRY(make_nodes(&build, outs));
    for (size_t i = 0; i < stages->count; i++)
        for (size_t k = 0; k < stages->list[i]->n_deps; k++)
            ML_TRY(join_dependency(&build, i, stages->list[i]->deps[k], outs));
    sort_edges(ret_graph);
    return MLEDGER_OK;
}
