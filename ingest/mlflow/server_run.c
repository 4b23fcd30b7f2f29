/* SPDX-License-Identifier: Apache-2.0 */
/* The runs of an experiment, from a server. */
#include "ingest/mlflow/names.h"
#include "ingest/mlflow/run.h"
#include "ingest/mlflow/server_part.h"

enum { RUNS_A_PAGE = 1000, POINTS_A_PAGE = 25000 };

/* ---- metrics: a search gives the newest point of each, its history is asked for ---- */

struct history {
    const char *run_id, *key;
    struct ml_pool *pool;
    struct ml_mlflow_point *points;
    size_t count, cap;
};

static void history_release(struct history *history)
{
    free(history->points);
}

static int ask_history(const struct ml_mlflow_pages *pages, const char *token, json_t **ret_answer)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf url = {0};
    const struct history *history = pages->into;
    struct ml_mlflow_server *server = pages->asking->server;
    char max[16];
    snprintf(max, sizeof max, "%d", POINTS_A_PAGE);
    ML_TRY(ml_mlflow_url_begin(server, ML_MLFLOW_API "metrics/get-history", &url));
    ML_TRY(ml_url_query(&url, "run_id", history->run_id));
    ML_TRY(ml_url_query(&url, "metric_key", history->key));
    ML_TRY(ml_url_query(&url, "max_results", max));
    if (token)
        ML_TRY(ml_url_query(&url, "page_token", token));
    return ml_mlflow_ask(server, &url, NULL, ret_answer);
}

static bool same_point(const struct ml_mlflow_point *a, const struct ml_mlflow_point *b)
{
    return a->timestamp_ms == b->timestamp_ms && a->step == b->step &&
           strcmp(a->text, b->text) == 0;
}

static int take_point(const struct ml_mlflow_pages *pages, const json_t *item)
{
    struct history *history = pages->into;
    const struct ml_mlflow_object metric = {item, history->key};
    struct ml_mlflow_point point;
    const char *key;
    if (history->count == ML_MLFLOW_METRIC_LINES_MAX)
        return ml_fail(MLEDGER_EINVALID, "metric '%s' has more than %zu points", history->key,
                       ML_MLFLOW_METRIC_LINES_MAX);
    ML_TRY(ml_mlflow_member_point(&metric, history->pool, &key, &point));
    /* Servers over a file store of MLflow 3 say points again that follow each other. */
    if (history->count && same_point(&history->points[history->count - 1], &point))
        return MLEDGER_OK;
    ML_TRY(ml_grow(&history->points, &history->cap, history->count + 1, sizeof point));
    history->points[history->count++] = point;
    return MLEDGER_OK;
}

static int read_history(struct ml_mlflow_asking *asking, const char *run_id, struct ml_pool *pool,
                        struct ml_mlflow_metric *metric)
{
    ML_CLEANUP(history_release)
    struct history history = {.run_id = run_id, .key = metric->key, .pool = pool};
    const struct ml_mlflow_pages pages = {.asking = asking,
                                          .list = "metrics",
                                          .ask = ask_history,
                                          .take = take_point,
                                          .into = &history};
    ML_TRY(ml_mlflow_pages_take(&pages));
    if (history.count == 0)
        return ml_fail(MLEDGER_EINVALID, "metric '%s' of run %s has no history", metric->key,
                       run_id);
    ML_TRY(ml_mlflow_room(pool, history.count * sizeof *history.points, run_id));
    struct ml_mlflow_point *points = ml_pool_alloc(pool, history.count, sizeof *points);
    if (!points)
        return MLEDGER_ESYSTEM;
    memcpy(points, history.points, history.count * sizeof *points);
    metric->points = points;
    metric->count = history.count;
    return MLEDGER_OK;
}

static int by_key(const void *a, const void *b)
{
    const struct ml_mlflow_metric *x = a, *y = b;
    return strcmp(x->key, y->key);
}

