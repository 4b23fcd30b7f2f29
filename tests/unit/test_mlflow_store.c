/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small file stores written for one quirk or one fault each, read strictly and with keep_going.
 */
#include "tests/unit/test_mlflow_tree.h"

#include "ingest/mlflow/store.h"

#define RUN_A "0123456789abcdef0123456789abcdef"
#define RUN_B "fedcba9876543210fedcba9876543210"

/* What a visit came by, in words, line by line. */
struct log {
    struct ml_buf text;
    int fail_at_run; /* 0: never; else the code that the run callback returns */
};

#define log_line(log, ...) assert_int_equal(ml_buf_printf(&(log)->text, __VA_ARGS__), MLEDGER_OK)

static void log_pairs(struct log *log, const char *what, const struct ml_mlflow_pairs *pairs)
{
    for (size_t i = 0; i < pairs->count; i++)
        log_line(log, "  %s %s=%s\n", what, pairs->items[i].key, pairs->items[i].value);
}

static void log_metrics(struct log *log, const struct ml_mlflow_metrics *metrics)
{
    for (size_t i = 0; i < metrics->count; i++) {
        const struct ml_mlflow_metric *metric = &metrics->items[i];
        log_line(log, "  metric %s %zu+%zu last %s\n", metric->key, metric->count,
                 metric->duplicates, metric->points[metric->count - 1].text);
    }
}

static void log_artifacts(struct log *log, const struct ml_mlflow_artifacts *artifacts)
{
    for (size_t i = 0; i < artifacts->count; i++) {
        const struct ml_mlflow_artifact *artifact = &artifacts->items[i];
        log_line(log, "  artifact %s %zu %02x%02x%s\n", artifact->path, (size_t)artifact->size,
                 artifact->sha256[0], artifact->md5[0], artifact->linked ? " linked" : "");
    }
    for (size_t i = 0; i < artifacts->mlmodel_count; i++)
        log_line(log, "  mlmodel %s\n", artifacts->mlmodels[i].path);
}

static int log_experiment(void *context, const struct ml_mlflow_experiment *experiment)
{
    struct log *log = context;
    log_line(log, "experiment %s %s%s%s\n", experiment->id,
             experiment->name ? experiment->name : "(no name)",
             experiment->lifecycle == ML_MLFLOW_DELETED ? " deleted" : "",
             experiment->in_trash ? " in trash" : "");
    log_pairs(log, "tag", &experiment->tags);
    return MLEDGER_OK;
}

static int log_run(void *context, const struct ml_mlflow_experiment *experiment,
                   const struct ml_mlflow_run *run)
{
    struct log *log = context;
    (void)experiment;
    log_line(log, "run %.4s %s %s\n", run->id, run->name ? run->name : "-",
             ml_mlflow_run_status_name(run->status));
    log_pairs(log, "param", &run->params);
    log_pairs(log, "tag", &run->tags);
    log_metrics(log, &run->metrics);
    for (size_t i = 0; i < run->input_count; i++)
        log_line(log, "  input %s %s %s\n", run->inputs[i].dataset.name,
                 run->inputs[i].dataset.digest,
                 run->inputs[i].context ? run->inputs[i].context : "-");
    for (size_t i = 0; i < run->model_input_count; i++)
        log_line(log, "  reads %s\n", run->model_inputs[i].model_id);
    for (size_t i = 0; i < run->model_output_count; i++)
        log_line(log, "  writes %s at %d\n", run->model_outputs[i].model_id,
                 (int)run->model_outputs[i].step);
    log_artifacts(log, &run->artifacts);
    if (log->fail_at_run)
        return ml_fail(log->fail_at_run, "the caller has had enough");
    return MLEDGER_OK;
}

static int log_model(void *context, const struct ml_mlflow_experiment *experiment,
                     const struct ml_mlflow_logged_model *model)
{
    struct log *log = context;
    log_line(log, "model %s of %s %s\n", model->id, experiment->id,
             ml_mlflow_logged_model_status_name(model->status));
    log_pairs(log, "param", &model->params);
    log_metrics(log, &model->metrics);
    log_artifacts(log, &model->artifacts);
    return MLEDGER_OK;
}

static int log_registered(void *context, const struct ml_mlflow_registered_model *model)
{
    struct log *log = context;
    log_line(log, "registered %s\n", model->name);
    log_pairs(log, "tag", &model->tags);
    for (size_t i = 0; i < model->alias_count; i++)
        log_line(log, "  alias %s -> %d\n", model->aliases[i].name, (int)model->aliases[i].version);
    for (size_t i = 0; i < model->version_count; i++) {
        const struct ml_mlflow_version *version = &model->versions[i];
        log_line(log, "  version %d %s\n", (int)version->number,
                 version->deleted ? "(deleted)" : version->stage);
        log_pairs(log, "  tag", &version->tags);
    }
    return MLEDGER_OK;
}

