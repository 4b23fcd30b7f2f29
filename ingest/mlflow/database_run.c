/* SPDX-License-Identifier: Apache-2.0 */
/* What a run of a database logged: parameters, tags, inputs, outputs. */
#include "ingest/mlflow/database_part.h"
#include "ingest/mlflow/memory.h"
#include "ingest/mlflow/run.h"

static const struct ml_sql_query params_of_run = {
    .table = "params",
    .columns = (const char *const[]){"key", "value", "run_uuid", NULL},
    .required = 3,
    .where = "run_uuid = ?1",
};
static const struct ml_sql_query tags_of_run = {
    .table = "tags",
    .columns = (const char *const[]){"key", "value", "run_uuid", NULL},
    .required = 3,
    .where = "run_uuid = ?1",
};
/* Datasets and models that the run read (the run is the destination of a DATASET, the source of a
 * RUN_INPUT), and models that it wrote (the source of a RUN_OUTPUT). */
static const struct ml_sql_query inputs_of_run = {
    .table = "inputs",
    .columns = (const char *const[]){"input_uuid", "source_type", "source_id", "destination_type",
                                     "destination_id", NULL},
    .required = 5,
    .where = "destination_type = 'RUN' AND destination_id = ?1 AND source_type = 'DATASET'",
    .order = "input_uuid",
};
static const struct ml_sql_query models_of_run = {
    .table = "inputs",
    .columns = (const char *const[]){"input_uuid", "source_type", "source_id", "destination_type",
                                     "destination_id", "step", NULL},
    .required = 5,
    .where = "source_type = ?2 AND source_id = ?1",
    .order = "destination_id, rowid",
};
enum {
    INPUT_ID,
    INPUT_SOURCE_TYPE,
    INPUT_SOURCE,
    INPUT_DESTINATION_TYPE,
    INPUT_DESTINATION,
    INPUT_STEP
};
static const struct ml_sql_query tags_of_input = {
    .table = "input_tags",
    .columns = (const char *const[]){"name", "value", "input_uuid", NULL},
    .required = 3,
    .where = "input_uuid = ?1",
};
static const struct ml_sql_query dataset_by_id = {
    .table = "datasets",
    .columns = (const char *const[]){"dataset_uuid", "name", "digest", "dataset_source_type",
                                     "dataset_source", "dataset_schema", "dataset_profile", NULL},
    .required = 3,
    .where = "dataset_uuid = ?1",
};
enum {
    DATASET_ID,
    DATASET_NAME,
    DATASET_DIGEST,
    DATASET_SOURCE_TYPE,
    DATASET_SOURCE,
    DATASET_SCHEMA,
    DATASET_PROFILE
};

static int read_dataset(struct ml_mlflow_database *database, const struct ml_sql_rows *inputs,
                        const char *id, struct ml_pool *pool, struct ml_mlflow_dataset *dataset)
{
    ML_CLEANUP(ml_sql_rows_endp) struct ml_sql_rows *rows = NULL;
    ML_TRY(ml_sql_select(database->sql, &dataset_by_id, &(struct ml_sql_values){{id}}, &rows));
    const int found = ml_sql_next(rows);
    ML_TRY(found);
    if (!found)
        return ml_sql_fail(inputs, INPUT_SOURCE, "names a dataset that is not there");
    dataset->id = id;
    ML_TRY(ml_mlflow_row_id(rows, DATASET_NAME, pool, &dataset->name));
    ML_TRY(ml_mlflow_row_text(rows, DATASET_DIGEST, pool, &dataset->digest));
    ML_TRY(ml_mlflow_row_text(rows, DATASET_SOURCE_TYPE, pool, &dataset->source_type));
    ML_TRY(ml_mlflow_row_long_text(rows, DATASET_SOURCE, pool, &dataset->source));
    ML_TRY(ml_mlflow_row_long_text(rows, DATASET_SCHEMA, pool, &dataset->schema));
    return ml_mlflow_row_long_text(rows, DATASET_PROFILE, pool, &dataset->profile);
}