static int list_metrics(const struct ml_mlflow_object *data, struct ml_pool *pool,
                        struct ml_mlflow_metric **ret_metrics, size_t *ret_count)
{
    const json_t *array;
    ML_TRY(ml_mlflow_member_array(data, "metrics", &array));
    const size_t count = json_array_size(array);
    struct ml_mlflow_metric *metrics = ml_pool_alloc(pool, count, sizeof *metrics);
    if (!metrics)
        return MLEDGER_ESYSTEM;
    for (size_t i = 0; i < count; i++) {
        const struct ml_mlflow_object metric = {json_array_get(array, i), data->where};
        ML_TRY(ml_mlflow_member_id(&metric, "key", pool, &metrics[i].key));
    }
    if (count)
        qsort(metrics, count, sizeof *metrics, by_key);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || strcmp(metrics[kept - 1].key, metrics[i].key) != 0)
            metrics[kept++] = metrics[i];
    *ret_metrics = metrics;
    *ret_count = kept;
    return MLEDGER_OK;
}

static int read_metrics(struct ml_mlflow_asking *asking, const struct ml_mlflow_object *data,
                        struct ml_pool *pool, struct ml_mlflow_run *run)
{
    struct ml_mlflow_metric *metrics;
    size_t count, kept = 0;
    ML_TRY(list_metrics(data, pool, &metrics, &count));
    for (size_t i = 0; i < count; i++) {
        struct ml_mlflow_metric metric = metrics[i];
        const int code = read_history(asking, run->id, pool, &metric);
        if (code < 0)
            ML_TRY(ml_mlflow_leave_out(asking->reader, run->path, code));
        else
            metrics[kept++] = metric;
    }
    run->metrics = (struct ml_mlflow_metrics){metrics, kept};
    return MLEDGER_OK;
}

/* ---- inputs and outputs ---- */

static int read_dataset(const struct ml_mlflow_object *dataset, struct ml_pool *pool,
                        struct ml_mlflow_dataset *ret_dataset)
{
    ML_TRY(ml_mlflow_member_id(dataset, "name", pool, &ret_dataset->name));
    ML_TRY(ml_mlflow_member_text(dataset, "digest", pool, &ret_dataset->digest));
    ML_TRY(ml_mlflow_member_text(dataset, "source_type", pool, &ret_dataset->source_type));
    ML_TRY(ml_mlflow_member_text(dataset, "source", pool, &ret_dataset->source));
    ML_TRY(ml_mlflow_member_text(dataset, "schema", pool, &ret_dataset->schema));
    ML_TRY(ml_mlflow_member_text(dataset, "profile", pool, &ret_dataset->profile));
    /* The API gives no id; name and digest are unique within an experiment. */
    ret_dataset->id = ml_pool_printf(pool, "%s/%s", ret_dataset->name,
                                     ret_dataset->digest ? ret_dataset->digest : "");
    return ret_dataset->id ? MLEDGER_OK : MLEDGER_ESYSTEM;
}

static int read_inputs(const struct ml_mlflow_object *inputs, struct ml_pool *pool,
                       struct ml_mlflow_run *run)
{
    const json_t *array;
    ML_TRY(ml_mlflow_member_array(inputs, "dataset_inputs", &array));
    const size_t count = json_array_size(array);
    struct ml_mlflow_dataset_input *all = ml_pool_alloc(pool, count, sizeof *all);
    if (!all)
        return MLEDGER_ESYSTEM;
    for (size_t i = 0; i < count; i++) {
        const struct ml_mlflow_object input = {json_array_get(array, i), inputs->where};
        struct ml_mlflow_object dataset;
        ML_TRY(ml_mlflow_member_object(&input, "dataset", &dataset));
        ML_TRY(read_dataset(&dataset, pool, &all[i].dataset));
        ML_TRY(ml_mlflow_member_pairs(&input, "tags", pool, &all[i].tags));
        all[i].id = all[i].dataset.id;
        all[i].context = ml_mlflow_pairs_get(&all[i].tags, "mlflow.data.context");
    }
    run->inputs = all;
    run->input_count = count;
    return MLEDGER_OK;
}

