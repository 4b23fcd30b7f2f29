/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/mlflow/server.h"

#include <stdio.h>

#include "ingest/mlflow/memory.h"
#include "ingest/mlflow/server_part.h"
#include "ledger/core/json.h"

enum { SHOWN_MAX = 300, PAGES_MAX = 1000000 };

bool ml_mlflow_is_url(const char *place)
{
    return strncmp(place, "http://", 7) == 0 || strncmp(place, "https://", 8) == 0;
}

static int make_url(struct ml_mlflow_server *server, const char *url)
{
    size_t len = strlen(url);
    while (len > 0 && url[len - 1] == '/')
        len--;
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(ml_buf_append(&text, url, len));
    return ml_buf_take_text(&text, &server->url);
}

int ml_mlflow_server_open(const char *url, const struct ml_mlflow_credentials *credentials,
                          struct ml_mlflow_server **ret_server)
{
    static const struct ml_mlflow_credentials nobody;
    struct ml_mlflow_server *server = ml_calloc(1, sizeof *server);
    if (!server)
        return ml_fail_memory();
    if (!credentials)
        credentials = &nobody;
    const struct ml_http_options options = {.bearer = credentials->token,
                                            .user = credentials->user,
                                            .password = credentials->password,
                                            .ca_file = credentials->ca_file,
                                            .response_max = ML_MLFLOW_ANSWER_MAX,
                                            .timeout_ms = ML_MLFLOW_ANSWER_MS,
                                            .environment_proxy = true};
    int result = ml_http_url_check(url);
    if (result >= 0)
        result = make_url(server, url);
    if (result >= 0)
        result = ml_http_client_new(&options, &server->client);
    if (result < 0)
        ml_mlflow_server_free(server);
    else
        *ret_server = server;
    return result;
}

void ml_mlflow_server_free(struct ml_mlflow_server *server)
{
    if (!server)
        return;
    ml_http_client_free(server->client);
    ml_mlflow_tape_release(&server->tape);
    free(server->url);
    free(server);
}

const char *ml_mlflow_server_url(const struct ml_mlflow_server *server)
{
    return server->url;
}

/* ---- what was seen before ---- */

int ml_mlflow_is_remembered(const struct ml_mlflow_asking *asking, const char *path,
                            const json_t *found, bool has_ended)
{
    struct ml_mlflow_memory *memory = asking->reader->options.memory;
    uint8_t print[ML_HASH_SIZE];
    if (!memory || !has_ended)
        return ml_mlflow_memory_skips(memory, path, NULL);
    char *text = json_dumps(found, JSON_COMPACT | JSON_SORT_KEYS);
    if (!text)
        return ml_fail_memory();
    const struct ml_span part = ML_SPAN(text, strlen(text));
    const int result = ml_sha256(print, &part, 1);
    free(text);
    ML_TRY(result);
    return ml_mlflow_memory_skips(memory, path, print);
}

/* ---- asking ---- */

int ml_mlflow_url_begin(const struct ml_mlflow_server *server, const char *path, struct ml_buf *url)
{
    ml_buf_clear(url);
    ML_TRY(ml_buf_append_text(url, server->url));
    return ml_buf_append_text(url, path);
}

/* {"error_code": …, "message": …}, or something else altogether. */
static int explain_status(const char *url, const struct ml_http_response *response)
{
    json_t *json = json_loadb((const char *)response->body.data, response->body.len, 0, NULL);
    const char *code = json_string_value(json_object_get(json, "error_code"));
    const char *message = json_string_value(json_object_get(json, "message"));
    int result;
    if (response->status == 404)
        result = MLEDGER_ENOTFOUND;
    else if (response->status == 401 || response->status == 403)
        result = MLEDGER_ESYSTEM;
    else
        result = MLEDGER_EINVALID;
    result = ml_fail(result, "%s answers with status %d%s%s%s%.*s", url, response->status,
                     code ? ": " : "", code ? code : "", message ? ": " : "", SHOWN_MAX,
                     message ? message : "");
    json_decref(json);
    if (response->status == 401 || response->status == 403)
        return ml_hint("MLFLOW_TRACKING_TOKEN=…, or MLFLOW_TRACKING_USERNAME=… and "
                       "MLFLOW_TRACKING_PASSWORD=…");
    return result;
}

