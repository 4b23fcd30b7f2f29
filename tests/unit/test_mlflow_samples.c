/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The project's own sample and every real file store under shared/data/mlflow/file_stores are read.
 * What they hold: mlflow_samples.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ingest/mlflow/store.h"
#include "tests/unit/mlflow_samples.h"

/* The folder of the stores of that kind; skips the test where there is none. */
static const char *folder_of(const char *kind)
{
    static char path[4096];
    const char *shared = getenv("MLEDGER_SHARED"); /* NOLINT(concurrency-mt-unsafe): one thread */
    snprintf(path, sizeof path, "%s/data/mlflow/%s",
             shared && *shared ? shared : MLEDGER_SHARED_DIR, kind);
    if (access(path, R_OK)) {
        print_message("there are no stores at %s\n", path);
        skip();
    }
    return path;
}

static size_t count_points(const struct ml_mlflow_metrics *metrics)
{
    size_t points = 0;
    for (size_t i = 0; i < metrics->count; i++) {
        assert_int_equal(metrics->items[i].duplicates, 0);
        points += metrics->items[i].count;
    }
    return points;
}

static int count_experiment(void *context, const struct ml_mlflow_experiment *experiment)
{
    struct mlflow_counts *counts = context;
    counts->experiments++;
    counts->experiment_tags += experiment->tags.count;
    return MLEDGER_OK;
}

static int count_run(void *context, const struct ml_mlflow_experiment *experiment,
                     const struct ml_mlflow_run *run)
{
    struct mlflow_counts *counts = context;
    assert_string_equal(run->experiment_id, experiment->id);
    counts->runs++;
    counts->params += run->params.count;
    counts->points += count_points(&run->metrics);
    counts->tags += run->tags.count;
    counts->inputs += run->input_count;
    counts->outputs += run->model_output_count;
    counts->artifacts += run->artifacts.count;
    counts->mlmodels += run->artifacts.mlmodel_count;
    for (size_t i = 0; i < run->artifacts.count; i++)
        counts->artifact_bytes += run->artifacts.items[i].size;
    return MLEDGER_OK;
}

static int count_model(void *context, const struct ml_mlflow_experiment *experiment,
                       const struct ml_mlflow_logged_model *model)
{
    struct mlflow_counts *counts = context;
    (void)experiment;
    counts->logged_models++;
    counts->mlmodels += model->artifacts.mlmodel_count;
    counts->model_params += model->params.count;
    counts->model_tags += model->tags.count;
    counts->model_points += count_points(&model->metrics);
    counts->model_artifacts += model->artifacts.count;
    return MLEDGER_OK;
}

static int count_registered(void *context, const struct ml_mlflow_registered_model *model)
{
    struct mlflow_counts *counts = context;
    counts->registered++;
    counts->versions += model->version_count;
    for (size_t i = 0; i < model->version_count; i++)
        counts->deleted_versions += model->versions[i].deleted;
    return MLEDGER_OK;
}

static const struct ml_mlflow_visitor counting = {
    .experiment = count_experiment,
    .run = count_run,
    .logged_model = count_model,
    .registered_model = count_registered,
};

static struct mlflow_counts count_store(const char *folder, const char *name)
{
    char path[4400];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    const struct ml_mlflow_options options = {.keep_going = true};
    ML_CLEANUP(ml_mlflow_store_freep) struct ml_mlflow_store *store = NULL;
    assert_int_equal(ml_mlflow_store_open(path, &options, &store), MLEDGER_OK);
    struct mlflow_counts counts = {0};
    struct ml_mlflow_visitor visitor = counting;
    visitor.context = &counts;
    assert_int_equal(ml_mlflow_store_visit(store, &visitor), MLEDGER_OK);
    const struct ml_mlflow_left_out *left_out = ml_mlflow_store_left_out(store, &counts.left_out);
    for (size_t i = 0; i < counts.left_out; i++)
        print_message("left out of %s: %s\n", name, left_out[i].reason);
    return counts;
}

#define CHECK(member) mlflow_check(wanted->store, #member, found.member, wanted->counts.member)

