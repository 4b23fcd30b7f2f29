/* SPDX-License-Identifier: Apache-2.0 */
#include "export/draw_pipeline.h"

#include "export/stage_address.h"
#include "export/text_clean.h"
#include "ledger/query/digest_text.h"

/* Of files in a tooltip, and of hexadecimal digits of a digest in a label. */
enum { FILES_MAX = 40, LABEL_DIGITS = 8 };

struct plan {
    const struct ml_draw_pipeline *pipeline;
    struct ml_pipeline_graph graph;
    bool *disagrees; /* by stage */
    size_t n_disagree;
    struct ml_drawing *drawing;
};

static void plan_release(struct plan *plan)
{
    ml_pipeline_graph_release(&plan->graph);
    free(plan->disagrees);
}

/* ---- where lock, files and commit differ ---- */

static int compare_address(const void *key, const void *name)
{
    return strcmp(key, *(const char *const *)name);
}

/* Nodes are sorted by address when they are stages; outputs are marked by their stage. */
static int find_disagreements(struct plan *plan)
{
    const struct ml_draw_pipeline *pipeline = plan->pipeline;
    struct ml_pipeline_graph by_address = {0};
    int result = ml_pipeline_graph(&pipeline->stages, false, &by_address);
    for (size_t i = 0; result >= 0 && i < pipeline->n_disagreements; i++) {
        const char *stage = pipeline->disagreements[i]->stage;
        const char **found = stage ? bsearch(stage, (const void *)by_address.names,
                                             by_address.n_nodes, sizeof *found, compare_address)
                                   : NULL;
        if (!found)
            continue;
        size_t index = by_address.stages[found - by_address.names];
        plan->n_disagree += !plan->disagrees[index];
        plan->disagrees[index] = true;
    }
    ml_pipeline_graph_release(&by_address);
    return result;
}

/* ---- nodes ---- */

static const Mledger__PipelineFile *out_of(const Mledger__PipelineStage *stage, const char *path)
{
    for (size_t i = 0; i < stage->n_outs; i++)
        if (stage->outs[i]->path == path)
            return stage->outs[i];
    return NULL;
}

static int append_digest(const Mledger__PipelineFile *file, size_t digits, struct ml_buf *out)
{
    char text[ML_DIGEST_TEXT_SIZE];
    if (file->n_digests == 0)
        return ml_buf_append_text(out, "no digest");
    ml_digest_text(file->digests[0], digits, text);
    return ml_buf_append_text(out, text);
}

/* "md5:0123abcd", of several "md5:0123abcd +2". */
static int append_made(const Mledger__PipelineStage *stage, struct ml_buf *out)
{
    if (!stage->has_locked && stage->n_command)
        return ml_buf_append_text(out, "not run");
    if (stage->n_outs == 0)
        return MLEDGER_OK;
    ML_TRY(append_digest(stage->outs[0], LABEL_DIGITS, out));
    return stage->n_outs > 1 ? ml_buf_printf(out, " +%zu", stage->n_outs - 1) : MLEDGER_OK;
}

static int append_files(const char *what, Mledger__PipelineFile *const *files, size_t count,
                        struct ml_buf *out)
{
    for (size_t i = 0; i < count && i < FILES_MAX; i++) {
        ML_TRY(ml_buf_printf(out, "; %s %s ", what, files[i]->path));
        ML_TRY(append_digest(files[i], 0, out));
    }
    return count > FILES_MAX ? ml_buf_printf(out, "; and %zu more", count - FILES_MAX) : MLEDGER_OK;
}

static int append_tooltip(const Mledger__PipelineStage *stage, struct ml_buf *out)
{
    ML_TRY(ml_buf_append_text(out, stage->address));
    for (size_t i = 0; i < stage->n_command; i++)
        ML_TRY(ml_buf_printf(out, "; %s", stage->command[i]));
    ML_TRY(append_files("reads", stage->deps, stage->n_deps, out));
    return append_files("makes", stage->outs, stage->n_outs, out);
}

