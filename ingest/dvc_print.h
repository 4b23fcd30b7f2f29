/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a DVC project may say something else than it did, without reading it. */
#ifndef ML_INGEST_DVC_PRINT_H
#define ML_INGEST_DVC_PRINT_H

#include "ledger/core/hash.h"

/*
 * A digest over path, place on disk, size and times of every file below `dir` that DVC keeps or
 * that it may read for its stages (dvc.lock, .dvcignore, .dvc/config, and what ends in .dvc, .yaml,
 * .yml, .json or .toml), and over the commit that Git has checked out there. Hidden folders,
 * __pycache__, mlruns and ledgers are passed over; links to folders are not followed.
 * MLEDGER_ENOTFOUND: there is no folder `dir`. MLEDGER_ESYSTEM: it cannot be read.
 */
int ml_dvc_print(const char *dir, uint8_t ret_print[ML_HASH_SIZE]) ML_MUST_USE;

#endif
