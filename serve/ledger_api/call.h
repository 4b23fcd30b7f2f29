/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One call of the ledger's API on its way. A handler reads the ledger through ml_api_view(),
 * answers once, and fails with an ordinary error of its thread, which becomes a problem
 * (serve/ledger_api/problem.h). A call belongs to one thread.
 */
#ifndef ML_SERVE_LEDGER_API_CALL_H
#define ML_SERVE_LEDGER_API_CALL_H

#include <jansson.h>

#include "serve/ledger_api/ledger_api.pb-c.h"
#include "serve/ledger_api/service.h"

struct ml_api_call {
    struct ml_api *service;
    const struct ml_server_request *http;
    struct ml_server_reply *reply;
    struct ml_arena arena; /* of the request and of what is read for the answer */
    struct ml_view view;
    bool viewing;
    const char *allow; /* the method that the path has, where it was asked by another */
    bool immutable;    /* the answer never changes: for this path and query there is no other */
};

void ml_api_call_init(struct ml_api_call *call, struct ml_api *service,
                      const struct ml_server_request *http, struct ml_server_reply *reply);
void ml_api_call_release(struct ml_api_call *call);

/* Lets the handler read: call->view, as of now or as it is already. */
int ml_api_view(struct ml_api_call *call) ML_MUST_USE;
void ml_api_view_end(struct ml_api_call *call);
/* Record `seq`. MLEDGER_ENOTFOUND says how many there are. */
int ml_api_record(struct ml_api_call *call, uint64_t seq, struct ml_record *ret_record) ML_MUST_USE;

/* Answers 200, or what the reply's status is set to already. */
int ml_api_answer_message(struct ml_api_call *call, const ProtobufCMessage *message) ML_MUST_USE;
int ml_api_answer_json(struct ml_api_call *call, const json_t *json) ML_MUST_USE;
/* Takes `body` over. `type` is a string constant. */
int ml_api_answer_bytes(struct ml_api_call *call, const char *type, struct ml_buf *body);

/* What messages hold, borrowed. */
static inline char *ml_api_text(const char *text)
{
    return (char *)(uintptr_t)text;
}
static inline ProtobufCBinaryData ml_api_binary(const uint8_t *bytes, size_t len)
{
    return (ProtobufCBinaryData){len, (uint8_t *)(uintptr_t)bytes};
}

extern const char ml_api_type_json[], ml_api_type_text[];

#endif
