/* SPDX-License-Identifier: Apache-2.0 */
/* Who may ask the ledger that is served: serve/gate over the session's ledger. */
#include "cli/serving_door.h"

enum { SHARE = 2 }; /* one actor takes at most one connection in two */

static void on_unreadable(void *context)
{
    ml_serving_report(context);
}

static int open_door(struct ml_serving *serving)
{
    ML_CLEANUP(ml_freep) char *path = NULL;
    struct ml_door_options options = {.ledger = serving->session.ledger,
                                      .each_max = ML_SERVER_CONNECTIONS_MAX / SHARE,
                                      .failed = on_unreadable,
                                      .context = serving};
    ML_TRY(ml_users_place(&serving->session, &path, options.identity));
    options.users_path = path;
    return ml_door_new(&options, &serving->door);
}

static void close_door(struct ml_serving *serving)
{
    ml_door_free(serving->door);
}

const struct ml_serving_part ml_serving_door = {.open = open_door, .close = close_door};

int ml_serving_admit(const struct ml_server_request *request, void *context,
                     struct ml_caller *ret_caller, struct ml_server_reply *reply)
{
    const struct ml_serving *serving = context;
    return ml_door_admit(serving->door, request, ret_caller, reply);
}

void ml_serving_leave(void *context, const struct ml_caller *caller)
{
    const struct ml_serving *serving = context;
    ml_door_leave(serving->door, caller);
}
