/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/graphql.h"

#include "ledger/core/json.h"
#include "serve/mlflow/experiment.h"
#include "serve/mlflow/graphql_query.h"
#include "serve/mlflow/graphql_select.h"
#include "serve/mlflow/mlflow_graphql.pb-c.h"
#include "serve/mlflow/reply.h"
#include "serve/mlflow/request.h"

enum { RUNS_AT_ONCE = 100 }; /* of ids of 32 characters, mostly; a filter has room for 64 KiB */

/* What a field of the query or mutation type is answered with. */
struct resolver {
    const char *name;
    const ProtobufCMessageDescriptor *request, *response;
    ml_rest_handler *handle;
};

/* ---- runs, with what GraphQL says more of them ---- */

static bool append_quoted(struct ml_buf *filter, const char *text)
{
    bool is_good = ml_buf_append_char(filter, '\'') >= 0;
    for (; *text && is_good; text++) /* a single quote stands twice */
        is_good = (*text != '\'' || ml_buf_append_char(filter, '\'') >= 0) &&
                  ml_buf_append_char(filter, *text) >= 0;
    return is_good && ml_buf_append_char(filter, '\'') >= 0;
}

/* "run_id IN ('…', '…')" */
static int write_filter(Mlflow__RunExtension *const *runs, size_t n_runs, struct ml_buf *filter)
{
    ML_TRY(ml_buf_append_text(filter, "run_id IN ("));
    for (size_t i = 0; i < n_runs; i++)
        if ((i > 0 && ml_buf_append_char(filter, ',') < 0) ||
            !append_quoted(filter, runs[i]->info->run_id))
            return ml_failed();
    ML_TRY(ml_buf_append_char(filter, ')'));
    return ml_buf_append_char(filter, '\0');
}

/* Those of the versions that the run made. */
static int take_versions(struct ml_rest_call *call,
                         const Mlflow__SearchModelVersionsResponse *found,
                         Mlflow__RunExtension *run)
{
    size_t count = 0;
    for (size_t i = 0; i < found->n_model_versions; i++)
        count += strcmp(found->model_versions[i]->run_id, run->info->run_id) == 0;
    run->model_versions = ml_rest_array(call, count);
    ML_TRY(ml_rest_check(call));
    for (size_t i = 0; i < found->n_model_versions; i++)
        if (strcmp(found->model_versions[i]->run_id, run->info->run_id) == 0)
            run->model_versions[run->n_model_versions++] = found->model_versions[i];
    return MLEDGER_OK;
}

static int add_versions_of(struct ml_rest_call *call, Mlflow__RunExtension *const *runs,
                           size_t n_runs)
{
    Mlflow__SearchModelVersions request = MLFLOW__SEARCH_MODEL_VERSIONS__INIT;
    Mlflow__SearchModelVersionsResponse found = MLFLOW__SEARCH_MODEL_VERSIONS_RESPONSE__INIT;
    ML_CLEANUP(ml_buf_release) struct ml_buf filter = {0};
    ML_TRY(write_filter(runs, n_runs, &filter));
    request.filter = (char *)filter.data;
    ML_TRY(ml_rest_search_model_versions(call, &request, &found));
    for (size_t i = 0; i < n_runs; i++)
        ML_TRY(take_versions(call, &found, runs[i]));
    return MLEDGER_OK;
}

/* A search looks at all versions, so it is for as many runs at once as a filter holds. */
static int add_versions(struct ml_rest_call *call, Mlflow__RunExtension *const *runs, size_t n_runs)
{
    for (size_t i = 0; i < n_runs; i += RUNS_AT_ONCE)
        ML_TRY(
            add_versions_of(call, &runs[i], n_runs - i < RUNS_AT_ONCE ? n_runs - i : RUNS_AT_ONCE));
    return MLEDGER_OK;
}

static int extend(struct ml_rest_call *call, const Mlflow__Run *run, Mlflow__RunExtension **ret_run)
{
    uint64_t experiment;
    Mlflow__RunExtension *extended = ml_rest_message(call, &mlflow__run_extension__descriptor);
    if (!extended)
        return ml_rest_check(call);
    extended->info = run->info;
    extended->data = run->data;
    extended->inputs = run->inputs;
    extended->outputs = run->outputs;
    ML_TRY(ml_rest_experiment_find(call, run->info->experiment_id, &experiment));
    ML_TRY(ml_rest_experiment_show(call, experiment, &extended->experiment));
    *ret_run = extended;
    return MLEDGER_OK;
}