static int read_input(struct ml_mlflow_database *database, const struct ml_sql_rows *rows,
                      const char *path, struct ml_pool *pool, struct ml_mlflow_rows *inputs)
{
    struct ml_mlflow_dataset_input input = {0};
    const char *source;
    ML_TRY(ml_mlflow_row_id(rows, INPUT_ID, pool, &input.id));
    ML_TRY(ml_mlflow_row_id(rows, INPUT_SOURCE, pool, &source));
    ML_TRY(read_dataset(database, rows, source, pool, &input.dataset));
    ML_TRY(ml_mlflow_database_pairs(database, &tags_of_input, &(struct ml_sql_values){{input.id}},
                                    pool, path, &input.tags));
    input.context = ml_mlflow_pairs_get(&input.tags, "mlflow.data.context");
    ML_TRY(ml_grow(&inputs->items, &inputs->cap, inputs->count + 1, sizeof input));
    ((struct ml_mlflow_dataset_input *)inputs->items)[inputs->count++] = input;
    return MLEDGER_OK;
}

static int read_inputs(struct ml_mlflow_database *database, struct ml_pool *pool,
                       struct ml_mlflow_run *run)
{
    ML_CLEANUP(ml_mlflow_rows_release) struct ml_mlflow_rows inputs = {0};
    ML_CLEANUP(ml_sql_rows_endp) struct ml_sql_rows *rows = NULL;
    ML_TRY(ml_sql_select(database->sql, &inputs_of_run, &(struct ml_sql_values){{run->id}}, &rows));
    int more;
    while ((more = ml_sql_next(rows)) > 0) {
        const int code = read_input(database, rows, run->path, pool, &inputs);
        if (code < 0)
            ML_TRY(ml_mlflow_leave_out(database->reader, run->path, code));
    }
    ML_TRY(more);
    run->inputs = ml_mlflow_rows_keep(&inputs, sizeof *run->inputs, pool, run->path);
    run->input_count = inputs.count;
    return run->inputs ? MLEDGER_OK : ml_failed();
}

static int read_models(struct ml_mlflow_database *database, const char *type, struct ml_pool *pool,
                       const struct ml_mlflow_run *run,
                       const struct ml_mlflow_model_link **ret_links, size_t *ret_count)
{
    ML_CLEANUP(ml_mlflow_rows_release) struct ml_mlflow_rows links = {0};
    ML_CLEANUP(ml_sql_rows_endp) struct ml_sql_rows *rows = NULL;
    ML_TRY(ml_sql_select(database->sql, &models_of_run, &(struct ml_sql_values){{run->id, type}},
                         &rows));
    int more;
    while ((more = ml_sql_next(rows)) > 0) {
        struct ml_mlflow_model_link link;
        int code = ml_mlflow_row_id(rows, INPUT_DESTINATION, pool, &link.model_id);
        if (code >= 0)
            code = ml_sql_integer(rows, INPUT_STEP, 0, &link.step);
        if (code < 0) {
            ML_TRY(ml_mlflow_leave_out(database->reader, run->path, code));
            continue;
        }
        ML_TRY(ml_grow(&links.items, &links.cap, links.count + 1, sizeof link));
        ((struct ml_mlflow_model_link *)links.items)[links.count++] = link;
    }
    ML_TRY(more);
    *ret_links = ml_mlflow_rows_keep(&links, sizeof **ret_links, pool, run->path);
    *ret_count = links.count;
    return *ret_links ? MLEDGER_OK : ml_failed();
}

int ml_mlflow_database_run(struct ml_mlflow_database *database, struct ml_pool *pool,
                           struct ml_mlflow_run *run)
{
    ML_TRY(ml_mlflow_database_pairs(database, &params_of_run, &(struct ml_sql_values){{run->id}},
                                    pool, run->path, &run->params));
    ML_TRY(ml_mlflow_database_pairs(database, &tags_of_run, &(struct ml_sql_values){{run->id}},
                                    pool, run->path, &run->tags));
    ML_TRY(ml_mlflow_database_metrics(database, run->id, pool, run->path, &run->metrics));
    ML_TRY(read_inputs(database, pool, run));
    ML_TRY(
        read_models(database, "RUN_INPUT", pool, run, &run->model_inputs, &run->model_input_count));
    ML_TRY(read_models(database, "RUN_OUTPUT", pool, run, &run->model_outputs,
                       &run->model_output_count));
    ML_TRY(
        ml_mlflow_database_artifacts(database, run->experiment_id, run->id, pool, &run->artifacts));
    ml_mlflow_run_fill_from_tags(run);
    return MLEDGER_OK;
}

/* ---- what was seen before ---- */

static const struct ml_sql_query newest_of_run = {
    .table = "latest_metrics",
    .columns = (const char *const[]){"key", "run_uuid", "timestamp", "step", "value", NULL},
    .required = 5,
    .where = "run_uuid = ?1",
    .order = "key",
};
enum { NEWEST_KEY, NEWEST_RUN, NEWEST_TIME, NEWEST_STEP, NEWEST_VALUE };

