/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Erasing details for good (DESIGN section 2): first an admin's `details_erased` record, then the
 * record's Details, their salt and the attachments that only they name go, and the store is written
 * anew without them. C(details) stays, so everything still verifies.
 *
 * An erasure that was recorded and not carried out (the process ended in between, or the record
 * was appended by other means, say with the statements of several admins) is found by verify as
 * `details-not-erased`, and ml_ledger_erase_finish() carries it out.
 */
#ifndef ML_STORE_ERASURE_H
#define ML_STORE_ERASURE_H

#include "ledger/store/ledger.h"

/*
 * Appends the drafts, which are of kind details_erased, all or none, and carries out what they and
 * earlier ones order. No thread of this process may be reading the ledger.
 * Errors of ml_ledger_append(), and:
 * MLEDGER_ESYSTEM   another process has the ledger open: nothing was recorded then
 * MLEDGER_EREFUSED  rule "erased", "details-none", "erased-attachments"
 * MLEDGER_EDAMAGED  a record cannot be read, or the store holds what is no part of a ledger
 * After the records were appended a failure leaves *ret_recorded (NULL: not wanted) true: what
 * was ordered is to be finished.
 */
int ml_ledger_erase(struct ml_ledger *ledger, const struct ml_signer *signer,
                    struct ml_draft *const *drafts, size_t count, struct ml_receipt *ret_receipts,
                    bool *ret_recorded) ML_MUST_USE;

/* Carries out every erasure that was recorded and is not done; gives how many records lost their
 * details. The store is written anew even if there are none: a process that was killed may have
 * left a copy beside it. Errors as above. */
int ml_ledger_erase_finish(struct ml_ledger *ledger, uint64_t *ret_count) ML_MUST_USE;

/* For the write path. Fills in the attachments of a details_erased draft that names none; nothing
 * to do for any other. */
int ml_erasure_complete(struct ml_kv_txn *txn, struct ml_state *state,
                        struct ml_draft *draft) ML_MUST_USE;
/* The record has details, and the attachments are those that nothing else names. */
int ml_erasure_check(struct ml_kv_txn *txn, struct ml_state *state,
                     const Mledger__DetailsErased *erased) ML_MUST_USE;

#endif
