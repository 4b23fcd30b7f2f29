/* SPDX-License-Identifier: Apache-2.0 */
/* A new ledger that continues one of which something was lost. */
#ifndef ML_CLI_INIT_CONTINUE_H
#define ML_CLI_INIT_CONTINUE_H

#include "cli/session.h"

/* Says in `created`, the event of `draft`, what is left of the ledger in the directory `old`, and
 * what was seen of it beyond that (ledger/store/known_head.h). Errors as ml_ledger_open() of the
 * old one and ml_known_head_read(). */
int ml_init_continue(const char *known_dir, const char *old, struct ml_draft *draft,
                     Mledger__LedgerCreated *created) ML_MUST_USE;

#endif
