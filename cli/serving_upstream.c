/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/serving_upstream.h"

#include "cli/environment.h"

static int check_options(const struct ml_serving *serving)
{
    const struct ml_invocation *invocation = serving->session.invocation;
    static const char *const others[] = {"upstream-ca", "fail-open"};
    const bool has_upstream = ml_option_given(invocation, "upstream");
    for (size_t i = 0; i < ML_COUNT(others); i++)
        if (!has_upstream && ml_option_given(invocation, others[i]))
            return ml_fail(MLEDGER_EUSAGE, "--%s says something of --upstream, which is not given",
                           others[i]);
    if (has_upstream && !serving->signer)
        return ml_fail(MLEDGER_EUSAGE, "--upstream records, and --read-only does not");
    return MLEDGER_OK;
}

static int open_upstream(struct ml_serving *serving)
{
    const struct ml_invocation *invocation = serving->session.invocation;
    const struct ml_upstream_options options = {
        .url = ml_option_text(invocation, "upstream", NULL),
        .bearer = ml_environment_get("MLEDGER_UPSTREAM_TOKEN"),
        .ca_file = ml_option_text(invocation, "upstream-ca", NULL),
    };
    ML_TRY(check_options(serving));
    if (!options.url)
        return MLEDGER_OK;
    ML_TRY(ml_upstream_new(&options, &serving->upstream));
    ML_TRY(ml_relay_init(&serving->relay, &serving->rest, serving->upstream,
                         ml_option_given(invocation, "fail-open")));
    serving->has_relay = true;
    return MLEDGER_OK;
}

static int answer(struct ml_serving *serving, const struct ml_server_request *request,
                  struct ml_server_reply *reply)
{
    if (!serving->has_relay)
        return 0;
    ML_TRY(ml_relay_answer(&serving->relay, request, reply));
    if (reply->status >= 500 && mledger_error_code() < 0)
        ml_serving_report(serving);
    return 1;
}

static void close_upstream(struct ml_serving *serving)
{
    if (serving->has_relay)
        ml_relay_release(&serving->relay);
    ml_upstream_free(serving->upstream);
}

const struct ml_serving_part ml_serving_upstream = {
    .open = open_upstream, .answer = answer, .close = close_upstream};
