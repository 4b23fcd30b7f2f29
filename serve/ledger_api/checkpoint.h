/* SPDX-License-Identifier: Apache-2.0 */
/* Which signed checkpoint is handed out. */
#ifndef ML_SERVE_LEDGER_API_CHECKPOINT_H
#define ML_SERVE_LEDGER_API_CHECKPOINT_H

#include "serve/ledger_api/call.h"

/*
 * Appends the newest checkpoint of this ledger that a record notes or this machine has seen. Unless
 * `covering` is MLEDGER_NO_SEQ it must cover that record: where none does, one is made, if the
 * server holds a log key. The view is begun anew then.
 * MLEDGER_ENOTFOUND: there is none, and none can be made; or there is no such record.
 */
int ml_api_find_checkpoint(struct ml_api_call *call, uint64_t covering,
                           struct ml_buf *ret_note) ML_MUST_USE;

/* Appends the one over exactly `size` records. 1: there is; 0: none is known. */
int ml_api_checkpoint_of(struct ml_api_call *call, uint64_t size,
                         struct ml_buf *ret_note) ML_MUST_USE;

#endif
