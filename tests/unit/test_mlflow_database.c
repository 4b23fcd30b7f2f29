/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a tracking database: what its columns mean, what may be missing, what is refused, and
 * that another program may have it open. The databases are made here.
 */
#include "tests/unit/cmocka_all.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/mlflow_seen.h"

/* As MLflow 3 has it, without the columns and tables that nothing here asks for. */
static const char schema[] =
    "CREATE TABLE experiments (experiment_id INTEGER, name VARCHAR, artifact_location VARCHAR,"
    " lifecycle_stage VARCHAR, creation_time BIGINT, last_update_time BIGINT, workspace VARCHAR);"
    "CREATE TABLE experiment_tags (key VARCHAR, value VARCHAR, experiment_id INTEGER);"
    "CREATE TABLE runs (run_uuid VARCHAR, name VARCHAR, source_type VARCHAR, source_name VARCHAR,"
    " user_id VARCHAR, status VARCHAR, start_time BIGINT, end_time BIGINT, lifecycle_stage VARCHAR,"
    " artifact_uri VARCHAR, experiment_id INTEGER, deleted_time BIGINT);"
    "CREATE TABLE params (key VARCHAR, value VARCHAR, run_uuid VARCHAR);"
    "CREATE TABLE tags (key VARCHAR, value VARCHAR, run_uuid VARCHAR);"
    "CREATE TABLE metrics (key VARCHAR, value FLOAT, timestamp BIGINT, run_uuid VARCHAR,"
    " step BIGINT, is_nan BOOLEAN);"
    "CREATE TABLE datasets (dataset_uuid VARCHAR, experiment_id INTEGER, name VARCHAR,"
    " digest VARCHAR, dataset_source_type VARCHAR, dataset_source TEXT, dataset_schema TEXT,"
    " dataset_profile TEXT);"
    "CREATE TABLE inputs (input_uuid VARCHAR, source_type VARCHAR, source_id VARCHAR,"
    " destination_type VARCHAR, destination_id VARCHAR, step BIGINT);"
    "CREATE TABLE input_tags (input_uuid VARCHAR, name VARCHAR, value VARCHAR);"
    "CREATE TABLE registered_models (name VARCHAR, creation_time BIGINT, last_updated_time BIGINT,"
    " description VARCHAR, workspace VARCHAR);"
    "CREATE TABLE registered_model_tags (key VARCHAR, value VARCHAR, name VARCHAR,"
    " workspace VARCHAR);"
    "CREATE TABLE registered_model_aliases (alias VARCHAR, version INTEGER, name VARCHAR,"
    " workspace VARCHAR);"
    "CREATE TABLE model_versions (name VARCHAR, version INTEGER, creation_time BIGINT,"
    " last_updated_time BIGINT, description VARCHAR, user_id VARCHAR, current_stage VARCHAR,"
    " source VARCHAR, run_id VARCHAR, status VARCHAR, status_message VARCHAR,"
    " storage_location VARCHAR, workspace VARCHAR);"
    "CREATE TABLE model_version_tags (key VARCHAR, value VARCHAR, name VARCHAR, version INTEGER,"
    " workspace VARCHAR);"
    "CREATE TABLE logged_models (model_id VARCHAR, experiment_id INTEGER, name VARCHAR,"
    " artifact_location VARCHAR, creation_timestamp_ms BIGINT, last_updated_timestamp_ms BIGINT,"
    " status INTEGER, lifecycle_stage VARCHAR, model_type VARCHAR, source_run_id VARCHAR,"
    " status_message VARCHAR);"
    "CREATE TABLE logged_model_params (model_id VARCHAR, param_key VARCHAR, param_value TEXT);"
    "CREATE TABLE logged_model_metrics (model_id VARCHAR, metric_name VARCHAR,"
    " metric_timestamp_ms BIGINT, metric_step BIGINT, metric_value FLOAT, run_id VARCHAR,"
    " dataset_name VARCHAR, dataset_digest VARCHAR);";

