/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/impact_spread.h"

#include "ledger/query/graph_links.h"
#include "ledger/query/input_role.h"
#include "ledger/query/snapshot.h"

/* An edge as a way on. */
struct way {
    bool open;     /* something spreads along it */
    bool perhaps;  /* the output does not name its inputs */
    bool measures; /* read to measure on it, no more */
    uint8_t kind;  /* 0 recorded or confirmed, 1 by content, 2 inferred */
};

struct spread {
    const struct ml_graph *graph;
    struct ml_reader *reader;
    struct ml_graph_links out, in;
    bool *whole; /* by node: all that the activity made counts, whatever it names */
    struct way *ways;
    struct ml_spread_node *nodes;
    size_t *queue;
    size_t n_queue;
};

static void release_spread(struct spread *spread)
{
    ml_graph_links_release(&spread->out);
    ml_graph_links_release(&spread->in);
    free(spread->whole);
    free(spread->ways);
    free(spread->nodes);
    free(spread->queue);
}

/* ---- what the records say of an edge ---- */

static bool shares_digest(const struct ml_node *node, Mledger__Digest *const *digests, size_t count)
{
    return ml_digests_meet(node->digests, node->n_digests, (const Mledger__Digest *const *)digests,
                           count);
}

/* Whether the run read the node's content in one role, that of measuring. */
static int reads_to_measure(struct spread *spread, const struct ml_edge *edge, bool *ret_measures)
{
    const struct ml_node *node = &spread->graph->nodes[edge->from];
    size_t measuring = 0, others = 0;
    for (size_t i = 0; i < edge->n_seqs; i++) {
        const struct ml_record *record;
        ML_TRY(ml_reader_record(spread->reader, edge->seqs[i], &record));
        if (record->event->kind_case != MLEDGER__EVENT__KIND_RUN_LOGGED)
            continue;
        const Mledger__RunLogged *logged = record->event->run_logged;
        for (size_t k = 0; k < logged->n_inputs; k++) {
            const Mledger__Input *input = logged->inputs[k];
            if (input->n_digests && !shares_digest(node, input->digests, input->n_digests))
                continue;
            *(ml_input_role(input->role) == ML_INPUT_HELD_OUT ? &measuring : &others) += 1;
        }
    }
    *ret_measures = measuring > 0 && others == 0;
    return MLEDGER_OK;
}

/* Whether there are outputs that are this content (NULL: any), and each names its inputs. */
static bool all_name_inputs(Mledger__Artifact *const *list, size_t count,
                            const struct ml_node *content)
{
    size_t named = 0, unnamed = 0;
    for (size_t i = 0; i < count; i++)
        if (!content || shares_digest(content, list[i]->digests, list[i]->n_digests))
            *(list[i]->n_derived_from ? &named : &unnamed) += 1;
    return named > 0 && unnamed == 0;
}

/* Does what the run made here say from what it was made? */
static int names_inputs(struct spread *spread, const struct ml_edge *edge, bool *ret_names)
{
    const struct ml_node *made = &spread->graph->nodes[edge->to];
    *ret_names = false;
    for (size_t i = 0; i < edge->n_seqs && !*ret_names; i++) {
        const struct ml_record *record;
        ML_TRY(ml_reader_record(spread->reader, edge->seqs[i], &record));
        const Mledger__Event *event = record->event;
        if (event->kind_case == MLEDGER__EVENT__KIND_VERSION_REGISTERED)
            *ret_names = all_name_inputs(event->version_registered->artifacts,
                                         event->version_registered->n_artifacts, NULL);
        else if (event->kind_case == MLEDGER__EVENT__KIND_RUN_LOGGED)
            *ret_names =
                all_name_inputs(event->run_logged->outputs, event->run_logged->n_outputs, made);
        else if (event->kind_case == MLEDGER__EVENT__KIND_ARTIFACT_RECORDED)
            *ret_names = all_name_inputs(event->artifact_recorded->artifacts,
                                         event->artifact_recorded->n_artifacts, made);
    }
    return MLEDGER_OK;
}

static int judge_reading(struct spread *spread, const struct ml_edge *edge, struct way *way)
{
    const struct ml_node *nodes = spread->graph->nodes;
    way->open = !ml_node_is_governance(nodes[edge->to].kind);
    if (!way->open || nodes[edge->to].kind != ML_NODE_RUN ||
        !ml_node_is_source(nodes[edge->from].kind))
        return MLEDGER_OK;
    return reads_to_measure(spread, edge, &way->measures);
}