static int visit_with(const struct ml_mlflow_options *options, struct log *log)
{
    ML_CLEANUP(ml_mlflow_store_freep) struct ml_mlflow_store *store = NULL;
    const struct ml_mlflow_visitor visitor = {
        .context = log,
        .experiment = log_experiment,
        .run = log_run,
        .logged_model = log_model,
        .registered_model = log_registered,
    };
    assert_int_equal(ml_mlflow_store_open(tree_path("mlruns"), options, &store), MLEDGER_OK);
    int code = ml_mlflow_store_visit(store, &visitor);
    size_t count;
    const struct ml_mlflow_left_out *left_out = ml_mlflow_store_left_out(store, &count);
    for (size_t i = 0; i < count; i++) {
        /* Sentences name the whole path; here it begins at the store. */
        const char *inside = strstr(left_out[i].reason, "/mlruns/");
        log_line(log, "left out %s: %s\n", left_out[i].path,
                 inside ? inside + 8 : left_out[i].reason);
    }
    return code;
}

/* Read with keep_going, the store must come out as `expected`. */
static void reads_as(const char *expected)
{
    struct log log = {0};
    const struct ml_mlflow_options options = {.keep_going = true};
    assert_int_equal(visit_with(&options, &log), MLEDGER_OK);
    char *text;
    assert_int_equal(ml_buf_take_text(&log.text, &text), MLEDGER_OK);
    assert_string_equal(text, expected);
    free(text);
}

/* Read strictly, the store must be refused with a sentence that ends so. */
static void refused_strictly(const char *sentence)
{
    struct log log = {0};
    assert_int_equal(visit_with(NULL, &log), MLEDGER_EINVALID);
    ml_buf_release(&log.text);
    const char *inside = strstr(mledger_error_text(), "/mlruns/");
    assert_non_null(inside);
    assert_string_equal(inside + 8, sentence);
}

static void reads_strictly(void)
{
    struct log log = {0};
    int code = visit_with(NULL, &log);
    ml_buf_release(&log.text);
    if (code != MLEDGER_OK)
        fail_msg("%s", mledger_error_text());
}

static void experiment(const char *id, const char *name)
{
    char path[100], text[200];
    snprintf(path, sizeof path, "mlruns/%s/meta.yaml", id);
    snprintf(text, sizeof text, "experiment_id: '%s'\nname: %s\n",
             strrchr(id, '/') ? strrchr(id, '/') + 1 : id, name);
    tree_file(path, text);
}

static void run(const char *experiment_id, const char *id, const char *more)
{
    char path[200], text[400];
    snprintf(path, sizeof path, "mlruns/%s/%s/meta.yaml", experiment_id, id);
    snprintf(text, sizeof text, "experiment_id: '%s'\nrun_id: %s\nstatus: 3\n%s", experiment_id, id,
             more);
    tree_file(path, text);
}

/* One run with an id of 32 characters; further files go below mlruns/0/RUN_A. */
static void one_run(void)
{
    experiment("0", "Default");
    run("0", RUN_A, "run_name: one\n");
}
#define IN_RUN(path) "mlruns/0/" RUN_A "/" path

static void comes_in_a_fixed_order(void **state)
{
    (void)state;
    experiment("10", "ten");
    experiment("9", "nine");
    experiment("abc", "letters");
    experiment(".trash/9999", "gone");
    experiment("801905901572220173", "long");
    run("9", RUN_B, "start_time: 5\n");
    run("9", RUN_A, "start_time: 5\n");
    run("9", "aaaa", "start_time: 7\n");
    run("9", "zzzz", "start_time: 3\n");
    run("9", "nnnn", "start_time: null\n");
    tree_file("mlruns/models/b/meta.yaml", "name: b\n");
    tree_file("mlruns/models/a/meta.yaml", "name: a\n");
    tree_file("mlruns/models/a/version-10/meta.yaml",
              "name: a\nversion: 10\ncurrent_stage: Staging\n");
    tree_file("mlruns/models/a/version-9/meta.yaml",
              "name: a\nversion: 9\ncurrent_stage: Deleted_Internal\n");
    reads_as("experiment 9 nine\nrun nnnn - FINISHED\nrun zzzz - FINISHED\nrun 0123 - FINISHED\n"
             "run fedc - FINISHED\nrun aaaa - FINISHED\nexperiment 10 ten\n"
             "experiment 9999 gone in trash\nexperiment 801905901572220173 long\n"
             "experiment abc letters\nregistered a\n  version 9 (deleted)\n  version 10 Staging\n"
             "registered b\n");
    reads_strictly();
}

static void reads_nested_empty_and_long_values(void **state)
{
    (void)state;
    one_run();
    tree_file(IN_RUN("params/optim/lr"), "0.1");
    tree_file(IN_RUN("params/empty"), "");
    tree_file(IN_RUN("params/note"), "two\nlines\n");
    tree_file(IN_RUN("tags/mlflow.source.name"), "train.py");
    tree_file(IN_RUN("tags/a b/c"), "caf\xc3\xa9");
    tree_file(IN_RUN("metrics/train/loss"), "1 0.5 0\n1 0.5 0\n2 nan 1\n");
    reads_as("experiment 0 Default\nrun 0123 one FINISHED\n  param empty=\n"
             "  param note=two\nlines\n\n  param optim/lr=0.1\n  tag a b/c=caf\xc3\xa9\n"
             "  tag mlflow.source.name=train.py\n  metric train/loss 2+1 last nan\n");
    reads_strictly();
}

