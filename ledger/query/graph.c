/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/graph.h"

const char *ml_node_kind_name(enum ml_node_kind kind)
{
    static const char *const names[ML_NODE_KINDS] = {
        [ML_NODE_DATASET] = "dataset",
        [ML_NODE_FILE] = "file",
        [ML_NODE_SOURCE] = "source",
        [ML_NODE_COMMIT] = "commit",
        [ML_NODE_PARAMS] = "params",
        [ML_NODE_VERSION] = "version",
        [ML_NODE_LOGGED_MODEL] = "logged_model",
        [ML_NODE_RUN] = "run",
        [ML_NODE_STAGE] = "stage",
        [ML_NODE_VALIDATION] = "validation",
        [ML_NODE_APPROVAL] = "approval",
        [ML_NODE_TRANSITION] = "transition",
        [ML_NODE_DEPLOYMENT] = "deployment",
        [ML_NODE_INCIDENT] = "incident",
        [ML_NODE_AGENT] = "agent",
    };
    return names[kind];
}

const char *ml_edge_role_name(enum ml_edge_role role)
{
    static const char *const names[ML_ROLES] = {
        [ML_ROLE_USED] = "used",
        [ML_ROLE_GENERATED] = "generated",
        [ML_ROLE_DERIVED_FROM] = "derived_from",
        [ML_ROLE_TRAINED_ON] = "trained_on",
        [ML_ROLE_PARAMETERS] = "parameters",
        [ML_ROLE_CODE] = "code",
        [ML_ROLE_REGISTERED_FROM] = "registered_from",
        [ML_ROLE_VALIDATED_BY] = "validated_by",
        [ML_ROLE_APPROVED_BY] = "approved_by",
        [ML_ROLE_TRANSITIONED_BY] = "transitioned_by",
        [ML_ROLE_DEPLOYED] = "deployed",
        [ML_ROLE_CONCERNED_BY] = "concerned_by",
        [ML_ROLE_ASSOCIATED] = "associated",
        [ML_ROLE_SAME_CONTENT] = "same_content",
        [ML_ROLE_INFERRED] = "inferred",
        [ML_ROLE_CONFIRMED] = "confirmed",
    };
    return names[role];
}

const char *ml_edge_kind_name(enum ml_edge_kind kind)
{
    static const char *const names[ML_EDGE_KINDS] = {
        [ML_EDGE_RECORDED] = "recorded",
        [ML_EDGE_SAME_CONTENT] = "same_content",
        [ML_EDGE_INFERRED] = "inferred",
        [ML_EDGE_CONFIRMED] = "confirmed",
    };
    return names[kind];
}

int ml_edge_compare_ways(const void *a, const void *b)
{
    const struct ml_edge *x = a, *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    if (x->to != y->to)
        return x->to < y->to ? -1 : 1;
    if (x->role != y->role)
        return x->role < y->role ? -1 : 1;
    return (int)x->kind - (int)y->kind;
}

int ml_edge_compare(const void *a, const void *b)
{
    const struct ml_edge *x = a, *y = b;
    if (x->seqs[0] != y->seqs[0])
        return x->seqs[0] < y->seqs[0] ? -1 : 1;
    return ml_edge_compare_ways(a, b);
}

void ml_graph_free(struct ml_graph *graph)
{
    if (!graph)
        return;
    struct ml_arena arena = graph->arena; /* the graph itself is on the heap, the rest in here */
    ml_arena_release(&arena);
    free(graph);
}

const struct ml_node *ml_graph_find(const struct ml_graph *graph, const char *id)
{
    for (size_t i = 0; i < graph->n_nodes; i++)
        if (strcmp(graph->nodes[i].id, id) == 0)
            return &graph->nodes[i];
    return NULL;
}
