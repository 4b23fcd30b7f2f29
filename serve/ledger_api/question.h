/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A question of the ledger, from a request to the end of its answer: its turn among the few that
 * are at work at once, the moment it is asked of, and what the answer rests on. What is asked and
 * what is answered is ledger/query's, as it is for the command.
 */
#ifndef ML_SERVE_LEDGER_API_QUESTION_H
#define ML_SERVE_LEDGER_API_QUESTION_H

#include "ledger/query/basis.h"
#include "ledger/query/reader.h"
#include "serve/ledger_api/call.h"

struct ml_api_question {
    struct ml_view *view;
    struct ml_instant instant; /* the moment */
    struct ml_reader reader;   /* of the view, up to the moment, with bounded memory */
    struct ml_basis basis;
    int64_t now_us; /* the moment's time: ages count back from here */
};

/* Asks, and makes the answer without its basis. */
typedef int ml_api_asker(struct ml_api_question *question, const void *request, json_t **ret_json);

/* Answers as of `as_of` (NULL: now) with what `ask` makes of `request`, and "basis". Refused as
 * ML_API_BUSY where too many are at work. Other errors are those of `ask`. */
int ml_api_question(struct ml_api_call *call, const char *as_of, ml_api_asker *ask,
                    const void *request) ML_MUST_USE;

/* A turn; a refusal as above. ml_api_leave() ends it. */
int ml_api_enter(struct ml_api *service, bool draws) ML_MUST_USE;
void ml_api_leave(struct ml_api *service, bool draws);
/* The moment, in the call's view; its seq is that of the newest record that counts. */
int ml_api_moment(struct ml_api_call *call, const char *as_of,
                  struct ml_instant *ret_instant) ML_MUST_USE;

#endif
