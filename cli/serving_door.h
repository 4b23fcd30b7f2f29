/* SPDX-License-Identifier: Apache-2.0 */
/* The door of a ledger that is served, as the server's options call it. */
#ifndef ML_CLI_SERVING_DOOR_H
#define ML_CLI_SERVING_DOOR_H

#include "cli/serving_part.h"
#include "cli/users_place.h"

#define ML_OPTIONS_SERVING_DOOR ML_OPTION_USERS

/* As ml_server_doorkeeper and ml_server_options.leave; the context is the struct ml_serving. */
int ml_serving_admit(const struct ml_server_request *request, void *context,
                     struct ml_caller *ret_caller, struct ml_server_reply *reply);
void ml_serving_leave(void *context, const struct ml_caller *caller);

#endif
