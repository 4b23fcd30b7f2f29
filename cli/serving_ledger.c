/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger's own API. Checkpoints that are asked for are made by the log key that the watch has.
 */
#include "cli/serving_part.h"

static int open_api(struct ml_serving *serving)
{
    const struct ml_api_options options = {.ledger = serving->session.ledger,
                                           .signer = serving->signer,
                                           .log_key = serving->watch.checkpointing.log_key,
                                           .known_dir = serving->session.known_dir};
    ML_TRY(ml_api_init(&serving->api, &options));
    serving->has_api = true;
    return MLEDGER_OK;
}

static int answer(struct ml_serving *serving, const struct ml_server_request *request,
                  struct ml_server_reply *reply)
{
    const int answered = ml_api_answer(&serving->api, request, reply);
    if (answered > 0 && reply->status == 500)
        ml_serving_report(serving);
    return answered;
}

static void close_api(struct ml_serving *serving)
{
    if (serving->has_api)
        ml_api_release(&serving->api);
}

const struct ml_serving_part ml_serving_ledger = {
    .open = open_api, .answer = answer, .close = close_api};
