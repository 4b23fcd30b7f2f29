/* SPDX-License-Identifier: Apache-2.0 */
/* An MLflow store of the test's own becomes records, is changed, and is imported again. */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>

#include "ledger/core/codec.h"
#include "ledger/core/index.h"
#include "ledger/core/state_key.h"
#include "tests/unit/import_fixture.h"

#define STORE_META "artifact_location: file:///elsewhere/mlruns/7\nexperiment_id: '7'\n"
#define RUN "0123456789abcdef0123456789abcdef"
#define COMMIT "00112233445566778899aabbccddeeff00112233"

struct own {
    struct fixture fixture;
    char store[96];
};

static const char run_meta[] =
    "artifact_uri: file:///elsewhere/mlruns/7/" RUN "/artifacts\nend_time: 1700000009000\n"
    "entry_point_name: ''\nexperiment_id: '7'\nlifecycle_stage: active\nrun_id: " RUN
    "\nrun_name: first\nrun_uuid: " RUN "\nsource_name: ''\nsource_type: 4\nsource_version: ''\n"
    "start_time: 1700000001000\nstatus: 3\ntags: []\nuser_id: carol\n";

static void write_run(const struct own *own, const char *path, const char *text)
{
    char full[256];
    snprintf(full, sizeof full, "7/" RUN "/%s", path);
    tree_write(own->store, full, text);
}

static void write_experiment(const struct own *own, const char *name, const char *stage)
{
    char text[512];
    snprintf(text, sizeof text,
             STORE_META "lifecycle_stage: %s\nname: %s\ncreation_time: 1700000000000\n"
                        "last_update_time: 1700000000500\n",
             stage, name);
    tree_write(own->store, "7/meta.yaml", text);
}

static const char model_meta[] = "aliases: {}\ncreation_timestamp: 1700000010000\n"
                                 "description: tells who leaves\n"
                                 "last_updated_timestamp: 1700000011000\nname: churn\n";

static void write_version(const struct own *own, unsigned number, const char *stage)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "models/churn/version-%u/meta.yaml", number);
    snprintf(text, sizeof text,
             "creation_timestamp: 1700000012000\ncurrent_stage: %s\ndescription: null\n"
             "last_updated_timestamp: 1700000013000\nname: churn\nrun_id: " RUN "\nrun_link: null\n"
             "source: file:///elsewhere/mlruns/7/" RUN "/artifacts/model\nstatus: READY\n"
             "status_message: null\nuser_id: null\nversion: %u\n",
             stage, number);
    tree_write(own->store, path, text);
}

static int own_setup(void **state)
{
    struct own *own = test_calloc(1, sizeof *own);
    fixture_init(&own->fixture);
    snprintf(own->store, sizeof own->store, "%s/mlruns", own->fixture.dir);
    write_experiment(own, "first experiment", "active");
    tree_write(own->store, "7/tags/team", "growth");
    write_run(own, "meta.yaml", run_meta);
    write_run(own, "params/depth", "3");
    write_run(own, "params/lr", "0.10");
    write_run(own, "metrics/auc", "1700000002000 0.5 0\n1700000003000 0.75 1\n");
    write_run(own, "metrics/odd", "1700000004000 nan 0\n");
    write_run(own, "tags/mlflow.source.git.commit", COMMIT);
    write_run(own, "tags/mlflow.note.content", "first try");
    write_run(own, "artifacts/model/weights", "weights\n");
    write_run(own, "artifacts/plot.txt", "plot\n");
    tree_write(own->store, "models/churn/meta.yaml", model_meta);
    write_version(own, 2, "Staging");
    tree_write(own->store, "models/churn/aliases/champion", "2");
    tree_write(own->store, "models/churn/tags/owner", "growth");
    *state = own;
    return 0;
}

static int own_teardown(void **state)
{
    struct own *own = *state;
    fixture_release(&own->fixture);
    test_free(own);
    return 0;
}

/* Imports once and gives what was appended, as "kind kind …" in order of the event's fields. */
static void import_own(struct own *own, const struct ml_import_options *options, char text[512])
{
    ML_CLEANUP(ml_import_report_release) struct ml_import_report report;
    import_all(&own->fixture, ml_import_mlflow, own->store, options, &report);
    text[0] = '\0';
    for (unsigned i = 0; i < ML_IMPORT_KINDS; i++)
        if (report.kinds[i])
            snprintf(text + strlen(text), 512 - strlen(text), "%s%s %llu", text[0] ? ", " : "",
                     ml_import_kind_name(i), (unsigned long long)report.kinds[i]);
}

