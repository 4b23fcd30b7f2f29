/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which file systems a store may stand on. LMDB shares a memory map and a lock between processes;
 * where the kernel cannot promise that all of them see the same bytes and the same lock (file
 * systems over a network, in user space, shared with another machine) it would one day lose
 * records, so a store there is refused rather than tried.
 */
#ifndef ML_STORE_FILESYSTEM_H
#define ML_STORE_FILESYSTEM_H

#include "ledger/core/base.h"

/* The name of the file system whose statfs(2) `f_type` is `type` if a store is refused on it,
 * NULL if it may stand there (also where the type is not known). A string constant. */
const char *ml_filesystem_refused(uint64_t type);

/* Refuses (MLEDGER_ESYSTEM) when the open directory `fd`, called `dir` in the sentence, is on a
 * file system that ml_filesystem_refused() names. */
int ml_filesystem_check(int fd, const char *dir) ML_MUST_USE;

#endif