static void check_store(const char *folder, const struct mlflow_sample *wanted)
{
    const struct mlflow_counts found = count_store(folder, wanted->store);
    CHECK(experiments);
    CHECK(experiment_tags);
    CHECK(runs);
    CHECK(params);
    CHECK(points);
    CHECK(tags);
    CHECK(inputs);
    CHECK(outputs);
    CHECK(artifacts);
    CHECK(artifact_bytes);
    CHECK(mlmodels);
    CHECK(logged_models);
    CHECK(model_params);
    CHECK(model_tags);
    CHECK(model_points);
    CHECK(model_artifacts);
    CHECK(registered);
    CHECK(versions);
    CHECK(deleted_versions);
    CHECK(left_out);
}

static void reads_every_store(void **state)
{
    (void)state;
    const char *folder = folder_of("file_stores");
    for (size_t i = 0; i < MLFLOW_FILE_STORES; i++)
        check_store(folder, &mlflow_file_stores[i]);
}

static void reads_every_database(void **state)
{
    (void)state;
    const char *folder = folder_of("databases");
    for (size_t i = 0; i < MLFLOW_DATABASES; i++)
        check_store(folder, &mlflow_databases[i]);
}

static void reads_the_projects_own_sample(void **state)
{
    (void)state;
    check_store(MLEDGER_SAMPLES_DIR, &mlflow_churn);
}

/* Of the sample: stages, aliases, tags of versions, and the commit each run was trained at. */
static int look_at_sample_run(void *context, const struct ml_mlflow_experiment *experiment,
                              const struct ml_mlflow_run *run)
{
    size_t *seen = context;
    char commit[ML_MLFLOW_COMMIT_SIZE];
    const char *tag;
    (void)experiment;
    (*seen)++;
    assert_true(ml_mlflow_run_commit(run, commit, &tag));
    assert_int_equal(strlen(commit), 40);
    assert_string_equal(tag, "mlflow.source.git.commit");
    return MLEDGER_OK;
}

static int look_at_sample_model(void *context, const struct ml_mlflow_registered_model *model)
{
    size_t *seen = context;
    static const char *const stages[] = {"Archived", "Production", "Staging"};
    (*seen)++;
    assert_string_equal(model->name, "churn");
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(model->versions[i].stage, stages[i]);
    assert_int_equal(model->versions[0].tags.count, 1);
    assert_int_equal(model->versions[1].tags.count, 2);
    assert_int_equal(model->alias_count, 3);
    assert_string_equal(model->aliases[0].name, "challenger");
    assert_int_equal(model->aliases[0].version, 3);
    assert_string_equal(model->aliases[1].name, "champion");
    assert_int_equal(model->aliases[1].version, 2);
    assert_string_equal(model->aliases[2].name, "previous");
    assert_int_equal(model->aliases[2].version, 1);
    return MLEDGER_OK;
}

static void looks_closely_at_the_sample(void **state)
{
    (void)state;
    ML_CLEANUP(ml_mlflow_store_freep) struct ml_mlflow_store *store = NULL;
    assert_int_equal(ml_mlflow_store_open(MLEDGER_SAMPLES_DIR "/churn/untracked", NULL, &store),
                     MLEDGER_OK);
    size_t seen = 0;
    const struct ml_mlflow_visitor visitor = {
        .context = &seen, .run = look_at_sample_run, .registered_model = look_at_sample_model};
    assert_int_equal(ml_mlflow_store_visit(store, &visitor), MLEDGER_OK);
    assert_int_equal(seen, 5);
}

static void finds_every_store(void **state)
{
    (void)state;
    ML_CLEANUP(ml_mlflow_found_release) struct ml_mlflow_found found = {0};
    const char *folder = folder_of("file_stores");
    assert_int_equal(ml_mlflow_store_find(folder, &found), MLEDGER_OK);
    assert_int_equal(found.count, MLFLOW_FILE_STORES);
    for (size_t i = 0; i < found.count; i++)
        assert_string_equal(found.paths[i] + strlen(folder) + 1, mlflow_file_stores[i].store);
}

static void a_broken_store_ends_a_strict_visit(void **state)
{
    (void)state;
    char path[4400];
    snprintf(path, sizeof path, "%s/1412010__nda-mlops-zoomcamp-2024/week-02",
             folder_of("file_stores"));
    ML_CLEANUP(ml_mlflow_store_freep) struct ml_mlflow_store *store = NULL;
    assert_int_equal(ml_mlflow_store_open(path, NULL, &store), MLEDGER_OK);
    const struct ml_mlflow_visitor nobody = {0};
    assert_int_equal(ml_mlflow_store_visit(store, &nobody), MLEDGER_EINVALID);
    const char *text = mledger_error_text();
    assert_non_null(strstr(text, "week-02/mlruns/1/meta.yaml: no such file"));
}

