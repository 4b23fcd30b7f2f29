/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sources of a pipeline as datasets: what a .dvc file tracks and no command made, what
 * dvc.yaml calls an artifact of type dataset, and its entries under `datasets`. A dataset is
 * named by its path behind the pipeline's name, since every other project has a data/raw.csv.
 */
#include "ingest/dvc/path.h"
#include "ingest/import_dvc_state.h"

struct dataset {
    struct ml_import_dvc *import;
    const char *name;
    const char *file; /* that says so */
    struct ml_draft *draft;
    Mledger__DatasetRecorded *recorded;
    struct ml_import_list digests, labels;
};

static void dataset_release(struct dataset *dataset)
{
    ml_import_list_release(&dataset->digests);
    ml_import_list_release(&dataset->labels);
    ml_draft_free(dataset->draft);
}

static int begin(struct dataset *dataset, const char *path, const char *description)
{
    struct ml_import_dvc *import = dataset->import;
    const struct ml_dvc_project *project = import->project;
    const char *source = ml_pool_printf(&import->pool, "%s/%s", import->dir, dataset->file);
    dataset->name = ml_pool_printf(&import->pool, "%s/%s", import->name, path);
    if (!source || !dataset->name)
        return MLEDGER_ESYSTEM;
    ML_TRY(ml_import_draft(import->batch, "dataset_recorded", source, &dataset->draft,
                           &dataset->recorded));
    if (project->has_commit)
        ML_TRY(ml_import_occurred(dataset->draft, project->commit.committer.time_us));
    Mledger__Details *details = ml_draft_details(dataset->draft);
    if (!details)
        return ml_fail_memory();
    ML_TRY(ml_import_text(dataset->draft, source, &details->source));
    ML_TRY(ml_import_text(dataset->draft, description, &details->description));
    return ml_import_text(dataset->draft, dataset->name, &dataset->recorded->name);
}

static int put_source(struct dataset *dataset, const char *type, const char *uri)
{
    ML_TRY(ml_import_text(dataset->draft, type, &dataset->recorded->source_type));
    return ml_import_text(dataset->draft, uri, &dataset->recorded->source_uri);
}

static int finish(struct dataset *dataset)
{
    struct ml_import_dvc *import = dataset->import;
    Mledger__DatasetRecorded *recorded = dataset->recorded;
    ML_TRY(ml_import_list_move(&dataset->digests, dataset->draft, &recorded->digests,
                               &recorded->n_digests));
    ML_TRY(ml_import_list_move(&dataset->labels, dataset->draft, &recorded->labels,
                               &recorded->n_labels));
    /* One path may be tracked twice; the first one counts, the reader has found the other. */
    if (ml_table_get(&import->recorded, dataset->name))
        return MLEDGER_OK;
    ML_TRY(ml_table_put(&import->recorded, dataset->name, import));
    import->batch->report->datasets++;
    int known = ml_import_dvc_dataset_known(import, recorded);
    if (known)
        return known < 0 ? known : MLEDGER_OK;
    return ml_import_add(import->batch, ML_TAKE(dataset->draft));
}

/* ---- what .dvc files track ---- */

static int put_manifest(struct dataset *dataset, const struct ml_dvc_item *item)
{
    const struct ml_manifest *manifest;
    ML_TRY(ml_import_dvc_manifest(dataset->import, item, &manifest));
    if (!manifest)
        return MLEDGER_OK;
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(ml_buf_append(&text, manifest->text.data, manifest->text.len));
    return ml_draft_attach(dataset->draft, &text, &dataset->recorded->manifest);
}

static int put_content(struct dataset *dataset, const struct ml_dvc_item *item)
{
    Mledger__DatasetRecorded *recorded = dataset->recorded;
    ML_TRY(ml_import_dvc_contents(dataset->import, dataset->draft, item, "", &dataset->digests,
                                  &dataset->labels));
    recorded->has_size = item->size >= 0;
    recorded->size = item->size >= 0 ? (uint64_t)item->size : 0;
    recorded->has_files = item->nfiles >= 0;
    recorded->files = item->nfiles >= 0 ? (uint64_t)item->nfiles : 0;
    return put_manifest(dataset, item);
}

