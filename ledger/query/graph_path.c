/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/graph_path.h"

#include "ledger/query/graph_links.h"
#include "ledger/query/snapshot.h"

/* The steps from each node: list[first[n]] … list[first[n + 1] - 1]. */
struct steps {
    size_t *first;
    struct step {
        size_t edge, to;
    } * list;
};

/* A search on its way through the graph. Paths are looked for by length, the shortest first, each
 * step only to where an end is still near enough. */
struct search {
    const struct ml_graph *graph;
    struct ml_paths *paths;
    struct steps on, back; /* in the direction of the search, and against it */
    bool *is_start, *on_path;
    size_t *distance; /* by node: steps to the nearest end; SIZE_MAX: there is no way */
    size_t *queue;
    struct frame {
        size_t node, next; /* the next of its steps */
        size_t by;         /* the edge it was reached by */
    } * stack;
    size_t depth;
    size_t taken;   /* steps, against ML_PATH_STEPS_MAX */
    bool is_longer; /* something was passed over because it leads to longer paths */
    size_t most;
};

static void release_steps(struct steps *steps)
{
    free(steps->first);
    free(steps->list);
}

static void release_search(struct search *search)
{
    release_steps(&search->on);
    release_steps(&search->back);
    free(search->is_start);
    free(search->on_path);
    free(search->distance);
    free(search->queue);
    free(search->stack);
}

void ml_paths_release(struct ml_paths *paths)
{
    for (size_t i = 0; i < paths->count; i++) {
        free(paths->list[i].nodes);
        free(paths->list[i].edges);
    }
    free(paths->list);
    free(paths->is_end);
    free(paths->common);
    ml_graph_free(paths->graph);
    *paths = (struct ml_paths){0};
}

/* ---- which nodes are meant ---- */

/* The same thing, or the same bytes under another name. */
static bool is_same(const struct ml_node *a, const struct ml_node *b)
{
    return strcmp(a->id, b->id) == 0 || ml_nodes_hold_same(a, b);
}

static int find_graph(struct ml_reader *reader, const struct ml_path_question *question,
                      const struct ml_target *target, bool down, struct ml_graph **ret_graph)
{
    const struct ml_lineage_options options = {
        .up = !down,
        .down = down,
        .as_of = reader->as_of,
        .same_content = question->same_content,
        .inferred = question->inferred,
        .max_nodes = question->max_nodes ? question->max_nodes : ML_LINEAGE_NODES_MAX};
    return ml_lineage_of(reader->view, target, &options, ret_graph);
}

/* Marks the nodes that are what `things` was asked about; says whether there are any. */
static bool mark(const struct ml_graph *graph, const struct ml_graph *things, bool *ret_marks)
{
    bool any = false;
    for (size_t t = 0; t < things->n_nodes; t++)
        for (size_t i = 0; (things->nodes[t].flags & ML_NODE_START) && i < graph->n_nodes; i++)
            if (is_same(&graph->nodes[i], &things->nodes[t]))
                any = ret_marks[i] = true;
    return any;
}

/* ---- steps ---- */

/* Decisions and people lead nowhere; a deployment is where something ended up. */
static bool leads_nowhere(const struct ml_graph *graph, const struct ml_edge *edge)
{
    enum ml_node_kind to = graph->nodes[edge->to].kind;
    return edge->role == ML_ROLE_ASSOCIATED ||
           (ml_node_is_governance(to) && to != ML_NODE_DEPLOYMENT);
}

/* Either end of an edge from which it can be taken: content that is the same goes both ways. */
static void count_step(size_t *first, struct step *list, size_t from, struct step step)
{
    if (list)
        list[first[from + 1]++] = step;
    else
        first[from + 2]++;
}

static void fill_steps(const struct ml_graph *graph, bool backwards, size_t *first,
                       struct step *list)
{
    for (size_t i = 0; i < graph->n_edges; i++) {
        const struct ml_edge *edge = &graph->edges[i];
        bool both = edge->role == ML_ROLE_SAME_CONTENT;
        if (leads_nowhere(graph, edge))
            continue;
        if (!backwards || both)
            count_step(first, list, edge->from, (struct step){i, edge->to});
        if (backwards || both)
            count_step(first, list, edge->to, (struct step){i, edge->from});
    }
}