static int read_links(const struct ml_mlflow_object *object, const char *key, struct ml_pool *pool,
                      const struct ml_mlflow_model_link **ret_links, size_t *ret_count)
{
    const json_t *array;
    ML_TRY(ml_mlflow_member_array(object, key, &array));
    const size_t count = json_array_size(array);
    struct ml_mlflow_model_link *links = ml_pool_alloc(pool, count, sizeof *links);
    if (!links)
        return MLEDGER_ESYSTEM;
    for (size_t i = 0; i < count; i++) {
        const struct ml_mlflow_object link = {json_array_get(array, i), object->where};
        ML_TRY(ml_mlflow_member_id(&link, "model_id", pool, &links[i].model_id));
        ML_TRY(ml_mlflow_member_int(&link, "step", 0, &links[i].step));
    }
    *ret_links = links;
    *ret_count = count;
    return MLEDGER_OK;
}

/* ---- a run ---- */

static int read_status(const struct ml_mlflow_object *info, struct ml_pool *pool,
                       enum ml_mlflow_run_status *ret_status)
{
    const char *text;
    int number;
    ML_TRY(ml_mlflow_member_id(info, "status", pool, &text));
    if (!ml_mlflow_names_find(&ml_mlflow_run_statuses, text, &number))
        return ml_fail(MLEDGER_EINVALID, "%s: status: '%.40s' is none that MLflow has", info->where,
                       text);
    *ret_status = (enum ml_mlflow_run_status)number;
    return MLEDGER_OK;
}

static int read_info(const struct ml_mlflow_object *info, struct ml_pool *pool,
                     struct ml_mlflow_run *run)
{
    ML_TRY(ml_mlflow_member_id(info, "experiment_id", pool, &run->experiment_id));
    ML_TRY(ml_mlflow_member_text(info, "run_name", pool, &run->name));
    ML_TRY(read_status(info, pool, &run->status));
    ML_TRY(ml_mlflow_member_lifecycle(info, "lifecycle_stage", &run->lifecycle));
    ML_TRY(ml_mlflow_member_text(info, "user_id", pool, &run->user));
    ML_TRY(ml_mlflow_member_text(info, "artifact_uri", pool, &run->artifact_uri));
    ML_TRY(ml_mlflow_member_time(info, "start_time", &run->started_ms));
    return ml_mlflow_member_time(info, "end_time", &run->ended_ms);
}

static int read_rest(struct ml_mlflow_asking *asking, const struct ml_mlflow_object *object,
                     struct ml_pool *pool, struct ml_mlflow_run *run)
{
    struct ml_mlflow_object data, inputs, outputs;
    ML_TRY(ml_mlflow_member_object(object, "data", &data));
    ML_TRY(ml_mlflow_member_object(object, "inputs", &inputs));
    ML_TRY(ml_mlflow_member_object(object, "outputs", &outputs));
    ML_TRY(ml_mlflow_member_pairs(&data, "params", pool, &run->params));
    ML_TRY(ml_mlflow_member_pairs(&data, "tags", pool, &run->tags));
    ML_TRY(read_metrics(asking, &data, pool, run));
    ML_TRY(read_inputs(&inputs, pool, run));
    ML_TRY(read_links(&inputs, "model_inputs", pool, &run->model_inputs, &run->model_input_count));
    ML_TRY(
        read_links(&outputs, "model_outputs", pool, &run->model_outputs, &run->model_output_count));
    return ml_mlflow_server_artifacts(asking, run->id, NULL, pool, &run->artifacts);
}

/* A search leaves out what a run wrote, so each run is asked for by itself. */
static int ask_run(struct ml_mlflow_server *server, const char *id, json_t **ret_answer)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf url = {0};
    ML_TRY(ml_mlflow_url_begin(server, ML_MLFLOW_API "runs/get", &url));
    ML_TRY(ml_url_query(&url, "run_id", id));
    return ml_mlflow_ask(server, &url, NULL, ret_answer);
}

