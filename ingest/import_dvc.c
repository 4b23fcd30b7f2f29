/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directory with one DVC project or several. All are read before the first draft is made, so
 * that a broken one leaves nothing behind.
 */
#include "ingest/import_dvc_state.h"

void ml_import_dvc_release(struct ml_import_dvc *import)
{
    for (size_t i = 0; i < import->manifests.size; i++)
        if (import->manifests.slots[i].thing)
            ml_manifest_release(import->manifests.slots[i].thing);
    ml_table_release(&import->manifests);
    ml_table_release(&import->recorded);
    free(import->indexes);
    ml_pool_release(&import->pool);
    ml_dvc_project_free(import->project);
}

struct projects {
    struct ml_import_batch batch;
    struct ml_import_roots roots;
    struct ml_pool pool;
    struct ml_import_dvc *all;
    size_t count;
};

static void projects_freep(struct projects **projects)
{
    if (!*projects)
        return;
    for (size_t i = 0; i < (*projects)->count; i++)
        ml_import_dvc_release(&(*projects)->all[i]);
    free((*projects)->all);
    ml_import_batch_release(&(*projects)->batch);
    ml_import_roots_release(&(*projects)->roots);
    ml_pool_release(&(*projects)->pool);
    free(*projects);
}

static int number_stages(struct ml_import_dvc *import)
{
    const struct ml_dvc_project *project = import->project;
    uint32_t next = 0;
    import->indexes = ml_calloc(project->stages_count, sizeof *import->indexes);
    if (!import->indexes)
        return ml_fail_memory();
    for (size_t i = 0; i < project->stages_count; i++)
        import->indexes[i] = project->stages[i].is_stale ? ML_IMPORT_NO_STAGE : next++;
    return MLEDGER_OK;
}

int ml_import_dvc_begin(struct ml_import_dvc *import)
{
    const struct ml_dvc_project *project = import->project;
    for (size_t i = 0; i < project->left_out_count; i++)
        ML_TRY(ml_import_leave_out(import->batch->report, project->left_out[i].file,
                                   project->left_out[i].reason));
    return number_stages(import);
}

static int read_project(struct ml_import_dvc *import)
{
    const struct ml_import_options *options = &import->batch->options;
    const struct ml_dvc_options reading = {.keep_going = options->keep_going,
                                           .check_files = !options->skip_hashing,
                                           .check_git = true};
    ML_TRY(ml_dvc_project_read(import->dir, &reading, &import->project));
    return ml_import_dvc_begin(import);
}

/* The directory itself need be none when there are some below it. */
static int read_all(struct projects *projects, const char *dir, const char *name)
{
    struct ml_pool *pool = &projects->pool;
    const size_t roots = projects->roots.count;
    projects->all = ml_calloc(roots, sizeof *projects->all);
    if (!projects->all)
        return ml_fail_memory();
    for (size_t i = 0; i < roots; i++) {
        const char *path = projects->roots.paths[i];
        const bool is_top = strcmp(path, ".") == 0;
        struct ml_import_dvc *import = &projects->all[projects->count];
        import->batch = &projects->batch;
        import->dir = is_top ? dir : ml_pool_printf(pool, "%s/%s", dir, path);
        import->name = is_top ? name : ml_pool_printf(pool, "%s/%s", name, path);
        if (!import->dir || !import->name)
            return MLEDGER_ESYSTEM;
        projects->count++;
        int result = read_project(import);
        if (result == MLEDGER_ENOTFOUND && roots > 1)
            projects->count--;
        else
            ML_TRY(result);
    }
    return MLEDGER_OK;
}

static int record_all(struct projects *projects)
{
    for (size_t i = 0; i < projects->count; i++) {
        ML_TRY(ml_import_dvc_datasets(&projects->all[i]));
        ML_TRY(ml_import_dvc_pipeline(&projects->all[i]));
    }
    return ml_import_flush(&projects->batch);
}

int ml_import_dvc(struct ml_ledger *ledger, const struct ml_signer *signer, const char *dir,
                  const struct ml_import_options *options, struct ml_import_report *report)
{
    ML_CLEANUP(projects_freep) struct projects *projects = ml_calloc(1, sizeof *projects);
    const char *name = "";
    if (!projects)
        return ml_fail_memory();
    ml_import_batch_init(&projects->batch, ledger, signer, options, report, MLEDGER__SOURCE__DVC);
    size_t len = strlen(dir);
    while (len > 1 && dir[len - 1] == '/') /* sources are named below it */
        len--;
    dir = ml_pool_text(&projects->pool, dir, len);
    if (!dir)
        return MLEDGER_ESYSTEM;
    ML_TRY(ml_import_roots_find(dir, &projects->roots));
    ML_TRY(ml_import_dvc_name(dir, projects->batch.options.name, &projects->pool, &name));
    ML_TRY(read_all(projects, dir, name));
    return record_all(projects);
}
