/* SPDX-License-Identifier: Apache-2.0 */
/* The first visit: nothing is recorded, everything is read, hashed and held against limits. */
#include <inttypes.h>

#include "ingest/import_mlflow_state.h"
#include "ledger/core/codec.h"

bool ml_import_mlflow_fits(const char *text)
{
    return !text || strlen(text) <= ML_LIMIT_TEXT;
}

bool ml_import_mlflow_time(int64_t ms, int64_t *ret_us)
{
    int64_t us;
    if (ms == ML_MLFLOW_NO_TIME || __builtin_mul_overflow(ms, (int64_t)1000, &us))
        return false;
    *ret_us = us;
    return true;
}

static int check_text(struct ml_import_mlflow *import, const char *path, const char *noun,
                      const char *name, const char *text)
{
    if (ml_import_mlflow_fits(text))
        return MLEDGER_OK;
    int result = ml_fail(MLEDGER_EINVALID, "%s: %s '%s' has %zu bytes, a record holds %d", path,
                         noun, name, strlen(text), ML_LIMIT_TEXT);
    return ml_import_give_up(&import->batch, path, result);
}

static int check_pairs(struct ml_import_mlflow *import, const char *path, const char *noun,
                       const struct ml_mlflow_pairs *pairs)
{
    for (size_t i = 0; i < pairs->count; i++)
        ML_TRY(check_text(import, path, noun, pairs->items[i].key, pairs->items[i].value));
    return MLEDGER_OK;
}

static int check_inputs(struct ml_import_mlflow *import, const struct ml_mlflow_run *run)
{
    for (size_t i = 0; i < run->input_count; i++) {
        const struct ml_mlflow_dataset *dataset = &run->inputs[i].dataset;
        ML_TRY(
            check_text(import, run->path, "the source of dataset", dataset->name, dataset->source));
        ML_TRY(
            check_text(import, run->path, "the schema of dataset", dataset->name, dataset->schema));
        ML_TRY(check_text(import, run->path, "the profile of dataset", dataset->name,
                          dataset->profile));
    }
    return MLEDGER_OK;
}

static int check_metric(struct ml_import_mlflow *import, const struct ml_mlflow_run *run,
                        const struct ml_mlflow_metric *metric)
{
    int64_t us;
    for (size_t i = 0; i < metric->count; i++) {
        if (ml_import_mlflow_time(metric->points[i].timestamp_ms, &us))
            continue;
        int result = ml_fail(MLEDGER_EINVALID,
                             "%s: metric '%s' has a point at the impossible time %" PRId64 " ms",
                             run->path, metric->key, metric->points[i].timestamp_ms);
        ML_TRY(ml_import_give_up(&import->batch, run->path, result));
    }
    return MLEDGER_OK;
}

/* Digests of all zeros say that nothing was hashed. */
static bool is_hashed(const struct ml_mlflow_artifact *artifact)
{
    static const uint8_t none[ML_HASH_SIZE];
    return memcmp(artifact->sha256, none, sizeof none) != 0;
}

static void fill_content(const struct ml_mlflow_artifact *from, struct ml_import_content *to)
{
    to->size = from->size;
    to->is_hashed = is_hashed(from);
    memcpy(to->sha256, from->sha256, sizeof to->sha256);
    memcpy(to->md5, from->md5, sizeof to->md5);
}

/* The same files, whatever is in them: an import that follows a run has them in one place. */
static bool are_same_files(const struct ml_import_contents *contents,
                           const struct ml_mlflow_artifacts *artifacts)
{
    if (!contents || contents->count != artifacts->count)
        return false;
    for (size_t i = 0; i < artifacts->count; i++)
        if (strcmp(contents->items[i].path, artifacts->items[i].path) != 0)
            return false;
    return true;
}

static int make_contents(struct ml_pool *pool, const struct ml_mlflow_artifacts *artifacts,
                         struct ml_import_contents **ret_contents)
{
    struct ml_import_contents *contents = ml_pool_alloc(pool, 1, sizeof *contents);
    if (!contents)
        return MLEDGER_ESYSTEM;
    contents->count = artifacts->count;
    contents->items = ml_pool_alloc(pool, artifacts->count, sizeof *contents->items);
    if (!contents->items)
        return MLEDGER_ESYSTEM;
    for (size_t i = 0; i < artifacts->count; i++) {
        const char *path = artifacts->items[i].path;
        contents->items[i].path = ml_pool_text(pool, path, strlen(path));
        if (!contents->items[i].path)
            return MLEDGER_ESYSTEM;
    }
    *ret_contents = contents;
    return MLEDGER_OK;
}