static int read_run(struct ml_mlflow_asking *asking, const json_t *answer, struct ml_pool *pool,
                    struct ml_mlflow_run *run)
{
    const struct ml_mlflow_object object = {answer, run->path};
    struct ml_mlflow_object whole, info;
    ML_TRY(ml_mlflow_member_object(&object, "run", &whole));
    ML_TRY(ml_mlflow_member_object(&whole, "info", &info));
    ML_TRY(read_info(&info, pool, run));
    ML_TRY(read_rest(asking, &whole, pool, run));
    ml_mlflow_run_fill_from_tags(run);
    return MLEDGER_OK;
}

static int read_by_id(struct ml_mlflow_asking *asking, struct ml_pool *pool,
                      struct ml_mlflow_run *run)
{
    json_t *answer;
    ML_TRY(ask_run(asking->server, run->id, &answer));
    const int result = read_run(asking, answer, pool, run);
    json_decref(answer);
    return result;
}

/* What a search says of the run: its id, and whether it has ended. */
static int read_found(const struct ml_mlflow_object *found, struct ml_pool *pool,
                      struct ml_mlflow_run *run, bool *ret_ended)
{
    struct ml_mlflow_object info;
    const char *status;
    ML_TRY(ml_mlflow_member_object(found, "info", &info));
    ML_TRY(ml_mlflow_member_id(&info, "run_id", pool, &run->id));
    run->path = ml_pool_printf(pool, "runs/%s", run->id);
    if (!run->path)
        return MLEDGER_ESYSTEM;
    ML_TRY(ml_mlflow_member_text(&info, "status", pool, &status));
    *ret_ended = status && (strcmp(status, "FINISHED") == 0 || strcmp(status, "FAILED") == 0 ||
                            strcmp(status, "KILLED") == 0);
    return MLEDGER_OK;
}

static int take_run(const struct ml_mlflow_pages *pages, const json_t *item)
{
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    struct ml_mlflow_asking *asking = pages->asking;
    const struct ml_mlflow_experiment *experiment = pages->about;
    const struct ml_mlflow_object object = {item, experiment->path};
    struct ml_mlflow_run run = {.deleted_ms = ML_MLFLOW_NO_TIME};
    bool ended;
    int code = read_found(&object, &pool, &run, &ended);
    if (code >= 0) {
        const int remembered = ml_mlflow_is_remembered(asking, run.path, item, ended);
        if (remembered)
            return remembered < 0 ? remembered : MLEDGER_OK;
        code = read_by_id(asking, &pool, &run);
    }
    if (code < 0)
        return ml_mlflow_leave_out(asking->reader, run.path ? run.path : experiment->path, code);
    const struct ml_mlflow_visitor *visitor = asking->visitor;
    return visitor->run ? visitor->run(visitor->context, experiment, &run) : MLEDGER_OK;
}

static int ask_runs(const struct ml_mlflow_pages *pages, const char *token, json_t **ret_answer)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf url = {0};
    const struct ml_mlflow_experiment *experiment = pages->about;
    struct ml_mlflow_server *server = pages->asking->server;
    /* Oldest first: runs that begin meanwhile do not move others to another page. */
    json_t *body =
        json_pack("{s:[s], s:s, s:i, s:[s,s], s:s*}", "experiment_ids", experiment->id,
                  "run_view_type", "ALL", "max_results", RUNS_A_PAGE, "order_by",
                  "attributes.start_time ASC", "attributes.run_id ASC", "page_token", token);
    if (!body)
        return ml_fail_memory();
    int result = ml_mlflow_url_begin(server, ML_MLFLOW_API "runs/search", &url);
    if (result >= 0)
        result = ml_mlflow_ask(server, &url, body, ret_answer);
    json_decref(body);
    return result;
}

int ml_mlflow_server_runs(struct ml_mlflow_asking *asking,
                          const struct ml_mlflow_experiment *experiment)
{
    const struct ml_mlflow_pages pages = {
        .asking = asking, .list = "runs", .ask = ask_runs, .take = take_run, .about = experiment};
    return ml_mlflow_pages_take(&pages);
}