/* What is looked for in the stores that MLflow 2.9.2 and 3.11.2 wrote from one script. */
struct close_look {
    char order[64]; /* names of the runs as they come */
    size_t seen;
};

static const struct ml_mlflow_metric *metric_of(const struct ml_mlflow_run *run, const char *key)
{
    for (size_t i = 0; i < run->metrics.count; i++)
        if (strcmp(run->metrics.items[i].key, key) == 0)
            return &run->metrics.items[i];
    fail_msg("run %s has no metric %s", run->id, key);
    return NULL;
}

static void look_at_metrics(const struct ml_mlflow_run *run)
{
    const struct ml_mlflow_metric *bm = metric_of(run, "bm");
    assert_int_equal(bm->count, 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(bm->points[i].timestamp_ms, 1000 + i);
        assert_int_equal(bm->points[i].step, i);
        assert_true(bm->points[i].value == i);
    }
    assert_true(isnan(metric_of(run, "nanm")->points[0].value));
    assert_true(isinf(metric_of(run, "infm")->points[0].value));
    assert_string_equal(metric_of(run, "auc")->points[0].text, "0.91");
}

static void look_at_input(const struct ml_mlflow_run *run)
{
    assert_int_equal(run->input_count, 1);
    const struct ml_mlflow_dataset *dataset = &run->inputs[0].dataset;
    assert_string_equal(run->inputs[0].context, "training");
    assert_string_equal(dataset->id, "49aec17fd4e10b4d0936c6c3eff2748a");
    assert_string_equal(dataset->name, "train");
    assert_string_equal(dataset->digest, "b064d295");
    assert_string_equal(dataset->source_type, "s3");
    assert_string_equal(dataset->source, "{\"uri\": \"s3://bucket/train.csv\"}");
    assert_string_equal(dataset->profile, "{\"num_rows\": 3, \"num_elements\": 6}");
}

/* The sizes and sums of sha256sum and md5sum over artifacts/sub/dir/notes.txt. */
static void look_at_artifact(const struct ml_mlflow_run *run)
{
    for (size_t i = 0; i < run->artifacts.count; i++) {
        const struct ml_mlflow_artifact *artifact = &run->artifacts.items[i];
        if (strcmp(artifact->path, "sub/dir/notes.txt") != 0)
            continue;
        char sha256[65] = "", md5[33] = "";
        for (size_t at = 0; at < 32; at++)
            snprintf(sha256 + 2 * at, 3, "%02x", artifact->sha256[at]);
        for (size_t at = 0; at < 16; at++)
            snprintf(md5 + 2 * at, 3, "%02x", artifact->md5[at]);
        assert_int_equal(artifact->size, 15);
        assert_string_equal(sha256,
                            "51bc0fc1f19104fa6e89ce50be9aa1f57c3346c1ca51ab49f5f00e14ce8f8076");
        assert_string_equal(md5, "1b3f199db77b10a8efb3e3b069bf33a7");
        assert_false(artifact->linked);
        return;
    }
    fail_msg("run %s has no artifact sub/dir/notes.txt", run->id);
}

static int look_at_run(void *context, const struct ml_mlflow_experiment *experiment,
                       const struct ml_mlflow_run *run)
{
    struct close_look *look = context;
    assert_string_equal(experiment->name, "churn");
    const size_t len = strlen(look->order);
    snprintf(look->order + len, sizeof look->order - len, "%s ", run->name);
    assert_string_equal(run->user, "root");
    assert_string_equal(run->source_type, "LOCAL");
    assert_string_equal(run->source_name, "/home/user/churn/train.py");
    if (strcmp(run->name, "renamed") != 0)
        return MLEDGER_OK;
    look->seen++;
    assert_int_equal(run->status, ML_MLFLOW_RUN_FAILED);
    assert_int_equal(run->lifecycle, ML_MLFLOW_ACTIVE);
    assert_int_equal(run->deleted_ms, ML_MLFLOW_NO_TIME);
    assert_true(run->ended_ms > run->started_ms);
    look_at_metrics(run);
    look_at_input(run);
    look_at_artifact(run);
    return MLEDGER_OK;
}