/* Imports, expects exactly that, then that another import has nothing to add. */
static void expect_import(struct own *own, const char *wanted)
{
    char text[512];
    import_own(own, NULL, text);
    assert_string_equal(text, wanted);
    import_nothing(&own->fixture, ml_import_mlflow, own->store, NULL);
}

#define FIRST                                                                                      \
    "experiment_created 1, run_started 1, run_logged 1, run_ended 1, artifact_recorded 1, "        \
    "model_created 1, version_registered 1, stage_imported 1, alias_set 1"

static void look_at_record(const struct ml_record *record, uint64_t seq, void *context)
{
    const Mledger__Event *event = record->event;
    const Mledger__Details *details = record->details;
    size_t *looked = context;
    (void)seq;
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_EXPERIMENT_CREATED:
        assert_string_equal(event->experiment_created->experiment_id, "7");
        assert_string_equal(event->experiment_created->name, "first experiment");
        assert_int_equal(details->occurred_at, 1700000000000000);
        assert_string_equal(details->tag_values[0], "growth");
        break;
    case MLEDGER__EVENT__KIND_RUN_STARTED:
        assert_string_equal(event->run_started->run_id, RUN);
        assert_string_equal(event->run_started->name, "first");
        assert_int_equal(event->run_started->commit->algorithm, MLEDGER__ALGORITHM__GIT);
        assert_int_equal(event->run_started->commit->value.data[1], 0x11);
        assert_int_equal(event->run_started->commit->standing, MLEDGER__STANDING__CLAIMED);
        assert_string_equal(details->user, "carol");
        assert_int_equal(details->occurred_at, 1700000001000000);
        break;
    case MLEDGER__EVENT__KIND_RUN_LOGGED:
        assert_string_equal(event->run_logged->params[1], "lr");
        assert_string_equal(details->param_values[1], "0.10");
        assert_string_equal(event->run_logged->metrics[1]->key, "auc");
        assert_int_equal(event->run_logged->metrics[1]->step, 1);
        assert_int_equal(event->run_logged->metrics[1]->time, 1700000003000000);
        assert_string_equal(details->metric_values[1]->text, "0.75");
        assert_string_equal(details->metric_values[2]->text, "nan");
        assert_int_equal(details->occurred_at, 1700000004000000);
        break;
    case MLEDGER__EVENT__KIND_RUN_ENDED:
        assert_int_equal(event->run_ended->status, MLEDGER__RUN_STATUS__FINISHED);
        assert_int_equal(details->occurred_at, 1700000009000000);
        break;
    case MLEDGER__EVENT__KIND_ARTIFACT_RECORDED:
        assert_int_equal(event->artifact_recorded->n_artifacts, 2);
        assert_string_equal(event->artifact_recorded->artifacts[1]->path, "plot.txt");
        assert_int_equal(event->artifact_recorded->artifacts[1]->size, 5);
        assert_int_equal(event->artifact_recorded->artifacts[1]->n_digests, 2);
        break;
    case MLEDGER__EVENT__KIND_VERSION_REGISTERED:
        assert_int_equal(event->version_registered->version, 2);
        assert_true(event->version_registered->has_run_ref);
        assert_int_equal(event->version_registered->n_artifacts, 1);
        assert_string_equal(event->version_registered->artifacts[0]->path, "model/weights");
        assert_int_equal(event->version_registered->artifacts[0]->digests[0]->standing,
                         MLEDGER__STANDING__SEEN);
        break;
    case MLEDGER__EVENT__KIND_STAGE_IMPORTED:
        assert_string_equal(event->stage_imported->stage, "Staging");
        assert_false(details->has_occurred_at);
        break;
    case MLEDGER__EVENT__KIND_ALIAS_SET:
        assert_string_equal(event->alias_set->alias, "champion");
        assert_int_equal(event->alias_set->version, 2);
        break;
    default:
        return;
    }
    (*looked)++;
}

static void says_what_the_store_says(void **state)
{
    struct own *own = *state;
    size_t looked = 0;
    expect_import(own, FIRST);
    fixture_each(&own->fixture, look_at_record, &looked);
    assert_int_equal(looked, 8);
    fixture_verify(&own->fixture);
}

