/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/makeup.h"

#include <inttypes.h>

#include "ledger/query/digest_text.h"
#include "ledger/query/graph_links.h"
#include "ledger/query/makeup_private.h"
#include "ledger/query/snapshot.h"

const char *ml_fact_kind_name(enum ml_fact_kind kind)
{
    static const char *const names[ML_FACT_KINDS] = {
        [ML_FACT_DATA] = "data",
        [ML_FACT_CODE] = "code",
        [ML_FACT_PARAM] = "parameters",
        [ML_FACT_METRIC] = "metrics",
        [ML_FACT_ENVIRONMENT] = "environment",
        [ML_FACT_DECISION] = "decisions",
    };
    return (size_t)kind < ML_FACT_KINDS ? names[kind] : NULL;
}

int ml_makeup_find(struct ml_reader *reader, const char *text, struct ml_target *ret_target)
{
    struct ml_reference_text reference;
    ML_TRY(ml_reference_parse(text, &reference));
    ML_TRY(ml_reference_resolve(reader, &reference, ret_target));
    if (ret_target->kind == ML_TARGET_VERSION || ret_target->kind == ML_TARGET_RUN)
        return MLEDGER_OK;
    ml_fail(MLEDGER_EUSAGE, "'%s' is neither a version nor a run", text);
    return ml_hint("churn/3, models:/churn@champion, runs:/ID");
}

bool ml_makeup_same(const struct ml_target *a, const struct ml_target *b)
{
    if (a->kind != b->kind || a->seq != b->seq)
        return false;
    if (a->kind == ML_TARGET_VERSION)
        return a->version == b->version;
    return a->seq != MLEDGER_NO_SEQ || strcmp(a->name, b->name) == 0;
}

void ml_makeup_release(struct ml_makeup *makeup)
{
    ml_graph_free(makeup->graph);
    free(makeup->facts);
    *makeup = (struct ml_makeup){0};
}

bool ml_fact_same(const struct ml_fact *a, const struct ml_fact *b)
{
    if (a->kind == ML_FACT_DATA &&
        ml_digests_meet(a->digests, a->n_digests, b->digests, b->n_digests))
        return true;
    return a->value && b->value && strcmp(a->value, b->value) == 0;
}

int ml_makeup_add(struct ml_making *making, const struct ml_fact *fact)
{
    struct ml_makeup *makeup = making->makeup;
    if (!fact->key || !fact->seqs)
        return ml_arena_fail(&making->reader->arena, "what it is made of");
    ML_TRY(ml_grow(&makeup->facts, &makeup->cap, makeup->count + 1, sizeof *fact));
    makeup->facts[makeup->count++] = *fact;
    return MLEDGER_OK;
}

const uint64_t *ml_makeup_seq(struct ml_making *making, uint64_t seq)
{
    uint64_t *kept = ml_arena_alloc(&making->reader->arena, sizeof *kept);
    if (kept)
        *kept = seq;
    return kept;
}

/* ---- data ---- */

static const char *attribute_of(const struct ml_node *node, const char *name)
{
    for (size_t i = 0; i < node->n_attributes; i++)
        if (strcmp(node->attributes[i].name, name) == 0)
            return node->attributes[i].value;
    return NULL;
}

/* What it is called, without what tells its versions apart. */
static const char *data_key(struct ml_making *making, const struct ml_node *node)
{
    const char *path = attribute_of(node, "path");
    const char *name = node->kind == ML_NODE_DATASET ? node->id + strlen("dataset:") : node->label;
    size_t len = strcspn(name, node->kind == ML_NODE_DATASET ? "@#" : "");
    if (node->kind == ML_NODE_DATASET && strrchr(name, '@'))
        len = (size_t)(strrchr(name, '@') - name);
    if (node->kind == ML_NODE_FILE && path)
        return ml_arena_printf(&making->reader->arena, "file %s", path);
    return ml_arena_printf(&making->reader->arena, "%s %.*s", ml_node_kind_name(node->kind),
                           (int)len, name);
}

static const char *data_value(struct ml_making *making, const struct ml_node *node)
{
    char text[ML_DIGEST_TEXT_SIZE];
    if (node->n_digests == 0)
        return NULL;
    ml_digest_text(node->digests[0], 0, text);
    return ml_arena_printf(&making->reader->arena, "%s", text);
}

/* Data is what something read, or came from; not what was only made. */
static int add_data(struct ml_making *making, const struct ml_edge *edge)
{
    const struct ml_graph *graph = making->makeup->graph;
    const struct ml_node *from = &graph->nodes[edge->from], *to = &graph->nodes[edge->to];
    if (!ml_node_is_source(from->kind) || to->kind == ML_NODE_VALIDATION ||
        to->kind == ML_NODE_INCIDENT ||
        (edge->role != ML_ROLE_USED && edge->role != ML_ROLE_TRAINED_ON &&
         edge->role != ML_ROLE_DERIVED_FROM))
        return MLEDGER_OK;
    const struct ml_fact fact = {.kind = ML_FACT_DATA,
                                 .key = data_key(making, from),
                                 .value = data_value(making, from),
                                 .seqs = edge->seqs,
                                 .n_seqs = edge->n_seqs,
                                 .by = edge->kind,
                                 .digests = from->digests,
                                 .n_digests = from->n_digests};
    return ml_makeup_add(making, &fact);
}