static int check_fallbacks(void *context, const struct ml_mlflow_experiment *of,
                           const struct ml_mlflow_run *run_)
{
    size_t *seen = context;
    (void)of;
    (*seen)++;
    assert_string_equal(run_->name, "from the tag");
    assert_string_equal(run_->user, "somebody");
    assert_string_equal(run_->source_name, "train.py");
    assert_string_equal(run_->source_type, "JOB");
    char commit[ML_MLFLOW_COMMIT_SIZE];
    const char *tag;
    assert_true(ml_mlflow_run_commit(run_, commit, &tag));
    assert_string_equal(commit, "abcdef1234");
    assert_string_equal(tag, "git_sha");
    return MLEDGER_OK;
}

static void falls_back_to_tags(void **state)
{
    (void)state;
    experiment("0", "Default");
    run("0", RUN_A, "name: ''\nsource_name: ''\nsource_type: 4\nuser_id: ''\n");
    tree_file(IN_RUN("tags/mlflow.runName"), "from the tag");
    tree_file(IN_RUN("tags/mlflow.user"), "somebody");
    tree_file(IN_RUN("tags/mlflow.source.name"), "train.py");
    tree_file(IN_RUN("tags/mlflow.source.type"), "JOB");
    tree_file(IN_RUN("tags/mlflow.source.git.commit"), "unknown");
    tree_file(IN_RUN("tags/git_sha"), "ABCDEF1234\n");
    tree_file(IN_RUN("tags/code_version"), "0000000");
    ML_CLEANUP(ml_mlflow_store_freep) struct ml_mlflow_store *store = NULL;
    assert_int_equal(ml_mlflow_store_open(tree_root, NULL, &store), MLEDGER_OK);
    size_t seen = 0;
    const struct ml_mlflow_visitor visitor = {.context = &seen, .run = check_fallbacks};
    assert_int_equal(ml_mlflow_store_visit(store, &visitor), MLEDGER_OK);
    assert_int_equal(seen, 1);
}

static bool commit_of(const char *tag, const char *value, char commit[ML_MLFLOW_COMMIT_SIZE])
{
    const struct ml_mlflow_pair pair = {tag, value};
    const struct ml_mlflow_run run_ = {.tags = {&pair, 1}};
    return ml_mlflow_run_commit(&run_, commit, NULL);
}

static void tells_commits_from_other_tags(void **state)
{
    (void)state;
    static const char full[] = "9f3478da3d925c95b314291331adc2cf4206ba48";
    char commit[ML_MLFLOW_COMMIT_SIZE];
    assert_true(commit_of("mlflow.source.git.commit", full, commit));
    assert_string_equal(commit, full);
    assert_true(commit_of("code_version", " 9F3478D\r\n", commit));
    assert_string_equal(commit, "9f3478d");
    assert_false(commit_of("code_version", "9f3478", commit));
    assert_false(commit_of("code_version", "v1.2.3", commit));
    assert_false(commit_of("code_version", "9f3478d dirty", commit));
    assert_false(commit_of("code_version", "", commit));
    assert_false(commit_of("git", full, commit));
    char long_[70];
    memset(long_, 'a', sizeof long_);
    long_[65] = '\0';
    assert_false(commit_of("git_sha", long_, commit));
    long_[64] = '\0';
    assert_true(commit_of("git_sha", long_, commit));
    assert_string_equal(commit, long_);
}

static void merges_tags_of_experiments(void **state)
{
    (void)state;
    tree_file("mlruns/1/meta.yaml", "experiment_id: '1'\nname: e\ntags:\n  k: old\n  m: meta\n");
    tree_file("mlruns/1/tags/k", "new");
    tree_file("mlruns/1/tags/z", "file");
    reads_as("experiment 1 e\n  tag k=new\n  tag m=meta\n  tag z=file\n");
}

#define DATASET "mlruns/0/datasets/d1/meta.yaml"
#define INPUT "destination_id: d1\ndestination_type: RUN\nsource_id: d1\nsource_type: DATASET\n"

static void reads_inputs_and_outputs(void **state)
{
    (void)state;
    one_run();
    tree_file(DATASET, "name: train\ndigest: b064d295\nsource_type: s3\n");
    tree_file(IN_RUN("inputs/i1/meta.yaml"), INPUT "tags:\n  mlflow.data.context: eval\n");
    tree_file(IN_RUN("inputs/m-2/meta.yaml"),
              "source_type: MODEL_INPUT\nsource_id: m-2\ndestination_type: RUN_INPUT\n"
              "destination_id: x\n");
    tree_file(IN_RUN("inputs/m-4/meta.yaml"),
              "source_type: MODEL\nsource_id: m-4\ndestination_type: RUN\n"
              "destination_id: m-4\ntags: {}\n");
    tree_file(IN_RUN("outputs/m-3/meta.yaml"),
              "source_type: RUN_OUTPUT\nsource_id: m-3\ndestination_type: MODEL_OUTPUT\n"
              "destination_id: m-3\nstep: 6\n");
    reads_as("experiment 0 Default\nrun 0123 one FINISHED\n  input train b064d295 eval\n"
             "  reads m-2\n  reads m-4\n  writes m-3 at 6\n");
    reads_strictly();
}

