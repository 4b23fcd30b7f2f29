/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of whether a version was tested on what it had learned from. */
#include <inttypes.h>

#include "ledger/query/digest_text.h"
#include "ledger/query/exceptions_private.h"
#include "ledger/query/graph_links.h"
#include "ledger/query/input_role.h"
#include "ledger/query/lineage.h"

enum { LEAK_NODES = 2000 }; /* of the lineage of one input */

/* An input of the run, or of a validation of its version. */
struct datum {
    const char *name;
    Mledger__Digest *const *digests;
    size_t n_digests;
    uint64_t seq;
    bool held_out;
};

struct data {
    struct datum *list;
    size_t count, cap;
};

static int add_datum(struct exception_scan *scan, struct data *data, struct datum datum)
{
    struct ml_arena *arena = &scan->reader->arena;
    if (!ml_arena_grow(arena, &data->list, &data->cap, data->count, sizeof datum))
        return ml_arena_fail(arena, "the data of a version");
    data->list[data->count++] = datum;
    return MLEDGER_OK;
}

static int add_of_run(struct exception_scan *scan, struct data *data)
{
    for (size_t i = 0; scan->run && i < scan->run->n_inputs; i++) {
        const struct ml_run_input *one = &scan->run->inputs[i];
        enum ml_input_role role = ml_input_role(one->input->role);
        if (one->input->has_model_ref || role == ML_INPUT_OTHER)
            continue;
        ML_TRY(add_datum(scan, data,
                         (struct datum){.name = one->input->name,
                                        .digests = one->input->digests,
                                        .n_digests = one->input->n_digests,
                                        .seq = one->seq,
                                        .held_out = role == ML_INPUT_HELD_OUT}));
    }
    return MLEDGER_OK;
}

/* A look at drift compares with the data that was learned from, and load may be any data. */
static bool is_test(const Mledger__ValidationRecorded *validation)
{
    return !exception_says(validation->name, exception_drift_words) &&
           !exception_says(validation->name, exception_load_words);
}

static int add_of_validations(struct exception_scan *scan, struct data *data)
{
    for (size_t i = 0; i < scan->past->n_validations; i++) {
        const struct ml_model_validation *one = &scan->past->validations[i];
        if (one->event->version != scan->version->version || !is_test(one->event))
            continue;
        for (size_t k = 0; k < one->event->n_inputs; k++)
            ML_TRY(add_datum(scan, data,
                             (struct datum){.name = one->event->inputs[k]->name,
                                            .digests = one->event->inputs[k]->digests,
                                            .n_digests = one->event->inputs[k]->n_digests,
                                            .seq = one->record->header->seq,
                                            .held_out = true}));
    }
    return MLEDGER_OK;
}

/* What is done with each pair of what was learned from and what was held out. */
typedef int pair_finder(struct exception_scan *scan, const struct datum *learned,
                        const struct datum *held_out);

static int each_pair(struct exception_scan *scan, pair_finder *find)
{
    struct data data = {0};
    ML_TRY(add_of_run(scan, &data));
    ML_TRY(add_of_validations(scan, &data));
    for (size_t i = 0; i < data.count; i++)
        for (size_t k = 0; !data.list[i].held_out && k < data.count; k++)
            if (data.list[k].held_out)
                ML_TRY(find(scan, &data.list[i], &data.list[k]));
    return MLEDGER_OK;
}

/* ---- the same content ---- */

static const Mledger__Digest *find_equal(const struct datum *a, const struct datum *b)
{
    for (size_t i = 0; i < a->n_digests; i++)
        for (size_t k = 0; k < b->n_digests; k++)
            if (!ml_digest_is_empty(a->digests[i]) &&
                ml_digest_compare(a->digests[i], b->digests[k]) == 0)
                return a->digests[i];
    return NULL;
}

static int find_same(struct exception_scan *scan, const struct datum *learned,
                     const struct datum *held_out)
{
    const Mledger__Digest *same = find_equal(learned, held_out);
    char text[ML_DIGEST_TEXT_SIZE];
    if (!same)
        return MLEDGER_OK;
    ml_digest_text(same, ML_DIGEST_SHORT, text);
    const uint64_t seqs[] = {learned->seq, held_out->seq};
    return EXCEPTION(scan, seqs,
                     "%s, which it learned from, and %s, which was held out, are both "
                     "%s",
                     learned->name, held_out->name, text);
}

