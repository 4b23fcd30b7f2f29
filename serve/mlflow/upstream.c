/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/upstream.h"

#include <pthread.h>

#include "ledger/core/percent.h"

enum { FREE_MAX = 64, HEADERS_MAX = ML_HTTP_HEADERS_MAX };

struct ml_upstream {
    char *url; /* without a '/' at its end */
    char *bearer, *ca_file;
    pthread_mutex_t mutex; /* guards what follows */
    struct ml_http_client *free[FREE_MAX];
    size_t n_free;
};

/* ---- making ---- */

static int copy_text(const char *text, char **ret_copy)
{
    *ret_copy = text ? strdup(text) : NULL;
    return text && !*ret_copy ? ml_fail_memory() : MLEDGER_OK;
}

static int copy_options(struct ml_upstream *upstream, const struct ml_upstream_options *options)
{
    ML_TRY(copy_text(options->url, &upstream->url));
    ML_TRY(copy_text(options->bearer, &upstream->bearer));
    ML_TRY(copy_text(options->ca_file, &upstream->ca_file));
    for (size_t len = strlen(upstream->url); len > 0 && upstream->url[len - 1] == '/'; len--)
        upstream->url[len - 1] = '\0';
    return MLEDGER_OK;
}

int ml_upstream_new(const struct ml_upstream_options *options, struct ml_upstream **ret_upstream)
{
    ML_TRY(ml_http_url_check(options->url));
    if (strpbrk(options->url, "?#"))
        return ml_fail(MLEDGER_EUSAGE, "'%s' has a query or a fragment: name the server alone",
                       options->url);
    struct ml_upstream *upstream = ml_calloc(1, sizeof *upstream);
    if (!upstream)
        return ml_fail_memory();
    const int error_number = pthread_mutex_init(&upstream->mutex, NULL);
    if (error_number != 0) {
        free(upstream);
        return ml_fail_errno(error_number, "cannot make a mutex");
    }
    const int result = copy_options(upstream, options);
    if (result < 0)
        ml_upstream_free(upstream);
    else
        *ret_upstream = upstream;
    return result;
}

void ml_upstream_free(struct ml_upstream *upstream)
{
    if (!upstream)
        return;
    for (size_t i = 0; i < upstream->n_free; i++)
        ml_http_client_free(upstream->free[i]);
    pthread_mutex_destroy(&upstream->mutex);
    free(upstream->url);
    free(upstream->bearer);
    free(upstream->ca_file);
    free(upstream);
}

const char *ml_upstream_url(const struct ml_upstream *upstream)
{
    return upstream->url;
}

/* ---- connections ---- */

static int take_client(struct ml_upstream *upstream, struct ml_http_client **ret_client)
{
    *ret_client = NULL;
    pthread_mutex_lock(&upstream->mutex);
    if (upstream->n_free > 0)
        *ret_client = upstream->free[--upstream->n_free];
    pthread_mutex_unlock(&upstream->mutex);
    if (*ret_client)
        return MLEDGER_OK;
    const struct ml_http_options options = {.bearer = upstream->bearer,
                                            .ca_file = upstream->ca_file,
                                            .response_max = ML_UPSTREAM_ANSWER_MAX};
    return ml_http_client_new(&options, ret_client);
}

static void give_client(struct ml_upstream *upstream, struct ml_http_client *client)
{
    pthread_mutex_lock(&upstream->mutex);
    const bool is_kept = upstream->n_free < FREE_MAX;
    if (is_kept)
        upstream->free[upstream->n_free++] = client;
    pthread_mutex_unlock(&upstream->mutex);
    if (!is_kept)
        ml_http_client_free(client);
}

/* ---- the request ---- */

/* Where it goes and what it bears; texts are in `text`, ended by NUL each. */
struct passing {
    struct ml_buf url, text;
    size_t n_headers;
    size_t starts[HEADERS_MAX]; /* in `text` */
    const char *headers[HEADERS_MAX + 1];
};

static void passing_release(struct passing *passing)
{
    ml_buf_release(&passing->url);
    ml_buf_release(&passing->text);
}

static int add_argument(const char *name, const char *value, void *context)
{
    struct ml_buf *url = context;
    ML_TRY(ml_buf_append_char(url, memchr(url->data, '?', url->len) ? '&' : '?'));
    ML_TRY(ml_percent_encode(name, "", url));
    ML_TRY(ml_buf_append_char(url, '='));
    return ml_percent_encode(value, "", url);
}

static int make_url(const struct ml_upstream *upstream, const struct ml_server_request *request,
                    struct ml_buf *url)
{
    ML_TRY(ml_buf_append_text(url, upstream->url));
    ML_TRY(ml_percent_encode(request->path, "/", url));
    ML_TRY(ml_server_arguments(request, add_argument, url));
    return ml_buf_append_char(url, '\0');
}

static int add_header(struct passing *passing, const char *name, const char *value)
{
    assert(passing->n_headers < HEADERS_MAX);
    passing->starts[passing->n_headers++] = passing->text.len;
    /* Without a value libcurl sends none of its own either. */
    ML_TRY(ml_buf_printf(&passing->text, "%s:%s%s", name, value ? " " : "", value ? value : ""));
    return ml_buf_append_char(&passing->text, '\0');
}

static int make_headers(const struct ml_upstream *upstream, const struct ml_server_request *request,
                        struct passing *passing)
{
    static const char *const names[] = {"Accept", "User-Agent", "X-MLflow-Client-Version",
                                        "Authorization"};
    for (size_t i = 0; i < ML_COUNT(names); i++) {
        const bool is_credential = strcmp(names[i], "Authorization") == 0;
        const char *value = ml_server_header(request, names[i]);
        if (is_credential && (!value || upstream->bearer || request->caller->actor))
            continue;
        ML_TRY(add_header(passing, names[i], value));
    }
    for (size_t i = 0; i < passing->n_headers; i++)
        passing->headers[i] = (const char *)passing->text.data + passing->starts[i];
    return MLEDGER_OK;
}

int ml_upstream_send(struct ml_upstream *upstream, const struct ml_server_request *request,
                     const struct ml_upstream_bodies *bodies, struct ml_http_response *ret_response)
{
    ML_CLEANUP(passing_release) struct passing passing = {0};
    struct ml_http_client *client;
    ML_TRY(make_url(upstream, request, &passing.url));
    ML_TRY(make_headers(upstream, request, &passing));
    ML_TRY(take_client(upstream, &client));
    const struct ml_http_request sent = {
        .method = request->method,
        .url = (const char *)passing.url.data,
        .content_type = ml_server_header(request, "Content-Type"),
        .headers = passing.headers,
        .body = request->body,
        .file = bodies->file,
        .has_file = bodies->has_file,
        .file_size = bodies->file_size,
        .sink = bodies->sink,
        .sink_context = bodies->sink_context,
        .sink_max = bodies->sink_max,
    };
    const int result = ml_http_send(client, &sent, ret_response);
    give_client(upstream, client);
    return result;
}
