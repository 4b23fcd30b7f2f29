/* SPDX-License-Identifier: Apache-2.0 */
/* Trying a webhook: one example is sent, now, whatever its status, and what comes of it is told. */
#ifndef ML_SERVE_WEBHOOK_TRIAL_H
#define ML_SERVE_WEBHOOK_TRIAL_H

#include "serve/webhook/change.h"
#include "serve/webhook/delivery.h"

/* How a process sends notices; all is borrowed. */
struct ml_webhook_sending {
    const char *secrets_dir; /* serve/webhook/secret.h */
    enum ml_webhook_reach reach;
    const char *ca_file; /* PEM file of the roots to trust; NULL: the system's */
};

/* `event` UNSPECIFIED: the first that it is told of. The delivery has an id of its own. That it is
 * not delivered is an outcome. MLEDGER_EUSAGE: its URL may not be reached from here.
 * MLEDGER_EINVALID: its URL was erased. MLEDGER_ENOTFOUND, MLEDGER_ESYSTEM: its secret cannot be
 * read. */
int ml_webhook_try(const struct ml_webhook_sending *sending, const struct ml_webhook *webhook,
                   Mledger__WebhookEvent event, int64_t now_us,
                   struct ml_delivery_outcome *ret_outcome) ML_MUST_USE;

#endif