static int read_answer(const char *url, const struct ml_http_response *response,
                       json_t **ret_answer)
{
    if (response->status != 200)
        return explain_status(url, response);
    json_t *json;
    if (ml_json_parse((const char *)response->body.data, response->body.len, &json) < 0)
        return ml_prefix("the answer of %s", url);
    if (!json_is_object(json)) {
        json_decref(json);
        return ml_fail(MLEDGER_EINVALID, "the answer of %s is no JSON object", url);
    }
    *ret_answer = json;
    return MLEDGER_OK;
}

static int ask_now(struct ml_mlflow_server *server, const char *url, struct ml_span body,
                   struct ml_http_response *response)
{
    return body.len ? ml_http_post(server->client, url, "application/json", body, response)
                    : ml_http_get(server->client, url, response);
}

/* From the tape where it has the answer. */
static int find_answer(struct ml_mlflow_server *server, const char *url, struct ml_span body,
                       struct ml_http_response *response)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(ml_buf_printf(&text, "%s\n", url));
    ML_TRY(ml_buf_append(&text, body.data, body.len));
    const struct ml_span request = ml_buf_span(&text);
    const int found =
        ml_mlflow_tape_next(&server->tape, request, &response->status, &response->body);
    if (found)
        return found < 0 ? found : MLEDGER_OK;
    ML_TRY(ask_now(server, url, body, response));
    return ml_mlflow_tape_keep(&server->tape, request, response->status,
                               ml_buf_span(&response->body));
}

int ml_mlflow_ask(struct ml_mlflow_server *server, struct ml_buf *url, const json_t *body,
                  json_t **ret_answer)
{
    ML_CLEANUP(ml_http_response_release) struct ml_http_response response = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(ml_buf_append_char(url, '\0'));
    if (body)
        ML_TRY(ml_json_dump(body, 0, &text));
    ML_TRY(find_answer(server, (const char *)url->data, ml_buf_span(&text), &response));
    return read_answer((const char *)url->data, &response, ret_answer);
}

static int take_page(const struct ml_mlflow_pages *pages, const json_t *answer)
{
    const struct ml_mlflow_object object = {answer, pages->asking->server->url};
    const json_t *items;
    ML_TRY(ml_mlflow_member_array(&object, pages->list, &items));
    for (size_t i = 0; i < json_array_size(items); i++)
        ML_TRY(pages->take(pages, json_array_get(items, i)));
    return MLEDGER_OK;
}

/* The token of the next page; NULL at the end, which may be written as an empty text. */
static int next_token(const struct ml_mlflow_pages *pages, const json_t *answer,
                      struct ml_pool *pool, const char **token)
{
    const struct ml_mlflow_object object = {answer, pages->asking->server->url};
    const char *next;
    ML_TRY(ml_mlflow_member_text(&object, "next_page_token", pool, &next));
    if (next && !*next)
        next = NULL;
    if (next && *token && strcmp(next, *token) == 0)
        return ml_fail(MLEDGER_EINVALID, "%s: the pages of %s go round in a circle", object.where,
                       pages->list);
    *token = next;
    return MLEDGER_OK;
}

int ml_mlflow_pages_take(const struct ml_mlflow_pages *pages)
{
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    const char *token = NULL;
    for (size_t page = 0; page < PAGES_MAX; page++) {
        json_t *answer;
        ML_TRY(pages->ask(pages, token, &answer));
        int result = take_page(pages, answer);
        if (result >= 0)
            result = next_token(pages, answer, &pool, &token);
        json_decref(answer);
        ML_TRY(result);
        if (!token)
            return MLEDGER_OK;
    }
    return ml_fail(MLEDGER_EINVALID, "%s: there are more than %d pages of %s",
                   pages->asking->server->url, PAGES_MAX, pages->list);
}

