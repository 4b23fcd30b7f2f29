/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server between a client of the ledger's API and a true server, that lies as it is told, for
 * tests of the command.
 *
 *     lying_server FILE
 *
 * Listens on 127.0.0.1 on a port that the kernel picks and prints its URL. FILE is read for each
 * request; its lines, of words with one space between, are
 *
 *     upstream URL            who is asked
 *     ask PATH OTHER          OTHER is asked in place of PATH
 *     answer PATH FROM TO     of an answer for a path that ends in PATH, the first FROM becomes TO
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "ingest/http.h"
#include "ingest/url.h"
#include "ledger/store/durable.h"
#include "serve/server.h"

enum { REQUEST_MAX = 4 << 20, RULES_MAX = 65536, RULES = 16, WORDS = 4 };

struct rule {
    char *words[WORDS];
};

struct rules {
    struct ml_buf text;
    struct rule list[RULES];
    size_t count;
};

static void rules_release(struct rules *rules)
{
    ml_buf_release(&rules->text);
}

static int read_rules(const char *path, struct rules *rules)
{
    char *line, *rest;
    ML_TRY(ml_durable_read(path, "rules", RULES_MAX, &rules->text));
    ML_TRY(ml_buf_append_char(&rules->text, '\0'));
    rest = (char *)rules->text.data;
    while ((line = strsep(&rest, "\n")) && rules->count < RULES) {
        struct rule *rule = &rules->list[rules->count];
        for (size_t i = 0; i < WORDS && line; i++)
            rule->words[i] = strsep(&line, " ");
        rules->count += rule->words[1] != NULL;
    }
    return MLEDGER_OK;
}

static const struct rule *find(const struct rules *rules, const char *word)
{
    for (size_t i = 0; i < rules->count; i++)
        if (strcmp(rules->list[i].words[0], word) == 0)
            return &rules->list[i];
    return NULL;
}

/* ---- asking ---- */

static int add_argument(const char *name, const char *value, void *context)
{
    return ml_url_query(context, name, value);
}

static int write_url(const struct ml_server_request *request, const struct rules *rules,
                     struct ml_buf *url)
{
    const struct rule *upstream = find(rules, "upstream"), *ask = find(rules, "ask");
    const char *path = request->path;
    if (!upstream)
        return ml_fail(MLEDGER_EUSAGE, "nobody is named to be asked");
    if (ask && strcmp(ask->words[1], path) == 0)
        path = ask->words[2];
    ML_TRY(ml_buf_printf(url, "%s%s", upstream->words[1], path));
    ML_TRY(ml_server_arguments(request, add_argument, url));
    return ml_buf_append_char(url, '\0');
}

static int ask(const struct ml_server_request *request, const char *url,
               struct ml_http_response *response)
{
    ML_CLEANUP(ml_http_client_freep) struct ml_http_client *client = NULL;
    ML_CLEANUP(ml_buf_release) struct ml_buf accept = {0};
    const char *wanted = ml_server_header(request, "Accept");
    ML_TRY(ml_buf_printf(&accept, "Accept: %s", wanted ? wanted : "*/*"));
    ML_TRY(ml_buf_append_char(&accept, '\0'));
    const char *const headers[] = {(const char *)accept.data, NULL};
    const struct ml_http_options options = {.headers = headers};
    ML_TRY(ml_http_client_new(&options, &client));
    if (strcmp(request->method, "POST") == 0)
        return ml_http_post(client, url, "application/json", request->body, response);
    return ml_http_get(client, url, response);
}

/* ---- answering ---- */

static int replace(const struct rule *rule, struct ml_buf *body)
{
    const char *from = rule->words[2], *to = rule->words[3];
    struct ml_buf lie = {0};
    const uint8_t *at = memmem(body->data, body->len, from, strlen(from));
    if (!at)
        return MLEDGER_OK;
    const size_t before = (size_t)(at - body->data), after = before + strlen(from);
    ML_TRY(ml_buf_append(&lie, body->data, before));
    ML_TRY(ml_buf_append_text(&lie, to));
    ML_TRY(ml_buf_append(&lie, body->data + after, body->len - after));
    ml_buf_release(body);
    *body = lie;
    return MLEDGER_OK;
}

static bool ends_in(const char *path, const char *end)
{
    const size_t len = strlen(path), end_len = strlen(end);
    return len >= end_len && strcmp(path + len - end_len, end) == 0;
}

static int answer(const struct ml_server_request *request, void *context,
                  struct ml_server_reply *reply)
{
    ML_CLEANUP(rules_release) struct rules rules = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf url = {0};
    ML_CLEANUP(ml_http_response_release) struct ml_http_response response = {0};
    ML_TRY(read_rules(context, &rules));
    ML_TRY(write_url(request, &rules, &url));
    ML_TRY(ask(request, (const char *)url.data, &response));
    reply->status = response.status;
    reply->content_type = "application/octet-stream";
    reply->body = response.body;
    response.body = (struct ml_buf){0};
    for (size_t i = 0; i < rules.count; i++)
        if (strcmp(rules.list[i].words[0], "answer") == 0 && rules.list[i].words[3] &&
            ends_in(request->path, rules.list[i].words[1]))
            ML_TRY(replace(&rules.list[i], &reply->body));
    return MLEDGER_OK;
}

static void tell(void *context)
{
    (void)context;
    fprintf(stderr, "lying_server: %s\n", mledger_error_text());
}

int main(int argc, char **argv)
{
    sigset_t signals;
    int number;
    struct ml_server *server = NULL;
    if (argc != 2)
        return 2;
    const struct ml_server_options options = {.address = "127.0.0.1:0",
                                              .body_max = REQUEST_MAX,
                                              .thread_each = true,
                                              .handle = answer,
                                              .failed = tell,
                                              .context = argv[1]};
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    if (ml_server_start(&options, &server) < 0) {
        tell(NULL);
        return 1;
    }
    printf("http://%s\n", ml_server_address(server));
    fflush(stdout);
    sigwait(&signals, &number);
    ml_server_stop(server);
    return 0;
}