static void appends_only_what_is_new(void **state)
{
    struct own *own = *state;
    expect_import(own, FIRST);
    write_run(own, "metrics/auc",
              "1700000002000 0.5 0\n1700000003000 0.75 1\n1700000005000 0.8 2\n");
    expect_import(own, "run_logged 1");
    write_run(own, "params/seed", "1");
    write_run(own, "tags/mlflow.note.content", "second thought");
    expect_import(own, "run_logged 1, tags_set 1");
    write_run(own, "artifacts/plot.txt", "another plot\n");
    write_run(own, "artifacts/log.txt", "log\n");
    expect_import(own, "artifact_recorded 1");
    write_version(own, 2, "Production");
    write_version(own, 5, "None");
    tree_write(own->store, "models/churn/aliases/champion", "5");
    expect_import(own, "version_registered 1, stage_imported 1, alias_set 1");
    fixture_verify(&own->fixture);
}

static void takes_over_what_was_taken_back(void **state)
{
    struct own *own = *state;
    expect_import(own, FIRST);
    tree_remove(own->store, "7/" RUN "/tags/mlflow.note.content");
    tree_remove(own->store, "7/tags/team");
    tree_remove(own->store, "models/churn/tags/owner");
    tree_remove(own->store, "models/churn/aliases/champion");
    expect_import(own, "tags_deleted 3, alias_deleted 1");
    write_version(own, 2, "Deleted_Internal");
    expect_import(own, "version_deleted 1");
    fixture_verify(&own->fixture);
}

static void change_run(const struct own *own, const char *from, const char *to)
{
    char text[2048];
    const char *at = strstr(run_meta, from);
    assert_non_null(at);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - run_meta), run_meta, to, at + strlen(from));
    write_run(own, "meta.yaml", text);
}

static void follows_runs_and_experiments(void **state)
{
    struct own *own = *state;
    change_run(own, "status: 3", "status: 1");
    expect_import(own, "experiment_created 1, run_started 1, run_logged 1, artifact_recorded 1, "
                       "model_created 1, version_registered 1, stage_imported 1, alias_set 1");
    write_run(own, "meta.yaml", run_meta);
    expect_import(own, "run_ended 1");
    change_run(own, "run_name: first", "run_name: second");
    write_experiment(own, "renamed", "active");
    expect_import(own, "experiment_updated 1, run_updated 1");
    change_run(own, "run_name: first", "run_name: second\ndeleted_time: 1700000020000");
    change_run(own, "lifecycle_stage: active", "lifecycle_stage: deleted");
    write_experiment(own, "renamed", "deleted");
    expect_import(own, "experiment_deleted 1, run_updated 1, run_deleted 1");
    write_run(own, "meta.yaml", run_meta);
    write_experiment(own, "renamed", "active");
    expect_import(own, "experiment_restored 1, run_restored 1");
    fixture_verify(&own->fixture);
}

static void a_run_that_goes_on_again_is_updated(void **state)
{
    struct own *own = *state;
    expect_import(own, FIRST);
    change_run(own, "status: 3", "status: 2");
    expect_import(own, "run_updated 1");
    fixture_verify(&own->fixture);
}

static void what_was_deleted_here_stays_deleted(void **state)
{
    struct own *own = *state;
    ML_CLEANUP(ml_import_report_release) struct ml_import_report report;
    expect_import(own, FIRST);
    fixture_add(&own->fixture, "{\"run_deleted\": {\"run\": \"" RUN "\"}}");
    fixture_add(&own->fixture, "{\"model_deleted\": {\"model\": \"churn\"}}");
    import_all(&own->fixture, ml_import_mlflow, own->store, NULL, &report);
    assert_int_equal(report.appended, 0);
    assert_int_equal(report.n_left_out, 2);
    assert_non_null(strstr(report.left_out[0].reason, "deleted in the ledger"));
}

