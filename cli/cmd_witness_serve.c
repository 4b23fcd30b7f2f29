/* SPDX-License-Identifier: Apache-2.0 */
/* Being a witness of others' ledgers: a key for it, and the server. */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>

#include "cli/commands.h"
#include "cli/report.h"
#include "cli/serving.h"
#include "cli/session.h"
#include "ledger/core/witness_policy.h"
#include "serve/witness.h"

enum { LOGS_MAX = ML_POLICY_LOGS_MAX };

static int print_key(struct ml_session *session, const char *path, const char *vkey)
{
    if (!session->invocation->json) {
        ml_output_line(session->out, ML_ROLE_PLAIN, "%s", path);
        ml_output_line(session->out, ML_ROLE_PLAIN, "%s", vkey);
        return MLEDGER_OK;
    }
    json_t *json = json_pack("{s:s, s:s}", "path", path, "vkey", vkey);
    if (!json)
        return ml_fail_memory();
    ml_output_json(session->out, json);
    json_decref(json);
    return MLEDGER_OK;
}

/* The key is there already, or is made. */
static int load_or_make(struct ml_session *session, const char *name, const char *label,
                        struct mledger_key **ret_key, char **ret_path)
{
    const struct ml_invocation *invocation = session->invocation;
    int result = ml_keyring_find(&session->keyring, name, ret_path);
    if (result != MLEDGER_ENOTFOUND) {
        ML_TRY(result);
        return ml_keyring_load(&session->keyring, *ret_path, ret_key);
    }
    return ml_keyring_make(&session->keyring, MLEDGER_KEY_WITNESS, name, label ? label : name,
                           !ml_option_given(invocation, "no-passphrase"), ret_key, ret_path);
}

static int run_key(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_session_release) struct ml_session session = {0};
    ML_CLEANUP(ml_key_freep) struct mledger_key *key = NULL;
    ML_CLEANUP(ml_freep) char *path = NULL;
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    struct ml_vkey vkey;
    const char *name = ml_argument(invocation, "NAME");
    const char *label = ml_option_text(invocation, "name", NULL);
    const char *called = label ? label : name;
    if (!ml_note_name_is_good(ML_SPAN(called, strlen(called))))
        return ml_fail(MLEDGER_EUSAGE, "'%s' cannot name a witness: it has a space or '+' in it",
                       called);
    ML_TRY(ml_session_open_keys(invocation, out, &session));
    ML_TRY(load_or_make(&session, name, label, &key, &path));
    if (label && strcmp(label, mledger_key_label(key)) != 0)
        return ml_fail(MLEDGER_EUSAGE,
                       "there is a key '%s' already, and its witness is called '%s'", name,
                       mledger_key_label(key));
    ML_TRY(ml_key_vkey(key, &vkey));
    ML_TRY(ml_vkey_write(&vkey, &text));
    ML_TRY(ml_buf_append_char(&text, '\0'));
    return print_key(&session, path, (const char *)text.data);
}

const struct ml_command ml_command_witness_key = {
    .name = "witness key",
    .summary = "Make a witness's key, or print its verifier key",
    .description =
        (const char *const[]){
            "The key cosigns others' checkpoints and signs nothing else. Its verifier key is what "
            "they give to mledger witness add. A witness should be named like a URL without its "
            "scheme: witness.example/w1.",
            NULL},
    .arguments =
        (const struct ml_argument[]){
            {.name = "NAME", .min = 1, .max = 1, .help = "Its name among your keys."},
            {.name = NULL}},
    .options =
        (const struct ml_option[]){
            {.name = "name",
             .value = "NAME",
             .help = "The witness's name on checkpoints; that of the key, unless given."},
            {.name = "no-passphrase", .help = "Leave it unsealed: for machines."},
            ML_OPTION_PASSPHRASE_FILE,
            ML_OPTION_PASSPHRASE_FD,
            {.name = NULL}},
    .topic = ML_TOPIC_PROVE,
    .run = run_key,
};

/* A witness at work. */
struct serving {
    struct ml_session session;
    struct mledger_key *key;
    struct ml_vkey logs[LOGS_MAX];
    char *state_dir;
    struct ml_witness_service service;
    struct ml_server *server;
    pthread_mutex_t speaking; /* one line at a time, on either stream */
};

static void serving_release(struct serving *serving)
{
    ml_server_stop(serving->server);
    mledger_key_free(serving->key);
    free(serving->state_dir);
    ml_session_release(&serving->session);
    pthread_mutex_destroy(&serving->speaking);
}

static void print_judged(struct serving *serving, const char *origin,
                         const struct ml_checkpoint *checkpoint,
                         const struct ml_witness_verdict *verdict)
{
    struct ml_output *out = serving->session.out;
    bool good = verdict->status == ML_WITNESS_COSIGN;
    if (!serving->session.invocation->json) {
        ml_output_line(out, good ? ML_ROLE_PLAIN : ML_ROLE_WARN, "%d %s %" PRIu64 "%s%s",
                       (int)verdict->status, origin, checkpoint->size, good ? "" : ": ",
                       verdict->reason);
        return;
    }
    json_t *json =
        json_pack("{s:i, s:s, s:I, s:s}", "status", (int)verdict->status, "origin", origin, "size",
                  (json_int_t)checkpoint->size, "reason", verdict->reason);
    if (json)
        ml_output_json(out, json);
    json_decref(json);
}

/* A log line for each request; that it cannot be written is no reason to keep a cosignature back.
 */
