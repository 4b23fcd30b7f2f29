/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of every answer: the records used, as of when, verified how far, and what is not known.
 * In text
 *
 *     recorded later, and not in this answer:
 *       #101  churn/2, Production to Archived: claimed 2025-02-24T08:10:00Z, recorded 2025-03-0…
 *     not known:
 *       record 21 gives no digest of dataset 'churn-test'
 *     records used:
 *       #3 3fa9c01d22ab  #17 1f0e4c55aa01  … and 31 more: --json lists all
 *     as of #41, 2026-03-01T14:32:00Z
 *     verified on this machine up to #40; newest signed checkpoint seen here: of #0 to #38
 *
 * (only a terminal has the records cut), and in JSON as "basis", whose form is that of
 * ledger/query/basis_json.h.
 */
#ifndef ML_CLI_BASIS_H
#define ML_CLI_BASIS_H

#include "cli/moment.h"
#include "ledger/query/basis.h"

/* "#101  churn/2, Production to Archived: claimed …, recorded …, erik" */
int ml_correction_text(const struct ml_correction *correction, struct ml_buf *text) ML_MUST_USE;

/* Where the form of an answer has no place for what was recorded later: says on stderr that there
 * is something, and what lists it ("--json"); nothing with --quiet. MLEDGER_ESYSTEM. */
int ml_corrections_note(const struct ml_corrections *corrections,
                        const struct ml_invocation *invocation, const char *lister) ML_MUST_USE;

/* Each settles the basis. MLEDGER_EDAMAGED, MLEDGER_ESYSTEM: a record used cannot be read; errors
 * as ml_basis_verified(). `known_dir` as there. */
int ml_basis_print(struct ml_basis *basis, struct ml_moment *moment, const char *known_dir,
                   struct ml_output *out) ML_MUST_USE;
/* Sets "basis" in `json`, an object. */
int ml_basis_put_json(struct ml_basis *basis, struct ml_moment *moment, const char *known_dir,
                      json_t *json) ML_MUST_USE;

#endif
