/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The metrics of several runs in one answer, which MLflow's web UI draws: all points, or as many
 * steps of an interval as can be told apart (mlflow.server.handlers 3.11).
 */
#include <inttypes.h>

#include "serve/mlflow/metric.h"
#include "serve/mlflow/route.h"
#include "serve/mlflow/run.h"

enum { RUNS_MOST = 100, RESULTS_MOST = 25000, STEPS_MOST = 2500 };

/* The histories of the runs asked for. */
struct bulk {
    struct ml_rest_call *call;
    const char *key;
    char *const *ids; /* of the runs */
    size_t count;
    void (*sort)(struct ml_rest_history *history);
    struct ml_rest_history *histories; /* as many */
    Mlflow__MetricWithRunId **shown;
    size_t n_shown, n_room;
};

static void bulk_release(struct bulk *bulk)
{
    for (size_t i = 0; bulk->histories && i < bulk->count; i++)
        ml_rest_history_release(&bulk->histories[i]);
    free(bulk->histories);
}

/* Runs that there are none of have no points, unless they are `wanted`. */
static int read_run(struct bulk *bulk, size_t i, bool wanted)
{
    uint64_t run;
    if (wanted) {
        ML_TRY(ml_rest_run_find(bulk->call, bulk->ids[i], &run));
    } else {
        const int result =
            ml_state_find(bulk->call->view.state, MLEDGER__SUBJECT_KIND__RUN, bulk->ids[i], &run);
        if (result == MLEDGER_ENOTFOUND)
            return MLEDGER_OK;
        ML_TRY(result);
    }
    ML_TRY(ml_rest_history_read(bulk->call, run, bulk->key, &bulk->histories[i]));
    bulk->sort(&bulk->histories[i]);
    bulk->n_room += bulk->histories[i].count;
    return MLEDGER_OK;
}

static int read_runs(struct bulk *bulk, bool wanted)
{
    ML_TRY(ml_rest_read(bulk->call));
    bulk->histories = ml_calloc(bulk->count + 1, sizeof *bulk->histories);
    if (!bulk->histories)
        return ml_fail_memory();
    for (size_t i = 0; i < bulk->count; i++)
        ML_TRY(read_run(bulk, i, wanted));
    bulk->shown = ml_rest_array(bulk->call, bulk->n_room);
    return ml_rest_check(bulk->call);
}

static int show(struct bulk *bulk, size_t run, const struct ml_rest_point *point)
{
    Mlflow__Metric *metric;
    Mlflow__MetricWithRunId *shown =
        ml_rest_message(bulk->call, &mlflow__metric_with_run_id__descriptor);
    ML_TRY(ml_rest_check(bulk->call));
    ML_TRY(ml_rest_metric_show(bulk->call, bulk->key, point->value, point->point->time,
                               point->point->step, &metric));
    shown->key = metric->key;
    shown->run_id = bulk->ids[run];
    shown->has_value = shown->has_timestamp = shown->has_step = true;
    shown->value = metric->value;
    shown->timestamp = metric->timestamp;
    shown->step = metric->step;
    bulk->shown[bulk->n_shown++] = shown;
    return MLEDGER_OK;
}

/* ---- all of them ---- */

