/* SPDX-License-Identifier: Apache-2.0 */
/* Logged models of MLflow 3 out of a file store: each a subject of its own, imported once. */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>

#include "ledger/query/fields.h"
#include "tests/unit/import_fixture.h"

#define RUN "0123456789abcdef0123456789abcdef"
#define MODEL "m-fedcba9876543210fedcba9876543210"

struct own {
    struct fixture fixture;
    char store[128];
};

static void write_model(const struct own *own, const char *id, const char *run, int status,
                        const char *stage)
{
    char path[96], text[1024];
    snprintf(path, sizeof path, "7/models/%s/meta.yaml", id);
    snprintf(text, sizeof text,
             "artifact_location: mlflow-artifacts:/7/models/%s/artifacts\n"
             "creation_timestamp: 1700000002000\nexperiment_id: '7'\n"
             "last_updated_timestamp: 1700000003000\nlifecycle_stage: %s\nmodel_id: %s\n"
             "model_type: ''\nname: clf\nsource_run_id: %s\nstatus: %d\nstatus_message: null\n"
             "tags: {}\n",
             id, stage, id, run, status);
    tree_write(own->store, path, text);
}

static void write_run(const struct own *own, const char *lifecycle)
{
    char text[1024];
    snprintf(text, sizeof text,
             "artifact_uri: file:///x\nend_time: 1700000009000\nexperiment_id: '7'\n"
             "lifecycle_stage: %s\nrun_id: " RUN "\nrun_name: first\nstart_time: 1700000001000\n"
             "status: 3\nuser_id: ann\n",
             lifecycle);
    tree_write(own->store, "7/" RUN "/meta.yaml", text);
}

static int set_up(void **state)
{
    static struct own own;
    fixture_init(&own.fixture);
    snprintf(own.store, sizeof own.store, "%s/mlruns", own.fixture.dir);
    tree_write(own.store, "7/meta.yaml",
               "artifact_location: file:///x\nexperiment_id: '7'\nlifecycle_stage: active\n"
               "name: churn\n");
    write_run(&own, "active");
    tree_write(own.store, "7/" RUN "/params/lr", "1");
    write_model(&own, MODEL, RUN, 1, "active");
    tree_write(own.store, "7/models/" MODEL "/params/lr", "1");
    tree_write(own.store, "7/models/" MODEL "/tags/team", "risk");
    *state = &own;
    return 0;
}

static int tear_down(void **state)
{
    fixture_release(&((struct own *)*state)->fixture);
    return 0;
}

/* Imports, expects exactly that, then that another import has nothing to add. */
static void expect_import(struct own *own, const char *wanted)
{
    ML_CLEANUP(ml_import_report_release) struct ml_import_report report;
    char text[512] = "";
    import_all(&own->fixture, ml_import_mlflow, own->store, NULL, &report);
    for (unsigned i = 0; i < ML_IMPORT_KINDS; i++)
        if (report.kinds[i])
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s %llu",
                     text[0] ? ", " : "", ml_import_kind_name(i),
                     (unsigned long long)report.kinds[i]);
    assert_string_equal(text, wanted);
    import_nothing(&own->fixture, ml_import_mlflow, own->store, NULL);
}

#define FIRST                                                                                      \
    "experiment_created 1, run_started 1, run_logged 1, run_ended 1, logged_model_created 1"

/* What the ledger's state says of one field of the model; NULL: nothing. */
static const char *field_of(struct own *own, enum ml_field_kind kind, const char *key,
                            char text[64])
{
    struct ml_view view;
    struct ml_reader reader;
    struct ml_field field;
    uint64_t seq;
    assert_int_equal(ml_view_begin(own->fixture.ledger, &view), MLEDGER_OK);
    ml_reader_init(&reader, &view, view.head.size - 1);
    assert_int_equal(ml_state_find(view.state, MLEDGER__SUBJECT_KIND__LOGGED_MODEL, MODEL, &seq),
                     MLEDGER_OK);
    const int result = ml_fields_find(&reader, seq, 0, kind, key, &field);
    if (result == MLEDGER_OK)
        snprintf(text, 64, "%s", field.value ? field.value : "");
    ml_reader_release(&reader);
    ml_view_end(&view);
    return result == MLEDGER_OK ? text : NULL;
}

