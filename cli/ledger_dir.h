/* SPDX-License-Identifier: Apache-2.0 */
/* Which ledger a command works on. */
#ifndef ML_CLI_LEDGER_DIR_H
#define ML_CLI_LEDGER_DIR_H

#include "cli/invocation.h"

/* The name of a ledger inside the directory whose work it records. */
#define ML_LEDGER_DIR_NAME ".mledger"

/* --ledger, else MLEDGER_DIR; NULL: neither is given. */
const char *ml_ledger_named(const struct ml_invocation *invocation);
/* Whether that is the URL of a server. */
bool ml_ledger_is_url(const char *name);

/* --ledger, else MLEDGER_DIR, else the nearest directory .mledger in the current directory or
 * one above it. The first two are not looked at: opening tells whether a ledger is there.
 * The caller frees the path.
 * MLEDGER_EUSAGE: it is the URL of a server, with which this command cannot work.
 * MLEDGER_ESYSTEM: there is no .mledger (the hint says how to make one), or a directory
 * cannot be read. */
int ml_ledger_dir_find(const struct ml_invocation *invocation, char **ret_path) ML_MUST_USE;

/* Where a new ledger goes: --ledger, else MLEDGER_DIR, else .mledger in the current directory.
 * The caller frees the path. MLEDGER_EUSAGE as above. MLEDGER_ESYSTEM: out of memory. */
int ml_ledger_dir_new(const struct ml_invocation *invocation, char **ret_path) ML_MUST_USE;

#endif
