/* SPDX-License-Identifier: Apache-2.0 */
/* serve: MLflow clients write into the ledger. */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/report.h"
#include "cli/serving.h"
#include "cli/session.h"
#include "serve/listen.h"
#include "serve/mlflow/experiment.h"
#include "serve/mlflow/front.h"
#include "serve/mlflow/object_store.h"

static const char default_address[] = "127.0.0.1:5000";

struct serving {
    struct ml_session session;
    struct ml_object_store objects;
    bool has_objects;
    struct ml_rest rest;
    bool has_rest;
    struct ml_server *server;
    pthread_mutex_t speaking; /* one line at a time on stderr */
};

static void serving_release(struct serving *serving)
{
    ml_server_stop(serving->server);
    if (serving->has_rest)
        ml_rest_release(&serving->rest);
    if (serving->has_objects)
        ml_object_store_release(&serving->objects);
    ml_session_release(&serving->session);
    pthread_mutex_destroy(&serving->speaking);
}

static void on_failure(void *context)
{
    struct serving *serving = context;
    const struct ml_invocation *invocation = serving->session.invocation;
    pthread_mutex_lock(&serving->speaking);
    ml_report_error(stderr, invocation->program, invocation->command, invocation->json);
    pthread_mutex_unlock(&serving->speaking);
}

static int reply_text(struct ml_server_reply *reply, const char *text)
{
    reply->status = 200;
    reply->content_type = "text/plain; charset=utf-8";
    return ml_buf_append_text(&reply->body, text);
}

static int on_request(const struct ml_server_request *request, void *context,
                      struct ml_server_reply *reply)
{
    struct serving *serving = context;
    int result = MLEDGER_OK;
    const int answered = ml_rest_answer(&serving->rest, request, reply, &result);
    ML_TRY(answered);
    if (reply->status == 500)
        on_failure(serving);
    if (answered)
        return MLEDGER_OK;
    if (strcmp(request->path, "/health") == 0)
        return reply_text(reply, "OK");
    if (strcmp(request->path, "/version") == 0)
        return reply_text(reply, MLEDGER_VERSION);
    reply->status = 404;
    return MLEDGER_OK;
}

static int on_begin(const struct ml_server_request *request, void *context,
                    struct ml_server_intake **ret_intake, struct ml_server_reply *reply)
{
    struct serving *serving = context;
    (void)reply;
    return ml_rest_begin(&serving->rest, request, ret_intake);
}

static int serve(struct serving *serving)
{
    sigset_t signals;
    const struct ml_server_options options = {
        .address = ml_option_text(serving->session.invocation, "listen", default_address),
        .loopback_only = true,
        .body_max = ML_REST_BODY_MAX,
        .thread_each = true,
        .begin = on_begin,
        .handle = on_request,
        .failed = on_failure,
        .context = serving,
    };
    ml_serving_begin(&signals);
    ML_TRY(ml_server_start(&options, &serving->server));
    ML_TRY(ml_serving_print(&serving->session, serving->server));
    ml_serving_wait(&signals);
    ml_server_stop(ML_TAKE(serving->server));
    return MLEDGER_OK;
}

/* --artifacts, else beside the ledger's database. */
static int open_objects(struct serving *serving)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    const char *dir = ml_option_text(serving->session.invocation, "artifacts", NULL);
    if (dir)
        ML_TRY(ml_buf_append_text(&path, dir));
    else
        ML_TRY(ml_buf_printf(&path, "%s/artifacts", ml_ledger_dir(serving->session.ledger)));
    ML_TRY(ml_buf_append_char(&path, '\0'));
    serving->has_objects = true;
    return ml_object_store_open((const char *)path.data, &serving->objects);
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(serving_release) struct serving serving = {.speaking = PTHREAD_MUTEX_INITIALIZER};
    const struct ml_signer *signer;
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_WRITE, &serving.session));
    ML_TRY(ml_session_signer(&serving.session, MLEDGER__ROLE__RECORDER, &signer));
    ML_TRY(open_objects(&serving));
    ML_TRY(ml_rest_init(&serving.rest, serving.session.ledger, signer, &serving.objects));
    serving.has_rest = true;
    ML_TRY(ml_rest_experiment_default(&serving.rest));
    return serve(&serving);
}

const struct ml_command ml_command_serve = {
    .name = "serve",
    .summary = "Let MLflow clients write straight into the ledger",
    .description =
        (const char *const[]){
            "Answers MLflow's REST API: with mlflow.set_tracking_uri(\"http://127.0.0.1:5000\") in "
            "the code that trains, every run, parameter, metric, version, transition and alias "
            "becomes a record, signed by the recorder key, and durable before it is answered. The "
            "answer names it in the headers Mledger-Seq and Mledger-Record-Hash.",
            "Not answered yet are the logged models of MLflow 3, traces and webhooks. There are no "
            "users and there is no TLS yet, so it listens on a loopback address and on no other.",
            "SIGTERM or SIGINT ends it after the requests in progress.", NULL},
    .options =
        (const struct ml_option[]){
            {.name = "listen",
             .value = "HOST:PORT",
             .help = "Where to listen, 127.0.0.1:5000 unless given; with port 0 the system picks "
                     "one. The address is printed."},
            {.name = "artifacts",
             .value = "DIR",
             .rule = {.kind = ML_VALUE_DIR},
             .help = "Where to keep artifacts, each once under its SHA-256; made if it is not "
                     "there. Beside the ledger's records, unless given."},
            ML_OPTIONS_SIGNING,
            {.name = NULL}},
    .examples =
        (const struct ml_example[]){{"mledger serve", "Answer MLflow clients of this machine."},
                                    {NULL, NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = run,
};
