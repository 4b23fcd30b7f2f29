/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An endpoint that takes OpenLineage events, for tests of the command.
 *
 *     event_server FILE [WORD [CERTIFICATE.pem KEY.pem]]
 *
 * Listens on 127.0.0.1 on a port that the kernel picks, prints its URL, and appends each body that
 * is posted to FILE, with a line feed, after a line "TYPE TOKEN" of its content type and its
 * authorization. A body with WORD in it is answered 422 and not kept ("": all are). With
 * a certificate it speaks TLS.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "serve/server.h"
#include "serve/tls.h"

enum { REQUEST_MAX = 1 << 20 };

struct sink {
    FILE *file;
    const char *word; /* NULL: all is taken */
};

static bool is_refused(const struct sink *sink, struct ml_span body)
{
    return sink->word && *sink->word && memmem(body.data, body.len, sink->word, strlen(sink->word));
}

static int take(const struct ml_server_request *request, void *context,
                struct ml_server_reply *reply)
{
    struct sink *sink = context;
    const char *type = ml_server_header(request, "Content-Type");
    const char *token = ml_server_header(request, "Authorization");
    reply->status = 201;
    if (strcmp(request->method, "POST") != 0)
        reply->status = 405;
    if (is_refused(sink, request->body)) {
        reply->status = 422;
        return ml_buf_append_text(&reply->body, "no such\nword");
    }
    fprintf(sink->file, "%s %s\n%.*s\n", type ? type : "-", token ? token : "-",
            (int)request->body.len, (const char *)request->body.data);
    return fflush(sink->file) == 0 ? 0 : -1;
}

int main(int argc, char **argv)
{
    sigset_t signals;
    int number;
    struct ml_server *server = NULL;
    struct sink sink = {.word = argc > 2 ? argv[2] : NULL};
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
