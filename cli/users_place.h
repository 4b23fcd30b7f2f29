/* SPDX-License-Identifier: Apache-2.0 */
/* Where the users of a ledger's server are kept: outside of the ledger, in
 * $XDG_CONFIG_HOME/mledger/users, one file for each ledger, or where --users says. */
#ifndef ML_CLI_USERS_PLACE_H
#define ML_CLI_USERS_PLACE_H

#include "cli/session.h"

#define ML_OPTION_USERS                                                                            \
    {                                                                                              \
        .name = "users", .value = "FILE", .rule = {.kind = ML_VALUE_FILE},                         \
        .help = "The file of the server's users, in place of the one of this ledger in "           \
                "$XDG_CONFIG_HOME/mledger/users."                                                  \
    }

/* The path, for the caller to free, and the ledger's identity. Nothing is made. Errors of reading
 * the ledger; MLEDGER_ESYSTEM: as ml_user_dir(). */
int ml_users_place(struct ml_session *session, char **ret_path,
                   uint8_t ret_identity[ML_HASH_SIZE]) ML_MUST_USE;
/* Makes the directory of the default. MLEDGER_ESYSTEM. */
int ml_users_place_make(const struct ml_session *session) ML_MUST_USE;

#endif
