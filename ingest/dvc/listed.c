/* SPDX-License-Identifier: Apache-2.0 */
/* What dvc.yaml says beside its stages: params, metrics and plots for people to look at, artifacts
 * for the registry, datasets. */
#include "ingest/dvc/path.h"
#include "ingest/dvc/pipeline.h"

static int add_listed(struct ml_dvc_pipeline *pipeline, enum ml_dvc_listing what, const char *path)
{
    struct ml_dvc_project *project = pipeline->reader->project;
    const char *full = ml_dvc_path_join(&project->pool, pipeline->dir, path);
    if (!full)
        return MLEDGER_ESYSTEM;
    ML_TRY(ml_grow(&project->listed, &project->listed_cap, project->listed_count + 1,
                   sizeof(*project->listed)));
    project->listed[project->listed_count++] =
        (struct ml_dvc_listed){.what = what, .file = pipeline->file, .path = path, .full = full};
    return 0;
}

/* A plot is named by its file, unless `y` says which files it is drawn from. */
static int add_plot_map(struct ml_dvc_pipeline *pipeline, const struct ml_value *map)
{
    for (size_t i = 0; i < map->count; i++) {
        const struct ml_value *key = map->entries[i].key;
        const struct ml_value *y = ml_value_get(map->entries[i].value, "y");
        if (!ml_value_is(y, ML_VALUE_MAP)) {
            if (key->kind == ML_VALUE_STRING)
                ML_TRY(add_listed(pipeline, ML_DVC_LISTED_PLOTS, key->text));
            continue;
        }
        for (size_t k = 0; k < y->count; k++)
            if (y->entries[k].key->kind == ML_VALUE_STRING)
                ML_TRY(add_listed(pipeline, ML_DVC_LISTED_PLOTS, y->entries[k].key->text));
    }
    return 0;
}

static int read_list(struct ml_dvc_pipeline *pipeline, const char *key, enum ml_dvc_listing what)
{
    const struct ml_value *list = ml_value_get(pipeline->yaml->root, key);
    if (!list || list->kind == ML_VALUE_NULL)
        return 0;
    if (list->kind == ML_VALUE_MAP && what == ML_DVC_LISTED_PLOTS)
        return add_plot_map(pipeline, list);
    if (list->kind != ML_VALUE_SEQ)
        return ml_value_fail(pipeline->yaml, list, "expected a list for '%s', found %s", key,
                             ml_value_kind_name(list->kind));
    for (size_t i = 0; i < list->count; i++) {
        const struct ml_value *item = list->items[i];
        if (item->kind == ML_VALUE_STRING)
            ML_TRY(add_listed(pipeline, what, item->text));
        else if (item->kind == ML_VALUE_MAP)
            ML_TRY(add_plot_map(pipeline, item));
    }
    return 0;
}

static int add_artifact(struct ml_dvc_pipeline *pipeline, const struct ml_entry *entry)
{
    struct ml_dvc_project *project = pipeline->reader->project;
    const struct ml_value *said;
    struct ml_dvc_artifact artifact = {.file = pipeline->file};
    if (entry->key->kind != ML_VALUE_STRING || entry->value->kind != ML_VALUE_MAP)
        return ml_value_fail(pipeline->yaml, entry->value, "expected a mapping for an artifact");
    artifact.id = entry->key->text;
    ML_TRY(ml_dvc_template_resolve(&pipeline->scope, entry->value, false, &said));
    ML_TRY(ml_value_want_text(pipeline->yaml, said, "path", &artifact.path));
    ML_TRY(ml_value_opt_text(pipeline->yaml, said, "type", &artifact.type));
    ML_TRY(ml_value_opt_text(pipeline->yaml, said, "desc", &artifact.desc));
    artifact.labels = ml_value_get(said, "labels");
    artifact.full = ml_dvc_path_join(&project->pool, pipeline->dir, artifact.path);
    if (!artifact.full)
        return MLEDGER_ESYSTEM;
    ML_TRY(ml_grow(&project->artifacts, &project->artifacts_cap, project->artifacts_count + 1,
                   sizeof(artifact)));
    project->artifacts[project->artifacts_count++] = artifact;
    return 0;
}

static int read_artifacts(struct ml_dvc_pipeline *pipeline)
{
    const struct ml_value *map;
    ML_TRY(
        ml_value_opt_kind(pipeline->yaml, pipeline->yaml->root, "artifacts", ML_VALUE_MAP, &map));
    for (size_t i = 0; map && i < map->count; i++)
        ML_TRY(add_artifact(pipeline, &map->entries[i]));
    return 0;
}

static int read_dataset(const struct ml_document *document, const struct ml_value *entry,
                        struct ml_dvc_dataset *dataset)
{
    ML_TRY(ml_value_want_text(document, entry, "name", &dataset->name));
    ML_TRY(ml_value_opt_text(document, entry, "url", &dataset->url));
    ML_TRY(ml_value_opt_text(document, entry, "type", &dataset->type));
    ML_TRY(ml_value_opt_text(document, entry, "path", &dataset->path));
    ML_TRY(ml_value_opt_written(document, entry, "rev", &dataset->rev));
    ML_TRY(ml_value_opt_written(document, entry, "rev_lock", &dataset->rev_lock));
    return ml_value_opt_written(document, entry, "version", &dataset->version);
}

/* The lock knows more (rev_lock), so it wins over dvc.yaml. */
static int add_datasets(struct ml_dvc_pipeline *pipeline, const struct ml_document *document,
                        size_t first)
{
    struct ml_dvc_project *project = pipeline->reader->project;
    const struct ml_value *list;
    ML_TRY(ml_value_opt_kind(document, document->root, "datasets", ML_VALUE_SEQ, &list));
    for (size_t i = 0; list && i < list->count; i++) {
        struct ml_dvc_dataset dataset = {.file = pipeline->file};
        ML_TRY(read_dataset(document, list->items[i], &dataset));
        size_t at = first;
        while (at < project->datasets_count &&
               strcmp(project->datasets[at].name, dataset.name) != 0)
            at++;
        if (at < project->datasets_count)
            continue;
        ML_TRY(ml_grow(&project->datasets, &project->datasets_cap, project->datasets_count + 1,
                       sizeof(dataset)));
        project->datasets[project->datasets_count++] = dataset;
    }
    return 0;
}

int ml_dvc_listed_read(struct ml_dvc_pipeline *pipeline)
{
    const size_t first = pipeline->reader->project->datasets_count;
    /* In schema 1.0 `datasets` would be a stage. */
    if (pipeline->lock && ml_value_get(pipeline->lock->root, "schema"))
        ML_TRY(add_datasets(pipeline, pipeline->lock, first));
    if (!pipeline->yaml)
        return 0;
    ML_TRY(add_datasets(pipeline, pipeline->yaml, first));
    ML_TRY(read_list(pipeline, "params", ML_DVC_LISTED_PARAMS));
    ML_TRY(read_list(pipeline, "metrics", ML_DVC_LISTED_METRICS));
    ML_TRY(read_list(pipeline, "plots", ML_DVC_LISTED_PLOTS));
    return read_artifacts(pipeline);
}
