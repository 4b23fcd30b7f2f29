/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/webhook/trial.h"

#include "serve/webhook/notice.h"

int ml_webhook_try(const struct ml_webhook_sending *sending, const struct ml_webhook *webhook,
                   Mledger__WebhookEvent event, int64_t now_us,
                   struct ml_delivery_outcome *ret_outcome)
{
    ML_CLEANUP(ml_http_client_freep) struct ml_http_client *client = NULL;
    ML_CLEANUP(ml_webhook_secret_freep) struct ml_webhook_secret *secret = NULL;
    ML_CLEANUP(ml_freep) char *body = NULL;
    unsigned networks;
    if (!webhook->url)
        return ml_fail(MLEDGER_EINVALID, "the URL of webhook '%s' was erased: set it again",
                       webhook->name);
    ML_TRY(ml_webhook_networks(webhook->url, sending->reach, &networks));
    ML_TRY(ml_delivery_client(networks, sending->ca_file, NULL, &client));
    if (webhook->secret_id)
        ML_TRY(ml_webhook_secret_get(sending->secrets_dir, webhook->secret_id, &secret));
    ML_TRY(ml_notice_example(event ? event : webhook->events[0], now_us, &body));
    struct ml_delivery delivery = {.url = webhook->url,
                                   .origin = webhook->origin,
                                   .now_s = now_us / 1000000,
                                   .body = ML_SPAN(body, strlen(body)),
                                   .secret = secret};
    ML_TRY(ml_uuid_random(delivery.id));
    return ml_deliver(client, &delivery, ret_outcome);
}
