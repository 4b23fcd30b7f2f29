/* SPDX-License-Identifier: Apache-2.0 */
/* runs/search: found in the catalogue, answered from the ledger. */
#include <strings.h>

#include "serve/mlflow/catalog.h"
#include "serve/mlflow/experiment.h"
#include "serve/mlflow/route.h"
#include "serve/mlflow/run.h"
#include "serve/mlflow/search.h"

enum { RUNS_USUAL = 1000, RUNS_MOST = 50000 };

enum { RUN_ID, RUN_NAME, RUN_STATUS, RUN_ARTIFACT_URI, RUN_USER_ID, RUN_START_TIME, RUN_END_TIME };

static const struct ml_rest_attribute attributes[] = {
    {"run_id", NULL, false, RUN_ID, ML_REST_ANY_USE},
    {"run_name", "run name", false, RUN_NAME, ML_REST_ANY_USE},
    {"status", NULL, false, RUN_STATUS, ML_REST_ANY_USE},
    {"artifact_uri", NULL, false, RUN_ARTIFACT_URI, ML_REST_ANY_USE},
    {"user_id", NULL, false, RUN_USER_ID, ML_REST_ANY_USE},
    {"start_time", "created", true, RUN_START_TIME, ML_REST_ANY_USE},
    {"end_time", NULL, true, RUN_END_TIME, ML_REST_ANY_USE},
    {0},
};
static const struct ml_rest_searchable searchable = {
    .attributes = attributes, .has_metrics = true, .has_params = true, .has_datasets = true};
static const char *const usual_order[] = {"start_time DESC", "run_id", NULL};

static const char *status_name(Mledger__RunStatus status)
{
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value(&mledger__run_status__descriptor, (int)status);
    return value ? value->name : NULL;
}

static void attribute_value(const struct ml_catalog_run *run, int id, struct ml_rest_value *value)
{
    switch (id) {
    case RUN_ID:
        value->text = run->id;
        break;
    case RUN_NAME:
        value->text = run->name;
        break;
    case RUN_STATUS:
        value->text = status_name(run->status);
        break;
    case RUN_ARTIFACT_URI:
        value->text = run->artifact_uri;
        break;
    case RUN_USER_ID:
        value->text = run->user;
        break;
    case RUN_START_TIME:
        value->is_number = true;
        value->number = (double)run->start_ms;
        break;
    case RUN_END_TIME:
        value->is_number = run->has_end;
        value->number = (double)run->end_ms;
        break;
    default:
        break;
    }
}

static void field_value(const struct ml_catalog_run *run, enum ml_field_kind kind, const char *key,
                        struct ml_rest_value *value)
{
    const struct ml_catalog_field *field = ml_catalog_field(&run->fields, kind, key);
    if (!field)
        return;
    value->text = field->text;
    value->is_number = kind == ML_FIELD_METRIC;
    value->number = field->number;
}

/* Of several datasets the first. */
static void dataset_value(const struct ml_catalog_run *run, const char *key,
                          struct ml_rest_value *value)
{
    if (run->n_inputs == 0)
        return;
    const struct ml_catalog_input *input = &run->inputs[0];
    value->text = strcasecmp(key, "name") == 0     ? input->name
                  : strcasecmp(key, "digest") == 0 ? input->digest
                                                   : input->context;
}

static void value_of(const void *thing, enum ml_rest_entity entity,
                     const struct ml_rest_attribute *attribute, const char *key,
                     struct ml_rest_value *ret_value)
{
    const struct ml_catalog_run *run = thing;
    switch (entity) {
    case ML_REST_ATTRIBUTE:
        attribute_value(run, attribute->id, ret_value);
        break;
    case ML_REST_METRIC:
        field_value(run, ML_FIELD_METRIC, key, ret_value);
        break;
    case ML_REST_PARAM:
        field_value(run, ML_FIELD_PARAM, key, ret_value);
        break;
    case ML_REST_TAG:
        field_value(run, ML_FIELD_TAG, key, ret_value);
        break;
    case ML_REST_DATASET:
        dataset_value(run, key, ret_value);
        break;
    }
}

/* A clause on datasets holds if it does for any of them. */
static bool dataset_clause_holds(const struct ml_catalog_run *run,
                                 const struct ml_rest_clause *clause)
{
    for (size_t i = 0; i < run->n_inputs; i++) {
        struct ml_catalog_run one = *run;
        struct ml_rest_value value = {0};
        one.inputs = &run->inputs[i];
        one.n_inputs = 1;
        dataset_value(&one, clause->key, &value);
        if (ml_rest_clause_holds(clause, &value))
            return true;
    }
    return false;
}

static bool holds(const struct ml_rest_search *search, const struct ml_catalog_run *run)
{
    for (size_t i = 0; i < search->filter.count; i++) {
        const struct ml_rest_clause *clause = &search->filter.clauses[i];
        struct ml_rest_value value = {0};
        if (clause->entity == ML_REST_DATASET) {
            if (!dataset_clause_holds(run, clause))
                return false;
            continue;
        }
        value_of(run, clause->entity, clause->attribute, clause->key, &value);
        if (!ml_rest_clause_holds(clause, &value))
            return false;
    }
    return true;
}

