/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/dvc/path.h"
#include "ingest/import_dvc_state.h"

void ml_import_producers_release(struct ml_import_producers *producers)
{
    free(producers->outs);
    free(producers->found);
    *producers = (struct ml_import_producers){0};
}

static int compare_outs(const void *a, const void *b)
{
    const struct ml_import_producer *x = a, *y = b;
    const int order = ml_dvc_path_compare(x->full, y->full);
    if (order != 0)
        return order;
    return (x->stage > y->stage) - (x->stage < y->stage);
}

int ml_import_producers_init(struct ml_import_producers *producers,
                             const struct ml_import_dvc *import)
{
    const struct ml_dvc_project *project = import->project;
    producers->import = import;
    producers->outs = ml_calloc(project->outs_count, sizeof *producers->outs);
    if (!producers->outs)
        return ml_fail_memory();
    for (size_t i = 0; i < project->outs_count; i++)
        producers->outs[i] = (struct ml_import_producer){
            .full = project->outs[i]->full, .stage = import->indexes[project->outs_stage[i]]};
    producers->count = project->outs_count;
    qsort(producers->outs, producers->count, sizeof *producers->outs, compare_outs);
    return MLEDGER_OK;
}

static size_t first_at(const struct ml_import_producers *producers, const char *path)
{
    size_t low = 0, high = producers->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (ml_dvc_path_compare(producers->outs[middle].full, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int add(struct ml_import_producers *producers, uint32_t stage)
{
    ML_TRY(ml_grow(&producers->found, &producers->cap_found, producers->n_found + 1,
                   sizeof *producers->found));
    producers->found[producers->n_found++] = stage;
    return MLEDGER_OK;
}

/* Outputs at the path; with `inside` also those below it. */
static int add_at(struct ml_import_producers *producers, const char *path, bool inside)
{
    const size_t len = strlen(path);
    for (size_t i = first_at(producers, path); i < producers->count; i++) {
        const char *full = producers->outs[i].full;
        if (strncmp(full, path, len) != 0 || (full[len] && !(inside && full[len] == '/')))
            return MLEDGER_OK;
        ML_TRY(add(producers, producers->outs[i].stage));
    }
    return MLEDGER_OK;
}

static int compare_stages(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void sort_found(struct ml_import_producers *producers)
{
    size_t kept = 0;
    qsort(producers->found, producers->n_found, sizeof *producers->found, compare_stages);
    for (size_t i = 0; i < producers->n_found; i++)
        if (kept == 0 || producers->found[kept - 1] != producers->found[i])
            producers->found[kept++] = producers->found[i];
    producers->n_found = kept;
}

int ml_import_producers_find(struct ml_import_producers *producers, const char *full)
{
    ML_CLEANUP(ml_freep) char *path = strdup(full);
    if (!path)
        return ml_fail_memory();
    producers->n_found = 0;
    ML_TRY(add_at(producers, path, true));
    for (char *slash = strrchr(path, '/'); slash && slash > path; slash = strrchr(path, '/')) {
        *slash = '\0';
        ML_TRY(add_at(producers, path, false));
    }
    if (producers->n_found > 0)
        sort_found(producers);
    return MLEDGER_OK;
}
