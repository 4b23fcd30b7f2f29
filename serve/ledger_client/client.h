/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client of the ledger's own API (docs/openapi.json): bytes there and back. What is answered is
 * believed by nobody here; serve/ledger_client/trust.h says what may be.
 *
 * Belongs to one thread.
 */
#ifndef ML_SERVE_LEDGER_CLIENT_CLIENT_H
#define ML_SERVE_LEDGER_CLIENT_CLIENT_H

#include <jansson.h>

#include "ledger/core/base.h"

struct ml_api_client;

struct ml_api_client_options {
    const char *url;     /* of the server, with or without a path before /api/mledger/v1 */
    const char *token;   /* sent as a bearer token; NULL: none */
    const char *ca_file; /* PEM file of the roots to trust; NULL: the system's */
    /* As of struct ml_http_options; for https alone. */
    const char *certificate, *certificate_key;
    uint32_t timeout_ms; /* of one request; 0: ML_HTTP_TIMEOUT_MS */
};

/* MLEDGER_EUSAGE: it is no http or https URL, has credentials in it, would have the token sent in
 * the clear to another machine, or a certificate shown without TLS. MLEDGER_ESYSTEM as
 * ml_http_client_new(). */
int ml_api_client_new(const struct ml_api_client_options *options,
                      struct ml_api_client **ret_client) ML_MUST_USE;
void ml_api_client_free(struct ml_api_client *client);
/* The server's URL, without a slash at its end; the client's. */
const char *ml_api_client_url(const struct ml_api_client *client);

/* A request being put together: its path below the API's prefix, then arguments. */
struct ml_api_ask {
    struct ml_buf url;
    bool broken; /* memory was out; sending says so */
};
void ml_api_ask(struct ml_api_client *client, struct ml_api_ask *ask, const char *format, ...)
    ML_PRINTF(3, 4);
void ml_api_ask_text(struct ml_api_ask *ask, const char *name, const char *value);
void ml_api_ask_number(struct ml_api_ask *ask, const char *name, uint64_t value);
/* Of one that is not sent. */
void ml_api_ask_release(struct ml_api_ask *ask);

/*
 * Send the request, and release it in any case. The answer is what came with a status of 200.
 * A problem of the server becomes an error with its sentence, rule and hint:
 * MLEDGER_ENOTFOUND: 404. MLEDGER_EREFUSED: 403, 409. MLEDGER_EUSAGE: 400. MLEDGER_ESYSTEM: any
 * other, or it cannot be reached. MLEDGER_EDAMAGED: what should be JSON is none.
 */
int ml_api_get(struct ml_api_client *client, struct ml_api_ask *ask,
               struct ml_buf *ret_body) ML_MUST_USE;
int ml_api_get_json(struct ml_api_client *client, struct ml_api_ask *ask,
                    json_t **ret_json) ML_MUST_USE;
/* The same with a body of JSON, for an answer of 201. */
int ml_api_post(struct ml_api_client *client, struct ml_api_ask *ask, struct ml_span body,
                json_t **ret_json) ML_MUST_USE;

/* What a JSON answer holds. MLEDGER_EDAMAGED: it does not, the text says what. */
int ml_api_number_in(const json_t *json, const char *key, uint64_t *ret_number) ML_MUST_USE;
/* Borrowed from `json`. */
int ml_api_text_in(const json_t *json, const char *key, const char **ret_text) ML_MUST_USE;
int ml_api_bytes_in(const json_t *json, const char *key, uint8_t *ret_bytes,
                    size_t len) ML_MUST_USE;

#endif
