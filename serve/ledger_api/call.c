/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/ledger_api/call.h"

#include <inttypes.h>

#include "ledger/core/json.h"

/* Memory of one call, its view's records included. */
#define CALL_MEMORY ((size_t)64 << 20)

const char ml_api_type_json[] = "application/json";
const char ml_api_type_text[] = "text/plain; charset=utf-8";

void ml_api_call_init(struct ml_api_call *call, struct ml_api *service,
                      const struct ml_server_request *http, struct ml_server_reply *reply)
{
    *call = (struct ml_api_call){.service = service, .http = http, .reply = reply};
    ml_arena_init(&call->arena, CALL_MEMORY);
}

void ml_api_call_release(struct ml_api_call *call)
{
    ml_api_view_end(call);
    ml_arena_release(&call->arena);
}

int ml_api_view(struct ml_api_call *call)
{
    if (call->viewing)
        return MLEDGER_OK;
    ML_TRY(ml_view_begin(call->service->options.ledger, &call->view));
    call->viewing = true;
    return MLEDGER_OK;
}

void ml_api_view_end(struct ml_api_call *call)
{
    if (call->viewing)
        ml_view_end(&call->view);
    call->viewing = false;
}

int ml_api_record(struct ml_api_call *call, uint64_t seq, struct ml_record *ret_record)
{
    if (seq >= call->view.head.size)
        return ml_fail(MLEDGER_ENOTFOUND, "there is no record %" PRIu64 "; the newest is %" PRIu64,
                       seq, call->view.head.size - 1);
    return ml_view_record(&call->view, seq, &call->arena, ret_record);
}

int ml_api_answer_bytes(struct ml_api_call *call, const char *type, struct ml_buf *body)
{
    if (call->reply->status == 0)
        call->reply->status = 200;
    call->reply->content_type = type;
    ml_buf_release(&call->reply->body);
    call->reply->body = *body;
    *body = (struct ml_buf){0};
    return MLEDGER_OK;
}

int ml_api_answer_json(struct ml_api_call *call, const json_t *json)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf body = {0};
    ML_TRY(ml_json_dump(json, 0, &body));
    return ml_api_answer_bytes(call, ml_api_type_json, &body);
}

int ml_api_answer_message(struct ml_api_call *call, const ProtobufCMessage *message)
{
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    ML_TRY(ml_json_from_message(message, &json));
    return ml_api_answer_json(call, json);
}
