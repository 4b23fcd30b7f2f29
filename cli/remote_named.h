/* SPDX-License-Identifier: Apache-2.0 */
/* What an argument names in a server's ledger, shown by records that are proven. */
#ifndef ML_CLI_REMOTE_NAMED_H
#define ML_CLI_REMOTE_NAMED_H

#include "cli/named.h"
#include "cli/remote.h"

/*
 * The version that `text` names by a model's name and a number. The server says which records tell
 * of it; that these do, and that they are under the checkpoint, is checked. That the model was not
 * deleted or renamed since is for the rules to say when something is appended.
 * MLEDGER_EUSAGE: it is named in another way. MLEDGER_ENOTFOUND: there is none, or no checkpoint
 * covers it yet. MLEDGER_EDAMAGED: the server says what its records do not.
 */
int ml_remote_version(struct ml_remote *remote, const char *text,
                      struct ml_named_version *ret_version) ML_MUST_USE;

/* The record that tells most of what `text` names, as the server says: of a version its
 * registration. Its number is all that is known then. MLEDGER_ENOTFOUND: there is none. */
int ml_remote_resolve(struct ml_remote *remote, const char *text, uint64_t *ret_seq) ML_MUST_USE;

#endif
