/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Appending what people have signed: a sealed event (ledger/core/sealed.h) enters with its exact
 * bytes, by the rules of `mledger statement append`. The server's key numbers it and signs the
 * header; what the record is worth is in its statements. So nothing is taken without one, and
 * nothing to which the server's own key would lend authority.
 */
#include <inttypes.h>

#include "ledger/core/codec.h"
#include "ledger/core/hex.h"
#include "ledger/core/sealed.h"
#include "serve/ledger_api/problem.h"
#include "serve/ledger_api/route.h"

/* Anybody may state that they have a key: that alone is nobody's word. */
static int check_stated(struct ml_draft *draft)
{
    ProtobufCMessage *message;
    if (draft->statements_bytes.len == 0)
        return ml_api_refuse(ML_API_UNSIGNED, "nobody has stated anything of the event");
    ML_TRY(ml_codec_unpack(&mledger__statements__descriptor, draft->statements_bytes, &draft->arena,
                           &message));
    const Mledger__Statements *list = (const Mledger__Statements *)message;
    for (size_t i = 0; i < list->n_statements; i++) {
        const ProtobufCBinaryData *bytes = &list->statements[i]->statement;
        ML_TRY(ml_codec_unpack(&mledger__statement__descriptor, ML_SPAN(bytes->data, bytes->len),
                               &draft->arena, &message));
        if (((const Mledger__Statement *)message)->meaning != MLEDGER__MEANING__POSSESSION)
            return MLEDGER_OK;
    }
    return ml_api_refuse(ML_API_UNSIGNED,
                         "nobody has stated anything of the event but that they have a key");
}

/* Who is said to have had it recorded is the server's word, so it must be who asks. */
static int check_caller(const struct ml_caller *caller, const Mledger__Event *event)
{
    if (caller->read_only)
        return ml_api_refuse(ML_API_READ_ONLY, "whoever asks may read and nothing else");
    if (!event->has_on_behalf_of_actor_ref)
        return MLEDGER_OK;
    if (caller->actor && caller->actor_ref == event->on_behalf_of_actor_ref)
        return MLEDGER_OK;
    return ml_api_refuse(ML_API_ON_BEHALF, "the event is on behalf of somebody else than asks");
}

/* An admin's key that signs the header stands behind a trust record: not for whoever asks. */
static int check_signer(struct ml_api_call *call, const Mledger__Event *event)
{
    const struct ml_signer *signer = call->service->options.signer;
    Mledger__KeyState *key;
    if (!ml_fold_needs_admins(event))
        return MLEDGER_OK;
    const int result = ml_state_key_entry(call->view.state, signer->key, &call->arena, &key);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK; /* the rules say so better */
    ML_TRY(result);
    for (size_t i = 0; i < key->n_roles; i++)
        if (key->roles[i] == MLEDGER__ROLE__ADMIN)
            return ml_api_refuse(
                ML_API_SIGNER, "the server signs with an admin's key, which would stand behind it");
    return MLEDGER_OK;
}

static int check(struct ml_api_call *call, const struct ml_sealed *sealed)
{
    if (!call->service->options.signer)
        return ml_api_refuse(ML_API_READ_ONLY, "this server appends nothing");
    ML_TRY(check_caller(call->http->caller, sealed->draft->event));
    ML_TRY(check_stated(sealed->draft));
    ML_TRY(ml_api_view(call));
    if (memcmp(call->view.head.identity, sealed->ledger, ML_HASH_SIZE) != 0)
        return ml_refuse("statement-ledger", "it was made for another ledger");
    return check_signer(call, sealed->draft->event);
}

/* Takes the number of the record that was to be out of the error: there is no such record. */
static int refuse(uint64_t size, int result)
{
    struct ml_error error;
    ml_error_get(&error);
    if (error.seq == MLEDGER_NO_SEQ || error.seq < size)
        return result;
    error.seq = MLEDGER_NO_SEQ;
    return ml_error_set(&error);
}

static int answer_receipt(struct ml_api_call *call, const struct ml_receipt *receipt,
                          const uint8_t identity[ML_HASH_SIZE])
{
    MledgerApi__Receipt answer = MLEDGER_API__RECEIPT__INIT;
    char link[ML_HEX_SIZE(ML_HASH_SIZE)];
    ml_hex_encode(link, receipt->link, ML_HASH_SIZE);
    answer.seq = receipt->seq;
    answer.recorded_at = receipt->recorded_at_us;
    answer.link = ml_api_binary(receipt->link, ML_HASH_SIZE);
    answer.identity = ml_api_binary(identity, ML_HASH_SIZE);
    call->reply->status = 201;
    ml_server_reply_header(call->reply, "Location", ML_API_PREFIX "records/%" PRIu64, receipt->seq);
    ml_server_reply_header(call->reply, "Mledger-Seq", "%" PRIu64, receipt->seq);
    ml_server_reply_header(call->reply, "Mledger-Record-Hash", "%s", link);
    return ml_api_answer_message(call, &answer.base);
}

int ml_api_statements(struct ml_api_call *call, const void *message)
{
    const struct ml_api_options *options = &call->service->options;
    const struct ml_span body = call->http->body;
    ML_CLEANUP(ml_sealed_release) struct ml_sealed sealed = {0};
    struct ml_receipt receipt;
    (void)message;
    ML_TRY(ml_sealed_parse((const char *)body.data, body.len, &sealed));
    ML_TRY(check(call, &sealed));
    const uint64_t size = call->view.head.size;
    ml_api_view_end(call); /* before a write: it would keep what the write replaces */
    const int result =
        ml_ledger_append(options->ledger, options->signer, &sealed.draft, 1, &receipt, NULL);
    return result < 0 ? refuse(size, result) : answer_receipt(call, &receipt, sealed.ledger);
}
