/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/call.h"

#include "ledger/core/codec.h"
#include "ledger/core/draft.h"
#include "serve/webhook/deliverer.h"

void ml_rest_call_init(struct ml_rest_call *call, struct ml_rest *service)
{
    *call = (struct ml_rest_call){.service = service};
    ml_arena_init(&call->arena, ML_LIMIT_UNPACKED);
}

static void end_reading(struct ml_rest_call *call)
{
    if (!call->is_reading)
        return;
    ml_reader_release(&call->reader);
    ml_view_end(&call->view);
    call->is_reading = false;
}

void ml_rest_call_release(struct ml_rest_call *call)
{
    end_reading(call);
    for (size_t i = 0; i < call->n_drafts; i++)
        ml_draft_free(call->drafts[i]);
    free(call->drafts);
    ml_arena_release(&call->arena);
}

int ml_rest_read(struct ml_rest_call *call)
{
    if (call->is_reading)
        return MLEDGER_OK;
    ML_TRY(ml_view_begin(call->service->ledger, &call->view));
    ml_reader_init(&call->reader, &call->view, call->view.head.size - 1);
    call->is_reading = true;
    return MLEDGER_OK;
}

int ml_rest_draft(struct ml_rest_call *call, const char *kind, void *ret_body)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    if (!call->service->signer)
        return ml_rest_refuse(ML_REST_DENIED, ML_REST_ONLY_READS);
    ML_TRY(ml_caller_may_record(call->caller));
    ML_TRY(ml_grow(&call->drafts, &call->cap_drafts, call->n_drafts + 1, sizeof *call->drafts));
    ML_TRY(ml_draft_new(&draft));
    void *body = ml_draft_set_kind(draft, kind);
    Mledger__Details *details = ml_draft_details(draft);
    if (!body || !details)
        return ml_fail_memory();
    ml_caller_name(call->caller, draft);
    ML_TRY(ml_rest_text(draft, call->client, &details->client));
    call->drafts[call->n_drafts++] = ML_TAKE(draft);
    *(void **)ret_body = body;
    return MLEDGER_OK;
}

struct ml_draft *ml_rest_last(const struct ml_rest_call *call)
{
    return call->drafts[call->n_drafts - 1];
}

void ml_rest_undraft(struct ml_rest_call *call)
{
    assert(call->n_drafts > call->n_recorded);
    ml_draft_free(call->drafts[--call->n_drafts]);
}

static int rehearse(struct ml_rest_call *call)
{
    ML_TRY(ml_ledger_rehearse(call->service->ledger, call->service->signer, call->drafts,
                              call->n_drafts));
    call->is_rehearsed = true;
    return ml_fail(MLEDGER_EUSAGE, "this was a rehearsal");
}

int ml_rest_commit(struct ml_rest_call *call)
{
    const size_t count = call->n_drafts - call->n_recorded;
    end_reading(call);
    if (count == 0)
        return MLEDGER_OK;
    if (call->turn == ML_REST_REHEARSAL)
        return rehearse(call);
    ML_CLEANUP(ml_freep) struct ml_receipt *receipts = ml_calloc(count, sizeof *receipts);
    if (!receipts)
        return ml_fail_memory();
    ML_TRY(ml_ledger_append(call->service->ledger, call->service->signer,
                            &call->drafts[call->n_recorded], count, receipts, NULL));
    call->receipt = receipts[count - 1];
    call->n_recorded = call->n_drafts;
    if (call->service->deliverer)
        ml_deliverer_nudge(call->service->deliverer, call->receipt.seq);
    return MLEDGER_OK;
}

/* ---- small pieces ---- */

void *ml_rest_message(struct ml_rest_call *call, const ProtobufCMessageDescriptor *type)
{
    ProtobufCMessage *message = ml_arena_alloc(&call->reader.arena, type->sizeof_message);
    if (message)
        protobuf_c_message_init(type, message);
    return message;
}

void *ml_rest_array(struct ml_rest_call *call, size_t count)
{
    return ml_arena_calloc(&call->reader.arena, count + 1, sizeof(void *));
}

int ml_rest_check(const struct ml_rest_call *call)
{
    const struct ml_arena *arena = &call->reader.arena;
    return arena->is_full || arena->is_out ? ml_arena_fail(arena, "what the answer holds")
                                           : MLEDGER_OK;
}

int ml_rest_text(struct ml_draft *draft, const char *text, char **ret_text)
{
    *ret_text = ml_draft_text(draft, text);
    return text && !*ret_text ? ml_arena_fail(&draft->arena, "the request") : MLEDGER_OK;
}

int ml_rest_occurred(struct ml_draft *draft, int64_t time_ms)
{
    int64_t time_us;
    if (__builtin_mul_overflow(time_ms, 1000, &time_us))
        return ml_rest_refuse(ML_REST_INVALID, "the time %jd is out of range", (intmax_t)time_ms);
    draft->details->has_occurred_at = true;
    draft->details->occurred_at = time_us;
    return MLEDGER_OK;
}

int64_t ml_rest_time_ms(const struct ml_record *record)
{
    if (record->details && record->details->has_occurred_at)
        return record->details->occurred_at / 1000;
    return record->header->recorded_at / 1000;
}

static pthread_mutex_t *stripe_of(struct ml_rest *service, const char *run_id)
{
    uint32_t hash = 2166136261U; /* FNV-1a, 32 bits */
    for (const char *c = run_id; *c; c++)
        hash = (hash ^ (uint8_t)*c) * 16777619U;
    return &service->stripes[hash % ML_REST_STRIPES];
}

void ml_rest_lock(struct ml_rest *service, const char *run_id)
{
    pthread_mutex_lock(stripe_of(service, run_id));
}

void ml_rest_unlock(struct ml_rest *service, const char *run_id)
{
    pthread_mutex_unlock(stripe_of(service, run_id));
}