static const char content[] =
    "INSERT INTO experiments VALUES (7, 'churn', 's3://x', 'active', 100, 200, 'default'),"
    " (2, 'old', NULL, 'deleted', NULL, NULL, 'default'), (9, 'churn', NULL, 'active', 1, 1, 'b');"
    "INSERT INTO experiment_tags VALUES ('team', 'risk', 7);"
    "INSERT INTO runs VALUES ('r2', '', 'LOCAL', 'train.py', 'root', 'FAILED', 30, NULL, 'active',"
    " '/x', 7, NULL), ('r1', 'first', NULL, NULL, NULL, 'FINISHED', 20, 25, 'deleted', '/x', 7, "
    "26);"
    "INSERT INTO params VALUES ('lr', '0.10', 'r1'), ('a', '', 'r1'), ('lr', '0.2', 'r2');"
    "INSERT INTO tags VALUES ('mlflow.runName', 'second', 'r2'), ('mlflow.user', 'eve', 'r1');"
    "INSERT INTO metrics VALUES ('auc', 0.5, 2, 'r1', 0, 0), ('auc', 0.25, 1, 'r1', 1, 0),"
    " ('loss', 0, 3, 'r1', 0, 1), ('loss', 1.7976931348623157e308, 4, 'r1', 1, 0),"
    " ('loss', -1.7976931348623157e308, 5, 'r1', 2, 0), ('loss', 1e-05, 6, 'r1', 3, 0),"
    " ('loss', 2, 7, 'r1', 4, 0);"
    "INSERT INTO datasets VALUES ('d1', 7, 'raw', 'abcd1234', 'local', '{\"uri\": \"x\"}', NULL,"
    " '{\"rows\": 3}');"
    "INSERT INTO inputs VALUES ('i1', 'DATASET', 'd1', 'RUN', 'r1', 0),"
    " ('i2', 'RUN_OUTPUT', 'r1', 'MODEL_OUTPUT', 'm-1', 4),"
    " ('i3', 'RUN_INPUT', 'r1', 'MODEL_INPUT', 'm-0', 0);"
    "INSERT INTO input_tags VALUES ('i1', 'mlflow.data.context', 'training');"
    "INSERT INTO logged_models VALUES ('m-1', 7, 'model', '/x', 21, 22, 2, 'active', NULL, 'r1',"
    " NULL);"
    "INSERT INTO logged_model_params VALUES ('m-1', 'lr', '0.10');"
    "INSERT INTO logged_model_metrics VALUES ('m-1', 'auc', 2, 0, 0.5, 'r1', 'raw', 'abcd1234');"
    "INSERT INTO registered_models VALUES ('churn', 40, 50, 'd', 'default'),"
    " ('churn', 41, 51, NULL, 'b');"
    "INSERT INTO registered_model_tags VALUES ('k', 'v', 'churn', 'default'),"
    " ('k', 'w', 'churn', 'b');"
    "INSERT INTO registered_model_aliases VALUES ('champion', 2, 'churn', 'default');"
    "INSERT INTO model_versions VALUES"
    " ('churn', 2, 44, 45, NULL, NULL, 'Production', 'models:/m-1', 'r1', 'READY', NULL, NULL,"
    "  'default'),"
    " ('churn', 1, 42, 43, NULL, NULL, 'Deleted_Internal', 'REDACTED-SOURCE-PATH',"
    "  'REDACTED-RUN-ID', 'READY', NULL, 'runs:/r1/model', 'default'),"
    " ('churn', 1, 46, 47, NULL, NULL, NULL, 'x', NULL, 'READY', NULL, NULL, 'b');"
    "INSERT INTO model_version_tags VALUES ('t', '1', 'churn', 2, 'default'),"
    " ('t', '2', 'churn', 2, 'b');";

struct place {
    char dir[64];
    char path[96];
};

static sqlite3 *open_to_write(const char *path)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    return db;
}

static void run_in(sqlite3 *db, const char *sql)
{
    char *error = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
        fail_msg("%s: %s", sql, error);
}

static void change(const struct place *place, const char *sql)
{
    sqlite3 *db = open_to_write(place->path);
    run_in(db, sql);
    sqlite3_close(db);
}

static int set_up(void **state)
{
    static struct place place;
    snprintf(place.dir, sizeof place.dir, "/tmp/mledger-database-XXXXXX");
    assert_non_null(mkdtemp(place.dir));
    snprintf(place.path, sizeof place.path, "%s/mlflow.db", place.dir);
    change(&place, schema);
    change(&place, content);
    *state = &place;
    return 0;
}

