/* SPDX-License-Identifier: Apache-2.0 */
/* A verification that is recorded in the ledger it was about. */
#ifndef ML_CLI_VERIFY_RECORD_H
#define ML_CLI_VERIFY_RECORD_H

#include "cli/session.h"

/*
 * Appends a verification_recorded record: outcome, level and the codes of `findings` (objects with
 * "code") about the records up to `head`, which is what was verified and may not be the newest by
 * now. Gives its seq. Errors of opening the ledger, of keys and of ml_ledger_append();
 * MLEDGER_EDAMAGED: nothing was verified that a record could be about.
 */
int ml_verify_record(const struct ml_invocation *invocation, struct ml_output *out,
                     const struct ml_head *head, bool good, const char *level,
                     const json_t *findings, uint64_t *ret_seq) ML_MUST_USE;

#endif
