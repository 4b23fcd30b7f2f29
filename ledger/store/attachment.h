/* SPDX-License-Identifier: Apache-2.0 */
/* Attachments of which the index holds what is in them. */
#ifndef ML_STORE_ATTACHMENT_H
#define ML_STORE_ATTACHMENT_H

#include "ledger/store/kv.h"
#include "proto/event.pb-c.h"

/* The bytes of the attachment that is indexed with the event (ml_index_attachment()), borrowed
 * until the transaction writes or ends; empty if there is none, or if what is there is not what its
 * name says, which verify reports. MLEDGER_ESYSTEM, MLEDGER_EDAMAGED as of the store. */
int ml_txn_indexed_attachment(struct ml_kv_txn *txn, const Mledger__Event *event,
                              struct ml_span *ret_bytes) ML_MUST_USE;

#endif
