/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/ledger_client/client.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

#include "ingest/http.h"
#include "ingest/url.h"
#include "ledger/core/hex.h"
#include "ledger/core/json.h"

static const char prefix[] = "/api/mledger/v1/";
static const char http[] = "http://";

struct ml_api_client {
    struct ml_http_client *http;
    char *url;
};

static bool begins(const char *text, const char *with)
{
    return strncasecmp(text, with, strlen(with)) == 0;
}

/* Whether the URL of plain HTTP leads to this machine. */
static bool is_loopback(const char *url)
{
    static const char *const hosts[] = {"localhost", "127.0.0.1", "[::1]"};
    const char *host = url + sizeof http - 1;
    for (size_t i = 0; i < ML_COUNT(hosts); i++)
        if (begins(host, hosts[i]) && strchr("/:", host[strlen(hosts[i])]))
            return true;
    return false;
}

static int take_url(struct ml_api_client *client, const char *url)
{
    size_t len = strlen(url);
    while (len > 0 && url[len - 1] == '/')
        len--;
    client->url = strndup(url, len);
    return client->url ? MLEDGER_OK : ml_fail_memory();
}

static void client_freep(struct ml_api_client **client)
{
    ml_api_client_free(*client);
}

int ml_api_client_new(const struct ml_api_client_options *options,
                      struct ml_api_client **ret_client)
{
    /* Where an answer has two forms, JSON is the one that is read here. */
    static const char *const headers[] = {
        "Accept: application/json, image/svg+xml;q=0.9, text/plain;q=0.8, */*;q=0.5", NULL};
    const struct ml_http_options http_options = {.headers = headers,
                                                 .bearer = options->token,
                                                 .ca_file = options->ca_file,
                                                 .certificate = options->certificate,
                                                 .certificate_key = options->certificate_key,
                                                 .timeout_ms = options->timeout_ms,
                                                 .environment_proxy = true};
    ML_TRY(ml_http_url_check(options->url));
    if (options->token && begins(options->url, http) && !is_loopback(options->url))
        return ml_fail(MLEDGER_EUSAGE, "a token is not sent to '%s' in the clear: use https",
                       options->url);
    if (options->certificate && begins(options->url, http))
        return ml_fail(MLEDGER_EUSAGE, "a certificate is shown by https alone, not to '%s'",
                       options->url);
    ML_CLEANUP(client_freep) struct ml_api_client *client = ml_calloc(1, sizeof *client);
    if (!client)
        return ml_fail_memory();
    ML_TRY(take_url(client, options->url));
    ML_TRY(ml_http_client_new(&http_options, &client->http));
    *ret_client = ML_TAKE(client);
    return MLEDGER_OK;
}

void ml_api_client_free(struct ml_api_client *client)
{
    if (!client)
        return;
    ml_http_client_free(client->http);
    free(client->url);
    free(client);
}

const char *ml_api_client_url(const struct ml_api_client *client)
{
    return client->url;
}

/* ---- the request ---- */

void ml_api_ask(struct ml_api_client *client, struct ml_api_ask *ask, const char *format, ...)
{
    ML_CLEANUP(ml_freep) char *path = NULL;
    va_list args;
    va_start(args, format);
    const int len = vasprintf(&path, format, args);
    va_end(args);
    *ask = (struct ml_api_ask){0};
    if (len < 0)
        path = NULL; /* undefined after a failure */
    ask->broken = !path || ml_buf_printf(&ask->url, "%s%s%s", client->url, prefix, path) < 0;
}

void ml_api_ask_text(struct ml_api_ask *ask, const char *name, const char *value)
{
    ask->broken |= ml_url_query(&ask->url, name, value) < 0;
}

void ml_api_ask_number(struct ml_api_ask *ask, const char *name, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, value);
    ml_api_ask_text(ask, name, text);
}

void ml_api_ask_release(struct ml_api_ask *ask)
{
    ml_buf_release(&ask->url);
}

/* ---- the answer ---- */

static const char *member(const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));
    return text ? text : "";
}

static enum mledger_result result_of(int status)
{
    switch (status) {
    case 400:
        return MLEDGER_EUSAGE;
    case 403:
    case 409:
        return MLEDGER_EREFUSED;
    case 404:
        return MLEDGER_ENOTFOUND;
    default:
        return MLEDGER_ESYSTEM;
    }
}

