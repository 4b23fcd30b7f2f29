/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/server.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "serve/listen.h"
#include "serve/server_link.h"
#include "serve/sync.h"
#include "serve/tls.h"

enum { THREADS = 4 };

struct ml_server {
    struct ml_server_options options;
    char address[ML_LISTEN_TEXT_SIZE];
    int listener; /* ours to close: libmicrohttpd gives it back when it takes no more */
    struct ml_server_links links;
    bool has_links;
    struct MHD_Daemon *daemon;
    pthread_mutex_t mutex; /* guards in_progress */
    pthread_cond_t drained;
    size_t in_progress; /* requests between their first byte of body and the end of their reply */
};

/* A request that is arriving. */
struct arrival {
    struct ml_server_link *link;
    struct timespec begun; /* CLOCK_MONOTONIC */
    char *method, *path;   /* with options.ended */
    struct ml_server_account account;
    struct ml_buf body;
    bool too_large;
    struct ml_server_intake *intake;
    struct ml_caller caller;
};

static void count(struct ml_server *server, int change)
{
    pthread_mutex_lock(&server->mutex);
    server->in_progress += (size_t)change;
    if (server->in_progress == 0)
        pthread_cond_broadcast(&server->drained);
    pthread_mutex_unlock(&server->mutex);
}

static void free_arrival(struct arrival *arrival)
{
    if (arrival->intake)
        arrival->intake->release(arrival->intake);
    ml_buf_release(&arrival->body);
    ml_caller_release(&arrival->caller);
    free(arrival->method);
    free(arrival->path);
    free(arrival);
}

static struct arrival *arrive(struct ml_server *server, struct MHD_Connection *connection)
{
    struct ml_server_link *link = ml_server_link_of(connection);
    if (!link)
        return NULL;
    struct arrival *arrival = ml_calloc(1, sizeof *arrival);
    if (!arrival)
        return NULL;
    arrival->link = link;
    clock_gettime(CLOCK_MONOTONIC, &arrival->begun);
    ml_pace_serve(&link->pace);
    count(server, 1);
    return arrival;
}

/* Tells who keeps the accounts. */
static void tell_ended(const struct ml_server *server, struct MHD_Connection *connection,
                       struct arrival *arrival)
{
    const struct ml_server_request request = {.method = arrival->method,
                                              .path = arrival->path,
                                              .caller = &arrival->caller,
                                              .connection = connection};
    struct timespec now;
    if (!arrival->method || !arrival->path)
        return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    arrival->account.duration_us = (int64_t)(now.tv_sec - arrival->begun.tv_sec) * 1000000 +
                                   (now.tv_nsec - arrival->begun.tv_nsec) / 1000;
    server->options.ended(&request, &arrival->account, server->options.context);
}

static void end(void *context, struct MHD_Connection *connection, void **slot,
                enum MHD_RequestTerminationCode code)
{
    const struct ml_server *server = context;
    struct arrival *arrival = *slot;
    if (!arrival)
        return;
    arrival->account.is_whole = code == MHD_REQUEST_TERMINATED_COMPLETED_OK;
    if (server->options.ended)
        tell_ended(server, connection, arrival);
    if (server->options.leave)
        server->options.leave(server->options.context, &arrival->caller);
    ml_pace_head(&arrival->link->pace, ml_server_now_ms());
    free_arrival(arrival);
    *slot = NULL;
    count(context, -1);
}

/* Takes a piece of the body. What is too much is read and dropped, so that the client hears why. */
static enum MHD_Result take(const struct ml_server *server, struct arrival *arrival,
                            const char *data, size_t *len)
{
    struct ml_server_intake *intake = arrival->intake;
    arrival->account.bytes_in += *len;
    ml_pace_piece(&arrival->link->pace, *len);
    if (intake) {
        if (!intake->is_broken && intake->take(intake, ML_SPAN(data, *len)) < 0)
            intake->is_broken = true;
        *len = 0;
        return MHD_YES;
    }
    if (*len > server->options.body_max - arrival->body.len)
        arrival->too_large = true;
    if (!arrival->too_large && ml_buf_append(&arrival->body, data, *len) < 0)
        return MHD_NO;
    *len = 0;
    return MHD_YES;
}

/* Takes the reply's body, or its file, over. NULL: memory is out. */
static struct MHD_Response *make_response(struct ml_server_reply *reply)
{
    struct MHD_Response *response;
    if (reply->has_file)
        response = MHD_create_response_from_fd64(reply->file_size, reply->file);
    else
        response = MHD_create_response_from_buffer(reply->body.len, reply->body.data,
                                                   MHD_RESPMEM_MUST_FREE);
    if (response)
        reply->body = (struct ml_buf){0};
    else if (reply->has_file)
        close(reply->file);
    ml_buf_release(&reply->body);
    return response;
}

