/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An endpoint that takes OpenLineage events and what webhooks tell, for tests of the command.
 *
 *     event_server FILE [WORD [STATUS]]
 *     event_server FILE WORD CERTIFICATE.pem KEY.pem
 *
 * Listens on 127.0.0.1 on a port that the kernel picks, prints its URL, and appends each body that
 * is posted to FILE, with a line feed, after a line "TYPE TOKEN" of its content type and its
 * authorization. A body with WORD in it is answered STATUS (422) and not kept ("": all are); STATUS
 * 0 gives no answer but cuts the connection. With a certificate it speaks TLS.
 *
 * What is posted to /api/v1/lineage is held to Marquez's rules (OpenLineageResource, LineageEvent):
 * application/json, 201 without a body; 405, 415 for other requests, 400 for what is no JSON, 422
 * for an event without what it needs: a producer, a time with a zone, and a run with its id and a
 * job with namespace and name, or a dataset with these; each input and output too; and _producer
 * and _schemaURL in every facet. What was taken before is taken again. Elsewhere below /api/ there
 * is nothing; all else takes anything, as the endpoint of a webhook.
 */
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "ledger/core/json.h"
#include "serve/server.h"
#include "serve/tls.h"

enum { REQUEST_MAX = 1 << 20 };

struct sink {
    FILE *file;
    const char *word; /* NULL: all is taken */
    int status;       /* of what has the word in it; 0: none */
};

static bool is_refused(const struct sink *sink, struct ml_span body)
{
    return sink->word && *sink->word && memmem(body.data, body.len, sink->word, strlen(sink->word));
}

/* ---- what is wrong with an event; NULL: nothing ---- */

static const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text && *text ? text : NULL;
}

static const char *check_facets(const json_t *facets)
{
    const char *key;
    json_t *facet, *all = (json_t *)(uintptr_t)facets;
    json_object_foreach(all, key, facet)
    {
        if (!text_at(facet, "_producer") || !text_at(facet, "_schemaURL"))
            return "a facet must not be without _producer and _schemaURL";
    }
    return NULL;
}

static const char *check_named(const json_t *thing)
{
    if (!text_at(thing, "namespace") || !text_at(thing, "name"))
        return "namespace and name must not be null";
    return check_facets(json_object_get(thing, "facets"));
}

static const char *check_all(const json_t *things)
{
    size_t i;
    json_t *thing;
    const char *wrong = NULL;
    json_array_foreach(things, i, thing) wrong = wrong ? wrong : check_named(thing);
    return wrong;
}

static bool is_time(const char *time)
{
    const size_t len = time ? strlen(time) : 0;
    return len >= sizeof "2026-01-01T00:00:00Z" - 1 && time[10] == 'T' &&
           (time[len - 1] == 'Z' || time[len - 6] == '+' || time[len - 6] == '-');
}

static const char *check_run(const json_t *event)
{
    const json_t *run = json_object_get(event, "run");
    const char *id = text_at(run, "runId");
    if (!id || strlen(id) != 36)
        return "run.runId must be a UUID";
    if (!text_at(event, "eventType"))
        return "eventType must not be null";
    const char *wrong = check_facets(json_object_get(run, "facets"));
    wrong = wrong ? wrong : check_named(json_object_get(event, "job"));
    wrong = wrong ? wrong : check_all(json_object_get(event, "inputs"));
    return wrong ? wrong : check_all(json_object_get(event, "outputs"));
}

static const char *check_event(const json_t *event)
{
    if (!is_time(text_at(event, "eventTime")))
        return "eventTime must be a time with a zone";
    if (!text_at(event, "producer") || !text_at(event, "schemaURL"))
        return "producer and schemaURL must not be null";
    if (json_object_get(event, "dataset"))
        return check_named(json_object_get(event, "dataset"));
    return check_run(event);
}

/* ---- requests ---- */

static bool is_lineage(const struct ml_server_request *request)
{
    return strcmp(request->path, "/api/v1/lineage") == 0;
}

static int check_request(const struct ml_server_request *request)
{
    const char *type = ml_server_header(request, "Content-Type");
    if (!is_lineage(request) && strncmp(request->path, "/api/", 5) == 0)
        return 404;
    if (strcmp(request->method, "POST") != 0)
        return 405;
    if (is_lineage(request) && (!type || strcmp(type, "application/json") != 0))
        return 415;
    return 0;
}

static int check_body(struct ml_span body, const char **ret_wrong)
{
    json_t *event;
    if (ml_json_parse((const char *)body.data, body.len, &event) < 0)
        return 400;
    *ret_wrong = check_event(event);
    json_decref(event);
    return *ret_wrong ? 422 : 201;
}

static void hang_up(const struct ml_server_request *request)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    shutdown(info->connect_fd, SHUT_RDWR);
}

static int take(const struct ml_server_request *request, void *context,
                struct ml_server_reply *reply)
{
    struct sink *sink = context;
    const char *token = ml_server_header(request, "Authorization"), *wrong = NULL;
    const char *type = ml_server_header(request, "Content-Type");
    reply->status = check_request(request);
    if (reply->status)
        return 0;
    if (is_refused(sink, request->body)) {
        if (sink->status == 0)
            hang_up(request);
        reply->status = sink->status;
        return ml_buf_append_text(&reply->body, "no such\nword");
    }
    reply->status = is_lineage(request) ? check_body(request->body, &wrong) : 201;
    if (reply->status != 201)
        return ml_buf_printf(&reply->body, "{\"errors\":[\"%s\"]}", wrong ? wrong : "no JSON");
    fprintf(sink->file, "%s %s\n%.*s\n", type ? type : "-", token ? token : "-",
            (int)request->body.len, (const char *)request->body.data);
    return fflush(sink->file) == 0 ? 0 : -1;
}

int main(int argc, char **argv)
{
    sigset_t signals;
    int number;
    struct ml_server *server = NULL;
    struct sink sink = {.word = argc > 2 ? argv[2] : NULL,
                        .status = argc == 4 ? (int)strtol(argv[3], NULL, 10) : 422};
    if (argc < 2 || !(sink.file = fopen(argv[1], "w")))
        return 2;
    struct ml_server_options options = {
        .address = "127.0.0.1:0", .body_max = REQUEST_MAX, .handle = take, .context = &sink};
    const struct ml_tls_options tls = {.certificate = argc > 4 ? argv[3] : NULL,
                                       .key = argc > 4 ? argv[4] : NULL};
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    if ((tls.certificate && ml_tls_new(&tls, &options.tls) < 0) ||
        ml_server_start(&options, &server) < 0) {
        fprintf(stderr, "event_server: %s\n", mledger_error_text());
        return 1;
    }
    printf("%s://%s/\n", options.tls ? "https" : "http", ml_server_address(server));
    fflush(stdout);
    sigwait(&signals, &number);
    ml_server_stop(server);
    ml_tls_free(options.tls);
    return fclose(sink.file) == 0 ? 0 : 1;
}
