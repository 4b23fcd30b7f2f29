/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statements: signatures of people's own keys on an event (DESIGN section 2).
 *
 * A draft is sealed: completed, given its salts and serialised, so that its bytes no longer
 * change. Then any number of keys state something about it, here or on another machine, and it
 * is appended as it stands.
 */
#ifndef ML_STORE_STATEMENT_H
#define ML_STORE_STATEMENT_H

#include "ledger/store/ledger.h"

/* Completes the draft against the ledger as the view shows it and fixes its payload.
 * MLEDGER_EREFUSED, MLEDGER_EINVALID as ml_ledger_append(). */
int ml_draft_seal(struct ml_draft *draft, struct ml_view *view) ML_MUST_USE;

/* The same without a ledger at hand, of a draft that leaves nothing to be filled in: neither names
 * nor what the ledger assigns. MLEDGER_EINVALID: something is missing. */
int ml_draft_seal_whole(struct ml_draft *draft) ML_MUST_USE;

/* Adds a statement of `signer`'s key to a sealed draft. `head` is the end of the ledger as its
 * signer saw it; `expiry_us` (NULL: none) is in microseconds UTC. */
int ml_draft_state(struct ml_draft *draft, const struct ml_head *head,
                   const struct ml_signer *signer, Mledger__Meaning meaning,
                   const int64_t *expiry_us) ML_MUST_USE;

#endif