static int get_run(struct ml_rest_call *call, const void *message, void *answer)
{
    Mlflow__GetRunResponse found = MLFLOW__GET_RUN_RESPONSE__INIT;
    Mlflow__GetRunExtendedResponse *response = answer;
    ML_TRY(ml_rest_get_run(call, message, &found));
    ML_TRY(extend(call, found.run, &response->run));
    return add_versions(call, &response->run, 1);
}

static int search_runs(struct ml_rest_call *call, const void *message, void *answer)
{
    Mlflow__SearchRunsResponse found = MLFLOW__SEARCH_RUNS_RESPONSE__INIT;
    Mlflow__SearchRunsExtendedResponse *response = answer;
    ML_TRY(ml_rest_search_runs(call, message, &found));
    response->next_page_token = found.next_page_token;
    response->runs = ml_rest_array(call, found.n_runs);
    ML_TRY(ml_rest_check(call));
    for (size_t i = 0; i < found.n_runs; i++)
        ML_TRY(extend(call, found.runs[i], &response->runs[response->n_runs++]));
    return add_versions(call, response->runs, response->n_runs);
}

/* ---- fields ---- */

#define RESOLVER(name, request, response, handle)                                                  \
    {                                                                                              \
        name, &mlflow__##request##__descriptor, &mlflow__##response##__descriptor, handle          \
    }

static const struct resolver resolvers[] = {
    RESOLVER("mlflowGetExperiment", get_experiment, get_experiment_response,
             ml_rest_get_experiment),
    RESOLVER("mlflowGetRun", get_run, get_run_extended_response, get_run),
    RESOLVER("mlflowSearchRuns", search_runs, search_runs_extended_response, search_runs),
    RESOLVER("mlflowGetMetricHistoryBulkInterval", get_metric_history_bulk_interval,
             get_metric_history_bulk_interval_response, ml_rest_get_metric_history_bulk_interval),
    RESOLVER("mlflowListArtifacts", list_artifacts, list_artifacts_response,
             ml_rest_list_artifacts),
    RESOLVER("mlflowSearchModelVersions", search_model_versions, search_model_versions_response,
             ml_rest_search_model_versions),
    RESOLVER("mlflowSearchDatasets", search_datasets, search_datasets_response,
             ml_rest_search_datasets),
};

static const struct resolver *find_resolver(const char *name)
{
    for (size_t i = 0; i < ML_COUNT(resolvers); i++)
        if (strcmp(resolvers[i].name, name) == 0)
            return &resolvers[i];
    return NULL;
}

/* The argument `input` as the call's message, whose fields it names in GraphQL's way. */
static int read_input(struct ml_rest_call *call, const struct ml_graphql_field *field,
                      const struct resolver *resolver, ProtobufCMessage **ret_message)
{
    ML_CLEANUP(json_decrefp) json_t *request = json_object();
    const char *name;
    json_t *value;
    if (!request)
        return ml_fail_memory();
    json_object_foreach(json_object_get(field->arguments, "input"), name, value)
    {
        const char *snake = ml_graphql_snake(&call->arena, name);
        if (!snake)
            return ml_arena_fail(&call->arena, "the query");
        ML_TRY(ml_json_put(request, snake, json_incref(value)));
    }
    return ml_rest_request_from_json(request, resolver->request, &call->arena, ret_message);
}

static int resolve(struct ml_rest_call *call, const struct ml_graphql_field *field,
                   json_t **ret_value)
{
    const struct resolver *resolver = find_resolver(field->name);
    ML_CLEANUP(json_decrefp) json_t *shown = NULL;
    ProtobufCMessage *message;
    if (!resolver)
        return ml_rest_refuse(ML_REST_BAD_REQUEST, "There is no field %.64s to be asked for",
                              field->name);
    ML_TRY(read_input(call, field, resolver, &message));
    ProtobufCMessage *answer = ml_arena_alloc(&call->arena, resolver->response->sizeof_message);
    if (!answer)
        return ml_arena_fail(&call->arena, "the request");
    protobuf_c_message_init(resolver->response, answer);
    ML_TRY(resolver->handle(call, message, answer));
    ML_TRY(ml_json_from_api(answer, &shown));
    return ml_graphql_select(field, resolver->response, shown, &call->arena, ret_value);
}

/* ---- the answer ---- */

/* What was refused, as an object that the client selected. */
static int show_error(struct ml_rest_call *call, const struct ml_graphql_field *field,
                      const struct ml_rest_error *kind, const char *text, json_t **ret_value)
{
    Mlflow__ApiError error = MLFLOW__API_ERROR__INIT;
    ML_CLEANUP(json_decrefp) json_t *shown = NULL;
    error.code = ml_rest_const(kind->code);
    error.message = ml_rest_const(text);
    ML_TRY(ml_json_from_api(&error.base, &shown));
    return ml_graphql_select(field, error.base.descriptor, shown, &call->arena, ret_value);
}

