/* SPDX-License-Identifier: Apache-2.0 */
#include "export/dag_text.h"

#include "export/text_clean.h"

/* ---- DOT ---- */

static int append_dot_name(const char *name, struct ml_buf *out)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf clean = {0};
    ML_TRY(ml_text_clean(name, strlen(name), &clean));
    ML_TRY(ml_buf_append_char(out, '"'));
    for (size_t i = 0; i < clean.len; i++) {
        char c = (char)clean.data[i];
        if (c == '"' || c == '\\')
            ML_TRY(ml_buf_append_char(out, '\\'));
        ML_TRY(ml_buf_append_char(out, c));
    }
    return ml_buf_append_char(out, '"');
}

int ml_dag_dot(const struct ml_pipeline_graph *graph, struct ml_buf *out)
{
    ML_TRY(ml_buf_append_text(out, "strict digraph  {\n"));
    for (size_t i = 0; i < graph->n_nodes; i++) {
        ML_TRY(append_dot_name(graph->names[i], out));
        ML_TRY(ml_buf_append_text(out, ";\n"));
    }
    for (size_t i = 0; i < graph->n_edges; i++) {
        ML_TRY(append_dot_name(graph->names[graph->edges[i].from], out));
        ML_TRY(ml_buf_append_text(out, " -> "));
        ML_TRY(append_dot_name(graph->names[graph->edges[i].to], out));
        ML_TRY(ml_buf_append_text(out, ";\n"));
    }
    return ml_buf_append_text(out, "}\n\n");
}

/* ---- Mermaid ---- */

/* Components that are joined, whatever the direction: a node leads to one before it, or to itself.
 */
static size_t root_of(size_t *parent, size_t node)
{
    while (parent[node] != node) {
        parent[node] = parent[parent[node]];
        node = parent[node];
    }
    return node;
}

static void join(size_t *parent, size_t a, size_t b)
{
    size_t x = root_of(parent, a), y = root_of(parent, b);
    if (x < y)
        parent[y] = x;
    else
        parent[x] = y;
}

static int append_mermaid_label(const char *name, struct ml_buf *out)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf clean = {0};
    ML_TRY(ml_text_clean(name, strlen(name), &clean));
    for (size_t i = 0; i < clean.len; i++) {
        char c = (char)clean.data[i];
        if (c == '"' || c == '#' || c == '<' || c == '>' || c == '`')
            ML_TRY(ml_buf_printf(out, "#%d;", c));
        else
            ML_TRY(ml_buf_append_char(out, c));
    }
    return MLEDGER_OK;
}

struct mermaid {
    const struct ml_pipeline_graph *graph;
    size_t *root;      /* by node: the first node of its component */
    size_t *order;     /* nodes by component, then name */
    size_t *number;    /* by node: its "nodeN" */
    size_t *edge_from; /* by node: its first edge; edges are sorted by where they come from */
};

static void mermaid_release(struct mermaid *mermaid)
{
    free(mermaid->root);
    free(mermaid->order);
    free(mermaid->number);
    free(mermaid->edge_from);
}

static int compare_roots(const void *a, const void *b, void *context)
{
    const size_t *root = context;
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    if (root[x] != root[y])
        return root[x] < root[y] ? -1 : 1;
    return (x > y) - (x < y);
}

static void order_nodes(struct mermaid *mermaid)
{
    const struct ml_pipeline_graph *graph = mermaid->graph;
    for (size_t i = 0; i < graph->n_nodes; i++)
        mermaid->root[i] = mermaid->order[i] = i;
    for (size_t i = 0; i < graph->n_edges; i++) {
        join(mermaid->root, graph->edges[i].from, graph->edges[i].to);
        mermaid->edge_from[graph->edges[i].from + 1]++;
    }
    for (size_t i = 0; i < graph->n_nodes; i++) {
        mermaid->root[i] = root_of(mermaid->root, i);
        mermaid->edge_from[i + 1] += mermaid->edge_from[i];
    }
    qsort_r(mermaid->order, graph->n_nodes, sizeof *mermaid->order, compare_roots, mermaid->root);
    for (size_t i = 0; i < graph->n_nodes; i++)
        mermaid->number[mermaid->order[i]] = i + 1;
}

/* Nodes order[begin] … order[end - 1], then the edges among them. */
static int append_component(const struct mermaid *mermaid, size_t begin, size_t end,
                            struct ml_buf *out)
{
    const struct ml_pipeline_graph *graph = mermaid->graph;
    for (size_t i = begin; i < end; i++) {
        ML_TRY(ml_buf_printf(out, "\tnode%zu[\"", i + 1));
        ML_TRY(append_mermaid_label(graph->names[mermaid->order[i]], out));
        ML_TRY(ml_buf_append_text(out, "\"]\n"));
    }
    for (size_t i = begin; i < end; i++) {
        size_t node = mermaid->order[i];
        for (size_t k = mermaid->edge_from[node]; k < mermaid->edge_from[node + 1]; k++)
            ML_TRY(ml_buf_printf(out, "\tnode%zu-->node%zu\n", i + 1,
                                 mermaid->number[graph->edges[k].to]));
    }
    return MLEDGER_OK;
}

static int append_components(const struct mermaid *mermaid, struct ml_buf *out)
{
    size_t count = mermaid->graph->n_nodes, end;
    for (size_t begin = 0; begin < count; begin = end) {
        for (end = begin + 1; end < count && mermaid->root[mermaid->order[end]] ==
                                                 mermaid->root[mermaid->order[begin]];)
            end++;
        ML_TRY(append_component(mermaid, begin, end, out));
    }
    return MLEDGER_OK;
}

int ml_dag_mermaid(const struct ml_pipeline_graph *graph, struct ml_buf *out)
{
    ML_CLEANUP(mermaid_release)
    struct mermaid mermaid = {
        .graph = graph,
        .root = ml_calloc(graph->n_nodes + 1, sizeof(size_t)),
        .order = ml_calloc(graph->n_nodes + 1, sizeof(size_t)),
        .number = ml_calloc(graph->n_nodes + 1, sizeof(size_t)),
        .edge_from = ml_calloc(graph->n_nodes + 1, sizeof(size_t)),
    };
    if (!mermaid.root || !mermaid.order || !mermaid.number || !mermaid.edge_from)
        return ml_fail_memory();
    order_nodes(&mermaid);
    ML_TRY(ml_buf_append_text(out, "flowchart TD\n"));
    return append_components(&mermaid, out);
}
