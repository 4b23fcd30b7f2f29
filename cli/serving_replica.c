/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/serving_replica.h"

#include "ledger/core/json.h"
#include "serve/mlflow/error.h"

/* What is for the recorder alone makes no sense here. */
static int open_replica(struct ml_serving *serving)
{
    static const char *const others[] = {"key", "log-key", "checkpoint-every", "heartbeat"};
    for (size_t i = 0; !serving->signer && i < ML_COUNT(others); i++)
        if (ml_option_given(serving->session.invocation, others[i]))
            return ml_fail(MLEDGER_EUSAGE, "--%s is for a server that records, and not --read-only",
                           others[i]);
    return MLEDGER_OK;
}

/* Methods that are never a read end here, before their bodies are taken; of POST only the call
 * itself knows (searches are POST, too), and what it would record has no signer. */
static bool may_read(const char *method)
{
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 ||
           strcmp(method, "OPTIONS") == 0 || strcmp(method, "POST") == 0;
}

static int begin(struct ml_serving *serving, const struct ml_server_request *request,
                 struct ml_server_intake **ret_intake, struct ml_server_reply *reply)
{
    (void)ret_intake;
    if (serving->signer || may_read(request->method))
        return 0;
    ML_CLEANUP(json_decrefp)
    json_t *json =
        json_pack("{s:s, s:s}", "error_code", ML_REST_DENIED, "message", ML_REST_ONLY_READS);
    if (!json)
        return ml_fail_memory();
    ML_TRY(ml_json_dump(json, 0, &reply->body));
    reply->status = 403;
    reply->content_type = "application/json";
    return 1;
}

const struct ml_serving_part ml_serving_replica = {.open = open_replica, .begin = begin};
