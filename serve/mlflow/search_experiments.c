/* SPDX-License-Identifier: Apache-2.0 */
/* experiments/search: experiments are few, so each is looked at as the API shows it. */
#include "ledger/query/state_walk.h"
#include "serve/mlflow/experiment.h"
#include "serve/mlflow/route.h"
#include "serve/mlflow/search.h"

enum { EXPERIMENTS_USUAL = 1000, EXPERIMENTS_MOST = 50000 };

enum { BY_NAME, BY_ID, BY_CREATION, BY_UPDATE };

static const struct ml_rest_attribute attributes[] = {
    {"name", NULL, false, BY_NAME, ML_REST_ANY_USE},
    {"experiment_id", NULL, true, BY_ID, ML_REST_TO_ORDER},
    {"creation_time", NULL, true, BY_CREATION, ML_REST_ANY_USE},
    {"last_update_time", NULL, true, BY_UPDATE, ML_REST_ANY_USE},
    {0},
};
static const struct ml_rest_searchable searchable = {.attributes = attributes};
static const char *const usual_order[] = {"creation_time DESC", "experiment_id ASC", NULL};
static const char *const ties[] = {"experiment_id DESC", NULL};

static void attribute_value(const Mlflow__Experiment *experiment, int id,
                            struct ml_rest_value *value)
{
    if (id == BY_NAME)
        value->text = experiment->name;
    value->is_number = id != BY_NAME;
    if (id == BY_ID)
        value->number = strtod(experiment->experiment_id, NULL);
    else
        value->number =
            (double)(id == BY_CREATION ? experiment->creation_time : experiment->last_update_time);
}

static void value_of(const void *thing, enum ml_rest_entity entity,
                     const struct ml_rest_attribute *attribute, const char *key,
                     struct ml_rest_value *ret_value)
{
    const Mlflow__Experiment *experiment = thing;
    if (entity == ML_REST_ATTRIBUTE) {
        attribute_value(experiment, attribute->id, ret_value);
        return;
    }
    for (size_t i = 0; i < experiment->n_tags; i++)
        if (strcmp(experiment->tags[i]->key, key) == 0)
            ret_value->text = experiment->tags[i]->value;
}

struct experiment_search {
    struct ml_rest_call *call;
    Mlflow__ViewType view;
    struct ml_rest_search search;
    const void **things;
    size_t count, cap;
};

static int look_at(uint64_t seq, const Mledger__SubjectState *subject, void *context)
{
    struct experiment_search *job = context;
    Mlflow__Experiment *experiment;
    if (subject->has_deleted ? job->view == MLFLOW__VIEW_TYPE__ACTIVE_ONLY
                             : job->view == MLFLOW__VIEW_TYPE__DELETED_ONLY)
        return MLEDGER_OK;
    ML_TRY(ml_rest_experiment_show(job->call, seq, &experiment));
    if (!ml_rest_search_holds(&job->search, experiment))
        return MLEDGER_OK;
    ML_TRY(ml_grow(&job->things, &job->cap, job->count + 1, sizeof *job->things));
    job->things[job->count++] = experiment;
    return MLEDGER_OK;
}

static int show_page(struct experiment_search *job, struct ml_rest_page *page,
                     Mlflow__SearchExperimentsResponse *response)
{
    ml_rest_search_sort(&job->search, job->things, job->count);
    ML_TRY(ml_rest_page_cut(job->call, page, job->count, &response->next_page_token));
    response->experiments = ml_rest_array(job->call, page->count);
    ML_TRY(ml_rest_check(job->call));
    for (size_t i = 0; i < page->count; i++)
        response->experiments[response->n_experiments++] =
            (Mlflow__Experiment *)(uintptr_t)job->things[page->begin + i];
    return MLEDGER_OK;
}

int ml_rest_search_experiments(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__SearchExperiments *request = message;
    struct experiment_search job = {.call = call,
                                    .view = request->has_view_type ? request->view_type
                                                                   : MLFLOW__VIEW_TYPE__ACTIVE_ONLY,
                                    .search = {.value = value_of}};
    struct ml_rest_page page;
    ML_TRY(ml_rest_page(request->has_max_results ? &request->max_results : NULL, EXPERIMENTS_USUAL,
                        EXPERIMENTS_MOST, request->page_token, &page));
    ML_TRY(ml_rest_search_read(call, &searchable, request->filter, request->order_by,
                               request->n_order_by, request->n_order_by > 0 ? ties : usual_order,
                               &job.search));
    ML_TRY(ml_rest_read(call));
    int result = ml_subject_walk(&call->view, MLEDGER__SUBJECT_KIND__EXPERIMENT, look_at, &job);
    if (result >= 0)
        result = show_page(&job, &page, answer);
    free(job.things);
    return result;
}
