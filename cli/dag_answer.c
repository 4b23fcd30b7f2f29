/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/dag_answer.h"

#include <ctype.h>
#include <inttypes.h>

#include "cli/listing.h"
#include "ledger/query/digest_text.h"

enum { FILES_SHOWN = 3 };

static const Mledger__PipelineStage *stage_of(const struct ml_dag *dag, size_t node)
{
    return dag->snapshot->stages[dag->graph->stages[node]];
}

/* The files of a node: all outputs of the stage, or the one that the node is. */
static bool is_of_node(const struct ml_dag *dag, size_t node, const Mledger__PipelineFile *out)
{
    return !dag->outs || out->path == dag->graph->names[node];
}

/* ---- order: nothing before what it needs ---- */

/* Kahn's algorithm; of those that are free the first by name is next. What is on a cycle, which
 * DVC refuses and an import reports, comes last. */
struct order {
    size_t *nodes; /* the result */
    size_t count;
    size_t *missing; /* by node: how many it needs that are not placed yet */
    bool *placed;
};

static void order_release(struct order *order)
{
    free(order->nodes);
    free(order->missing);
    free(order->placed);
}

/* Edges are sorted by where they come from. */
static size_t first_edge(const struct ml_pipeline_graph *graph, size_t node)
{
    size_t low = 0, high = graph->n_edges;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (graph->edges[middle].from < node)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void place(const struct ml_pipeline_graph *graph, struct order *order, size_t node)
{
    order->placed[node] = true;
    order->nodes[order->count++] = node;
    for (size_t i = first_edge(graph, node); i < graph->n_edges && graph->edges[i].from == node;
         i++)
        order->missing[graph->edges[i].to]--;
}

/* Round by round, so that a pipeline of depth d takes d looks at all nodes. */
static int find_order(const struct ml_pipeline_graph *graph, struct order *order)
{
    order->nodes = ml_calloc(graph->n_nodes + 1, sizeof *order->nodes);
    order->missing = ml_calloc(graph->n_nodes + 1, sizeof *order->missing);
    order->placed = ml_calloc(graph->n_nodes + 1, sizeof *order->placed);
    if (!order->nodes || !order->missing || !order->placed)
        return ml_fail_memory();
    for (size_t i = 0; i < graph->n_edges; i++)
        order->missing[graph->edges[i].to]++;
    for (size_t before = SIZE_MAX; before != order->count;) {
        before = order->count;
        for (size_t i = 0; i < graph->n_nodes; i++)
            if (!order->placed[i] && order->missing[i] == 0)
                place(graph, order, i);
    }
    for (size_t i = 0; i < graph->n_nodes; i++)
        if (!order->placed[i])
            order->nodes[order->count++] = i;
    return MLEDGER_OK;
}

/* ---- text ---- */

static int append_digest(const Mledger__PipelineFile *file, size_t digits, struct ml_buf *text)
{
    char digest[ML_DIGEST_TEXT_SIZE];
    if (file->n_digests == 0)
        return ml_buf_append_text(text, "no digest");
    ml_digest_text(file->digests[0], digits, digest);
    return ml_buf_append_text(text, digest);
}

/* "model.json md5:0123456789ab, …" */
static int append_made(const struct ml_dag *dag, size_t node, struct ml_buf *text)
{
    const Mledger__PipelineStage *stage = stage_of(dag, node);
    size_t shown = 0;
    if (!stage->has_locked && stage->n_command)
        return ml_buf_append_text(text, "(not run)");
    for (size_t i = 0; i < stage->n_outs; i++) {
        if (!is_of_node(dag, node, stage->outs[i]))
            continue;
        if (shown == FILES_SHOWN)
            return ml_buf_printf(text, ", and %zu more", stage->n_outs - shown);
        if (shown++)
            ML_TRY(ml_buf_append_text(text, ", "));
        if (!dag->outs)
            ML_TRY(ml_buf_printf(text, "%s ", stage->outs[i]->path));
        ML_TRY(append_digest(stage->outs[i], ML_DIGEST_SHORT, text));
    }
    return MLEDGER_OK;
}

/* Of all nodes at once: needs[n] is "prepare, featurize". */
static int list_needs(const struct ml_pipeline_graph *graph, struct ml_buf *needs, size_t *counts)
{
    for (size_t i = 0; i < graph->n_edges; i++) {
        size_t to = graph->edges[i].to;
        if (counts[to]++ >= FILES_SHOWN)
            continue;
        ML_TRY(ml_buf_printf(&needs[to], "%s%s", counts[to] > 1 ? ", " : "",
                             graph->names[graph->edges[i].from]));
    }
    for (size_t i = 0; i < graph->n_nodes; i++) {
        if (counts[i] > FILES_SHOWN)
            ML_TRY(ml_buf_printf(&needs[i], ", and %zu more", counts[i] - FILES_SHOWN));
        ML_TRY(ml_buf_append_char(&needs[i], '\0'));
    }
    return MLEDGER_OK;
}

static int list_nodes(const struct ml_dag *dag, const struct order *order,
                      const struct ml_buf *needs, struct ml_listing *listing)
{
    for (size_t i = 0; i < order->count; i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf made = {0};
        size_t node = order->nodes[i];
        ML_TRY(append_made(dag, node, &made));
        ML_TRY(ml_buf_append_char(&made, '\0'));
        ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", dag->graph->names[node]));
        ML_TRY(ml_listing_add(listing, ML_ROLE_DIM, "%s", (const char *)made.data));
        ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", (const char *)needs[node].data));
    }
    return MLEDGER_OK;
}

static int print_nodes(const struct ml_dag *dag, const struct order *order, struct ml_output *out)
{
    static const struct ml_column stages[] = {{.heading = "STAGE"},
                                              {.heading = "MADE", .flexible = true},
                                              {.heading = "FROM", .flexible = true}};
    static const struct ml_column outputs[] = {
        {.heading = "OUTPUT"}, {.heading = "DIGEST"}, {.heading = "FROM", .flexible = true}};
    ML_CLEANUP(ml_listing_release) struct ml_listing listing;
    size_t count = dag->graph->n_nodes;
    ml_listing_init(&listing, dag->outs ? outputs : stages, ML_COUNT(stages));
    ML_CLEANUP(ml_freep) struct ml_buf *needs = ml_calloc(count + 1, sizeof *needs);
    ML_CLEANUP(ml_freep) size_t *counts = ml_calloc(count + 1, sizeof *counts);
    if (!needs || !counts)
        return ml_fail_memory();
    int result = list_needs(dag->graph, needs, counts);
    if (result >= 0)
        result = list_nodes(dag, order, needs, &listing);
    for (size_t i = 0; i < count; i++)
        ml_buf_release(&needs[i]);
    ML_TRY(result);
    ml_listing_print(&listing, out);
    return MLEDGER_OK;
}

static const char *kind_name(Mledger__DisagreementKind kind)
{
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value(&mledger__disagreement_kind__descriptor, (int)kind);
    return value ? value->name : "UNKNOWN";
}

/* "PARAM_CHANGED" as "param changed". */
static void print_kind(Mledger__DisagreementKind kind, struct ml_output *out)
{
    char words[64] = "";
    const char *name = kind_name(kind);
    for (size_t i = 0; name[i] && i + 1 < sizeof words; i++)
        words[i] = name[i] == '_' ? ' ' : (char)tolower((unsigned char)name[i]);
    ml_output_text(out, ML_ROLE_WARN, "disagreement: %s", words);
}

static void print_digest(const char *what, const Mledger__Digest *digest, struct ml_output *out)
{
    char text[ML_DIGEST_TEXT_SIZE];
    if (!digest)
        return;
    ml_digest_text(digest, ML_DIGEST_SHORT, text);
    ml_output_text(out, ML_ROLE_PLAIN, ", %s %s", what, text);
}

static void print_disagreement(const Mledger__Disagreement *disagreement, struct ml_output *out)
{
    print_kind(disagreement->kind, out);
    if (disagreement->stage)
        ml_output_text(out, ML_ROLE_PLAIN, ", stage %s", disagreement->stage);
    if (disagreement->path)
        ml_output_text(out, ML_ROLE_PLAIN, ", %s", disagreement->path);
    print_digest("recorded", disagreement->expected, out);
    print_digest("found", disagreement->found, out);
    ml_output_newline(out);
}

static void print_heading(const struct ml_dag *dag, struct ml_output *out)
{
    const Mledger__PipelineRecorded *recorded = dag->snapshot->recorded;
    char commit[ML_DIGEST_TEXT_SIZE];
    ml_output_text(out, ML_ROLE_EMPHASIS, "pipeline %s", recorded->name);
    ml_output_text(out, ML_ROLE_DIM, "  #%" PRIu64, dag->snapshot->seq);
    if (recorded->commit) {
        ml_digest_text(recorded->commit, ML_DIGEST_SHORT, commit);
        ml_output_text(out, ML_ROLE_PLAIN, "  %s", commit);
    }
    ml_output_line(out, ML_ROLE_WARN, "%s",
                   recorded->dirty ? "  the work tree differed from the commit" : "");
}

int ml_dag_print(const struct ml_dag *dag, struct ml_output *out)
{
    ML_CLEANUP(order_release) struct order order = {0};
    print_heading(dag, out);
    ML_TRY(find_order(dag->graph, &order));
    ML_TRY(print_nodes(dag, &order, out));
    for (size_t i = 0; i < dag->n_disagreements; i++)
        print_disagreement(dag->disagreements[i], out);
    return MLEDGER_OK;
}

/* ---- JSON ---- */

static json_t *digest_json(const Mledger__Digest *digest)
{
    char text[ML_DIGEST_TEXT_SIZE];
    if (!digest)
        return NULL;
    ml_digest_text(digest, 0, text);
    return json_string(text);
}

static json_t *digests_json(const struct ml_dag *dag, size_t node)
{
    const Mledger__PipelineStage *stage = stage_of(dag, node);
    json_t *list = json_array();
    for (size_t i = 0; i < stage->n_outs; i++)
        for (size_t k = 0; is_of_node(dag, node, stage->outs[i]) && k < stage->outs[i]->n_digests;
             k++)
            if (json_array_append_new(list, digest_json(stage->outs[i]->digests[k])) < 0) {
                json_decref(list);
                return NULL;
            }
    return list;
}

static json_t *nodes_json(const struct ml_dag *dag)
{
    json_t *list = json_array();
    for (size_t i = 0; i < dag->graph->n_nodes; i++) {
        json_t *node = json_pack("{s:s, s:s, s:o}", "name", dag->graph->names[i], "stage",
                                 stage_of(dag, i)->address, "digests", digests_json(dag, i));
        if (json_array_append_new(list, node) < 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *edges_json(const struct ml_pipeline_graph *graph)
{
    json_t *list = json_array();
    for (size_t i = 0; i < graph->n_edges; i++) {
        json_t *edge = json_pack("{s:s, s:s}", "from", graph->names[graph->edges[i].from], "to",
                                 graph->names[graph->edges[i].to]);
        if (json_array_append_new(list, edge) < 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *disagreements_json(const struct ml_dag *dag)
{
    json_t *list = json_array();
    for (size_t i = 0; i < dag->n_disagreements; i++) {
        const Mledger__Disagreement *at = dag->disagreements[i];
        json_t *one = json_pack("{s:s, s:s*, s:s*, s:o*, s:o*}", "kind", kind_name(at->kind),
                                "stage", at->stage, "path", at->path, "expected",
                                digest_json(at->expected), "found", digest_json(at->found));
        if (json_array_append_new(list, one) < 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

int ml_dag_to_json(const struct ml_dag *dag, json_t **ret_json)
{
    const Mledger__PipelineRecorded *recorded = dag->snapshot->recorded;
    json_t *json = json_pack(
        "{s:s, s:I, s:o*, s:o*, s:o, s:o, s:o}", "pipeline", recorded->name, "seq",
        (json_int_t)dag->snapshot->seq, "commit", digest_json(recorded->commit), "dirty",
        recorded->has_dirty ? json_boolean(recorded->dirty) : NULL, "nodes", nodes_json(dag),
        "edges", edges_json(dag->graph), "disagreements", disagreements_json(dag));
    if (!json)
        return ml_fail_memory();
    *ret_json = json;
    return MLEDGER_OK;
}
