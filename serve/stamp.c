/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/stamp.h"

#include <sodium.h>

#include "ingest/http.h"
#include "ledger/core/ed25519.h"
#include "ledger/core/timestamp.h"

static int take_token(const char *url, const struct ml_http_response *response, struct ml_span text,
                      const uint8_t nonce[ML_TIMESTAMP_NONCE_SIZE], struct ml_buf *token)
{
    if (response->status != 200)
        return ml_fail(MLEDGER_ESYSTEM, "%s gives no timestamp: its status is %d", url,
                       response->status);
    int result = ml_timestamp_response(ml_buf_span(&response->body), text, nonce, token);
    if (result != MLEDGER_EINVALID)
        return result;
    struct ml_error error;
    ml_error_get(&error);
    return ml_fail(MLEDGER_ESYSTEM, "%s gives no timestamp: %s", url, error.text);
}

int ml_stamp(const char *url, struct ml_span text, struct ml_buf *token)
{
    const struct ml_http_options options = {.response_max = ML_TIMESTAMP_RESPONSE_MAX,
                                            .environment_proxy = true};
    ML_CLEANUP(ml_http_client_freep) struct ml_http_client *client = NULL;
    ML_CLEANUP(ml_http_response_release) struct ml_http_response response = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf request = {0};
    uint8_t nonce[ML_TIMESTAMP_NONCE_SIZE];
    ML_TRY(ml_sodium_ready());
    randombytes_buf(nonce, sizeof nonce);
    ML_TRY(ml_http_client_new(&options, &client));
    ML_TRY(ml_timestamp_request(text, nonce, &request));
    ML_TRY(ml_http_post(client, url, ML_TIMESTAMP_QUERY_TYPE, ml_buf_span(&request), &response));
    return take_token(url, &response, text, nonce, token);
}
