/* SPDX-License-Identifier: Apache-2.0 */
/* experiments/search-datasets: which datasets the runs of some experiments read, each once. */
#include "serve/mlflow/catalog.h"
#include "serve/mlflow/route.h"

enum { EXPERIMENTS_MOST = 20, SUMMARIES_MOST = 1000 };

/* What was found, on its way into the answer; texts are the catalogue's until they are copied. */
struct summaries {
    struct ml_rest_call *call;
    Mlflow__DatasetSummary **list;
    size_t count;
};

static bool is_same_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool is_listed(const struct summaries *found, const char *experiment,
                      const struct ml_catalog_input *input)
{
    for (size_t i = 0; i < found->count; i++)
        if (is_same_text(found->list[i]->experiment_id, experiment) &&
            is_same_text(found->list[i]->name, input->name) &&
            is_same_text(found->list[i]->digest, input->digest) &&
            is_same_text(found->list[i]->context, input->context))
            return true;
    return false;
}

static char *copy(struct summaries *found, const char *text)
{
    return text ? ml_arena_text(&found->call->reader.arena, text, strlen(text)) : NULL;
}

static int add(struct summaries *found, const char *experiment,
               const struct ml_catalog_input *input)
{
    if (!input->digest || found->count == SUMMARIES_MOST || is_listed(found, experiment, input))
        return MLEDGER_OK;
    Mlflow__DatasetSummary *summary =
        ml_rest_message(found->call, &mlflow__dataset_summary__descriptor);
    ML_TRY(ml_rest_check(found->call));
    summary->experiment_id = ml_rest_const(experiment);
    summary->name = copy(found, input->name);
    summary->digest = copy(found, input->digest);
    summary->context = copy(found, input->context);
    ML_TRY(ml_rest_check(found->call));
    found->list[found->count++] = summary;
    return MLEDGER_OK;
}

/* While the catalogue stands still. */
static int search(struct summaries *found, uint64_t experiment, const char *id)
{
    size_t count;
    const struct ml_catalog_run *runs = ml_catalog_runs(found->call->service->catalog, &count);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; runs[i].experiment == experiment && k < runs[i].n_inputs; k++)
            ML_TRY(add(found, id, &runs[i].inputs[k]));
    return MLEDGER_OK;
}

static int search_experiment(struct summaries *found, const char *id)
{
    struct ml_catalog *catalog = found->call->service->catalog;
    struct ml_state_key key;
    uint64_t experiment;
    ML_TRY(ml_key_experiment_id(id, &key));
    const int known = ml_state_pointer(found->call->view.state, &key, &experiment);
    if (known < 0)
        return known == MLEDGER_ENOTFOUND ? MLEDGER_OK : known;
    ml_catalog_lock(catalog);
    const int result = search(found, experiment, id);
    ml_catalog_unlock(catalog);
    return result;
}

static int check_request(const Mlflow__SearchDatasets *request)
{
    if (request->n_experiment_ids == 0)
        return ml_rest_refuse(ML_REST_INVALID,
                              "SearchDatasets request must specify at least one experiment_id.");
    if (request->n_experiment_ids > EXPERIMENTS_MOST)
        return ml_rest_refuse(ML_REST_INVALID,
                              "SearchDatasets request cannot specify more than %d experiment_ids. "
                              "Received %zu experiment_ids.",
                              EXPERIMENTS_MOST, request->n_experiment_ids);
    return MLEDGER_OK;
}

int ml_rest_search_datasets(struct ml_rest_call *call, const void *message, void *answer)
{
    const Mlflow__SearchDatasets *request = message;
    Mlflow__SearchDatasetsResponse *response = answer;
    struct summaries found = {.call = call};
    ML_TRY(check_request(request));
    ML_TRY(ml_rest_read(call));
    ML_TRY(ml_catalog_catch_up(call->service->catalog, &call->view));
    found.list = ml_rest_array(call, SUMMARIES_MOST);
    ML_TRY(ml_rest_check(call));
    for (size_t i = 0; i < request->n_experiment_ids; i++)
        ML_TRY(search_experiment(&found, request->experiment_ids[i]));
    response->dataset_summaries = found.list;
    response->n_dataset_summaries = found.count;
    return MLEDGER_OK;
}