static int find_steps(const struct ml_graph *graph, bool backwards, struct steps *steps)
{
    steps->first = ml_calloc(graph->n_nodes + 3, sizeof *steps->first);
    steps->list = ml_calloc(2 * graph->n_edges + 1, sizeof *steps->list);
    if (!steps->first || !steps->list)
        return ml_fail_memory();
    fill_steps(graph, backwards, steps->first, NULL);
    for (size_t i = 2; i < graph->n_nodes + 2; i++)
        steps->first[i] += steps->first[i - 1];
    fill_steps(graph, backwards, steps->first, steps->list);
    return MLEDGER_OK;
}

/* How far each node is from the nearest end. */
static void measure(struct search *search)
{
    size_t next = 0, end = 0;
    for (size_t i = 0; i < search->graph->n_nodes; i++) {
        search->distance[i] = search->paths->is_end[i] ? 0 : SIZE_MAX;
        if (search->paths->is_end[i])
            search->queue[end++] = i;
    }
    for (; next < end; next++) {
        size_t node = search->queue[next];
        for (size_t i = search->back.first[node]; i < search->back.first[node + 1]; i++) {
            size_t to = search->back.list[i].to;
            if (search->distance[to] != SIZE_MAX)
                continue;
            search->distance[to] = search->distance[node] + 1;
            search->queue[end++] = to;
        }
    }
}

/* ---- paths ---- */

/* Turned round where it was found against the edges. */
static int keep_path(struct search *search)
{
    struct ml_paths *paths = search->paths;
    size_t count = search->depth - 1;
    ML_CLEANUP(ml_freep) size_t *nodes = ml_calloc(count + 1, sizeof *nodes);
    ML_CLEANUP(ml_freep) size_t *edges = ml_calloc(count + 1, sizeof *edges);
    if (!nodes || !edges)
        return ml_fail_memory();
    for (size_t i = 0; i <= count; i++)
        nodes[paths->turned ? count - i : i] = search->stack[i].node;
    for (size_t i = 0; i < count; i++)
        edges[paths->turned ? count - 1 - i : i] = search->stack[i + 1].by;
    ML_TRY(ml_grow(&paths->list, &paths->cap, paths->count + 1, sizeof *paths->list));
    paths->list[paths->count++] = (struct ml_path){ML_TAKE(nodes), ML_TAKE(edges), count};
    return MLEDGER_OK;
}

static void push(struct search *search, size_t node, size_t by)
{
    search->stack[search->depth++] = (struct frame){node, search->on.first[node], by};
    search->on_path[node] = true;
}

static bool is_done(const struct search *search)
{
    return search->paths->count >= search->most || search->taken >= ML_PATH_STEPS_MAX;
}

/* The next step of the node on top, or back. `length`: of the paths that are wanted. */
static int advance(struct search *search, size_t length)
{
    struct frame *top = &search->stack[search->depth - 1];
    if (search->paths->is_end[top->node] || top->next == search->on.first[top->node + 1]) {
        search->on_path[top->node] = false;
        search->depth--;
        return MLEDGER_OK;
    }
    struct step step = search->on.list[top->next++];
    size_t distance = search->distance[step.to];
    search->taken++;
    if (distance == SIZE_MAX || search->on_path[step.to] || search->is_start[step.to])
        return MLEDGER_OK;
    if (search->depth + distance > length) {
        search->is_longer = true;
        return MLEDGER_OK;
    }
    push(search, step.to, step.edge);
    bool is_whole = distance == 0 && search->depth - 1 == length;
    return is_whole ? keep_path(search) : MLEDGER_OK;
}

static int find_of_length(struct search *search, size_t length)
{
    search->is_longer = false;
    for (size_t i = 0; i < search->graph->n_nodes && !is_done(search); i++) {
        if (!search->is_start[i] || search->distance[i] == SIZE_MAX)
            continue;
        if (search->distance[i] > length) {
            search->is_longer = true;
            continue;
        }
        push(search, i, SIZE_MAX);
        while (search->depth > 0 && !is_done(search))
            ML_TRY(advance(search, length));
        while (search->depth > 0)
            search->on_path[search->stack[--search->depth].node] = false;
    }
    return MLEDGER_OK;
}

static int find_paths(struct search *search)
{
    size_t length = SIZE_MAX;
    for (size_t i = 0; i < search->graph->n_nodes; i++)
        if (search->is_start[i] && search->distance[i] < length)
            length = search->distance[i];
    if (length == SIZE_MAX)
        return MLEDGER_OK;
    search->is_longer = true;
    for (; search->is_longer && !is_done(search); length++)
        ML_TRY(find_of_length(search, length));
    search->paths->more = is_done(search);
    return MLEDGER_OK;
}

