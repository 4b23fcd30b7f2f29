/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verifier of a ledger in its store: believes nothing that can be derived.
 *
 * It reads the records of one snapshot in order, derives everything again (verifier.h), and
 * compares with what the store holds: state, indexes, tree, attachments, also for what should not
 * be there; and with the newest head known here. It never writes and never repairs. What it cannot
 * prove, it says.
 */
#ifndef VERIFY_VERIFY_H
#define VERIFY_VERIFY_H

#include "ledger/store/ledger.h"
#include "verify/verifier.h"

/*
 * Verifies `ledger`. A result of 0 means that it was carried through, not that all is well: that
 * is faults == 0. MLEDGER_ESYSTEM: it could not be carried through.
 */
int ml_verify(struct ml_ledger *ledger, const struct ml_verify_options *options,
              struct ml_verify_result *ret_result) ML_MUST_USE;

#endif
