/* SPDX-License-Identifier: Apache-2.0 */
/*
 * logged-models/search: found in the catalogue, answered from the ledger. A comparison with a
 * metric holds if it does for any point of that name, on one of the datasets asked for
 * (mlflow.store.tracking.sqlalchemy_store 3.11); an order goes by the newest of them.
 */
#include <math.h>

#include "serve/mlflow/catalog.h"
#include "serve/mlflow/experiment.h"
#include "serve/mlflow/logged_model.h"
#include "serve/mlflow/model_token.h"
#include "serve/mlflow/route.h"
#include "serve/mlflow/search.h"

enum { MODELS_USUAL = 50, MODELS_MOST = 50000 };

enum {
    MODEL_ID,
    MODEL_NAME,
    MODEL_TYPE,
    MODEL_STATUS,
    MODEL_RUN,
    MODEL_URI,
    MODEL_CREATED,
    MODEL_UPDATED,
};

static const struct ml_rest_attribute attributes[] = {
    {"model_id", NULL, false, MODEL_ID, ML_REST_ANY_USE},
    {"name", NULL, false, MODEL_NAME, ML_REST_ANY_USE},
    {"model_type", NULL, false, MODEL_TYPE, ML_REST_ANY_USE},
    {"status", NULL, false, MODEL_STATUS, ML_REST_ANY_USE},
    {"source_run_id", NULL, false, MODEL_RUN, ML_REST_ANY_USE},
    {"artifact_location", "artifact_uri", false, MODEL_URI, ML_REST_ANY_USE},
    {"creation_timestamp_ms", "creation_timestamp", true, MODEL_CREATED, ML_REST_ANY_USE},
    {"creation_time", NULL, true, MODEL_CREATED, ML_REST_ANY_USE},
    {"last_updated_timestamp_ms", "last_updated_timestamp", true, MODEL_UPDATED, ML_REST_ANY_USE},
    {0},
};
static const struct ml_rest_searchable searchable = {
    .attributes = attributes, .has_metrics = true, .has_params = true, .has_lists = true};

/* ---- what a model has ---- */

static const char *status_name(Mledger__LoggedModelStatus status)
{
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(
        &mledger__logged_model_status__descriptor, (int)status);
    return value ? value->name : NULL;
}

static void attribute_value(const struct ml_catalog_model *model, int id,
                            struct ml_rest_value *value)
{
    switch (id) {
    case MODEL_ID:
        value->text = model->id;
        break;
    case MODEL_NAME:
        value->text = model->name;
        break;
    case MODEL_TYPE:
        value->text = model->type ? model->type : "";
        break;
    case MODEL_STATUS:
        value->text = status_name(model->status);
        break;
    case MODEL_RUN:
        value->text = model->run_id;
        break;
    case MODEL_URI:
        value->text = model->artifact_uri;
        break;
    default:
        value->is_number = true;
        value->number = (double)(id == MODEL_CREATED ? model->created_ms : model->updated_ms);
        break;
    }
}

static void field_value(const struct ml_catalog_model *model, enum ml_field_kind kind,
                        const char *key, struct ml_rest_value *value)
{
    const struct ml_catalog_field *field = ml_catalog_field(&model->fields, kind, key);
    value->text = field ? field->text : NULL;
}

static bool is_text(const char *text, const char *wanted)
{
    return text && strcmp(text, wanted) == 0;
}

/* ---- filters ---- */

/* Is the point of one of the datasets asked for? Without any every point is. */
static bool is_wanted(const Mlflow__SearchLoggedModels *request,
                      const struct ml_catalog_point *point)
{
    for (size_t i = 0; i < request->n_datasets; i++) {
        const Mlflow__DatasetChoice *choice = request->datasets[i];
        const bool any = !choice->dataset_digest || !*choice->dataset_digest;
        if (is_text(point->dataset, choice->dataset_name) &&
            (any || is_text(point->digest, choice->dataset_digest)))
            return true;
    }
    return request->n_datasets == 0;
}

static bool metric_holds(const Mlflow__SearchLoggedModels *request,
                         const struct ml_catalog_model *model, const struct ml_rest_clause *clause)
{
    for (size_t i = 0; i < model->n_points; i++) {
        const struct ml_catalog_point *point = &model->points[i];
        const struct ml_rest_value value = {.is_number = true, .number = point->number};
        if (strcmp(point->key, clause->key) == 0 && is_wanted(request, point) &&
            ml_rest_clause_holds(clause, &value))
            return true;
    }
    return false;
}

static bool clause_holds(const Mlflow__SearchLoggedModels *request,
                         const struct ml_catalog_model *model, const struct ml_rest_clause *clause)
{
    struct ml_rest_value value = {0};
    if (clause->entity == ML_REST_METRIC)
        return metric_holds(request, model, clause);
    if (clause->entity == ML_REST_ATTRIBUTE)
        attribute_value(model, clause->attribute->id, &value);
    else
        field_value(model, clause->entity == ML_REST_PARAM ? ML_FIELD_PARAM : ML_FIELD_TAG,
                    clause->key, &value);
    return ml_rest_clause_holds(clause, &value);
}