/* Another store's experiment 7 and churn version 2. */
static void two_stores_need_names(void **state)
{
    struct own *own = *state;
    char text[512];
    const struct ml_import_options named = {.name = "other"};
    expect_import(own, FIRST);
    tree_write(own->store, "7/meta.yaml",
               "artifact_location: file:///third/mlruns/7\nexperiment_id: '7'\n"
               "lifecycle_stage: active\nname: other experiment\n");
    import_fails(&own->fixture, ml_import_mlflow, own->store, NULL, MLEDGER_EREFUSED,
                 "experiment '7' of this store is not the one that record");
    assert_non_null(strstr(mledger_error_hint(), "--name"));
    tree_remove(own->store, "7/" RUN);
    import_own(own, &named, text);
    assert_string_equal(text, "experiment_created 1, model_created 1, version_registered 1, "
                              "stage_imported 1, alias_set 1");
    struct ml_view view;
    uint64_t seq;
    assert_int_equal(ml_view_begin(own->fixture.ledger, &view), 0);
    assert_int_equal(ml_state_find(view.state, MLEDGER__SUBJECT_KIND__MODEL, "other.churn", &seq),
                     0);
    assert_int_equal(ml_state_find(view.state, MLEDGER__SUBJECT_KIND__EXPERIMENT, "other.7", &seq),
                     0);
    ml_view_end(&view);
    import_nothing(&own->fixture, ml_import_mlflow, own->store, &named);
    fixture_verify(&own->fixture);
}

static void another_version_of_that_number_is_refused(void **state)
{
    struct own *own = *state;
    expect_import(own, FIRST);
    tree_write(own->store, "models/churn/version-2/meta.yaml",
               "creation_timestamp: 1\ncurrent_stage: None\nlast_updated_timestamp: 1\n"
               "name: churn\nrun_id: ffffffffffffffffffffffffffffffff\nsource: s\nversion: 2\n");
    import_fails(&own->fixture, ml_import_mlflow, own->store, NULL, MLEDGER_EREFUSED,
                 "version 2 of model 'churn' is of run 'ffffffffffffffffffffffffffffffff'");
}

/* ---- faults ---- */

static void a_broken_store_leaves_nothing(void **state)
{
    struct own *own = *state;
    char text[512];
    const struct ml_import_options keep_going = {.keep_going = true};
    write_run(own, "metrics/auc", "1700000002000 0.5 0\nno number\n");
    import_fails(&own->fixture, ml_import_mlflow, own->store, NULL, MLEDGER_EINVALID,
                 "metrics/auc:2");
    import_own(own, &keep_going, text);
    assert_string_equal(text, FIRST);
    write_run(own, "metrics/auc", "1700000002000 0.5 0\n");
    expect_import(own, "run_logged 1");
}

static void what_no_record_holds_is_found_first(void **state)
{
    struct own *own = *state;
    const size_t len = ML_LIMIT_TEXT + 1;
    char *value = test_malloc(len + 1), text[512];
    const struct ml_import_options keep_going = {.keep_going = true};
    memset(value, 'x', len);
    value[len] = '\0';
    write_run(own, "params/huge", value);
    test_free(value);
    import_fails(&own->fixture, ml_import_mlflow, own->store, NULL, MLEDGER_EINVALID,
                 "parameter 'huge' has 262145 bytes");
    import_own(own, &keep_going, text);
    assert_string_equal(text, FIRST);
}

static void a_version_below_the_newest_is_left_out(void **state)
{
    struct own *own = *state;
    ML_CLEANUP(ml_import_report_release) struct ml_import_report report;
    expect_import(own, FIRST);
    write_version(own, 1, "None");
    import_all(&own->fixture, ml_import_mlflow, own->store, NULL, &report);
    assert_int_equal(report.appended, 0);
    assert_int_equal(report.n_left_out, 1);
    assert_non_null(strstr(report.left_out[0].what, "version-1"));
}

/* MLflow takes letters of any language in an alias, the ledger does not. */
static void what_the_ledger_refuses_is_left_out(void **state)
{
    struct own *own = *state;
    ML_CLEANUP(ml_import_report_release) struct ml_import_report report;
    const struct ml_import_options keep_going = {.keep_going = true};
    tree_write(own->store, "models/churn/aliases/m\xc3\xa9lange", "2");
    import_all(&own->fixture, ml_import_mlflow, own->store, &keep_going, &report);
    assert_int_equal(report.n_left_out, 1);
    assert_non_null(strstr(report.left_out[0].reason, "cannot be an alias"));
    assert_int_equal(import_count(&report, "alias_set"), 1);
    fixture_verify(&own->fixture);
}

