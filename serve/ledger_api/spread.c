/* SPDX-License-Identifier: Apache-2.0 */
/* Questions about lineage that are not of one thing's own: what something came to, and how. */
#include "ledger/query/impact_json.h"
#include "ledger/query/impact_words.h"
#include "ledger/query/path_answer.h"
#include "serve/ledger_api/question.h"
#include "serve/ledger_api/route.h"

static int ask_impact(struct ml_api_question *question, const void *message, json_t **ret_json)
{
    const MledgerApi__AskImpact *request = message;
    ML_CLEANUP(ml_impact_release) struct ml_impact impact = {0};
    const struct ml_impact_words words = {.what = (const char *const *)request->what,
                                          .count = request->n_what,
                                          .since = request->since,
                                          .same_content = request->same_content,
                                          .inferred = request->inferred,
                                          .max_nodes = ML_API_NODES_MAX};
    if (words.count == 0)
        return ml_fail(MLEDGER_EINVALID, "'what' is missing");
    ML_TRY(ml_impact_ask(&question->reader, &words, &question->basis, &impact));
    return ml_impact_to_json(&impact, ret_json);
}

int ml_api_impact(struct ml_api_call *call, const void *message)
{
    const MledgerApi__AskImpact *request = message;
    return ml_api_question(call, request->as_of, ask_impact, request);
}

static int ask_path(struct ml_api_question *question, const void *message, json_t **ret_json)
{
    const MledgerApi__AskPath *request = message;
    ML_CLEANUP(ml_paths_release) struct ml_paths paths = {0};
    const size_t limit = request->has_limit ? request->limit : ML_PATHS_DEFAULT;
    const struct ml_path_words words = {.from = request->from,
                                        .to = request->to,
                                        .most = request->all ? limit : 1,
                                        .same_content = request->same_content,
                                        .inferred = request->inferred,
                                        .max_nodes = ML_API_NODES_MAX};
    if (request->has_limit && !request->all)
        return ml_fail(MLEDGER_EINVALID, "'limit' is about 'all'");
    if (limit == 0 || limit > ML_PATHS_MOST)
        return ml_fail(MLEDGER_EINVALID, "'limit' is 1 to %d", ML_PATHS_MOST);
    ML_TRY(ml_paths_ask(&question->reader, &words, &question->basis, &paths));
    return ml_paths_to_json(&paths, ret_json);
}

int ml_api_path(struct ml_api_call *call, const void *message)
{
    const MledgerApi__AskPath *request = message;
    return ml_api_question(call, request->as_of, ask_path, request);
}
