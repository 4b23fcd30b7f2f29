/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks of a data file before it is mapped. LMDB trusts its file: pages that a meta page names but
 * that the file no longer has would end the process with SIGBUS at the first look. So both meta
 * pages are read here with plain reads and held against the length of the file.
 *
 * A healthy file may be shorter than its meta page says, when the pages at the end were
 * taken and given back within one transaction and so never written. Then all that is missing must
 * stand in the file's list of free pages, which is read here too.
 *
 * Source: the file format of LMDB 0.9 (data version 1), 64 bit, little endian.
 */
#ifndef ML_STORE_KV_CHECK_H
#define ML_STORE_KV_CHECK_H

#include "ledger/core/base.h"

/* At most so many pages may be missing at the end, all of them free (4 GiB of 4 KiB pages). */
#define ML_KV_MISSING_MAX ((uint64_t)1 << 20)

struct ml_kv_file {
    uint32_t page_bytes;
    uint64_t last_page; /* by the newer meta page */
    uint64_t txn;       /* the last one committed */
    uint64_t bytes;     /* length of the file */
};

/* Checks the open data file `fd` of ledger `dir`. Others may be writing to it meanwhile.
 * MLEDGER_ENOTFOUND  the file is empty or holds no more than the zeros that a loss of power left
 *                    in place of the first two pages: nothing was ever stored (no text is set)
 * MLEDGER_EDAMAGED   it is no LMDB file, of another version, or shorter than it claims
 * MLEDGER_ESYSTEM    it could not be read */
int ml_kv_check_file(int fd, const char *dir, struct ml_kv_file *ret_file) ML_MUST_USE;

#endif