static void leaves_out_inputs_that_lead_nowhere(void **state)
{
    (void)state;
    one_run();
    tree_file(IN_RUN("inputs/i1/meta.yaml"), INPUT);
    refused_strictly("0/" RUN_A "/inputs/i1/meta.yaml: the dataset it names is not there: "
                     "0/datasets/d1");
    tree_file(IN_RUN("inputs/i2/meta.yaml"), "source_type: DATASET\nsource_id: ../../secret\n");
    tree_file(IN_RUN("inputs/i3/meta.yaml"), "source_type: NEW\nsource_id: x\n");
    tree_file(IN_RUN("inputs/i4/other"), "");
    tree_folder(IN_RUN("inputs/i5"));
    reads_as("experiment 0 Default\nrun 0123 one FINISHED\n"
             "left out 0/" RUN_A "/inputs/i1: 0/" RUN_A "/inputs/i1/meta.yaml: the dataset it "
             "names is not there: 0/datasets/d1\n"
             "left out 0/" RUN_A "/inputs/i2: 0/" RUN_A "/inputs/i2/meta.yaml: "
             "'../../secret' is no dataset's id\n"
             "left out 0/" RUN_A "/inputs/i3: 0/" RUN_A "/inputs/i3/meta.yaml: "
             "neither a dataset nor a model: 'NEW' to ''\n"
             "left out 0/" RUN_A "/inputs/i4: 0/" RUN_A "/inputs/i4/meta.yaml: no such file\n");
}

static void reads_logged_models(void **state)
{
    (void)state;
    experiment("0", "Default");
    tree_file("mlruns/0/models/m-1/meta.yaml", "model_id: m-1\nexperiment_id: '0'\nstatus: 2\n");
    tree_file("mlruns/0/models/m-1/params/lr", "1");
    tree_file("mlruns/0/models/m-1/metrics/auc", "1 0.5 0 run ds 12\n");
    tree_file("mlruns/0/models/m-1/artifacts/w", "abc");
    tree_file("mlruns/0/models/m-2/meta.yaml", "model_id: m-3\n");
    tree_file("mlruns/0/traces/tr-1/trace_info.yaml", "x: y\n");
    refused_strictly("0/models/m-2/meta.yaml: its model_id is 'm-3', its folder is that of 'm-2'");
    reads_as("experiment 0 Default\nmodel m-1 of 0 READY\n  param lr=1\n"
             "  metric auc 1+0 last 0.5\n  artifact w 3 ba90\n"
             "left out 0/models/m-2: 0/models/m-2/meta.yaml: its model_id is 'm-3', "
             "its folder is that of 'm-2'\n");
}

static void reads_the_registry(void **state)
{
    (void)state;
    tree_file("mlruns/models/churn/meta.yaml", "name: churn\naliases: {}\n");
    tree_file("mlruns/models/churn/tags/team", "risk");
    tree_file("mlruns/models/churn/aliases/champion", "2");
    tree_file("mlruns/models/churn/aliases/broken", "two");
    tree_file("mlruns/models/churn/version-2/meta.yaml",
              "name: churn\nversion: 2\ncurrent_stage: None\n");
    tree_file("mlruns/models/churn/version-2/tags/ok", "yes");
    tree_file("mlruns/models/churn/version-3/meta.yaml", "name: churn\nversion: 4\n");
    tree_file("mlruns/models/churn/version-x/meta.yaml", "name: churn\nversion: 5\n");
    tree_file("mlruns/models/churn/version-6/meta.yaml", "name: other\nversion: 6\n");
    tree_file("mlruns/models/churn/version-7/meta.yaml", "name: [churn\nversion: 7\n");
    tree_file("mlruns/models/wrong/meta.yaml", "name: right\n");
    tree_folder("mlruns/models/nothing");
    refused_strictly("models/churn/aliases/broken:1: expected a version's number, found 'two'");
    reads_as("registered churn\n  tag team=risk\n  alias champion -> 2\n  version 2 None\n"
             "    tag ok=yes\n"
             "left out models/churn/aliases/broken: models/churn/aliases/broken:1: expected a "
             "version's number, found 'two'\n"
             "left out models/churn/version-3: models/churn/version-3/meta.yaml: its version is "
             "4, its folder is that of '3'\n"
             "left out models/churn/version-6: models/churn/version-6/meta.yaml: its name is "
             "'other', its folder is that of 'churn'\n"
             "left out models/churn/version-7: models/churn/version-7/meta.yaml:3:1: flow "
             "sequence without a closing bracket\n"
             "left out models/churn/version-x: models/churn/version-x/meta.yaml: its version is "
             "5, its folder is that of 'x'\n"
             "left out models/wrong: models/wrong/meta.yaml: its name is 'right', its folder is "
             "that of 'wrong'\n");
}

