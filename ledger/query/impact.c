/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/impact.h"

#include <inttypes.h>

#include "ledger/query/impact_private.h"
#include "ledger/query/impact_spread.h"

const char *ml_impact_verdict_name(enum ml_impact_verdict verdict)
{
    static const char *const names[] = {
        [ML_IMPACT_AFFECTED] = "affected",
        [ML_IMPACT_PERHAPS] = "may be affected",
        [ML_IMPACT_MEASURED] = "measured on it",
        [ML_IMPACT_UNAFFECTED] = "not affected",
    };
    return (size_t)verdict < ML_COUNT(names) ? names[verdict] : NULL;
}

void ml_impact_release(struct ml_impact *impact)
{
    ml_graph_free(impact->graph);
    impact->graph = NULL;
}

/* ---- how each node was reached ---- */

static struct ml_impact_step step_of(const struct ml_spread_node *node)
{
    static const enum ml_edge_kind kinds[] = {ML_EDGE_RECORDED, ML_EDGE_SAME_CONTENT,
                                              ML_EDGE_INFERRED};
    struct ml_impact_step step = {.verdict = ML_IMPACT_UNAFFECTED,
                                  .weakest = ML_EDGE_RECORDED,
                                  .by = node->by,
                                  .from = node->from,
                                  .steps = node->steps};
    if (node->level == ML_SPREAD_LEVELS)
        return step;
    if (node->level == ML_SPREAD_MEASURED) {
        step.verdict = ML_IMPACT_MEASURED;
        return step;
    }
    step.verdict = node->level < ML_SPREAD_PERHAPS ? ML_IMPACT_AFFECTED : ML_IMPACT_PERHAPS;
    step.weakest = kinds[node->level % ML_SPREAD_PERHAPS];
    return step;
}

static int spread(struct ml_reader *reader, struct ml_impact *impact)
{
    ML_CLEANUP(ml_freep) struct ml_spread_node *nodes = NULL;
    const struct ml_graph *graph = impact->graph;
    ML_TRY(ml_spread(graph, reader, &nodes));
    impact->steps = ml_arena_calloc(&reader->arena, graph->n_nodes + 1, sizeof *impact->steps);
    if (!impact->steps)
        return ml_arena_fail(&reader->arena, "the impact");
    for (size_t i = 0; i < graph->n_nodes; i++)
        impact->steps[i] = step_of(&nodes[i]);
    return MLEDGER_OK;
}

/* ---- the versions that were reached ---- */

/* What was deleted is in no stage any more. */
static int end_stages(struct ml_reader *reader, struct ml_version_past *past)
{
    struct ml_stage_interval *last = &past->intervals[past->n_intervals - 1];
    const struct ml_record *record;
    if (past->deleted_seq == MLEDGER_NO_SEQ || last->to_seq != MLEDGER_NO_SEQ)
        return MLEDGER_OK;
    ML_TRY(ml_reader_record(reader, past->deleted_seq, &record));
    last->to_seq = past->deleted_seq;
    last->to_us = record->header->recorded_at;
    return MLEDGER_OK;
}

static int describe(struct ml_reader *reader, struct ml_impact_version *version)
{
    ML_TRY(ml_version_past(reader, version->model, version->version, &version->past));
    ML_TRY(end_stages(reader, &version->past));
    return ml_endpoint_intervals(reader, version->model, version->version, &version->deployed,
                                 &version->n_deployed);
}

static int add_reached(struct ml_reader *reader, struct ml_impact *impact, size_t node)
{
    const struct ml_node *at = &impact->graph->nodes[node];
    const struct ml_record *record;
    ML_TRY(ml_reader_record(reader, at->seq, &record));
    const Mledger__VersionRegistered *registered = record->event->version_registered;
    if (record->event->kind_case != MLEDGER__EVENT__KIND_VERSION_REGISTERED)
        return ml_fail_seq(MLEDGER_EDAMAGED, at->seq, "it registers no version");
    struct ml_impact_version *version = &impact->reached[impact->n_reached++];
    *version = (struct ml_impact_version){
        .model = registered->model,
        .version = registered->version,
        .name = at->label,
        .verdict = impact->steps[node].verdict,
        .weakest = impact->steps[node].weakest,
        .node = node,
        .trusted_seq = MLEDGER_NO_SEQ,
        .approved_seq = MLEDGER_NO_SEQ,
    };
    return describe(reader, version);
}

static int compare_reached(const void *a, const void *b)
{
    const struct ml_impact_version *x = a, *y = b;
    if (x->verdict != y->verdict)
        return x->verdict < y->verdict ? -1 : 1;
    if (x->model != y->model)
        return x->model < y->model ? -1 : 1;
    return x->version < y->version ? -1 : x->version > y->version;
}