static bool was_measured(const Mlflow__SearchLoggedModels *request,
                         const struct ml_catalog_model *model)
{
    for (size_t i = 0; i < model->n_points; i++)
        if (is_wanted(request, &model->points[i]))
            return true;
    return false;
}

struct model_order {
    struct ml_rest_order by;
    const char *dataset, *digest; /* of a metric: NULL any */
};

struct model_search {
    struct ml_rest_call *call;
    const Mlflow__SearchLoggedModels *request;
    struct ml_rest_filter filter;
    struct model_order *orders;
    size_t n_orders;
    uint64_t *experiments;
    size_t n_experiments;
};

static bool is_in_view(const struct model_search *job, const struct ml_catalog_model *model)
{
    for (size_t i = 0; i < job->n_experiments; i++)
        if (job->experiments[i] == model->experiment)
            return !model->is_deleted;
    return false;
}

static bool holds(const struct model_search *job, const struct ml_catalog_model *model)
{
    bool has_metrics = false;
    for (size_t i = 0; i < job->filter.count; i++) {
        const struct ml_rest_clause *clause = &job->filter.clauses[i];
        has_metrics = has_metrics || clause->entity == ML_REST_METRIC;
        if (!clause_holds(job->request, model, clause))
            return false;
    }
    return job->request->n_datasets == 0 || has_metrics || was_measured(job->request, model);
}

/* ---- orders ---- */

static int refuse_order(const char *name, const char *more)
{
    return ml_rest_refuse(ML_REST_INVALID, "Invalid order by field name: %.128s%s", name, more);
}

static const char *given(const char *text)
{
    return text && *text ? text : NULL;
}

static int read_order(const Mlflow__OrderBy *from, struct model_order *order)
{
    static const char metrics[] = "metrics.";
    *order = (struct model_order){.by.descending = from->has_ascending && !from->ascending,
                                  .dataset = given(from->dataset_name),
                                  .digest = given(from->dataset_digest)};
    if (strncmp(from->field_name, metrics, sizeof metrics - 1) == 0) {
        order->by.entity = ML_REST_METRIC;
        order->by.key = from->field_name + (sizeof metrics - 1);
        return MLEDGER_OK;
    }
    if (strchr(from->field_name, '.'))
        return refuse_order(from->field_name, ". Only metrics are supported.");
    order->by.entity = ML_REST_ATTRIBUTE;
    for (const struct ml_rest_attribute *one = attributes; one->name; one++)
        if (strcmp(one->name, from->field_name) == 0 || is_text(one->other, from->field_name))
            order->by.attribute = one;
    return order->by.attribute ? MLEDGER_OK : refuse_order(from->field_name, "");
}

/* The newest come first where nothing else is asked for. */
static int read_orders(struct model_search *job)
{
    Mlflow__OrderBy usual = MLFLOW__ORDER_BY__INIT;
    usual.field_name = ml_rest_const("creation_timestamp_ms");
    usual.has_ascending = true; /* and not so */
    const Mlflow__SearchLoggedModels *request = job->request;
    job->orders = ml_arena_calloc(&job->call->arena, request->n_order_by + 1, sizeof *job->orders);
    if (!job->orders)
        return ml_arena_fail(&job->call->arena, "the request");
    for (size_t i = 0; i < request->n_order_by; i++)
        ML_TRY(read_order(request->order_by[i], &job->orders[job->n_orders++]));
    return read_order(&usual, &job->orders[job->n_orders++]);
}

static bool is_later(const struct ml_catalog_point *point, const struct ml_catalog_point *than)
{
    if (!than || point->time_us != than->time_us)
        return !than || point->time_us > than->time_us;
    return point->step >= than->step;
}

static void order_value(const struct ml_catalog_model *model, const struct model_order *order,
                        struct ml_rest_value *value)
{
    const struct ml_catalog_point *newest = NULL;
    if (order->by.entity == ML_REST_ATTRIBUTE) {
        attribute_value(model, order->by.attribute->id, value);
        return;
    }
    for (size_t i = 0; i < model->n_points; i++) {
        const struct ml_catalog_point *point = &model->points[i];
        if (strcmp(point->key, order->by.key) == 0 &&
            (!order->dataset || is_text(point->dataset, order->dataset)) &&
            (!order->digest || is_text(point->digest, order->digest)) && is_later(point, newest))
            newest = point;
    }
    value->is_number = newest != NULL;
    value->number = newest ? newest->number : NAN;
}

static bool is_by_creation(const struct ml_rest_order *order)
{
    return order->entity == ML_REST_ATTRIBUTE && order->attribute->id == MODEL_CREATED;
}

/* Of the same millisecond, in the order of their records: so every order is total, as creation is
 * in each of them. */
static int compare_seqs(const struct ml_rest_order *order, const struct ml_catalog_model *a,
                        const struct ml_catalog_model *b)
{
    const int result = (a->seq > b->seq) - (a->seq < b->seq);
    return order->descending ? -result : result;
}