/* An error's rule is a string that stays: that of the last problem of this thread does. */
static const char *keep_rule(const char *rule)
{
    static _Thread_local char kept[64];
    snprintf(kept, sizeof kept, "%s", rule);
    return kept;
}

static int fail_with(const json_t *problem, int status, const char *url)
{
    const char *detail = member(problem, "detail"), *hint = member(problem, "hint");
    const char *rule = member(problem, "rule");
    const int result = result_of(status);
    if (*detail && result != MLEDGER_ESYSTEM)
        (void)ml_fail(result, "%s", detail);
    else
        (void)ml_fail(result, "'%s' answers with status %d%s%s", url, status, *detail ? ": " : "",
                      detail);
    if (*rule)
        ml_add_rule(keep_rule(rule));
    if (status == 401)
        return ml_hint("MLEDGER_TOKEN=TOKEN, as 'mledger token' made it for you, or --token-file");
    return *hint ? ml_hint("%s", hint) : ml_failed();
}

/* Anything but `wanted` is an error. */
static int check_status(const struct ml_http_response *response, int wanted, const char *url)
{
    ML_CLEANUP(json_decrefp) json_t *problem = NULL;
    if (response->status == wanted)
        return MLEDGER_OK;
    if (ml_json_parse((const char *)response->body.data, response->body.len, &problem) < 0)
        ml_error_clear();
    return fail_with(problem, response->status, url);
}

int ml_api_get(struct ml_api_client *client, struct ml_api_ask *ask, struct ml_buf *ret_body)
{
    ML_CLEANUP(ml_api_ask_release) struct ml_api_ask owned = *ask;
    ML_CLEANUP(ml_http_response_release) struct ml_http_response response = {0};
    if (owned.broken || ml_buf_append_char(&owned.url, '\0') < 0)
        return ml_fail_memory();
    const char *url = (const char *)owned.url.data;
    ML_TRY(ml_http_get(client->http, url, &response));
    ML_TRY(check_status(&response, 200, url));
    return ml_buf_append(ret_body, response.body.data, response.body.len);
}

static int parse(const char *url, struct ml_span body, json_t **ret_json)
{
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    if (ml_json_parse((const char *)body.data, body.len, &json) < 0 || !json_is_object(json))
        return ml_fail(MLEDGER_EDAMAGED, "what '%s' answers is no JSON object", url);
    *ret_json = ML_TAKE(json);
    return MLEDGER_OK;
}

int ml_api_get_json(struct ml_api_client *client, struct ml_api_ask *ask, json_t **ret_json)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf body = {0};
    ML_TRY(ml_api_get(client, ask, &body));
    return parse(client->url, ml_buf_span(&body), ret_json);
}

int ml_api_post(struct ml_api_client *client, struct ml_api_ask *ask, struct ml_span body,
                json_t **ret_json)
{
    ML_CLEANUP(ml_api_ask_release) struct ml_api_ask owned = *ask;
    ML_CLEANUP(ml_http_response_release) struct ml_http_response response = {0};
    if (owned.broken || ml_buf_append_char(&owned.url, '\0') < 0)
        return ml_fail_memory();
    const char *url = (const char *)owned.url.data;
    ML_TRY(ml_http_post(client->http, url, "application/json", body, &response));
    ML_TRY(check_status(&response, 201, url));
    return parse(client->url, ml_buf_span(&response.body), ret_json);
}

static int lacks(const char *key, const char *what)
{
    return ml_fail(MLEDGER_EDAMAGED, "the server's answer has no %s '%s'", what, key);
}

int ml_api_number_in(const json_t *json, const char *key, uint64_t *ret_number)
{
    const json_t *value = json_object_get(json, key);
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return lacks(key, "number");
    *ret_number = (uint64_t)json_integer_value(value);
    return MLEDGER_OK;
}

int ml_api_text_in(const json_t *json, const char *key, const char **ret_text)
{
    const char *text = json_string_value(json_object_get(json, key));
    if (!text)
        return lacks(key, "text");
    *ret_text = text;
    return MLEDGER_OK;
}

int ml_api_bytes_in(const json_t *json, const char *key, uint8_t *ret_bytes, size_t len)
{
    const char *text;
    ML_TRY(ml_api_text_in(json, key, &text));
    if (ml_hex_decode(text, strlen(text), ret_bytes, len) < 0)
        return lacks(key, "hexadecimal text");
    return MLEDGER_OK;
}
