/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/mlflow/experiment.h"

#include "ingest/footprint.h"
#include "ingest/mlflow/files.h"
#include "ingest/mlflow/logged_model.h"
#include "ingest/mlflow/memory.h"
#include "ingest/mlflow/meta.h"
#include "ingest/mlflow/pairs.h"
#include "ingest/mlflow/place.h"
#include "ingest/mlflow/run.h"

struct visit {
    struct ml_mlflow_reader *reader;
    const struct ml_mlflow_visitor *visitor;
    struct ml_pool pool; /* what lives as long as the experiment is visited */
    struct ml_mlflow_experiment experiment;
    struct ml_mlflow_run *runs; /* their meta.yaml only */
    size_t run_count;
    struct ml_mlflow_entries models; /* folders of logged models */
};

static void visit_release(struct visit *visit)
{
    ml_pool_release(&visit->pool);
}

/* Tags are files; meta.yaml repeats those of them that were given at creation. */
static int read_meta(struct visit *visit)
{
    struct ml_mlflow_experiment experiment = visit->experiment;
    struct ml_mlflow_file meta;
    ML_TRY(ml_mlflow_meta_text(visit->reader, &visit->pool, experiment.path, &meta));
    ML_TRY(ml_mlflow_meta_experiment(&visit->pool, meta.text, meta.full, &experiment));
    ML_TRY(ml_mlflow_check_place(&meta, "experiment_id", experiment.id, visit->experiment.id));
    visit->experiment = experiment;
    return MLEDGER_OK;
}

static int read_tags(struct visit *visit)
{
    struct ml_mlflow_experiment *experiment = &visit->experiment;
    struct ml_mlflow_pairs files;
    const char *folder;
    ML_TRY(ml_mlflow_join(&visit->pool, experiment->path, "tags", &folder));
    ML_TRY(ml_mlflow_pairs_read(visit->reader, &visit->pool, folder, &files));
    return ml_mlflow_pairs_merge(&visit->pool, &files, &experiment->tags, &experiment->tags);
}

static bool is_run_folder(const char *name)
{
    static const char *const reserved[] = {"tags", "datasets", "traces", "models"};
    for (size_t i = 0; i < ML_COUNT(reserved); i++)
        if (strcmp(name, reserved[i]) == 0)
            return false;
    return true;
}

static int by_start(const void *a, const void *b)
{
    const struct ml_mlflow_run *x = a, *y = b;
    if (x->started_ms != y->started_ms)
        return x->started_ms < y->started_ms ? -1 : 1;
    return strcmp(x->id, y->id);
}

/* 1: the folder is as an earlier visit left it. A print that cannot be made tells nothing. */
static int is_remembered(const struct visit *visit, struct ml_pool *pool, const char *folder)
{
    struct ml_mlflow_memory *memory = visit->reader->options.memory;
    const char *full;
    if (!memory)
        return 0;
    ML_TRY(ml_mlflow_full_path(visit->reader, pool, folder, &full));
    const struct ml_footprint print = ml_footprint_take(full);
    return ml_mlflow_memory_skips(memory, folder, print.is_known ? print.sha256 : NULL);
}

static int read_run_meta(struct visit *visit, const char *name)
{
    const char *folder;
    ML_TRY(ml_mlflow_join(&visit->pool, visit->experiment.path, name, &folder));
    const int remembered = is_remembered(visit, &visit->pool, folder);
    if (remembered)
        return remembered < 0 ? remembered : MLEDGER_OK;
    int code = ml_mlflow_run_meta_read(visit->reader, &visit->pool, &visit->experiment, name,
                                       &visit->runs[visit->run_count]);
    if (code >= 0) {
        visit->run_count++;
        return MLEDGER_OK;
    }
    return ml_mlflow_leave_out_thing(visit->reader, folder, code);
}

static int read_runs_meta(struct visit *visit)
{
    struct ml_mlflow_entries folders;
    const char *path = visit->experiment.path;
    ML_TRY(ml_mlflow_list_folders(visit->reader, &visit->pool, path, &folders));
    ML_TRY(ml_mlflow_room(&visit->pool, folders.count * sizeof *visit->runs, path));
    visit->runs = ml_pool_alloc(&visit->pool, folders.count, sizeof *visit->runs);
    if (!visit->runs)
        return MLEDGER_ESYSTEM;
    for (size_t i = 0; i < folders.count; i++)
        if (is_run_folder(folders.items[i].name))
            ML_TRY(read_run_meta(visit, folders.items[i].name));
    if (visit->run_count)
        qsort(visit->runs, visit->run_count, sizeof *visit->runs, by_start);
    return MLEDGER_OK;
}

static int visit_run(struct visit *visit, const struct ml_mlflow_run *meta)
{
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    struct ml_mlflow_run run = *meta;
    int code = ml_mlflow_run_rest_read(visit->reader, &pool, &visit->experiment, &run);
    if (code < 0)
        return ml_mlflow_leave_out(visit->reader, meta->path, code);
    if (!visit->visitor->run)
        return MLEDGER_OK;
    return visit->visitor->run(visit->visitor->context, &visit->experiment, &run);
}