/* ---- the search ---- */

struct run_search {
    struct ml_rest_call *call;
    const Mlflow__SearchRuns *request;
    struct ml_rest_search search;
    struct searched_experiment {
        uint64_t seq;
        bool is_deleted; /* and so are its runs */
    } * experiments;
    size_t n_experiments;
};

/* Ids that there are none of find nothing, as on MLflow's servers. */
static int read_experiments(struct run_search *job)
{
    const Mlflow__SearchRuns *request = job->request;
    struct ml_rest_call *call = job->call;
    job->experiments =
        ml_arena_calloc(&call->arena, request->n_experiment_ids + 1, sizeof *job->experiments);
    if (!job->experiments)
        return ml_arena_fail(&call->arena, "the request");
    for (size_t i = 0; i < request->n_experiment_ids; i++) {
        const Mledger__SubjectState *state;
        struct ml_state_key key;
        uint64_t seq;
        ML_TRY(ml_key_experiment_id(request->experiment_ids[i], &key));
        const int result = ml_state_pointer(call->view.state, &key, &seq);
        if (result == MLEDGER_ENOTFOUND)
            continue;
        ML_TRY(result);
        ML_TRY(ml_reader_subject(&call->reader, seq, &state));
        job->experiments[job->n_experiments++] =
            (struct searched_experiment){seq, state && state->has_deleted};
    }
    return MLEDGER_OK;
}

static bool is_in_view(const struct run_search *job, const struct ml_catalog_run *run)
{
    const Mlflow__SearchRuns *request = job->request;
    const Mlflow__ViewType view =
        request->has_run_view_type ? request->run_view_type : MLFLOW__VIEW_TYPE__ACTIVE_ONLY;
    for (size_t i = 0; i < job->n_experiments; i++)
        if (job->experiments[i].seq == run->experiment)
            return run->is_deleted || job->experiments[i].is_deleted
                       ? view != MLFLOW__VIEW_TYPE__ACTIVE_ONLY
                       : view != MLFLOW__VIEW_TYPE__DELETED_ONLY;
    return false;
}

/* The seqs of the page's runs, while the catalogue stands still. */
static int find_page(struct run_search *job, struct ml_rest_page *page, uint64_t **ret_seqs,
                     char **ret_token)
{
    size_t count, found = 0;
    const struct ml_catalog_run *runs = ml_catalog_runs(job->call->service->catalog, &count);
    ML_CLEANUP(ml_freep) const void **things = ml_calloc(count + 1, sizeof *things);
    if (!things)
        return ml_fail_memory();
    for (size_t i = 0; i < count; i++)
        if (is_in_view(job, &runs[i]) && holds(&job->search, &runs[i]))
            things[found++] = &runs[i];
    ml_rest_search_sort(&job->search, things, found);
    ML_TRY(ml_rest_page_cut(job->call, page, found, ret_token));
    *ret_seqs = ml_arena_calloc(&job->call->arena, page->count + 1, sizeof **ret_seqs);
    if (!*ret_seqs)
        return ml_arena_fail(&job->call->arena, "the answer");
    for (size_t i = 0; i < page->count; i++)
        (*ret_seqs)[i] = ((const struct ml_catalog_run *)things[page->begin + i])->seq;
    return MLEDGER_OK;
}

int ml_rest_search_runs(struct ml_rest_call *call, const void *message, void *answer)
{
    struct run_search job = {.call = call, .request = message, .search = {.value = value_of}};
    Mlflow__SearchRunsResponse *response = answer;
    struct ml_catalog *catalog = call->service->catalog;
    const int64_t max_results = job.request->max_results;
    struct ml_rest_page page;
    uint64_t *seqs = NULL;
    ML_TRY(ml_rest_page(job.request->has_max_results ? &max_results : NULL, RUNS_USUAL, RUNS_MOST,
                        job.request->page_token, &page));
    ML_TRY(ml_rest_search_read(call, &searchable, job.request->filter, job.request->order_by,
                               job.request->n_order_by, usual_order, &job.search));
    ML_TRY(ml_rest_read(call));
    ML_TRY(read_experiments(&job));
    ML_TRY(ml_catalog_catch_up(catalog, &call->view));
    ml_catalog_lock(catalog);
    const int result = find_page(&job, &page, &seqs, &response->next_page_token);
    ml_catalog_unlock(catalog);
    ML_TRY(result);
    response->runs = ml_rest_array(call, page.count);
    ML_TRY(ml_rest_check(call));
    for (size_t i = 0; i < page.count; i++)
        ML_TRY(ml_rest_run_show(call, seqs[i], &response->runs[response->n_runs++]));
    return MLEDGER_OK;
}