static int tear_down(void **state)
{
    const struct place *place = *state;
    char command[160];
    snprintf(command, sizeof command, "rm -rf '%s'", place->dir);
    return system(command); /* NOLINT(cert-env33-c,concurrency-mt-unsafe): a name of ours */
}

static int visit(const char *place, bool keep_going, struct seen *seen, size_t *ret_left_out)
{
    const struct ml_mlflow_options options = {.keep_going = keep_going};
    ML_CLEANUP(ml_mlflow_store_freep) struct ml_mlflow_store *store = NULL;
    ML_TRY(ml_mlflow_store_open(place, &options, &store));
    assert_int_equal(ml_mlflow_store_kind(store), ML_MLFLOW_STORE_DATABASE);
    return seen_visit(store, seen, ret_left_out);
}

static void see(const struct place *place, struct seen *seen)
{
    size_t left_out;
    if (visit(place->path, false, seen, &left_out) < 0)
        fail_msg("%s", mledger_error_text());
    assert_int_equal(left_out, 0);
}

/* Refused as a whole with that text; with keep_going the visit goes on and leaves one thing out. */
static void refuses(const struct place *place, const char *text)
{
    struct seen seen;
    size_t left_out;
    assert_int_equal(visit(place->path, false, &seen, &left_out), MLEDGER_EINVALID);
    if (!strstr(mledger_error_text(), text))
        fail_msg("'%s' is not in: %s", text, mledger_error_text());
    assert_int_equal(visit(place->path, true, &seen, &left_out), MLEDGER_OK);
    assert_int_equal(left_out, 1);
    assert_non_null(strstr(seen.text, "registered churn d\n"));
}

static void tables_say_what_folders_say(void **state)
{
    struct seen seen;
    see(*state, &seen);
    assert_string_equal(seen.text, "experiment 2 old deleted -\n"
                                   "experiment 7 churn active 100\n"
                                   "  tag team=risk\n"
                                   "run r1 first FINISHED eve deleted 20 25 26\n"
                                   "  param a=\n"
                                   "  param lr=0.10\n"
                                   "  tag mlflow.user=eve\n"
                                   "  metric auc 0.5@2/0 0.25@1/1\n"
                                   "  metric loss nan@3/0 inf@4/1 -inf@5/2 1e-05@6/3 2.0@7/4\n"
                                   "  input raw abcd1234 training\n"
                                   "  read m-0 0\n"
                                   "  wrote m-1 4\n"
                                   "run r2 second FAILED root active 30 - -\n"
                                   "  param lr=0.2\n"
                                   "  tag mlflow.runName=second\n"
                                   "model m-1 of r1 READY\n"
                                   "  param lr=0.10\n"
                                   "  metric auc 0.5@2/0\n"
                                   "experiment 9 b/churn active 1\n"
                                   "registered churn d\n"
                                   "  tag k=v\n"
                                   "  alias champion 2\n"
                                   "  version 1 deleted - - -\n"
                                   "  version 2 Production r1 models:/m-1 m-1\n"
                                   "    tag t=1\n"
                                   "registered b/churn -\n"
                                   "  tag k=w\n"
                                   "  version 1 None - x -\n");
}

static void old_databases_lack_tables_and_columns(void **state)
{
    const struct place *place = *state;
    struct seen seen;
    change(place,
           "DROP TABLE logged_models; DROP TABLE inputs; DROP TABLE datasets;"
           "DROP TABLE registered_model_aliases; ALTER TABLE experiments DROP COLUMN workspace;"
           "ALTER TABLE runs DROP COLUMN deleted_time; ALTER TABLE metrics DROP COLUMN step;"
           "ALTER TABLE metrics DROP COLUMN is_nan;"
           "DELETE FROM registered_models WHERE workspace = 'b';"
           "DELETE FROM model_versions WHERE workspace = 'b';"
           "DELETE FROM model_version_tags WHERE workspace = 'b';"
           "DELETE FROM registered_model_tags WHERE workspace = 'b';"
           "ALTER TABLE registered_models DROP COLUMN workspace;"
           "ALTER TABLE model_versions DROP COLUMN workspace;"
           "ALTER TABLE model_version_tags DROP COLUMN workspace;"
           "ALTER TABLE registered_model_tags DROP COLUMN workspace;");
    see(place, &seen);
    assert_non_null(strstr(seen.text, "run r1 first FINISHED eve deleted 20 25 -\n"));
    assert_non_null(strstr(seen.text, "  metric auc 0.5@2/0 0.25@1/0\n"));
    assert_non_null(strstr(seen.text, "registered churn d\n  tag k=v\n  version 1 deleted"));
    assert_null(strstr(seen.text, "model m-1"));
}

