/* SPDX-License-Identifier: Apache-2.0 */
/* An answer about impact in text. */
#ifndef ML_CLI_IMPACT_PRINT_H
#define ML_CLI_IMPACT_PRINT_H

#include "cli/question.h"
#include "ledger/query/impact.h"

/* First what matters at once: how many are affected, and which of them are in Production or served
 * now. Then every version reached with its stages and deployments, then those to go back to. Errors
 * are those of reading records, and MLEDGER_ESYSTEM. */
int ml_impact_print(struct ml_question *question, const struct ml_impact *impact) ML_MUST_USE;

#endif