/* ---- code and parameters ---- */

static const char *whose(struct ml_making *making, const struct ml_node *node)
{
    const char *pipeline = attribute_of(node, "pipeline");
    if (node->kind == ML_NODE_STAGE)
        return ml_arena_printf(&making->reader->arena, "pipeline %s", pipeline ? pipeline : "");
    return strcmp(node->id, making->own_run) == 0 ? "run" : node->label;
}

static int add_code(struct ml_making *making, const struct ml_edge *edge)
{
    const struct ml_graph *graph = making->makeup->graph;
    const struct ml_fact fact = {.kind = ML_FACT_CODE,
                                 .key = whose(making, &graph->nodes[edge->to]),
                                 .value = graph->nodes[edge->from].id + strlen("commit:"),
                                 .seqs = edge->seqs,
                                 .n_seqs = edge->n_seqs,
                                 .by = edge->kind};
    return ml_makeup_add(making, &fact);
}

/* The values of the own run are told by the run itself. */
static int add_params(struct ml_making *making, const struct ml_edge *edge)
{
    const struct ml_graph *graph = making->makeup->graph;
    const struct ml_node *params = &graph->nodes[edge->from], *of = &graph->nodes[edge->to];
    if (strcmp(of->id, making->own_run) == 0)
        return MLEDGER_OK;
    for (size_t i = 0; i < params->n_attributes; i++) {
        bool known = strcmp(params->attributes[i].value, "(not known)") != 0;
        const struct ml_fact fact = {.kind = ML_FACT_PARAM,
                                     .key =
                                         ml_arena_printf(&making->reader->arena, "%s%s: %s",
                                                         of->kind == ML_NODE_STAGE ? "stage " : "",
                                                         of->label, params->attributes[i].name),
                                     .value = known ? params->attributes[i].value : NULL,
                                     .seqs = edge->seqs,
                                     .n_seqs = edge->n_seqs,
                                     .by = edge->kind};
        ML_TRY(ml_makeup_add(making, &fact));
    }
    return MLEDGER_OK;
}

static int add_edge(struct ml_making *making, const struct ml_edge *edge)
{
    switch (edge->role) {
    case ML_ROLE_CODE:
        return add_code(making, edge);
    case ML_ROLE_PARAMETERS:
        return add_params(making, edge);
    case ML_ROLE_VALIDATED_BY:
    case ML_ROLE_APPROVED_BY:
        return ml_makeup_decision(making, edge);
    default:
        return add_data(making, edge);
    }
}

/* ---- all of it ---- */

static int compare_texts(const char *a, const char *b)
{
    if (!a || !b)
        return a ? 1 : b ? -1 : 0;
    return strcmp(a, b);
}

static int compare_facts(const void *a, const void *b)
{
    const struct ml_fact *x = a, *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    int order = strcmp(x->key, y->key);
    if (order == 0)
        order = compare_texts(x->value, y->value);
    return order ? order : (x->seqs[0] > y->seqs[0]) - (x->seqs[0] < y->seqs[0]);
}

/* The first record that says it stands for those that say it again. */
static void settle(struct ml_makeup *makeup)
{
    size_t kept = 0;
    if (makeup->count)
        qsort(makeup->facts, makeup->count, sizeof *makeup->facts, compare_facts);
    for (size_t i = 0; i < makeup->count; i++) {
        const struct ml_fact *last = kept ? &makeup->facts[kept - 1] : NULL;
        const struct ml_fact *fact = &makeup->facts[i];
        if (!last || last->kind != fact->kind || strcmp(last->key, fact->key) != 0 ||
            compare_texts(last->value, fact->value) != 0)
            makeup->facts[kept++] = *fact;
    }
    makeup->count = kept;
}

static const struct ml_node *start_of(const struct ml_graph *graph)
{
    for (size_t i = 0; i < graph->n_nodes; i++)
        if (graph->nodes[i].flags & ML_NODE_START)
            return &graph->nodes[i];
    return NULL;
}

static int read_all(struct ml_making *making, const struct ml_target *target)
{
    struct ml_lineage_options options = ml_lineage_defaults();
    struct ml_makeup *makeup = making->makeup;
    options.as_of = making->reader->as_of;
    ML_TRY(ml_lineage_of(making->reader->view, target, &options, &makeup->graph));
    const struct ml_node *start = start_of(makeup->graph);
    if (!start)
        return ml_fail(MLEDGER_ENOTFOUND, "there is no such thing");
    makeup->name = start->label;
    ML_TRY(ml_makeup_run(making, target));
    for (size_t i = 0; i < makeup->graph->n_edges; i++)
        ML_TRY(add_edge(making, &makeup->graph->edges[i]));
    settle(makeup);
    return MLEDGER_OK;
}

int ml_makeup_read(struct ml_reader *reader, const struct ml_target *target,
                   struct ml_makeup *ret_makeup)
{
    struct ml_making making = {.reader = reader, .makeup = ret_makeup, .own_run = ""};
    *ret_makeup = (struct ml_makeup){.is_version = target->kind == ML_TARGET_VERSION};
    if (target->kind != ML_TARGET_VERSION && target->kind != ML_TARGET_RUN)
        return ml_fail(MLEDGER_EUSAGE, "only versions and runs can be laid side by side");
    return read_all(&making, target);
}