static void passes_over_folders_without_files(void **state)
{
    (void)state;
    one_run();
    tree_folder("mlruns/1/tags");
    tree_folder("mlruns/0/" RUN_B "/artifacts/model");
    tree_folder("mlruns/.trash");
    tree_file("mlruns/README.md", "not an experiment");
    tree_file("mlruns/.hidden/x", "nor this");
    reads_as("experiment 0 Default\nrun 0123 one FINISHED\n");
    reads_strictly();
}

static void runs_of_a_nameless_experiment_are_read(void **state)
{
    (void)state;
    run("1", RUN_A, "run_name: kept\n");
    tree_file("mlruns/1/" RUN_B "/artifacts/x", "lost");
    refused_strictly("1/meta.yaml: no such file");
    reads_as("experiment 1 (no name)\nrun 0123 kept FINISHED\n"
             "left out 1: 1/meta.yaml: no such file\n"
             "left out 1/" RUN_B ": 1/" RUN_B "/meta.yaml: no such file\n");
}

static void leaves_out_runs_in_the_wrong_place(void **state)
{
    (void)state;
    one_run();
    tree_file("mlruns/0/" RUN_B "/meta.yaml", "experiment_id: '0'\nrun_id: " RUN_A "\nstatus: 3\n");
    tree_file("mlruns/0/cccc/meta.yaml", "experiment_id: '5'\nrun_id: cccc\nstatus: 3\n");
    experiment("4", "Four");
    tree_file("mlruns/5/meta.yaml", "experiment_id: '6'\nname: Six\n");
    experiment(".trash/4", "Four again");
    reads_as("experiment 0 Default\nrun 0123 one FINISHED\nexperiment 4 Four\n"
             "left out .trash/4: .trash/4: there is an experiment '4' outside .trash\n"
             "left out 0/cccc: 0/cccc/meta.yaml: its experiment_id is '5', its folder is that of "
             "'0'\n"
             "left out 0/" RUN_B ": 0/" RUN_B "/meta.yaml: its run_id is '" RUN_A
             "', its folder is that of '" RUN_B "'\n"
             "left out 5: 5/meta.yaml: its experiment_id is '6', its folder is that of '5'\n");
}

static void leaves_out_single_broken_files(void **state)
{
    (void)state;
    one_run();
    tree_bytes(IN_RUN("params/bad"), "a\nb\xff", 4);
    tree_bytes(IN_RUN("params/nul"), "a\0b", 3);
    tree_file(IN_RUN("params/good"), "1");
    tree_bytes(IN_RUN("tags/\xfe"), "x", 1);
    tree_file(IN_RUN("metrics/broken"), "1 0.5 0\noops\n");
    tree_file(IN_RUN("metrics/none"), "");
    tree_file(IN_RUN("metrics/ok"), "1 0.5 0\n");
    tree_file(IN_RUN("artifacts/m/MLmodel"), "flavors: 7\n");
    tree_file(IN_RUN("artifacts/n/MLmodel"), "flavors:\n  sklearn: {}\n");
    refused_strictly("0/" RUN_A "/params/bad:2: invalid UTF-8 (byte 0xff)");
    reads_as("experiment 0 Default\nrun 0123 one FINISHED\n  param good=1\n"
             "  metric ok 1+0 last 0.5\n  artifact m/MLmodel 11 5859\n"
             "  artifact n/MLmodel 23 e5ce\n  mlmodel n/MLmodel\n"
             "left out 0/" RUN_A "/params/bad: 0/" RUN_A
             "/params/bad:2: invalid UTF-8 (byte 0xff)\n"
             "left out 0/" RUN_A "/params/nul: 0/" RUN_A "/params/nul:1: a NUL byte\n"
             "left out 0/" RUN_A "/tags/\\xfe: 0/" RUN_A "/tags/\\xfe: name is not UTF-8\n"
             "left out 0/" RUN_A "/metrics/broken: 0/" RUN_A
             "/metrics/broken:2: expected 'TIMESTAMP VALUE STEP', found fewer or empty fields\n"
             "left out 0/" RUN_A "/metrics/none: 0/" RUN_A
             "/metrics/none:1: no value, the file is empty\n"
             "left out 0/" RUN_A "/artifacts/m/MLmodel: 0/" RUN_A
             "/artifacts/m/MLmodel:1: expected a mapping for 'flavors'\n");
}

static void hashes_artifacts(void **state)
{
    (void)state;
    one_run();
    tree_file(IN_RUN("artifacts/b.txt"), "abc");
    tree_file(IN_RUN("artifacts/a/empty"), "");
    reads_as("experiment 0 Default\nrun 0123 one FINISHED\n  artifact a/empty 0 e3d4\n"
             "  artifact b.txt 3 ba90\n");
    struct log log = {0};
    const struct ml_mlflow_options options = {.skip_hashing = true};
    assert_int_equal(visit_with(&options, &log), MLEDGER_OK);
    char *text;
    assert_int_equal(ml_buf_take_text(&log.text, &text), MLEDGER_OK);
    assert_string_equal(text, "experiment 0 Default\nrun 0123 one FINISHED\n"
                              "  artifact a/empty 0 0000\n  artifact b.txt 3 0000\n");
    free(text);
}