/* Where others wait for a connection none is kept. */
static enum MHD_Result end_connection(struct MHD_Response *response, struct ml_server_link *link)
{
    if (!link->pace.is_surplus && !ml_pace_is_crowded(link->pace.pace))
        return MHD_YES;
    return MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
}

static enum MHD_Result add_headers(struct MHD_Response *response,
                                   const struct ml_server_reply *reply)
{
    if (reply->content_type && MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
                                                       reply->content_type) != MHD_YES)
        return MHD_NO;
    for (size_t i = 0; i < reply->n_headers; i++)
        if (MHD_add_response_header(response, reply->headers[i].name, reply->headers[i].value) !=
            MHD_YES)
            return MHD_NO;
    return MHD_YES;
}

static enum MHD_Result send_reply(struct MHD_Connection *connection, struct arrival *arrival,
                                  struct ml_server_reply *reply)
{
    struct ml_server_account *account = &arrival->account;
    account->status = reply->status;
    account->route = reply->route;
    account->n_recorded = reply->n_recorded;
    account->seq = reply->seq;
    account->bytes_out = reply->has_file ? reply->file_size : reply->body.len;
    struct MHD_Response *response = make_response(reply);
    if (!response)
        return MHD_NO;
    ml_pace_reply(&arrival->link->pace, account->bytes_out, ml_server_now_ms());
    enum MHD_Result result = add_headers(response, reply);
    if (result == MHD_YES)
        result = end_connection(response, arrival->link);
    if (result == MHD_YES)
        result = MHD_queue_response(connection, (unsigned)reply->status, response);
    MHD_destroy_response(response);
    return result;
}

/* What the server itself has to say. */
static void say(const struct ml_server_options *options, const struct ml_server_request *request,
                struct ml_server_reply *reply, int status, const char *text)
{
    ml_buf_release(&reply->body);
    *reply = (struct ml_server_reply){.status = status};
    if (options->speak && options->speak(request, status, text, reply) >= 0)
        return;
    ml_buf_clear(&reply->body);
    reply->content_type = "text/plain";
    if (ml_buf_printf(&reply->body, "%s\n", text) < 0)
        reply->content_type = NULL; /* without a word, then */
}

/* What a callback's failure is answered with. */
static void fail(const struct ml_server *server, const struct ml_server_request *request,
                 struct ml_server_reply *reply)
{
    if (server->options.failed)
        server->options.failed(server->options.context);
    say(&server->options, request, reply, MHD_HTTP_INTERNAL_SERVER_ERROR,
        "the server could not do this; its log says why");
}

/* Who asks, and where does the body go? */
static int ask(const struct ml_server_options *options, const struct ml_server_request *request,
               struct arrival *arrival, struct ml_server_reply *reply)
{
    if (arrival->link->pace.is_surplus) {
        say(options, request, reply, MHD_HTTP_SERVICE_UNAVAILABLE,
            "the server has too many connections");
        ml_server_reply_header(reply, MHD_HTTP_HEADER_RETRY_AFTER, "%d", ML_SERVER_RETRY_S);
        return 1;
    }
    if (options->admit) {
        const int result = options->admit(request, options->context, &arrival->caller, reply);
        if (result != 0)
            return result;
    }
    return options->begin ? options->begin(request, options->context, &arrival->intake, reply) : 0;
}

/* The head is there. */
static enum MHD_Result begin(struct ml_server *server, struct ml_server_request *request,
                             void **slot)
{
    struct arrival *arrival = arrive(server, request->connection);
    if (!arrival)
        return MHD_NO;
    *slot = arrival;
    if (server->options.ended) { /* both end with the reply, and the account is made after it */
        arrival->method = strdup(request->method);
        arrival->path = strdup(request->path);
    }
    request->caller = &arrival->caller;
    struct ml_server_reply reply = {0};
    const int result = ask(&server->options, request, arrival, &reply);
    if (result == 0) {
        ml_pace_body(&arrival->link->pace, ml_server_now_ms());
        return MHD_YES;
    }
    if (result < 0)
        fail(server, request, &reply);
    return send_reply(request->connection, arrival, &reply);
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *data, size_t *len, void **slot)
{
    struct ml_server *server = context;
    struct arrival *arrival = *slot;
    struct ml_server_request request = {.method = method, .path = path, .connection = connection};
    (void)version;
    if (!arrival)
        return begin(server, &request, slot);
    if (*len > 0)
        return take(server, arrival, data, len);
    request.body = ml_buf_span(&arrival->body);
    request.intake = arrival->intake;
    request.caller = &arrival->caller;
    struct ml_server_reply reply = {0};
    ml_pace_serve(&arrival->link->pace);
    if (arrival->too_large)
        say(&server->options, &request, &reply, MHD_HTTP_CONTENT_TOO_LARGE,
            "the body is larger than this server takes");
    else if (server->options.handle(&request, server->options.context, &reply) < 0)
        fail(server, &request, &reply);
    return send_reply(connection, arrival, &reply);
}