/* Where it came from, if from another repository. */
static const Mledger__RepositoryImport *import_of(const Mledger__PipelineStage *stage)
{
    for (size_t i = 0; i < stage->n_deps; i++)
        if (stage->deps[i]->repository)
            return stage->deps[i]->repository;
    return NULL;
}

/* A stage without a command is what a .dvc file tracks. */
static enum ml_draw_kind kind_of(const Mledger__PipelineStage *stage, bool outs)
{
    if (import_of(stage))
        return ML_DRAW_SOURCE;
    if (stage->n_command == 0)
        return ML_DRAW_DATASET;
    return outs ? ML_DRAW_ARTIFACT : ML_DRAW_PIPELINE_STAGE;
}

/* The repository that it comes from, else the folder that it is in. */
static int append_where(const Mledger__PipelineStage *stage, const char *name, struct ml_buf *out)
{
    const Mledger__RepositoryImport *import = import_of(stage);
    struct ml_span folder = ml_stage_folder(name);
    return import ? ml_buf_append_text(out, import->url)
                  : ml_buf_append(out, folder.data, folder.len);
}

static int add_node(struct plan *plan, size_t node)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf made = {0}, where = {0}, tooltip = {0};
    bool outs = plan->pipeline->outs;
    size_t index = plan->graph.stages[node], place;
    const Mledger__PipelineStage *stage = plan->pipeline->stages.list[index];
    struct ml_draw_node drawn = {
        .name = plan->graph.names[node],
        .lines = {ml_stage_name(plan->graph.names[node])},
        .path = plan->graph.names[node],
        .kind = kind_of(stage, outs),
        .highlighted = plan->disagrees[index],
    };
    ML_TRY(outs ? append_digest(out_of(stage, drawn.name), LABEL_DIGITS, &made)
                : append_made(stage, &made));
    ML_TRY(append_where(stage, drawn.name, &where));
    ML_TRY(append_tooltip(stage, &tooltip));
    ML_TRY(ml_text_end(&made, &drawn.lines[1]));
    ML_TRY(ml_text_end(&where, &drawn.lines[2]));
    ML_TRY(ml_text_end(&tooltip, &drawn.tooltip));
    return ml_drawing_add_node(plan->drawing, &drawn, &place);
}

/* ---- all of it ---- */

static int add_edges(struct plan *plan)
{
    for (size_t i = 0; i < plan->graph.n_edges; i++) {
        const struct ml_draw_edge drawn = {
            .from = plan->graph.edges[i].from,
            .to = plan->graph.edges[i].to,
            .seqs = &plan->pipeline->seq,
            .seq_count = 1,
        };
        ML_TRY(ml_drawing_add_edge(plan->drawing, &drawn));
    }
    return MLEDGER_OK;
}

int ml_draw_pipeline(const struct ml_draw_pipeline *pipeline, const struct ml_draw_frame *frame,
                     struct ml_drawing *ret_drawing)
{
    ml_drawing_init(ret_drawing);
    ML_CLEANUP(plan_release)
    struct plan plan = {
        .pipeline = pipeline,
        .disagrees = ml_calloc(pipeline->stages.count + 1, sizeof(bool)),
        .drawing = ret_drawing,
    };
    if (!plan.disagrees)
        return ml_fail_memory();
    ML_TRY(ml_pipeline_graph(&pipeline->stages, pipeline->outs, &plan.graph));
    ML_TRY(find_disagreements(&plan));
    ML_TRY(ml_draw_frame(frame, ret_drawing));
    if (plan.n_disagree)
        ML_TRY(ml_drawing_set_highlighted(ret_drawing, "lock, files and commit disagree"));
    for (size_t i = 0; i < plan.graph.n_nodes; i++)
        ML_TRY(add_node(&plan, i));
    return add_edges(&plan);
}