static int compare_ids(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int check_bulk(const Mlflow__GetMetricHistoryBulk *request)
{
    if (request->n_run_id == 0)
        return ml_rest_refuse(ML_REST_INVALID,
                              "GetMetricHistoryBulk request must specify at least one run_id.");
    if (request->n_run_id > RUNS_MOST)
        return ml_rest_refuse(ML_REST_INVALID,
                              "GetMetricHistoryBulk request cannot specify more than %d run_ids. "
                              "Received %zu run_ids.",
                              RUNS_MOST, request->n_run_id);
    if (!request->metric_key)
        return ml_rest_refuse(ML_REST_INVALID,
                              "GetMetricHistoryBulk request must specify a metric_key.");
    return MLEDGER_OK;
}

int ml_rest_get_metric_history_bulk(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__GetMetricHistoryBulk *request = message;
    Mlflow__GetMetricHistoryBulkResponse *response = answer;
    ML_TRY(check_bulk(request));
    const size_t most =
        request->has_max_results && request->max_results >= 0 && request->max_results < RESULTS_MOST
            ? (size_t)request->max_results
            : RESULTS_MOST;
    ML_CLEANUP(bulk_release)
    struct bulk bulk = {.call = call,
                        .key = request->metric_key,
                        .ids = request->run_id,
                        .count = request->n_run_id,
                        .sort = ml_rest_history_sort};
    qsort(request->run_id, request->n_run_id, sizeof *request->run_id, compare_ids);
    ML_TRY(read_runs(&bulk, false));
    for (size_t i = 0; i < bulk.count; i++)
        for (size_t k = 0; k < bulk.histories[i].count && bulk.n_shown < most; k++)
            ML_TRY(show(&bulk, i, &bulk.histories[i].points[k]));
    response->metrics = bulk.shown;
    response->n_metrics = bulk.n_shown;
    return MLEDGER_OK;
}

/* ---- an interval of steps ---- */

struct steps {
    int64_t *list; /* ascending, each once */
    size_t count;
};

static int compare_steps(const void *a, const void *b)
{
    const int64_t one = *(const int64_t *)a, other = *(const int64_t *)b;
    return (one > other) - (one < other);
}

static void settle(struct steps *steps)
{
    size_t kept = 0;
    if (steps->count == 0)
        return;
    qsort(steps->list, steps->count, sizeof *steps->list, compare_steps);
    for (size_t i = 0; i < steps->count; i++)
        if (kept == 0 || steps->list[kept - 1] != steps->list[i])
            steps->list[kept++] = steps->list[i];
    steps->count = kept;
}

static bool has_step(const struct steps *steps, int64_t step)
{
    return steps->count > 0 &&
           bsearch(&step, steps->list, steps->count, sizeof step, compare_steps) != NULL;
}

/* The first step of those from `from` on. */
static size_t first_of(const struct steps *steps, int64_t from)
{
    size_t i = 0;
    while (i < steps->count && steps->list[i] < from)
        i++;
    return i;
}

static void step_range(const struct ml_rest_history *history, int64_t *least, int64_t *greatest)
{
    for (size_t i = 0; i < history->count; i++) {
        const int64_t step = history->points[i].point->step;
        *least = i == 0 || step < *least ? step : *least;
        *greatest = i == 0 || step > *greatest ? step : *greatest;
    }
}

static void add_step(struct steps *steps, int64_t step, int64_t from, int64_t to)
{
    if (step >= from && step <= to)
        steps->list[steps->count++] = step;
}

/* At most `most` of them at equal distances, the last, and each run's first and last. */
static void sample(const struct bulk *bulk, const struct steps *all, int64_t from, int64_t to,
                   size_t most, struct steps *sampled)
{
    const size_t begin = first_of(all, from), end = first_of(all, to == INT64_MAX ? to : to + 1);
    const size_t count = end - begin;
    for (size_t i = 0; i < count && count <= most; i++)
        sampled->list[sampled->count++] = all->list[begin + i];
    for (size_t i = 0; i < most && count > most; i++)
        sampled->list[sampled->count++] =
            all->list[begin + (size_t)((double)i * ((double)count / (double)most))];
    if (count > most)
        sampled->list[sampled->count++] = all->list[end - 1];
    for (size_t i = 0; i < bulk->count; i++) {
        int64_t least = 0, greatest = 0;
        if (bulk->histories[i].count == 0)
            continue;
        step_range(&bulk->histories[i], &least, &greatest);
        add_step(sampled, least, from, to);
        add_step(sampled, greatest, from, to);
    }
    settle(sampled);
}

static int gather_steps(const struct bulk *bulk, struct steps *all)
{
    all->list = ml_arena_calloc(&bulk->call->arena, bulk->n_room + 1, sizeof *all->list);
    if (!all->list)
        return ml_arena_fail(&bulk->call->arena, "the answer");
    for (size_t i = 0; i < bulk->count; i++)
        for (size_t k = 0; k < bulk->histories[i].count; k++)
            all->list[all->count++] = bulk->histories[i].points[k].point->step;
    settle(all);
    return MLEDGER_OK;
}

static int show_interval(struct bulk *bulk, const Mlflow__GetMetricHistoryBulkInterval *request)
{
    struct steps all = {0}, sampled = {0};
    const size_t most = request->has_max_results ? (size_t)request->max_results : STEPS_MOST;
    ML_TRY(gather_steps(bulk, &all));
    if (all.count == 0)
        return MLEDGER_OK;
    sampled.list = ml_arena_calloc(&bulk->call->arena, all.count + most + 1 + 2 * bulk->count,
                                   sizeof *sampled.list);
    if (!sampled.list)
        return ml_arena_fail(&bulk->call->arena, "the answer");
    sample(bulk, &all, request->has_start_step ? request->start_step : 0,
           request->has_end_step ? request->end_step : all.list[all.count - 1], most, &sampled);
    for (size_t i = 0; i < bulk->count; i++)
        for (size_t k = 0; k < bulk->histories[i].count; k++)
            if (has_step(&sampled, bulk->histories[i].points[k].point->step))
                ML_TRY(show(bulk, i, &bulk->histories[i].points[k]));
    return MLEDGER_OK;
}

static int check_interval(const Mlflow__GetMetricHistoryBulkInterval *request)
{
    if (request->n_run_ids == 0)
        return ml_rest_refuse(ML_REST_INVALID,
                              "Missing value for required parameter 'run_ids'. See the API docs "
                              "for more information about request parameters.");
    if (request->n_run_ids > RUNS_MOST)
        return ml_rest_refuse(ML_REST_INVALID,
                              "GetMetricHistoryBulkInterval request must specify at most %d "
                              "run_ids. Received %zu run_ids.",
                              RUNS_MOST, request->n_run_ids);
    if (request->has_max_results && (request->max_results < 1 || request->max_results > STEPS_MOST))
        return ml_rest_refuse(ML_REST_INVALID, "max_results must be between 1 and %d.", STEPS_MOST);
    if (request->has_start_step != request->has_end_step)
        return ml_rest_refuse(ML_REST_INVALID, "If either start step or end step are specified, "
                                               "both must be specified.");
    if (request->has_start_step && request->start_step > request->end_step)
        return ml_rest_refuse(ML_REST_INVALID,
                              "end_step must be greater than start_step. Found start_step=%" PRId32
                              " and end_step=%" PRId32 ".",
                              request->start_step, request->end_step);
    return MLEDGER_OK;
}

int ml_rest_get_metric_history_bulk_interval(struct ml_rest_call *call, const void *message,
                                             void *answer)
{
    const Mlflow__GetMetricHistoryBulkInterval *request = message;
    Mlflow__GetMetricHistoryBulkIntervalResponse *response = answer;
    ML_TRY(check_interval(request));
    ML_CLEANUP(bulk_release)
    struct bulk bulk = {.call = call,
                        .key = request->metric_key,
                        .ids = request->run_ids,
                        .count = request->n_run_ids,
                        .sort = ml_rest_history_sort_steps};
    ML_TRY(read_runs(&bulk, true));
    ML_TRY(show_interval(&bulk, request));
    response->metrics = bulk.shown;
    response->n_metrics = bulk.n_shown;
    return MLEDGER_OK;
}