/* An import says where from: another repository, a database, an address. */
static int put_origin(struct dataset *dataset, const struct ml_dvc_stage *stage)
{
    struct ml_draft *draft = dataset->draft;
    const struct ml_dvc_item *dep = stage->deps;
    if (stage->deps_count == 0)
        return put_source(dataset, "dvc", NULL);
    if (dep->repo_url) {
        ML_TRY(put_source(dataset, "dvc-import", dep->repo_url));
        ML_TRY(ml_import_label(draft, &dataset->labels, "source.path", dep->path));
        ML_TRY(ml_import_label(draft, &dataset->labels, "source.rev", dep->repo_rev));
        ML_TRY(ml_import_label(draft, &dataset->labels, "source.rev_lock", dep->repo_rev_lock));
    } else {
        ML_TRY(put_source(dataset, dep->is_db ? "dvc-import-db" : "dvc-import-url", dep->path));
        ML_TRY(ml_import_label(draft, &dataset->labels, "source.version_id", dep->version_id));
        if (dep->hash && dep->hash_name && strncmp(dep->hash_name, "md5", 3) != 0)
            ML_TRY(ml_import_label(draft, &dataset->labels, dep->hash_name, dep->hash));
    }
    return MLEDGER_OK;
}

static bool is_source(const struct ml_dvc_stage *stage)
{
    return !stage->name && stage->command.count == 0 && stage->locked_command.count == 0;
}

static int record_out(struct ml_import_dvc *import, const struct ml_dvc_stage *stage,
                      const struct ml_dvc_item *out)
{
    ML_CLEANUP(dataset_release) struct dataset dataset = {.import = import, .file = stage->file};
    ML_TRY(begin(&dataset, out->full, out->desc ? out->desc : stage->desc));
    ML_TRY(put_content(&dataset, out));
    ML_TRY(put_origin(&dataset, stage));
    return finish(&dataset);
}

static int record_outs(struct ml_import_dvc *import)
{
    const struct ml_dvc_project *project = import->project;
    for (size_t s = 0; s < project->stages_count; s++) {
        const struct ml_dvc_stage *stage = &project->stages[s];
        for (size_t o = 0; is_source(stage) && o < stage->outs_count; o++)
            ML_TRY(record_out(import, stage, &stage->outs[o]));
    }
    return MLEDGER_OK;
}

/* ---- what dvc.yaml calls a dataset ---- */

static int record_artifact(struct ml_import_dvc *import, const struct ml_dvc_artifact *artifact)
{
    ML_CLEANUP(dataset_release) struct dataset dataset = {.import = import, .file = artifact->file};
    const struct ml_dvc_item *out = ml_dvc_project_out(import->project, artifact->full);
    if (!artifact->type || strcmp(artifact->type, "dataset") != 0)
        return MLEDGER_OK;
    ML_TRY(begin(&dataset, artifact->full, artifact->desc));
    if (out)
        ML_TRY(put_content(&dataset, out));
    ML_TRY(put_source(&dataset, "dvc", NULL));
    ML_TRY(ml_import_label(dataset.draft, &dataset.labels, "dvc.artifact", artifact->id));
    return finish(&dataset);
}

/* An entry under `datasets`: it is named by itself and kept elsewhere. */
static int record_entry(struct ml_import_dvc *import, const struct ml_dvc_dataset *entry)
{
    ML_CLEANUP(dataset_release) struct dataset dataset = {.import = import, .file = entry->file};
    const char *type = ml_pool_printf(&import->pool, "dvc-dataset-%s", entry->type);
    if (!type)
        return MLEDGER_ESYSTEM;
    ML_TRY(begin(&dataset, entry->name, NULL));
    ML_TRY(put_source(&dataset, type, entry->url));
    ML_TRY(ml_import_label(dataset.draft, &dataset.labels, "source.path", entry->path));
    ML_TRY(ml_import_label(dataset.draft, &dataset.labels, "source.rev", entry->rev));
    ML_TRY(ml_import_label(dataset.draft, &dataset.labels, "source.rev_lock", entry->rev_lock));
    ML_TRY(ml_import_label(dataset.draft, &dataset.labels, "source.version", entry->version));
    return finish(&dataset);
}

int ml_import_dvc_datasets(struct ml_import_dvc *import)
{
    const struct ml_dvc_project *project = import->project;
    ML_TRY(record_outs(import));
    for (size_t i = 0; i < project->artifacts_count; i++)
        ML_TRY(record_artifact(import, &project->artifacts[i]));
    for (size_t i = 0; i < project->datasets_count; i++)
        ML_TRY(record_entry(import, &project->datasets[i]));
    return MLEDGER_OK;
}