static void artifacts_lie_beside_it(void **state)
{
    const struct place *place = *state;
    struct seen seen;
    char command[512];
    snprintf(command, sizeof command,
             "mkdir -p %s/mlruns/7/r1/artifacts/m %s/mlartifacts/7/models/m-1/artifacts && "
             "printf 12345 > %s/mlruns/7/r1/artifacts/m/x && "
             "printf 1 > %s/mlartifacts/7/models/m-1/artifacts/y",
             place->dir, place->dir, place->dir, place->dir);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c,concurrency-mt-unsafe) */
    see(place, &seen);
    assert_non_null(strstr(seen.text, "  artifact m/x 5\n"));
    assert_non_null(strstr(seen.text, "  artifact y\n"));
}

/* An id that leads out of the folder is no folder's name. */
static void ids_lead_nowhere(void **state)
{
    const struct place *place = *state;
    struct seen seen;
    change(place, "UPDATE runs SET run_uuid = '../../..' WHERE run_uuid = 'r2'");
    see(place, &seen);
    assert_non_null(strstr(seen.text, "run ../../.. - FAILED"));
    assert_null(strstr(seen.text, "artifact"));
}

static void broken_rows_are_named(void **state)
{
    static const struct {
        const char *change, *text, *back;
    } cases[] = {
        {"UPDATE runs SET status = 'DONE' WHERE run_uuid = 'r2'",
         "table runs, row 'r2': status is none that MLflow has",
         "UPDATE runs SET status = 'FAILED' WHERE run_uuid = 'r2'"},
        {"UPDATE runs SET start_time = 'noon' WHERE run_uuid = 'r2'",
         "table runs, row 'r2': start_time is no integer",
         "UPDATE runs SET start_time = 30 WHERE run_uuid = 'r2'"},
        {"UPDATE runs SET lifecycle_stage = 'gone' WHERE run_uuid = 'r2'",
         "lifecycle_stage is neither active nor deleted",
         "UPDATE runs SET lifecycle_stage = 'active' WHERE run_uuid = 'r2'"},
        {"UPDATE params SET value = x'00ff' WHERE run_uuid = 'r2'",
         "table params, row 'lr': value is no text",
         "UPDATE params SET value = '0.2' WHERE run_uuid = 'r2'"},
        {"UPDATE tags SET value = CAST(x'ff' AS TEXT) WHERE run_uuid = 'r2'",
         "value is no UTF-8 text without NUL",
         "UPDATE tags SET value = 'second' WHERE run_uuid = 'r2'"},
        {"UPDATE params SET value = CAST(zeroblob(1048577) AS TEXT) WHERE run_uuid = 'r2'",
         "value is longer than it may be", "UPDATE params SET value = '0.2' WHERE run_uuid = 'r2'"},
        {"UPDATE metrics SET value = 'high' WHERE key = 'auc' AND step = 1",
         "table metrics, row 'auc': value is no number",
         "UPDATE metrics SET value = 0.25 WHERE key = 'auc' AND step = 1"},
        {"UPDATE inputs SET source_id = 'd9' WHERE input_uuid = 'i1'",
         "source_id names a dataset that is not there",
         "UPDATE inputs SET source_id = 'd1' WHERE input_uuid = 'i1'"},
        {"UPDATE model_versions SET version = 0 WHERE version = 2",
         "version is no number of a version",
         "UPDATE model_versions SET version = 2 WHERE version = 0"},
        {"UPDATE registered_model_aliases SET version = -1", "version is no number of a version",
         "UPDATE registered_model_aliases SET version = 2"},
        {"UPDATE logged_models SET status = 9", "status is none that MLflow has",
         "UPDATE logged_models SET status = 2"},
        {"INSERT INTO runs (run_uuid, experiment_id, status, lifecycle_stage) "
         "VALUES ('', 7, 'FINISHED', 'active')",
         "run_uuid is empty", "DELETE FROM runs WHERE run_uuid = ''"},
        {"UPDATE experiments SET name = '' WHERE experiment_id = 9", "name is empty",
         "UPDATE experiments SET name = 'churn' WHERE experiment_id = 9"},
    };
    const struct place *place = *state;
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        change(place, cases[i].change);
        refuses(place, cases[i].text);
        change(place, cases[i].back);
    }
}

