/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key files: reading them under the rules of mledger/key.h, and saving. What is in them is
 * keytext.h's, how it is sealed keyseal.h's.
 */
#ifndef ML_STORE_KEYFILE_H
#define ML_STORE_KEYFILE_H

#include "ledger/store/key.h"

/* Cost of sealing where the caller says nothing: libsodium's MODERATE. */
#define ML_KEYFILE_PASSES 3
#define ML_KEYFILE_MEMORY_KIB (UINT32_C(256) * 1024)

/* Opens `path` for reading if it is a file that only this user (or root) can read and write.
 * MLEDGER_ENOTFOUND, MLEDGER_EINVALID (no regular file), MLEDGER_ESYSTEM (the hint names the
 * command that helps) as mledger_key_load(). */
int ml_keyfile_open(const char *path, int *ret_fd) ML_MUST_USE;

#endif
