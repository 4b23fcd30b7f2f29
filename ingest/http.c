/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

struct ml_http_client {
    CURL *curl;
    struct curl_slist *headers;
    size_t response_max;
    uint32_t timeout_ms;
    const atomic_bool *cancel;
    unsigned networks;
    bool cut_answer;
    bool was_kept_in; /* an address that a connection would have led to is of another network */
    char error[CURL_ERROR_SIZE];
};

/* Where an answer is gathered. */
struct gathering {
    struct ml_http_client *client;
    struct ml_buf *body;
    size_t max; /* of the body */
    /* For a download: where the body of an answer of status 200 goes. */
    ml_http_sink *sink;
    void *sink_context;
    uint64_t sink_max, sink_left; /* bytes that it takes, and that it may still take */
    bool too_large, no_memory, was_cut;
    int sink_result; /* negative: the error is that of the sink */
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode ready;

/* Never undone: other threads, and libraries that use libcurl too, may still be at work. */
static void set_up(void)
{
    ready = curl_global_init(CURL_GLOBAL_DEFAULT);
}

int ml_http_ready(void)
{
    pthread_once(&once, set_up);
    if (ready != CURLE_OK)
        return ml_fail(MLEDGER_ESYSTEM, "libcurl cannot be used: %s", curl_easy_strerror(ready));
    return MLEDGER_OK;
}

/* libcurl would send what follows a line break as a header of its own. */
static int check_line(const char *text, const char *what)
{
    if (text && strpbrk(text, "\r\n"))
        return ml_fail(MLEDGER_EUSAGE, "%s for a request has a line break in it", what);
    return MLEDGER_OK;
}

static int add_header(struct ml_http_client *client, const char *line)
{
    struct curl_slist *longer = curl_slist_append(client->headers, line);
    if (!longer)
        return ml_fail_memory();
    client->headers = longer;
    return MLEDGER_OK;
}

/* libcurl's options are variadic; a failure of any means that it was built without, or memory. */
#define SET(client, option, value)                                                                 \
    do {                                                                                           \
        CURLcode code_ = curl_easy_setopt((client)->curl, option, value);                          \
        if (code_ != CURLE_OK)                                                                     \
            return ml_fail(MLEDGER_ESYSTEM, "libcurl cannot be used: %s",                          \
                           curl_easy_strerror(code_));                                             \
    } while (0)

/* Before each connection. It is the address itself that is judged, not what a name led to once. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct ml_http_client *client = context;
    (void)purpose;
    if (!(client->networks & ML_ADDRESS_BIT(ml_address_kind(&address->addr)))) {
        client->was_kept_in = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static int set_networks(struct ml_http_client *client, const struct ml_http_options *options)
{
    assert(!options->networks || !options->environment_proxy);
    client->networks = options->networks;
    if (!options->networks)
        return MLEDGER_OK;
    SET(client, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET(client, CURLOPT_OPENSOCKETDATA, client);
    return MLEDGER_OK;
}

/* libcurl asks about once a second, and whenever something moves. */
static int on_progress(void *context, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                       curl_off_t up)
{
    const struct ml_http_client *client = context;
    (void)down_total, (void)down, (void)up_total, (void)up;
    return atomic_load(client->cancel);
}

static int set_cancel(struct ml_http_client *client, const struct ml_http_options *options)
{
    client->cancel = options->cancel;
    if (!options->cancel)
        return MLEDGER_OK;
    SET(client, CURLOPT_NOPROGRESS, 0L);
    SET(client, CURLOPT_XFERINFOFUNCTION, on_progress);
    SET(client, CURLOPT_XFERINFODATA, client);
    return MLEDGER_OK;
}

static int set_bounds(struct ml_http_client *client, const struct ml_http_options *options)
{
    SET(client, CURLOPT_PROTOCOLS_STR, "http,https");
    SET(client, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    SET(client, CURLOPT_FOLLOWLOCATION, options->redirects > 0 ? 1L : 0L);
    SET(client, CURLOPT_MAXREDIRS, (long)options->redirects);
    SET(client, CURLOPT_NOSIGNAL, 1L); /* or a time-out would be SIGALRM, in any thread */
    SET(client, CURLOPT_SSL_VERIFYPEER, 1L);
    SET(client, CURLOPT_SSL_VERIFYHOST, 2L);
    if (options->ca_file)
        SET(client, CURLOPT_CAINFO, options->ca_file);
    if (!options->environment_proxy)
        SET(client, CURLOPT_PROXY, "");
    return MLEDGER_OK;
}

/* A key that is sealed is none: nobody is asked for a passphrase. */
static int set_certificate(struct ml_http_client *client, const struct ml_http_options *options)
{
    if (!options->certificate)
        return MLEDGER_OK;
    SET(client, CURLOPT_SSLCERT, options->certificate);
    SET(client, CURLOPT_SSLKEY,
        options->certificate_key ? options->certificate_key : options->certificate);
    SET(client, CURLOPT_KEYPASSWD, "");
    return MLEDGER_OK;
}

static int set_credentials(struct ml_http_client *client, const struct ml_http_options *options)
{
    ML_TRY(check_line(options->bearer, "a token"));
    ML_TRY(check_line(options->user, "a user"));
    ML_TRY(check_line(options->password, "a password"));
    if (options->bearer) {
        SET(client, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
        SET(client, CURLOPT_XOAUTH2_BEARER, options->bearer);
    } else if (options->user) {
        SET(client, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        SET(client, CURLOPT_USERNAME, options->user);
        SET(client, CURLOPT_PASSWORD, options->password ? options->password : "");
    }
    return MLEDGER_OK;
}

static int set_headers(struct ml_http_client *client, const struct ml_http_options *options)
{
    ML_TRY(add_header(client, "Expect:")); /* no waiting for "100 Continue" */
    for (const char *const *line = options->headers; line && *line; line++) {
        ML_TRY(check_line(*line, "a header"));
        ML_TRY(add_header(client, *line));
    }
    SET(client, CURLOPT_USERAGENT, "mledger");
    SET(client, CURLOPT_ERRORBUFFER, client->error);
    return MLEDGER_OK;
}

int ml_http_client_new(const struct ml_http_options *options, struct ml_http_client **ret_client)
{
    ML_TRY(ml_http_ready());
    ML_CLEANUP(ml_http_client_freep) struct ml_http_client *client = ml_calloc(1, sizeof *client);
    if (!client)
        return ml_fail_memory();
    client->curl = curl_easy_init();
    if (!client->curl)
        return ml_fail_memory();
    client->response_max = options->response_max ? options->response_max : ML_HTTP_RESPONSE_MAX;
    client->timeout_ms = options->timeout_ms ? options->timeout_ms : ML_HTTP_TIMEOUT_MS;
    client->cut_answer = options->cut_answer;
    ML_TRY(set_bounds(client, options));
    ML_TRY(set_certificate(client, options));
    ML_TRY(set_networks(client, options));
    ML_TRY(set_cancel(client, options));
    ML_TRY(set_credentials(client, options));
    ML_TRY(set_headers(client, options));
    *ret_client = ML_TAKE(client);
    return MLEDGER_OK;
}

void ml_http_client_free(struct ml_http_client *client)
{
    if (!client)
        return;
    curl_easy_cleanup(client->curl);
    curl_slist_free_all(client->headers);
    free(client);
}

void ml_http_response_release(struct ml_http_response *response)
{
    ml_buf_release(&response->body);
    *response = (struct ml_http_response){0};
}

static long status_of(const struct ml_http_client *client)
{
    long status = 0;
    curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static size_t hand_on(struct gathering *gathering, const char *data, size_t len)
{
    if (len > gathering->sink_left) {
        gathering->too_large = true;
        gathering->max = (size_t)gathering->sink_max;
        return CURL_WRITEFUNC_ERROR;
    }
    gathering->sink_left -= len;
    gathering->sink_result = gathering->sink(gathering->sink_context, ML_SPAN(data, len));
    return gathering->sink_result < 0 ? CURL_WRITEFUNC_ERROR : len;
}

static size_t gather(char *data, size_t size, size_t count, void *context)
{
    struct gathering *gathering = context;
    size_t len = size * count; /* size is 1 */
    if (gathering->sink && status_of(gathering->client) == 200)
        return hand_on(gathering, data, len);
    const size_t room = gathering->max - gathering->body->len;
    const bool is_more = len > room;
    if (is_more && !gathering->client->cut_answer) {
        gathering->too_large = true;
        return CURL_WRITEFUNC_ERROR;
    }
    if (ml_buf_append(gathering->body, data, is_more ? room : len) < 0) {
        gathering->no_memory = true;
        return CURL_WRITEFUNC_ERROR;
    }
    gathering->was_cut = is_more;
    return is_more ? CURL_WRITEFUNC_ERROR : len;
}

static int explain_connect(struct ml_http_client *client, const char *url)
{
    long error_number = 0;
    curl_easy_getinfo(client->curl, CURLINFO_OS_ERRNO, &error_number);
    if (error_number != 0)
        return ml_fail_errno((int)error_number, "cannot reach %s", url);
    return ml_fail(MLEDGER_ESYSTEM, "cannot reach %s: %s", url, client->error);
}

static int explain(struct ml_http_client *client, const char *url, CURLcode code,
                   const struct gathering *gathering)
{
    const char *detail = client->error[0] ? client->error : curl_easy_strerror(code);
    if (gathering->sink_result < 0)
        return ml_failed();
    if (gathering->no_memory || code == CURLE_OUT_OF_MEMORY)
        return ml_fail_memory();
    if (gathering->too_large || code == CURLE_FILESIZE_EXCEEDED)
        return ml_fail(MLEDGER_ESYSTEM, "the answer of %s is larger than %zu bytes", url,
                       gathering->max);
    if (client->was_kept_in)
        return ml_fail(MLEDGER_EUSAGE, "%s is in a network that this must not reach into", url);
    switch (code) {
    case CURLE_COULDNT_CONNECT:
        return explain_connect(client, url);
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return ml_fail(MLEDGER_ESYSTEM, "cannot reach %s: %s", url, detail);
    case CURLE_OPERATION_TIMEDOUT:
        return ml_fail(MLEDGER_ESYSTEM, "%s has not answered within %u ms", url,
                       (unsigned)client->timeout_ms);
    case CURLE_ABORTED_BY_CALLBACK:
        return ml_fail(MLEDGER_ESYSTEM, "the request to %s was given up", url);
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
        return ml_fail(MLEDGER_ESYSTEM, "the answer of %s was cut off: %s", url, detail);
    case CURLE_PEER_FAILED_VERIFICATION:
        return ml_fail(MLEDGER_ESYSTEM, "the certificate of %s is not trusted: %s", url, detail);
    default:
        return ml_fail(MLEDGER_ESYSTEM, "the request to %s failed: %s", url, detail);
    }
}

static void take_head(struct ml_http_client *client, struct ml_http_response *response)
{
    char *type = NULL;
    curl_easy_getinfo(client->curl, CURLINFO_CONTENT_TYPE, &type);
    curl_off_t retry_after = 0;
    curl_easy_getinfo(client->curl, CURLINFO_RETRY_AFTER, &retry_after);
    response->retry_after_s = retry_after;
    response->status = (int)status_of(client);
    snprintf(response->content_type, sizeof response->content_type, "%s", type ? type : "");
}

static int gather_from(struct ml_http_client *client, const char *url, struct curl_slist *headers,
                       struct gathering *gathering, struct ml_http_response *ret_response)
{
    SET(client, CURLOPT_URL, url);
    SET(client, CURLOPT_HTTPHEADER, headers);
    SET(client, CURLOPT_WRITEFUNCTION, gather);
    SET(client, CURLOPT_WRITEDATA, gathering);
    client->error[0] = '\0';
    client->was_kept_in = false;
    CURLcode code = curl_easy_perform(client->curl);
    if (code != CURLE_OK && !gathering->was_cut)
        return explain(client, url, code, gathering);
    take_head(client, ret_response);
    return MLEDGER_OK;
}

static int perform(struct ml_http_client *client, const char *url, struct curl_slist *headers,
                   struct ml_http_response *ret_response)
{
    struct gathering gathering = {
        .client = client, .body = &ret_response->body, .max = client->response_max};
    SET(client, CURLOPT_MAXFILESIZE_LARGE,
        client->cut_answer ? (curl_off_t)0 : (curl_off_t)client->response_max);
    SET(client, CURLOPT_TIMEOUT_MS, (long)client->timeout_ms);
    SET(client, CURLOPT_LOW_SPEED_LIMIT, 0L);
    return gather_from(client, url, headers, &gathering, ret_response);
}

/* A time for each pause instead of one for the whole. */
static int set_patience(struct ml_http_client *client)
{
    const long seconds = client->timeout_ms < 1000 ? 1 : (long)(client->timeout_ms / 1000);
    SET(client, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)0);
    SET(client, CURLOPT_TIMEOUT_MS, 0L);
    SET(client, CURLOPT_LOW_SPEED_LIMIT, 1L);
    SET(client, CURLOPT_LOW_SPEED_TIME, seconds);
    return MLEDGER_OK;
}

static int download(struct ml_http_client *client, const char *url, struct gathering *gathering,
                    struct ml_http_response *ret_response)
{
    SET(client, CURLOPT_HTTPGET, 1L);
    ML_TRY(set_patience(client));
    return gather_from(client, url, client->headers, gathering, ret_response);
}

static int finish(int result, struct ml_http_response *response)
{
    if (result < 0)
        ml_http_response_release(response);
    return result;
}

int ml_http_get(struct ml_http_client *client, const char *url,
                struct ml_http_response *ret_response)
{
    ML_TRY(ml_http_url_check(url));
    SET(client, CURLOPT_HTTPGET, 1L);
    return finish(perform(client, url, client->headers, ret_response), ret_response);
}

int ml_http_download(struct ml_http_client *client, const char *url, uint64_t max,
                     ml_http_sink *sink, void *context, struct ml_http_response *ret_response)
{
    struct gathering gathering = {.client = client,
                                  .body = &ret_response->body,
                                  .max = client->response_max,
                                  .sink = sink,
                                  .sink_context = context,
                                  .sink_max = max,
                                  .sink_left = max};
    ML_TRY(ml_http_url_check(url));
    return finish(download(client, url, &gathering, ret_response), ret_response);
}

/* ---- any request ---- */

/* The request's headers before the client's, in nodes of the caller's: nothing to take apart again.
 */
static int chain_headers(struct ml_http_client *client, const struct ml_http_request *request,
                         const char *type_line, struct curl_slist *nodes)
{
    size_t count = 0;
    nodes[count++].data = (char *)(uintptr_t)type_line;
    for (const char *const *line = request->headers; line && *line; line++) {
        ML_TRY(check_line(*line, "a header"));
        assert(count <= ML_HTTP_HEADERS_MAX);
        nodes[count++].data = (char *)(uintptr_t)*line;
    }
    for (size_t i = 0; i + 1 < count; i++)
        nodes[i].next = &nodes[i + 1];
    nodes[count - 1].next = client->headers;
    return MLEDGER_OK;
}

/* What is left of a file that is sent. */
struct reading {
    int file;
    off_t at;
};

static size_t read_file(char *data, size_t size, size_t count, void *context)
{
    struct reading *reading = context;
    ssize_t len;
    do
        len = pread(reading->file, data, size * count, reading->at);
    while (len < 0 && errno == EINTR);
    if (len < 0)
        return CURL_READFUNC_ABORT;
    reading->at += len;
    return (size_t)len;
}

static int set_file(struct ml_http_client *client, uint64_t size, struct reading *reading)
{
    SET(client, CURLOPT_UPLOAD, 1L);
    SET(client, CURLOPT_INFILESIZE_LARGE, (curl_off_t)size);
    SET(client, CURLOPT_READFUNCTION, read_file);
    SET(client, CURLOPT_READDATA, reading);
    return MLEDGER_OK;
}

static int set_body(struct ml_http_client *client, const char *method, struct ml_span body)
{
    const bool is_head = strcmp(method, "HEAD") == 0;
    if (body.len == 0 && (is_head || strcmp(method, "GET") == 0)) {
        SET(client, CURLOPT_HTTPGET, 1L);
        if (is_head)
            SET(client, CURLOPT_NOBODY, 1L);
        return MLEDGER_OK;
    }
    SET(client, CURLOPT_POST, 1L);
    SET(client, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len);
    SET(client, CURLOPT_POSTFIELDS, body.len > 0 ? (const char *)body.data : "");
    return MLEDGER_OK;
}

static int send_request(struct ml_http_client *client, const struct ml_http_request *request,
                        struct curl_slist *headers, struct ml_http_response *ret_response)
{
    const char *method = request->method ? request->method : "POST";
    struct reading reading = {.file = request->file};
    struct gathering gathering = {.client = client,
                                  .body = &ret_response->body,
                                  .max = client->response_max,
                                  .sink = request->sink,
                                  .sink_context = request->sink_context,
                                  .sink_max = request->sink_max,
                                  .sink_left = request->sink_max};
    ML_TRY(request->has_file ? set_file(client, request->file_size, &reading)
                             : set_body(client, method, request->body));
    SET(client, CURLOPT_CUSTOMREQUEST, method);
    if (!request->has_file && !request->sink)
        return perform(client, request->url, headers, ret_response);
    ML_TRY(set_patience(client));
    return gather_from(client, request->url, headers, &gathering, ret_response);
}

/* The other calls say nothing of these. */
static int set_back(struct ml_http_client *client)
{
    SET(client, CURLOPT_CUSTOMREQUEST, (char *)NULL);
    SET(client, CURLOPT_NOBODY, 0L);
    SET(client, CURLOPT_UPLOAD, 0L);
    SET(client, CURLOPT_HTTPHEADER, client->headers);
    return MLEDGER_OK;
}

int ml_http_send(struct ml_http_client *client, const struct ml_http_request *request,
                 struct ml_http_response *ret_response)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf line = {0};
    struct curl_slist nodes[ML_HTTP_HEADERS_MAX + 1];
    const char *type = request->content_type;
    ML_TRY(ml_http_url_check(request->url));
    ML_TRY(check_line(type, "a content type"));
    /* An empty value removes the header that libcurl would send. */
    ML_TRY(ml_buf_printf(&line, "Content-Type:%s%s", type ? " " : "", type ? type : ""));
    ML_TRY(ml_buf_append_char(&line, '\0'));
    ML_TRY(chain_headers(client, request, (const char *)line.data, nodes));
    int result = send_request(client, request, nodes, ret_response);
    if (result >= 0)
        result = set_back(client);
    else
        (void)!set_back(client);
    return finish(result, ret_response);
}

int ml_http_post(struct ml_http_client *client, const char *url, const char *content_type,
                 struct ml_span body, struct ml_http_response *ret_response)
{
    const struct ml_http_request post = {.url = url, .content_type = content_type, .body = body};
    return ml_http_send(client, &post, ret_response);
}
