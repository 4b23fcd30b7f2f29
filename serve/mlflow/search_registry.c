/* SPDX-License-Identifier: Apache-2.0 */
/* registered-models/search and model-versions/search. */
#include "ledger/query/state_walk.h"
#include "serve/mlflow/model.h"
#include "serve/mlflow/route.h"
#include "serve/mlflow/search.h"

enum { MODELS_USUAL = 100, MODELS_MOST = 1000, VERSIONS_USUAL = 10000, VERSIONS_MOST = 200000 };

enum { BY_NAME, BY_UPDATE, BY_CREATION, BY_NUMBER, BY_RUN, BY_SOURCE, BY_STAGE };

static const struct ml_rest_attribute model_attributes[] = {
    {"name", NULL, false, BY_NAME, ML_REST_ANY_USE},
    {"timestamp", "last_updated_timestamp", true, BY_UPDATE, ML_REST_TO_ORDER},
    {0},
};
static const struct ml_rest_attribute version_attributes[] = {
    {"name", NULL, false, BY_NAME, ML_REST_ANY_USE},
    {"version_number", NULL, true, BY_NUMBER, ML_REST_ANY_USE},
    {"run_id", NULL, false, BY_RUN, ML_REST_TO_FILTER},
    {"source_path", "source", false, BY_SOURCE, ML_REST_TO_FILTER},
    /* MLflow knows no such filter; guides that are published use it. */
    {"current_stage", "stage", false, BY_STAGE, ML_REST_TO_FILTER},
    {"last_updated_timestamp", NULL, true, BY_UPDATE, ML_REST_TO_ORDER},
    {"creation_timestamp", NULL, true, BY_CREATION, ML_REST_TO_ORDER},
    {0},
};

static void tag_value(Mlflow__KeyValue *const *tags, size_t count, const char *key,
                      struct ml_rest_value *value)
{
    /* MLflow's clients ask for what is no prompt by a tag that only prompts bear. */
    if (strcmp(key, "mlflow.prompt.is_prompt") == 0)
        value->text = "false";
    for (size_t i = 0; i < count; i++)
        if (strcmp(tags[i]->key, key) == 0)
            value->text = tags[i]->value;
}

static void model_value(const void *thing, enum ml_rest_entity entity,
                        const struct ml_rest_attribute *attribute, const char *key,
                        struct ml_rest_value *ret_value)
{
    const Mlflow__RegisteredModel *model = thing;
    if (entity != ML_REST_ATTRIBUTE) {
        tag_value(model->tags, model->n_tags, key, ret_value);
        return;
    }
    if (attribute->id == BY_NAME)
        ret_value->text = model->name;
    ret_value->is_number = attribute->is_number;
    ret_value->number = (double)(attribute->id == BY_CREATION ? model->creation_timestamp
                                                              : model->last_updated_timestamp);
}

static const char *version_text(const Mlflow__ModelVersion *version, int id)
{
    switch (id) {
    case BY_NAME:
        return version->name;
    case BY_RUN:
        return version->run_id;
    case BY_SOURCE:
        return version->source;
    case BY_STAGE:
        return version->current_stage;
    default:
        return NULL;
    }
}

static double version_number(const Mlflow__ModelVersion *version, int id)
{
    if (id == BY_NUMBER)
        return (double)strtoull(version->version, NULL, 10);
    return (double)(id == BY_CREATION ? version->creation_timestamp
                                      : version->last_updated_timestamp);
}

static void version_value(const void *thing, enum ml_rest_entity entity,
                          const struct ml_rest_attribute *attribute, const char *key,
                          struct ml_rest_value *ret_value)
{
    const Mlflow__ModelVersion *version = thing;
    if (entity != ML_REST_ATTRIBUTE) {
        tag_value(version->tags, version->n_tags, key, ret_value);
        return;
    }
    ret_value->text = version_text(version, attribute->id);
    ret_value->is_number = attribute->is_number;
    ret_value->number = attribute->is_number ? version_number(version, attribute->id) : 0;
}

/* ---- what both do ---- */

struct registry_search {
    struct ml_rest_call *call;
    struct ml_rest_search search;
    const char *name; /* the one model that the filter asks for, or NULL */
    const void **things;
    size_t count, cap;
};

static int keep(struct registry_search *job, const void *thing)
{
    if (!ml_rest_search_holds(&job->search, thing))
        return MLEDGER_OK;
    ML_TRY(ml_grow(&job->things, &job->cap, job->count + 1, sizeof *job->things));
    job->things[job->count++] = thing;
    return MLEDGER_OK;
}

/* Most searches are for one model's versions: then no other model is looked at. */
static const char *asked_name(const struct ml_rest_filter *filter)
{
    for (size_t i = 0; i < filter->count; i++) {
        const struct ml_rest_clause *clause = &filter->clauses[i];
        if (clause->entity == ML_REST_ATTRIBUTE && clause->attribute->id == BY_NAME &&
            clause->op == ML_REST_EQ)
            return clause->texts[0];
    }
    return NULL;
}