/* Even with keep_going: no draft is at fault. */
static void a_key_that_may_not_record_ends_it(void **state)
{
    struct own *own = *state;
    ML_CLEANUP(ml_import_report_release) struct ml_import_report report = {0};
    const struct ml_import_options keep_going = {.keep_going = true};
    assert_int_equal(ml_import_mlflow(own->fixture.ledger, &own->fixture.signers[BOB], own->store,
                                      &keep_going, &report),
                     MLEDGER_EREFUSED);
    assert_string_equal(mledger_error_rule(), "key-unknown");
    assert_int_equal(report.appended + report.n_left_out, 0);
}

static void there_must_be_a_store(void **state)
{
    struct own *own = *state;
    import_fails(&own->fixture, ml_import_mlflow, own->fixture.known, NULL, MLEDGER_ENOTFOUND,
                 "no MLflow store");
    import_fails(&own->fixture, ml_import_mlflow, "/nonexistent", NULL, MLEDGER_ENOTFOUND,
                 "there is no folder");
}

/* ---- size ---- */

static void count_points(const struct ml_record *record, uint64_t seq, void *context)
{
    size_t *points = context;
    (void)seq;
    if (record->event->kind_case == MLEDGER__EVENT__KIND_RUN_LOGGED)
        *points += record->event->run_logged->n_metrics;
}

/* A history that needs several records, in order, none of them near a limit. */
static void long_histories_are_split(void **state)
{
    struct own *own = *state;
    enum { POINTS = 5000 };
    ML_CLEANUP(ml_import_report_release) struct ml_import_report report;
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    for (int i = 0; i < POINTS; i++)
        assert_int_equal(ml_buf_printf(&text, "%lld 0.%04d %d\n", 1700000000000LL + i, i, i), 0);
    assert_int_equal(ml_buf_append_char(&text, '\0'), 0);
    write_run(own, "metrics/loss", (const char *)text.data);
    import_all(&own->fixture, ml_import_mlflow, own->store, NULL, &report);
    assert_int_equal(import_count(&report, "run_logged"), 6);
    size_t points = 0;
    fixture_each(&own->fixture, count_points, &points);
    assert_int_equal(points, POINTS + 3);
    import_nothing(&own->fixture, ml_import_mlflow, own->store, NULL);
    fixture_verify(&own->fixture);
}

/* More runs than one batch takes. */
static void many_runs_are_several_batches(void **state)
{
    struct own *own = *state;
    enum { RUNS = 400 };
    ML_CLEANUP(ml_import_report_release) struct ml_import_report report;
    for (int i = 0; i < RUNS; i++) {
        char path[128], meta[1024];
        snprintf(path, sizeof path, "7/%032x/meta.yaml", i);
        snprintf(meta, sizeof meta,
                 "artifact_uri: a\nend_time: 1700000009000\nexperiment_id: '7'\n"
                 "lifecycle_stage: active\nrun_id: '%032x'\nrun_name: r%d\n"
                 "start_time: 1700000001000\nstatus: 3\nuser_id: carol\n",
                 i, i);
        tree_write(own->store, path, meta);
        snprintf(path, sizeof path, "7/%032x/params/n", i);
        tree_write(own->store, path, "1");
    }
    import_all(&own->fixture, ml_import_mlflow, own->store, NULL, &report);
    assert_int_equal(import_count(&report, "run_started"), RUNS + 1);
    assert_int_equal(report.appended, 9 + 3 * RUNS);
    import_nothing(&own->fixture, ml_import_mlflow, own->store, NULL);
    fixture_verify(&own->fixture);
}

#define OWN(test) cmocka_unit_test_setup_teardown(test, own_setup, own_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OWN(says_what_the_store_says),
        OWN(appends_only_what_is_new),
        OWN(takes_over_what_was_taken_back),
        OWN(follows_runs_and_experiments),
        OWN(a_run_that_goes_on_again_is_updated),
        OWN(what_was_deleted_here_stays_deleted),
        OWN(two_stores_need_names),
        OWN(another_version_of_that_number_is_refused),
        OWN(a_broken_store_leaves_nothing),
        OWN(what_no_record_holds_is_found_first),
        OWN(a_version_below_the_newest_is_left_out),
        OWN(what_the_ledger_refuses_is_left_out),
        OWN(a_key_that_may_not_record_ends_it),
        OWN(there_must_be_a_store),
        OWN(long_histories_are_split),
        OWN(many_runs_are_several_batches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
