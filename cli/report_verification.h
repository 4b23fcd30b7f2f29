/* SPDX-License-Identifier: Apache-2.0 */
/* The verification that a report tells of: as mledger verify makes it, at the full level, with what
 * is known here of the ledger and its witnesses. It notes nothing: who wants that runs verify. */
#ifndef ML_CLI_REPORT_VERIFICATION_H
#define ML_CLI_REPORT_VERIFICATION_H

#include "cli/invocation.h"
#include "export/report_model.h"

struct ml_reported_verification {
    struct ml_report_verification report; /* borrows from the arena */
    struct ml_report_finding *findings;
    size_t n_findings, cap_findings;
    struct ml_arena arena;
};

/* Verifies the ledger of the invocation (ML_OPTION_AGAINST, …_WITNESS_POLICY, …_TSA_ROOTS), which
 * this process must not have open. Initialises *ret_verification in any case, to be released. What
 * is found is no failure. Errors as ml_ledger_dir_find() and ml_verify_confined(). */
int ml_report_verify(const struct ml_invocation *invocation,
                     struct ml_reported_verification *ret_verification) ML_MUST_USE;
void ml_reported_verification_release(struct ml_reported_verification *verification);

#endif
