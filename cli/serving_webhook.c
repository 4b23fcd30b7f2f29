/* SPDX-License-Identifier: Apache-2.0 */
/* Webhooks: MLflow's API of them answers, and notices are sent while the ledger is served. */
#include "cli/serving_part.h"
#include "serve/exposition.h"

static void on_failure(void *context)
{
    ml_serving_report(context);
}

/* Who is asked by this machine alone may be sent to what listens here; who is asked by others would
 * let them reach it. */
static bool is_for_this_machine(const char *listen)
{
    enum ml_address_kind kind;
    char host[64];
    const char *colon = strrchr(listen, ':');
    const size_t len = colon ? (size_t)(colon - listen) : strlen(listen);
    if (len >= sizeof host)
        return false;
    memcpy(host, listen, len);
    host[len] = '\0';
    return strcmp(host, "localhost") == 0 ||
           (ml_address_parse(host, &kind) && kind == ML_ADDRESS_LOOPBACK);
}

static int open_webhooks(struct ml_serving *serving)
{
    const struct ml_invocation *invocation = serving->session.invocation;
    const char *listen = ml_option_text(invocation, "listen", "127.0.0.1:0");
    ML_TRY(ml_webhooks_place_init(&serving->webhooks, invocation));
    struct ml_webhook_sending *sending = &serving->webhooks.sending;
    if (!ml_option_given(invocation, "webhook-reach") && !is_for_this_machine(listen))
        sending->reach = ML_WEBHOOK_PUBLIC;
    serving->rest.sending = sending;
    if (!serving->signer)
        return MLEDGER_OK; /* it only reads: who records tells */
    const struct ml_deliverer_options options = {.ledger = serving->session.ledger,
                                                 .secrets_dir = sending->secrets_dir,
                                                 .reach = sending->reach,
                                                 .ca_file = sending->ca_file,
                                                 .failed = on_failure,
                                                 .context = serving};
    ML_TRY(ml_deliverer_start(&options, &serving->deliverer));
    serving->rest.deliverer = serving->deliverer;
    return MLEDGER_OK;
}

static void close_webhooks(struct ml_serving *serving)
{
    serving->rest.sending = NULL;
    serving->rest.deliverer = NULL;
    ml_deliverer_stop(ML_TAKE(serving->deliverer));
    ml_webhooks_place_release(&serving->webhooks);
}

static int measure(struct ml_serving *serving, struct ml_buf *text)
{
    struct ml_deliverer_counts counts;
    if (!serving->deliverer)
        return MLEDGER_OK;
    ml_deliverer_counts(serving->deliverer, &counts);
    ML_TRY(ml_exposition_single(text, "mledger_webhooks", "gauge",
                                "Webhooks that this server tells.", (double)counts.webhooks));
    ML_TRY(ml_exposition_single(text, "mledger_webhook_delivered_total", "counter",
                                "Notices that arrived.", (double)counts.delivered));
    ML_TRY(ml_exposition_single(text, "mledger_webhook_retried_total", "counter",
                                "Attempts that failed, to be repeated.", (double)counts.retried));
    return ml_exposition_single(text, "mledger_webhook_given_up_total", "counter",
                                "Notices that were given up.", (double)counts.given_up);
}

const struct ml_serving_part ml_serving_webhook = {
    .open = open_webhooks, .measure = measure, .close = close_webhooks};
