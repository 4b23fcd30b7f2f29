/* SPDX-License-Identifier: Apache-2.0 */
/* The history of a metric, read from the run's own records. */
#include "serve/mlflow/route.h"
#include "serve/mlflow/run.h"
#include "serve/mlflow/search.h"

enum { PAGE_DEFAULT = 25000, PAGE_MAX = 25000 };

/* A point, by where it was recorded. */
struct point {
    const Mledger__MetricPoint *point;
    const Mledger__MetricValue *value; /* NULL: erased */
    size_t place;                      /* in the order of the records */
    bool is_repeated;
};

struct history {
    struct ml_rest_call *call;
    const char *key;
    struct point *points;
    size_t count, cap;
};

static int visit(uint64_t seq, void *context)
{
    struct history *history = context;
    struct ml_reader *reader = &history->call->reader;
    const struct ml_record *record;
    const Mledger__Details *details;
    ML_TRY(ml_reader_record(reader, seq, &record));
    if (record->event->kind_case != MLEDGER__EVENT__KIND_RUN_LOGGED)
        return MLEDGER_OK;
    const Mledger__RunLogged *logged = record->event->run_logged;
    ML_TRY(ml_reader_details(reader, record, &details));
    for (size_t i = 0; i < logged->n_metrics; i++) {
        if (strcmp(logged->metrics[i]->key, history->key) != 0)
            continue;
        ML_TRY(
            ml_grow(&history->points, &history->cap, history->count + 1, sizeof *history->points));
        history->points[history->count] = (struct point){
            .point = logged->metrics[i],
            .value = details && i < details->n_metric_values ? details->metric_values[i] : NULL,
            .place = history->count};
        history->count++;
    }
    return MLEDGER_OK;
}

static int compare_text(const Mledger__MetricValue *a, const Mledger__MetricValue *b)
{
    return strcmp(a ? a->text : "", b ? b->text : "");
}

/* By what MLflow calls the same: time, step and value. */
static int compare_content(const void *a, const void *b)
{
    const struct point *one = a, *other = b;
    if (one->point->time != other->point->time)
        return one->point->time < other->point->time ? -1 : 1;
    if (one->point->step != other->point->step)
        return one->point->step < other->point->step ? -1 : 1;
    const int order = compare_text(one->value, other->value);
    return order ? order : (one->place > other->place) - (one->place < other->place);
}

static int compare_place(const void *a, const void *b)
{
    const struct point *one = a, *other = b;
    return (one->place > other->place) - (one->place < other->place);
}

static bool is_same(const struct point *a, const struct point *b)
{
    return a->point->time == b->point->time && a->point->step == b->point->step &&
           compare_text(a->value, b->value) == 0;
}

/* Clients of MLflow 3 log a metric again for a model; it is one point. */
static void drop_repeated(struct history *history)
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

static int show_page(const struct history *history, const Mlflow__GetMetricHistory *request,
                     Mlflow__GetMetricHistoryResponse *response)
{
    struct ml_rest_page page = {.count = PAGE_DEFAULT};
    struct ml_rest_call *call = history->call;
    ML_TRY(ml_rest_page_token(request->page_token, &page.begin));
    if (request->has_max_results && request->max_results > 0 && request->max_results < PAGE_MAX)
        page.count = (size_t)request->max_results;
    ML_TRY(ml_rest_page_cut(call, &page, history->count, &response->next_page_token));
    response->metrics = ml_rest_array(call, page.count);
    ML_TRY(ml_rest_check(call));
    for (size_t i = 0; i < page.count; i++) {
        const struct point *point = &history->points[page.begin + i];
        ML_TRY(ml_rest_metric_show(call, point->point->key, point->value, point->point->time,
                                   point->point->step, &response->metrics[i]));
    }
    response->n_metrics = page.count;
    return MLEDGER_OK;
}

int ml_rest_get_metric_history(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__GetMetricHistory *request = message;
    struct history history = {.call = call, .key = request->metric_key};
    const char *id;
    uint64_t run;
    ML_TRY(ml_rest_run_id(request->run_id, request->run_uuid, &id));
    ML_TRY(ml_rest_run_find(call, id, &run));
    const struct ml_state_key prefix = ml_index_subject_prefix(run);
    int result = ml_view_index(&call->view, &prefix, 0, visit, &history);
    if (result >= 0) {
        drop_repeated(&history);
        result = show_page(&history, request, answer);
    }
    free(history.points);
    return result;
}
