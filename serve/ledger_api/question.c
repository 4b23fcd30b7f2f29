/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/ledger_api/question.h"

#include "ledger/core/json.h"
#include "ledger/core/time.h"
#include "ledger/query/as_of.h"
#include "ledger/query/basis_json.h"
#include "serve/ledger_api/problem.h"

/* ---- turns ---- */

int ml_api_enter(struct ml_api *service, bool draws)
{
    pthread_mutex_lock(&service->counting);
    const bool is_full = service->questions >= ML_API_QUESTIONS_MAX;
    const bool enters = !is_full && (!draws || service->drawings < ML_API_DRAWINGS_MAX);
    service->questions += enters;
    service->drawings += enters && draws;
    pthread_mutex_unlock(&service->counting);
    if (enters)
        return MLEDGER_OK;
    return is_full
               ? ml_api_refuse(ML_API_BUSY, "%d questions are at work already",
                               ML_API_QUESTIONS_MAX)
               : ml_api_refuse(ML_API_BUSY, "%d pictures are drawn already", ML_API_DRAWINGS_MAX);
}

void ml_api_leave(struct ml_api *service, bool draws)
{
    pthread_mutex_lock(&service->counting);
    service->questions--;
    service->drawings -= draws;
    pthread_mutex_unlock(&service->counting);
}

/* ---- the moment ---- */

int ml_api_moment(struct ml_api_call *call, const char *as_of, struct ml_instant *ret_instant)
{
    struct ml_as_of moment = {.kind = ML_AS_OF_NOW};
    if (as_of && ml_as_of_parse(as_of, &moment) < 0)
        return ml_prefix("'as_of'");
    return ml_as_of_instant(&call->view, &moment, ret_instant);
}

static int begin(struct ml_api_call *call, const char *as_of, struct ml_api_question *question)
{
    const struct ml_record *record;
    ML_TRY(ml_api_view(call));
    ML_TRY(ml_api_moment(call, as_of, &question->instant));
    const uint64_t newest = question->instant.seq;
    question->view = &call->view;
    ml_reader_init(&question->reader, question->view, newest);
    ml_arena_init(&question->reader.arena, ML_API_QUESTION_MEMORY); /* of which none was taken */
    question->now_us = ml_time_now_us();
    if (!as_of)
        return MLEDGER_OK;
    ML_TRY(ml_reader_record(&question->reader, newest, &record));
    question->now_us = record->header->recorded_at;
    return MLEDGER_OK;
}

static void question_release(struct ml_api_question *question)
{
    ml_basis_release(&question->basis);
    ml_reader_release(&question->reader);
}

static int answer(struct ml_api_call *call, const char *as_of, ml_api_asker *ask,
                  const void *request)
{
    ML_CLEANUP(question_release) struct ml_api_question question = {0};
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    json_t *basis;
    ML_TRY(begin(call, as_of, &question));
    ML_TRY(ask(&question, request, &json));
    ML_TRY(ml_basis_correct(&question.basis, &question.reader, &question.instant));
    ML_TRY(ml_basis_to_json(&question.basis, question.view, question.reader.as_of,
                            call->service->options.known_dir, &basis));
    ML_TRY(ml_json_put(json, "basis", basis));
    return ml_api_answer_json(call, json);
}

int ml_api_question(struct ml_api_call *call, const char *as_of, ml_api_asker *ask,
                    const void *request)
{
    ML_TRY(ml_api_enter(call->service, false));
    const int result = answer(call, as_of, ask, request);
    ml_api_leave(call->service, false);
    return result;
}
