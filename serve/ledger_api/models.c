/* SPDX-License-Identifier: Apache-2.0 */
/* Questions about models: where they were, what happened, what they are made of, which there are.
 */
#include "ledger/query/as_of.h"
#include "ledger/query/at_answer.h"
#include "ledger/query/curves.h"
#include "ledger/query/difference.h"
#include "ledger/query/exceptions_json.h"
#include "ledger/query/flow_json.h"
#include "ledger/query/history_answer.h"
#include "ledger/query/inventory_json.h"
#include "ledger/query/timeline_answer.h"
#include "serve/ledger_api/question.h"
#include "serve/ledger_api/route.h"

/* ---- where ---- */

static int ask_at(struct ml_api_question *question, const void *message, json_t **ret_json)
{
    const MledgerApi__AskAt *request = message;
    const struct ml_at_question asked = {
        .what = request->what, .stage = request->stage, .time = request->time};
    ML_CLEANUP(ml_at_answer_release) struct ml_at_answer answer;
    ML_TRY(ml_at_ask(&question->reader, &asked, &question->basis, &answer));
    return ml_at_to_json(&question->reader, &answer, &question->basis, ret_json);
}

int ml_api_at(struct ml_api_call *call, const void *message)
{
    const MledgerApi__AskAt *request = message;
    return ml_api_question(call, request->as_of, ask_at, request);
}

static int ask_timeline(struct ml_api_question *question, const void *message, json_t **ret_json)
{
    const MledgerApi__AskTimeline *request = message;
    const struct ml_timeline_question asked = {
        .what = request->what, .stage = request->stage, .from = request->from, .to = request->to};
    ML_CLEANUP(ml_timeline_answer_release) struct ml_timeline_answer answer;
    ML_TRY(ml_timeline_ask(&question->reader, &asked, &question->basis, &answer));
    return ml_timeline_to_json(&question->reader, &answer, &question->basis, ret_json);
}

int ml_api_timeline(struct ml_api_call *call, const void *message)
{
    const MledgerApi__AskTimeline *request = message;
    return ml_api_question(call, request->as_of, ask_timeline, request);
}

/* ---- what happened, and what was measured ---- */

static int ask_history(struct ml_api_question *question, const void *message, json_t **ret_json)
{
    const MledgerApi__AskHistory *request = message;
    struct ml_history history;
    ML_TRY(ml_history_ask(&question->reader, request->what, NULL, &question->basis, &history));
    return ml_history_to_json(&history, ret_json);
}

int ml_api_history(struct ml_api_call *call, const void *message)
{
    const MledgerApi__AskHistory *request = message;
    return ml_api_question(call, request->as_of, ask_history, request);
}

static int ask_diff(struct ml_api_question *question, const void *message, json_t **ret_json)
{
    const MledgerApi__AskDiff *request = message;
    ML_CLEANUP(ml_difference_release) struct ml_difference difference;
    ML_TRY(ml_difference_ask(&question->reader, request->before, request->after, &question->basis,
                             &difference));
    return ml_difference_to_json(&difference, ret_json);
}

int ml_api_diff(struct ml_api_call *call, const void *message)
{
    const MledgerApi__AskDiff *request = message;
    return ml_api_question(call, request->as_of, ask_diff, request);
}

static int ask_metrics(struct ml_api_question *question, const void *message, json_t **ret_json)
{
    const MledgerApi__AskMetrics *request = message;
    ML_CLEANUP(ml_curves_release) struct ml_curves curves = {0};
    struct ml_target *targets =
        ml_arena_calloc(&question->reader.arena, request->n_ref, sizeof *targets);
    if (request->n_ref == 0)
        return ml_fail(MLEDGER_EINVALID, "'ref' is missing");
    if (!targets)
        return ml_arena_fail(&question->reader.arena, "the question");
    for (size_t i = 0; i < request->n_ref; i++)
        ML_TRY(ml_makeup_find(&question->reader, request->ref[i], &targets[i]));
    const struct ml_curves_question asked = {.targets = targets,
                                             .n_targets = request->n_ref,
                                             .keys = (const char *const *)request->metric,
                                             .n_keys = request->n_metric};
    ML_TRY(ml_curves_read(&question->reader, &asked, &question->basis, &curves));
    return ml_curves_to_json(&curves, ret_json);
}

int ml_api_metrics(struct ml_api_call *call, const void *message)
{
    const MledgerApi__AskMetrics *request = message;
    return ml_api_question(call, request->as_of, ask_metrics, request);
}

/* ---- which there are ---- */

static int ask_inventory(struct ml_api_question *question, const void *message, json_t **ret_json)
{
    const MledgerApi__AskInventory *request = message;
    ML_CLEANUP(ml_inventory_release) struct ml_inventory inventory = {0};
    struct ml_filter filter = {0};
    for (size_t i = 0; i < request->n_where; i++)
        ML_TRY(ml_filter_parse(request->where[i], &question->reader.arena, &filter));
    const struct ml_inventory_options options = {.as_of = question->reader.as_of,
                                                 .now_us = question->now_us,
                                                 .filter = &filter,
                                                 .all_versions = request->all_versions,
                                                 .deleted = request->deleted};
    ML_TRY(ml_inventory(question->view, &options, &question->basis, &inventory));
    return ml_inventory_to_json(&inventory, ret_json);
}

int ml_api_inventory(struct ml_api_call *call, const void *message)
{
    const MledgerApi__AskInventory *request = message;
    return ml_api_question(call, request->as_of, ask_inventory, request);
}

static int ask_exceptions(struct ml_api_question *question, const void *message, json_t **ret_json)
{
    const MledgerApi__AskExceptions *request = message;
    ML_CLEANUP(ml_exceptions_release) struct ml_exceptions found = {0};
    struct ml_exceptions_options options = {.as_of = question->reader.as_of,
                                            .as_of_us = question->now_us};
    ml_exception_checks_usual(request->n_check == 0, options.wanted);
    for (size_t i = 0; i < request->n_check; i++)
        ML_TRY(ml_exception_check_want(request->check[i], options.wanted));
    ML_TRY(ml_exceptions_model(&question->reader, request->model, &options.model));
    ML_TRY(ml_exceptions(question->view, &options, &question->basis, &found));
    return ml_exceptions_to_json(&found, options.wanted, ret_json);
}

int ml_api_exceptions(struct ml_api_call *call, const void *message)
{
    const MledgerApi__AskExceptions *request = message;
    return ml_api_question(call, request->as_of, ask_exceptions, request);
}

static int read_bound(const char *name, const char *text, struct ml_as_of *ret_bound)
{
    *ret_bound = (struct ml_as_of){.kind = ML_AS_OF_NOW};
    if (text && ml_as_of_parse(text, ret_bound) < 0)
        return ml_prefix("'%s'", name);
    return MLEDGER_OK;
}

static int ask_flow(struct ml_api_question *question, const void *message, json_t **ret_json)
{
    const MledgerApi__AskFlow *request = message;
    ML_CLEANUP(ml_flow_release) struct ml_flow flow = {0};
    struct ml_flow_options options = {.stage = request->stage, .as_of = question->reader.as_of};
    ML_TRY(read_bound("from", request->from, &options.from));
    ML_TRY(read_bound("to", request->to, &options.to));
    ML_TRY(ml_flow(question->view, &options, &question->basis, &flow));
    return ml_flow_to_json(&flow, request->stage, ret_json);
}

int ml_api_flow(struct ml_api_call *call, const void *message)
{
    const MledgerApi__AskFlow *request = message;
    return ml_api_question(call, request->as_of, ask_flow, request);
}
