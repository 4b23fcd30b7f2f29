/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/ledger_api/problem.h"

#include "ledger/core/json.h"
#include "ledger/core/utf8.h"

static const struct {
    const char *rule;
    int status;
} statuses[] = {
    {ML_API_BUSY, 503},
    {ML_API_UNAUTHENTICATED, 401},
    {ML_API_TOO_MANY, 429},
    {ML_API_UNAVAILABLE, 503},
    {ML_API_METHOD, 405},
    {ML_API_FORMAT, 406},
    /* The ledger is not what whoever signed saw, or has it already. */
    {"statement-ledger", 409},
    {"statement-nonce", 409},
    {"statement-seen", 409},
    {"statement-stale", 409},
};

static int status_of_rule(const char *rule)
{
    for (size_t i = 0; rule && i < ML_COUNT(statuses); i++)
        if (strcmp(rule, statuses[i].rule) == 0)
            return statuses[i].status;
    return 403;
}

int ml_api_status(int result)
{
    switch (result) {
    case MLEDGER_EREFUSED:
        return status_of_rule(mledger_error_rule());
    case MLEDGER_EUSAGE:
    case MLEDGER_EINVALID:
        return 400;
    case MLEDGER_ENOTFOUND:
        return 404;
    default:
        return 500;
    }
}

static const char *title_of(int status)
{
    static const struct {
        int status;
        const char *title;
    } titles[] = {{400, "Bad Request"},        {401, "Unauthorized"},
                  {403, "Forbidden"},          {404, "Not Found"},
                  {405, "Method Not Allowed"}, {406, "Not Acceptable"},
                  {409, "Conflict"},           {413, "Content Too Large"},
                  {429, "Too Many Requests"},  {503, "Service Unavailable"}};
    for (size_t i = 0; i < ML_COUNT(titles); i++)
        if (titles[i].status == status)
            return titles[i].title;
    return "Internal Server Error";
}

static int reply_with(struct ml_server_reply *reply, const MledgerApi__Problem *problem)
{
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    ML_TRY(ml_json_from_message(&problem->base, &json));
    ml_buf_clear(&reply->body);
    ML_TRY(ml_json_dump(json, 0, &reply->body));
    reply->status = (int)problem->status;
    reply->content_type = "application/problem+json";
    return MLEDGER_OK;
}

static void begin_problem(int status, MledgerApi__Problem *problem)
{
    mledger_api__problem__init(problem);
    problem->type = ml_api_text("about:blank");
    problem->title = ml_api_text(title_of(status));
    problem->status = (uint32_t)status;
}

int ml_api_problem_words(struct ml_server_reply *reply, int status, const char *text)
{
    MledgerApi__Problem problem;
    begin_problem(status, &problem);
    problem.detail = ml_api_text(text);
    return reply_with(reply, &problem);
}

int ml_api_problem_reply(struct ml_server_reply *reply, int result)
{
    struct ml_error error;
    ml_error_get(&error);
    MledgerApi__Problem problem;
    const int status = ml_api_status(result);
    const bool told = status != 500;
    begin_problem(status, &problem);
    /* It quotes what the request holds, which may be no UTF-8, or cut within a character. */
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(ml_utf8_mend(error.text, &text));
    ML_TRY(ml_buf_append_char(&text, '\0'));
    problem.detail = told && error.text[0]
                         ? (char *)text.data
                         : ml_api_text(told ? "there is no such thing"
                                            : "the server could not do this; its log says why");
    problem.rule = told && error.rule ? ml_api_text(error.rule) : NULL;
    problem.hint = told && error.hint[0] ? error.hint : NULL;
    problem.has_seq = told && error.seq != MLEDGER_NO_SEQ;
    problem.seq = error.seq;
    ML_TRY(reply_with(reply, &problem));
    ml_error_put(&error);
    return MLEDGER_OK;
}

int ml_api_problem(struct ml_api_call *call, int result)
{
    struct ml_server_reply *reply = call->reply;
    call->immutable = false;
    reply->n_headers = 0;
    ML_TRY(ml_api_problem_reply(reply, result));
    if (reply->status == 503)
        ml_server_reply_header(reply, "Retry-After", "1");
    if (reply->status == 405)
        ml_server_reply_header(reply, "Allow", "%s", call->allow);
    return MLEDGER_OK;
}