static void is_imported_once(void **state)
{
    struct own *own = *state;
    char text[64];
    expect_import(own, FIRST);
    assert_string_equal(field_of(own, ML_FIELD_PARAM, "lr", text), "1");
    assert_string_equal(field_of(own, ML_FIELD_TAG, "team", text), "risk");
    fixture_verify(&own->fixture);
}

static void what_changes_is_imported(void **state)
{
    struct own *own = *state;
    char text[64];
    expect_import(own, FIRST);
    tree_write(own->store, "7/models/" MODEL "/artifacts/MLmodel", "flavors: {}\n");
    write_model(own, MODEL, RUN, 2, "active");
    expect_import(own, "artifact_recorded 1, logged_model_updated 1");
    assert_non_null(field_of(own, ML_FIELD_ARTIFACT, "MLmodel", text));
    tree_write(own->store, "7/models/" MODEL "/params/depth", "6");
    tree_write(own->store, "7/models/" MODEL "/tags/team", "growth");
    expect_import(own, "tags_set 1, logged_model_updated 1");
    assert_string_equal(field_of(own, ML_FIELD_PARAM, "depth", text), "6");
    tree_remove(own->store, "7/models/" MODEL "/tags/team");
    expect_import(own, "tags_deleted 1");
    write_model(own, MODEL, RUN, 2, "deleted");
    expect_import(own, "logged_model_deleted 1");
    fixture_verify(&own->fixture);
}

/* A model of a run that is not here stands by the run's id; one of no run stands alone. */
static void needs_no_run(void **state)
{
    struct own *own = *state;
    write_model(own, "m-1", "elsewhere", 2, "active");
    write_model(own, "m-2", "null", 3, "active");
    expect_import(own, "experiment_created 1, run_started 1, run_logged 1, run_ended 1, "
                       "logged_model_created 3, logged_model_updated 2");
    fixture_verify(&own->fixture);
}

/* Both may be deleted in the store: what they were is imported first. */
static void deleted_things_are_imported_as_such(void **state)
{
    struct own *own = *state;
    write_run(own, "deleted");
    write_model(own, MODEL, RUN, 2, "deleted");
    expect_import(own, "experiment_created 1, run_started 1, run_logged 1, run_ended 1, "
                       "run_deleted 1, logged_model_created 1, logged_model_updated 1, "
                       "logged_model_deleted 1");
    fixture_verify(&own->fixture);
}

static void import_leaves_out(struct own *own, const char *why)
{
    ML_CLEANUP(ml_import_report_release) struct ml_import_report report;
    import_all(&own->fixture, ml_import_mlflow, own->store, NULL, &report);
    assert_int_equal(report.n_left_out, 1);
    assert_non_null(strstr(report.left_out[0].reason, why));
}

/* What was deleted here is not brought back by an import. */
static void what_is_deleted_here_stays_so(void **state)
{
    struct own *own = *state;
    expect_import(own, FIRST);
    fixture_add(&own->fixture, "{\"logged_model_deleted\": {\"logged_model\": \"" MODEL "\"}}");
    import_leaves_out(own, "the logged model is deleted in the ledger");
}

/* A version of the model names it, and files of it. */
static void versions_name_their_model(void **state)
{
    struct own *own = *state;
    tree_write(own->store, "7/models/" MODEL "/artifacts/MLmodel", "flavors: {}\n");
    tree_write(own->store, "models/churn/meta.yaml",
               "aliases: {}\ncreation_timestamp: 1700000010000\ndescription: ''\n"
               "last_updated_timestamp: 1700000011000\nname: churn\n");
    tree_write(own->store, "models/churn/version-1/meta.yaml",
               "creation_timestamp: 1700000012000\ncurrent_stage: None\ndescription: null\n"
               "last_updated_timestamp: 1700000013000\nname: churn\nrun_id: " RUN
               "\nmodel_id: " MODEL "\nsource: models:/" MODEL
               "\nstatus: READY\nstatus_message: null\nuser_id: null\nversion: 1\n");
    expect_import(own, "experiment_created 1, run_started 1, run_logged 1, run_ended 1, "
                       "artifact_recorded 1, logged_model_created 1, model_created 1, "
                       "version_registered 1");
    fixture_verify(&own->fixture);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(is_imported_once),
        TEST(what_changes_is_imported),
        TEST(needs_no_run),
        TEST(deleted_things_are_imported_as_such),
        TEST(what_is_deleted_here_stays_so),
        TEST(versions_name_their_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
