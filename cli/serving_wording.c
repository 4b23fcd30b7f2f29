/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/serving_wording.h"

#include "serve/ledger_api/problem.h"
#include "serve/mlflow/reply.h"

static bool is_ledgers(const struct ml_server_request *request)
{
    return strncmp(request->path, ML_API_PREFIX, strlen(ML_API_PREFIX)) == 0;
}

int ml_serving_refuse(const struct ml_server_request *request, int result,
                      struct ml_server_reply *reply)
{
    return is_ledgers(request) ? ml_api_problem_reply(reply, result)
                               : ml_rest_reply_error(reply, result, ml_rest_is_version_3(request));
}

int ml_serving_speak(const struct ml_server_request *request, int status, const char *text,
                     struct ml_server_reply *reply)
{
    return is_ledgers(request) ? ml_api_problem_words(reply, status, text)
                               : ml_rest_reply_status(reply, status, text);
}