static void follows_no_link_out_of_a_run(void **state)
{
    (void)state;
    one_run();
    tree_file("secret", "not to be read");
    tree_file(IN_RUN("artifacts/file"), "abc");
    tree_link("file", IN_RUN("artifacts/inside"));
    tree_link("../../../../secret", IN_RUN("artifacts/outside"));
    tree_link("loop", IN_RUN("artifacts/loop"));
    tree_link("absent", IN_RUN("artifacts/nowhere"));
    tree_link("..", IN_RUN("artifacts/up"));
    tree_folder(IN_RUN("params"));
    tree_link("../../../../secret", IN_RUN("params/secret"));
    tree_link("../secret", "mlruns/linked");
    tree_link("0", "mlruns/1");
    reads_as("experiment 0 Default\nrun 0123 one FINISHED\n  artifact file 3 ba90\n"
             "  artifact inside 3 ba90 linked\n"
             "left out 1: 1: is a symbolic link, which is not followed\n"
             "left out linked: linked: is a symbolic link, which is not followed\n"
             "left out 0/" RUN_A "/params/secret: 0/" RUN_A
             "/params/secret: is a symbolic link, which is not followed\n"
             "left out 0/" RUN_A "/artifacts/loop: 0/" RUN_A
             "/artifacts/loop': Too many levels of symbolic links\n"
             "left out 0/" RUN_A "/artifacts/nowhere: 0/" RUN_A
             "/artifacts/nowhere': No such file or directory\n"
             "left out 0/" RUN_A "/artifacts/outside: 0/" RUN_A
             "/artifacts/outside: symbolic link leads out of the run's folder\n"
             "left out 0/" RUN_A "/artifacts/up: 0/" RUN_A
             "/artifacts/up: symbolic link leads out of the run's folder\n");
}

static void never_waits_on_a_pipe(void **state)
{
    (void)state;
    one_run();
    tree_folder(IN_RUN("params"));
    tree_folder(IN_RUN("artifacts"));
    assert_int_equal(mkfifo(tree_path(IN_RUN("params/pipe")), 0600), 0);
    assert_int_equal(mkfifo(tree_path(IN_RUN("artifacts/pipe")), 0600), 0);
    assert_int_equal(mkfifo(tree_path("mlruns/pipe"), 0600), 0);
    run("0", RUN_B, "");
    assert_int_equal(unlink(tree_path("mlruns/0/" RUN_B "/meta.yaml")), 0);
    assert_int_equal(mkfifo(tree_path("mlruns/0/" RUN_B "/meta.yaml"), 0600), 0);
#define ODD ": is a pipe, socket or device, not a file or folder\n"
    reads_as("experiment 0 Default\nrun 0123 one FINISHED\n"
             "left out pipe: pipe" ODD "left out 0/" RUN_B ": 0/" RUN_B
             "/meta.yaml: is not a regular file\n"
             "left out 0/" RUN_A "/params/pipe: 0/" RUN_A "/params/pipe" ODD "left out 0/" RUN_A
             "/artifacts/pipe: 0/" RUN_A "/artifacts/pipe" ODD);
}

static void refuses_what_is_too_large(void **state)
{
    (void)state;
    one_run();
    tree_file(IN_RUN("params/huge"), "");
    assert_int_equal(truncate(tree_path(IN_RUN("params/huge")), (1 << 20) + 1), 0);
    tree_file("mlruns/1/meta.yaml", "");
    assert_int_equal(truncate(tree_path("mlruns/1/meta.yaml"), (16 << 20) + 1), 0);
    tree_file(IN_RUN("metrics/huge"), "");
    assert_int_equal(truncate(tree_path(IN_RUN("metrics/huge")), (256L << 20) + 1), 0);
    reads_as("experiment 0 Default\nrun 0123 one FINISHED\n"
             "left out 0/" RUN_A "/params/huge: 0/" RUN_A
             "/params/huge: 1048577 bytes, more than the 1048576 it may have\n"
             "left out 0/" RUN_A "/metrics/huge: 0/" RUN_A
             "/metrics/huge: 268435457 bytes, more than the 268435456 it may have\n"
             "left out 1: 1/meta.yaml: 16777217 bytes, more than the 16777216 it may have\n");
}

static void refuses_folders_too_deep(void **state)
{
    (void)state;
    one_run();
    char path[400];
    int len = snprintf(path, sizeof path, "%s", IN_RUN("artifacts"));
    for (int i = 0; i < 32; i++)
        len += snprintf(path + len, sizeof path - (size_t)len, "/d");
    snprintf(path + len, sizeof path - (size_t)len, "/file");
    tree_file(path, "x");
    tree_file(IN_RUN("artifacts/d/near"), "abc");
    struct log log = {0};
    const struct ml_mlflow_options options = {.keep_going = true};
    assert_int_equal(visit_with(&options, &log), MLEDGER_OK);
    char *text;
    assert_int_equal(ml_buf_take_text(&log.text, &text), MLEDGER_OK);
    assert_non_null(strstr(text, "  artifact d/near 3 ba90\n"));
    assert_non_null(strstr(text, "d/d: more than 32 folders inside each other\n"));
    assert_null(strstr(text, "/file"));
    free(text);
}

