/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The address of a DVC stage ("train", "sub/dvc.yaml:train@a/b", "data/raw.csv.dvc") in two parts
 * that fit on two lines: what it is called, and the folder in which that is so. Pure.
 */
#ifndef ML_EXPORT_STAGE_ADDRESS_H
#define ML_EXPORT_STAGE_ADDRESS_H

#include "ledger/core/base.h"

/* Where the name begins: "train@a/b", "raw.csv.dvc". */
const char *ml_stage_name(const char *address);
/* The folder before it, "sub" or "data", without a '/' at its end; empty at the root. */
struct ml_span ml_stage_folder(const char *address);

#endif
