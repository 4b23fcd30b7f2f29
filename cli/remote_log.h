/* SPDX-License-Identifier: Apache-2.0 */
/* What a server says of its ledger, printed as commands print what they find in one: these rows
 * and this graph are the server's word. */
#ifndef ML_CLI_REMOTE_LOG_H
#define ML_CLI_REMOTE_LOG_H

#include "cli/output.h"

/* log. MLEDGER_EUSAGE: a filter that a server is not asked. */
int ml_remote_log(const struct ml_invocation *invocation, struct ml_output *out) ML_MUST_USE;

#endif