static void refuses_paths_too_long(void **state)
{
    (void)state;
    one_run();
    char path[4200];
    int len = snprintf(path, sizeof path, "%s", IN_RUN("artifacts"));
    for (int i = 0; i < 16; i++)
        len += snprintf(path + len, sizeof path - (size_t)len, "/%0240d", i);
    len += snprintf(path + len, sizeof path - (size_t)len, "/%0*d", 4001 + 7 - len, 1);
    tree_file(path, "x");
    struct log log = {0};
    const struct ml_mlflow_options options = {.keep_going = true};
    assert_int_equal(visit_with(&options, &log), MLEDGER_OK);
    char *text;
    assert_int_equal(ml_buf_take_text(&log.text, &text), MLEDGER_OK);
    assert_null(strstr(text, "  artifact "));
    assert_non_null(strstr(text, "run 0123 one FINISHED\nleft out 0/" RUN_A "/artifacts/0000"));
    assert_non_null(strstr(text, ": path is longer than 4000 bytes\n"));
    free(text);
}

static void leaves_out_what_it_may_not_read(void **state)
{
    (void)state;
    /* Root may read everything, so root becomes somebody else for a while. */
    const uid_t user = geteuid(), nobody = 65534;
    if (user == 0 && (chown(tree_root, nobody, (gid_t)-1) || seteuid(nobody))) {
        print_message("running as root, and root cannot become somebody else\n");
        skip();
    }
    one_run();
    tree_file(IN_RUN("params/shut"), "1");
    tree_file(IN_RUN("artifacts/shut"), "1");
    tree_folder("mlruns/0/" RUN_B);
    assert_int_equal(chmod(tree_path(IN_RUN("params/shut")), 0), 0);
    assert_int_equal(chmod(tree_path(IN_RUN("artifacts/shut")), 0), 0);
    assert_int_equal(chmod(tree_path("mlruns/0/" RUN_B), 0), 0);
    reads_as("experiment 0 Default\nrun 0123 one FINISHED\n"
             "left out 0/" RUN_B ": 0/" RUN_B "/meta.yaml': Permission denied\n"
             "left out 0/" RUN_A "/params/shut: 0/" RUN_A "/params/shut': Permission denied\n"
             "left out 0/" RUN_A "/artifacts/shut: 0/" RUN_A
             "/artifacts/shut': Permission denied\n");
    assert_int_equal(chmod(tree_path("mlruns/0/" RUN_B), 0700), 0);
    assert_int_equal(seteuid(user), 0);
}

static void files_where_folders_belong_are_left_out(void **state)
{
    (void)state;
    one_run();
    tree_file(IN_RUN("params"), "x");
    tree_file(IN_RUN("artifacts"), "x");
    tree_file("mlruns/models", "x");
    reads_as("experiment 0 Default\nrun 0123 one FINISHED\n"
             "left out 0/" RUN_A "/params: 0/" RUN_A
             "/params: is not a folder (links are not followed)\n"
             "left out 0/" RUN_A "/artifacts: 0/" RUN_A
             "/artifacts: is not a folder (links are not followed)\n"
             "left out models: models: is not a folder (links are not followed)\n");
}

static void a_callback_ends_the_visit(void **state)
{
    (void)state;
    one_run();
    run("0", RUN_B, "");
    struct log log = {.fail_at_run = MLEDGER_EINVALID};
    const struct ml_mlflow_options options = {.keep_going = true};
    assert_int_equal(visit_with(&options, &log), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "the caller has had enough");
    char *text;
    assert_int_equal(ml_buf_take_text(&log.text, &text), MLEDGER_OK);
    assert_string_equal(text, "experiment 0 Default\nrun 0123 one FINISHED\n");
    free(text);
}

static void opens_as(const char *dir, const char *expected)
{
    ML_CLEANUP(ml_mlflow_store_freep) struct ml_mlflow_store *store = NULL;
    assert_int_equal(ml_mlflow_store_open(dir, NULL, &store), MLEDGER_OK);
    assert_string_equal(ml_mlflow_store_root(store), expected);
}

static void opens_by_folder_or_parent(void **state)
{
    (void)state;
    char mlruns[100], slash[104], copy[100];
    one_run();
    snprintf(mlruns, sizeof mlruns, "%s/mlruns", tree_root);
    snprintf(slash, sizeof slash, "%s//", mlruns);
    snprintf(copy, sizeof copy, "%s/copy", tree_root);
    opens_as(mlruns, mlruns);
    opens_as(slash, mlruns);
    opens_as(tree_root, mlruns);
    tree_link("mlruns", "copy");
    opens_as(copy, copy);
    assert_int_equal(unlink(copy), 0);
    assert_int_equal(rename(mlruns, copy), 0);
    opens_as(copy, copy);
}

