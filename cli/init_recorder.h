/* SPDX-License-Identifier: Apache-2.0 */
/* The second thing that a new ledger records: whose the key is that signs daily work. */
#ifndef ML_CLI_INIT_RECORDER_H
#define ML_CLI_INIT_RECORDER_H

#include "cli/session.h"

/* The id of the service that a server signs as. */
#define ML_INIT_SERVER "server"

/* Authorises the key as a recorder's: the first actor's, or with `is_served` that of the service
 * ML_INIT_SERVER, which is registered for it. MLEDGER_EREFUSED: the first actor bears that id. */
int ml_init_recorder(struct ml_session *session, const struct ml_signer *admin,
                     const struct ml_signer *recorder, const char *label,
                     bool is_served) ML_MUST_USE;

#endif