static void on_judged(const struct ml_checkpoint *checkpoint,
                      const struct ml_witness_verdict *verdict, void *context)
{
    struct serving *serving = context;
    ML_CLEANUP(ml_buf_release) struct ml_buf origin = {0};
    if (ml_buf_append(&origin, checkpoint->origin.data, checkpoint->origin.len) < 0 ||
        ml_buf_append_char(&origin, '\0') < 0)
        return;
    pthread_mutex_lock(&serving->speaking);
    print_judged(serving, (const char *)origin.data, checkpoint, verdict);
    (void)!ml_output_finish(serving->session.out);
    pthread_mutex_unlock(&serving->speaking);
}

static void on_failure(void *context)
{
    const struct ml_witness_service *service = context;
    struct serving *serving = service->context;
    const struct ml_invocation *invocation = serving->session.invocation;
    pthread_mutex_lock(&serving->speaking);
    ml_report_error(stderr, invocation->program, invocation->command, invocation->json);
    pthread_mutex_unlock(&serving->speaking);
}

static int read_logs(struct serving *serving)
{
    const struct ml_invocation *invocation = serving->session.invocation;
    size_t count = ml_option_count(invocation, "log");
    if (count > LOGS_MAX)
        return ml_fail(MLEDGER_EUSAGE, "more than %d logs", LOGS_MAX);
    for (size_t i = 0; i < count; i++) {
        const char *text = ml_option_at(invocation, "log", i);
        if (ml_vkey_parse(ML_SPAN(text, strlen(text)), &serving->logs[i]) < 0)
            return ml_prefix("--log");
        if (serving->logs[i].type != ML_VKEY_ED25519)
            return ml_fail(MLEDGER_EUSAGE, "--log: '%s' is the key of a witness, and not a log's",
                           serving->logs[i].name);
    }
    serving->service.logs = serving->logs;
    serving->service.n_logs = count;
    return MLEDGER_OK;
}

static int read_key(struct serving *serving)
{
    struct ml_session *session = &serving->session;
    ML_CLEANUP(ml_freep) char *path = NULL;
    const char *name = ml_option_text(session->invocation, "key", NULL);
    int result = ml_keyring_find(&session->keyring, name, &path);
    if (result == MLEDGER_ENOTFOUND) {
        ml_fail(MLEDGER_ESYSTEM, "there is no key '%s'", name);
        return ml_hint("mledger witness key %s", name);
    }
    ML_TRY(result);
    ML_TRY(ml_keyring_load(&session->keyring, path, &serving->key));
    ML_TRY(ml_key_vkey(serving->key, &serving->service.vkey));
    serving->service.key = serving->key;
    return MLEDGER_OK;
}

static int find_state(struct serving *serving)
{
    const char *dir = ml_option_text(serving->session.invocation, "state", NULL);
    serving->state_dir = strdup(dir);
    if (!serving->state_dir)
        return ml_fail_memory();
    serving->service.state_dir = serving->state_dir;
    return ml_user_dir_make(serving->state_dir);
}

static int serve(struct serving *serving)
{
    sigset_t signals;
    const struct ml_server_options options = {
        .address = ml_option_text(serving->session.invocation, "listen", NULL),
        .body_max = ML_WITNESS_REQUEST_MAX,
        .handle = ml_witness_handle,
        .failed = on_failure,
        .context = &serving->service,
    };
    ml_serving_begin(&signals);
    ML_TRY(ml_server_start(&options, &serving->server));
    pthread_mutex_lock(&serving->speaking);
    int result = ml_serving_print(&serving->session, serving->server);
    pthread_mutex_unlock(&serving->speaking);
    ML_TRY(result);
    ml_serving_wait(&signals);
    ml_server_stop(serving->server);
    serving->server = NULL;
    return MLEDGER_OK;
}

static int run_serve(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(serving_release) struct serving serving = {.speaking = PTHREAD_MUTEX_INITIALIZER};
    ML_TRY(ml_session_open_keys(invocation, out, &serving.session));
    serving.service.judged = on_judged;
    serving.service.context = &serving;
    ML_TRY(read_logs(&serving));
    ML_TRY(read_key(&serving));
    ML_TRY(find_state(&serving));
    return serve(&serving);
}

const struct ml_command ml_command_witness_serve = {
    .name = "witness serve",
    .summary = "Be a witness of others' ledgers",
    .description =
        (const char *const[]){
            "Answers POST /add-checkpoint (C2SP tlog-witness): cosigns a checkpoint of one of the "
            "logs if it goes on from the one that was cosigned before, and keeps it, durably, "
            "before it answers. Any log that makes C2SP checkpoints can be witnessed.",
            "The state directory is what the witness is worth: an old copy put back makes it "
            "forget "
            "what it saw. It serves plain HTTP; what comes and goes is signed, and a proxy in "
            "front of it can add TLS. SIGTERM or SIGINT ends it after the requests in progress.",
            NULL},
    .options =
        (const struct ml_option[]){
            {.name = "listen",
             .value = "HOST:PORT",
             .required = true,
             .help = "Where to listen; with port 0 the system picks one. The address is printed."},
            {.name = "state",
             .value = "DIR",
             .rule = {.kind = ML_VALUE_DIR},
             .required = true,
             .help = "Where to remember what was cosigned; made if it is not there."},
            {.name = "key",
             .value = "NAME|FILE",
             .required = true,
             .help = "The witness's key, from mledger witness key."},
            {.name = "log",
             .value = "VKEY",
             .repeated = true,
             .required = true,
             .help = "Verifier key of a log to witness; mledger key log prints it there."},
            ML_OPTION_PASSPHRASE_FILE,
            ML_OPTION_PASSPHRASE_FD,
            {.name = NULL}},
    .topic = ML_TOPIC_PROVE,
    .run = run_serve,
};
