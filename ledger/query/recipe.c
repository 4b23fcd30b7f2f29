/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/recipe.h"

#include <inttypes.h>

#include "ledger/query/version_past.h"
#include "ledger/query/version_run.h"

void ml_recipe_release(struct ml_recipe *recipe)
{
    ml_snapshots_release(&recipe->snapshots);
    ml_graph_free(recipe->graph);
    recipe->graph = NULL;
}

static int fail(struct ml_reader *reader)
{
    return ml_arena_fail(&reader->arena, "the recipe");
}

/* ---- stages ---- */

static bool is_tracking(const char *address)
{
    const char *dot = strrchr(address, '.');
    return dot && strcmp(dot, ".dvc") == 0;
}

/* Is there a way of recorded or confirmed edges from the stage onwards? What only an inference
 * joins is told as such. */
static bool is_inferred(const struct ml_graph *graph, size_t node)
{
    bool inferred = false;
    for (size_t i = 0; i < graph->n_edges; i++) {
        const struct ml_edge *edge = &graph->edges[i];
        if (edge->from != node)
            continue;
        if (edge->kind != ML_EDGE_INFERRED)
            return false;
        inferred = true;
    }
    return inferred;
}

static int find_stages(struct ml_reader *reader, struct ml_recipe *recipe)
{
    const struct ml_graph *graph = recipe->graph;
    recipe->stages = ml_arena_calloc(&reader->arena, graph->n_nodes + 1, sizeof *recipe->stages);
    if (!recipe->stages)
        return fail(reader);
    for (size_t i = 0; i < graph->n_nodes; i++) {
        const struct ml_node *node = &graph->nodes[i];
        struct ml_snapshot *snapshot;
        if (node->kind != ML_NODE_STAGE || is_tracking(node->label))
            continue;
        ML_TRY(ml_snapshot_load(&recipe->snapshots, node->seq, &snapshot));
        size_t stage = snapshot ? ml_snapshot_stage(snapshot, node->label) : SIZE_MAX;
        if (stage == SIZE_MAX)
            return ml_fail_seq(MLEDGER_EDAMAGED, node->seq, "it has no stage '%s'", node->label);
        recipe->stages[recipe->n_stages++] =
            (struct ml_recipe_stage){snapshot, stage, is_inferred(graph, i)};
    }
    return MLEDGER_OK;
}

static bool reads_from(const struct ml_recipe_stage *reader, const struct ml_recipe_stage *maker)
{
    const Mledger__PipelineStage *stage = reader->snapshot->stages[reader->stage];
    if (reader->snapshot != maker->snapshot)
        return reader->snapshot->seq > maker->snapshot->seq;
    for (size_t d = 0; d < stage->n_deps; d++)
        for (size_t p = 0; p < stage->deps[d]->n_producers; p++)
            if (stage->deps[d]->producers[p] == maker->stage)
                return true;
    return false;
}

/* A stage that waits for none of the others goes first; in a circle the first one does. */
static void order_stages(struct ml_recipe *recipe)
{
    for (size_t done = 0; done < recipe->n_stages; done++) {
        size_t next = done;
        for (size_t i = done; i < recipe->n_stages; i++) {
            bool waits = false;
            for (size_t k = done; k < recipe->n_stages && !waits; k++)
                waits = k != i && reads_from(&recipe->stages[i], &recipe->stages[k]);
            if (!waits) {
                next = i;
                break;
            }
        }
        struct ml_recipe_stage taken = recipe->stages[next];
        memmove(recipe->stages + done + 1, recipe->stages + done,
                (next - done) * sizeof *recipe->stages);
        recipe->stages[done] = taken;
    }
}

/* ---- files ---- */

static const char *path_of(const struct ml_node *node)
{
    for (size_t i = 0; i < node->n_attributes; i++)
        if (strcmp(node->attributes[i].name, "path") == 0)
            return node->attributes[i].value;
    return NULL;
}

