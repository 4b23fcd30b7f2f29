/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ledger that is served (mledger serve), made of parts. A part is one file, cli/serving_NAME.c:
 *
 *     what it keeps        a member of struct ml_serving
 *     its options          a macro ML_OPTIONS_SERVING_NAME in a header, in the table of cmd_serve.c
 *     what it does when    a struct ml_serving_part, in the list of cmd_serve.c
 *
 * The list's order is that in which parts are opened and in which a request is shown to them; they
 * are closed the other way round.
 */
#ifndef ML_CLI_SERVING_PART_H
#define ML_CLI_SERVING_PART_H

#include <pthread.h>
#include <stdatomic.h>

#include "cli/watch.h"
#include "cli/webhooks.h"
#include "serve/gate/door.h"
#include "serve/ledger_api/service.h"
#include "serve/mlflow/front.h"
#include "serve/mlflow/object_store.h"
#include "serve/mlflow/relay.h"
#include "serve/mlflow/ui.h"
#include "serve/server.h"
#include "serve/traffic.h"
#include "serve/webhook/deliverer.h"

struct ml_serving {
    struct ml_session session;
    const struct ml_signer *signer; /* the recorder that numbers and signs, the session's; NULL
                                     * with --read-only */
    struct ml_watch watch;          /* of the main thread */
    struct ml_door *door;           /* who may ask */
    struct ml_tls *tls;             /* NULL: plain HTTP */
    const char **hosts;             /* names that it goes by; the values are the invocation's */
    struct ml_object_store objects;
    bool has_objects;
    struct ml_rest rest;
    bool has_rest;
    struct ml_upstream *upstream; /* with --upstream, like the next */
    struct ml_relay relay;
    bool has_relay;
    struct ml_ui ui; /* with --ui */
    bool has_ui;
    struct ml_api api;
    bool has_api;
    struct ml_traffic *traffic;
    int64_t started_us;
    int access_log; /* a descriptor, or -1 */
    atomic_uint_fast64_t log_failures;
    struct ml_webhooks_place webhooks;
    struct ml_deliverer *deliverer; /* its counts are for /metrics; NULL: notices are not sent */
    struct ml_server *server;
    pthread_mutex_t speaking; /* one line at a time on stderr */
};

/* Every member may be NULL. begin(), answer(), ended() and measure() are
 * called from many threads at once. */
struct ml_serving_part {
    /* Reads its options and makes what it needs, before there is a server. Signals that end the
     * command are blocked, so that threads made here do not get them. */
    int (*open)(struct ml_serving *serving);
    /* The head of a request has arrived. 0: the next part is asked, unless an intake was chosen for
     * the body. 1: *reply is the answer already. A failure is answered 500 and reported. */
    int (*begin)(struct ml_serving *serving, const struct ml_server_request *request,
                 struct ml_server_intake **ret_intake, struct ml_server_reply *reply);
    /* All of it has arrived. 0: the next part is asked; 1: *reply is the answer. A failure as
     * above. */
    int (*answer)(struct ml_serving *serving, const struct ml_server_request *request,
                  struct ml_server_reply *reply);
    /* A request is over; called in the thread that served it. */
    void (*ended)(struct ml_serving *serving, const struct ml_server_request *request,
                  const struct ml_server_account *account);
    /* Appends its metrics (serve/exposition.h), named mledger_…. MLEDGER_ESYSTEM. */
    int (*measure)(struct ml_serving *serving, struct ml_buf *text);
    /* After the server has ended; also after open() failed. */
    void (*close)(struct ml_serving *serving);
};

extern const struct ml_serving_part ml_serving_door, ml_serving_health, ml_serving_ledger,
    ml_serving_metrics, ml_serving_mlflow, ml_serving_watch, ml_serving_webhook;

/* Prints this thread's error on stderr, as the command would at its end. Thread-safe. */
void ml_serving_report(struct ml_serving *serving);
/* Appends the metrics of all parts. Errors as measure(). */
int ml_serving_measure(struct ml_serving *serving, struct ml_buf *text) ML_MUST_USE;
/* Makes the checkpoints and heartbeats that are due until `stop` can be read. MLEDGER_ESYSTEM. */
int ml_serving_stand(struct ml_serving *serving, int stop) ML_MUST_USE;
/* Makes the last checkpoint, when nothing is recorded any more, and says so. Errors as
 * ml_checkpointing_take(). */
int ml_serving_cover(struct ml_serving *serving) ML_MUST_USE;

#define ML_OPTIONS_SERVING_MLFLOW                                                                  \
    {.name = "artifacts",                                                                          \
     .value = "DIR",                                                                               \
     .rule = {.kind = ML_VALUE_DIR},                                                               \
     .help = "Where to keep artifacts, each once under its SHA-256; made if it is not there. "     \
             "Beside the ledger's records, unless given."},                                        \
    {                                                                                              \
        .name = "default-artifact-root", .value = "URI",                                           \
        .help = "Have clients put the artifacts of new experiments there themselves (s3://..., a " \
                "shared folder), and not here. Such files pass by the ledger: nothing hashes "     \
                "them."                                                                            \
    }

#endif
