/* SPDX-License-Identifier: Apache-2.0 */
/* A user of a server as the commands about them print it. */
#ifndef ML_CLI_USER_JSON_H
#define ML_CLI_USER_JSON_H

#include <jansson.h>

#include "serve/gate/users.h"

/* {"kind", "id", "actor", "label", "read_only", "created", "expires", "revoked"}, without the hash;
 * a new reference. MLEDGER_ESYSTEM: memory is out. */
int ml_user_to_json(const struct ml_user *user, json_t **ret_json) ML_MUST_USE;

#endif