static int visit_model(struct visit *visit, const char *name)
{
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    struct ml_mlflow_logged_model model;
    const char *models, *folder;
    ML_TRY(ml_mlflow_join(&pool, visit->experiment.path, "models", &models));
    ML_TRY(ml_mlflow_join(&pool, models, name, &folder));
    const int remembered = is_remembered(visit, &pool, folder);
    if (remembered)
        return remembered < 0 ? remembered : MLEDGER_OK;
    int code = ml_mlflow_logged_model_read(visit->reader, &pool, &visit->experiment, name, &model);
    if (code < 0)
        return ml_mlflow_leave_out_thing(visit->reader, folder, code);
    if (!visit->visitor->logged_model)
        return MLEDGER_OK;
    return visit->visitor->logged_model(visit->visitor->context, &visit->experiment, &model);
}

static int visit_all(struct visit *visit)
{
    if (visit->visitor->experiment)
        ML_TRY(visit->visitor->experiment(visit->visitor->context, &visit->experiment));
    for (size_t i = 0; i < visit->run_count; i++)
        ML_TRY(visit_run(visit, &visit->runs[i]));
    for (size_t i = 0; i < visit->models.count; i++)
        ML_TRY(visit_model(visit, visit->models.items[i].name));
    return MLEDGER_OK;
}

static int list_models(struct visit *visit)
{
    const char *folder;
    ML_TRY(ml_mlflow_join(&visit->pool, visit->experiment.path, "models", &folder));
    return ml_mlflow_list_folders(visit->reader, &visit->pool, folder, &visit->models);
}

static int read_insides(struct visit *visit)
{
    ML_TRY(read_tags(visit));
    ML_TRY(read_runs_meta(visit));
    return list_models(visit);
}

int ml_mlflow_experiment_visit(struct ml_mlflow_reader *reader,
                               const struct ml_mlflow_experiment_place *place,
                               const struct ml_mlflow_visitor *visitor)
{
    ML_CLEANUP(visit_release)
    struct visit visit = {
        .reader = reader,
        .visitor = visitor,
        .experiment = {.path = place->path,
                       .id = place->id,
                       .in_trash = place->in_trash,
                       .lifecycle = place->in_trash ? ML_MLFLOW_DELETED : ML_MLFLOW_ACTIVE,
                       .created_ms = ML_MLFLOW_NO_TIME,
                       .updated_ms = ML_MLFLOW_NO_TIME},
    };
    int code = read_meta(&visit);
    if (code < 0)
        ML_TRY(ml_mlflow_leave_out_thing(reader, place->path, code));
    code = read_insides(&visit);
    if (code < 0)
        return ml_mlflow_leave_out(reader, place->path, code);
    if (!visit.experiment.name && visit.run_count == 0 && visit.models.count == 0)
        return MLEDGER_OK;
    return visit_all(&visit);
}

static bool is_number(const char *text)
{
    return *text && strspn(text, "0123456789") == strlen(text);
}

static int compare_ids(const char *a, const char *b)
{
    if (is_number(a) != is_number(b))
        return is_number(a) ? -1 : 1;
    if (is_number(a)) {
        const char *x = a + strspn(a, "0"), *y = b + strspn(b, "0");
        if (strlen(x) != strlen(y))
            return strlen(x) < strlen(y) ? -1 : 1;
        if (strcmp(x, y) != 0)
            return strcmp(x, y);
    }
    return strcmp(a, b);
}

static int by_id(const void *a, const void *b)
{
    const struct ml_mlflow_experiment_place *x = a, *y = b;
    int order = compare_ids(x->id, y->id);
    return order ? order : x->in_trash - y->in_trash;
}

static int leave_out_twins(struct ml_mlflow_reader *reader,
                           struct ml_mlflow_experiment_place *places, size_t *count)
{
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++) {
        if (kept && strcmp(places[kept - 1].id, places[i].id) == 0)
            ML_TRY(ml_mlflow_leave_out(reader, places[i].path,
                                       ml_fail(MLEDGER_EINVALID,
                                               "%s/%s: there is an experiment '%s' outside .trash",
                                               reader->root, places[i].path, places[i].id)));
        else
            places[kept++] = places[i];
    }
    *count = kept;
    return MLEDGER_OK;
}

static int add_places(struct ml_pool *pool, const struct ml_mlflow_entries *folders,
                      const char *parent, struct ml_mlflow_experiment_place *places, size_t *count)
{
    for (size_t i = 0; i < folders->count; i++) {
        const char *name = folders->items[i].name;
        struct ml_mlflow_experiment_place place = {.id = name, .in_trash = *parent != '\0'};
        if (!place.in_trash && strcmp(name, "models") == 0)
            continue;
        ML_TRY(ml_mlflow_join(pool, parent, name, &place.path));
        places[(*count)++] = place;
    }
    return MLEDGER_OK;
}

int ml_mlflow_experiments_list(struct ml_mlflow_reader *reader, struct ml_pool *pool,
                               const struct ml_mlflow_experiment_place **ret_places,
                               size_t *ret_count)
{
    struct ml_mlflow_entries living, deleted;
    ML_TRY(ml_mlflow_list_folders(reader, pool, "", &living));
    ML_TRY(ml_mlflow_list_folders(reader, pool, ".trash", &deleted));
    struct ml_mlflow_experiment_place *places =
        ml_pool_alloc(pool, living.count + deleted.count, sizeof *places);
    if (!places)
        return MLEDGER_ESYSTEM;
    size_t count = 0;
    ML_TRY(add_places(pool, &living, "", places, &count));
    ML_TRY(add_places(pool, &deleted, ".trash", places, &count));
    if (count)
        qsort(places, count, sizeof *places, by_id);
    ML_TRY(leave_out_twins(reader, places, &count));
    *ret_places = places;
    *ret_count = count;
    return MLEDGER_OK;
}
