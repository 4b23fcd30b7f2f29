/* SPDX-License-Identifier: Apache-2.0 */
/* metrics/get-history: the points of a metric, in pages. */
#include "serve/mlflow/metric.h"
#include "serve/mlflow/route.h"
#include "serve/mlflow/run.h"
#include "serve/mlflow/search.h"

enum { PAGE_DEFAULT = 25000, PAGE_MAX = 25000 };

static int show_page(struct ml_rest_call *call, const struct ml_rest_history *history,
                     const Mlflow__GetMetricHistory *request,
                     Mlflow__GetMetricHistoryResponse *response)
{
    struct ml_rest_page page = {.count = PAGE_DEFAULT};
    ML_TRY(ml_rest_page_token(request->page_token, &page.begin));
    if (request->has_max_results && request->max_results > 0 && request->max_results < PAGE_MAX)
        page.count = (size_t)request->max_results;
    ML_TRY(ml_rest_page_cut(call, &page, history->count, &response->next_page_token));
    response->metrics = ml_rest_array(call, page.count);
    ML_TRY(ml_rest_check(call));
    for (size_t i = 0; i < page.count; i++) {
        const struct ml_rest_point *point = &history->points[page.begin + i];
        ML_TRY(ml_rest_metric_show(call, point->point->key, point->value, point->point->time,
                                   point->point->step, &response->metrics[i]));
    }
    response->n_metrics = page.count;
    return MLEDGER_OK;
}

int ml_rest_get_metric_history(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__GetMetricHistory *request = message;
    struct ml_rest_history history;
    const char *id;
    uint64_t run;
    ML_TRY(ml_rest_run_id(request->run_id, request->run_uuid, &id));
    ML_TRY(ml_rest_run_find(call, id, &run));
    int result = ml_rest_history_read(call, run, request->metric_key, &history);
    ml_rest_history_sort(&history);
    if (result >= 0)
        result = show_page(call, &history, request, answer);
    ml_rest_history_release(&history);
    return result;
}
