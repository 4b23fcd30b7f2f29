/* SPDX-License-Identifier: Apache-2.0 */
/* serve: MLflow clients write into the ledger. */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/report.h"
#include "cli/serving.h"
#include "cli/serving_door.h"
#include "cli/serving_log.h"
#include "cli/serving_replica.h"
#include "cli/serving_ui.h"
#include "cli/serving_upstream.h"
#include "cli/serving_wording.h"
#include "cli/stop.h"

static const char default_address[] = "127.0.0.1:5000";

/* In the order in which a request is shown to them. */
static const struct ml_serving_part *const parts[] = {
    &ml_serving_door,     /* who may ask */
    &ml_serving_watch,    /* checkpoints and heartbeats */
    &ml_serving_log,      /* a line for each request */
    &ml_serving_metrics,  /* /metrics */
    &ml_serving_health,   /* /health, /version */
    &ml_serving_replica,  /* with --read-only */
    &ml_serving_ledger,   /* the ledger's own API */
    &ml_serving_ui,       /* with --ui: MLflow's pages */
    &ml_serving_mlflow,   /* MLflow's REST API */
    &ml_serving_upstream, /* with --upstream: all of it, asked of another server */
    &ml_serving_webhook,  /* notices, which MLflow's API sets */
};

void ml_serving_report(struct ml_serving *serving)
{
    const struct ml_invocation *invocation = serving->session.invocation;
    pthread_mutex_lock(&serving->speaking);
    ml_report_error(stderr, invocation->program, invocation->command, invocation->json);
    pthread_mutex_unlock(&serving->speaking);
}

static void on_failure(void *context)
{
    ml_serving_report(context);
}

static int on_begin(const struct ml_server_request *request, void *context,
                    struct ml_server_intake **ret_intake, struct ml_server_reply *reply)
{
    int result = 0;
    for (size_t i = 0; i < ML_COUNT(parts) && result == 0 && !*ret_intake; i++)
        if (parts[i]->begin)
            result = parts[i]->begin(context, request, ret_intake, reply);
    return result;
}

/* Nobody answers it: where a client may have asked it hears so in its own words. */
static int answer_nothing(const struct ml_server_request *request, struct ml_server_reply *reply)
{
    static const char *const apis[] = {"/api/", "/ajax-api/"};
    reply->status = 404;
    for (size_t i = 0; i < ML_COUNT(apis); i++)
        if (strncmp(request->path, apis[i], strlen(apis[i])) == 0)
            return ml_serving_speak(request, 404, "mledger does not answer this call", reply);
    return MLEDGER_OK;
}

static int on_request(const struct ml_server_request *request, void *context,
                      struct ml_server_reply *reply)
{
    int result = 0;
    for (size_t i = 0; i < ML_COUNT(parts) && result == 0; i++)
        if (parts[i]->answer)
            result = parts[i]->answer(context, request, reply);
    return result == 0 ? answer_nothing(request, reply) : result;
}

static void on_ended(const struct ml_server_request *request,
                     const struct ml_server_account *account, void *context)
{
    for (size_t i = 0; i < ML_COUNT(parts); i++)
        if (parts[i]->ended)
            parts[i]->ended(context, request, account);
}

int ml_serving_measure(struct ml_serving *serving, struct ml_buf *text)
{
    for (size_t i = 0; i < ML_COUNT(parts); i++)
        if (parts[i]->measure)
            ML_TRY(parts[i]->measure(serving, text));
    return MLEDGER_OK;
}

/* Only this thread gets the signals that end it. */
static int stand(struct ml_serving *serving, const sigset_t *signals)
{
    int stop;
    ML_TRY(ml_stop_begin(&stop));
    pthread_sigmask(SIG_UNBLOCK, signals, NULL);
    return ml_serving_stand(serving, stop);
}

static int serve(struct ml_serving *serving, const sigset_t *signals)
{
    struct ml_server_options options = {
        .address = ml_option_text(serving->session.invocation, "listen", default_address),
        .body_max = ML_REST_BODY_MAX,
        .thread_each = true,
        .begin = on_begin,
        .handle = on_request,
        .speak = ml_serving_speak,
        .failed = on_failure,
        .ended = on_ended,
        .context = serving,
    };
    ml_serving_guard(serving, &options);
    ML_TRY(ml_server_start(&options, &serving->server));
    ML_TRY(ml_serving_print(&serving->session, serving->server));
    ML_TRY(stand(serving, signals));
    ml_server_stop(ML_TAKE(serving->server));
    return ml_serving_cover(serving);
}

static int serve_parts(struct ml_serving *serving)
{
    sigset_t signals;
    size_t n_open = 0;
    int result = MLEDGER_OK;
    ml_serving_begin(&signals);
    while (n_open < ML_COUNT(parts) && result >= 0) {
        const struct ml_serving_part *part = parts[n_open++];
        if (part->open)
            result = part->open(serving);
    }
    if (result >= 0)
        result = serve(serving, &signals);
    ml_server_stop(ML_TAKE(serving->server));
    while (n_open-- > 0)
        if (parts[n_open]->close)
            parts[n_open]->close(serving);
    return result;
}

static void serving_release(struct ml_serving *serving)
{
    ml_session_release(&serving->session);
    ml_stop_end();
    pthread_mutex_destroy(&serving->speaking);
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(serving_release)
    struct ml_serving serving = {.speaking = PTHREAD_MUTEX_INITIALIZER};
    const bool read_only = ml_option_given(invocation, "read-only");
    ML_TRY(ml_session_open(invocation, out, read_only ? ML_SESSION_READ : ML_SESSION_WRITE,
                           &serving.session));
    if (!read_only)
        ML_TRY(ml_session_signer(&serving.session, MLEDGER__ROLE__RECORDER, &serving.signer));
    return serve_parts(&serving);
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
            "MLflow's traces, prompts and scorers are not answered.",
            "Nobody is asked who they are until the ledger has a user (mledger token add). Until "
            "then it listens on a loopback address and on no other, and for others it wants TLS, "
            "its own or that of a proxy before it.",
            "SIGTERM or SIGINT ends it after the requests in progress and a checkpoint; a second "
            "one at once. Whatever ends it, nothing that was answered is lost.",
            NULL},
    .options =
        (const struct ml_option[]){
            {.name = "listen",
             .value = "HOST:PORT",
             .help = "Where to listen, 127.0.0.1:5000 unless given; with port 0 the system picks "
                     "one. The address is printed."},
            ML_OPTIONS_SERVING_DOOR,
            ML_OPTIONS_SERVING_MLFLOW,
            ML_OPTIONS_SERVING_UI,
            ML_OPTIONS_SERVING_UPSTREAM,
            ML_OPTIONS_SERVING_REPLICA,
            ML_OPTIONS_SERVING_LOG,
            ML_OPTIONS_WATCH,
            ML_OPTION_LOG_KEY,
            ML_OPTIONS_WEBHOOK,
            ML_OPTIONS_SIGNING,
            {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger serve", "Answer MLflow clients of this machine."},
            {"mledger serve --ui /opt/venv/lib/python3.11/site-packages/mlflow",
             "Show MLflow's own web UI, too, at http://127.0.0.1:5000/."},
            {NULL, NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = run,
};