static int compare(const void *a, const void *b, void *context)
{
    const struct model_search *job = context;
    const struct ml_catalog_model *one = *(const void *const *)a, *other = *(const void *const *)b;
    for (size_t i = 0; i < job->n_orders; i++) {
        struct ml_rest_value first = {0}, second = {0};
        order_value(one, &job->orders[i], &first);
        order_value(other, &job->orders[i], &second);
        int result = ml_rest_value_compare(&job->orders[i].by, &first, &second);
        if (result == 0 && is_by_creation(&job->orders[i].by))
            result = compare_seqs(&job->orders[i].by, one, other);
        if (result != 0)
            return result;
    }
    return 0;
}

/* ---- the search ---- */

/* Ids that there are none of find nothing, as on MLflow's servers. */
static int read_experiments(struct model_search *job)
{
    const Mlflow__SearchLoggedModels *request = job->request;
    struct ml_rest_call *call = job->call;
    job->experiments =
        ml_arena_calloc(&call->arena, request->n_experiment_ids, sizeof *job->experiments);
    if (!job->experiments)
        return ml_arena_fail(&call->arena, "the request");
    for (size_t i = 0; i < request->n_experiment_ids; i++) {
        struct ml_state_key key;
        ML_TRY(ml_key_experiment_id(request->experiment_ids[i], &key));
        const int result =
            ml_state_pointer(call->view.state, &key, &job->experiments[job->n_experiments]);
        if (result < 0 && result != MLEDGER_ENOTFOUND)
            return result;
        job->n_experiments += result == MLEDGER_OK;
    }
    return MLEDGER_OK;
}

/* The seqs of the page's models, while the catalogue stands still. */
static int find_page(struct model_search *job, struct ml_rest_page *page, uint64_t **ret_seqs,
                     bool *ret_more)
{
    size_t count, found = 0;
    struct ml_arena *arena = &job->call->arena;
    const struct ml_catalog_model *models = ml_catalog_models(job->call->service->catalog, &count);
    ML_CLEANUP(ml_freep) const void **things = ml_calloc(count + 1, sizeof *things);
    if (!things)
        return ml_fail_memory();
    for (size_t i = 0; i < count; i++)
        if (is_in_view(job, &models[i]) && holds(job, &models[i]))
            things[found++] = &models[i];
    qsort_r(things, found, sizeof *things, compare, job);
    const size_t left = page->begin < found ? found - page->begin : 0;
    *ret_more = left > page->count;
    page->count = *ret_more ? page->count : left;
    *ret_seqs = ml_arena_calloc(arena, page->count + 1, sizeof **ret_seqs);
    if (!*ret_seqs)
        return ml_arena_fail(arena, "the answer");
    for (size_t i = 0; i < page->count; i++)
        (*ret_seqs)[i] = ((const struct ml_catalog_model *)things[page->begin + i])->seq;
    return MLEDGER_OK;
}

static int read_request(struct model_search *job, struct ml_rest_page *page)
{
    const Mlflow__SearchLoggedModels *request = job->request;
    const int64_t max_results = request->max_results;
    if (request->n_experiment_ids == 0)
        return ml_rest_refuse(ML_REST_INVALID,
                              "Missing value for required parameter 'experiment_ids'. See the API "
                              "docs for more information about request parameters.");
    for (size_t i = 0; i < request->n_datasets; i++)
        if (!*request->datasets[i]->dataset_name)
            return ml_rest_refuse(ML_REST_INVALID,
                                  "`dataset_name` in the `datasets` clause must be specified.");
    ML_TRY(ml_rest_page(max_results ? &max_results : NULL, MODELS_USUAL, MODELS_MOST, NULL, page));
    ML_TRY(ml_rest_model_token_read(request, &page->begin));
    ML_TRY(ml_rest_filter_parse(request->filter, &searchable, &job->call->arena, &job->filter));
    return read_orders(job);
}

int ml_rest_search_logged_models(struct ml_rest_call *call, const void *message, void *answer)
{
    struct model_search job = {.call = call, .request = message};
    Mlflow__SearchLoggedModelsResponse *response = answer;
    struct ml_catalog *catalog = call->service->catalog;
    struct ml_rest_page page;
    uint64_t *seqs = NULL;
    bool more = false;
    ML_TRY(read_request(&job, &page));
    ML_TRY(ml_rest_read(call));
    ML_TRY(read_experiments(&job));
    ML_TRY(ml_catalog_catch_up(catalog, &call->view));
    ml_catalog_lock(catalog);
    const int result = find_page(&job, &page, &seqs, &more);
    ml_catalog_unlock(catalog);
    ML_TRY(result);
    if (more)
        ML_TRY(ml_rest_model_token_make(call, job.request, page.begin + page.count,
                                        &response->next_page_token));
    response->models = ml_rest_array(call, page.count);
    ML_TRY(ml_rest_check(call));
    for (size_t i = 0; i < page.count; i++)
        ML_TRY(ml_rest_logged_model_show(call, seqs[i], &response->models[response->n_models++]));
    return MLEDGER_OK;
}
