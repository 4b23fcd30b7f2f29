/* SPDX-License-Identifier: Apache-2.0 */
/* Stages that depend on themselves. Stages that nothing feeds are taken away until none is left,
 * then those that feed nothing: what remains lies on a cycle or between two. */
#include "ingest/dvc/reader.h"

struct peeling {
    const struct ml_dvc_project *project;
    bool *gone;
    size_t *degree; /* edges still coming in, in this direction */
    size_t *first;  /* first[s] … first[s+1]: the places of stage s in `next` */
    uint32_t *next; /* stages that an edge leads to */
    uint32_t *queue;
};

static void peeling_release(struct peeling *peeling)
{
    free(peeling->gone);
    free(peeling->degree);
    free(peeling->first);
    free(peeling->next);
    free(peeling->queue);
}

static int peeling_init(struct peeling *peeling)
{
    const size_t stages = peeling->project->stages_count;
    peeling->gone = ml_calloc(stages + 1, sizeof(*peeling->gone));
    peeling->degree = ml_calloc(stages + 1, sizeof(*peeling->degree));
    peeling->first = ml_calloc(stages + 2, sizeof(*peeling->first));
    peeling->next = ml_calloc(peeling->project->edges_count + 1, sizeof(*peeling->next));
    peeling->queue = ml_calloc(stages + 1, sizeof(*peeling->queue));
    if (!peeling->gone || !peeling->degree || !peeling->first || !peeling->next || !peeling->queue)
        return ml_fail_memory();
    return 0;
}

static struct ml_dvc_edge edge_at(const struct peeling *peeling, size_t at, bool forward)
{
    const struct ml_dvc_edge edge = peeling->project->edges[at];
    return forward ? edge : (struct ml_dvc_edge){edge.to, edge.from};
}

/* Sorts the edges between stages still there by where they start (counting sort). */
static void arrange(struct peeling *peeling, bool forward)
{
    const size_t stages = peeling->project->stages_count;
    memset(peeling->first, 0, (stages + 2) * sizeof(*peeling->first));
    memset(peeling->degree, 0, (stages + 1) * sizeof(*peeling->degree));
    for (size_t e = 0; e < peeling->project->edges_count; e++) {
        const struct ml_dvc_edge edge = edge_at(peeling, e, forward);
        if (peeling->gone[edge.from] || peeling->gone[edge.to])
            continue;
        peeling->first[edge.from + 2]++;
        peeling->degree[edge.to]++;
    }
    for (size_t s = 2; s <= stages + 1; s++)
        peeling->first[s] += peeling->first[s - 1];
    for (size_t e = 0; e < peeling->project->edges_count; e++) {
        const struct ml_dvc_edge edge = edge_at(peeling, e, forward);
        if (!peeling->gone[edge.from] && !peeling->gone[edge.to])
            peeling->next[peeling->first[edge.from + 1]++] = edge.to;
    }
}

/* Returns how many stages remain. */
static size_t peel(struct peeling *peeling, bool forward)
{
    const size_t stages = peeling->project->stages_count;
    size_t head = 0, tail = 0, left = 0;
    arrange(peeling, forward);
    for (uint32_t s = 0; s < stages; s++)
        if (!peeling->gone[s] && peeling->degree[s] == 0)
            peeling->queue[tail++] = s;
    while (head < tail) {
        const uint32_t s = peeling->queue[head++];
        peeling->gone[s] = true;
        for (size_t i = peeling->first[s]; i < peeling->first[s + 1]; i++)
            if (--peeling->degree[peeling->next[i]] == 0)
                peeling->queue[tail++] = peeling->next[i];
    }
    for (size_t s = 0; s < stages; s++)
        left += !peeling->gone[s];
    return left;
}

int ml_dvc_cycles_find(struct ml_dvc_reader *reader)
{
    ML_CLEANUP(peeling_release) struct peeling peeling = {.project = reader->project};
    ML_TRY(peeling_init(&peeling));
    if (peel(&peeling, true) == 0 || peel(&peeling, false) == 0)
        return 0;
    for (size_t s = 0; s < reader->project->stages_count; s++) {
        const struct ml_dvc_stage *stage = &reader->project->stages[s];
        if (!peeling.gone[s])
            ML_TRY(ml_dvc_reader_finding(reader, ML_DVC_CYCLE, stage->address, stage->file, NULL,
                                         NULL));
    }
    return 0;
}