static int hash_newest(struct ml_mlflow_database *database, const char *run_id,
                       struct ml_pool *pool, struct ml_hasher *hasher)
{
    ML_CLEANUP(ml_sql_rows_endp) struct ml_sql_rows *rows = NULL;
    ML_TRY(ml_sql_select(database->sql, &newest_of_run, &(struct ml_sql_values){{run_id}}, &rows));
    int more;
    while ((more = ml_sql_next(rows)) > 0) {
        const char *key;
        int64_t numbers[2];
        double value;
        ML_TRY(ml_mlflow_row_id(rows, NEWEST_KEY, pool, &key));
        ML_TRY(ml_sql_integer(rows, NEWEST_TIME, 0, &numbers[0]));
        ML_TRY(ml_sql_integer(rows, NEWEST_STEP, 0, &numbers[1]));
        ML_TRY(ml_sql_double(rows, NEWEST_VALUE, 0, &value));
        ML_TRY(ml_hasher_update(hasher, key, strlen(key) + 1));
        ML_TRY(ml_hasher_update(hasher, numbers, sizeof numbers));
        ML_TRY(ml_hasher_update(hasher, &value, sizeof value));
    }
    return more;
}

int ml_mlflow_hash_pairs(struct ml_hasher *hasher, const struct ml_mlflow_pairs *pairs)
{
    ML_TRY(ml_hasher_update(hasher, &pairs->count, sizeof pairs->count));
    for (size_t i = 0; i < pairs->count; i++) {
        const struct ml_mlflow_pair *pair = &pairs->items[i];
        ML_TRY(ml_hasher_update(hasher, pair->key, strlen(pair->key) + 1));
        ML_TRY(ml_hasher_update(hasher, pair->value, strlen(pair->value) + 1));
    }
    return MLEDGER_OK;
}

static int hash_row(const struct ml_mlflow_run *run, struct ml_hasher *hasher)
{
    const char *const texts[] = {run->name, run->user, run->artifact_uri};
    const int64_t numbers[] = {(int64_t)run->status, (int64_t)run->lifecycle, run->started_ms,
                               run->ended_ms, run->deleted_ms};
    for (size_t i = 0; i < ML_COUNT(texts); i++)
        ML_TRY(ml_hasher_update(hasher, texts[i] ? texts[i] : "",
                                texts[i] ? strlen(texts[i]) + 1 : 1));
    return ml_hasher_update(hasher, numbers, sizeof numbers);
}

static int print_run(struct ml_mlflow_database *database, const struct ml_mlflow_run *run,
                     struct ml_digests *ret_print)
{
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    ML_CLEANUP(ml_hasher_release) struct ml_hasher hasher = {0};
    const struct ml_sql_values of_run = {{run->id}};
    struct ml_mlflow_pairs params, tags;
    ML_TRY(ml_mlflow_database_pairs(database, &params_of_run, &of_run, &pool, run->path, &params));
    ML_TRY(ml_mlflow_database_pairs(database, &tags_of_run, &of_run, &pool, run->path, &tags));
    ML_TRY(ml_hasher_init(&hasher, ML_HASH_SHA256));
    ML_TRY(hash_row(run, &hasher));
    ML_TRY(ml_mlflow_hash_pairs(&hasher, &params));
    ML_TRY(ml_mlflow_hash_pairs(&hasher, &tags));
    ML_TRY(hash_newest(database, run->id, &pool, &hasher));
    return ml_hasher_final(&hasher, ret_print);
}

/* A fault of the print is one of the run, and found again where that is read. */
int ml_mlflow_database_run_is_remembered(struct ml_mlflow_database *database,
                                         const struct ml_mlflow_run *run)
{
    struct ml_mlflow_memory *memory = database->reader->options.memory;
    struct ml_digests print;
    const bool goes_on =
        run->status == ML_MLFLOW_RUN_RUNNING || run->status == ML_MLFLOW_RUN_SCHEDULED;
    if (!memory || memory->again || goes_on)
        return ml_mlflow_memory_skips(memory, run->path, NULL);
    const int has_newest = ml_sql_has_table(database->sql, newest_of_run.table);
    ML_TRY(has_newest);
    const int result = has_newest ? print_run(database, run, &print) : MLEDGER_EINVALID;
    if (result < 0 && result != MLEDGER_EINVALID)
        return result;
    return ml_mlflow_memory_skips(memory, run->path, result < 0 ? NULL : print.sha256);
}
