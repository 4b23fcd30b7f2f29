/* SPDX-License-Identifier: Apache-2.0 */
/* /health and /version, as MLflow's own server answers them. */
#include "cli/serving_part.h"

static int reply_text(struct ml_server_reply *reply, const char *text)
{
    ML_TRY(ml_buf_append_text(&reply->body, text));
    reply->status = 200;
    reply->content_type = "text/plain; charset=utf-8";
    return 1;
}

static int answer(struct ml_serving *serving, const struct ml_server_request *request,
                  struct ml_server_reply *reply)
{
    (void)serving;
    if (strcmp(request->path, "/health") == 0)
        return reply_text(reply, "OK");
    if (strcmp(request->path, "/version") == 0)
        return reply_text(reply, MLEDGER_VERSION);
    return 0;
}

const struct ml_serving_part ml_serving_health = {.answer = answer};