static int walk(struct registry_search *job, ml_subject_visitor *visit)
{
    const Mledger__SubjectState *subject = NULL;
    struct ml_rest_call *call = job->call;
    uint64_t seq;
    job->name = asked_name(&job->search.filter);
    if (!job->name)
        return ml_subject_walk(&call->view, MLEDGER__SUBJECT_KIND__MODEL, visit, job);
    const int result =
        ml_state_find(call->view.state, MLEDGER__SUBJECT_KIND__MODEL, job->name, &seq);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    ML_TRY(ml_reader_subject(&call->reader, seq, &subject));
    return subject ? visit(seq, subject, job) : MLEDGER_OK;
}

/* The page as an array of pointers to messages. */
static int cut(struct registry_search *job, struct ml_rest_page *page, char **ret_token,
               void *ret_list, size_t *ret_count)
{
    ml_rest_search_sort(&job->search, job->things, job->count);
    ML_TRY(ml_rest_page_cut(job->call, page, job->count, ret_token));
    void **list = ml_rest_array(job->call, page->count);
    ML_TRY(ml_rest_check(job->call));
    for (size_t i = 0; i < page->count; i++)
        list[i] = (void *)(uintptr_t)job->things[page->begin + i];
    *(void **)ret_list = list;
    *ret_count = page->count;
    return MLEDGER_OK;
}

/* ---- models ---- */

static int look_at_model(uint64_t seq, const Mledger__SubjectState *subject, void *context)
{
    struct registry_search *job = context;
    Mlflow__RegisteredModel *model;
    if (subject->has_deleted)
        return MLEDGER_OK;
    ML_TRY(ml_rest_model_list(job->call, seq, &model));
    return keep(job, model);
}

/* Of those on the page alone. */
static int add_versions(struct ml_rest_call *call, Mlflow__SearchRegisteredModelsResponse *response)
{
    for (size_t i = 0; i < response->n_registered_models; i++) {
        uint64_t seq;
        ML_TRY(ml_rest_model_find(call, response->registered_models[i]->name, &seq));
        ML_TRY(ml_rest_model_add_versions(call, seq, response->registered_models[i]));
    }
    return MLEDGER_OK;
}

int ml_rest_search_registered_models(struct ml_rest_call *call, const void *message, void *answer)
{
    static const struct ml_rest_searchable searchable = {.attributes = model_attributes,
                                                         .order_key = "order by key"};
    static const char *const usual_order[] = {"name ASC", NULL};
    const Mlflow__SearchRegisteredModels *request = message;
    Mlflow__SearchRegisteredModelsResponse *response = answer;
    struct registry_search job = {.call = call, .search = {.value = model_value}};
    struct ml_rest_page page;
    ML_TRY(ml_rest_page(request->has_max_results ? &request->max_results : NULL, MODELS_USUAL,
                        MODELS_MOST, request->page_token, &page));
    ML_TRY(ml_rest_search_read(call, &searchable, request->filter, request->order_by,
                               request->n_order_by, usual_order, &job.search));
    ML_TRY(ml_rest_read(call));
    int result = walk(&job, look_at_model);
    if (result >= 0)
        result = cut(&job, &page, &response->next_page_token, &response->registered_models,
                     &response->n_registered_models);
    free(job.things);
    ML_TRY(result);
    return add_versions(call, response);
}

/* ---- versions ---- */

static int look_at_versions(uint64_t seq, const Mledger__SubjectState *subject, void *context)
{
    struct registry_search *job = context;
    if (subject->has_deleted)
        return MLEDGER_OK;
    for (uint64_t number = 1; number <= subject->newest_version; number++) {
        struct ml_rest_version version;
        Mlflow__ModelVersion *shown;
        const int result = ml_rest_version_at(job->call, seq, number, &version);
        if (result == MLEDGER_ENOTFOUND)
            continue;
        ML_TRY(result);
        ML_TRY(ml_rest_version_list(job->call, &version, &shown));
        ML_TRY(keep(job, shown));
    }
    return MLEDGER_OK;
}

int ml_rest_search_model_versions(struct ml_rest_call *call, const void *message, void *answer)
{
    static const struct ml_rest_searchable searchable = {.attributes = version_attributes,
                                                         .has_quoted_numbers = true};
    static const char *const usual_order[] = {"last_updated_timestamp DESC", "name ASC",
                                              "version_number DESC", NULL};
    static const char *const *const ties = &usual_order[1];
    const Mlflow__SearchModelVersions *request = message;
    Mlflow__SearchModelVersionsResponse *response = answer;
    struct registry_search job = {.call = call, .search = {.value = version_value}};
    struct ml_rest_page page;
    ML_TRY(ml_rest_page(request->has_max_results ? &request->max_results : NULL, VERSIONS_USUAL,
                        VERSIONS_MOST, request->page_token, &page));
    ML_TRY(ml_rest_search_read(call, &searchable, request->filter, request->order_by,
                               request->n_order_by, request->n_order_by > 0 ? ties : usual_order,
                               &job.search));
    ML_TRY(ml_rest_read(call));
    int result = walk(&job, look_at_versions);
    if (result >= 0)
        result = cut(&job, &page, &response->next_page_token, &response->model_versions,
                     &response->n_model_versions);
    free(job.things);
    return result;
}
