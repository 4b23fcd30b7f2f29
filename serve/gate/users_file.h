/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of users: read whole, replaced whole and durably, changed by one process at a time. It
 * stands outside of the ledger and is readable by its owner alone.
 */
#ifndef ML_SERVE_GATE_USERS_FILE_H
#define ML_SERVE_GATE_USERS_FILE_H

#include "serve/gate/users.h"

/* Initialises *ret_users in any case. MLEDGER_ENOTFOUND: there is no file (no text is set).
 * MLEDGER_EINVALID: as ml_users_parse(). MLEDGER_ESYSTEM: it cannot be read, or others could. */
int ml_users_file_read(const char *path, const uint8_t ledger[ML_HASH_SIZE],
                       struct ml_users *ret_users) ML_MUST_USE;

/* Changes the file, or makes it: `change` sees who is in it and says whether it changed that (1) or
 * not (0), or fails. Nobody else changes the file meanwhile; it is durable when this returns. The
 * directory must be there. Errors as reading, of `change`, and MLEDGER_ESYSTEM. */
typedef int ml_users_change(struct ml_users *users, void *context);
int ml_users_file_change(const char *path, const uint8_t ledger[ML_HASH_SIZE],
                         ml_users_change *change, void *context) ML_MUST_USE;

#endif