static int find_reached(struct ml_reader *reader, struct ml_impact *impact)
{
    const struct ml_graph *graph = impact->graph;
    size_t count = 0;
    for (size_t i = 0; i < graph->n_nodes; i++)
        count += graph->nodes[i].kind == ML_NODE_VERSION;
    impact->reached = ml_arena_calloc(&reader->arena, count + 1, sizeof *impact->reached);
    if (!impact->reached)
        return ml_arena_fail(&reader->arena, "the impact");
    for (size_t i = 0; i < graph->n_nodes; i++)
        if (graph->nodes[i].kind == ML_NODE_VERSION &&
            impact->steps[i].verdict != ML_IMPACT_UNAFFECTED)
            ML_TRY(add_reached(reader, impact, i));
    qsort(impact->reached, impact->n_reached, sizeof *impact->reached, compare_reached);
    return MLEDGER_OK;
}

/* ---- what it rests on ---- */

static int rest_on_version(const struct ml_impact_version *version, struct ml_basis *basis)
{
    ML_TRY(ml_basis_add(basis, version->past.registered_seq));
    ML_TRY(ml_basis_add(basis, version->past.deleted_seq));
    ML_TRY(ml_basis_add(basis, version->approved_seq));
    for (size_t i = 0; i < version->past.n_intervals; i++) {
        ML_TRY(ml_basis_add(basis, version->past.intervals[i].from_seq));
        ML_TRY(ml_basis_add(basis, version->past.intervals[i].to_seq));
    }
    for (size_t i = 0; i < version->n_deployed; i++) {
        ML_TRY(ml_basis_add(basis, version->deployed[i].from_seq));
        ML_TRY(ml_basis_add(basis, version->deployed[i].to_seq));
    }
    return MLEDGER_OK;
}

static int rest_on_graph(const struct ml_impact *impact, struct ml_basis *basis)
{
    const struct ml_graph *graph = impact->graph;
    for (size_t i = 0; i < graph->n_nodes; i++) {
        const struct ml_impact_step *step = &impact->steps[i];
        if (step->verdict == ML_IMPACT_UNAFFECTED)
            continue;
        ML_TRY(ml_basis_add(basis, graph->nodes[i].seq));
        for (size_t k = 0; k < graph->nodes[i].n_digests; k++)
            ML_TRY(ml_basis_about_content(basis, graph->nodes[i].digests[k]));
        if (step->by != SIZE_MAX)
            ML_TRY(ml_basis_add_all(basis, graph->edges[step->by].seqs,
                                    graph->edges[step->by].n_seqs));
    }
    return MLEDGER_OK;
}

static int rest(const struct ml_impact *impact, struct ml_basis *basis)
{
    const struct ml_graph *graph = impact->graph;
    basis->down = true;
    ML_TRY(rest_on_graph(impact, basis));
    ML_TRY(ml_basis_add_all(basis, impact->records, impact->n_records));
    for (size_t i = 0; i < impact->n_reached; i++)
        ML_TRY(rest_on_version(&impact->reached[i], basis));
    for (size_t i = 0; i < impact->n_unaffected; i++)
        ML_TRY(rest_on_version(&impact->unaffected[i], basis));
    for (size_t i = 0; i < graph->n_unknown; i++)
        ML_TRY(ml_basis_unknown(basis, "%s", graph->unknown[i]));
    return ml_basis_unknown(basis, "a version whose training data no record names is not found");
}

/* ---- all of it ---- */

static int keep_records(struct ml_reader *reader, const struct ml_lineage_starts *starts,
                        struct ml_impact *impact)
{
    impact->n_records = starts->n_records;
    impact->records =
        ml_arena_calloc(&reader->arena, starts->n_records + 1, sizeof *impact->records);
    if (!impact->records)
        return ml_arena_fail(&reader->arena, "the impact");
    if (starts->n_records)
        memcpy(impact->records, starts->records, starts->n_records * sizeof *impact->records);
    return MLEDGER_OK;
}

static int answer(struct ml_reader *reader, const struct ml_impact_question *question,
                  struct ml_basis *basis, struct ml_impact *impact)
{
    struct ml_lineage_starts starts;
    struct ml_lineage_options options = {.down = true,
                                         .as_of = reader->as_of,
                                         .same_content = question->same_content,
                                         .inferred = question->inferred,
                                         .max_nodes = question->max_nodes ? question->max_nodes
                                                                          : ML_LINEAGE_NODES_MAX};
    ML_TRY(ml_impact_starts(reader, &question->starts, &starts));
    ML_TRY(ml_lineage_of_all(reader->view, &starts, &options, &impact->graph));
    ML_TRY(keep_records(reader, &question->starts, impact));
    ML_TRY(spread(reader, impact));
    ML_TRY(find_reached(reader, impact));
    ML_TRY(ml_impact_unaffected(reader, impact, basis));
    return rest(impact, basis);
}

int ml_impact(struct ml_reader *reader, const struct ml_impact_question *question,
              struct ml_basis *basis, struct ml_impact *ret_impact)
{
    struct ml_impact impact = {0};
    int result = answer(reader, question, basis, &impact);
    if (result < 0) {
        ml_impact_release(&impact);
        return result;
    }
    *ret_impact = impact;
    return MLEDGER_OK;
}
