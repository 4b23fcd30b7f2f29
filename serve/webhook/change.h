/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Setting a webhook: what may be set, as MLflow validates it (mlflow.utils.validation), and the
 * record that says so. The REST API and the command both go through here.
 *
 * Where notices may go. A public address is reached over https. Over http, which anybody on the way
 * can read and change, only what is not public is, and only if the reach allows that. An address
 * that stands in the URL is judged when it is set; what a name resolves to at each delivery, on the
 * address that is connected to.
 *
 * Thread-safe.
 */
#ifndef ML_SERVE_WEBHOOK_CHANGE_H
#define ML_SERVE_WEBHOOK_CHANGE_H

#include "ledger/core/draft.h"
#include "ledger/query/webhook.h"

/* Each has what the one before has. */
enum ml_webhook_reach {
    ML_WEBHOOK_PUBLIC,   /* public addresses */
    ML_WEBHOOK_LOOPBACK, /* this machine too */
    ML_WEBHOOK_PRIVATE,  /* the organisation's own networks too; link-local ones never */
};

enum {
    ML_WEBHOOK_NAME_MAX = 63,
    ML_WEBHOOK_URL_MAX = 2048,
    ML_WEBHOOK_DESCRIPTION_MAX = 1000, /* bytes */
    ML_WEBHOOKS_ACTIVE_MAX = 64,       /* each has a thread of its own */
};

/* What is to be set; NULL or 0: it stays, or is not set. */
struct ml_webhook_change {
    const char *name, *url, *description, *secret;
    const Mledger__WebhookEvent *events; /* in any order */
    size_t n_events;
    Mledger__WebhookStatus status;
};

/* The networks (ML_ADDRESS_BIT()) that notices to the URL may go to; also checks the URL.
 * MLEDGER_EUSAGE: to none. */
int ml_webhook_networks(const char *url, enum ml_webhook_reach reach,
                        unsigned *ret_networks) ML_MUST_USE;

/* Whether the change can be made to the webhook (NULL: to a new one), of `count` that there are.
 * MLEDGER_EUSAGE: it cannot, in MLflow's words where it has some. */
int ml_webhook_check(const struct ml_webhook_change *change, const struct ml_webhook *webhook,
                     enum ml_webhook_reach reach, const struct ml_webhook *list,
                     size_t count) ML_MUST_USE;

/* Puts what the webhook is after the change into the draft's `webhook_set` and details. A new one
 * gets a random UUID as its id (RFC 9562, version 4). `secret_id`: that of the change's secret,
 * NULL without. MLEDGER_ESYSTEM: memory is out. */
int ml_webhook_fill(struct ml_draft *draft, const struct ml_webhook_change *change,
                    const struct ml_webhook *webhook, const uint8_t *secret_id) ML_MUST_USE;

#endif
