/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One delivery: a notice is posted to a URL, signed as MLflow signs (mlflow.webhooks.delivery), so
 * that the code which MLflow documents for receivers accepts it:
 *
 *     X-MLflow-Delivery-Id   a UUID, the same whenever this notice is sent to this webhook
 *     X-MLflow-Timestamp     seconds since 1970, of this attempt
 *     X-MLflow-Signature     "v1," base64(HMAC-SHA256(secret, ID "." TIMESTAMP "." body))
 *
 * No redirect is followed. Of an answer its status counts; a body is read up to a bound.
 */
#ifndef ML_SERVE_WEBHOOK_DELIVERY_H
#define ML_SERVE_WEBHOOK_DELIVERY_H

#include "ingest/http.h"
#include "serve/webhook/secret.h"
#include "serve/webhook/uuid.h"

enum {
    ML_DELIVERY_TIMEOUT_MS = 10000,
    ML_DELIVERY_ANSWER_MAX = 4096, /* bytes of an answer that are read */
};

struct ml_delivery {
    const char *url;
    const char *origin; /* of the URL, which may be a credential: sentences name this instead */
    char id[ML_UUID_SIZE];
    int64_t now_s;
    struct ml_span body;
    const struct ml_webhook_secret *secret; /* NULL: not signed */
};

enum ml_delivery_verdict {
    ML_DELIVERED,      /* 2xx */
    ML_DELIVERY_LATER, /* 408, 429, 5xx, or there was no answer */
    ML_DELIVERY_NEVER, /* anything else: the receiver does not want it, or must not have it */
};

struct ml_delivery_outcome {
    enum ml_delivery_verdict verdict;
    int status;            /* of HTTP; 0: there was no answer */
    int64_t retry_after_s; /* that the receiver asks for; 0: it does not */
    char answer[ML_DELIVERY_ANSWER_MAX + 1];
    char why[512]; /* where it was not delivered: a sentence */
};

/* A client for notices: its limits, and the networks that it may reach (ML_ADDRESS_BIT()).
 * `ca_file` and `cancel` as of struct ml_http_options. */
int ml_delivery_client(unsigned networks, const char *ca_file, const atomic_bool *cancel,
                       struct ml_http_client **ret_client) ML_MUST_USE;

/* Sends it. That it was not delivered is an outcome; MLEDGER_ESYSTEM: it could not be tried. */
int ml_deliver(struct ml_http_client *client, const struct ml_delivery *delivery,
               struct ml_delivery_outcome *ret_outcome) ML_MUST_USE;

#endif