static void says_where_a_store_is_not(void **state)
{
    (void)state;
    struct ml_mlflow_store *store = NULL;
    char sentence[200];
    tree_file("file", "x");
    assert_int_equal(ml_mlflow_store_open(tree_path("absent"), NULL, &store), MLEDGER_ENOTFOUND);
    snprintf(sentence, sizeof sentence, "there is no folder '%s/absent'", tree_root);
    assert_string_equal(mledger_error_text(), sentence);
    assert_int_equal(ml_mlflow_store_open(tree_path("file"), NULL, &store), MLEDGER_ENOTFOUND);
    snprintf(sentence, sizeof sentence, "'%s/file' is not a folder and no SQLite database",
             tree_root);
    assert_string_equal(mledger_error_text(), sentence);
    assert_int_equal(ml_mlflow_store_open(tree_root, NULL, &store), MLEDGER_ENOTFOUND);
    snprintf(sentence, sizeof sentence,
             "no MLflow store: '%s' neither is nor holds an mlruns folder", tree_root);
    assert_string_equal(mledger_error_text(), sentence);
    assert_string_equal(mledger_error_hint(), "");
    tree_file("recipe/meta.yaml", "package: x\n");
    tree_folder("week-02/mlruns");
    assert_int_equal(ml_mlflow_store_open(tree_root, NULL, &store), MLEDGER_ENOTFOUND);
    snprintf(sentence, sizeof sentence, "mledger import mlflow '%s/week-02/mlruns'", tree_root);
    assert_string_equal(mledger_error_hint(), sentence);
    assert_null(store);
}

static void finds_stores_in_a_project(void **state)
{
    (void)state;
    tree_folder("week-02/mlruns/mlruns");
    tree_folder("mlruns");
    tree_folder("a/b/c/mlruns");
    tree_folder(".hidden/mlruns");
    tree_link("..", "a/up");
    ML_CLEANUP(ml_mlflow_found_release) struct ml_mlflow_found found = {0};
    assert_int_equal(ml_mlflow_store_find(tree_root, &found), MLEDGER_OK);
    assert_int_equal(found.count, 3);
    assert_string_equal(found.paths[0], tree_path("a/b/c/mlruns"));
    assert_string_equal(found.paths[1], tree_path("mlruns"));
    assert_string_equal(found.paths[2], tree_path("week-02/mlruns"));
    ML_CLEANUP(ml_mlflow_found_release) struct ml_mlflow_found one = {0};
    assert_int_equal(ml_mlflow_store_find(tree_path("mlruns"), &one), MLEDGER_OK);
    assert_int_equal(one.count, 1);
    ML_CLEANUP(ml_mlflow_found_release) struct ml_mlflow_found none = {0};
    assert_int_equal(ml_mlflow_store_find(tree_path("absent"), &none), MLEDGER_ENOTFOUND);
}

static void a_visit_can_be_repeated(void **state)
{
    (void)state;
    tree_file("mlruns/1/meta.yaml", "name: x\n");
    const struct ml_mlflow_options options = {.keep_going = true};
    const struct ml_mlflow_visitor nobody = {0};
    ML_CLEANUP(ml_mlflow_store_freep) struct ml_mlflow_store *store = NULL;
    assert_int_equal(ml_mlflow_store_open(tree_root, &options, &store), MLEDGER_OK);
    for (int i = 0; i < 2; i++) {
        size_t count = 0;
        assert_int_equal(ml_mlflow_store_visit(store, &nobody), MLEDGER_OK);
        assert_string_equal(ml_mlflow_store_left_out(store, &count)->path, "1");
        assert_int_equal(count, 1);
    }
    tree_file("mlruns/1/meta.yaml", "experiment_id: '1'\nname: x\n");
    size_t count = 7;
    assert_int_equal(ml_mlflow_store_visit(store, &nobody), MLEDGER_OK);
    ml_mlflow_store_left_out(store, &count);
    assert_int_equal(count, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, tree_setup, tree_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(comes_in_a_fixed_order),
        TEST(reads_nested_empty_and_long_values),
        TEST(falls_back_to_tags),
        TEST(tells_commits_from_other_tags),
        TEST(merges_tags_of_experiments),
        TEST(reads_inputs_and_outputs),
        TEST(leaves_out_inputs_that_lead_nowhere),
        TEST(reads_logged_models),
        TEST(reads_the_registry),
        TEST(passes_over_folders_without_files),
        TEST(runs_of_a_nameless_experiment_are_read),
        TEST(leaves_out_runs_in_the_wrong_place),
        TEST(leaves_out_single_broken_files),
        TEST(hashes_artifacts),
        TEST(follows_no_link_out_of_a_run),
        TEST(never_waits_on_a_pipe),
        TEST(refuses_what_is_too_large),
        TEST(refuses_folders_too_deep),
        TEST(refuses_paths_too_long),
        TEST(leaves_out_what_it_may_not_read),
        TEST(files_where_folders_belong_are_left_out),
        TEST(a_callback_ends_the_visit),
        TEST(opens_by_folder_or_parent),
        TEST(says_where_a_store_is_not),
        TEST(finds_stores_in_a_project),
        TEST(a_visit_can_be_repeated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
