/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "serve/mlflow/metric.h"

struct reading {
    struct ml_reader *reader;
    const char *key;
    struct ml_rest_history *history;
};

static int visit(uint64_t seq, void *context)
{
    struct reading *reading = context;
    struct ml_rest_history *history = reading->history;
    struct ml_reader *reader = reading->reader;
    const struct ml_record *record;
    const Mledger__Details *details;
    ML_TRY(ml_reader_record(reader, seq, &record));
    if (record->event->kind_case != MLEDGER__EVENT__KIND_RUN_LOGGED)
        return MLEDGER_OK;
    const Mledger__RunLogged *logged = record->event->run_logged;
    ML_TRY(ml_reader_details(reader, record, &details));
    for (size_t i = 0; i < logged->n_metrics; i++) {
        if (strcmp(logged->metrics[i]->key, reading->key) != 0)
            continue;
        ML_TRY(
            ml_grow(&history->points, &history->cap, history->count + 1, sizeof *history->points));
        history->points[history->count] = (struct ml_rest_point){
            .point = logged->metrics[i],
            .value = details && i < details->n_metric_values ? details->metric_values[i] : NULL,
            .place = history->count};
        history->count++;
    }
    return MLEDGER_OK;
}

/* ---- each once ---- */

static int compare_text(const Mledger__MetricValue *a, const Mledger__MetricValue *b)
{
    return strcmp(a ? a->text : "", b ? b->text : "");
}

/* By what MLflow calls the same: time, step and value. */
static int compare_content(const void *a, const void *b)
{
    const struct ml_rest_point *one = a, *other = b;
    if (one->point->time != other->point->time)
        return one->point->time < other->point->time ? -1 : 1;
    if (one->point->step != other->point->step)
        return one->point->step < other->point->step ? -1 : 1;
    const int order = compare_text(one->value, other->value);
    return order ? order : (one->place > other->place) - (one->place < other->place);
}

static int compare_place(const void *a, const void *b)
{
    const struct ml_rest_point *one = a, *other = b;
    return (one->place > other->place) - (one->place < other->place);
}

static bool is_same(const struct ml_rest_point *a, const struct ml_rest_point *b)
{
    return a->point->time == b->point->time && a->point->step == b->point->step &&
           compare_text(a->value, b->value) == 0;
}

/* Clients of MLflow 3 log a metric again for a model; it is one point. */
static void drop_repeated(struct ml_rest_history *history)
{
    size_t kept = 0;
    if (history->count == 0)
        return;
    qsort(history->points, history->count, sizeof *history->points, compare_content);
    for (size_t i = 1; i < history->count; i++)
        history->points[i].is_repeated = is_same(&history->points[i - 1], &history->points[i]);
    qsort(history->points, history->count, sizeof *history->points, compare_place);
    for (size_t i = 0; i < history->count; i++)
        if (!history->points[i].is_repeated)
            history->points[kept++] = history->points[i];
    history->count = kept;
}

static int read_from(struct ml_rest_call *call, uint64_t run, const char *key, uint64_t from,
                     struct ml_rest_history *ret_history)
{
    const struct ml_state_key prefix = ml_index_subject_prefix(run);
    struct reading reading = {.reader = &call->reader, .key = key, .history = ret_history};
    *ret_history = (struct ml_rest_history){0};
    ML_TRY(ml_view_index(&call->view, &prefix, from, visit, &reading));
    drop_repeated(ret_history);
    return MLEDGER_OK;
}

int ml_rest_history_read(struct ml_rest_call *call, uint64_t run, const char *key,
                         struct ml_rest_history *ret_history)
{
    return read_from(call, run, key, 0, ret_history);
}

void ml_rest_history_release(struct ml_rest_history *history)
{
    free(history->points);
}

int ml_rest_metric_newest(struct ml_rest_call *call, const struct ml_field *metric,
                          const Mledger__MetricValue **ret_value)
{
    const Mledger__MetricPoint *as_new_as = metric->point;
    ML_CLEANUP(ml_rest_history_release) struct ml_rest_history history;
    const Mledger__MetricValue *newest = NULL;
    ML_TRY(read_from(call, metric->run, as_new_as->key, metric->tied_since, &history));
    for (size_t i = 0; i < history.count; i++) {
        const struct ml_rest_point *one = &history.points[i];
        if (one->point->step == as_new_as->step && one->point->time == as_new_as->time &&
            one->value &&
            (!newest ||
             ml_rest_metric_rank(one->value->value) > ml_rest_metric_rank(newest->value)))
            newest = one->value;
    }
    *ret_value = newest;
    return MLEDGER_OK;
}

/* ---- in order ---- */

static double number_of(const struct ml_rest_point *point)
{
    return point->value ? point->value->value : NAN;
}

static int compare_number(double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(a) - isnan(b);
    return (a > b) - (a < b);
}

static int compare_int64(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_value(const void *a, const void *b)
{
    const int order = compare_number(number_of(a), number_of(b));
    return order ? order : compare_place(a, b);
}

static int compare_time(const void *a, const void *b)
{
    const struct ml_rest_point *one = a, *other = b;
    const int time = compare_int64(one->point->time, other->point->time);
    const int step = compare_int64(one->point->step, other->point->step);
    return time ? time : step ? step : compare_value(a, b);
}

static int compare_step(const void *a, const void *b)
{
    const struct ml_rest_point *one = a, *other = b;
    const int time = compare_int64(one->point->time, other->point->time);
    const int step = compare_int64(one->point->step, other->point->step);
    return step ? step : time ? time : compare_value(a, b);
}

void ml_rest_history_sort(struct ml_rest_history *history)
{
    if (history->count > 0)
        qsort(history->points, history->count, sizeof *history->points, compare_time);
}

void ml_rest_history_sort_steps(struct ml_rest_history *history)
{
    if (history->count > 0)
        qsort(history->points, history->count, sizeof *history->points, compare_step);
}