/* What made the file here, if anything did: a stage that ran, or one that only tracks it. */
static const struct ml_node *maker_of(const struct ml_graph *graph, size_t file)
{
    for (size_t i = 0; i < graph->n_edges; i++)
        if (graph->edges[i].to == file && graph->edges[i].role == ML_ROLE_GENERATED)
            return &graph->nodes[graph->edges[i].from];
    return NULL;
}

static bool is_read(const struct ml_graph *graph, size_t file)
{
    for (size_t i = 0; i < graph->n_edges; i++)
        if (graph->edges[i].from == file &&
            (graph->edges[i].role == ML_ROLE_USED || graph->edges[i].role == ML_ROLE_TRAINED_ON))
            return true;
    return false;
}

static int compare_files(const void *a, const void *b)
{
    const struct ml_recipe_file *x = a, *y = b;
    return strcmp(x->path, y->path);
}

static int find_files(struct ml_reader *reader, struct ml_recipe *recipe)
{
    const struct ml_graph *graph = recipe->graph;
    recipe->files = ml_arena_calloc(&reader->arena, graph->n_nodes + 1, sizeof *recipe->files);
    if (!recipe->files)
        return fail(reader);
    for (size_t i = 0; i < graph->n_nodes; i++) {
        const struct ml_node *node = &graph->nodes[i], *maker = maker_of(graph, i);
        const char *path = path_of(node);
        if (node->kind != ML_NODE_FILE || !path || !is_read(graph, i) ||
            (maker && !(maker->kind == ML_NODE_STAGE && is_tracking(maker->label))))
            continue;
        recipe->files[recipe->n_files++] = (struct ml_recipe_file){
            path, node->digests, node->n_digests, maker ? maker->label : NULL, node->seq};
    }
    if (recipe->n_files)
        qsort(recipe->files, recipe->n_files, sizeof *recipe->files, compare_files);
    return MLEDGER_OK;
}

/* ---- the run ---- */

static int find_run(struct ml_reader *reader, const struct ml_target *target,
                    struct ml_recipe *recipe)
{
    if (target->kind == ML_TARGET_RUN && target->seq != MLEDGER_NO_SEQ) {
        ML_TRY(ml_run_past(reader, target->seq, &recipe->run));
        recipe->has_run = true;
    }
    if (target->kind != ML_TARGET_VERSION)
        return MLEDGER_OK;
    struct ml_version_past past;
    const struct ml_run_past *run;
    ML_TRY(ml_version_past(reader, target->seq, target->version, &past));
    ML_TRY(ml_version_run(reader, past.registered, &run));
    recipe->has_run = run != NULL;
    if (run)
        recipe->run = *run;
    return MLEDGER_OK;
}

static const char *name_of(const struct ml_graph *graph)
{
    const char *name = "nothing";
    size_t starts = 0;
    for (size_t i = 0; i < graph->n_nodes; i++)
        if ((graph->nodes[i].flags & ML_NODE_START) && starts++ == 0)
            name = graph->nodes[i].label;
    return starts > 1 ? "several things" : name;
}

int ml_recipe_read(struct ml_reader *reader, const struct ml_target *target, struct ml_basis *basis,
                   struct ml_recipe *ret_recipe)
{
    *ret_recipe = (struct ml_recipe){.snapshots = {.reader = reader}};
    struct ml_lineage_options options = ml_lineage_defaults();
    options.as_of = reader->as_of;
    ML_TRY(ml_lineage_of(reader->view, target, &options, &ret_recipe->graph));
    ret_recipe->name = name_of(ret_recipe->graph);
    ML_TRY(find_run(reader, target, ret_recipe));
    ML_TRY(find_stages(reader, ret_recipe));
    order_stages(ret_recipe);
    ML_TRY(find_files(reader, ret_recipe));
    return ml_basis_add_graph(basis, ret_recipe->graph);
}
