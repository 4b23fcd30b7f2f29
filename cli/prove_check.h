/* SPDX-License-Identifier: Apache-2.0 */
/* Checks a proof of either kind from a file: mledger prove --check. */
#ifndef ML_CLI_PROVE_CHECK_H
#define ML_CLI_PROVE_CHECK_H

#include "cli/output.h"

/* Prints what is proven. ML_ANSWER_NO: it is not. MLEDGER_EINVALID: the file is no proof. The
 * command has --check and ML_OPTION_VKEY. */
int ml_prove_check(const struct ml_invocation *invocation, struct ml_output *out) ML_MUST_USE;

#endif