/* A value that is nothing but its error. */
static int blame_value(struct ml_rest_call *call, const struct ml_graphql_field *field,
                       const struct ml_rest_error *kind, const char *text, json_t **ret_value)
{
    ML_CLEANUP(json_decrefp) json_t *object = json_object();
    if (!object)
        return ml_fail_memory();
    for (size_t i = 0; i < field->n_fields; i++) {
        const struct ml_graphql_field *one = &field->fields[i];
        json_t *value = NULL;
        if (strcmp(one->name, "apiError") == 0)
            ML_TRY(show_error(call, one, kind, text, &value));
        ML_TRY(ml_json_put(object, one->key, value ? value : json_null()));
    }
    *ret_value = ML_TAKE(object);
    return MLEDGER_OK;
}

/* An error beside the data (GraphQL, October 2021, section 7.1.2). */
static int add_error(json_t *answer, const struct ml_graphql_field *field,
                     const struct ml_rest_error *kind, const char *text)
{
    json_t *errors = json_object_get(answer, "errors");
    if (!errors) {
        errors = json_array();
        ML_TRY(ml_json_put(answer, "errors", errors));
    }
    json_t *error = json_pack("{s:s, s:[s], s:{s:s}}", "message", text, "path", field->key,
                              "extensions", "code", kind->code);
    return error && json_array_append_new(errors, error) == 0 ? MLEDGER_OK : ml_fail_memory();
}

static bool selects_error(const struct ml_graphql_field *field)
{
    for (size_t i = 0; i < field->n_fields; i++)
        if (strcmp(field->fields[i].name, "apiError") == 0)
            return true;
    return false;
}

/* This thread's error, the result of resolving a field. What is the server's own is returned. */
static int answer_error(struct ml_rest_call *call, const struct ml_graphql_field *field, int result,
                        json_t *answer, json_t **ret_value)
{
    const struct ml_rest_error kind = ml_rest_error(result);
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    if (kind.status == 500)
        return result;
    ML_TRY(ml_rest_error_text(&kind, &text));
    ml_error_clear();
    if (selects_error(field))
        return blame_value(call, field, &kind, (const char *)text.data, ret_value);
    *ret_value = json_null();
    return add_error(answer, field, &kind, (const char *)text.data);
}

static int answer_field(struct ml_rest_call *call, const struct ml_graphql_field *field,
                        json_t *answer)
{
    json_t *value = NULL;
    int result = MLEDGER_OK;
    if (strcmp(field->name, "__typename") == 0)
        value = json_string("Query");
    else
        result = resolve(call, field, &value);
    if (result < 0)
        ML_TRY(answer_error(call, field, result, answer, &value));
    return ml_json_put(json_object_get(answer, "data"), field->key, value);
}

static int answer_query(struct ml_rest_call *call, const struct ml_graphql_query *query,
                        json_t **ret_answer)
{
    ML_CLEANUP(json_decrefp) json_t *answer = json_pack("{s:{}}", "data");
    if (!answer)
        return ml_fail_memory();
    for (size_t i = 0; i < query->root.n_fields; i++)
        ML_TRY(answer_field(call, &query->root.fields[i], answer));
    *ret_answer = ML_TAKE(answer);
    return MLEDGER_OK;
}

int ml_rest_graphql_answer(struct ml_rest_call *call, const json_t *body, json_t **ret_answer)
{
    const char *text = json_string_value(json_object_get(body, "query"));
    const char *operation = json_string_value(json_object_get(body, "operationName"));
    if (!text)
        return ml_rest_refuse(ML_REST_BAD_REQUEST, "The request holds no query");
    ML_CLEANUP(ml_graphql_query_release) struct ml_graphql_query query;
    ML_TRY(ml_graphql_read(text, operation, json_object_get(body, "variables"), &query));
    return answer_query(call, &query, ret_answer);
}

const char *ml_rest_graphql_route(const struct ml_server_request *request)
{
    const bool is_it =
        strcmp(request->method, "POST") == 0 && strcmp(request->path, "/graphql") == 0;
    return is_it ? "graphql" : NULL;
}

int ml_rest_graphql(struct ml_rest_call *call, const struct ml_server_request *request,
                    struct ml_server_reply *reply)
{
    ML_CLEANUP(json_decrefp) json_t *body = NULL;
    ML_CLEANUP(json_decrefp) json_t *answer = NULL;
    ML_TRY(ml_rest_request_json(request, &body));
    ML_TRY(ml_rest_graphql_answer(call, body, &answer));
    return ml_rest_reply_json(reply, 200, answer);
}