static void what_is_no_database_is_refused(void **state)
{
    const struct place *place = *state;
    struct seen seen;
    size_t left_out;
    char other[128];
    snprintf(other, sizeof other, "%s/other", place->dir);
    FILE *file = fopen(other, "w");
    assert_non_null(file);
    fputs("SQLite format 2", file);
    fclose(file);
    assert_int_equal(visit(other, false, &seen, &left_out), MLEDGER_ENOTFOUND);
    assert_non_null(strstr(mledger_error_text(), "/other' is not a folder and no SQLite database"));
    snprintf(other, sizeof other, "sqlite:///%s/missing.db", place->dir);
    assert_int_equal(visit(other, false, &seen, &left_out), MLEDGER_ESYSTEM);
    assert_non_null(strstr(mledger_error_text(), "missing.db': No such file"));
    change(place, "ALTER TABLE runs RENAME COLUMN status TO state");
    assert_int_equal(visit(place->path, true, &seen, &left_out), MLEDGER_EINVALID);
    assert_non_null(strstr(mledger_error_text(), "table runs has no column status"));
}

/* A view could be made to run for ever; only tables are read. */
static void views_are_not_read(void **state)
{
    const struct place *place = *state;
    struct seen seen;
    change(place,
           "DROP TABLE runs; CREATE VIEW runs AS WITH RECURSIVE r(run_uuid) AS (SELECT 1 UNION"
           " ALL SELECT run_uuid + 1 FROM r) SELECT run_uuid, 7 AS experiment_id, 'FINISHED' AS"
           " status, 1 AS start_time, 'active' AS lifecycle_stage FROM r");
    see(place, &seen);
    assert_null(strstr(seen.text, "run "));
}

static void a_damaged_database_is_an_error(void **state)
{
    const struct place *place = *state;
    struct seen seen;
    size_t left_out;
    struct stat status;
    assert_int_equal(stat(place->path, &status), 0);
    for (off_t size = 100; size < status.st_size; size += 4096) {
        assert_int_equal(truncate(place->path, size), 0);
        const int result = visit(place->path, false, &seen, &left_out);
        if (result != MLEDGER_EINVALID && result != MLEDGER_ESYSTEM)
            fail_msg("cut to %lld of %lld bytes: %d", (long long)size, (long long)status.st_size,
                     result);
        assert_int_equal(unlink(place->path), 0);
        change(place, schema);
        change(place, content);
    }
}

/* MLflow may have it open, also in WAL mode and within a transaction: what is committed is read. */
static void others_may_write_meanwhile(void **state)
{
    static const char *const modes[] = {"PRAGMA journal_mode = WAL",
                                        "PRAGMA journal_mode = DELETE"};
    const struct place *place = *state;
    struct seen before, seen;
    see(place, &before);
    for (size_t i = 0; i < ML_COUNT(modes); i++) {
        sqlite3 *db = open_to_write(place->path);
        run_in(db, modes[i]);
        run_in(db, "BEGIN IMMEDIATE; INSERT INTO params VALUES ('new', '1', 'r2')");
        see(place, &seen);
        assert_string_equal(seen.text, before.text);
        run_in(db, "ROLLBACK");
        sqlite3_close(db);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tables_say_what_folders_say, set_up, tear_down),
        cmocka_unit_test_setup_teardown(old_databases_lack_tables_and_columns, set_up, tear_down),
        cmocka_unit_test_setup_teardown(artifacts_lie_beside_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ids_lead_nowhere, set_up, tear_down),
        cmocka_unit_test_setup_teardown(broken_rows_are_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_database_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(views_are_not_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_damaged_database_is_an_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(others_may_write_meanwhile, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