/* ---- starting and stopping ---- */

/* Never asked: each session gets its certificate when it begins (ml_tls_begin). */
static int no_certificate(void)
{
    return -1;
}

/* poll() for the few, too: with epoll MHD_quiesce_daemon() of 0.9.75 aborts the process where one
 * of several threads has taken the listener off its list before it does. */
static int start_daemon(struct ml_server *server)
{
    const bool thread_each = server->options.thread_each;
    const unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_ITC | MHD_USE_POLL |
                           (thread_each ? MHD_USE_THREAD_PER_CONNECTION : 0) |
                           (server->options.tls ? MHD_USE_TLS : 0);
    const struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_PRIORITIES, 0, ml_tls_priorities},
        {MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)(uintptr_t)no_certificate},
        {MHD_OPTION_END, 0, NULL},
    };
    const struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
    server->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, server, MHD_OPTION_LISTEN_SOCKET, server->listener,
        MHD_OPTION_THREAD_POOL_SIZE, thread_each ? 0U : (unsigned)THREADS,
        MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)(server->links.pace.rules.connections_max + ML_SERVER_SURPLUS_MAX),
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)ML_SERVER_IDLE_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)ML_SERVER_HEAD_MAX, MHD_OPTION_NOTIFY_COMPLETED,
        end, server, MHD_OPTION_NOTIFY_CONNECTION, ml_server_links_notify, &server->links,
        MHD_OPTION_ARRAY, server->options.tls ? tls : none, MHD_OPTION_END);
    if (!server->daemon)
        return ml_fail(MLEDGER_ESYSTEM, "cannot serve on %s", server->address);
    return MLEDGER_OK;
}

int ml_server_start(const struct ml_server_options *options, struct ml_server **ret_server)
{
    ML_CLEANUP(ml_freep) struct ml_server *memory = ml_calloc(1, sizeof *memory);
    if (!memory)
        return ml_fail_memory();
    memory->options = *options;
    memory->listener = -1;
    ML_TRY(ml_sync_init(&memory->mutex, &memory->drained));
    ML_CLEANUP(ml_server_stopp) struct ml_server *server = ML_TAKE(memory);
    ML_TRY(
        ml_listen(options->address, options->loopback_because, &server->listener, server->address));
    server->options.address = server->address;
    ML_TRY(ml_server_links_begin(&server->links, options));
    server->has_links = true;
    ML_TRY(start_daemon(server));
    *ret_server = ML_TAKE(server);
    return MLEDGER_OK;
}

const char *ml_server_address(const struct ml_server *server)
{
    return server->address;
}

bool ml_server_is_tls(const struct ml_server *server)
{
    return server->options.tls != NULL;
}

void ml_server_load(struct ml_server *server, struct ml_server_load *ret_load)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
    pthread_mutex_lock(&server->mutex);
    *ret_load =
        (struct ml_server_load){.connections = info ? info->num_connections : 0,
                                .requests = server->in_progress,
                                .connections_max = server->links.pace.rules.connections_max};
    pthread_mutex_unlock(&server->mutex);
}

static void drain(struct ml_server *server)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ML_SERVER_DRAIN_S;
    pthread_mutex_lock(&server->mutex);
    while (server->in_progress > 0 &&
           pthread_cond_timedwait(&server->drained, &server->mutex, &until) == 0)
        continue;
    pthread_mutex_unlock(&server->mutex);
}

void ml_server_stop(struct ml_server *server)
{
    if (!server)
        return;
    if (server->daemon) {
        MHD_quiesce_daemon(server->daemon);
        drain(server);
        MHD_stop_daemon(server->daemon);
    }
    if (server->has_links)
        ml_server_links_end(&server->links);
    ml_closep(&server->listener);
    ml_sync_release(&server->mutex, &server->drained);
    free(server);
}