/* Where an output names its inputs, these lead to it by edges of their own. */
static int judge_making(struct spread *spread, const struct ml_edge *edge, struct way *way)
{
    bool names = false;
    way->open = true;
    if (spread->whole[edge->from])
        return MLEDGER_OK;
    if (spread->graph->nodes[edge->from].kind == ML_NODE_RUN)
        ML_TRY(names_inputs(spread, edge, &names));
    way->open = !names;
    way->perhaps = true;
    return MLEDGER_OK;
}

static int judge(struct spread *spread, const struct ml_edge *edge, struct way *way)
{
    static const uint8_t kinds[ML_EDGE_KINDS] = {
        [ML_EDGE_RECORDED] = 0,
        [ML_EDGE_CONFIRMED] = 0,
        [ML_EDGE_SAME_CONTENT] = 1,
        [ML_EDGE_INFERRED] = 2,
    };
    way->kind = kinds[edge->kind];
    switch (edge->role) {
    case ML_ROLE_USED:
    case ML_ROLE_TRAINED_ON:
        return judge_reading(spread, edge, way);
    case ML_ROLE_GENERATED:
    case ML_ROLE_REGISTERED_FROM:
        return judge_making(spread, edge, way);
    case ML_ROLE_DERIVED_FROM:
    case ML_ROLE_CODE:
    case ML_ROLE_SAME_CONTENT:
    case ML_ROLE_INFERRED:
    case ML_ROLE_CONFIRMED:
        way->open = true;
        return MLEDGER_OK;
    default:
        return MLEDGER_OK;
    }
}

/* Asked about itself, or run with code that was: then all it made counts, and the runs, too, whose
 * stage it was. */
static void find_whole(struct spread *spread)
{
    const struct ml_graph *graph = spread->graph;
    for (size_t i = 0; i < graph->n_nodes; i++)
        spread->whole[i] =
            (graph->nodes[i].flags & ML_NODE_START) &&
            (graph->nodes[i].kind == ML_NODE_RUN || graph->nodes[i].kind == ML_NODE_STAGE);
    for (size_t i = 0; i < graph->n_edges; i++)
        if (graph->edges[i].role == ML_ROLE_CODE &&
            (graph->nodes[graph->edges[i].from].flags & ML_NODE_START))
            spread->whole[graph->edges[i].to] = true;
    for (size_t i = 0; i < graph->n_edges; i++)
        if ((graph->edges[i].role == ML_ROLE_INFERRED ||
             graph->edges[i].role == ML_ROLE_CONFIRMED) &&
            spread->whole[graph->edges[i].from])
            spread->whole[graph->edges[i].to] = true;
}

/* ---- from node to node ---- */

static bool is_passable(const struct way *way, enum ml_spread_level level)
{
    if (!way->open || way->measures)
        return false;
    return way->kind <= (uint8_t)(level % ML_SPREAD_PERHAPS) &&
           (!way->perhaps || level >= ML_SPREAD_PERHAPS);
}

static void reach(struct spread *spread, size_t edge, size_t from, size_t to,
                  enum ml_spread_level level)
{
    if (spread->nodes[to].level != ML_SPREAD_LEVELS)
        return;
    spread->nodes[to] = (struct ml_spread_node){level, edge, from, spread->nodes[from].steps + 1};
    spread->queue[spread->n_queue++] = to;
}

/* Two things that are the same content are so both ways. */
static void go_on(struct spread *spread, size_t node, enum ml_spread_level level)
{
    const struct ml_edge *edges = spread->graph->edges;
    for (size_t i = spread->out.first[node]; i < spread->out.first[node + 1]; i++) {
        size_t edge = spread->out.edges[i];
        if (is_passable(&spread->ways[edge], level))
            reach(spread, edge, node, edges[edge].to, level);
    }
    for (size_t i = spread->in.first[node]; i < spread->in.first[node + 1]; i++) {
        size_t edge = spread->in.edges[i];
        if (edges[edge].role == ML_ROLE_SAME_CONTENT && is_passable(&spread->ways[edge], level))
            reach(spread, edge, node, edges[edge].from, level);
    }
}

/* Everything reached so far leads on by less sure ways, but never to a surer level than its own. */
static void spread_level(struct spread *spread, enum ml_spread_level level)
{
    for (size_t next = 0; next < spread->n_queue; next++) {
        size_t node = spread->queue[next];
        if (spread->nodes[node].level % ML_SPREAD_PERHAPS <= level % ML_SPREAD_PERHAPS)
            go_on(spread, node, level);
    }
}

