/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far a webhook has been told: the seq of the next record to look at, in a file of the ledger's
 * directory (LEDGER/webhooks/HASH, of the webhook's id). It says what was delivered or given up,
 * not what is true: if it is lost, notices are sent again, under the ids that they had.
 *
 * One process at a time delivers for a ledger: it holds the lock of that directory.
 */
#ifndef ML_SERVE_WEBHOOK_CURSOR_H
#define ML_SERVE_WEBHOOK_CURSOR_H

#include "ledger/core/base.h"

/* Makes the directory LEDGER_DIR/webhooks; *ret_dir is the caller's to free. MLEDGER_ESYSTEM. */
int ml_cursor_dir(const char *ledger_dir, char **ret_dir) ML_MUST_USE;
/* 1: *ret_fd holds the lock until it is closed; 0: another process has it. MLEDGER_ESYSTEM. */
int ml_cursor_lock(const char *dir, int *ret_fd) ML_MUST_USE;

/* MLEDGER_ENOTFOUND (without a text): there is none. MLEDGER_EINVALID: it is malformed.
 * MLEDGER_ESYSTEM. */
int ml_cursor_read(const char *dir, const char *id, uint64_t *ret_seq) ML_MUST_USE;
/* Durable when it returns. MLEDGER_ESYSTEM. */
int ml_cursor_write(const char *dir, const char *id, uint64_t seq) ML_MUST_USE;
/* Removes that of a webhook that was deleted. */
void ml_cursor_drop(const char *dir, const char *id);

#endif
