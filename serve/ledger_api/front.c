/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "ledger/core/hex.h"
#include "serve/etag.h"
#include "serve/ledger_api/problem.h"
#include "serve/ledger_api/route.h"

enum { ETAG_BYTES = 16 };

int ml_api_init(struct ml_api *service, const struct ml_api_options *options)
{
    *service = (struct ml_api){.options = *options};
    int error_number = pthread_mutex_init(&service->counting, NULL);
    if (error_number != 0)
        return ml_fail_errno(error_number, "cannot make a mutex");
    error_number = pthread_mutex_init(&service->making, NULL);
    if (error_number == 0)
        return MLEDGER_OK;
    pthread_mutex_destroy(&service->counting);
    return ml_fail_errno(error_number, "cannot make a mutex");
}

void ml_api_release(struct ml_api *service)
{
    pthread_mutex_destroy(&service->counting);
    pthread_mutex_destroy(&service->making);
}

/* Names what is answered by its content; whoever has it already is told so. */
static int tag(struct ml_api_call *call)
{
    struct ml_server_reply *reply = call->reply;
    const struct ml_span body = ml_buf_span(&reply->body);
    uint8_t hash[ML_HASH_SIZE];
    char hex[ML_HEX_SIZE(ETAG_BYTES)], etag[sizeof hex + 2];
    ML_TRY(ml_sha256(hash, &body, 1));
    ml_hex_encode(hex, hash, ETAG_BYTES);
    snprintf(etag, sizeof etag, "\"%s\"", hex);
    ml_etag_answer(call->http, etag,
                   call->immutable ? "private, max-age=31536000, immutable" : "private, no-cache",
                   reply);
    return MLEDGER_OK;
}

static int dispatch(struct ml_api_call *call, const char *path)
{
    struct ml_path_variables variables;
    ProtobufCMessage *message;
    const struct ml_api_route *route =
        ml_api_route(call->http->method, path, &variables, &call->allow);
    if (!route && call->allow)
        return ml_api_refuse(ML_API_METHOD, "this path is for %s", call->allow);
    if (!route)
        return ml_fail(MLEDGER_ENOTFOUND, "the ledger's API has no '%.256s'", path);
    ML_TRY(ml_api_read_request(call, route, &variables, &message));
    return route->handle(call, message);
}

int ml_api_answer(struct ml_api *service, const struct ml_server_request *request,
                  struct ml_server_reply *reply)
{
    static const char prefix[] = ML_API_PREFIX;
    if (strncmp(request->path, prefix, sizeof prefix - 1) != 0)
        return 0;
    ML_CLEANUP(ml_api_call_release) struct ml_api_call call;
    ml_api_call_init(&call, service, request, reply);
    int result = dispatch(&call, request->path + sizeof prefix - 1);
    if (result >= 0 && reply->status == 200 && strcmp(request->method, "POST") != 0)
        result = tag(&call);
    if (result < 0)
        ML_TRY(ml_api_problem(&call, result));
    /* What stands in records is other people's text. */
    ml_server_reply_header(reply, "X-Content-Type-Options", "nosniff");
    ml_server_reply_header(reply, "Content-Security-Policy",
                           "default-src 'none'; style-src 'unsafe-inline'; sandbox");
    return 1;
}