static void measure_version(struct spread *spread, size_t edge, size_t from, size_t version)
{
    if (spread->graph->nodes[version].kind == ML_NODE_VERSION)
        reach(spread, edge, from, version, ML_SPREAD_MEASURED);
}

/* Versions of the runs that measured on what was reached. */
static void measure_by_run(struct spread *spread, size_t run)
{
    for (size_t i = spread->out.first[run]; i < spread->out.first[run + 1]; i++) {
        size_t edge = spread->out.edges[i];
        if (spread->graph->edges[edge].role == ML_ROLE_REGISTERED_FROM)
            measure_version(spread, edge, run, spread->graph->edges[edge].to);
    }
}

static void measure_by_validation(struct spread *spread, size_t validation)
{
    for (size_t i = spread->in.first[validation]; i < spread->in.first[validation + 1]; i++) {
        size_t edge = spread->in.edges[i];
        if (spread->graph->edges[edge].role == ML_ROLE_VALIDATED_BY)
            measure_version(spread, edge, validation, spread->graph->edges[edge].from);
    }
}

static void spread_measured(struct spread *spread)
{
    size_t reached = spread->n_queue;
    for (size_t next = 0; next < reached; next++) {
        size_t node = spread->queue[next];
        for (size_t i = spread->out.first[node]; i < spread->out.first[node + 1]; i++) {
            size_t edge = spread->out.edges[i], to = spread->graph->edges[edge].to;
            bool validates = spread->graph->nodes[to].kind == ML_NODE_VALIDATION &&
                             ml_node_is_source(spread->graph->nodes[node].kind);
            if (!validates && !spread->ways[edge].measures)
                continue;
            reach(spread, edge, node, to, ML_SPREAD_MEASURED);
            if (validates)
                measure_by_validation(spread, to);
            else
                measure_by_run(spread, to);
        }
    }
}

static void start_at(struct spread *spread, size_t node)
{
    if (spread->nodes[node].level != ML_SPREAD_LEVELS)
        return;
    spread->nodes[node].level = ML_SPREAD_SURE;
    spread->queue[spread->n_queue++] = node;
}

/* Bytes that were asked about are the same wherever they stand. */
static void start_where_it_stands(struct spread *spread, const struct ml_node *content)
{
    const struct ml_graph *graph = spread->graph;
    for (size_t i = 0; i < graph->n_nodes; i++)
        if (ml_nodes_hold_same(&graph->nodes[i], content))
            start_at(spread, i);
}

static void start(struct spread *spread)
{
    const struct ml_graph *graph = spread->graph;
    for (size_t i = 0; i < graph->n_nodes; i++)
        spread->nodes[i] =
            (struct ml_spread_node){.level = ML_SPREAD_LEVELS, .by = SIZE_MAX, .from = SIZE_MAX};
    for (size_t i = 0; i < graph->n_nodes; i++) {
        if (!(graph->nodes[i].flags & ML_NODE_START))
            continue;
        start_at(spread, i);
        if (graph->nodes[i].kind == ML_NODE_FILE)
            start_where_it_stands(spread, &graph->nodes[i]);
    }
}

static int prepare(struct spread *spread)
{
    const struct ml_graph *graph = spread->graph;
    spread->whole = ml_calloc(graph->n_nodes + 1, sizeof *spread->whole);
    spread->ways = ml_calloc(graph->n_edges + 1, sizeof *spread->ways);
    spread->nodes = ml_calloc(graph->n_nodes + 1, sizeof *spread->nodes);
    spread->queue = ml_calloc(graph->n_nodes + 1, sizeof *spread->queue);
    if (!spread->whole || !spread->ways || !spread->nodes || !spread->queue)
        return ml_fail_memory();
    ML_TRY(ml_graph_links_init(&spread->out, graph, true));
    ML_TRY(ml_graph_links_init(&spread->in, graph, false));
    find_whole(spread);
    for (size_t i = 0; i < graph->n_edges; i++)
        ML_TRY(judge(spread, &graph->edges[i], &spread->ways[i]));
    return MLEDGER_OK;
}

int ml_spread(const struct ml_graph *graph, struct ml_reader *reader,
              struct ml_spread_node **ret_nodes)
{
    ML_CLEANUP(release_spread) struct spread spread = {.graph = graph, .reader = reader};
    ML_TRY(prepare(&spread));
    start(&spread);
    for (enum ml_spread_level level = ML_SPREAD_SURE; level < ML_SPREAD_MEASURED; level++)
        spread_level(&spread, level);
    spread_measured(&spread);
    *ret_nodes = ML_TAKE(spread.nodes);
    return MLEDGER_OK;
}
