/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/serving_ui.h"

static int open_ui(struct ml_serving *serving)
{
    const char *dir = ml_option_text(serving->session.invocation, "ui", NULL);
    if (!dir)
        return MLEDGER_OK;
    ML_TRY(ml_ui_open(dir, &serving->ui));
    serving->has_ui = true;
    return MLEDGER_OK;
}

static int answer(struct ml_serving *serving, const struct ml_server_request *request,
                  struct ml_server_reply *reply)
{
    return serving->has_ui ? ml_ui_answer(&serving->ui, request, reply) : 0;
}

static void close_ui(struct ml_serving *serving)
{
    if (serving->has_ui)
        ml_ui_release(&serving->ui);
}

const struct ml_serving_part ml_serving_ui = {.open = open_ui, .answer = answer, .close = close_ui};