static int keep_contents(struct ml_import_mlflow *import, struct ml_table *table, const char *id,
                         const struct ml_mlflow_artifacts *artifacts)
{
    struct ml_pool *pool = &import->memory->pool;
    struct ml_import_contents *contents = ml_table_get(table, id);
    if (!are_same_files(contents, artifacts)) {
        const char *key = ml_pool_text(pool, id, strlen(id));
        ML_TRY(make_contents(pool, artifacts, &contents));
        if (!key)
            return MLEDGER_ESYSTEM;
        ML_TRY(ml_table_put(table, key, contents));
    }
    for (size_t i = 0; i < artifacts->count; i++)
        fill_content(&artifacts->items[i], &contents->items[i]);
    return MLEDGER_OK;
}

static void tell_progress(const struct ml_import_mlflow *import)
{
    const struct ml_import_options *options = &import->batch.options;
    if (options->progress)
        options->progress(options->progress_context, import->total, 0);
}

static int scan_experiment(void *context, const struct ml_mlflow_experiment *experiment)
{
    struct ml_import_mlflow *import = context;
    return check_pairs(import, experiment->path, "tag", &experiment->tags);
}

static int scan_run(void *context, const struct ml_mlflow_experiment *experiment,
                    const struct ml_mlflow_run *run)
{
    struct ml_import_mlflow *import = context;
    (void)experiment;
    import->total++;
    tell_progress(import);
    ML_TRY(check_pairs(import, run->path, "parameter", &run->params));
    ML_TRY(check_pairs(import, run->path, "tag", &run->tags));
    ML_TRY(check_inputs(import, run));
    for (size_t i = 0; i < run->metrics.count; i++)
        ML_TRY(check_metric(import, run, &run->metrics.items[i]));
    return keep_contents(import, &import->memory->run_contents, run->id, &run->artifacts);
}

static int scan_logged_model(void *context, const struct ml_mlflow_experiment *experiment,
                             const struct ml_mlflow_logged_model *model)
{
    struct ml_import_mlflow *import = context;
    (void)experiment;
    import->total++;
    tell_progress(import);
    ML_TRY(check_pairs(import, model->path, "parameter", &model->params));
    ML_TRY(check_pairs(import, model->path, "tag", &model->tags));
    return keep_contents(import, &import->memory->model_contents, model->id, &model->artifacts);
}

static int check_version(struct ml_import_mlflow *import, const struct ml_mlflow_version *version)
{
    ML_TRY(check_pairs(import, version->path, "tag", &version->tags));
    ML_TRY(check_text(import, version->path, "field", "description", version->description));
    ML_TRY(check_text(import, version->path, "field", "source", version->source));
    return check_text(import, version->path, "field", "status_message", version->status_message);
}

static int scan_registered_model(void *context, const struct ml_mlflow_registered_model *model)
{
    struct ml_import_mlflow *import = context;
    import->total++;
    ML_TRY(check_pairs(import, model->path, "tag", &model->tags));
    ML_TRY(check_text(import, model->path, "field", "description", model->description));
    for (size_t i = 0; i < model->version_count; i++)
        ML_TRY(check_version(import, &model->versions[i]));
    return MLEDGER_OK;
}

static int copy_left_out(struct ml_import_mlflow *import, const struct ml_mlflow_store *store)
{
    size_t count;
    const struct ml_mlflow_left_out *left_out = ml_mlflow_store_left_out(store, &count);
    for (size_t i = 0; i < count; i++)
        ML_TRY(ml_import_leave_out(import->batch.report, left_out[i].path, left_out[i].reason));
    return MLEDGER_OK;
}

int ml_import_mlflow_scan(struct ml_import_mlflow *import)
{
    const struct ml_mlflow_visitor visitor = {.context = import,
                                              .experiment = scan_experiment,
                                              .run = scan_run,
                                              .logged_model = scan_logged_model,
                                              .registered_model = scan_registered_model};
    ML_TRY(ml_mlflow_store_visit(import->store, &visitor));
    return copy_left_out(import, import->store);
}