static int search_graph(struct ml_paths *paths, bool backwards, size_t most)
{
    const struct ml_graph *graph = paths->graph;
    ML_CLEANUP(release_search)
    struct search search = {.graph = graph, .paths = paths, .most = most};
    ML_TRY(find_steps(graph, backwards, &search.on));
    ML_TRY(find_steps(graph, !backwards, &search.back));
    search.is_start = ml_calloc(graph->n_nodes + 1, sizeof *search.is_start);
    search.on_path = ml_calloc(graph->n_nodes + 1, sizeof *search.on_path);
    search.distance = ml_calloc(graph->n_nodes + 1, sizeof *search.distance);
    search.queue = ml_calloc(graph->n_nodes + 1, sizeof *search.queue);
    search.stack = ml_calloc(graph->n_nodes + 2, sizeof *search.stack);
    if (!search.is_start || !search.on_path || !search.distance || !search.queue || !search.stack)
        return ml_fail_memory();
    mark(graph, graph, search.is_start);
    measure(&search);
    return find_paths(&search);
}

/* ---- what both came from ---- */

static int find_common(struct ml_paths *paths, const struct ml_graph *other)
{
    const struct ml_graph *graph = paths->graph;
    paths->common = ml_calloc(graph->n_nodes + 1, sizeof *paths->common);
    if (!paths->common)
        return ml_fail_memory();
    for (size_t i = graph->n_nodes; i-- > 0;) /* the newest is the nearest */
        for (size_t k = 0; graph->nodes[i].kind != ML_NODE_AGENT && k < other->n_nodes; k++)
            if (is_same(&graph->nodes[i], &other->nodes[k])) {
                paths->common[paths->n_common++] = i;
                break;
            }
    return MLEDGER_OK;
}

/* ---- all of it ---- */

static int rest(const struct ml_paths *paths, const struct ml_graph *end, struct ml_basis *basis)
{
    const struct ml_graph *graph = paths->graph;
    for (size_t i = 0; i < paths->count; i++)
        for (size_t k = 0; k < paths->list[i].count; k++) {
            const struct ml_edge *edge = &graph->edges[paths->list[i].edges[k]];
            ML_TRY(ml_basis_add_all(basis, edge->seqs, edge->n_seqs));
        }
    for (size_t i = 0; i < paths->n_common; i++)
        ML_TRY(ml_basis_add(basis, graph->nodes[paths->common[i]].seq));
    for (size_t i = 0; paths->count == 0 && i < graph->n_unknown; i++)
        ML_TRY(ml_basis_unknown(basis, "%s", graph->unknown[i]));
    for (size_t i = 0; paths->count == 0 && i < end->n_unknown; i++)
        ML_TRY(ml_basis_unknown(basis, "%s", end->unknown[i]));
    return MLEDGER_OK;
}

/* One direction. The graph and its marks stay only if the other end is in it. */
static int try_direction(struct ml_reader *reader, const struct ml_path_question *question,
                         const struct ml_graph *end, bool down, struct ml_paths *paths)
{
    ML_TRY(find_graph(reader, question, question->from, down, &paths->graph));
    paths->is_end = ml_calloc(paths->graph->n_nodes + 1, sizeof *paths->is_end);
    if (!paths->is_end)
        return ml_fail_memory();
    if (!mark(paths->graph, end, paths->is_end))
        return MLEDGER_OK;
    for (size_t i = 0; i < paths->graph->n_nodes; i++)
        if (paths->is_end[i] && (paths->graph->nodes[i].flags & ML_NODE_START))
            return ml_fail(MLEDGER_EUSAGE, "both are the same: %s", paths->graph->nodes[i].label);
    paths->turned = !down;
    return search_graph(paths, !down, question->most);
}

int ml_paths_find(struct ml_reader *reader, const struct ml_path_question *question,
                  struct ml_basis *basis, struct ml_paths *ret_paths)
{
    ML_CLEANUP(ml_graph_freep) struct ml_graph *end = NULL;
    *ret_paths = (struct ml_paths){0};
    ML_TRY(find_graph(reader, question, question->to, false, &end));
    ML_TRY(try_direction(reader, question, end, true, ret_paths));
    if (ret_paths->count == 0) {
        ml_paths_release(ret_paths);
        ML_TRY(try_direction(reader, question, end, false, ret_paths));
    }
    if (ret_paths->count == 0)
        ML_TRY(find_common(ret_paths, end));
    return rest(ret_paths, end, basis);
}
