/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/webhook/delivery.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>

#include "ledger/core/base64.h"
#include "ledger/core/utf8.h"

int ml_delivery_client(unsigned networks, const char *ca_file, const atomic_bool *cancel,
                       struct ml_http_client **ret_client)
{
    const struct ml_http_options options = {.timeout_ms = ML_DELIVERY_TIMEOUT_MS,
                                            .response_max = ML_DELIVERY_ANSWER_MAX,
                                            .cut_answer = true,
                                            .networks = networks,
                                            .ca_file = ca_file,
                                            .cancel = cancel};
    return ml_http_client_new(&options, ret_client);
}

/* Appends the header's line, with its NUL. */
static int sign(const struct ml_delivery *delivery, const char *timestamp, struct ml_buf *line)
{
    crypto_auth_hmacsha256_state state;
    uint8_t signature[crypto_auth_hmacsha256_BYTES];
    const struct ml_span parts[] = {ML_SPAN(delivery->id, strlen(delivery->id)), ML_SPAN(".", 1),
                                    ML_SPAN(timestamp, strlen(timestamp)), ML_SPAN(".", 1),
                                    delivery->body};
    crypto_auth_hmacsha256_init(&state, delivery->secret->bytes, delivery->secret->len);
    for (size_t i = 0; i < ML_COUNT(parts); i++)
        crypto_auth_hmacsha256_update(&state, parts[i].data, parts[i].len);
    crypto_auth_hmacsha256_final(&state, signature);
    sodium_memzero(&state, sizeof state);
    ML_TRY(ml_buf_append_text(line, "X-MLflow-Signature: v1,"));
    ML_TRY(ml_base64_append(line, signature, sizeof signature));
    return ml_buf_append_char(line, '\0');
}

static enum ml_delivery_verdict verdict_of(int status)
{
    if (status >= 200 && status < 300)
        return ML_DELIVERED;
    return status == 408 || status == 429 || status >= 500 ? ML_DELIVERY_LATER : ML_DELIVERY_NEVER;
}

/* The text of an answer as somebody may be shown it: up to what is no text. */
static void take_answer(const struct ml_http_response *response,
                        struct ml_delivery_outcome *outcome)
{
    const size_t len = ml_utf8_valid_len(ml_buf_span(&response->body));
    snprintf(outcome->answer, sizeof outcome->answer, "%.*s", (int)len,
             len ? (const char *)response->body.data : "");
}

static void take_response(const struct ml_delivery *delivery,
                          const struct ml_http_response *response,
                          struct ml_delivery_outcome *outcome)
{
    outcome->status = response->status;
    outcome->verdict = verdict_of(response->status);
    outcome->retry_after_s = response->retry_after_s;
    take_answer(response, outcome);
    if (outcome->verdict != ML_DELIVERED)
        snprintf(outcome->why, sizeof outcome->why, "%s answers with status %d", delivery->origin,
                 response->status);
}

/* The error's text with the origin where it has the URL. */
static void say_why(const struct ml_delivery *delivery, const char *text,
                    struct ml_delivery_outcome *outcome)
{
    const char *url = strstr(text, delivery->url);
    const int before = url ? (int)(url - text) : 0;
    const char *after = url ? url + strlen(delivery->url) : text;
    snprintf(outcome->why, sizeof outcome->why, "%.*s%.128s%.255s", before < 128 ? before : 128,
             text, url ? delivery->origin : "", after);
}

/* No answer. A URL that must not be reached will not be reachable later either. */
static void take_failure(const struct ml_delivery *delivery, int result,
                         struct ml_delivery_outcome *outcome)
{
    struct ml_error error;
    ml_error_get(&error);
    outcome->verdict = result == MLEDGER_EUSAGE ? ML_DELIVERY_NEVER : ML_DELIVERY_LATER;
    say_why(delivery, error.text, outcome);
}

int ml_deliver(struct ml_http_client *client, const struct ml_delivery *delivery,
               struct ml_delivery_outcome *ret_outcome)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf signature = {0};
    ML_CLEANUP(ml_http_response_release) struct ml_http_response response = {0};
    char timestamp[24], id_line[64], time_line[64];
    snprintf(timestamp, sizeof timestamp, "%" PRId64, delivery->now_s);
    snprintf(id_line, sizeof id_line, "X-MLflow-Delivery-Id: %s", delivery->id);
    snprintf(time_line, sizeof time_line, "X-MLflow-Timestamp: %s", timestamp);
    if (delivery->secret)
        ML_TRY(sign(delivery, timestamp, &signature));
    const char *const headers[] = {id_line, time_line,
                                   delivery->secret ? (const char *)signature.data : NULL, NULL};
    const struct ml_http_request request = {.url = delivery->url,
                                            .content_type = "application/json",
                                            .headers = headers,
                                            .body = delivery->body};
    const int result = ml_http_send(client, &request, &response);
    *ret_outcome = (struct ml_delivery_outcome){0};
    if (result < 0)
        take_failure(delivery, result, ret_outcome);
    else
        take_response(delivery, &response, ret_outcome);
    return MLEDGER_OK;
}