static int look_at_registered(void *context, const struct ml_mlflow_registered_model *model)
{
    struct close_look *look = context;
    assert_int_equal(model->version_count, 2);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(model->versions[i].number, i + 1);
    if (strcmp(model->name, "fraud2") != 0) {
        assert_string_equal(model->name, "churn-clf");
        assert_string_equal(model->versions[0].stage, "None");
        assert_null(model->description);
        return MLEDGER_OK;
    }
    look->seen++;
    assert_string_equal(model->description, "new desc");
    assert_true(model->versions[0].deleted);
    assert_null(model->versions[0].stage);
    assert_false(model->versions[1].deleted);
    assert_string_equal(model->versions[1].stage, "Production");
    assert_string_equal(model->versions[1].status, "READY");
    assert_null(model->versions[1].user);
    assert_true(strncmp(model->versions[1].source, "runs:/", 6) == 0);
    return MLEDGER_OK;
}

static void look_closely(const char *name)
{
    char path[4400];
    snprintf(path, sizeof path, "%s/%s", folder_of("file_stores"), name);
    ML_CLEANUP(ml_mlflow_store_freep) struct ml_mlflow_store *store = NULL;
    assert_int_equal(ml_mlflow_store_open(path, NULL, &store), MLEDGER_OK);
    struct close_look look = {0};
    const struct ml_mlflow_visitor visitor = {
        .context = &look, .run = look_at_run, .registered_model = look_at_registered};
    assert_int_equal(ml_mlflow_store_visit(store, &visitor), MLEDGER_OK);
    assert_int_equal(look.seen, 2);
    assert_string_equal(look.order, "renamed autolog parent child ");
}

static void reads_what_mlflow_2_wrote(void **state)
{
    (void)state;
    look_closely("mlflow-2.9.2");
}

static void reads_what_mlflow_3_wrote(void **state)
{
    (void)state;
    look_closely("mlflow-3.11.2");
}

static int look_at_logged_model(void *context, const struct ml_mlflow_experiment *experiment,
                                const struct ml_mlflow_logged_model *model)
{
    size_t *seen = context;
    (void)experiment;
    (*seen)++;
    assert_int_equal(model->status, ML_MLFLOW_LOGGED_MODEL_READY);
    assert_string_equal(model->name, "model");
    assert_int_equal(model->artifacts.mlmodel_count, 1);
    const struct ml_mlflow_mlmodel *mlmodel = &model->artifacts.mlmodels[0];
    assert_string_equal(mlmodel->path, "MLmodel");
    assert_string_equal(mlmodel->run_id, model->source_run_id);
    assert_string_equal(mlmodel->model_id, model->id);
    assert_string_equal(mlmodel->mlflow_version, "3.11.2.dev0");
    assert_int_equal(mlmodel->flavor_count, 2);
    assert_string_equal(mlmodel->flavors[0], "python_function");
    assert_string_equal(mlmodel->flavors[1], "sklearn");
    const bool autologged = strcmp(model->id, "m-f8da91cb743b4122aa988061734ed3fa") == 0;
    assert_int_equal(mlmodel->has_signature, autologged);
    if (autologged) {
        const struct ml_mlflow_point *point = &model->metrics.items[0].points[0];
        assert_string_equal(point->run_id, "1f7dbf5d45c141d184f25164aeaf9e0a");
        assert_string_equal(point->dataset_name, "dataset");
        assert_string_equal(point->dataset_digest, "1f05548b");
    }
    return MLEDGER_OK;
}

static void reads_logged_models(void **state)
{
    (void)state;
    char path[4400];
    snprintf(path, sizeof path, "%s/mlflow-3.11.2", folder_of("file_stores"));
    ML_CLEANUP(ml_mlflow_store_freep) struct ml_mlflow_store *store = NULL;
    assert_int_equal(ml_mlflow_store_open(path, NULL, &store), MLEDGER_OK);
    size_t seen = 0;
    const struct ml_mlflow_visitor visitor = {.context = &seen,
                                              .logged_model = look_at_logged_model};
    assert_int_equal(ml_mlflow_store_visit(store, &visitor), MLEDGER_OK);
    assert_int_equal(seen, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_projects_own_sample),
        cmocka_unit_test(looks_closely_at_the_sample),
        cmocka_unit_test(reads_every_store),
        cmocka_unit_test(reads_every_database),
        cmocka_unit_test(finds_every_store),
        cmocka_unit_test(a_broken_store_ends_a_strict_visit),
        cmocka_unit_test(reads_what_mlflow_2_wrote),
        cmocka_unit_test(reads_what_mlflow_3_wrote),
        cmocka_unit_test(reads_logged_models),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
