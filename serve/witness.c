/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/witness.h"

#include <inttypes.h>

#include "ledger/core/time.h"
#include "serve/witness_state.h"

enum { NOT_FOUND = 404, METHOD_NOT_ALLOWED = 405 };

static int say(struct ml_server_reply *reply, int status, const char *text)
{
    reply->status = status;
    reply->content_type = "text/plain; charset=utf-8";
    return ml_buf_printf(&reply->body, "%s\n", text);
}

static int64_t now_of(const struct ml_witness_service *service)
{
    return service->now ? service->now(service->context) : ml_time_now_us() / 1000000;
}

/* Cosigns and keeps, then gives the line. The entry is held. */
static int cosign(const struct ml_witness_service *service,
                  const struct ml_witness_request *request, const struct ml_witness_entry *entry,
                  struct ml_buf *line)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf note = {0};
    uint8_t cosignature[ML_COSIGNATURE_SIZE];
    ML_TRY(ml_key_cosign(service->key, request->note.text, now_of(service), cosignature));
    ML_TRY(
        ml_note_append_signature(line, &service->vkey, ML_SPAN(cosignature, sizeof cosignature)));
    ML_TRY(ml_witness_kept_note(request, service->logs, service->n_logs, &note));
    ML_TRY(ml_buf_append(&note, line->data, line->len));
    return ml_witness_state_put(entry, ml_buf_span(&note));
}

static void tell(const struct ml_witness_service *service, const struct ml_witness_request *request,
                 const struct ml_witness_verdict *verdict)
{
    if (service->judged)
        service->judged(&request->checkpoint, verdict, service->context);
}

/* For a checkpoint that its log has signed. */
static int compare_and_cosign(const struct ml_witness_service *service,
                              const struct ml_witness_request *request,
                              struct ml_server_reply *reply)
{
    ML_CLEANUP(ml_witness_state_release) struct ml_witness_entry entry;
    struct ml_witness_verdict verdict;
    ML_TRY(ml_witness_state_hold(service->state_dir, request->checkpoint.origin, &entry));
    ML_TRY(ml_witness_check_growth(request, &entry.known, &verdict));
    if (verdict.status == ML_WITNESS_COSIGN)
        ML_TRY(cosign(service, request, &entry, &reply->body));
    tell(service, request, &verdict);
    reply->status = (int)verdict.status;
    if (verdict.status == ML_WITNESS_COSIGN)
        return MLEDGER_OK;
    if (verdict.status != ML_WITNESS_CONFLICT)
        return say(reply, (int)verdict.status, verdict.reason);
    reply->content_type = ML_WITNESS_SIZE_TYPE;
    return ml_buf_printf(&reply->body, "%" PRIu64 "\n", entry.known.size);
}

static int add_checkpoint(const struct ml_witness_service *service, struct ml_span body,
                          struct ml_server_reply *reply)
{
    ML_CLEANUP(ml_witness_request_release) struct ml_witness_request request;
    struct ml_witness_verdict verdict;
    int result = ml_witness_request_parse(body, &request);
    if (result == MLEDGER_EINVALID)
        return say(reply, ML_WITNESS_BAD_REQUEST, mledger_error_text());
    ML_TRY(result);
    ML_TRY(ml_witness_check_log(&request, service->logs, service->n_logs, &verdict));
    if (verdict.status == ML_WITNESS_COSIGN)
        return compare_and_cosign(service, &request, reply);
    if (verdict.status != ML_WITNESS_UNKNOWN_LOG)
        tell(service, &request, &verdict);
    return say(reply, (int)verdict.status, verdict.reason);
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

int ml_witness_handle(const struct ml_server_request *request, void *context,
                      struct ml_server_reply *reply)
{
    if (!ends_with(request->path, ML_WITNESS_PATH))
        return say(reply, NOT_FOUND, "there is nothing here but " ML_WITNESS_PATH);
    if (strcmp(request->method, "POST") != 0)
        return say(reply, METHOD_NOT_ALLOWED, ML_WITNESS_PATH " takes POST");
    return add_checkpoint(context, request->body, reply);
}