int exception_leak(struct exception_scan *scan)
{
    return each_pair(scan, find_same);
}

/* ---- lineage ---- */

/* *ret_graph is NULL where the content has no digest. */
static int lineage_of(struct exception_scan *scan, const struct datum *datum,
                      struct ml_graph **ret_graph)
{
    char text[ML_DIGEST_TEXT_SIZE];
    const char *reference = text;
    struct ml_lineage_options options = ml_lineage_defaults();
    *ret_graph = NULL;
    if (datum->n_digests == 0 || ml_digest_is_empty(datum->digests[0]))
        return MLEDGER_OK;
    ml_digest_text(datum->digests[0], 0, text);
    options.as_of = scan->options->as_of;
    options.inferred = false;
    options.max_nodes = LEAK_NODES;
    return ml_lineage(scan->view, reference, &options, ret_graph);
}

static bool holds(const struct ml_node *node, const struct datum *datum)
{
    for (size_t i = 0; i < node->n_digests; i++)
        for (size_t k = 0; k < datum->n_digests; k++)
            if (ml_digest_compare(node->digests[i], datum->digests[k]) == 0)
                return true;
    return false;
}

/* Behind what the graph began with. */
static const struct ml_node *find_content(const struct ml_graph *graph, const struct datum *datum)
{
    for (size_t i = 0; graph && i < graph->n_nodes; i++)
        if (!(graph->nodes[i].flags & ML_NODE_START) && holds(&graph->nodes[i], datum))
            return &graph->nodes[i];
    return NULL;
}

static int find_made_from(struct exception_scan *scan, const struct datum *made,
                          const struct datum *from)
{
    ML_CLEANUP(ml_graph_freep) struct ml_graph *graph = NULL;
    ML_TRY(lineage_of(scan, made, &graph));
    const struct ml_node *behind = find_content(graph, from);
    if (!behind)
        return MLEDGER_OK;
    const uint64_t seqs[] = {made->seq, from->seq, behind->seq};
    return EXCEPTION(scan, seqs, "%s %s was made from %s %s", made->name,
                     made->held_out ? "(held out)" : "(learned from)", from->name,
                     from->held_out ? "(held out)" : "(learned from)");
}

static int find_derived(struct exception_scan *scan, const struct datum *learned,
                        const struct datum *held_out)
{
    if (find_equal(learned, held_out))
        return MLEDGER_OK; /* "leak" */
    ML_TRY(find_made_from(scan, learned, held_out));
    return find_made_from(scan, held_out, learned);
}

int exception_leak_derived(struct exception_scan *scan)
{
    return each_pair(scan, find_derived);
}

static bool is_data(const struct ml_node *node)
{
    return ml_node_is_source(node->kind) && !(node->flags & ML_NODE_START);
}

/* By content too: what a node is called depends on what led to it. */
static bool is_same_thing(const struct ml_node *a, const struct ml_node *b)
{
    for (size_t i = 0; i < a->n_digests; i++)
        for (size_t k = 0; k < b->n_digests; k++)
            if (ml_digest_compare(a->digests[i], b->digests[k]) == 0)
                return true;
    return strcmp(a->id, b->id) == 0;
}

static bool has_thing(const struct ml_graph *graph, const struct ml_node *node)
{
    for (size_t i = 0; i < graph->n_nodes; i++)
        if (is_same_thing(&graph->nodes[i], node))
            return true;
    return false;
}

static int find_common(struct exception_scan *scan, const struct datum *learned,
                       const struct datum *held_out)
{
    ML_CLEANUP(ml_graph_freep) struct ml_graph *first = NULL, *second = NULL;
    if (find_equal(learned, held_out))
        return MLEDGER_OK;
    ML_TRY(lineage_of(scan, learned, &first));
    ML_TRY(lineage_of(scan, held_out, &second));
    for (size_t i = 0; first && second && i < first->n_nodes; i++) {
        const struct ml_node *node = &first->nodes[i];
        if (!is_data(node) || !has_thing(second, node))
            continue;
        const uint64_t seqs[] = {learned->seq, held_out->seq, node->seq};
        return EXCEPTION(scan, seqs, "%s and %s both come from %s", learned->name, held_out->name,
                         node->label);
    }
    return MLEDGER_OK;
}

int exception_leak_ancestor(struct exception_scan *scan)
{
    return each_pair(scan, find_common);
}
