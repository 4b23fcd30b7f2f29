/* SPDX-License-Identifier: Apache-2.0 */
/* The YAML files of an MLflow file store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ingest/mlflow/meta.h"

static struct ml_pool pool;

static int setup(void **state)
{
    (void)state;
    pool = (struct ml_pool){0};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ml_pool_release(&pool);
    return 0;
}

static struct ml_span span_of(const char *text)
{
    return ML_SPAN(text, strlen(text));
}

static void failed_as(int code, const char *sentence)
{
    assert_int_equal(code, MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), sentence);
}

static int run_of(const char *text, struct ml_mlflow_run *run)
{
    *run = (struct ml_mlflow_run){0};
    return ml_mlflow_meta_run(&pool, span_of(text), "r/meta.yaml", run);
}

static void refused_run(const char *text, const char *sentence)
{
    struct ml_mlflow_run run;
    failed_as(run_of(text, &run), sentence);
}

#define RUN_BASE "experiment_id: '7'\nrun_id: abc\nstatus: 3\n"

static void reads_a_run_of_mlflow_1(void **state)
{
    (void)state;
    struct ml_mlflow_run run;
    assert_int_equal(run_of("artifact_uri: file:///C:/some%20place\nend_time: null\n"
                            "entry_point_name: ''\nexperiment_id: '1'\nlifecycle_stage: active\n"
                            "name: ''\nrun_uuid: 337531b3ddc34c38a1db55f814c1900d\n"
                            "source_name: ''\nsource_type: 4\nsource_version: ''\n"
                            "start_time: 1622557738980\nstatus: 1\ntags: []\nuser_id: unknown\n",
                            &run),
                     MLEDGER_OK);
    assert_string_equal(run.id, "337531b3ddc34c38a1db55f814c1900d");
    assert_string_equal(run.experiment_id, "1");
    assert_null(run.name);
    assert_int_equal(run.status, ML_MLFLOW_RUN_RUNNING);
    assert_int_equal(run.started_ms, 1622557738980);
    assert_true(run.ended_ms == ML_MLFLOW_NO_TIME);
    assert_true(run.deleted_ms == ML_MLFLOW_NO_TIME);
    assert_string_equal(run.source_type, "LOCAL");
    assert_string_equal(run.artifact_uri, "file:///C:/some%20place");
}

static void reads_a_deleted_run_of_mlflow_3(void **state)
{
    (void)state;
    struct ml_mlflow_run run;
    assert_int_equal(run_of(RUN_BASE "deleted_time: 99\nlifecycle_stage: deleted\nrun_name: x y\n"
                                     "source_type: PROJECT\n",
                            &run),
                     MLEDGER_OK);
    assert_int_equal(run.lifecycle, ML_MLFLOW_DELETED);
    assert_int_equal(run.deleted_ms, 99);
    assert_string_equal(run.name, "x y");
    assert_string_equal(run.source_type, "PROJECT");
}

static void ids_that_look_like_numbers_stay_as_written(void **state)
{
    (void)state;
    struct ml_mlflow_run run;
    assert_int_equal(run_of("experiment_id: 0\nrun_id: 0123456789e10\nstatus: FAILED\n"
                            "run_name: 2024-01-01\nuser_id: 91620\n",
                            &run),
                     MLEDGER_OK);
    assert_string_equal(run.experiment_id, "0");
    assert_string_equal(run.id, "0123456789e10");
    assert_int_equal(run.status, ML_MLFLOW_RUN_FAILED);
    assert_string_equal(run.name, "2024-01-01");
    assert_string_equal(run.user, "91620");
}

static void refuses_runs_that_make_no_sense(void **state)
{
    (void)state;
    refused_run("", "r/meta.yaml:1: expected 'key: value' lines");
    refused_run("- a\n", "r/meta.yaml:1: expected 'key: value' lines");
    refused_run("run_id: abc\nstatus: 3\n", "r/meta.yaml:1: 'experiment_id' is missing");
    refused_run("experiment_id: '7'\nstatus: 3\n", "r/meta.yaml:1: 'run_id' is missing");
    refused_run(RUN_BASE "run_uuid: other\n",
                "r/meta.yaml:4: run_uuid 'other' is not run_id 'abc'");
    refused_run("experiment_id: '7'\nrun_id: abc\n", "r/meta.yaml:1: 'status' is missing");
    refused_run("experiment_id: '7'\nrun_id: abc\nstatus: 6\n",
                "r/meta.yaml:3: unknown status '6'");
    refused_run(RUN_BASE "source_type: 5\n", "r/meta.yaml:4: unknown source_type '5'");
    refused_run(
        RUN_BASE "lifecycle_stage: gone\n",
        "r/meta.yaml:4: expected 'active' or 'deleted' for 'lifecycle_stage', found 'gone'");
    refused_run(RUN_BASE "user_id:\n- a\n",
                "r/meta.yaml:5: expected text for 'user_id', found a list");
    refused_run(RUN_BASE "start_time: soon\n",
                "r/meta.yaml:4: expected an integer for 'start_time', found a string");
    refused_run(RUN_BASE "start_time: 99999999999999999999\n",
                "r/meta.yaml:4: 'start_time' is out of range: 99999999999999999999");
    refused_run("experiment_id: ''\nrun_id: a\nstatus: 3\n",
                "r/meta.yaml:1: 'experiment_id' is empty");
    refused_run(RUN_BASE "run_id: twice\n",
                "r/meta.yaml:4: key 'run_id' stands twice, first in line 2");
    refused_run("run_id: 'open\n", "r/meta.yaml:1:10: single-quoted scalar without closing quote");
}

static void reads_an_experiment(void **state)
{
    (void)state;
    struct ml_mlflow_experiment experiment = {0};
    const char *text = "artifact_location: mlflow-artifacts:/0\ncreation_time: 1\n"
                       "experiment_id: '5'\nlast_update_time: 2\nlifecycle_stage: deleted\n"
                       "name: \"caf\\xE9 \\u2603\"\ntags:\n  z: last\n  k: v\nworkspace: default\n";
    assert_int_equal(ml_mlflow_meta_experiment(&pool, span_of(text), "e", &experiment), MLEDGER_OK);
    assert_string_equal(experiment.id, "5");
    assert_string_equal(experiment.name, "caf\xc3\xa9 \xe2\x98\x83");
    assert_string_equal(experiment.artifact_location, "mlflow-artifacts:/0");
    assert_int_equal(experiment.lifecycle, ML_MLFLOW_DELETED);
    assert_int_equal(experiment.created_ms, 1);
    assert_int_equal(experiment.updated_ms, 2);
    assert_int_equal(experiment.tags.count, 2);
    assert_string_equal(experiment.tags.items[0].key, "k");
    assert_string_equal(ml_mlflow_pairs_get(&experiment.tags, "z"), "last");
    assert_null(ml_mlflow_pairs_get(&experiment.tags, "y"));
    text = "experiment_id: '5'\nname: a\ntags:\n  k:\n    deep: 1\n";
    failed_as(ml_mlflow_meta_experiment(&pool, span_of(text), "e", &experiment),
              "e:4: expected 'name: text' in 'tags'");
}

static void reads_versions(void **state)
{
    (void)state;
    struct ml_mlflow_version version = {0};
    const char *name = NULL;
    const char *text = "aliases: []\ncreation_timestamp: 1\ncurrent_stage: None\n"
                       "description: |-\n  two\n  lines\nlast_updated_timestamp: 2\nname: churn\n"
                       "run_id: abc\nsource: runs:/abc/model\nstatus: READY\nuser_id: null\n"
                       "version: '12'\n";
    assert_int_equal(ml_mlflow_meta_version(&pool, span_of(text), "v", &version, &name),
                     MLEDGER_OK);
    assert_string_equal(name, "churn");
    assert_int_equal(version.number, 12);
    assert_string_equal(version.stage, "None");
    assert_false(version.deleted);
    assert_string_equal(version.description, "two\nlines");
    assert_null(version.user);
    text = "current_stage: Deleted_Internal\nname: churn\nversion: 3\n";
    assert_int_equal(ml_mlflow_meta_version(&pool, span_of(text), "v", &version, &name),
                     MLEDGER_OK);
    assert_true(version.deleted);
    assert_null(version.stage);
    assert_true(version.created_ms == ML_MLFLOW_NO_TIME);
    failed_as(ml_mlflow_meta_version(&pool, span_of("name: a\nversion: 0\n"), "v", &version, &name),
              "v:2: expected a number from 1 for 'version', found '0'");
    failed_as(ml_mlflow_meta_version(&pool, span_of("version: 1\n"), "v", &version, &name),
              "v:1: 'name' is missing");
}

static void reads_registered_models_and_datasets(void **state)
{
    (void)state;
    struct ml_mlflow_registered_model model = {0};
    const char *text = "aliases: {}\ncreation_timestamp: 5\ndescription: ''\nname: churn\n";
    assert_int_equal(ml_mlflow_meta_registered_model(&pool, span_of(text), "m", &model),
                     MLEDGER_OK);
    assert_string_equal(model.name, "churn");
    assert_string_equal(model.description, "");
    failed_as(ml_mlflow_meta_registered_model(&pool, span_of("name: null\n"), "m", &model),
              "m:1: 'name' is missing");
    struct ml_mlflow_dataset dataset = {0};
    assert_int_equal(
        ml_mlflow_meta_dataset(&pool, span_of("digest: 12345678\nname: d\n"), "d", &dataset),
        MLEDGER_OK);
    assert_string_equal(dataset.digest, "12345678");
    assert_null(dataset.profile);
    failed_as(ml_mlflow_meta_dataset(&pool, span_of("name: d\n"), "d", &dataset),
              "d:1: 'digest' is missing");
}

static void reads_logged_models(void **state)
{
    (void)state;
    struct ml_mlflow_logged_model model = {0};
    const char *text = "model_id: m-1\nstatus: 3\nname: model\nsource_run_id: null\n";
    assert_int_equal(ml_mlflow_meta_logged_model(&pool, span_of(text), "m", &model), MLEDGER_OK);
    assert_int_equal(model.status, ML_MLFLOW_LOGGED_MODEL_FAILED);
    assert_null(model.source_run_id);
    failed_as(
        ml_mlflow_meta_logged_model(&pool, span_of("model_id: m-1\nstatus: 9\n"), "m", &model),
        "m:2: unknown status '9'");
    failed_as(ml_mlflow_meta_logged_model(&pool, span_of("name: x\n"), "m", &model),
              "m:1: 'model_id' is missing");
}

static void reads_mlmodel_files(void **state)
{
    (void)state;
    struct ml_mlflow_mlmodel mlmodel = {0};
    const char *text = "artifact_path: model\nflavors:\n  sklearn: {code: null}\n"
                       "  python_function:\n    loader_module: x\nmlflow_version: 2.9.2\n"
                       "model_uuid: deee\nrun_id: abc\nsignature: null\n"
                       "utc_time_created: '2026-11-20 20:31:47.400839'\n";
    assert_int_equal(ml_mlflow_meta_mlmodel(&pool, span_of(text), "M", &mlmodel), MLEDGER_OK);
    assert_int_equal(mlmodel.flavor_count, 2);
    assert_string_equal(mlmodel.flavors[0], "python_function");
    assert_string_equal(mlmodel.flavors[1], "sklearn");
    assert_string_equal(mlmodel.mlflow_version, "2.9.2");
    assert_string_equal(mlmodel.model_uuid, "deee");
    assert_null(mlmodel.model_id);
    assert_false(mlmodel.has_signature);
    failed_as(ml_mlflow_meta_mlmodel(&pool, span_of("run_id: abc\n"), "M", &mlmodel),
              "M:1: expected a mapping for 'flavors'");
    failed_as(ml_mlflow_meta_mlmodel(&pool, span_of("run_id: a\nflavors: none\n"), "M", &mlmodel),
              "M:2: expected a mapping for 'flavors'");
    text = "flavors: {}\nsignature: {inputs: '[]'}\n";
    assert_int_equal(ml_mlflow_meta_mlmodel(&pool, span_of(text), "M", &mlmodel), MLEDGER_OK);
    assert_true(mlmodel.has_signature);
    assert_int_equal(mlmodel.flavor_count, 0);
}

static void reads_links(void **state)
{
    (void)state;
    struct ml_mlflow_link link = {0};
    const char *text = "destination_id: m-1\ndestination_type: MODEL_OUTPUT\nsource_id: m-1\n"
                       "source_type: RUN_OUTPUT\nstep: 4\ntags: {}\n";
    assert_int_equal(ml_mlflow_meta_link(&pool, span_of(text), "l", &link), MLEDGER_OK);
    assert_string_equal(link.destination_type, "MODEL_OUTPUT");
    assert_int_equal(link.step, 4);
    assert_int_equal(link.tags.count, 0);
    failed_as(ml_mlflow_meta_link(&pool, span_of("source_type: DATASET\n"), "l", &link),
              "l:1: 'source_id' is missing");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reads_a_run_of_mlflow_1),
        TEST(reads_a_deleted_run_of_mlflow_3),
        TEST(ids_that_look_like_numbers_stay_as_written),
        TEST(refuses_runs_that_make_no_sense),
        TEST(reads_an_experiment),
        TEST(reads_versions),
        TEST(reads_registered_models_and_datasets),
        TEST(reads_logged_models),
        TEST(reads_mlmodel_files),
        TEST(reads_links),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