/* ---- experiments ---- */

static int ask_experiments(const struct ml_mlflow_pages *pages, const char *token,
                           json_t **ret_answer)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf url = {0};
    json_t *body = json_pack("{s:s, s:i, s:[s], s:s*}", "view_type", "ALL", "max_results", 1000,
                             "order_by", "experiment_id ASC", "page_token", token);
    if (!body)
        return ml_fail_memory();
    int result =
        ml_mlflow_url_begin(pages->asking->server, ML_MLFLOW_API "experiments/search", &url);
    if (result >= 0)
        result = ml_mlflow_ask(pages->asking->server, &url, body, ret_answer);
    json_decref(body);
    return result;
}

static int read_experiment(const struct ml_mlflow_object *object, struct ml_pool *pool,
                           struct ml_mlflow_experiment *experiment)
{
    ML_TRY(ml_mlflow_member_id(object, "experiment_id", pool, &experiment->id));
    experiment->path = ml_pool_printf(pool, "experiments/%s", experiment->id);
    if (!experiment->path)
        return MLEDGER_ESYSTEM;
    ML_TRY(ml_mlflow_member_lifecycle(object, "lifecycle_stage", &experiment->lifecycle));
    ML_TRY(
        ml_mlflow_member_text(object, "artifact_location", pool, &experiment->artifact_location));
    ML_TRY(ml_mlflow_member_time(object, "creation_time", &experiment->created_ms));
    ML_TRY(ml_mlflow_member_time(object, "last_update_time", &experiment->updated_ms));
    ML_TRY(ml_mlflow_member_pairs(object, "tags", pool, &experiment->tags));
    return ml_mlflow_member_id(object, "name", pool, &experiment->name);
}

static int take_experiment(const struct ml_mlflow_pages *pages, const json_t *item)
{
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    struct ml_mlflow_asking *asking = pages->asking;
    const struct ml_mlflow_visitor *visitor = asking->visitor;
    const struct ml_mlflow_object object = {item, "experiments"};
    struct ml_mlflow_experiment experiment = {.created_ms = ML_MLFLOW_NO_TIME,
                                              .updated_ms = ML_MLFLOW_NO_TIME};
    const int code = read_experiment(&object, &pool, &experiment);
    if (code < 0)
        ML_TRY(ml_mlflow_leave_out(asking->reader,
                                   experiment.path ? experiment.path : "experiments", code));
    if (!experiment.id)
        return MLEDGER_OK;
    if (visitor->experiment)
        ML_TRY(visitor->experiment(visitor->context, &experiment));
    ML_TRY(ml_mlflow_server_runs(asking, &experiment));
    return ml_mlflow_server_models(asking, &experiment);
}

int ml_mlflow_server_keep(struct ml_mlflow_server *server)
{
    return ml_mlflow_tape_begin(&server->tape);
}

int ml_mlflow_server_replay(struct ml_mlflow_server *server)
{
    return ml_mlflow_tape_play(&server->tape);
}

int ml_mlflow_server_visit(struct ml_mlflow_reader *reader, struct ml_mlflow_server *server,
                           const struct ml_mlflow_visitor *visitor)
{
    struct ml_mlflow_asking asking = {.reader = reader, .server = server, .visitor = visitor};
    const struct ml_mlflow_pages pages = {
        .asking = &asking, .list = "experiments", .ask = ask_experiments, .take = take_experiment};
    int result = ml_mlflow_pages_take(&pages);
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail(MLEDGER_ESYSTEM, "no MLflow server: %s", mledger_error_text());
    ML_TRY(result);
    return ml_mlflow_server_registry(&asking);
}
